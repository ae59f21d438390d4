"""Optimisers give the numbers of torch.optim, schedules those of torch's schedulers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache

import pytest
import torch
from torch import Tensor, nn

from engine.train.optimiser import LBFGS, Optimiser, optimiser
from engine.train.schedule import Schedule
from nodes.training.objective import Objective

Make = Callable[[Iterable[Tensor]], torch.optim.Optimizer]
CASES: list[tuple[dict[str, object], Make]] = [
    ({"optimiser": "sgd", "momentum": 0.0}, lambda p: torch.optim.SGD(p, 0.01)),
    (
        {"optimiser": "sgd", "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
        lambda p: torch.optim.SGD(p, 0.01, 0.9, nesterov=True, weight_decay=0.1),
    ),
    ({"optimiser": "adam", "weight_decay": 0.1}, lambda p: torch.optim.Adam(p, 0.01, weight_decay=0.1)),
    ({"optimiser": "adamw", "weight_decay": 0.1}, lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1)),
    (
        {"optimiser": "rmsprop", "weight_decay": 0.1},
        lambda p: torch.optim.RMSprop(p, 0.01, weight_decay=0.1),
    ),
    ({"optimiser": "nadam", "weight_decay": 0.1}, lambda p: torch.optim.NAdam(p, 0.01, weight_decay=0.1)),
    (
        {"optimiser": "adagrad", "weight_decay": 0.1},
        lambda p: torch.optim.Adagrad(p, 0.01, weight_decay=0.1, eps=1e-8),
    ),
]


def made(net: nn.Module, **params: object) -> Optimiser:
    return optimiser(Objective(**params), dict(net.named_parameters()))  # type: ignore[arg-type]


def nets() -> tuple[nn.Module, nn.Module]:
    made = []
    for _ in range(2):
        torch.manual_seed(0)
        net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8 * 9, 4))
        made.append(net.to(memory_format=torch.channels_last))
    return made[0], made[1]


@cache
def batch(step: int) -> Tensor:
    torch.manual_seed(step)
    return torch.randn(5, 3, 5, 5).to(memory_format=torch.channels_last)


def trained(net: nn.Module, update: Callable[[], None], steps: Iterable[int] = range(100)) -> None:
    for step in steps:
        net(batch(step)).square().mean().backward()
        update()


def same(mine: nn.Module, theirs: nn.Module) -> None:
    for a, b in zip(mine.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)


def torch_update(net: nn.Module, clip: float, *updating: torch.optim.Optimizer) -> Callable[[], None]:
    def update() -> None:
        if clip:
            nn.utils.clip_grad_norm_(net.parameters(), clip)
        for one in updating:
            one.step()
        net.zero_grad()

    return update


@pytest.mark.parametrize("clip", [0.0, 0.05])
@pytest.mark.parametrize(("params", "make"), CASES)
def test_updates_are_those_of_torch(params: dict[str, object], make: Make, clip: float) -> None:
    mine, theirs = nets()
    own = made(mine, learning_rate=0.01, clip_norm=clip, **params)
    trained(mine, own.step)
    trained(theirs, torch_update(theirs, clip, make(theirs.parameters())))
    same(mine, theirs)


def test_muon_updates_matrices_as_torch_does_and_leaves_the_rest_to_adamw() -> None:
    mine, theirs = nets()
    own = made(mine, optimiser="muon", momentum=0.95, weight_decay=0.1, learning_rate=0.01)
    matrices = [p for p in theirs.parameters() if p.dim() == 2]
    rest = [p for p in theirs.parameters() if p.dim() != 2]
    assert matrices
    assert rest
    muon = torch.optim.Muon(matrices, 0.01, momentum=0.95, adjust_lr_fn="match_rms_adamw")
    adamw = torch.optim.AdamW(rest, 0.01, weight_decay=0.1)
    for step in range(100):  # the same gradients: what bfloat16 rounds away must not come back through a loss
        torch.manual_seed(step)
        for a, b in zip(mine.parameters(), theirs.parameters(), strict=True):
            a.grad = torch.randn_like(a)
            b.grad = a.grad.clone()
        own.step()
        torch_update(theirs, 0.0, muon, adamw)()
    same(mine, theirs)


def bowl(net: nn.Module) -> Callable[[], Tensor]:
    """A smooth problem on one batch, as LBFGS likes it."""
    x = batch(0)
    return lambda: (net(x).tanh() - 0.5).square().mean()


def test_lbfgs_searches_as_torch_does_and_goes_on_from_its_state() -> None:
    mine, theirs = nets()
    again, _ = nets()
    theirs = theirs.to(memory_format=torch.contiguous_format)  # torch's own knows no other
    own = made(mine, optimiser="lbfgs", learning_rate=1.0, iterations=3, history=4)
    other = torch.optim.LBFGS(
        theirs.parameters(), 1.0, max_iter=3, history_size=4, line_search_fn="strong_wolfe"
    )
    assert isinstance(own, LBFGS)
    loss, their_loss = bowl(mine), bowl(theirs)

    def evaluate(loss: Callable[[], Tensor]) -> Callable[[], Tensor]:
        def run() -> Tensor:
            value = loss()
            value.backward()
            return value

        return run

    def closure() -> Tensor:
        other.zero_grad()
        return evaluate(their_loss)()

    first = float(loss().detach())
    for step in range(6):
        if step == 3:  # another one goes on from here
            again.load_state_dict(mine.state_dict())
            kept = {name: tensor.clone() for name, tensor in own.state().items()}
            own = made(again, optimiser="lbfgs", learning_rate=1.0, iterations=3, history=4)
            own.load_state(kept)
            assert isinstance(own, LBFGS)
            loss = bowl(again)
        own.search(evaluate(loss))
        other.step(closure)
    same(again, theirs)
    assert float(loss().detach()) < 1e-3 * first


EVERY = [*CASES, ({"optimiser": "muon", "momentum": 0.9}, None)]


def test_lbfgs_with_a_rate_of_nothing_rests() -> None:
    net = nets()[0]
    own = made(net, optimiser="lbfgs", learning_rate=0.0, iterations=4, ema=0.5)
    assert isinstance(own, LBFGS)
    seen: list[list[Tensor]] = []

    def evaluate() -> Tensor:
        loss: Tensor = net(batch(0)).square().mean()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    for rate in (0.0, 0.0, 0.0, 1.0):
        own.learning_rate = rate
        own.search(evaluate)
        seen.append([weight.detach().clone() for weight in net.parameters()])
    after, rested, again, on = seen
    assert all(torch.equal(a, b) and torch.equal(b, c) for a, b, c in zip(after, rested, again, strict=True))
    assert not torch.equal(again[0], on[0])


@pytest.mark.parametrize("extra", [{}, {"accumulate": 3, "ema": 0.9}, {"clip_norm": 0.05}])
@pytest.mark.parametrize("params", [params for params, _ in EVERY])
def test_an_optimiser_that_takes_up_a_state_goes_on_to_the_same_bits(
    params: dict[str, object], extra: dict[str, object]
) -> None:
    through, parted = nets()
    one, two = made(through, **params, **extra), made(parted, **params, **extra)
    trained(through, one.step, range(14))
    trained(parted, two.step, range(7))  # in the middle of an accumulation
    state = {name: tensor.clone() for name, tensor in two.state().items()}
    averages = {name: tensor.clone() for name, tensor in two.averages().items()}
    later = made(parted, **params, **extra)
    later.load_state(state)
    later.load_averages(averages)
    trained(parted, later.step, range(7, 14))
    assert all(torch.equal(a, b) for a, b in zip(through.parameters(), parted.parameters(), strict=True))
    assert one.state().keys() == later.state().keys()
    assert all(torch.equal(tensor, later.state()[name]) for name, tensor in one.state().items())
    assert all(torch.equal(tensor, later.averages()[name]) for name, tensor in one.averages().items())


def test_gradients_of_several_batches_are_averaged_and_the_rest_is_not_lost() -> None:
    mine, theirs = nets()
    own = made(mine, optimiser="sgd", momentum=0.0, learning_rate=0.1, accumulate=3)
    before = [p.detach().clone() for p in mine.parameters()]
    trained(mine, own.step, range(2))
    assert all(torch.equal(a, b) for a, b in zip(mine.parameters(), before, strict=True))
    trained(mine, own.step, range(2, 4))
    own.finish()
    own.finish()  # nothing waits any more

    other = torch.optim.SGD(theirs.parameters(), 0.1)
    for group in ((0, 1, 2), (3,)):
        loss = torch.stack([theirs(batch(step)).square().mean() for step in group]).mean()
        loss.backward()
        other.step()
        other.zero_grad()
    same(mine, theirs)


def test_parts_have_rates_of_their_own() -> None:
    mine, theirs = nets()
    objective = Objective(optimiser="adam", learning_rate=0.01)
    names = [name for name, _ in mine.named_parameters()]
    own = optimiser(objective, dict(mine.named_parameters()), dict.fromkeys(names[:2], 0.1))
    groups = [
        {"params": list(theirs[0].parameters()), "lr": 0.001},  # type: ignore[index]
        {"params": list(theirs[2].parameters())},  # type: ignore[index]
    ]
    trained(mine, own.step)
    trained(theirs, torch_update(theirs, 0.0, torch.optim.Adam(groups, 0.01)))
    same(mine, theirs)


def test_a_running_mean_follows_the_weights() -> None:
    mine, _ = nets()
    own = made(mine, optimiser="sgd", learning_rate=0.1, ema=0.9)
    expected = [p.detach().clone() for p in mine.parameters()]
    for step in range(10):
        trained(mine, own.step, [step])
        expected = [0.9 * a + 0.1 * p.detach() for a, p in zip(expected, mine.parameters(), strict=True)]
    for mean, other in zip(own.averages().values(), expected, strict=True):
        torch.testing.assert_close(mean, other, rtol=1e-5, atol=1e-7)
    assert not made(mine).averages()


def test_a_weight_without_a_gradient_stays_and_keeps_its_own_count() -> None:
    a, b = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3))
    own = optimiser(Objective(learning_rate=0.1), {"a": a, "b": b})
    (a * 2).sum().backward()
    own.step()
    assert torch.equal(b.detach(), torch.ones(3))
    (a * 2 + b * 2).sum().backward()
    own.step()
    state = own.state()
    assert (float(state["count/a"]), float(state["count/b"])) == (2.0, 1.0)
    assert torch.allclose(b.detach(), torch.full((3,), 0.9), atol=1e-4)  # Adam's first step is one full rate


def test_schedules() -> None:
    def rates(total: int, **params: object) -> list[float]:
        schedule = Schedule(Objective(learning_rate=1.0, **params), total)  # type: ignore[arg-type]
        return [schedule.rate(step, step // 10) for step in range(total + 1)]

    assert rates(40, schedule="step", step_epochs=2, gamma=0.5)[0::20] == [1.0, 0.5, 0.25]
    cosine = rates(40, schedule="cosine")
    assert cosine[20] == pytest.approx(0.5)
    assert cosine[40] == pytest.approx(0.0)
    once = rates(100, schedule="one_cycle", warmup_share=0.3)
    assert once[0] == pytest.approx(1 / 25)
    assert once[30] == pytest.approx(1.0)
    assert max(once) == pytest.approx(1.0)
    assert once[100] == pytest.approx(0.0)
    assert set(rates(10)) == {1.0}


def test_a_warm_up_rises_in_a_straight_line_and_goes_over_into_any_schedule() -> None:
    schedule = Schedule(
        Objective(learning_rate=1.0, warmup_steps=4, schedule="step", step_epochs=1, gamma=0.5), 10
    )
    assert schedule.changes_every_step
    assert [schedule.rate(step, 0) for step in range(6)] == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    assert schedule.rate(9, 1) == 0.5


def test_a_plateau_lowers_the_rate_after_patience_and_a_rate_by_hand_is_the_new_base() -> None:
    schedule = Schedule(Objective(learning_rate=1.0, schedule="plateau", step_epochs=2, gamma=0.1), 100)
    for loss in (1.0, 0.9, 0.95, 0.95):
        schedule.validated(loss)
    assert schedule.rate(0, 0) == pytest.approx(0.1)
    schedule.base = 0.5
    assert schedule.rate(0, 0) == pytest.approx(0.05)
    kept = Schedule(Objective(schedule="plateau"), 100)
    kept.load_state(schedule.state())
    assert (kept.base, kept.drops, kept.best) == (0.5, 1, 0.9)
    assert math.isfinite(kept.rate(5, 1))
