"""A gradient as a value of the drawing is that of torch: in losses, in evaluation, and in samplers."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor, nn

from engine.compile import Plan, compile  # noqa: A004
from engine.document.project import MAIN, End, Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.infer import infer
from engine.sample.samplers import Samplers
from engine.train.stepper import Stepper
from engine.train.validation import validate
from tests.drawings import Step, graph

SGD: dict[str, Any] = {"optimiser": "sgd", "learning_rate": 0.05, "momentum": 0.0}
POINTS, TARGET = FlatEnd("data", "input"), FlatEnd("data", "target")


def drawing(*more: Step, wires: tuple[str, ...] = ()) -> Project:
    """points -> hidden -> score; the squared slope of the score by the points is added to the prediction."""
    nodes: list[Step] = [
        ("data", "data", {"dataset": "plane"}),
        ("hidden", "linear", {"out_features": 5, "activation": "tanh"}),
        ("score", "linear", {"out_features": 1}),
        ("slope", "gradient"),
        ("squares", "function", {"function": "square"}),
        ("size", "reduce", {"operation": "sum", "dimensions": [1], "keep_axes": True}),
        ("both", "add"),
        ("loss", "mse"),
        ("objective", "objective", SGD),
        *more,
    ]
    drawn = [
        "data.input -> hidden",
        "hidden -> score",
        "score -> slope.value",
        "data.input -> slope.input",
        "slope -> squares",
        "squares -> size",
        "score -> both",
        "size -> both",
        "both -> loss.prediction",
        "data.target -> loss.target",
        "loss.loss -> objective.loss",
        *wires,
    ]
    return Project(graphs={MAIN: graph(nodes, drawn)})


def hand(plan: Plan) -> nn.Sequential:
    """The same network in torch, with weights of its own."""
    layers = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1))
    state = plan.model.state_dict()
    layers.load_state_dict(
        {
            f"{place}.{name}": state[f"{path}.{name}"]
            for place, path in ((0, "hidden"), (2, "score"))
            for name in ("weight", "bias")
        }
    )
    return layers.double()


def slope_of(layers: nn.Module, points: Tensor) -> tuple[Tensor, Tensor]:
    points = points.detach().requires_grad_()
    score = layers(points)
    (slope,) = torch.autograd.grad(score.sum(), points, create_graph=True)
    return score, slope


def test_a_loss_of_a_gradient_trains_as_in_torch() -> None:
    plan = compile(drawing())
    assert plan.problems == ()
    plan.model.double()
    layers = hand(plan)
    optimiser = torch.optim.SGD(layers.parameters(), lr=SGD["learning_rate"])
    sources, stepper = Sources(plan), Stepper(plan, 20)
    for step in range(20):
        values = {end: held.double() for end, held in sources.next().items()}
        score, slope = slope_of(layers, values[POINTS])
        loss = nn.functional.mse_loss(score + slope.square().sum(1, keepdim=True), values[TARGET])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        ours = stepper.step(values, step, 0)[0]
        assert ours is not None
        assert torch.allclose(ours, loss.detach(), rtol=0, atol=1e-12)
    for ours, theirs in zip(plan.model.parameters(), layers.parameters(), strict=True):
        assert torch.allclose(ours, theirs, rtol=0, atol=1e-12)


def test_a_gradient_is_there_where_nothing_else_has_one() -> None:
    """In evaluation, of lenses and validation, gradients are switched on for what is differentiated alone."""
    plan = compile(drawing())
    sources = Sources(plan)
    values = sources.next()
    plan.eval()
    with torch.no_grad():
        seen = plan.capture(["slope", "score", "both"])(values)
    score, slope = slope_of(hand(plan).float(), values[POINTS])
    assert torch.allclose(seen["slope"], slope.detach(), atol=1e-6)
    assert torch.allclose(seen["both"], (score + slope.square().sum(1, keepdim=True)).detach(), atol=1e-6)
    assert not any(value.requires_grad for value in seen.values())
    plan.train()
    measured = validate(plan, sources)
    assert measured is not None
    losses = []
    for size, each in sources.validation():
        score, slope = slope_of(hand(plan).float(), each[POINTS])
        said = score + slope.square().sum(1, keepdim=True)
        losses.append((size, nn.functional.mse_loss(said, each[TARGET]).item()))
    mean = sum(size * loss for size, loss in losses) / sum(size for size, _ in losses)
    assert measured.losses["objective"] == pytest.approx(mean, rel=1e-5)


def test_samplers_and_walks_take_gradients() -> None:
    """Also where what is differentiated stays the same while a sampler feeds something beside it."""
    plan = compile(
        drawing(
            ("noise", "noise", {"shape": [1]}),
            ("scaled", "multiply"),
            ("other", "gradient"),
            ("samples", "samples", {"count": 6}),
            ("walk", "latent_walk", {"count": 2, "legs": 2, "steps": 2}),
            wires=(
                "slope -> samples.value",
                "score -> scaled",
                "noise -> scaled",
                "scaled -> other.value",
                "data.input -> other.input",
                "noise -> walk.latent",
                "other -> walk.result",
            ),
        )
    )
    assert plan.problems == ()
    samplers = Samplers(plan, sources := Sources(plan))
    drawn = samplers.draw("samples")
    assert drawn is not None
    _, slope = slope_of(hand(plan).float(), sources.pinned(6, 0)[POINTS])
    assert torch.allclose(torch.from_numpy(drawn["samples"]), slope.detach(), atol=1e-6)
    walked = samplers.draw("walk")
    assert walked is not None
    pinned = sources.pinned(4, 0)
    _, slope = slope_of(hand(plan).float(), pinned[POINTS])
    expected = pinned[FlatEnd("noise", "output")] * slope.detach()  # at the points of the walk
    assert torch.allclose(torch.from_numpy(walked["samples"])[::2], expected, atol=1e-6)


def test_a_gradient_of_what_does_not_depend_on_it_is_told() -> None:
    project = drawing()
    wires = tuple(
        type(wire)(End("data", "target"), wire.target) if wire.target == End("slope", "input") else wire
        for wire in project.main.wires
    )
    wrong = Project(graphs={MAIN: msgspec.structs.replace(project.main, wires=wires)})
    found = [problem for problem in infer(wrong).problems if problem.path == "slope"]
    assert [problem.severity for problem in found] == ["warning"]
    assert found[0].expected.startswith("at 'input' a value from which score is computed")
    assert "the gradient is 0" in found[0].message
    assert [problem for problem in infer(project).problems if problem.path == "slope"] == []


def test_a_network_is_fooled_along_the_sign_of_its_gradient() -> None:
    """Adversarial examples (FGSM): a score grows along the sign of its gradient."""
    plan = compile(drawing())
    values = Sources(plan).next()
    with torch.no_grad():
        slope = plan.capture(["slope"])(values)["slope"]
        layers = hand(plan).float()
        assert (layers(values[POINTS] + 0.01 * slope.sign()) > layers(values[POINTS])).all()
