"""Where no gradients pass, nothing behind learns: objectives leave it alone, or say that nothing is left."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from engine.compile import CompileError, compile  # noqa: A004
from engine.document.project import MAIN, Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.infer import infer
from engine.train.stepper import Stepper
from tests.drawings import Step, graph

SGD: dict[str, Any] = {"optimiser": "sgd", "learning_rate": 0.1, "momentum": 0.0}


def drawing(*, past: bool) -> Project:
    """Two heads on one trunk, one of them behind a stop; `past`: the other one reads the trunk as it is."""
    nodes: list[Step] = [
        ("data", "data", {"dataset": "plane"}),
        ("trunk", "linear", {"out_features": 4, "activation": "tanh"}),
        ("stop", "stop_gradient"),
        ("behind", "linear", {"out_features": 1}),
        ("other", "linear", {"out_features": 1}),
        ("both", "add"),
        ("loss", "mse"),
        ("objective", "objective", SGD),
    ]
    wires = [
        "data.input -> trunk",
        "trunk -> stop",
        "stop -> behind",
        f"{'trunk' if past else 'stop'} -> other",
        "behind -> both",
        "both -> loss.prediction",
        "data.target -> loss.target",
        "loss.loss -> objective.loss",
    ]
    drawn = graph(nodes, [*wires, "other -> both"])
    return Project(graphs={MAIN: drawn})


@pytest.mark.parametrize("past", [True, False])
def test_gradients_take_every_way_but_the_stopped_one(past: bool) -> None:
    plan = compile(drawing(past=past))
    trunk, behind, other = (copy.deepcopy(plan.modules[name]) for name in ("trunk", "behind", "other"))
    values = Sources(plan).next()
    features = trunk(values[FlatEnd("data", "input")])
    said = behind(features.detach()) + other(features if past else features.detach())
    torch.nn.functional.mse_loss(said, values[FlatEnd("data", "target")]).backward()
    Stepper(plan, 10).step(values, 0, 0)
    for name, module in (("trunk", trunk), ("behind", behind), ("other", other)):
        for ours, theirs in zip(plan.modules[name].parameters(), module.parameters(), strict=True):
            moved = theirs if theirs.grad is None else theirs - 0.1 * theirs.grad
            assert torch.allclose(ours, moved, atol=1e-7), name
    assert ("trunk.weight" in plan.objectives[0].parameters) is past


def test_an_objective_that_no_gradient_leaves_is_told() -> None:
    nodes: list[Step] = [
        ("data", "data", {"dataset": "plane"}),
        ("linear", "linear", {"out_features": 1}),
        ("stop", "stop_gradient"),
        ("loss", "mse"),
        ("objective", "objective", SGD),
    ]
    wires = [
        "data.input -> linear",
        "linear -> stop",
        "stop -> loss.prediction",
        "data.target -> loss.target",
        "loss.loss -> objective.loss",
    ]
    project = Project(graphs={MAIN: graph(nodes, wires)})
    (problem,) = infer(project).problems
    assert problem.message.startswith("Objective: Expected weights above its loss. Received none.")
    with pytest.raises(CompileError, match="a layer that passes no gradients is between them"):
        compile(project)
