"""What a network says when it reads its own words instead of the true ones."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.lens.preview import Preview
from nodes.reading.texts.vocabulary import BEGIN, END, PADDING
from tests.proofs.generative.course import Course

FED, SCORES, TRUE = FlatEnd("data", "decoder_input"), "logits", FlatEnd("data", "target")
LEAST = 0.9
"""Of captions of which every word is right."""


def captions(course: Course) -> tuple[bool, str]:
    """The share of held pictures whose caption names every colour, shape and place right."""
    said, true = said_freely(course)
    right, words = whole_right(said, true), words_right(said, true)
    found = f"{right:.1%} of {len(true)} captions right in every word (at least {LEAST:.0%})"
    return right >= LEAST, f"{found}, {words:.1%} of the words"


def said_freely(course: Course) -> tuple[Tensor, Tensor]:
    """The likeliest words for all validation samples, each read back for the next, and the true ones:
    (N, length) token numbers.
    """
    preview = Preview(course.project, course.weights())
    plan = preview.plan
    sources = Sources(plan)
    said, true = [], []
    try:
        plan.eval()
        scores = plan.capture((SCORES,))
        with torch.no_grad():
            for _, values in sources.validation():
                fed = torch.full_like(values[FED], PADDING)
                fed[:, 0] = BEGIN
                found = torch.zeros_like(fed)
                for place in range(fed.shape[1]):
                    found[:, place] = scores({**values, FED: fed})[SCORES][:, place].argmax(-1)
                    if place + 1 < fed.shape[1]:
                        fed[:, place + 1] = found[:, place]
                said.append(found)
                true.append(values[TRUE])
    finally:
        sources.close()
        preview.close()
    return torch.cat(said), torch.cat(true)


def whole_right(said: Tensor, true: Tensor) -> float:
    """The share of rows in which every word up to the end is right."""
    return float(((said == true) | (true == PADDING)).all(1).double().mean())


def words_right(said: Tensor, true: Tensor) -> float:
    """The share of words that are right at their place, the ends left out."""
    counted = (true != PADDING) & (true != END)
    return float((said == true)[counted].double().mean())
