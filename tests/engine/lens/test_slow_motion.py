"""A training step taken apart: five stages in order, numbers that are those of torch, nothing changed."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from engine.compile import compile  # noqa: A004
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.lens.feeds import Feeds
from engine.lens.slow_motion import moments
from engine.lens.step_moments import Moment, Stage
from tests.drawings import convnet, gan, mlp


def taken_apart(project) -> tuple[tuple[Moment, ...], object, dict[FlatEnd, torch.Tensor]]:  # type: ignore[no-untyped-def]
    plan = compile(project)
    sources = Sources(plan)
    batch = sources.held(16)
    return moments(plan, Feeds.of(sources, 0), batch), plan, batch


def test_the_stages_come_in_their_order() -> None:
    found, plan, _ = taken_apart(convnet("digits"))
    stages = [moment.stage for moment in found]
    order = [Stage.FEED, Stage.WEIGH, Stage.ERROR, Stage.BACK]
    assert [stages.index(stage) for stage in order] == sorted(stages.index(stage) for stage in order)
    assert set(stages) == set(Stage)
    forward = [moment.nodes[0] for moment in found if moment.stage in (Stage.WEIGH, Stage.FORWARD)]
    assert forward == [path for path in plan.nodes if path in forward], "as values flow"  # type: ignore[attr-defined]
    back = [moment.nodes[0] for moment in found if moment.stage is Stage.BACK][:-1]
    assert back == [path for path in reversed(forward) if path in back], "and back"
    assert "A batch of 16 samples" in found[0].sentence


def test_losses_and_gradients_are_those_of_torch() -> None:
    found, plan, batch = taken_apart(mlp())
    error = next(moment for moment in found if moment.stage is Stage.ERROR)
    plan.eval()  # type: ignore[attr-defined]
    (logits,) = plan.graph_of([plan.nodes["loss"].inputs[0][0]])(batch)  # type: ignore[attr-defined]
    loss = F.cross_entropy(logits, batch[FlatEnd("data", "target")])
    assert error.numbers["loss"] == f"{float(loss.detach()):.4g}"
    loss.backward()
    last = next(moment for moment in found if moment.stage is Stage.BACK)
    module = plan.modules[last.nodes[0]]  # type: ignore[attr-defined]
    norm = sum(float(p.grad.square().sum()) for p in module.parameters()) ** 0.5
    assert f"|∂L/∂w| {norm:.3g}" in last.numbers[last.nodes[0]]


def test_several_objectives_come_one_after_the_other_and_nothing_is_changed() -> None:
    plan = compile(gan())
    sources = Sources(plan)
    before = {name: value.clone() for name, value in plan.model.state_dict().items()}
    random = torch.get_rng_state()
    found = moments(plan, Feeds.of(sources, 0), sources.held(8))
    objectives = list(dict.fromkeys(moment.objective for moment in found))
    assert objectives == [objective.path for objective in plan.objectives]
    assert len(objectives) == 2
    assert all(torch.equal(value, before[name]) for name, value in plan.model.state_dict().items())
    assert torch.equal(random, torch.get_rng_state())
    assert all(parameter.grad is None for parameter in plan.model.parameters())
