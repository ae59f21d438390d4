"""What fills texts up reaches no loss and no metric, by its label or by a mask; networks learn from pairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import catalogue
from engine.data.first_drawing import first_drawing
from engine.document import edits
from engine.document.project import MAIN
from engine.infer.inference import infer
from engine.messages.events import Validated
from engine.run.run import Run
from nodes.reading.texts.padded import padded
from nodes.reading.texts.vocabulary import Cutting, fitted
from nodes.spec import N, TensorSpec
from nodes.training.loss import CrossEntropy
from nodes.training.metric import Accuracy
from tests.engine.data.sources import source

LENGTH = 6


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(st.text("ab ", min_size=1, max_size=9), min_size=1, max_size=5),
    seed=st.integers(0, 1000),
    in_front=st.booleans(),
    by_mask=st.booleans(),
)
def test_padding_never_reaches_a_loss_or_a_metric(
    texts: list[str], seed: int, in_front: bool, by_mask: bool
) -> None:
    vocabulary = fitted(texts, Cutting("character"), 20)
    rows = padded(texts, len(texts), vocabulary, LENGTH, in_front=in_front)
    labels, mask = torch.from_numpy(rows.tokens).long(), torch.from_numpy(rows.mask)
    shape, classes = (len(texts), LENGTH, len(vocabulary)), len(vocabulary)
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(shape, generator=generator).requires_grad_()
    noise = torch.where(mask[..., None] == 1, 0.0, 9 * torch.randn(shape, generator=generator))
    specs = (TensorSpec((N, LENGTH, classes)), TensorSpec((N, LENGTH), "int64", classes=classes))
    more = (TensorSpec((N, LENGTH)),) if by_mask else ()
    weight = (mask.float(),) if by_mask else ()
    loss = (CrossEntropy(weighted=True) if by_mask else CrossEntropy(ignore_index=[0])).build(*specs, *more)
    metric = (Accuracy(weighted=True) if by_mask else Accuracy(ignore_index=[0])).build(*specs, *more)
    first, second = loss(logits, labels, *weight), loss(logits + noise, labels, *weight)
    assert torch.equal(first, second)
    (gradient,) = torch.autograd.grad(first, logits)
    assert not gradient[mask == 0].any()
    by_hand = torch.nn.functional.cross_entropy(logits[mask == 1], labels[mask == 1])
    assert torch.allclose(first, by_hand, atol=1e-6)
    metric.update(logits + noise, labels, *weight)
    hits = (logits.argmax(-1) == labels)[mask == 1].float().mean()
    assert torch.allclose(torch.as_tensor(metric.compute()).float(), hits, atol=1e-6)


@pytest.mark.parametrize("kind", ["pairs", "next token", "labels"])
def test_a_first_drawing_learns_and_ignores_what_is_filled_up(kind: str, tmp_path: Path) -> None:
    if kind == "pairs":
        made = source("english-spanish", length=12, samples=160)
    else:
        chance = np.random.default_rng(0)
        words = {"hot": ["sun", "fire", "sand"], "cold": ["ice", "snow", "wind"]}
        lines = [f"{k}\t{' '.join(chance.choice(words[k], 5))}" for k in ("hot", "cold") for _ in range(60)]
        (tmp_path / "t.tsv").write_text("\n".join(lines))
        predict = "next token" if kind == "next token" else "auto"
        made = source("texts", path=str(tmp_path / "t.tsv"), length=8, predict=predict)
    drawn = first_drawing(made, catalogue.describe(made))
    assert infer(drawn).problems == ()
    ignored = drawn.graphs[MAIN].nodes["loss"].params.get("ignore_index")
    assert ignored == (None if kind == "labels" else [0])
    losses: list[float] = []
    said = lambda event: losses.extend(  # noqa: E731
        [event.losses["objective"]] if isinstance(event, Validated) else []
    )
    Run(edits.set_settings(drawn, epochs=3), device="cpu").execute(said)
    assert losses[-1] < losses[0]
