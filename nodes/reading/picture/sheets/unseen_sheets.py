"""The pictures of sheets for a trained network; labels beside them are not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nodes.reading.error import DataError
from nodes.reading.picture.pixels import reshape
from nodes.reading.picture.sheets.sheet_files import Sheet, candidates, sheet_of
from nodes.reading.picture.sheets.sheet_rows import RowRules, rows_of
from nodes.reading.progress import Meter
from nodes.reading.unseen.opening import features_of
from nodes.reading.unseen.rows import ExpectedData, UnseenBlock


def sheets_like(path: Path, rules: RowRules, expected: ExpectedData, *, any_size: bool) -> tuple[Sheet, ...]:
    """The sheets at a path whose rows are pictures as in training, of `any_size` where they are brought to
    one; none where it is a picture of another kind."""
    one = sheet_of(path) if path.is_file() else None
    found = candidates(path)[0] if path.is_dir() else [one] if one else []
    try:
        wanted = features_of(expected)
        sheets = [sheet for sheet in found if any_size or rules.sample(sheet)[1:] == wanted[1:]]
    except DataError:
        return ()
    return tuple(sheet for sheet in sheets if (sheet.rows, sheet.width) != wanted[1:])


class UnseenSheets:
    """Pictures `(rows, channels, height, width)` uint8, each by its sheet and row, counted from 1."""

    place = "row"
    notes: tuple[str, ...] = ()

    def __init__(self, sheets: tuple[Sheet, ...], rules: RowRules, expected: ExpectedData, fit: str) -> None:
        self._sheets, self._rules, self._fit = sheets, rules, fit
        channels, height, width = features_of(expected)
        self._shape = (channels, height, width)

    def blocks(self, size: int) -> Iterator[UnseenBlock]:
        meter = Meter(f"Reading {len(self._sheets):,} sheets", len(self._sheets))
        for place, sheet in enumerate(self._sheets):
            meter.to(place)
            rows, sample = rows_of(sheet.path), self._rules.sample(sheet)
            for start in range(0, len(rows), size):
                pictures = self._rules.pictures(rows[start : start + size], sample)
                shaped = reshape(np.ascontiguousarray(pictures), self._shape, self._fit)
                names = (f"{sheet.path.name} {i + 1}" for i in range(start, start + len(shaped)))
                yield UnseenBlock(tuple(names), shaped)
