"""Loss landscape: equals losses with weights moved by hand, changes nothing, and has the way of the run."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from engine.compile import Plan
from engine.expand.flat import FlatEnd
from engine.infer import infer
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.gradients import moved
from engine.lens.lens import Cost
from engine.lens.registry import LENSES
from engine.lens.trail import MOST, PastWeights, Trail
from engine.messages.commands import Pause, Resume, Watch
from engine.messages.events import Event, LensFrame, Paused
from engine.messages.lens_request import LensRequest
from engine.run.run import Run
from nodes.registry import REGISTRY
from tests.drawings import chain, convnet, gan
from tests.engine.lens.gradients.looked import arrays_of, opened, untouched

LENS = LENSES["landscape"]
SMALL = {"points": 5, "span": 0.5}


def by_hand(plan: Plan, feeds: Feeds, weights: dict[str, torch.Tensor]) -> float:
    """The loss of all held-back samples with these weights, by torch's own way of calling with others."""
    some = feeds.some(256)
    plan.eval()
    (end,) = plan.outputs.values()
    graph = plan.looked_at((end,))
    module = graph.module
    own = {id(one): name for name, one in module.named_parameters()}
    named = {own[id(one)]: weights[name] for name, one in plan.objectives[0].parameters.items()}
    inputs = tuple(some[each] for each in graph.inputs)
    with torch.no_grad():
        (logits,) = torch.func.functional_call(module, named, inputs)
    plan.train()
    return float(F.cross_entropy(logits, some[FlatEnd("data", "target")]))


def test_each_point_is_the_loss_with_weights_moved_along_filter_normalised_directions() -> None:
    plan, feeds = opened(convnet("digits"))
    before = untouched(plan)
    found = arrays_of(plan, feeds, "landscape", "objective", seed=3, **SMALL)
    assert untouched(plan) == before
    assert found["ranges"].tolist() == [[-0.5, 0.5], [-0.5, 0.5]]
    weights = {name: one.detach().clone() for name, one in plan.objectives[0].parameters.items()}
    axes = []
    for seed in (6, 7):
        chance, axis = torch.Generator().manual_seed(seed), {}
        for name, weight in weights.items():
            drawn = torch.randn(weight.shape, generator=chance)
            axis[name] = torch.zeros_like(weight)
            if weight.dim() > 1:
                for index in range(len(weight)):
                    axis[name][index] = drawn[index] * weight[index].norm() / drawn[index].norm()
        axes.append(axis)
    places = np.linspace(-0.5, 0.5, 5)
    for row, column in ((0, 0), (1, 4), (2, 2), (4, 3)):
        x, y = float(places[column]), float(places[row])
        there = {name: one + x * axes[0][name] + y * axes[1][name] for name, one in weights.items()}
        assert found["loss"][row, column] == pytest.approx(by_hand(plan, feeds, there), rel=1e-4)
    assert found["loss"][2, 2] == pytest.approx(float(found["here"]), rel=1e-6)
    matrices = sum(one.numel() for one in weights.values() if one.dim() > 1)
    assert found["weights"].tolist() == [matrices, sum(one.numel() for one in weights.values())]


def test_weights_point_to_their_own_memory_again_after_an_error() -> None:
    plan, _ = opened(convnet("digits"))
    weights = dict(plan.objectives[0].parameters)
    before = untouched(plan)
    axis = moved.filter_normalised(weights, 0)

    def fail() -> None:
        with moved.movable(weights, [axis]) as move:
            move([2.0])
            assert untouched(plan) != before
            raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        fail()
    assert untouched(plan) == before


def test_it_ends_without_a_result_when_the_run_is_to_go_on() -> None:
    plan, feeds = opened(convnet("digits"))
    before, asked = untouched(plan), [0]

    def interrupted() -> bool:
        asked[0] += 1
        return asked[0] > 7

    request = LensRequest("landscape", "objective", (("points", 5),))
    looked = look(plan, feeds, [request], 1, interrupted)
    assert (looked.frames, looked.failed, asked[0]) == ([], [], 8)
    assert untouched(plan) == before


def test_the_main_directions_are_those_of_a_singular_value_decomposition() -> None:
    chance = torch.Generator().manual_seed(1)
    now = {"a": torch.randn(3, 4, generator=chance), "b": torch.randn(5, generator=chance)}
    moments = [
        {name: one + torch.randn(one.shape, generator=chance) for name, one in now.items()} for _ in range(6)
    ]
    axes, places, share = moved.main_directions(now, moments)
    flat = np.stack([np.concatenate([(m[n] - now[n]).numpy().ravel() for n in now]) for m in moments])
    left, values, right = np.linalg.svd(flat, full_matrices=False)
    for axis in (0, 1):
        own = np.concatenate([axes[axis][name].numpy().ravel() for name in now])
        sign = np.sign(own @ right[axis])
        np.testing.assert_allclose(own, sign * right[axis], atol=1e-4)
        np.testing.assert_allclose(places[:, axis], sign * left[:, axis] * values[axis], atol=1e-4)
        np.testing.assert_allclose(places[:, axis], flat @ own, atol=1e-4)
    np.testing.assert_allclose(share, values[:2] ** 2 / (values**2).sum(), rtol=1e-4)


def test_the_way_of_a_run_lies_on_the_surface_and_training_goes_on_as_without_it() -> None:
    project = convnet("digits", dropout=0.5)
    request = LensRequest("landscape", "objective", (("points", 5),))
    frames: list[LensFrame] = []

    def trained(*, watched: bool) -> dict[str, torch.Tensor]:
        run = Run(project, steps=60, seed=2)

        def note(event: Event) -> None:
            if isinstance(event, LensFrame):
                frames.append(event)
                run.send(Resume())
            if isinstance(event, Paused) and event.step == 0:
                run.send(Resume())

        if watched:
            run.send(Watch((request,)))
            pauses = iter([30])

            def pause(event: Event) -> None:
                note(event)
                step = getattr(event, "step", 0)
                if step >= 30 and next(pauses, None):
                    run.send(Pause())

            finished = run.execute(pause)
        else:
            finished = run.execute(note)
        assert finished.status == "completed", finished.message
        assert run.plan is not None
        return dict(run.plan.model.state_dict())

    plain, seen = trained(watched=False), trained(watched=True)
    assert all(torch.equal(plain[name], seen[name]) for name in plain)
    (frame,) = frames
    assert frame.lens == "landscape"
    assert frame.arrays["path"].shape[1] == 2
    np.testing.assert_allclose(frame.arrays["path"][-1], 0.0, atol=1e-4)
    assert frame.arrays["steps"][-1] == frame.step
    assert (np.diff(frame.arrays["steps"]) > 0).all()
    low, high = frame.arrays["ranges"][:, 0], frame.arrays["ranges"][:, 1]
    assert (frame.arrays["path"] >= low).all()
    assert (frame.arrays["path"] <= high).all()


def test_a_trail_stays_small_and_keeps_its_beginning() -> None:
    plan, _ = opened(chain({"dataset": "diabetes"}, [("linear", "linear", {"out_features": 1})], "mse"))
    trail = Trail()
    for step in range(1000):
        trail.note(plan, step)
    steps = [one.step for one in trail.moments]
    assert len(steps) <= MOST
    assert steps[0] == 0
    assert steps[-1] >= 960
    assert (np.diff(steps) > 0).all()
    trail.note(plan, 5)
    assert [one.step for one in trail.moments] == [5], "the run began anew"


def test_without_a_way_the_directions_are_random_and_each_objective_has_its_own() -> None:
    plan, feeds = opened(gan())
    paths = [one.path for one in plan.objectives]
    found = [arrays_of(plan, feeds, "landscape", path, **SMALL) for path in paths]
    assert len(found) == 2
    assert all("path" not in one for one in found)
    counts = [int(one["weights"][1]) for one in found]
    assert counts == [sum(w.numel() for w in each.parameters.values()) for each in plan.objectives]
    weights = {name: one.detach() for name, one in plan.objectives[0].parameters.items()}
    moments = [PastWeights(step, {n: w + step * 0.1 for n, w in weights.items()}) for step in (1, 2, 0)]
    looked = look(plan, feeds, [LensRequest("landscape", paths[0], (("points", 5),))], 1, moments=moments)
    assert "path" not in looked.frames[0].arrays, "a straight way has no second direction"


def test_it_is_offered_for_objectives_and_computed_at_rest() -> None:
    project = convnet("digits")
    report = infer(project)
    layers = {name: REGISTRY[node.layer] for name, node in project.main.nodes.items()}
    offered = [name for name in layers if LENS.applies_to(layers[name], report.nodes.get(name))]
    assert offered == ["objective"]
    assert LENS.cost is Cost.LONG
    assert not LENS.of_sample
