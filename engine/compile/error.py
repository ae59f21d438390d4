"""The one error of a drawing that cannot run."""

from __future__ import annotations

from collections.abc import Sequence

from engine.report import Problem


class CompileError(ValueError):
    """The drawing cannot run. Says where and why; `problems` has all of it."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)
