"""The first units, as the gallery has them: threshold logic, Rosenblatt's rule to the bit, XOR by hand."""

from __future__ import annotations

import operator

import msgspec
import pytest
import torch
from torch import Tensor

from engine.compile import Plan, compile  # noqa: A004
from engine.document.project import Project
from engine.document.storage import gallery
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.run.run import Run
from engine.train.stepper import Stepper
from nodes.data_sets.made.truth_tables import INPUTS

GATES = {"and": operator.and_, "or": operator.or_, "xor": operator.xor}
TABLE = torch.tensor(INPUTS, dtype=torch.float32)
EPOCHS = 40


def answers(plan: Plan, inputs: Tensor = TABLE) -> list[float]:
    """What a drawing says of inputs."""
    data = next(path for path in plan.sources)
    values = {FlatEnd(data, "input"): inputs, FlatEnd(data, "target"): torch.zeros(len(inputs), 1)}
    plan.eval()
    with torch.no_grad():
        _, _, (said,) = plan.evaluation(values)
    plan.train()
    return [float(value) for value in said.flatten()]


def truth(gate: str) -> list[float]:
    return [float(GATES[gate](a, b)) for a, b in INPUTS]


def seeded(project: Project, seed: int) -> Project:
    return msgspec.structs.replace(project, settings=msgspec.structs.replace(project.settings, seed=seed))


@pytest.mark.parametrize("gate", ["and", "or"])
def test_threshold_logic(gate: str) -> None:
    assert answers(compile(gallery.make(f"threshold-{gate}"))) == truth(gate)


def test_xor_by_hand() -> None:
    plan = compile(gallery.make("xor-by-hand"))
    assert answers(plan) == truth("xor") == [0, 1, 1, 0]
    assert answers(plan, torch.tensor([[0.5, 0.5]])) == [1]
    values = {FlatEnd("data", "input"): TABLE, FlatEnd("data", "target"): torch.zeros(4, 1)}
    assert plan.capture(["hidden"])(values)["hidden"].tolist() == [[0, 0], [1, 0], [1, 0], [2, 1]]


def by_hand(weight: Tensor, bias: Tensor, x: Tensor, t: Tensor, rate: float) -> float:
    """One update of Rosenblatt's rule, in place: w += lr·(t − y)·x. Returns |t − y|."""
    y = float(float((weight[0] * x[0]).sum() + bias[0]) >= 0)
    wrong = float(t) - y
    weight += rate * wrong * x
    bias += rate * wrong
    return abs(wrong)


@pytest.mark.parametrize("gate", ["and", "or", "xor"])
@pytest.mark.parametrize("seed", range(5))
def test_updates_are_rosenblatts_to_the_bit(gate: str, seed: int) -> None:
    plan = compile(seeded(gallery.make(f"perceptron-{gate}"), seed))
    sources, stepper = Sources(plan), Stepper(plan, 4 * EPOCHS)
    linear = plan.modules["linear"]
    weight, bias = (tensor.detach().clone() for tensor in (linear.weight, linear.bias))
    changes = 0
    for step in range(4 * EPOCHS):
        values = sources.next()
        x, t = values[FlatEnd("data", "input")], values[FlatEnd("data", "target")]
        assert x.shape == (1, 2)
        changes += by_hand(weight, bias, x, t, 0.1) > 0
        stepper.step(values, step, step // 4)
        assert torch.equal(linear.weight, weight)
        assert torch.equal(linear.bias, bias)
    assert changes > 0


@pytest.mark.parametrize("gate", ["and", "or"])
def test_a_perceptron_learns_what_a_line_parts(gate: str) -> None:
    for seed in range(10):
        run = Run(seeded(gallery.make(f"perceptron-{gate}"), seed), device="cpu")
        finished = run.execute(lambda _event: None)
        assert finished.status == "completed"
        assert finished.metrics == {"objective": 0.0, "accuracy": 1.0}, seed
        assert run.plan is not None
        assert answers(run.plan) == truth(gate)


def test_a_perceptron_never_learns_xor() -> None:
    """Every epoch has a mistake, whatever the start and however long it goes on."""
    for seed in range(10):
        plan = compile(seeded(gallery.make("perceptron-xor"), seed))
        sources, stepper = Sources(plan), Stepper(plan, 4 * EPOCHS)
        for epoch in range(EPOCHS):
            mistakes = 0.0
            for step in range(4):
                before = plan.modules["linear"].bias.detach().clone()
                stepper.step(sources.next(), 4 * epoch + step, epoch)
                mistakes += float((plan.modules["linear"].bias != before).any())
            assert mistakes > 0
            assert answers(plan) != truth("xor")
