"""Stretches of a text for a trained network, by the characters that it knows; and windows of a series."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading import csv_table, text
from nodes.reading.error import DataError
from nodes.reading.progress import Meter
from nodes.reading.texts.vocabulary import UNKNOWN, Vocabulary
from nodes.reading.unseen.rows import ColumnsRead, UnseenBlock
from nodes.reading.unseen.table_rows import TableRows
from nodes.shown_text import quoted


class UnseenText:
    """Stretches of `context` characters, `(rows, context)` int64, one every `stride` characters."""

    place = "characters"

    def __init__(self, path: Path, alphabet: tuple[str, ...], context: int, stride: int) -> None:
        """Reads the text. Raises `DataError` where it is shorter than one stretch."""
        self._path, self._alphabet = path, alphabet
        self._context, self._stride = context, stride
        self._text = text.read(path)
        if len(self._text) < context:
            raise DataError(
                f"{path}: Expected at least {context:,} characters, those of one sample. "
                f"Received {len(self._text):,}."
            )
        rest = (len(self._text) - context) % stride
        self.notes = (
            (f"the last {rest:,} characters are not used: they make no whole sample",) if rest else ()
        )

    def blocks(self, size: int) -> Iterator[UnseenBlock]:
        starts = np.arange(0, len(self._text) - self._context + 1, self._stride)
        meter = Meter(f"Reading {self._path.name}", len(starts))
        for first in range(0, len(starts), size):
            meter.to(first)
            yield self._read(starts[first : first + size])

    def _read(self, starts: NDArray[np.int64]) -> UnseenBlock:
        begin, end = int(starts[0]), int(starts[-1]) + self._context
        known = np.array([ord(character) for character in self._alphabet], np.uint32)
        points = np.frombuffer(self._text[begin:end].encode("utf-32-le"), np.uint32)
        codes = np.minimum(np.searchsorted(known, points), len(known) - 1).astype(np.int64)
        is_known = known[codes] == points
        windows = (starts - begin)[:, None] + np.arange(self._context)
        good = is_known[windows].all(axis=1)
        skipped = []
        for start in starts[~good]:
            stretch = is_known[start - begin :][: self._context]
            other = self._text[int(start) + int(np.argmin(stretch))]
            skipped.append(
                f"characters {self._at(int(start))}: expected those of the training data, "
                f"received {quoted(other)}"
            )
        return UnseenBlock(
            tuple(self._at(int(start)) for start in starts[good]), codes[windows[good]], tuple(skipped)
        )

    def _at(self, start: int) -> str:
        return f"{start + 1}-{start + self._context}"


class UnseenTokens:
    """Stretches of `context` tokens of a vocabulary, `(rows, context)` int64, one every `stride` tokens."""

    place = "tokens"

    def __init__(self, path: Path, vocabulary: Vocabulary, context: int, stride: int) -> None:
        """Reads the text. Raises `DataError` where it is shorter than one stretch."""
        self._path, self._context, self._stride = path, context, stride
        (numbers,) = vocabulary.encode([text.read(path)])
        self._tokens = np.array(numbers, np.int64)
        if len(self._tokens) < context:
            raise DataError(
                f"{path}: Expected at least {context:,} tokens, those of one sample. "
                f"Received {len(self._tokens):,}."
            )
        unknown = int((self._tokens == UNKNOWN).sum())
        rest = (len(self._tokens) - context) % stride
        self.notes = tuple(
            note
            for count, note in (
                (rest, f"the last {rest:,} tokens are not used: they make no whole sample"),
                (unknown, f"{unknown:,} of {len(self._tokens):,} tokens are none of the training data"),
            )
            if count
        )

    def blocks(self, size: int) -> Iterator[UnseenBlock]:
        starts = np.arange(0, len(self._tokens) - self._context + 1, self._stride)
        meter = Meter(f"Reading {self._path.name}", len(starts))
        for first in range(0, len(starts), size):
            meter.to(first)
            some = starts[first : first + size]
            places = tuple(f"{start + 1}-{start + self._context}" for start in some)
            yield UnseenBlock(places, self._tokens[some[:, None] + np.arange(self._context)])


class UnseenSeries:
    """Windows of the rows of a table in the order of time, `(rows, window, columns)` float32.

    The last window ends with the last row: what follows it is not known yet. Its place is its last line.
    """

    place = "line"

    def __init__(self, path: Path, columns: ColumnsRead, window: int) -> None:
        """Reads the first line. Raises `DataError`."""
        self._path, self._window = path, window
        self._table = TableRows(csv_table.outline(path), columns)
        self.notes = self._table.notes

    def blocks(self, size: int) -> Iterator[UnseenBlock]:
        held: NDArray[np.generic] | None = None
        lines: tuple[str, ...] = ()
        count = 0
        for block in self._table.blocks(max(size, self._window)):
            if block.skipped:
                raise DataError(
                    f"{self._path}: Expected a value at every time. Received {block.skipped[0]}; "
                    "fill the gap."
                )
            held = block.inputs if held is None else np.concatenate([held, block.inputs])
            lines = (*lines, *block.places)
            while len(held) >= self._window:
                starts = np.arange(min(size, len(held) - self._window + 1))
                rows = held[starts[:, None] + np.arange(self._window)]
                count += len(rows)
                yield UnseenBlock(tuple(lines[i + self._window - 1] for i in starts), rows)
                held, lines = held[len(starts) :], lines[len(starts) :]
        if not count:
            raise DataError(
                f"{self._path}: Expected at least {self._window:,} rows, those of one window. "
                f"Received {0 if held is None else len(held):,}."
            )
