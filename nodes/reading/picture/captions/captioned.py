"""Pictures and their captions, from whatever format they are in."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nodes.reading.look import Fact
from nodes.reading.picture.folder_layout import Listing
from nodes.shown_text import shown


@dataclass
class Captions:
    """The captions as they are found: the path of the picture, the text, and the word for its part."""

    where: str
    pictures: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    split_name: str = ""
    zeros: int = 0
    empty: int = 0
    first_empty: str = ""

    def add(self, picture: str, text: str, place: str, word: str | None = None) -> None:
        """Add a caption; one without any text is counted."""
        bare = text.strip()
        if not bare:
            self.empty += 1
            self.first_empty = self.first_empty or place
            return
        self.zeros += "\0" in bare
        self.pictures.append(picture)
        self.texts.append(bare)
        if word is not None:
            self.words.append(word)

    def every_note(self) -> tuple[str, ...]:
        """What was left out, in sentences with true counts."""
        found = list(self.notes)
        if self.empty:
            what = "caption is" if self.empty == 1 else "captions are"
            place = shown(self.first_empty, 80)
            found.append(f"{shown(self.where, 60)}: {self.empty:,} {what} left out, having no text: {place}")
        if self.zeros:
            what = "caption has" if self.zeros == 1 else "captions have"
            found.append(
                f"{shown(self.where, 60)}: {self.zeros:,} {what} zero characters: the file is "
                "damaged, or no text"
            )
        return tuple(found)


@dataclass(frozen=True, eq=False)
class CaptionSet:
    """Pictures, each once, in `listing`; and captions, of which `owners` says whose they are: places of
    pictures. `words` say the part of each caption, where a column does; `parts` that of each, by folders."""

    listing: Listing
    texts: tuple[str, ...]
    owners: NDArray[np.int64]
    words: NDArray[np.str_] | None = None
    words_name: str = ""
    parts: NDArray[np.int64] | None = None
    facts: tuple[Fact, ...] = ()
    text_columns: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)
