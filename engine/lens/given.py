"""Samples that a person gives: drawn, typed, placed or in a file, read as the data set of the drawing is.

What comes of it is one row as the data set stores it, so that a run and a preview take it alike.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from engine.data import catalogue
from engine.data.kept_data import kept_data
from engine.data.pairs import load_paired
from engine.document.project import Project
from engine.expand import expand
from engine.messages.pinned import GivenSample, HeldSample, Pinned
from nodes.data.source import DataSource
from nodes.reading.dataset import Array, DataInfo
from nodes.reading.error import DataError
from nodes.shown_text import LINE, quoted, shown
from nodes.spec import TensorSpec

DRAWN, PLACED, TYPED = "drawn by hand", "placed by hand", "typed"


class SampleReader:
    """Reads samples for the first data node of a project. Raises `DataError` where its data are not there."""

    def __init__(self, project: Project) -> None:
        nodes = expand(project).nodes
        sources = {path: node.layer for path, node in nodes.items() if isinstance(node.layer, DataSource)}
        if not sources:
            raise DataError("Add a data set first. Expected one that a sample can stand for. Received none.")
        self.path, self.source = next(iter(sources.items()))
        self.data = load_paired(sources, project.settings.seed)[self.path]

    @property
    def info(self) -> DataInfo:
        return self.data.info

    def row(self, sample: Pinned) -> Array:
        """The input of a sample as it is stored, (1, ...)."""
        if isinstance(sample, GivenSample):
            return stored(sample)
        split = self.data.train if sample.training or not len(self.data.validation) else self.data.validation
        return split.input.fetch(np.array([sample.index % len(split)], np.int64))

    def of_file(self, path: Path) -> GivenSample:
        """The first sample of a file or folder, read as the data set reads its own. Raises `DataError`."""
        return self._read(path, path.name)

    def of_text(self, text: str) -> GivenSample:
        """A text as the data set reads its own. Raises `DataError` where it is not known.

        Of a set of stretches of one long text, a text that is shorter than a stretch stands behind the end of
        the first held-back one; of a longer text it is the end.
        """
        if self.info.kind == "text":
            return self._continued(text)
        with TemporaryDirectory(prefix="layerloom-") as folder:
            path = Path(folder, "typed.txt")
            path.write_text(text, encoding="utf-8")
            try:
                return self._read(path, TYPED)
            except DataError as error:
                raise DataError(str(error).replace(str(path), TYPED.capitalize())) from error

    def _continued(self, text: str) -> GivenSample:
        before, typed = self.row(HeldSample())[0], self._tokens(text)
        row = np.concatenate((before, typed.astype(before.dtype)))[-len(before) :]
        whole = len(typed) >= len(before)
        return given(row, TYPED if whole else f"{TYPED}, after the end of {HeldSample().words}")

    def _tokens(self, text: str) -> Array:
        """The numbers of the tokens, or of the characters, of a text. Raises `DataError` for unknown ones."""
        if self.info.vocabulary is not None:
            (numbers,) = self.info.vocabulary.encode([text])
            return np.array(numbers, np.int64)
        known = {character: number for number, character in enumerate(self.info.classes)}
        unknown = next((one for one in text if one not in known), "")
        if unknown:
            raise DataError(
                f"{TYPED.capitalize()}: Expected characters of the training data. Received {quoted(unknown)}."
            )
        return np.array([known[one] for one in text], np.int64)

    def _read(self, path: Path, words: str) -> GivenSample:
        expected = kept_data(self.source, self.data).expected
        rows = catalogue.unseen(self.source, path, expected)
        skipped: list[str] = []
        for block in catalogue.told_apart(self.source, rows.blocks(1)):
            if len(block.inputs):
                return given(block.inputs[0], words)
            skipped += block.skipped
        why = f" {skipped[0]}." if skipped else ""
        raise DataError(f"{words}: Expected a sample {self.info.input}. Received none that can be used.{why}")


def stored(sample: GivenSample) -> Array:
    """The row of a given sample, (1, ...)."""
    return np.frombuffer(sample.data, sample.dtype).reshape(1, *sample.shape)


def given(row: Array, words: str) -> GivenSample:
    """One row as a data set stores it, without the batch, as a sample."""
    held = np.ascontiguousarray(row)
    return GivenSample(held.dtype.str, held.shape, held.tobytes(), shown(words, LINE))


def drawn(strokes: Array, spec: TensorSpec) -> GivenSample:
    """Grey values (height, width) in [0, 255] as a picture of the data: every channel has them."""
    channels = spec.features[0]
    assert isinstance(channels, int)
    return given(np.repeat(np.asarray(strokes, np.uint8)[None], channels, 0), DRAWN)


def placed(point: tuple[float, ...]) -> GivenSample:
    """A point of the plane, in the unit of the data."""
    return given(np.array(point, np.float32), PLACED)
