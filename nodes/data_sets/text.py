"""One long text: each sample is a stretch of it, its target the same stretch one token on.

Cut into characters, the alphabet is every character of the text, in code-point order; of words and byte pairs
the vocabulary is that of the part that trains. The end of the text validates.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import resources
from nodes.data_sets.declaration import DataSetDeclaration, path_label, path_param
from nodes.data_sets.texts import require_room_for_bytes, text_encoding_param, tokens_param, vocabulary_param
from nodes.param import Int
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import Array, DataInfo, DataSet, DataSplit
    from nodes.reading.look import DataLook, Recognised
    from nodes.reading.texts.stretches import CutText
    from nodes.reading.unseen.rows import ExpectedData, UnseenRows


class CharacterText(DataSetDeclaration):
    """What long texts share: stretches of `context` tokens."""

    kind = "text"

    context = Int(64, min=1, max=100_000, help="Characters, or tokens, of one sample.")
    stride = Int(0, zero="context", advanced=True, help="Tokens from one sample to the next; 0: `context`.")
    tokens = tokens_param()
    vocabulary_size = vocabulary_param()

    def file(self) -> Path:
        """The file that is read. Raises `DataError` where none is chosen."""
        raise NotImplementedError(f"{self.title} does not name its file")

    def wanted_encoding(self) -> str:
        """The encoding of the file; "auto": found by looking."""
        return "auto"

    def shown_title(self) -> str:
        return self.title

    @property
    def cuts_characters(self) -> bool:
        return self.tokens in ("auto", "character")

    def describe(self) -> DataInfo:
        from nodes.reading import text

        if self.cuts_characters:
            outline = text.outline(self.file(), self.wanted_encoding())
            return self._info(outline.alphabet, self._count(outline.length), outline.length, "characters")
        cut = self._cut()
        count = sum(len(starts) for starts in self._starts_of(cut))
        shorter = min(len(part) for part in (cut.train, cut.validation) if len(part) or part is cut.train)
        info = self._info(cut.vocabulary.shown, count, 2 * shorter, "tokens")
        return replace(info, vocabulary=cut.vocabulary)

    def load(self, seed: int) -> DataSet:
        """The end of a text validates, whatever the seed."""
        from nodes.reading import budget
        from nodes.reading.dataset import DataSet
        from nodes.reading.texts.encoding import encoding_of
        from nodes.reading.texts.stretches import characters_of

        del seed
        info = self.describe()
        notes = encoding_of(self.file(), self.wanted_encoding()).notes
        budget.require_room(
            str(self.file()), 3 * 8 * info.samples, f"{info.samples:,} stretches", "choose a larger stride"
        )
        if not self.cuts_characters:
            cut = self._cut()
            train, held = self._starts_of(cut)
            parts = self._part(cut.train, train), self._part(cut.validation, held)
            return DataSet(info, *parts, notes=(*notes, *cut.notes))
        stored, told = characters_of(self.file(), self.wanted_encoding(), info.classes)
        inside, outside = self._divided_starts(len(stored))
        return DataSet(info, self._part(stored, inside), self._part(stored, outside), notes=(*notes, *told))

    def _divided_starts(self, length: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where stretches of a text of so many characters begin that train, and those that validate."""
        from nodes.reading import split

        starts = self._starts(length)
        held = split.held_back(len(starts), self.validation)
        inside, outside = starts[: len(starts) - held], starts[len(starts) - held :]
        if held:
            # No character that validates is seen in training, not even as the last target of a window.
            inside = inside[inside + self.context <= outside[0]]
        return inside, outside

    def _starts_of(self, cut: CutText) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where stretches of tokens begin that train, and those that validate; at most `samples` in all."""
        from nodes.reading import split

        train, held = (self._starts(len(part)) for part in (cut.train, cut.validation))
        first, second = split.first(len(train), len(held), self.samples)
        return train[:first], held[:second]

    def _part(self, stored: Array, starts: NDArray[np.int64]) -> DataSplit:
        from nodes.reading.dataset import DataSplit
        from nodes.reading.text import TokenRows

        return DataSplit(
            TokenRows(stored, starts, self.context),
            TokenRows(stored, starts, self.context, offset=1),
            places=starts // (self.stride or self.context) if self.cuts_characters else None,
        )

    def _cut(self) -> CutText:
        """The text as words or byte pairs. Raises `DataError`."""
        from nodes.reading.texts.stretches import cut_text
        from nodes.reading.texts.vocabulary import Cutting

        require_room_for_bytes(self.tokens, self.vocabulary_size)
        cutting = Cutting(self.tokens, spaced=True)
        return cut_text(self.file(), self.wanted_encoding(), cutting, self.vocabulary_size, self.validation)

    def unseen(self, path: Path, expected: ExpectedData) -> UnseenRows:
        from nodes.reading.unseen.text_rows import UnseenText, UnseenTokens

        stride = self.stride or self.context
        if expected.info.vocabulary is not None:
            return UnseenTokens(path, expected.info.vocabulary, self.context, stride)
        return UnseenText(path, expected.info.classes, self.context, stride)

    def look(self, seed: int) -> DataLook:
        from nodes.reading.texts.text_look import look_at_stretches

        return look_at_stretches(super().look(seed), self.file(), self.wanted_encoding(), self.values)

    def _info(self, alphabet: tuple[str, ...], samples: int, length: int, what: str) -> DataInfo:
        if length < 2 * self.context + 2:
            raise DataError(
                f"{self.file()}: Expected at least {2 * self.context + 2:,} {what} for a context of "
                f"{self.context:,}. Received {length:,}; choose a shorter context or a longer text."
            )
        tokens = TensorSpec((N, self.context), "int64", classes=len(alphabet))
        return self.info(
            title=self.shown_title(),
            samples=samples,
            input=tokens,
            target=tokens,
            classes=alphabet,
            division="end",
        )

    def _count(self, length: int) -> int:
        """How many stretches a text of so many characters has."""
        return len(range(0, length - self.context, self.stride or self.context)[: self.samples or None])

    def _starts(self, length: int) -> NDArray[np.int64]:
        import numpy as np

        return np.arange(self._count(length), dtype=np.int64) * min(self.stride or self.context, length)


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
    description = "A text as characters, words or byte pairs; predict each from those before it."
    place = 75

    path = path_param()
    text_encoding = text_encoding_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.texts.recognition import recognised_long_text

        return recognised_long_text(path)

    def file(self) -> Path:
        if not self.path:
            raise DataError("path: Expected a text file. Received nothing; choose a file.")
        return Path(self.path)

    def wanted_encoding(self) -> str:
        return self.text_encoding

    def shown_title(self) -> str:
        return self.file().name

    def card_label(self) -> str:
        return path_label(self.path)
