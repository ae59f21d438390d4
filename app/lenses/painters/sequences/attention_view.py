"""The view of an attention: what to show it as, which stage, which head, and the picture of that."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.lenses.painters.sequences.attention_lines import Lines
from app.lenses.painters.sequences.attention_matrix import Heads, Matrix
from app.lenses.painters.sequences.attention_picture import picture_sheet
from app.lenses.painters.sequences.attention_reading import STAGES, AttentionReading
from app.lenses.painters.sequences.sheet import PaintedSheet
from app.lenses.painters.sequences.sheet_canvas import SheetCanvas
from app.widgets.buttons import IconButton, Segments
from app.widgets.text import caption

MATRIX, LINES, HEADS, PICTURE = "matrix", "lines", "heads", "picture"


class AttentionView(QWidget):
    """Choices above, the sheet below. `mode`, `stage` and `head` are what is chosen."""

    pointed = Signal(str)
    options_chosen = Signal(dict)

    def __init__(self) -> None:
        super().__init__()
        self.reading: AttentionReading | None = None
        self.head = 0
        self._start = -1  # the first row of the lines
        self._asked = -1  # a head that was asked for
        self.modes = Segments({MATRIX: "Matrix", LINES: "Lines", HEADS: "Heads", PICTURE: "Image"})
        self.stages = Segments(STAGES)
        self.stages.buttons["weights"].setChecked(True)
        self.back = IconButton("chevron-left", "Show the head before")
        self.next = IconButton("chevron-right", "Show the next head")
        self.told = caption("")
        self.canvas = SheetCanvas()
        self._lay_out()
        for button in (*self.modes.buttons.values(), *self.stages.buttons.values()):
            button.clicked.connect(self._show)
        for arrow, step in ((self.back, -1), (self.next, 1)):
            arrow.clicked.connect(lambda _=False, step=step: self._go(self.head + step))
        self.canvas.pointed.connect(self.pointed)
        self.canvas.chosen.connect(self._choose)

    def _lay_out(self) -> None:
        heads = QHBoxLayout()
        heads.setSpacing(2)
        for widget in (self.back, self.told, self.next):
            heads.addWidget(widget)
        heads.addStretch(1)
        for arrow in (self.back, self.next):
            arrow.setFixedSize(20, 20)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.modes)
        column.addWidget(self.stages)
        column.addLayout(heads)
        column.addWidget(self.canvas)
        column.addStretch(1)

    @property
    def mode(self) -> str:
        return self.modes.chosen

    @property
    def stage(self) -> str:
        return self.stages.chosen

    def show_reading(self, reading: AttentionReading) -> None:
        """Show this; what was chosen stays where it is there."""
        self.reading = reading
        if 0 <= self._asked - reading.first < reading.full:
            self.head, self._asked = self._asked - reading.first, -1
        self.head = min(self.head, reading.full - 1)
        has_picture = picture_sheet(reading, self.head) is not None
        self.modes.buttons[PICTURE].setVisible(has_picture)
        if not has_picture and self.mode == PICTURE:
            self.modes.buttons[MATRIX].setChecked(True)
        self._show()

    def sheet(self) -> PaintedSheet | None:
        """What is chosen, as something to paint."""
        if self.reading is None:
            return None
        match self.mode:
            case "lines":
                return Lines(self.reading, self.head, self._start)
            case "heads":
                return Heads(self.reading, self.head)
            case "picture":
                return picture_sheet(self.reading, self.head)
            case _:
                return Matrix(self.reading, self.stage, self.head)

    def _go(self, head: int) -> None:
        """Show this head; one that was not sent is asked for."""
        if self.reading is None:
            return
        wanted = (self.reading.first + head) % self.reading.heads
        within = wanted - self.reading.first
        if 0 <= within < self.reading.full:
            self.head = within
            self._show()
        else:
            self._asked = wanted
            self.options_chosen.emit({"head": wanted})

    def _choose(self, head: int) -> None:
        """A small head was clicked: it is shown large."""
        self.modes.buttons[MATRIX].setChecked(True)
        self._go(head)

    def _show(self) -> None:
        if isinstance(self.canvas.sheet, Lines):
            self._start = self.canvas.sheet.start
        reading, sheet = self.reading, self.sheet()
        if reading is None or sheet is None:
            return
        self.stages.setVisible(self.mode == MATRIX)
        one = reading.heads == 1 or self.mode == HEADS
        for widget in (self.back, self.told, self.next):
            widget.setVisible(not one)
        for arrow in (self.back, self.next):
            arrow.setEnabled(reading.heads > 1)
        self.told.setText(f"head {reading.first + self.head + 1} of {reading.heads:,}")
        self.canvas.show_sheet(sheet)
