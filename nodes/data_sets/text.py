"""Texts as characters: each sample is a stretch of the text, its target the same stretch one character on.

The alphabet is every character of the text, in code-point order. The end of the text validates.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import resources
from nodes.data_sets.declaration import DataSetDeclaration, path_label, path_param
from nodes.param import Int
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import DataInfo, DataSet
    from nodes.reading.look import Recognised
    from nodes.reading.text import TextOutline
    from nodes.reading.unseen.rows import ExpectedData, UnseenRows


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
        from nodes.reading import text

        return self._info(text.outline(self.file()))

    def load(self, seed: int) -> DataSet:
        """The end of a text validates, whatever the seed."""
        from nodes.reading import budget, split, text
        from nodes.reading.dataset import DataSet, DataSplit
        from nodes.reading.text import TokenRows

        del seed
        info = self._info(text.outline(self.file()))
        budget.require_room(str(self.file()), 3 * 8 * info.samples, f"{info.samples:,} stretches")
        stored = text.tokens(text.read(self.file()), info.classes)
        starts = self._starts(len(stored))
        held = split.held_back(len(starts), self.validation)
        inside, outside = starts[: len(starts) - held], starts[len(starts) - held :]
        if held:
            # No character that validates is seen in training, not even as the last target of a window.
            inside = inside[inside + self.context <= outside[0]]
        train, held_back = (
            DataSplit(
                TokenRows(stored, part, self.context),
                TokenRows(stored, part, self.context, offset=1),
                places=part // (self.stride or self.context),
            )
            for part in (inside, outside)
        )
        return DataSet(info, train, held_back)

    def unseen(self, path: Path, expected: ExpectedData) -> UnseenRows:
        from nodes.reading.unseen.text_rows import UnseenText

        return UnseenText(path, expected.info.classes, self.context, self.stride or self.context)

    def _info(self, outline: TextOutline) -> DataInfo:
        if outline.length < 2 * self.context + 2:
            raise DataError(
                f"{self.file()}: Expected at least {2 * self.context + 2:,} characters for a context of "
                f"{self.context:,}. Received {outline.length:,}; choose a shorter context or a longer text."
            )
        tokens = TensorSpec((N, self.context), "int64", classes=len(outline.alphabet))
        return self.info(
            title=self.shown_title(),
            samples=self._count(outline.length),
            input=tokens,
            target=tokens,
            classes=outline.alphabet,
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
    description = "A UTF-8 text as characters; predict each from those before it."
    place = 75

    path = path_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.look import by_ending

        return by_ending(path, (".txt",))

    def file(self) -> Path:
        if not self.path:
            raise DataError("path: Expected a text file. Received nothing; choose a file.")
        return Path(self.path)

    def shown_title(self) -> str:
        return self.file().name

    def card_label(self) -> str:
        return path_label(self.path)
