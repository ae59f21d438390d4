"""A layer of a plug-in is treated by what it declares to do, in whatever family it stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from engine.compile import compile  # noqa: A004
from engine.document.project import MAIN, Project
from engine.expand.flat import FlatEnd
from engine.feed.units import metric_factors
from engine.infer import infer
from engine.sample.shown import range_of
from nodes.registry import REGISTRY
from nodes.spec import Family, Layer, Port, TensorSpec, known
from nodes.training.sampler import Samples
from tests.drawings import Step, chain, graph

ANY = Port("input", dtype="any")


class Mirror(Layer):
    """Turns the last dimension round."""

    abstract = True
    family = Family.MATH
    inputs, outputs = (ANY,), (Port("output", dtype="any"),)

    def build(self, features: TensorSpec) -> nn.Module:
        class Module(nn.Module):
            def forward(self, features: torch.Tensor) -> torch.Tensor:
                return features.flip(-1)

        return Module()


class Cube(Layer):
    """The third power of each value."""

    abstract = True
    family = Family.MATH

    def build(self, features: TensorSpec) -> nn.Module:
        class Module(nn.Module):
            def forward(self, features: torch.Tensor) -> torch.Tensor:
                return features**3

        return Module()


class TenScores(Layer):
    """Ten scores of each row."""

    abstract = True
    family = Family.ATTENTION

    def build(self, features: TensorSpec) -> nn.Module:
        return nn.Linear(known(features.shape[-1]), 10)


TRAITS: dict[type[Layer], str] = {Mirror: "keeps_scale", Cube: "keeps_dimensions", TenScores: "makes_rows"}


@pytest.fixture(params=[True, False], ids=["declared", "not declared"])
def declared(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Whether the layers that are known while a test runs declare their traits."""
    made = [
        type(base.__name__, (base,), {"__doc__": base.__doc__, trait: request.param})
        for base, trait in TRAITS.items()
    ]
    for layer in made:
        REGISTRY.add(layer)
    yield bool(request.param)
    for layer in made:
        REGISTRY.remove(layer.type)


def titles(project: Project) -> list[str]:
    return [fix.title for problem in infer(project).problems for fix in problem.fixes]


def test_classes_are_known_behind_it(declared: bool) -> None:
    nodes: list[Step] = [
        ("wish", "class_labels", {"classes": 7}),
        ("turn", "reshape", {"shape": [1]}),
        ("mirror", "mirror"),
    ]
    report = infer(Project(graphs={MAIN: graph(nodes, ["wish -> turn", "turn -> mirror"])}))
    assert report.nodes["mirror"].outputs["output"].classes == (7 if declared else None)


def test_a_fix_is_found_before_it(declared: bool) -> None:
    steps: list[Step] = [("flat", "flatten"), ("linear", "linear", {"out_features": 7}), ("cube", "cube")]
    fixes = titles(chain({"dataset": "digits"}, steps))
    assert ("Set output features to 10 in linear" in fixes) is declared


def test_maps_are_flattened_before_it(declared: bool) -> None:
    steps: list[Step] = [("conv", "conv2d"), ("scores", "ten_scores")]
    fixes = titles(chain({"dataset": "digits"}, steps))
    assert ("Insert Flatten before scores" in fixes) is declared


def test_errors_behind_it_are_told_in_the_unit_of_the_data(declared: bool) -> None:
    nodes: list[Step] = [
        ("data", "data", {"dataset": "diabetes"}),
        ("mirror", "mirror"),
        ("linear", "linear", {"out_features": 1}),
        ("loss", "mse"),
        ("rmse", "rmse"),
        ("objective", "objective"),
    ]
    wires = ["data.input -> linear", "data.target -> mirror", "loss.loss -> objective.loss"]
    for node in ("loss", "rmse"):
        wires += [f"linear -> {node}.prediction", f"mirror -> {node}.target"]
    plan = compile(Project(graphs={MAIN: graph(nodes, wires)}))
    spread = torch.tensor([77.0])
    expected = {"rmse": spread} if declared else {}
    assert metric_factors(plan, {FlatEnd("data", "target"): spread}) == expected


def test_black_and_white_behind_it_are_those_of_the_activation(declared: bool) -> None:
    steps: list[Step] = [
        ("flat", "flatten"),
        ("linear", "linear", {"out_features": 10}),
        ("tanh", "tanh"),
        ("mirror", "mirror"),
    ]
    plan = compile(chain({"dataset": "digits"}, steps))
    found = range_of(plan, Samples(), FlatEnd("mirror", "output"), {})
    assert found == ((-1.0, 1.0) if declared else None)
