"""Scheduled values: the curve by hand, in training, validation, resumed runs and replayed steps."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from engine.compile import compile  # noqa: A004
from engine.document.project import MAIN, Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.infer import infer
from engine.train.stepper import Stepper
from engine.train.validation import validate
from nodes.layers.scheduled import ScheduledValue
from tests.drawings import Step, graph, with_settings

SGD: dict[str, Any] = {"optimiser": "sgd", "learning_rate": 0.05, "momentum": 0.0}


def course(steps: int = 12, **params: Any) -> list[float]:
    """The value at each of the first steps; an epoch has 3."""
    layer = ScheduledValue(**params)
    return [layer.at(step, step // 3) for step in range(steps)]


def test_courses_are_those_of_their_formulas() -> None:
    assert course(6, length=4) == [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    assert course(4, course="constant", start=0.3) == [0.3] * 4
    cosine = [2.0 - 0.5 * (1 - math.cos(math.pi * step / 4)) * 1.5 for step in range(5)]
    assert course(5, course="cosine", start=2.0, end=0.5, length=4) == pytest.approx(cosine)
    halves = [8.0, 4.0, 2.0, 1.0, 1.0]
    assert course(5, course="exponential", start=8.0, end=1.0, length=3) == pytest.approx(halves)
    assert course(5, course="steps", length=4, stairs=2) == [0.0, 0.0, 0.5, 0.5, 1.0]
    assert course(9, course="cyclic", length=4) == [0.0, 0.5, 1.0, 1.0] * 2 + [0.0]
    assert course(7, unit="epochs", length=2) == [0.0] * 3 + [0.5] * 3 + [1.0]
    assert course(5, delay=2, length=2) == [0.0, 0.0, 0.0, 0.5, 1.0]
    assert course(5, course="constant", start=1.0, warm_up=3) == [0.25, 0.5, 0.75, 1.0, 1.0]


def test_an_exponential_course_through_zero_is_refused() -> None:
    project = drawing(course="exponential")
    (problem, *_) = infer(project).problems
    assert problem.path == "fade"
    assert problem.message.startswith("Schedule: Expected a start and an end of one sign, both not 0")
    assert not [each for each in infer(problem.fixes[0].edit(project)).problems if each.path == "fade"]


def drawing(**params: Any) -> Project:
    """Two branches mixed by a scheduled share, and a loss that a schedule weighs."""
    nodes: list[Step] = [
        ("data", "data", {"dataset": "plane"}),
        ("old", "linear", {"out_features": 1}),
        ("new", "linear", {"out_features": 1}),
        ("fade", "schedule", params),
        ("mix", "mix"),
        ("loss", "mse"),
        ("weighed", "scale", {"factor": 2.0}),
        ("objective", "objective", SGD),
    ]
    wires = [
        "data.input -> old",
        "data.input -> new",
        "old -> mix.a",
        "new -> mix.b",
        "fade -> mix.share",
        "mix -> loss.prediction",
        "data.target -> loss.target",
        "loss.loss -> weighed.input",
        "fade -> weighed.by",
        "weighed -> objective.loss",
    ]
    return Project(graphs={MAIN: graph(nodes, wires)})


def test_training_follows_the_schedule_as_in_torch() -> None:
    project = with_settings(drawing(start=0.2, length=10, course="cosine"), batch_size=16)
    assert infer(project).problems == ()
    plan = compile(project)
    plan.model.double()
    layers = {name: torch.nn.Linear(2, 1).double() for name in ("old", "new")}
    for name, layer in layers.items():
        layer.load_state_dict(plan.modules[name].state_dict())
    weights = [weight for layer in layers.values() for weight in layer.parameters()]
    optimiser = torch.optim.SGD(weights, lr=SGD["learning_rate"])
    sources, stepper, layer = (
        Sources(plan),
        Stepper(plan, 20),
        ScheduledValue(start=0.2, length=10, course="cosine"),
    )
    for step in range(20):
        values = {end: held.double() for end, held in sources.next().items()}
        points, share = values[FlatEnd("data", "input")], layer.at(step, 0)
        said = (1 - share) * layers["old"](points) + share * layers["new"](points)
        loss = 2.0 * share * torch.nn.functional.mse_loss(said, values[FlatEnd("data", "target")])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        ours = stepper.step(values, step, 0)[0]
        assert ours is not None
        assert torch.allclose(ours, loss.detach(), rtol=0, atol=1e-12)


def test_validation_sees_the_value_of_the_last_step() -> None:
    project = with_settings(drawing(length=4), batch_size=16)
    plan = compile(project)
    sources, stepper = Sources(plan), Stepper(plan, 8)
    first = validate(plan, sources)
    assert first is not None
    assert first.losses["objective"] == 0.0  # the schedule weighs the loss by 0
    for step in range(3):
        stepper.step(sources.next(), step, 0)
    assert plan.model.state_dict()["fade.now"].item() == 0.5
    later = validate(plan, sources)
    assert later is not None
    assert later.losses["objective"] > 0.0
    assert plan.model.state_dict()["fade.now"].item() == 0.5
