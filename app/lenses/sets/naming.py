"""How classes, tokens and columns of the data are called where they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.lenses.prediction import visible
from app.lenses.samples import CATEGORIES
from nodes.reading.dataset import DataInfo
from nodes.reading.texts.vocabulary import Vocabulary
from nodes.shown_text import shown

GREY = "#8c96a5"


@dataclass(frozen=True)
class Names:
    """Names of `count` classes; of classes that are tokens their words."""

    count: int
    info: DataInfo | None

    def __call__(self, place: int) -> str:
        if place < 0:
            return "uncounted"
        if self.info is not None and len(self.info.classes) == self.count:
            return visible(shown(self.info.classes[place]))
        words = self._vocabulary
        if words is not None and place < len(words.shown) and self.count >= len(words):
            return visible(shown(words.shown[place])) or "␣"
        return str(place)

    @property
    def _vocabulary(self) -> Vocabulary | None:
        if self.info is None:
            return None
        return self.info.target_vocabulary or self.info.vocabulary

    def words(self, numbers: Iterable[int]) -> list[str]:
        """A word for each class of a text."""
        return [self(number) for number in numbers]


def text_of(numbers: Iterable[int], info: DataInfo | None) -> str:
    """Tokens of a sample as a text."""
    numbers = [number for number in numbers if number >= 0]
    if info is not None and info.vocabulary is not None:
        return " ".join(info.vocabulary.text(numbers).split())
    classes = info.classes if info is not None else ()
    if info is not None and info.kind == "text" and classes:
        return "".join(visible(classes[number]) if number < len(classes) else "?" for number in numbers)
    return " ".join(map(str, numbers))


def colour_of(place: int, kept: int = len(CATEGORIES)) -> str:
    """The colour of a class; grey beyond the tenth."""
    return CATEGORIES[place] if 0 <= place < min(kept, len(CATEGORIES)) else GREY
