"""Finds the checks of lessons, and looks whether a step is done."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import ModuleType

from engine.document.lesson import LessonStep
from engine.lessons.check import Check, CheckOutcome, Situation
from nodes.plug_ins import BrokenPlugIn, classes_in, modules_of, take_plug_ins
from nodes.shown_text import quoted
from nodes.user_error import UserError

GROUP = "layerloom.lesson_checks"
broken: list[BrokenPlugIn] = []
"""Plug-ins that could not be taken in; the others count."""


@cache
def checks() -> Mapping[str, type[Check]]:
    """Every check by kind."""
    found: dict[str, type[Check]] = {}

    def take(module: ModuleType) -> None:
        for kind in classes_in(module, Check):
            if not kind.kind:
                continue
            if kind.kind in found:
                raise ValueError(f"the check {kind.kind!r} is declared twice")
            found[kind.kind] = kind

    for module in modules_of("engine.lessons.kinds"):
        take(module)
    broken.clear()
    take_plug_ins(GROUP, take, broken)
    return found


def made(step: LessonStep) -> tuple[Check | str, ...]:
    """The checks of a step; for one that cannot be used, a sentence that says why."""
    return tuple(_made(step, place) for place in range(len(step.checks)))


def _made(step: LessonStep, place: int) -> Check | str:
    told = step.checks[place]
    declared = checks().get(told.kind)
    if declared is None:
        known = ", ".join(sorted(checks()))
        return f"This check cannot be used. Expected one of {known}. Received {quoted(told.kind)}."
    strange = [name for name in told.values if name not in declared.params]
    if strange:
        known = ", ".join(declared.params)
        return f"This check cannot be used. Expected values for {known}. Received {quoted(strange[0])}."
    try:
        return declared(told.values, place)
    except UserError as error:
        return f"This check cannot be used: {error}"


def outcomes(step: LessonStep, situation: Situation) -> tuple[CheckOutcome, ...]:
    """What each check of a step says. One that cannot be used says so and does not hold."""
    return tuple(
        CheckOutcome(is_met=False, sentence=check) if isinstance(check, str) else check.look(situation)
        for check in made(step)
    )
