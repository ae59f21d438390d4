"""Tensors of their own: how they begin, that they learn, and that a picture is read when weights begin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from engine.compile import CompileError, compile  # noqa: A004
from engine.compile.beginning import begin_from_files
from engine.document import edits
from engine.document.project import MAIN, Project
from engine.document.storage.data_paths import anchored, portable
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.infer import infer
from engine.run.run import Run
from engine.train.stepper import Stepper
from nodes.layers.parameter import Parameter
from nodes.spec import N, TensorSpec
from tests.drawings import Step, graph, wire, with_settings

SGD: dict[str, Any] = {"optimiser": "sgd", "learning_rate": 0.01, "momentum": 0.0}


def test_starts() -> None:
    def start(**params: Any) -> torch.Tensor:
        layer = Parameter(**params)
        layer.check(None)
        torch.manual_seed(0)
        return layer.build(None).get_parameter("value").detach()

    assert torch.equal(start(start="zeros", shape=[2, 3]), torch.zeros(2, 3))
    assert torch.equal(start(start="ones", shape=[]), torch.ones(()))
    typed = start(start="values", shape=[2, 1, 2], numbers="1 2; 3 -4.5")
    assert typed.tolist() == [[[1.0, 2.0]], [[3.0, -4.5]]]
    normal = start(spread=0.5, shape=[3, 4])
    torch.manual_seed(0)
    assert torch.equal(normal, torch.empty(3, 4).normal_(std=0.5))
    assert start(start="uniform", spread=0.5, shape=[500]).abs().max() <= 0.5


def test_it_is_a_row_or_a_row_for_each_sample() -> None:
    module = Parameter(shape=[2, 3]).build(None)
    assert module(None).shape == (1, 2, 3)
    assert module(torch.zeros(5, 7)).shape == (5, 2, 3)


@pytest.mark.parametrize(
    ("params", "expected", "received"),
    [
        ({"start": "values", "shape": [2, 2], "numbers": "1 2"}, "2 rows of 2 weights, for 2×2", "1 of 2"),
        ({"start": "values", "shape": [2, 2]}, "2 rows of 2 weights, for 2×2", "1 of 0"),
        ({"start": "picture", "shape": [2, 8, 8]}, "a shape of channels × height × width", "2×8×8"),
        ({"start": "picture", "shape": [3, 8, 8]}, "the path of a picture file to start from", "none"),
        ({"shape": [1 << 15, 1 << 15]}, "a tensor of at most 268,435,456 numbers", "1,073,741,824"),
    ],
)
def test_what_does_not_fit_is_told(params: dict[str, Any], expected: str, received: str) -> None:
    project = Project(graphs={MAIN: graph([("own", "parameter", params)])})
    (problem, *_) = infer(project).problems
    assert problem.path == "own"
    assert expected in problem.expected
    assert received in problem.received


def class_token() -> Project:
    """A learned row stands before the rows of each sample; what it becomes is the prediction."""
    nodes: list[Step] = [
        ("data", "data", {"dataset": "plane"}),
        ("rows", "reshape", {"shape": [2, 1]}),
        ("token", "parameter", {"shape": [1, 1]}),
        ("join", "concat", {"dimension": 1}),
        ("places", "parameter", {"shape": [3, 1]}),
        ("sum", "add"),
        ("flat", "flatten"),
        ("score", "linear", {"out_features": 1}),
        ("loss", "mse"),
        ("objective", "objective", SGD),
    ]
    wires = [
        "data.input -> rows",
        "data.input -> token.like",
        "join -> sum",
        "places -> sum",
        "sum -> flat",
        "flat -> score",
        "score -> loss.prediction",
        "data.target -> loss.target",
        "loss.loss -> objective.loss",
    ]
    drawn = graph(nodes, wires)
    joined = (wire("token -> join", 0), wire("rows -> join", 1))
    return Project(graphs={MAIN: msgspec.structs.replace(drawn, wires=(*drawn.wires, *joined))})


def test_a_class_token_and_positions_learn_as_in_torch() -> None:
    project = class_token()
    report = infer(project)
    assert report.problems == ()
    assert report.nodes["token"].outputs["output"] == TensorSpec((N, 1, 1))
    assert report.nodes["places"].outputs["output"] == TensorSpec((1, 3, 1))
    plan = compile(project)
    plan.model.double()
    token, places = (plan.model.state_dict()[f"{name}.value"].clone() for name in ("token", "places"))
    score = torch.nn.Linear(3, 1).double()
    score.load_state_dict(plan.modules["score"].state_dict())
    optimiser = torch.optim.SGD(
        [token.requires_grad_(), places.requires_grad_(), *score.parameters()], lr=0.01
    )
    sources, stepper = Sources(plan), Stepper(plan, 20)
    for step in range(20):
        values = {end: held.double() for end, held in sources.next().items()}
        rows = values[FlatEnd("data", "input")].unsqueeze(2)
        said = score((torch.cat([token.expand(len(rows), 1, 1), rows], 1) + places).flatten(1))
        loss = torch.nn.functional.mse_loss(said, values[FlatEnd("data", "target")])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        stepper.step(values, step, 0)
    assert torch.allclose(plan.model.state_dict()["token.value"], token.detach(), rtol=0, atol=1e-12)
    assert torch.allclose(plan.model.state_dict()["places.value"], places.detach(), rtol=0, atol=1e-12)


def dream(picture: Path) -> Project:
    """An image that learns to excite a frozen convolution; no data at all."""
    nodes: list[Step] = [
        ("image", "parameter", {"shape": [3, 6, 8], "start": "picture", "picture": str(picture)}),
        ("conv", "conv2d", {"out_channels": 4}),
        ("down", "scale", {"factor": -1.0}),
        ("all", "flatten"),
        ("mean", "reduce", {"operation": "mean", "dimensions": [1]}),
        ("loss", "sparsity_penalty"),
        ("objective", "objective", SGD),
    ]
    wires = [
        "image -> conv",
        "conv -> down",
        "down -> all",
        "all -> mean",
        "mean -> loss.code",
        "loss.loss -> objective.loss",
    ]
    project = with_settings(Project(graphs={MAIN: graph(nodes, wires)}), epochs=1)
    return edits.set_frozen(project, MAIN, ["conv"], True)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    pixels = np.zeros((6, 8, 3), np.uint8)
    pixels[0, 0] = (255, 51, 0)
    Image.fromarray(pixels).save(tmp_path / "start.png")
    return tmp_path / "start.png"


def test_an_image_is_learned_from_a_picture_and_goes_on_without_it(picture: Path, tmp_path: Path) -> None:
    project = dream(picture)
    assert infer(project).problems == ()
    plan = compile(project)
    begin_from_files(plan)
    assert plan.model.state_dict()["image.value"][:, 0, 0].tolist() == pytest.approx([1.0, 0.2, 0.0])
    assert plan.objectives[0].updates == ("image.value",)
    whole = Run(project, folder=tmp_path / "whole", steps=8)
    assert whole.execute(lambda event: None).status == "completed"
    half = Run(project, folder=tmp_path / "half", steps=4)
    assert half.execute(lambda event: None).status == "completed"
    picture.unlink()
    checkpoint = tmp_path / "half" / "checkpoints" / "last.safetensors"
    rest = Run(project, folder=tmp_path / "half", resume=checkpoint, steps=8)
    assert rest.execute(lambda event: None).status == "completed"
    assert whole.plan is not None
    assert rest.plan is not None
    first, second = whole.plan.model.state_dict(), rest.plan.model.state_dict()
    assert torch.equal(first["image.value"], second["image.value"])
    assert not torch.equal(first["image.value"], plan.model.state_dict()["image.value"])


def test_a_picture_that_is_not_there_is_told(tmp_path: Path) -> None:
    project = dream(tmp_path / "no.png")
    with pytest.raises(CompileError, match=r"image: .*no\.png: Expected a picture"):
        begin_from_files(compile(project))
    finished = Run(project).execute(lambda event: None)
    assert finished.status == "failed"
    assert "no.png" in finished.message


def test_the_picture_moves_with_the_project(picture: Path) -> None:
    project = dream(picture)
    moved = portable(project, picture.parent)
    assert moved.main.nodes["image"].params["picture"] == "start.png"
    assert anchored(moved, picture.parent) == project
