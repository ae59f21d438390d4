"""A view of something that goes step by step: a picture, a slider over the steps, and a button that plays."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.lenses.painters.sequences.sheet import PaintedSheet
from app.lenses.painters.sequences.sheet_canvas import SheetCanvas
from app.lenses.timeline import Timeline
from app.widgets.buttons import IconButton
from app.widgets.text import mono_label

_WHOLE_MS = 3000
"""How long all steps take to play."""


class StepsView(QWidget):
    """Subclasses say what is painted of a step, and what the step is called."""

    pointed = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.canvas = SheetCanvas()
        self.timeline = Timeline(name)
        self.play = IconButton("play", "Play the steps")
        self.words = mono_label("")
        self._count = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._advance)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.play)
        row.addWidget(self.timeline, 1)
        row.addWidget(self.words)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(4)
        self.column.addWidget(self.canvas)
        self.column.addLayout(row)
        self.column.addStretch(1)
        self.play.clicked.connect(self._toggle)
        self.timeline.valueChanged.connect(lambda _value: self.show_step())
        self.canvas.pointed.connect(self.pointed)

    @abstractmethod
    def sheet_at(self, place: int) -> PaintedSheet:
        """What is painted at this place of the slider."""

    @abstractmethod
    def moment(self, place: int) -> str:
        """Which step that is, in words."""

    @property
    def is_playing(self) -> bool:
        return self._timer.isActive()

    @property
    def place(self) -> int:
        """Where the slider is."""
        return min(self.timeline.value(), self._count - 1)

    def set_count(self, count: int, at: int = -1) -> None:
        """So many steps can be shown; a person who is elsewhere among as many stays there, others go to `at`
        (−1: the last one).
        """
        at_end = not self._count or self.timeline.value() == self.timeline.maximum()
        moved, self._count = self._count != count, count
        self.timeline.set_moments(count, live=False)
        if moved or (at_end and at < 0):
            self.timeline.setValue(count - 1 if at < 0 else at)
        self.show_step()

    def show_step(self) -> None:
        """Paint the step of the slider."""
        if self._count:
            self.words.setText(self.moment(self.place))
            self.canvas.show_sheet(self.sheet_at(self.place))

    def _toggle(self) -> None:
        if self.is_playing or not self._count:
            self._stop()
            return
        if self.timeline.value() == self.timeline.maximum():
            self.timeline.setValue(0)
        self.play.set_icon("pause")
        self._timer.start(max(33, _WHOLE_MS // self._count))

    def _advance(self) -> None:
        if self.timeline.value() >= self.timeline.maximum():
            self._stop()
            return
        step = max(1, self.timeline.maximum() * 33 // _WHOLE_MS)
        self.timeline.setValue(min(self.timeline.maximum(), self.timeline.value() + step))

    def _stop(self) -> None:
        self._timer.stop()
        self.play.set_icon("play")

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._stop()
