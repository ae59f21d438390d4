"""Optimisers give the numbers of torch.optim, schedules those of torch's schedulers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import pytest
import torch
from torch import Tensor, nn

from engine.run.optimiser import optimiser
from engine.run.schedule import Schedule
from nodes.objective import Objective

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
]


def nets() -> tuple[nn.Module, nn.Module]:
    made = []
    for _ in range(2):
        torch.manual_seed(0)
        net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8 * 9, 4))
        made.append(net.to(memory_format=torch.channels_last))
    return made[0], made[1]


@pytest.mark.parametrize("clip", [0.0, 0.05])
@pytest.mark.parametrize(("params", "make"), CASES)
def test_updates_are_those_of_torch(params: dict[str, object], make: Make, clip: float) -> None:
    mine, theirs = nets()
    own = optimiser(
        Objective(learning_rate=0.01, clip_norm=clip, **params),  # type: ignore[arg-type]
        dict(mine.named_parameters()),
    )
    other = make(theirs.parameters())
    for step in range(20):
        torch.manual_seed(step)
        batch = torch.randn(5, 3, 5, 5).to(memory_format=torch.channels_last)
        mine(batch).square().mean().backward()
        own.step()
        theirs(batch).square().mean().backward()
        if clip:
            nn.utils.clip_grad_norm_(theirs.parameters(), clip)
        other.step()
        other.zero_grad()
    for a, b in zip(mine.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(a, b, rtol=1e-4, atol=1e-6)


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


def test_state_goes_round() -> None:
    mine, theirs = nets()
    first = optimiser(Objective(), dict(mine.named_parameters()))
    mine(torch.ones(1, 3, 5, 5)).sum().backward()
    first.step()
    second = optimiser(Objective(), dict(theirs.named_parameters()))
    second.load_state({name: tensor.clone() for name, tensor in first.state().items()})
    assert all(torch.equal(tensor, second.state()[name]) for name, tensor in first.state().items())


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
