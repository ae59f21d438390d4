"""Facts of the course about losses, batches, norms and architectures, shown by projects of the gallery."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.compile import Plan, compile  # noqa: A004
from engine.document import edits
from engine.document.project import MAIN, Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.messages.events import Event, Progress
from engine.run.run import Run
from engine.train.stepper import Stepper
from tests.gallery.held import project, report

Values = dict[FlatEnd, Tensor]
INPUT, TARGET, FED = FlatEnd("data", "input"), FlatEnd("data", "target"), FlatEnd("data", "decoder_input")


def few(name: str, samples: int = 64, **settings: Any) -> Project:
    """The project on so many samples."""
    return edits.set_settings(edits.set_param(project(name), MAIN, "data", "samples", samples), **settings)


def batch(drawing: Project) -> tuple[Plan, Values]:
    """The compiled drawing, and its first batch."""
    plan = compile(drawing)
    sources = Sources(plan)
    values = sources.next()
    sources.close()
    return plan, values


def said(plan: Plan, values: Values, *nodes: str) -> dict[str, Tensor]:
    with torch.no_grad():
        return plan.capture(nodes)(values)


def test_the_squared_error_as_mean_and_as_sum() -> None:
    """U5."""
    for reduction in ("mean", "sum"):
        drawing = edits.set_param(project("linear-table"), MAIN, "loss", "reduction", reduction)
        plan, values = batch(drawing)
        found = said(plan, values, "linear", "loss")
        errors = (found["linear"] - values[TARGET].reshape(found["linear"].shape)) ** 2
        torch.testing.assert_close(found["loss"], errors.mean() if reduction == "mean" else errors.sum())


def test_cross_entropy_is_minus_the_log_of_the_probability_of_the_class() -> None:
    """U5; and U4: the probabilities of a softmax add up to 1."""
    plan, values = batch(few("lenet5-fashion"))
    found = said(plan, values, "linear3", "loss")
    probabilities = torch.exp(found["linear3"]) / torch.exp(found["linear3"]).sum(1, keepdim=True)
    torch.testing.assert_close(probabilities.sum(1), torch.ones(len(probabilities)))
    picked = probabilities[torch.arange(len(probabilities)), values[TARGET]]
    torch.testing.assert_close(found["loss"], -torch.log(picked).mean())


@pytest.mark.parametrize(("size", "steps"), [(1, 80), (8, 10), (32, 3), (80, 1)])
def test_a_batch_is_one_sample_some_or_all(size: int, steps: int) -> None:
    """U6: stochastic, mini-batch and batch gradient descent take so many steps an epoch."""
    drawing = edits.set_settings(
        edits.set_param(project("fit-line"), MAIN, "data", "samples", 100), batch_size=size, epochs=1
    )
    taken: list[int] = []

    def sink(event: Event) -> None:
        if isinstance(event, Progress):
            taken.append(event.step)

    assert Run(drawing, device="cpu").execute(sink).status == "completed"
    assert max(taken) == math.ceil(80 / size) == steps


def test_gradient_descent_goes_against_the_gradient_of_the_batch() -> None:
    """U6: w − rate · ∂L/∂w, here of the line ŷ = w x + b by hand."""
    drawing = edits.set_param(project("fit-line"), MAIN, "objective", "momentum", 0.0)
    plan, values = batch(drawing)
    weights = plan.modules["predict"]
    w, b = (weights.get_parameter(name).detach().clone() for name in ("weight", "bias"))
    x, y = values[INPUT], values[TARGET]
    error = x @ w.T + b - y
    rate = plan.project.main.nodes["objective"].params["learning_rate"]
    Stepper(plan, 10).step(values, 0, 0)
    torch.testing.assert_close(weights.get_parameter("weight").detach(), w - rate * 2 * (error * x).mean())
    torch.testing.assert_close(weights.get_parameter("bias").detach(), b - rate * 2 * error.mean(0))


def test_batch_norm_has_mean_0_and_deviation_1_in_a_batch_and_running_statistics_after_it() -> None:
    """C5."""
    plan, values = batch(few("resnet20-fashion"))
    plan.train()
    norm = said(plan, values, "norm")["norm"].transpose(0, 1).flatten(1)
    torch.testing.assert_close(norm.mean(1), torch.zeros(16), atol=1e-5, rtol=0)
    torch.testing.assert_close(norm.std(1, unbiased=False), torch.ones(16), atol=2e-3, rtol=0)
    plan.eval()
    found = said(plan, values, "conv", "norm")
    module = plan.modules["norm"]
    mean, variance = (module.get_buffer(f"running_{name}").reshape(1, -1, 1, 1) for name in ("mean", "var"))
    torch.testing.assert_close(found["norm"], (found["conv"] - mean) / torch.sqrt(variance + 1e-5))


def test_dropout_acts_while_training_alone() -> None:
    """C5: a share of p is off, the others are larger by 1 / (1 − p); in evaluation nothing changes."""
    plan, values = batch(few("vit-fashion", batch_size=16))
    drop, before = "encoder.0.dropout1", "encoder.0.attention"
    plan.train()
    torch.manual_seed(0)
    found = said(plan, values, before, drop)
    off = found[drop] == 0
    assert off.double().mean() == pytest.approx(0.1, abs=0.01)
    torch.testing.assert_close(found[drop][~off], found[before][~off] / 0.9)
    plan.eval()
    found = said(plan, values, before, drop)
    assert torch.equal(found[drop], found[before])


def test_lenet5_has_its_61706_parameters() -> None:
    """A1."""
    assert report("lenet5-fashion").parameters == 61_706


def test_a_residual_block_that_learns_nothing_hands_its_input_on() -> None:
    """A5: it learns H(x) − x, so that weights of 0 make the identity."""
    plan, values = batch(few("resnet20-fashion", batch_size=8))
    plan.eval()
    with torch.no_grad():
        plan.modules["stage1.1.bn2"].get_parameter("weight").zero_()
    found = said(plan, values, "stage1.0.relu3", "stage1.1.relu3")
    assert torch.equal(found["stage1.1.relu3"], found["stage1.0.relu3"])


def test_a_translator_does_not_see_the_words_to_come_nor_places_that_are_filled_up() -> None:
    """A12: the causal mask of the decoder, and the mask of the encoder."""
    plan, values = batch(few("transformer-translation", batch_size=8))
    plan.eval()
    before = said(plan, values, "logits")["logits"]
    later = values[FED].clone()
    later[:, 5:] = 7
    assert torch.equal(said(plan, {**values, FED: later}, "logits")["logits"][:, :5], before[:, :5])
    mask = values[FlatEnd("data", "mask")] != 0
    other = torch.where(mask, values[INPUT], torch.full_like(values[INPUT], 9))
    assert not torch.equal(other, values[INPUT])
    torch.testing.assert_close(said(plan, {**values, INPUT: other}, "logits")["logits"], before)


def test_a_language_model_looks_back_alone() -> None:
    """A14."""
    plan, values = batch(few("gpt-moby", batch_size=4))
    plan.eval()
    before = said(plan, values, "logits")["logits"]
    later = values[INPUT].clone()
    later[:, 40:] = 3
    after = said(plan, {**values, INPUT: later}, "logits")["logits"]
    torch.testing.assert_close(after[:, :40], before[:, :40])
    assert not torch.allclose(after[:, 40:], before[:, 40:])


def test_the_class_token_stands_before_49_patches() -> None:
    """A15: patches of 4×4 of 28×28 pixels; the class is read at the token."""
    plan, values = batch(few("vit-fashion", batch_size=4))
    plan.eval()
    found = said(plan, values, "turn", "join", "encoder.3.add2", "first", "norm")
    assert found["turn"].shape[1:] == (49, 64)
    assert found["join"].shape[1:] == (50, 64)
    token = plan.modules["token"]
    (value,) = token.parameters()
    assert torch.equal(found["join"][:, 0], value.reshape(1, 64).expand(4, 64))
