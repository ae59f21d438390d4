"""Random states are kept and put back on every kind of device, by one mechanism."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress

import pytest
import torch

from engine.system.random_state import (
    kept_random_state,
    own_random_state,
    random_state,
    set_random_state,
)
from tests import ROOT

NAMES = (".fork_rng(", ".get_rng_state(", ".set_rng_state(")


@pytest.fixture(params=["cpu", "cuda", "mps"])
def device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> torch.device:
    """A device of each kind; what stands for the accelerators draws as the CPU does."""
    made = torch.Generator().manual_seed(1)
    for module in (torch.cuda, torch.mps):
        monkeypatch.setattr(module, "get_rng_state", lambda *_: made.get_state())
        monkeypatch.setattr(module, "set_rng_state", lambda state, *_: made.set_state(state))
        monkeypatch.setattr(module, "manual_seed", made.manual_seed)
    monkeypatch.setattr(torch.cuda, "device", lambda _: nullcontext())
    monkeypatch.setattr(torch, "drawn", lambda: torch.rand(3, generator=made), raising=False)
    return torch.device(request.param)


def drawn(device: torch.device) -> list[float]:
    """What is drawn next, on the CPU and on the device."""
    on_device: Callable[[], torch.Tensor] = torch.drawn  # type: ignore[attr-defined]
    return [*torch.rand(3).tolist(), *(on_device().tolist() if device.type != "cpu" else [])]


@pytest.mark.parametrize("around", [kept_random_state, lambda device: own_random_state(device, 5)])
def test_what_is_drawn_inside_is_not_felt_outside(
    device: torch.device, around: Callable[[torch.device], object]
) -> None:
    before = random_state(device)
    assert before.keys() == {"cpu", device.type}
    wanted = drawn(device)
    set_random_state(before, device)
    with suppress(ZeroDivisionError), around(device):  # type: ignore[attr-defined]
        drawn(device)
        raise ZeroDivisionError
    assert drawn(device) == wanted


def test_a_state_of_its_own_follows_from_the_seed(device: torch.device) -> None:
    found = []
    for _ in range(2):
        drawn(device)
        with own_random_state(device, 5):
            found.append(drawn(device))
    assert found[0] == found[1]


def test_states_of_other_kinds_of_device_are_left_alone(device: torch.device) -> None:
    strange = {"cuda": torch.zeros(16), "mps": torch.zeros(44), "card": torch.zeros(1)}
    strange.pop(device.type, None)
    before = random_state(device)
    set_random_state(strange, device)
    assert all(torch.equal(state, before[kind]) for kind, state in random_state(device).items())


def test_nobody_else_puts_random_states_back() -> None:
    """Whoever does it for one kind of device forgets the others."""
    home = ROOT / "engine" / "system" / "random_state.py"
    found = {
        str(path.relative_to(ROOT))
        for room in ("app", "engine", "nodes")
        for path in (ROOT / room).rglob("*.py")
        if path != home and any(name in path.read_text("utf-8") for name in NAMES)
    }
    assert found == set()
