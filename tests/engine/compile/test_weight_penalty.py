"""Penalties on weights: values and steps of hand-written torch, paths, frozen and shared weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.compile import CompileError, Plan, compile  # noqa: A004
from engine.document import edits
from engine.document.project import MAIN, Node, Project
from engine.expand.flat import FlatEnd
from engine.infer import infer
from engine.messages.events import Event, Progress
from engine.run.run import Run
from tests.drawings import gan, lenet5, mlp, wire, with_settings

LAMBDA = 0.01


def penalised(
    project: Project, weight: float = LAMBDA, objective: str = "objective", **params: Any
) -> Project:
    """The project with a penalty on weights that is added to the loss of an objective."""
    project = edits.add_node(project, MAIN, Node("keep", "weight_penalty", params), (0, 0))
    added = wire(f"keep.loss -> {objective}.loss", 9)
    project = edits.connect(project, MAIN, added.source, added.target)
    return edits.set_param(project, MAIN, objective, "weights", [1.0, weight])


def value(plan: Plan) -> Tensor:
    (found,) = plan.graph_of([FlatEnd("keep", "loss")])({})
    assert isinstance(found, Tensor)
    return found


def at_right_angles(weight: Tensor) -> Tensor:
    matrix = weight.flatten(1)
    rows = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    return (rows @ rows.T - torch.eye(len(rows))).square().sum()


FORMS: list[tuple[dict[str, Any], Callable[[Tensor], Tensor]]] = [
    ({}, lambda weight: weight.square().sum()),
    ({"form": "absolute"}, lambda weight: weight.abs().sum()),
    ({"form": "orthogonal"}, at_right_angles),
]


def test_values_are_those_by_hand() -> None:
    for params, by_hand in FORMS:
        plan = compile(penalised(lenet5(), **params))
        matrices = [weight for weight in plan.model.parameters() if weight.dim() > 1]
        assert torch.allclose(value(plan), sum(by_hand(weight) for weight in matrices))
        assert not infer(plan.project).problems
    plan = compile(penalised(lenet5(), biases=True, reduction="mean"))
    everything = torch.cat([weight.flatten() for weight in plan.model.parameters()])
    assert torch.allclose(value(plan), everything.square().mean())
    assert len(plan.model.state_dict()) == 10


def test_paths_say_whose_weights_count_and_follow_their_names() -> None:
    project = penalised(mlp(), of="linear2, linear3.weight")
    plan = compile(project)
    weights = [plan.model.get_parameter(f"{name}.weight") for name in ("linear2", "linear3")]
    assert torch.allclose(value(plan), sum(weight.square().sum() for weight in weights))
    renamed = edits.rename_node(project, MAIN, "linear2", "middle")
    assert renamed.main.nodes["keep"].params["of"] == "middle, linear3.weight"
    assert torch.allclose(value(compile(renamed)), value(plan))


def losses_of(project: Project, steps: int = 4) -> tuple[list[float], dict[str, Tensor]]:
    """The losses of a run and the weights at its end."""
    told: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, Progress):
            told.extend(event.losses["objective"])

    run = Run(project, device="cpu", seed=3, steps=steps)
    run.execute(note)
    assert run.plan is not None
    return told, dict(run.plan.model.state_dict())


def test_squares_are_a_weight_decay_of_twice_as_much() -> None:
    """With plain SGD, step for step; and the loss that is told has the penalty in it."""
    sgd: dict[str, Any] = {"optimiser": "sgd", "learning_rate": 0.1, "momentum": 0.0}
    with_penalty, made = losses_of(
        with_settings(penalised(mlp("digits", 32, **sgd), biases=True), batch_size=32)
    )
    plain, wanted = losses_of(with_settings(mlp("digits", 32, **sgd, weight_decay=2 * LAMBDA), batch_size=32))
    assert all(torch.allclose(made[name], weight, atol=1e-6) for name, weight in wanted.items())
    begun = compile(mlp("digits", 32), seed=3).model.parameters()
    squares = sum(weight.detach().square().sum() for weight in begun)
    assert with_penalty[0] == pytest.approx(plain[0] + LAMBDA * float(squares), rel=1e-5)


def test_frozen_weights_count_and_do_not_learn() -> None:
    project = edits.set_frozen(penalised(mlp(), of="linear1, linear2"), MAIN, ["linear1"], True)
    plan = compile(project)
    loss = value(plan)
    loss.backward()
    assert plan.model.get_parameter("linear1.weight").grad is None
    second = plan.model.get_parameter("linear2.weight")
    assert torch.allclose(second.grad, 2 * second)
    assert not infer(project).problems


def test_a_penalty_alone_can_be_an_objective() -> None:
    project = mlp()
    for node in (
        Node("keep", "weight_penalty", {"of": "linear2"}),
        Node("shrink", "objective", {"order": 1}),
    ):
        project = edits.add_node(project, MAIN, node, (0, 0))
    added = wire("keep.loss -> shrink.loss")
    project = edits.connect(project, MAIN, added.source, added.target)
    assert not infer(project).problems
    plan = compile(project)
    assert {objective.path: objective.updates for objective in plan.objectives}["shrink"] == (
        "linear2.weight",
    )
    _, weights = losses_of(with_settings(project, batch_size=32))
    assert all(weight.isfinite().all() for weight in weights.values())


def test_weights_of_networks_count_once_however_often_they_are_placed() -> None:
    plan = compile(penalised(gan(), objective="judging", of="judge"))
    weights = [weight for name, weight in plan.model.named_parameters() if name.startswith("judge.")]
    assert torch.allclose(value(plan), sum(weight.square().sum() for weight in weights if weight.dim() > 1))
    Run(plan.project, device="cpu", seed=0, steps=3).execute(lambda _: None)


def test_unknown_paths_are_told_and_taken_out() -> None:
    project = penalised(mlp(), of="linear1, linaer2")
    (problem,) = infer(project).problems
    assert problem.message == (
        "Weight penalty: Expected paths of weights that it reads "
        "(linear1, linear2, linear3). Received 'linaer2'."
    )
    assert not infer(problem.fixes[0].edit(project)).problems
    with pytest.raises(CompileError, match=r"keep: of: Expected paths of weights .* Received 'linaer2'"):
        compile(project)
