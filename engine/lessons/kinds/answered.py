"""Checks of what a person answers: a number that is typed, or one of several answers that is chosen."""

from __future__ import annotations

import re

from engine.lessons.check import Check, CheckOutcome, Situation, met, missed
from nodes.param import Float, Text
from nodes.shown_text import shown

_GROUPED = re.compile(r"-?\d{1,3}([,' \u00a0\u202f]\d{3})+(\.\d+)?")


class LessonQuestion(Check):
    """A question that is answered by a number or a choice."""

    question = Text("", help="What is asked.")

    def offered(self) -> tuple[str, ...]:
        """The answers to choose from; none: a field to type into."""
        return ()


class NumberAnswer(LessonQuestion):
    """A number that is computed by hand."""

    kind = "number_answer"
    title = "Question with a number"

    value = Float(0.0, min=-1e15, max=1e15, help="The right number.")
    tolerance = Float(0.0, min=0.0, max=1e15, help="How far off an answer may be.")
    explanation = Text("", help="What is said to a right answer.")

    def look(self, situation: Situation) -> CheckOutcome:
        given = situation.answers.get(self.place, "").strip()
        if not given:
            return missed("Type a number.")
        number = _number(given)
        if number is None:
            return missed(f"Expected a number. Received {shown(given)!r}.")
        if abs(number - self.value) <= self.tolerance + 1e-9 * abs(self.value):
            return met(f"Right. {self.explanation}".strip())
        return missed(f"Not yet: it is not {shown(given)}. Count again, or go on.")


class ChoiceAnswer(LessonQuestion):
    """One of several answers."""

    kind = "choice_answer"
    title = "Question with choices"

    choices = Text("yes | no", help="The answers to choose from, separated by |.")
    value = Text("yes", help="The right answer, as it is written among the choices.")
    explanation = Text("", help="What is said to a right answer.")

    def offered(self) -> tuple[str, ...]:
        parts = (part.strip() for part in self.choices.split("|"))
        return tuple(dict.fromkeys(part for part in parts if part))

    def look(self, situation: Situation) -> CheckOutcome:
        given = situation.answers.get(self.place, "")
        if not given:
            return missed("Choose an answer.")
        if given.strip() == self.value.strip():
            return met(f"Right. {self.explanation}".strip())
        return missed("Not yet. Read the step again, choose another answer, or go on.")


def _number(text: str) -> float | None:
    """A number as people type it: thousands may be parted, and a single comma be the decimal mark."""
    plain = text.replace("\u2212", "-")
    if _GROUPED.fullmatch(plain):
        plain = re.sub(r"[,' \u00a0\u202f]", "", plain)
    plain = plain.replace(",", ".", 1)
    try:
        return float(plain)
    except ValueError:
        return None
