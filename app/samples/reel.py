"""A timeline with its play button and its words: the way through a run, or from noise to a sample.

Moves from moment to moment by itself while it plays; what a moment shows is for its owner.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.lenses.timeline import Timeline
from app.widgets.buttons import IconButton
from app.widgets.text import caption, mono_label

_WHOLE_MS, _FASTEST_MS, _SLOWEST_MS = 6000, 50, 250
_WORDS_WIDTH, _LEAST_FOR_WORDS = 176, 400
_BRIEF_WIDTH = 34


class Reel(QWidget):
    """`moved` tells the index of the moment to show, whoever chose it."""

    moved = Signal(int)

    def __init__(self, name: str, verb: str, *, compact: bool, loops: bool = False) -> None:
        super().__init__()
        self._verb, self.loops = verb, loops
        self.play = IconButton("play", verb)
        self.play.setFixedSize(24, 24)
        self.play.clicked.connect(self.toggle)
        self.timeline = Timeline(name)
        self.timeline.scrubbed.connect(self._scrubbed)
        self.words = mono_label("")
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.words.setFixedWidth(_WORDS_WIDTH)
        self.brief = caption("")
        self.brief.setFixedWidth(_BRIEF_WIDTH)
        self.brief.hide()
        self.row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.play)
        row.addWidget(self.brief)
        row.addWidget(self.timeline, 1)
        row.addWidget(self.words)
        self._compact = compact
        self.words.setVisible(not compact)
        self._ticks = QTimer(self)
        self._ticks.timeout.connect(self._go_on)

    def call(self, brief: str, verb: str) -> None:
        """What it goes through, in a word at its left that tells it from the one beside it; "" is no word."""
        self.brief.setText(brief)
        self.brief.setVisible(bool(brief))
        if verb != self._verb:
            self._verb = verb
            self._dress()

    @property
    def has_words(self) -> bool:
        """Whether there is room to say which moment is on show."""
        return not self._compact and self.width() >= _LEAST_FOR_WORDS

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.words.setVisible(self.has_words)

    @property
    def is_playing(self) -> bool:
        return self._ticks.isActive()

    @property
    def index(self) -> int:
        return self.timeline.value()

    @property
    def at_end(self) -> bool:
        return self.timeline.value() == self.timeline.maximum()

    def set_moments(self, count: int, *, live: bool = False) -> None:
        """How many moments there are. Who was at the end of them stays at the end."""
        ending = self.at_end
        self.timeline.set_moments(count, live=live)
        if ending and not self.is_playing:
            self.timeline.setValue(self.timeline.maximum())

    def go_to(self, index: int) -> None:
        """Show this moment; nothing is told."""
        self.timeline.setValue(index)

    def toggle(self) -> None:
        """Play, from the start where the end is reached; or pause."""
        if self.is_playing:
            self.pause()
            return
        if self.at_end:
            self._show(0)
        pace = _WHOLE_MS // max(1, self.timeline.maximum())
        self._ticks.start(min(_SLOWEST_MS, max(_FASTEST_MS, pace)))
        self._dress()

    def pause(self) -> None:
        self._ticks.stop()
        self._dress()

    def _go_on(self) -> None:
        if not self.at_end:
            self._show(self.index + 1)
        elif self.loops:
            self._show(0)
        if self.at_end and not self.loops:
            self.pause()

    def _show(self, index: int) -> None:
        self.timeline.setValue(index)
        self.moved.emit(index)

    def _scrubbed(self, index: int) -> None:
        self.pause()
        self.moved.emit(index)

    def _dress(self) -> None:
        self.play.set_icon("pause" if self.is_playing else "play")
        words = "Pause" if self.is_playing else self._verb
        self.play.setToolTip(words)
        self.play.setAccessibleName(words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.toggle()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.pause()
