"""Whether the first row of a table names its columns, and which names they get."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from nodes.reading.csv_columns import is_number
from nodes.reading.look import Answer, Doubt, Fact
from nodes.reading.tables.learner import ColumnLearner
from nodes.shown_text import listed, quoted

NAMES, DATA, SKIP = "names", "data", "skip"
YEARS = (1500, 2200)
_TITLES = {
    NAMES: "It has the names of the columns.",
    DATA: "It is a row like the others.",
    SKIP: "It is neither; leave it out.",
}
_SAID = {NAMES: "the names of the columns", DATA: "a row like the others", SKIP: "left out"}


@dataclass(frozen=True)
class FirstRow:
    """What the first row of a table is taken for, and why. `is_sure`: it could hardly be otherwise."""

    taken: str
    why: str
    is_sure: bool = True

    def fact(self) -> Fact:
        return Fact("First row", _SAID[self.taken], self.why)

    def doubts(self, where: str) -> tuple[Doubt, ...]:
        if self.is_sure:
            return ()
        kinds = (self.taken, *(kind for kind in (NAMES, DATA, SKIP) if kind != self.taken))
        answers = tuple(Answer(_TITLES[kind], {"first_row": kind}) for kind in kinds)
        return (Doubt("What is the first row?", self.why, answers, 0, where),)


def first_row(cells: Sequence[str], below: Sequence[ColumnLearner], chosen: str, rows: int) -> FirstRow:
    """What the first row is, by its cells without spaces around and what was learnt of all rows below."""
    if chosen != "auto":
        return FirstRow(chosen, "it is chosen so")
    pairs = [(cell, learner) for cell, learner in zip(cells, below, strict=True) if cell]
    numbers = [cell for cell, learner in pairs if is_number(cell) or learner.has_number(cell)]
    if not pairs:
        return FirstRow(SKIP, "it is empty")
    if not numbers:
        return _all_words(pairs, rows)
    if names := _counted_classes(cells, below, rows):
        why = (
            f"it says {rows:,} rows, {len(cells) - 1:,} columns and the classes {listed(names)}, as there are"
        )
        return FirstRow(SKIP, why)
    if len(numbers) == len(pairs):
        return _all_numbers(pairs, numbers)
    if all(learner.knows(cell) for cell, learner in pairs):
        return FirstRow(DATA, "it has numbers, and words only that come again below")
    if _could_be_names(numbers):
        return FirstRow(NAMES, "it has words that do not come again below")
    words = [learner for cell, learner in pairs if cell not in numbers]
    if any(learner.is_numeric for learner in words):
        return FirstRow(SKIP, "it has words above numbers, and numbers that are no names", is_sure=False)
    return FirstRow(DATA, f"it has numbers as {quoted(numbers[0])}, which are no names", is_sure=False)


def _counted_classes(cells: Sequence[str], below: Sequence[ColumnLearner], rows: int) -> Sequence[str]:
    """The classes that a line of counts names, as tables of scikit-learn have one: the rows, the columns but
    the last, and a word for each number 0, 1, 2 … of the last; none where any of it is not so."""
    names = [cell for cell in cells[2:] if cell]
    if cells[0] != str(rows) or cells[1:2] != [str(len(cells) - 1)] or not names:
        return ()
    last, count = below[-1], len(names)
    is_beyond = last.has_between(-math.inf, -0.5) or last.has_between(count - 0.5, math.inf)
    if any(map(is_number, names)) or is_beyond:
        return ()
    return names if all(last.has_word(str(i)) for i in range(count)) else ()


def _all_words(pairs: list[tuple[str, ColumnLearner]], rows: int) -> FirstRow:
    cells = [cell for cell, _ in pairs]
    if rows >= 4 and len(cells) > 1 and all(learner.has_word(cell) for cell, learner in pairs):
        return FirstRow(DATA, "each of its words comes again below in the same column", is_sure=False)
    return FirstRow(NAMES, "it has words alone")


def _all_numbers(pairs: list[tuple[str, ColumnLearner]], numbers: list[str]) -> FirstRow:
    low, high = YEARS
    are_years = (
        len(numbers) > 1
        and all(cell.isdigit() and low <= int(cell) <= high for cell in numbers)
        and len(set(numbers)) == len(numbers)
        and numbers in (sorted(numbers), sorted(numbers, reverse=True))
    )
    if are_years and not any(learner.has_between(low, high) for _, learner in pairs):
        return FirstRow(NAMES, "it has years in their order, and no number below is one", is_sure=False)
    if are_years:
        return FirstRow(DATA, "it has numbers above numbers", is_sure=False)
    return FirstRow(DATA, "it has numbers alone")


def _could_be_names(numbers: list[str]) -> bool:
    """Whether these numbers may name columns: years, or whole numbers that count."""
    if not all(cell.isdigit() for cell in numbers):
        return False
    found = [int(cell) for cell in numbers]
    low, high = YEARS
    if all(low <= one <= high for one in found):
        return True
    steps = {after - before for before, after in pairwise(found)}
    return len(found) == 1 or steps == {1} or (len(found) > 2 and len(steps) == 1 and steps != {0})


def names_of(cells: Sequence[str], has_names: bool) -> tuple[list[str], tuple[str, ...]]:
    """The names of the columns, all different, and sentences on those that had to be made."""
    if not has_names:
        return [f"column {i}" for i in range(1, len(cells) + 1)], ()
    given = {cell for cell in cells if cell}
    found: list[str] = []
    taken: set[str] = set()
    twice: list[str] = []
    counts: dict[str, int] = {}
    for i, cell in enumerate(cells, 1):
        name = cell or f"column {i}"
        if name in taken:
            twice.append(name)
            number = counts.get(name, 1)
            while (made := f"{name} ({number + 1})") in taken or made in given:
                number += 1
            counts[name], name = number + 1, made
        taken.add(name)
        found.append(name)
    notes: tuple[str, ...] = ()
    if twice:
        column = "1 column has" if len(twice) == 1 else f"{len(twice):,} columns have"
        example = next(name for name in found if name not in given and name.startswith(twice[0]))
        notes = (f"{column} a name that another has: {listed(twice)}; called {quoted(example)} and so on",)
    return found, notes
