"""Writes predictions: a table as CSV, and beside it a folder of PNG files (or arrays) for what is no cell.

The table is in its place once it is whole; what was written of one that was called off is taken away.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.predict.cells import Cells, is_beside, palette
from engine.predict.predictions import PredictedBlock, Predictions
from engine.predict.results import CLASS_MAP, PredictedValue
from nodes.regular_file import is_regular
from nodes.user_error import UserError

MOST_NAMED = 1000
"""Rows that could not be read and are named; the others are counted."""


class PlaceError(UserError, ValueError):
    """Predictions cannot be written there. The message is the sentence."""


@dataclass
class Written:
    """What was written: rows, rows that could not be read (the first of them by name), files beside."""

    rows: int = 0
    skipped: int = 0
    named: list[str] = field(default_factory=list)
    files: int = 0
    folder: Path | None = None


def write(predictions: Predictions, out: Path, told: Callable[[int], object] = lambda _rows: None) -> Written:
    """Predict and write it all; whatever ends it early leaves no file. `told` gets the rows so far.

    Raises `PlaceError`, `DataError`, OSError.
    """
    require_place(predictions, out)
    found = Written()
    beside = _Beside(out, predictions)
    part = out.with_name(f".{out.name[:100]}.{os.getpid()}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(predictions.headings)
            for block in predictions.blocks():
                table.writerows(beside.cells_of(block, found.rows))
                found.rows += len(block.places)
                found.skipped += len(block.skipped)
                told(found.rows)
                found.named += block.skipped[: MOST_NAMED - len(found.named)]
        part.replace(out)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        beside.remove()
        raise
    found.files, found.folder = beside.count, beside.folder if beside.count else None
    return found


def require_place(predictions: Predictions, out: Path) -> None:
    """Raise `PlaceError` where the table would take the place of data, or pictures would mix with others."""
    data = predictions.network.source.values.get("path")
    for path in (predictions.path, *([Path(str(data))] if data else [])):
        if _is_same(out, path) or (path.is_dir() and _is_same(out.parent, path)):
            raise PlaceError(f"{out}: Expected a place that holds no data. Received that of the data.")
    if os.path.lexists(out) and not is_regular(out):
        raise PlaceError(f"{out}: Expected a new file, or a plain one to replace. Received none such.")
    if not out.parent.is_dir():
        raise PlaceError(f"{out}: Expected a folder that exists. Received {out.parent}, which does not.")
    folder = folder_beside(out)
    if any(map(is_beside, predictions.results)) and os.path.lexists(folder):
        raise PlaceError(
            f"{folder}: Expected no such folder yet: pictures are written into it. Received one; "
            "remove it or choose another name."
        )


def folder_beside(out: Path) -> Path:
    """The folder for what is no cell of the table: `NAME.files` beside `NAME.csv`."""
    return out.with_suffix(".files")


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


class _Beside:
    """The files of the rows, made as they come."""

    def __init__(self, out: Path, predictions: Predictions) -> None:
        self.folder, self.count = folder_beside(out), 0
        self._results = predictions.results
        self._made: list[Path] = []

    def cells_of(self, block: PredictedBlock, before: int) -> list[tuple[str, ...]]:
        """The rows of the table, with the names of files where a result has some."""
        columns: list[tuple[str, ...]] = [block.places]
        for place, (result, one) in enumerate(zip(self._results, block.results, strict=False)):
            if is_beside(result):
                columns.append(self._save(result, one, place, before))
            else:
                columns += one.columns
        return list(zip(*columns, strict=True)) if block.places else []

    def _save(self, result: PredictedValue, one: Cells, place: int, before: int) -> tuple[str, ...]:
        if not self.count:
            self.folder.mkdir()
        names = []
        many = f"-{place + 1}" if len(self._results) > 1 else ""
        values = one.pictures if one.pictures is not None else one.arrays
        assert values is not None
        for row, value in enumerate(values, before + 1):
            path = self.folder / f"row-{row:06d}{many}{'.npy' if one.pictures is None else '.png'}"
            self.count += 1
            if one.pictures is None:
                np.save(path, value, allow_pickle=False)
            else:
                path.write_bytes(png(result, value))
            names.append(f"{self.folder.name}/{path.name}")
        return tuple(names)

    def remove(self) -> None:
        """Take away what was written."""
        if self.count:
            for path in self.folder.iterdir():
                path.unlink(missing_ok=True)
            with suppress(OSError):
                self.folder.rmdir()


def png(result: PredictedValue, value: np.ndarray) -> bytes:
    """A picture `(channels, height, width)` as PNG; one of classes has a colour for each class."""
    import io

    from PIL import Image

    buffer = io.BytesIO()
    picture = Image.fromarray(
        value[0] if len(value) == 1 else np.ascontiguousarray(np.moveaxis(value, 0, -1))
    )
    if result.kind == CLASS_MAP:
        picture = picture.convert("L")
        picture.putpalette(bytes(palette().ravel()))
    picture.save(buffer, "PNG")
    return buffer.getvalue()
