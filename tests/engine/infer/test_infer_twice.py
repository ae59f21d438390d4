"""A softmax or sigmoid before a loss that has it inside is warned of, wherever it stands."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from engine.document.edits.extract import extract
from engine.document.project import MAIN, Project
from engine.infer import infer
from engine.report import Problem
from nodes.registry import REGISTRY
from nodes.shared.activation_option import NAMES
from nodes.spec import N, TensorSpec
from nodes.training.loss import Loss
from tests.drawings import Step, chain

POINTS = {"dataset": "circle", "labels": "0 or 1"}


def binary(**last: Any) -> Project:
    steps: list[Step] = [
        ("hidden", "linear", {"out_features": 8, "activation": "tanh"}),
        ("last", "linear", {"out_features": 1, **last}),
    ]
    project = chain(POINTS, steps, loss="bce_with_logits")
    wires = tuple(
        wire
        if wire.target.port != "prediction"
        else type(wire)(wire.source, type(wire.target)(wire.target.node, "logits"))
        for wire in project.main.wires
    )
    return Project(graphs={MAIN: type(project.main)(project.main.nodes, wires, layout=project.main.layout)})


def warned(project: Project) -> Problem | None:
    found = [each for each in infer(project).problems if "has it inside" in each.message]
    assert len(found) <= 1
    assert all(each.severity == "warning" for each in found)
    return found[0] if found else None


def test_a_sigmoid_chosen_as_the_activation_of_the_last_layer_is_warned_of() -> None:
    assert warned(binary()) is None
    project = binary(activation="sigmoid")
    problem = warned(project)
    assert problem is not None
    assert "those of last, whose activation is sigmoid" in problem.message
    (fix,) = problem.fixes
    assert fix.title == "Set the activation of last to none"
    fixed = fix.edit(project)
    assert infer(fixed).problems == ()
    assert "activation" not in fixed.main.nodes["last"].params


@pytest.mark.parametrize("depth", [1, 2])
def test_the_activation_is_found_inside_blocks_and_fixed_there(depth: int) -> None:
    project, placed = extract(binary(activation="sigmoid"), MAIN, ["last"], "Head")
    if depth == 2:
        project, placed = extract(project, MAIN, [placed], "Outer", layer="network")
    problem = warned(project)
    assert problem is not None
    assert f"{placed}." in problem.message
    fixed = problem.fixes[0].edit(project)
    assert infer(fixed).problems == ()
    assert "activation" not in fixed.graphs["Head"].nodes["last"].params


BETWEEN: dict[str, list[Step]] = {
    "nothing": [],
    "scale": [("a", "scale", {"factor": 5.0})],
    "flatten": [("a", "flatten")],
    "reshape": [("a", "reshape", {"shape": [10]})],
    "dropout": [("a", "dropout")],
    "identity": [("a", "identity")],
    "several": [("a", "scale", {"factor": 5.0}), ("b", "dropout"), ("c", "flatten"), ("d", "identity")],
}


def scores(last: str, between: list[Step]) -> Project:
    steps: list[Step] = [("flat", "flatten"), ("linear", "linear", {"out_features": 10}), ("last", last)]
    return chain({"dataset": "digits"}, [*steps, *between])


@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN)
def test_a_softmax_is_found_behind_layers_that_keep_the_values(between: list[Step]) -> None:
    project = scores("softmax", between)
    problem = warned(project)
    assert problem is not None
    assert "those of last, a" in problem.message
    fixed = problem.fixes[0].edit(project)
    assert warned(fixed) is None
    assert not infer(fixed).errors


@pytest.mark.parametrize("pool", ["global_avg_pool", "global_max_pool", "adaptive_avg_pool", "max_pool2d"])
def test_a_softmax_over_maps_is_found_behind_the_pool_that_makes_scores_of_them(pool: str) -> None:
    more = {"adaptive_avg_pool": {"output_size": 1}, "max_pool2d": {"kernel_size": 6}}.get(pool, {})
    steps: list[Step] = [
        ("conv", "conv2d", {"out_channels": 10, "kernel_size": 3}),
        ("last", "softmax", {"dimension": 1}),
        ("pool", pool, more),
        ("flat", "flatten"),
    ]
    project = chain({"dataset": "digits"}, steps)
    problem = warned(project)
    assert problem is not None
    assert "those of last, a Softmax" in problem.message
    fixed = problem.fixes[0].edit(project)
    assert infer(fixed).problems == ()


@pytest.mark.parametrize("inner", [["last"], ["last", "a"], ["a"]], ids="+".join)
def test_a_softmax_is_found_through_blocks_two_levels_deep(inner: list[str]) -> None:
    project, placed = extract(scores("softmax", BETWEEN["scale"]), MAIN, inner, "Inner")
    project, _ = extract(project, MAIN, [placed], "Outer")
    problem = warned(project)
    assert problem is not None
    assert warned(problem.fixes[0].edit(project)) is None


@pytest.mark.parametrize("loss", ["cross_entropy", "dice"])
def test_logarithms_of_a_softmax_have_the_softmax_that_they_were_made_of(loss: str) -> None:
    """softmax(log softmax x) is softmax x: the loss is the same, and nothing is warned of."""
    assert warned(scores("log_softmax", [])) is None
    assert "log_softmax" not in REGISTRY.make(loss).inside()  # type: ignore[attr-defined]
    logits, label = torch.randn(7, 10), torch.arange(7)
    given = TensorSpec((N, 10)), TensorSpec((N,), "int64", 10)
    module = REGISTRY.make(loss, {"class_dim": "last"}).build(*given)
    assert torch.allclose(module(logits, label), module(logits.log_softmax(-1), label), atol=1e-6)


def test_a_layer_that_learns_between_or_another_activation_is_not_warned_of() -> None:
    assert warned(scores("softmax", [("more", "linear", {"out_features": 10})])) is None
    assert warned(scores("relu", BETWEEN["several"])) is None
    assert warned(binary(activation="relu")) is None


def test_every_activation_that_a_loss_has_inside_is_a_layer_or_a_choice() -> None:
    losses = [layer() for layer in REGISTRY.values() if issubclass(layer, Loss)]
    for loss in losses:
        assert all(name in REGISTRY or name in NAMES for name in loss.inside())


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("sigmoid", "0 and 1"),
        ("hardsigmoid", "0 and 1"),
        ("tanh", "−1 and 1"),
        ("log_softmax", ""),
        ("relu", ""),
    ],
)
def test_scores_with_two_bounds_before_cross_entropy_are_warned_of(last: str, said: str) -> None:
    def told(project: Project) -> list[Problem]:
        return [one for one in infer(project).problems if "without bounds" in one.message]

    found = told(scores(last, [("a", "dropout")]))
    assert [said in one.message for one in found] == ([True] if said else [])
    assert not told(scores(last, [("a", "scale", {"factor": 5.0})])), "scaled scores have wider bounds"
    for problem in found:
        assert problem.severity == "warning"
        assert not told(problem.fixes[0].edit(scores(last, [("a", "dropout")])))
