"""A hostile input, how it is asked, and which answer is right."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """One input. `make` writes it into an empty folder and returns what is asked about.

    Either `command` is run, with `{}` standing for that path and `{folder}` for the folder, or `call` is
    called with the path: what it returns is the answer, and so is the sentence of a `UserError`. `answer` is
    a regular expression that the answer must hold, `exits` the exit codes that are right (`call` has 2 where
    it refused).
    """

    kind: str
    name: str
    make: Callable[[Path], Path]
    answer: str
    command: tuple[str, ...] = ("inspect", "{}")
    call: Callable[[Path], object] | None = None
    exits: tuple[int, ...] = (2,)
    seconds: float = 2.0
    """The most CPU seconds, on a machine that needs `asked.YARDSTICK` for the yardstick."""
    megabytes: int = 1000
    """The most memory above what the process held before."""
    longest: int = 300
    """The most characters in one line of the answer."""
    is_quick: bool = False
    """Whether the suite asks it; the proof asks all."""

    @property
    def title(self) -> str:
        return f"{self.kind} / {self.name}"


def cases() -> tuple[Case, ...]:
    """Every case of every room, in order."""
    from tests.hostile import kinds

    names = sorted(found.name for found in pkgutil.iter_modules(kinds.__path__))
    modules = [importlib.import_module(f"{kinds.__name__}.{name}") for name in names]
    return tuple(case for module in modules for case in module.CASES)
