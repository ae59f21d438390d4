"""Texts as characters: each sample is a stretch of the text, its target the same stretch one character on.

The alphabet is every character of the text, in code-point order. The end of the text validates.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import resources
from engine.data import split
from engine.data.dataset import Array, DataError, DataInfo, DataSet, DataSplit, WindowRows
from nodes.data.source import CATALOGUE, DataSource
from nodes.spec import N, TensorSpec

LARGEST = 1 << 30
"""Bytes of the largest text that is read."""


@dataclass(frozen=True)
class TokenRows(WindowRows):
    """Windows of a text that is stored compactly; rows are int64, as embeddings want them."""

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.int64)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        return super().fetch(indices).astype(np.int64)


def read(path: Path) -> str:
    """A UTF-8 text, packed with gzip where the name ends so. Raises `DataError`."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, EOFError) as error:
        raise DataError(f"{path}: Expected a text file. Received: {error}.") from error
    if len(raw) > LARGEST:
        raise DataError(f"{path}: Expected a text of at most {LARGEST:,} bytes. Received a longer one.")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}, line {line}: Expected UTF-8 text. Received the byte {raw[error.start]:#04x}; "
            "save the file as UTF-8."
        ) from error


def path_of(source: DataSource) -> Path:
    """The file behind a text source. Raises `DataError` where none is chosen."""
    if source.dataset == "moby-dick":
        return resources.DATA / "moby-dick" / "moby-dick.txt.gz"
    if not source.path:
        raise DataError("path: Expected a text file. Received nothing; choose a file.")
    return Path(source.path)


def describe(source: DataSource) -> DataInfo:
    return _info(source, read(path_of(source)))


def load(source: DataSource, seed: int) -> DataSet:
    """The end of a text validates, whatever the seed."""
    del seed
    text = read(path_of(source))
    info = _info(source, text)
    tokens = _tokens(text, info.classes)
    starts = _starts(source, len(tokens))
    held = split.held_back(len(starts), source.validation)
    inside, outside = starts[: len(starts) - held], starts[len(starts) - held :]
    if held:
        # No character that validates is seen in training, not even as the last target of a window.
        inside = inside[inside + source.context <= outside[0]]
    train, held_back = (
        DataSplit(
            TokenRows(tokens, part, source.context),
            TokenRows(tokens, part, source.context, offset=1),
            places=part // (source.stride or source.context),
        )
        for part in (inside, outside)
    )
    return DataSet(info, train, held_back)


def _info(source: DataSource, text: str) -> DataInfo:
    entry, alphabet = CATALOGUE[source.dataset], tuple(sorted(set(text)))
    if len(text) < 2 * source.context + 2:
        raise DataError(
            f"{path_of(source)}: Expected at least {2 * source.context + 2:,} characters for a context of "
            f"{source.context:,}. Received {len(text):,}; choose a shorter context or a longer text."
        )
    tokens = TensorSpec((N, source.context), "int64", classes=len(alphabet))
    return DataInfo(
        name=source.dataset,
        title=entry["title"] if source.dataset == "moby-dick" else path_of(source).name,
        kind="text",
        samples=len(_starts(source, len(text))),
        input=tokens,
        target=tokens,
        classes=alphabet,
        licence=entry["licence"],
        description=entry["description"],
        division="end",
    )


def _starts(source: DataSource, length: int) -> NDArray[np.int64]:
    starts = np.arange(0, length - source.context, source.stride or source.context, dtype=np.int64)
    return starts[: source.samples or None]


def _tokens(text: str, alphabet: tuple[str, ...]) -> Array:
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    known = np.array([ord(character) for character in alphabet], np.uint32)
    small = np.uint8 if len(alphabet) <= 256 else np.uint16 if len(alphabet) <= 65536 else np.uint32
    return np.searchsorted(known, points).astype(small)
