"""What a check of a lesson is: one class that declares its parameters and looks at a drawing and its run.

A check is declared in a module of `engine.lessons.kinds`, or of an installed package that names it in the
entry point group `layerloom.lesson_checks`. The form in which a teacher sets it follows from the declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from engine.document.project import Project
from engine.report import Report
from nodes.param import Param


@dataclass(frozen=True)
class RunFacts:
    """What is known of the run of a drawing.

    `state` is that of the run controller: "idle" (no run yet), "compiling", "running", "paused" or
    "finished". `steps` counts training steps. Losses and metrics are the newest values by path; those of
    `validation` and `metrics` were measured on the part that is held back. `is_current`: the run trains the
    drawing as it is now.
    """

    state: str = "idle"
    steps: int = 0
    is_current: bool = False
    losses: Mapping[str, float] = field(default_factory=dict)
    validation: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    training_metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Situation:
    """What checks look at: the drawing, what inference found in it, its run, and what was answered.

    `answers` has what a person typed or chose, by the place of the check in its step.
    """

    project: Project
    report: Report = field(default_factory=Report)
    run: RunFacts = field(default_factory=RunFacts)
    answers: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckOutcome:
    """Whether a check holds, and a sentence: what is there where it holds, else what is expected."""

    is_met: bool
    sentence: str


def met(sentence: str) -> CheckOutcome:
    """The check holds; the sentence says what is there."""
    return CheckOutcome(True, sentence)


def missed(sentence: str) -> CheckOutcome:
    """The check does not hold; the sentence says what is expected and what is there."""
    return CheckOutcome(False, sentence)


class Check:
    """Base of every check. An instance has checked values of its parameters.

    `kind` is its name in the file, `title` its name in the form. `place` is its place among the checks of
    the step.
    """

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    params: ClassVar[Mapping[str, Param[Any]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        found = {name: value for name, value in vars(cls).items() if isinstance(value, Param)}
        cls.params = {**cls.params, **found}

    def __init__(self, values: Mapping[str, Any] | None = None, place: int = 0) -> None:
        """Raises `ParamError` for a value that a parameter cannot take."""
        given = values or {}
        self.place = place
        self.values: dict[str, Any] = {
            name: param.check(given[name]) if name in given else param.default
            for name, param in self.params.items()
        }

    def look(self, situation: Situation) -> CheckOutcome:
        """Whether it holds. Looks only: it changes nothing."""
        raise NotImplementedError(f"{self.title} does not look at anything")
