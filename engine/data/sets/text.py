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
from engine.data.declaration import DataSetDeclaration, path_label, path_param
from nodes.param import Int
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


def _tokens(text: str, alphabet: tuple[str, ...]) -> Array:
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    known = np.array([ord(character) for character in alphabet], np.uint32)
    small = np.uint8 if len(alphabet) <= 256 else np.uint16 if len(alphabet) <= 65536 else np.uint32
    return np.searchsorted(known, points).astype(small)


class CharacterText(DataSetDeclaration):
    """What texts share: stretches of `context` characters."""

    kind = "text"

    context = Int(64, min=1, max=100_000, help="Characters of one sample.")
    stride = Int(
        0, zero="context", advanced=True, help="Characters from one sample to the next; 0: `context`."
    )

    def file(self) -> Path:
        """The file that is read. Raises `DataError` where none is chosen."""
        raise NotImplementedError(f"{self.title} does not name its file")

    def shown_title(self) -> str:
        return self.title

    def describe(self) -> DataInfo:
        return self._info(read(self.file()))

    def load(self, seed: int) -> DataSet:
        """The end of a text validates, whatever the seed."""
        del seed
        text = read(self.file())
        info = self._info(text)
        tokens = _tokens(text, info.classes)
        starts = self._starts(len(tokens))
        held = split.held_back(len(starts), self.validation)
        inside, outside = starts[: len(starts) - held], starts[len(starts) - held :]
        if held:
            # No character that validates is seen in training, not even as the last target of a window.
            inside = inside[inside + self.context <= outside[0]]
        train, held_back = (
            DataSplit(
                TokenRows(tokens, part, self.context),
                TokenRows(tokens, part, self.context, offset=1),
                places=part // (self.stride or self.context),
            )
            for part in (inside, outside)
        )
        return DataSet(info, train, held_back)

    def _info(self, text: str) -> DataInfo:
        alphabet = tuple(sorted(set(text)))
        if len(text) < 2 * self.context + 2:
            raise DataError(
                f"{self.file()}: Expected at least {2 * self.context + 2:,} characters for a context of "
                f"{self.context:,}. Received {len(text):,}; choose a shorter context or a longer text."
            )
        tokens = TensorSpec((N, self.context), "int64", classes=len(alphabet))
        return self.info(
            title=self.shown_title(),
            samples=len(self._starts(len(text))),
            input=tokens,
            target=tokens,
            classes=alphabet,
            division="end",
        )

    def _starts(self, length: int) -> NDArray[np.int64]:
        starts = np.arange(0, length - self.context, self.stride or self.context, dtype=np.int64)
        return starts[: self.samples or None]


class MobyDick(CharacterText):
    """Moby-Dick."""

    name = "moby-dick"
    title = "Moby-Dick"
    licence = "public domain"
    description = "The novel by Herman Melville, 1851, as characters: predict each from those before it."
    place = 60

    def file(self) -> Path:
        return resources.DATA / "moby-dick" / "moby-dick.txt.gz"

    def card_label(self) -> str:
        return "1.2 M characters"


class TextFile(CharacterText):
    """Text file."""

    name = "text-file"
    title = "Text file"
    licence = "yours"
    description = "A UTF-8 text as characters; predict each from those before it."
    place = 75

    path = path_param()

    def file(self) -> Path:
        if not self.path:
            raise DataError("path: Expected a text file. Received nothing; choose a file.")
        return Path(self.path)

    def shown_title(self) -> str:
        return self.file().name

    def card_label(self) -> str:
        return path_label(self.path)
