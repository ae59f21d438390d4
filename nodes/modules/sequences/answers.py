"""Texts that answer a source, written token by token: translations, captions."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from nodes.modules.sampler import Choosing, drawn_class, probabilities
from nodes.modules.sequences.prompts import tokens_of
from nodes.spec import LayerError

if TYPE_CHECKING:
    from nodes.reading.texts.vocabulary import Vocabulary
    from nodes.shared.drawn_function import Drawn, Loop

ARROW, TRUE = " → ", "true: "


def answer(drawn: Drawn, choosing: Choosing, prompts: tuple[str, ...]) -> Loop:
    """Answers to the source of the data, or to prompts in turn: `text` (n), or `samples` (n, C, H, W) with a
    `prompt` below each where pictures are answered.

    Each token that is written is read for the next; an answer ends with its end, or where the tokens of the
    data end. Raises `LayerError` for prompts that the vocabulary of the source cannot say, and for scores
    that are no numbers.
    """
    from nodes.reading.texts.vocabulary import BEGIN, END, PADDING

    like = drawn.pinned["tokens"]
    given = _given(drawn, prompts)
    fed, said = torch.full_like(like, PADDING), torch.full_like(like, PADDING)
    fed[:, 0] = BEGIN
    ended = torch.zeros(len(like), dtype=torch.bool, device=like.device)
    found: dict[str, Tensor] = {}
    for place in range(like.shape[1]):
        found = dict(drawn.function({**given, "tokens": fed}))
        scores = found["logits"][:, place].float()
        if not bool(scores.isfinite().all()):
            raise LayerError("scores that are numbers", "some that are none: the weights are out of bounds")
        chosen = drawn_class(probabilities(scores, choosing), drawn.generator)[:, 0].to(like.dtype)
        said[:, place] = torch.where(ended, torch.full_like(chosen, PADDING), chosen)
        ended |= chosen == END
        yield
        if bool(ended.all()):
            break
        if place + 1 < like.shape[1]:
            fed[:, place + 1] = said[:, place]
    answers = _texts(said, drawn.vocabularies.get("tokens"))
    if "picture" in found:
        return {"samples": found["picture"], "prompt": answers}
    return {"text": _beside(drawn, answers, None if prompts else found.get("true"), prompts)}


def _given(drawn: Drawn, prompts: tuple[str, ...]) -> dict[str, Tensor]:
    """What stands for the source of the data: the prompts in turn, and which of their tokens are real."""
    if not prompts:
        return {}
    from nodes.reading.texts.vocabulary import PADDING

    pinned = drawn.pinned["source"]
    turn = tokens_of(prompts, drawn.vocabularies.get("source"), pinned)
    rows = turn[torch.arange(len(pinned), device=pinned.device) % len(turn)]
    if "mask" not in drawn.pinned:
        return {"source": rows}
    return {"source": rows, "mask": (rows != PADDING).to(drawn.pinned["mask"].dtype)}


def _beside(drawn: Drawn, answers: list[str], true: Tensor | None, prompts: tuple[str, ...]) -> list[str]:
    """Each answer behind its source, with what would be right below it where that is known."""
    sources = [""] * len(answers)
    if prompts:
        sources = [f"{prompt}{ARROW}" for prompt in islice(cycle(prompts), len(answers))]
    elif "source" in drawn.pinned:
        sources = [
            f"{text}{ARROW}" for text in _texts(drawn.pinned["source"], drawn.vocabularies.get("source"))
        ]
    lines = [f"{source}{said}" for source, said in zip(sources, answers, strict=True)]
    if true is None:
        return lines
    right = _texts(true, drawn.vocabularies.get("tokens"))
    return [f"{line}\n{TRUE}{text}" for line, text in zip(lines, right, strict=True)]


def _texts(tokens: Tensor, vocabulary: Vocabulary | None) -> list[str]:
    """Rows of tokens as texts; as numbers where there is no vocabulary."""
    if vocabulary is None:
        return [" ".join(str(number) for number in row) for row in tokens.tolist()]
    return [vocabulary.text(row) for row in tokens.tolist()]
