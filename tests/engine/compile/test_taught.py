"""Which loss compares a value, with what, and what is between the two; graphs from values in the middle."""

from __future__ import annotations

import torch

from engine.compile import compile  # noqa: A004
from engine.compile.taught import Taught, data_end, taught_by
from engine.document.project import MAIN, Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from tests.drawings import chain, convnet, graph, mlp

DATA = {"dataset": "digits"}


def test_the_loss_of_scores_is_found_and_what_it_compares_them_with() -> None:
    plan = compile(mlp("digits", 8))
    (scores,), _ = plan.nodes["loss"].inputs
    taught = taught_by(plan, scores)
    assert taught.loss is plan.nodes["loss"]
    assert taught.against == FlatEnd("data", "target")
    assert taught.activated == ""
    assert taught.compared == plan.specs[scores]


def test_activations_and_shapes_between_value_and_loss_are_seen_through() -> None:
    steps = [("flatten", "flatten"), ("linear", "linear", {"out_features": 10}), ("soft", "softmax")]
    drawn = chain(DATA, steps[:2])
    plan = compile(drawn)
    assert taught_by(plan, FlatEnd("linear", "output")).activated == ""
    project = graph(
        [
            ("data", "data", DATA),
            *steps,
            ("loss", "cross_entropy"),
            ("objective", "objective"),
            ("output", "output"),
        ],
        [
            "data.input -> flatten.input",
            "flatten.output -> linear.input",
            "linear.output -> soft.input",
            "linear.output -> loss.logits",
            "data.target -> loss.label",
            "loss.loss -> objective.loss",
            "soft.output -> output.input",
        ],
    )
    plan = compile(Project("p", {MAIN: project}))
    taught = taught_by(plan, FlatEnd("soft", "output"))
    assert taught.loss is plan.nodes["loss"]
    assert taught.activated == "softmax"


def test_a_value_that_no_loss_compares_says_so() -> None:
    plan = compile(convnet("digits"))
    assert taught_by(plan, FlatEnd("conv1", "output")) == Taught()


def test_data_that_are_only_reshaped_are_found_again() -> None:
    plan = compile(convnet("digits"))
    entering = plan.nodes["conv1"].inputs[0][0]
    assert data_end(plan, entering) == FlatEnd("data", "input")
    assert data_end(plan, FlatEnd("conv1", "output")) is None
    assert data_end(plan, None) is None
    flat = compile(mlp("digits", 8))
    assert data_end(flat, FlatEnd("flatten", "output")) == FlatEnd("data", "input")


def test_a_graph_may_begin_at_values_in_the_middle_and_few_graphs_are_kept() -> None:
    plan = compile(mlp("digits", 8))
    values = Sources(plan).sample(0)
    (scores,), _ = plan.nodes["loss"].inputs
    middle = FlatEnd("flatten", "output")
    (whole,) = plan.graph_of([scores])(values)
    (flat,) = plan.graph_of([middle])(values)
    (again,) = plan.graph_of([scores], [middle])({middle: flat})
    assert torch.equal(whole, again)
    (recorded,) = plan.graph_of([scores], attached=True)(values)
    assert recorded.requires_grad
    assert torch.equal(recorded.detach(), whole)
    first = plan.looked_at((scores,))
    assert plan.looked_at((scores,)) is first
    for _ in range(3):
        for count in range(1, 14):
            plan.looked_at((scores,) * count, (middle,))
            plan.looked_at((middle,) * count)
            plan.looked_at((scores,) * count)
    assert plan.looked_at((scores,)) is not first, "the oldest are dropped"
