"""A file or folder of data, and what must be understood of it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Expected:
    """The right reading. What is None or empty is not asked.

    `inputs` and `targets` are compared in the order of the file where the set tells places, else as a bag of
    samples. `columns` are compared with those columns of the input, row by row together with `targets`; a
    whole number as the name is the place of the column. `kind` is a regular expression.
    `told` are regular expressions, each to be found in a
    fact, a doubt, a warning or the division; `refused` is one of the sentence of an error. Where the reading
    is another, `or_told` in a doubt, a warning or an error is right as well: nothing went wrong in silence.
    """

    dataset: str = ""
    kind: str = ""
    samples: int | None = None
    validation: int | None = None
    shape: tuple[int, ...] | None = None
    dtype: str = ""
    classes: Sequence[str] | None = None
    target: tuple[int, ...] | None = None
    balance: Mapping[str, int] | None = None
    columns: Mapping[str | int, Sequence[float]] = field(default_factory=dict)
    inputs: Any = None
    targets: Any = None
    tolerance: float = 1e-5
    distinct: Mapping[int, int] | None = None
    """How many different values the network sees in a column of the input, by its place."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """What the kind and role of a part are, as a regular expression on "kind, role"."""
    told: Sequence[str] = ()
    refused: str = ""
    or_told: str = ""


@dataclass(frozen=True)
class Case:
    """One input. `make` writes it into an empty folder and returns what a person would drop.

    `known_wrong` says what goes wrong so far: the case must then fail, and the mark goes when it does not.
    """

    kind: str
    name: str
    make: Callable[[Path], Path]
    expected: Expected
    values: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of the data node that the person sets; none: by drop alone."""
    known_wrong: str = ""
    is_slow: bool = False
    """Whether the suite leaves it out: its file is long."""
    is_quick: bool = False
    """Whether the suite asks it; the proof asks all."""

    @property
    def title(self) -> str:
        return f"{self.kind} / {self.name}"


KNOWN = Path(__file__).with_name("known_wrong.txt")
"""A line for each case that is known to go wrong: its title, a tab, and what goes wrong."""


def known_wrong() -> dict[str, str]:
    """The reasons by title of a case."""
    lines = KNOWN.read_text("utf-8").splitlines() if KNOWN.exists() else []
    return dict(line.split("\t", 1) for line in lines if line)


def cases() -> tuple[Case, ...]:
    """Every case of every room, in order; those that are known to go wrong are marked so."""
    from tests.corpus import kinds

    names = sorted(found.name for found in pkgutil.iter_modules(kinds.__path__))
    modules = [importlib.import_module(f"{kinds.__name__}.{name}") for name in names]
    known = known_wrong()
    return tuple(
        replace(case, known_wrong=known.get(case.title, "")) for module in modules for case in module.CASES
    )


def counted(count: int, name: str) -> str:
    """A sentence that says how many rows or cells of what, in either order."""
    many = rf"\b{count} (of|rows?|cells?|lines?|values?|missing|samples?|\S+ rows)\b"
    return rf"(?s){many}.*{name}|{name}.*{many}"


def chance(*words: object) -> np.random.Generator:
    """Random numbers that are always the same for the same words."""
    return np.random.default_rng(list("/".join(map(str, words)).encode()))
