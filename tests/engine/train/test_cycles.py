"""Runs that are started, paused and stopped leave nothing behind, and stop within a step."""

from __future__ import annotations

import random
import time

import pytest

from engine.messages.commands import Stop
from engine.messages.events import Progress
from engine.run.run import Run
from engine.train.stepper import Stepper
from tests.drawings import mlp
from tests.proofs.run_cycles import check, measured


def test_cycles_leave_nothing_behind() -> None:
    measured(4, random.Random(1))  # what is made once stays
    check(*measured(12, random.Random(2)))


def test_a_slow_step_is_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Stepper.step
    begun = 0

    def slow(self: Stepper, *given: object) -> object:
        nonlocal begun
        begun += 1
        time.sleep(0.1)
        return plain(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Stepper, "step", slow)
    run = Run(mlp("digits", 8), epochs=1000)
    run.start()
    while not any(isinstance(event, Progress) for event in run.mailbox.drain()):
        time.sleep(0.005)
    before = begun
    run.send(Stop())
    assert run.join(10)
    assert begun <= before + 1, "the one that is going, or about to"
    assert run.finished is not None
    assert run.finished.status == "stopped"
