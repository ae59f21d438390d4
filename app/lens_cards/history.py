"""The last frames of one card, as many as a bounded memory holds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from engine.messages.events import LensFrame

MOST_FRAMES, MOST_BYTES = 120, 12 << 20


class CardHistory:
    """The oldest go first. A frame of a step that is there already takes its place."""

    def __init__(self) -> None:
        self._frames: deque[LensFrame] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[LensFrame]:
        return iter(tuple(self._frames))

    def add(self, frame: LensFrame) -> None:
        """The newest frame; one of an earlier step than the last one begins anew: another run."""
        if self._frames and frame.step < self._frames[-1].step:
            self.clear()
        if self._frames and frame.step == self._frames[-1].step:
            self._bytes -= _size(self._frames.pop())
        self._frames.append(frame)
        self._bytes += _size(frame)
        while len(self._frames) > MOST_FRAMES or (self._bytes > MOST_BYTES and len(self._frames) > 1):
            self._bytes -= _size(self._frames.popleft())

    def clear(self) -> None:
        self._frames.clear()
        self._bytes = 0


def _size(frame: LensFrame) -> int:
    return sum(array.nbytes for array in frame.arrays.values())
