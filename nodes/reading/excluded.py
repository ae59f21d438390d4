"""Samples that somebody left out of a data set, as text in its parameters: "3, 17, 20-25", counted from 1.

They are samples as they are stored, before the set is divided, so that the same ones stay out whatever the
split. Knows numbers and parts; which samples are good is a person's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import ArrayRows, DataSet, DataSplit, PartRows, Rows
from nodes.reading.error import DataError
from nodes.reading.split import DividedSamples
from nodes.shown_text import quoted

Indices = NDArray[np.int64]
MOST_EXCLUDED = 1_000_000
"""Samples that may be left out one by one."""
LARGEST_PLACE = 1 << 40
_RANGE = re.compile(r"\s*(\d{1,13})\s*(?:-\s*(\d{1,13})\s*)?")


def places_of(text: str) -> Indices:
    """The places, from 0, of the samples that the text names, ascending. Raises `DataError`."""
    found: list[Indices] = []
    count = 0
    for part in text.split(",") if text.strip() else ():
        read = _RANGE.fullmatch(part)
        first = int(read[1]) if read else 0
        last = int(read[2]) if read and read[2] else first
        count += last - first + 1
        if not read or not 1 <= first <= last <= LARGEST_PLACE or count > MOST_EXCLUDED:
            raise DataError(
                f"excluded: Expected at most {MOST_EXCLUDED:,} numbers of samples, from 1 on, such as "
                f"3, 17, 20-25. Received {quoted(part.strip())}."
            )
        found.append(np.arange(first - 1, last, dtype=np.int64))
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)


def text_of(places: Iterable[int]) -> str:
    """The text that names the samples at these places, from 0; those that follow each other as a range."""
    ordered = sorted(set(places))
    parts: list[str] = []
    start = previous = -1
    for place in [*ordered, -1]:
        if start >= 0 and place != previous + 1:
            parts.append(f"{start + 1}" if start == previous else f"{start + 1}-{previous + 1}")
            start = -1
        if start < 0:
            start = place
        previous = place
    return ", ".join(parts)


def divided_without(found: DividedSamples, rows: Indices) -> tuple[DividedSamples, int]:
    """The same parts without these rows, and how many of them trained or validated."""
    parts = (found.train, found.validation, found.test)
    train, held, test = (np.setdiff1d(part, rows) for part in parts) if len(rows) else parts
    count = len(found.train) + len(found.validation) - len(train) - len(held)
    return replace(found, train=train, validation=held, test=test), count


def rows_at(places: Indices, count: int, kept: Indices | None) -> Indices:
    """The rows of so many that stand at these places of stored samples; `kept` are the places of all rows."""
    if kept is None:
        return places[places < count]
    return np.flatnonzero(np.isin(kept, places)).astype(np.int64)


def set_without(data: DataSet, places: Indices, already: int) -> DataSet:
    """A set without the samples at these places; `already` of them were left out when it was divided. A note
    says how many they are.

    Raises `DataError` where it does not know the places of its samples, or none would be left to train on.
    """
    if not len(places):
        return data
    parts = [_part_without(part, places) for part in (data.train, data.validation)]
    count = len(data.train) + len(data.validation) - sum(map(len, parts)) + already
    if not len(parts[0]):
        raise DataError("excluded: Expected samples to train on. Received none: all of them are excluded.")
    if not count:
        return data
    info = replace(data.info, samples=sum(map(len, parts)))
    notes = (*data.notes, sentence(count))
    return replace(data, info=info, train=parts[0], validation=parts[1], notes=notes)


def _part_without(part: DataSplit, places: Indices) -> DataSplit:
    if part.places is None:
        if len(part):
            raise DataError(
                "excluded: Expected a set that knows the places of its samples. Received one that left rows "
                "out; correct or remove these rows."
            )
        return part
    kept = np.flatnonzero(~np.isin(part.places, places)).astype(np.int64)
    if len(kept) == len(part):
        return part
    return replace(
        part,
        input=_some(part.input, kept),
        target=None if part.target is None else _some(part.target, kept),
        places=part.places[kept],
        more={port: _some(rows, kept) for port, rows in part.more.items()},
    )


def _some(rows: Rows, kept: Indices) -> Rows:
    return ArrayRows(rows.array[kept]) if isinstance(rows, ArrayRows) else PartRows(rows, kept)


def sentence(count: int) -> str:
    """What is told of so many excluded samples."""
    return f"{'1 sample is' if count == 1 else f'{count:,} samples are'} excluded, as marked in the project"
