"""The samples that lenses look at, as values: held-back ones by number, and those that a person made.

They travel to a run in another process as they are.
"""

from __future__ import annotations

import msgspec


class HeldSample(msgspec.Struct, frozen=True, tag_field="sample", tag="held"):
    """The held-back sample at this place, from 0; one of training where none is, or it is said."""

    index: int = 0
    training: bool = False

    @property
    def words(self) -> str:
        return f"{'training ' if self.training else ''}sample {self.index}"


class GivenSample(msgspec.Struct, frozen=True, tag_field="sample", tag="given"):
    """A sample that somebody drew, typed or dropped. It has no target.

    `data` are the bytes of one row as data sets store it (uint8 pixels, int64 tokens, float columns in the
    unit of the data), `shape` its sizes without the batch. `words` tell people where it is from.
    """

    dtype: str
    shape: tuple[int, ...]
    data: bytes
    words: str = "given"


Pinned = HeldSample | GivenSample
