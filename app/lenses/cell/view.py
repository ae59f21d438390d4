"""The view of one element: its picture, its sums in words, and buttons to slide and to page."""

from __future__ import annotations

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.lenses.cell.canvas import TERMS, CellCanvas
from app.lenses.cell.shown import ShownCell
from app.widgets.buttons import IconButton
from app.widgets.text import ElidedLabel, caption, mono_label
from engine.lens.cell.cell import NONE

SLOW_MOTION = 700
"""Milliseconds that a position stands while the window slides."""


class Pager(QWidget):
    """Words between two arrows that go back and on."""

    stepped = Signal(int)

    def __init__(self, noun: str) -> None:
        super().__init__()
        self.back = IconButton("chevron-left", f"Show the {noun} before")
        self.words = ElidedLabel("", role="faint")
        self.next = IconButton("chevron-right", f"Show the next {noun}")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2)
        for button, step in ((self.back, -1), (self.next, 1)):
            button.setFixedSize(18, 18)
            button.setIconSize(QSize(14, 14))
            button.clicked.connect(lambda _=False, step=step: self.stepped.emit(step))
        line.addWidget(self.back)
        line.addWidget(self.next)
        line.addWidget(self.words, 1)

    def show_words(self, words: str, *, has_back: bool, has_next: bool) -> None:
        self.words.setText(words)
        self.back.setEnabled(has_back)
        self.next.setEnabled(has_next)
        self.show()


class CellView(QWidget):
    """Shows one element, and any other position of a window by itself.

    `options_chosen` tells the options of the lens that a person chose in the picture.
    """

    pointed = Signal(str)
    options_chosen = Signal(dict)

    def __init__(self) -> None:
        super().__init__()
        self.shown: ShownCell | None = None
        self._asked: dict[str, int] = {}
        """The options that were chosen here last: until a frame answers them, others are not told."""
        self.group, self.page = 0, 0
        self.canvas = CellCanvas()
        self.value = mono_label("")
        self.formula = mono_label("")
        self.formula.setWordWrap(True)
        self.formula.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.note = caption("")
        self.note.setWordWrap(True)
        self.play = IconButton("play", "Slide the window over all positions")
        self.play.setFixedSize(22, 22)
        self.play.setIconSize(QSize(15, 15))
        self.channels, self.groups, self.terms = Pager("channel"), Pager("group of terms"), Pager("terms")
        self._clock = QTimer(self)
        self._clock.setInterval(SLOW_MOTION)
        self._clock.timeout.connect(lambda: self._slide(1))
        self._lay_out()
        self.play.clicked.connect(self._turn)
        self.channels.stepped.connect(self._step_channel)
        self.groups.stepped.connect(lambda step: self._choose_group(self.group + step))
        self.terms.stepped.connect(self._step_page)
        self.canvas.chosen.connect(self._choose)
        self.canvas.group_chosen.connect(self._choose_group)
        self.canvas.pointed.connect(self.pointed)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.value, 1)
        head.addWidget(self.play)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        for part in (self.channels, self.canvas, self.groups, self.terms, self.formula, self.note):
            column.addWidget(part)
        column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    # Showing ---------------------------------------------------------------------------------

    def show_element(self, shown: ShownCell) -> None:
        """What came from the network: the position that is looked at here stays, if it is of the same map."""
        before = self.shown
        if self._asked == self._options(shown):
            self._asked = {}
        own_choice = before is not None and self._is_of_same_map(before, shown)
        if before is not None and own_choice and shown.slides:
            shown = shown.at(*before.place)
        self._show(shown)

    def _is_of_same_map(self, before: ShownCell, shown: ShownCell) -> bool:
        """Whether another position was chosen here, by sliding or a click that is not answered yet."""
        same = before.shape == shown.shape and before.index[:-2] == shown.index[:-2]
        return same and (self.is_sliding or bool(self._asked))

    @staticmethod
    def _options(shown: ShownCell) -> dict[str, int]:
        return shown.options_at(*shown.place)

    def _show(self, shown: ShownCell) -> None:
        self.shown = shown
        self.group = min(self.group, max(0, len(shown.groups) - 1))
        self.page = min(self.page, max(0, self._pages() - 1))
        self.canvas.show_element(shown, self.group, self.page)
        self.value.setText(shown.headline)
        self.formula.setText(shown.formula(self.group))
        words = " ".join(
            part for part in (shown.left_out(self.group) if shown.groups else "", shown.cut_words) if part
        )
        self.note.setText(words)
        self.note.setVisible(bool(words))
        self.play.setVisible(shown.slides)
        if not shown.slides:
            self._stop()
        self._write_pagers(shown)
        self.canvas.setAccessibleDescription(f"{shown.headline}. {shown.formula(self.group)}")

    def _write_pagers(self, shown: ShownCell) -> None:
        self.channels.hide()
        if shown.has_channels:
            own, last = shown.index[0], shown.shape[0] - 1
            self.channels.show_words(shown.channel_words, has_back=own > 0, has_next=own < last)
        self.groups.hide()
        if len(shown.groups) > 1:
            words = shown.group_words(self.group)
            last = len(shown.groups) - 1
            self.groups.show_words(words, has_back=self.group > 0, has_next=self.group < last)
        self.terms.hide()
        pages = self._pages()
        if shown.window is None and pages > 1:
            count = len(shown.ordered(self.group))
            first = self.page * TERMS
            order = ", the largest first" if shown.cell.adds != NONE else ""
            words = f"terms {first + 1}–{min(first + TERMS, count)} of {count:,}{order}"
            self.terms.show_words(words, has_back=self.page > 0, has_next=self.page < pages - 1)

    def _pages(self) -> int:
        if self.shown is None or not self.shown.groups:
            return 0
        return -(-len(self.shown.cell.of_group(self.group)) // TERMS)

    # Choosing --------------------------------------------------------------------------------

    def _choose(self, row: int, column: int) -> None:
        """Another element of the output map: shown at once where the window slides, and asked for."""
        if self.shown is None:
            return
        self._asked = self.shown.options_at(row, column)
        if self.shown.slides:
            self._show(self.shown.at(row, column))
        self.options_chosen.emit(self._asked)

    def _step_channel(self, step: int) -> None:
        if self.shown is not None:
            self._asked = {}
            self.options_chosen.emit(self.shown.options_of_channel(step))

    def _choose_group(self, group: int) -> None:
        if self.shown is not None and 0 <= group < len(self.shown.groups):
            self.group, self.page = group, 0
            self._show(self.shown)

    def _step_page(self, step: int) -> None:
        if self.shown is not None:
            self.page = min(max(0, self.page + step), self._pages() - 1)
            self._show(self.shown)

    # Slow motion -----------------------------------------------------------------------------

    @property
    def is_sliding(self) -> bool:
        return self._clock.isActive()

    def _turn(self) -> None:
        if self.is_sliding and self.shown is not None:
            self._stop()
            self._asked = self._options(self.shown)
            self.options_chosen.emit(self._asked)
            return
        self._clock.start()
        self.play.set_icon("pause")
        self.play.setToolTip("Stop the window here")
        self.play.setAccessibleName("Stop the window here")

    def _stop(self) -> None:
        self._clock.stop()
        self.play.set_icon("play")
        self.play.setToolTip("Slide the window over all positions")
        self.play.setAccessibleName("Slide the window over all positions")

    def _slide(self, step: int) -> None:
        if self.shown is not None:
            self._show(self.shown.moved(step))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._stop()
