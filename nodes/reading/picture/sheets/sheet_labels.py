"""The labels of the rows of a sheet: a list in JSON, or bytes, each a number or one of a row of zeros."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.reading import budget
from nodes.reading.error import DataError
from nodes.reading.opened import opened
from nodes.shown_text import shown

MOST_BYTES = 256 << 20
"""Bytes of a file of labels."""
MOST_OF_JSON = 32 << 20
"""Characters of one in JSON, which takes some twenty times its size in memory."""
MOST_CLASSES = 1000
Labels = NDArray[np.generic]


def read_labels(path: Path, rows: int) -> tuple[Labels, str]:
    """A label for each of so many rows, numbers or words, and in words how they were read.

    Raises `DataError` where there are more or fewer.
    """
    return _of_json(path, rows) if path.suffix.lower() == ".json" else _of_bytes(path, rows)


def count_of(path: Path) -> int | None:
    """How many labels a list in JSON has, or the bytes of another file; None: it cannot be told quickly."""
    try:
        with opened(path, "labels") as file:
            if path.suffix.lower() != ".json":
                return file.size
            if file.size > 4 << 20:
                return None
            found = json.loads(bytes(file.read(file.size)))
    except (DataError, ValueError, RecursionError):
        return None
    listed = _the_list(found)
    return None if listed is None else len(listed)


def coded(labels: Labels) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Labels as places among the different ones, numbers by size, words by code points; and their names."""
    different, codes = np.unique(labels, return_inverse=True)
    names = tuple(
        shown(f"{name:,.15g}" if labels.dtype.kind in "iuf" else str(name), 80) for name in different
    )
    return codes.astype(np.int64), names


def _of_json(path: Path, rows: int) -> tuple[Labels, str]:
    with opened(path, "labels in JSON") as file:
        data = bytes(file.read(MOST_OF_JSON + 1))
    if len(data) > MOST_OF_JSON:
        raise DataError(f"{path}: Expected at most {MOST_OF_JSON:,} bytes of labels. Received more.")
    budget.require_room(str(path), 20 * len(data), "labels")
    try:
        found = _the_list(json.loads(data))
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if isinstance(error, ValueError) else "lists within lists"
        raise DataError(
            f"{path}: Expected a list of labels in JSON. Received: {shown(reason, 100)}."
        ) from error
    if found is None:
        raise DataError(f"{path}: Expected a list of labels in JSON. Received no list.")
    _require_count(path, len(found), rows)
    if all(isinstance(one, list) for one in found):
        return _one_of_each(path, found), "rows of zeros with one 1"
    words = all(isinstance(one, str) for one in found)
    if not words and not all(isinstance(one, int | float) for one in found):
        at = next(i for i, one in enumerate(found) if not isinstance(one, int | float))
        raise DataError(
            f"{path}: Expected a number or a word for each row, of one kind. Received "
            f"{shown(json.dumps(found[at]), 60)} for row {at + 1:,}."
        )
    return (np.array(found) if words else _whole(path, found)), "words" if words else "numbers"


def _the_list(found: Any) -> list[Any] | None:
    """The list of a file: the whole of it, or the only list in an object."""
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = lists[0] if len(lists) == 1 else None
    return found if isinstance(found, list) else None


def _whole(path: Path, found: list[Any]) -> Labels:
    try:
        values = np.array(found, np.float64)
    except OverflowError as error:
        raise DataError(
            f"{path}: Expected whole numbers as labels. Received one of hundreds of digits."
        ) from error
    bad = ~(np.isfinite(values) & (np.abs(values) < 2**53)) | (values != np.rint(values))
    if bad.any():
        at = int(bad.argmax())
        raise DataError(
            f"{path}: Expected whole numbers as labels. Received {values[at]:g} for row {at + 1:,}."
        )
    return values.astype(np.int64)


def _one_of_each(path: Path, found: list[Any]) -> Labels:
    width = len(found[0])
    budget.require_room(str(path), 8 * len(found) * width, "labels")
    if not width or any(len(row) != width or not all(value in (0, 1) for value in row) for row in found):
        raise DataError(f"{path}: Expected rows of {width or 'some'} zeros and ones. Received other rows.")
    return _places(path, np.array(found, np.uint8))


def _places(path: Path, flags: NDArray[np.uint8]) -> Labels:
    sums = flags.sum(axis=1, dtype=np.int64)
    if (sums != 1).any():
        at = int((sums != 1).argmax())
        raise DataError(
            f"{path}: Expected one 1 in each row of {flags.shape[1]:,}. "
            f"Received {sums[at]:,} in row {at + 1:,}."
        )
    places: Labels = flags.argmax(axis=1).astype(np.int64)
    return places


def _of_bytes(path: Path, rows: int) -> tuple[Labels, str]:
    """A byte for each row; or as many bytes for each as there are classes, one of them 1; or whole numbers of
    four or eight bytes."""
    with opened(path, "labels") as file:
        data = bytes(file.read(MOST_BYTES + 1))
    if len(data) > MOST_BYTES:
        raise DataError(f"{path}: Expected at most {MOST_BYTES:,} bytes of labels. Received more.")
    values = np.frombuffer(data, np.uint8)
    if len(values) == rows:
        return values.astype(np.int64), "a byte each"
    each, rest = divmod(len(values), rows)
    if not rest and 2 <= each <= MOST_CLASSES:
        flags = values.reshape(rows, each)
        if flags.max() <= 1 and (flags.sum(axis=1, dtype=np.int64) == 1).all():
            return _places(path, flags), f"{each:,} bytes each, one of them 1"
        if each in (4, 8):
            numbers = np.frombuffer(data, f"<i{each}")
            if numbers.min() >= 0 and numbers.max() < MOST_CLASSES:
                return numbers.astype(np.int64), f"whole numbers of {each} bytes, the lowest first"
        raise DataError(
            f"{path}: Expected a byte for each of {rows:,} rows, or {each:,} bytes of which one is 1. "
            "Received other bytes."
        )
    _require_count(path, len(values), rows)
    raise AssertionError("counts that are equal were read above")


def _require_count(path: Path, count: int, rows: int) -> None:
    if count != rows:
        what = "labels" if path.suffix.lower() == ".json" else "bytes"
        raise DataError(
            f"{path}: Expected {rows:,} labels, one for each row of the sheets. Received {count:,} {what}; "
            "take sheets and labels of the same set."
        )
