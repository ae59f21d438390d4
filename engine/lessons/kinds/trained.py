"""Checks of the run: whether it trains, and what it reaches."""

from __future__ import annotations

from collections.abc import Mapping

from engine.lessons import comparison
from engine.lessons.check import Check, CheckOutcome, RunFacts, Situation, met, missed
from nodes.param import Bool, Choice, Float, Int, Text
from nodes.shown_text import quoted

_NOT_RUN = "Press Play: there is no run of this drawing yet."
_OTHERWISE = "The drawing has changed since the run. Press Play again."


class Trained(Check):
    """Whether a run has gone so far."""

    kind = "run"
    title = "Run"

    state = Choice(
        "finished", choices=("started", "finished", "stopped or finished"), help="How far it is to be."
    )
    steps = Int(0, max=10**9, help="It has trained for at least so many steps.")
    current = Bool(True, help="It must train the drawing as it is now.")

    def look(self, situation: Situation) -> CheckOutcome:
        run = situation.run
        fault = not_ready(run, current=self.current)
        if fault:
            return missed(fault)
        if self.state != "started" and run.state != "finished":
            return missed(f"The run goes on: {run.steps:,} steps so far.")
        if run.steps < self.steps:
            expected = f"Expected at least {self.steps:,} steps. Received {run.steps:,}."
            return missed(expected)
        done = "has finished" if run.state == "finished" else "goes on"
        return met(f"The run {done}: {run.steps:,} steps.")


class RunResult(Check):
    """Compares a loss or a metric of the run."""

    kind = "result"
    title = "Loss or metric of the run"

    path = Text("", empty="the first", help="The node of the objective or metric; empty: the first there is.")
    what = Choice("metric", choices=("metric", "loss"), help="What is compared.")
    part = Choice("validation", choices=("validation", "training"), help="On which part of the data.")
    comparison = comparison.comparison()
    value = Float(0.85, min=-1e12, max=1e12, help="The number.")
    steps = Int(0, max=10**9, help="Only after so many steps.")
    current = Bool(True, help="The run must train the drawing as it is now.")

    def look(self, situation: Situation) -> CheckOutcome:
        run = situation.run
        fault = not_ready(run, current=self.current)
        if fault:
            return missed(fault)
        held = self._held(run)
        name = self.path or next(iter(held), "")
        if name not in held:
            told = f" of {quoted(self.path)}" if self.path else ""
            return missed(f"The run has not told a {self.what}{told} yet.")
        found = held[name]
        label = f"The {self.part} {'loss' if self.what == 'loss' else name}"
        if run.steps < self.steps:
            expected = f"Expected at least {self.steps:,} steps. Received {run.steps:,}."
            return missed(expected)
        if comparison.holds(found, self.comparison, self.value):
            return met(f"{label} is {comparison.plain(found)}.")
        wanted = comparison.words(self.comparison, self.value)
        return missed(f"{label}: Expected {wanted}. Received {comparison.plain(found)}.")

    def _held(self, run: RunFacts) -> Mapping[str, float]:
        if self.what == "loss":
            return run.validation if self.part == "validation" else run.losses
        return run.metrics if self.part == "validation" else run.training_metrics


def not_ready(run: RunFacts, *, current: bool) -> str:
    """What to do before the run can be looked at; empty where it can."""
    if run.state in ("idle", "compiling"):
        return _NOT_RUN
    return _OTHERWISE if current and not run.is_current else ""
