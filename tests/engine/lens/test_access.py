"""What lenses may ask of a network: values in the middle, gradients by them, held-back samples."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from engine.compile import compile  # noqa: A004
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.lens.access import Access
from engine.lens.feeds import Feeds
from tests.drawings import convnet, lenet5, wgan_gp


def network(target: str) -> Access:
    plan = compile(lenet5())
    sources = Sources(plan)
    feeds = Feeds(sources.sample(0), sources.units(), sources.held)
    return Access(plan, feeds, target, feeds.pin(0))


def test_a_value_in_the_middle_may_be_given() -> None:
    access = network("linear1")
    ((entering,),) = access.inputs()
    assert access.end is not None
    (seen,) = access.read([entering])
    (whole,) = access.read([access.end])
    (given,) = access.read([access.end], {entering: seen})
    assert torch.equal(given, whole)
    (other,) = access.read([access.end], {entering: torch.zeros(5, *seen.shape[1:])})
    assert other.shape == (5, 120)
    assert torch.equal(other[0], other[4])


def test_gradients_with_respect_to_any_value_equal_those_of_torch() -> None:
    access = network("linear3")
    assert access.end is not None
    losses = list(access.terms())
    found = access.recorded([*losses, access.end])
    (gradient,) = torch.autograd.grad(access.total(found[:-1]), [found[-1]])
    target = access.values[FlatEnd("data", "target")]
    logits = found[-1].detach().requires_grad_()
    (expected,) = torch.autograd.grad(F.cross_entropy(logits, target), [logits])
    torch.testing.assert_close(gradient, expected)
    assert all(parameter.grad is None for parameter in access.plan.model.parameters())


def test_held_back_samples_are_read_once_and_bounded() -> None:
    plan = compile(convnet("digits"))
    sources = Sources(plan)
    asked: list[int] = []

    def held(count: int) -> dict[FlatEnd, torch.Tensor]:
        asked.append(count)
        return sources.held(count)

    feeds = Feeds(sources.sample(0), {}, held)
    assert len(feeds.some(40)[FlatEnd("data", "input")]) == 40
    assert len(feeds.some(10)[FlatEnd("data", "target")]) == 10
    assert asked == [40]
    part = next(iter(sources.sets().values())).validation
    assert len(feeds.some(10**6)[FlatEnd("data", "input")]) == len(part)


def test_gradients_pass_a_drawing_that_differentiates_in_its_forward_pass() -> None:
    """Evaluation records gradients around a penalty alone; what lenses differentiate has them everywhere."""
    plan = compile(wgan_gp())
    access = Access(plan, Feeds.of(Sources(plan), 0), "", Feeds.of(Sources(plan), 0).pin(0))
    sources = [end for end in access.values if plan.specs[end].is_float]
    reached = 0
    for path, node in plan.nodes.items():
        end = plan.end_of(path)
        if end is None or end.path in plan.sources or not plan.specs[end].is_float or not node.inputs:
            continue
        found = access.recorded([end, *sources])
        given = torch.autograd.grad(found[0].sum(), found[1:], allow_unused=True)
        reached += any(one is not None for one in given)
        assert all(parameter.grad is None for parameter in plan.model.parameters())
    assert reached > 5
