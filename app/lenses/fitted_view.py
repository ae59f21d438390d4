"""A painted view whose height follows its width, and what views remember of the frames they were shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtGui import QResizeEvent

from app.lenses.painter import Context, Draw, PaintedView, TextAt

T = TypeVar("T")
HeightFor = Callable[[int], int]


@dataclass(frozen=True, eq=False)
class KeptLook(Generic[T]):
    """What was seen after `step` training steps; `index` counts what was seen before it."""

    index: int
    step: int
    value: T


class FrameHistory(Generic[T]):
    """What a view was shown of one node in one run: at most `most` of it, spread over the whole time.

    The newest is always there. When there are too many, every other one of the rest goes, and from then on
    half as many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most, self._spacing, self._target = most, 1, ""
        self.kept: list[KeptLook[T]] = []
        self.seen = 0
        """How many there were in all."""

    def take(self, value: T, context: Context) -> list[KeptLook[T]]:
        """Remember this too and return what is kept, oldest first.

        Another node, or a step before the last one, begins anew; the same step again replaces the last.
        """
        last = self.kept[-1] if self.kept else None
        if last is not None and (context.target != self._target or context.step < last.step):
            self.kept, self.seen, self._spacing, last = [], 0, 1, None
        self._target = context.target
        if last is not None and last.step == context.step:
            self.kept[-1] = KeptLook(last.index, last.step, value)
            return self.kept
        regular = [each for each in self.kept if each.index % self._spacing == 0]
        while len(regular) >= self._most:
            self._spacing *= 2
            regular = [each for each in regular if each.index % self._spacing == 0]
        self.kept = [*regular, KeptLook(self.seen, context.step, value)]
        self.seen += 1
        return self.kept


class FittedView(PaintedView):
    """A view that is painted by one function and as high as its width asks for."""

    def __init__(self, height: int) -> None:
        super().__init__(height)
        self._height_for: HeightFor = lambda _width: height

    def show_fitted(
        self, shown: object, draw: Draw, height_for: HeightFor, text_at: TextAt = lambda _place, _area: ""
    ) -> None:
        """Paint this from now on, `height_for` its width; `text_at` reads a place."""
        self._height_for = height_for
        self.show_drawn(shown, draw, height_for(self.width()), text_at)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        height = self._height_for(self.width())
        if height != self._height or (height != self.height() and not self.fills):
            self._height = height
            self.fit_height()
