"""The error of a project that cannot run."""

from __future__ import annotations

from collections.abc import Sequence

from engine.report import Problem
from nodes.user_error import UserError


class CompileError(UserError, ValueError):
    """The project cannot run. The message gives the first problem; `problems` lists all."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)
