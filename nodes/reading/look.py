"""What was understood of data: how they were read and why, their columns, and every doubt as a question.

Values alone: readers fill them, the data page, the inspector and `layerloom data` show them. All texts are
plain; words of a file go through `nodes.shown_text`. Does not import torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nodes.reading.dataset import DataInfo
from nodes.reading.preview import SetPreview
from nodes.regular_file import is_regular

MOST_TRIED = 20_000
"""Samples of data with which answers to doubts are tried before they are offered."""
ROLES = ("input", "target", "ignore", "group", "split", "weight", "order")
"""What a part of data can be for."""


@dataclass(frozen=True)
class Recognised:
    """A data set by which a path can be read: how sure that is, 0 to 100, the parameters to set, and why.

    100: nothing else can be meant; 50: its ending or its folders say so; 10: it could be read so.
    """

    sureness: int
    values: Mapping[str, Any]
    why: str


@dataclass(frozen=True)
class Fact:
    """One thing that was found, as in ("Encoding", "UTF-8", "it begins with a byte order mark")."""

    name: str
    value: str
    why: str = ""


@dataclass(frozen=True)
class Answer:
    """One way to read what is in doubt: its words, and the parameters of the data node that choose it."""

    title: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Doubt:
    """Something that could be read otherwise. `answers[taken]` is how it is read until somebody chooses."""

    question: str
    why: str
    answers: tuple[Answer, ...]
    taken: int = 0
    where: str = ""
    """The file, row or column that it is about."""


@dataclass(frozen=True)
class ValueCounts:
    """How many values lie in each bin: `len(edges)` is one more than `len(counts)`; values that are no number
    are not counted."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class DataPart:
    """A column of a table, an array of a file, a channel of pictures: what is in it and what it is for.

    `kind` is a word for people: "number", "whole number", "category", "date", "text", "identifier", "empty",
    "picture", …. `distinct` is None where different values were not counted. `common` has the most common
    values with their counts, for categories all of them up to a hundred.
    """

    name: str
    kind: str
    role: str
    why: str = ""
    roles: tuple[str, ...] = ("input", "target", "ignore")
    examples: tuple[str, ...] = ()
    missing: int = 0
    distinct: int | None = None
    low: float | None = None
    high: float | None = None
    common: tuple[tuple[str, int], ...] = ()
    histogram: ValueCounts | None = None


@dataclass(frozen=True)
class DataLook:
    """All that is known of a data set before anybody trains on it.

    `division` and `scaling` are sentences on how samples are held back and how numbers are scaled. `balance`
    has the samples of each class in the training part. `parts_are` says what parts are called: "columns",
    "arrays", or "parts". `warnings` are sentences that name the file, row or
    column; what is left out is counted there, truly.
    """

    info: DataInfo
    training: int
    validation: int
    facts: tuple[Fact, ...] = ()
    parts: tuple[DataPart, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    warnings: tuple[str, ...] = ()
    division: str = ""
    scaling: str = ""
    balance: tuple[tuple[str, int], ...] = ()
    samples: SetPreview | None = None
    parts_are: str = "parts"


@dataclass(frozen=True)
class DataMatch:
    """A data set that can read what was dropped: the name of its declaration, and with which parameters."""

    dataset: str
    title: str
    recognised: Recognised
    paths: tuple[Path, ...] = field(default=())


def choosable(look: DataLook, can_be: Callable[[Mapping[str, Any]], bool]) -> DataLook:
    """The look without answers that would be refused; `can_be` says whether data can be read with parameters.

    A doubt that has one answer left is none: it is told as a warning. Of large data all answers stay, as
    trying them would take long.
    """
    if (look.info.stored or look.info.samples) > MOST_TRIED:
        return look
    doubts, told = [], []
    for doubt in look.doubts:
        taken = doubt.answers[doubt.taken] if doubt.answers else None
        kept = tuple(answer for answer in doubt.answers if answer is taken or can_be(answer.values))
        if taken is None or len(kept) > 1:
            doubts.append(doubt if taken is None else replace(doubt, answers=kept, taken=kept.index(taken)))
        else:
            where = f" ({doubt.where})" if doubt.where else ""
            told.append(
                f"{doubt.question}{where} {taken.title.rstrip('.')}: with any other answer nothing could be "
                f"learnt. It is asked because {doubt.why}."
            )
    return replace(look, doubts=tuple(doubts), warnings=(*look.warnings, *told))


def by_ending(path: Path, endings: tuple[str, ...], sureness: int = 50) -> Recognised | None:
    """What a set answers whose files are known by their ending; a packed file by the one before `.gz`."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"]:
        suffixes.pop()
    if not suffixes or suffixes[-1] not in endings or not is_regular(path):
        return None
    return Recognised(sureness, {"path": str(path)}, f"its name ends with {suffixes[-1]}")
