"""The bar of slow motion: back, play, next, speed, the five stages, and what happens now in a sentence."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.widgets.buttons import Chip, IconButton
from app.widgets.text import ElidedLabel, Label
from engine.lens.step_moments import Moment, Stage

SPEEDS = (0.5, 1.0, 2.0, 4.0)
_LINES = 2
"""Lines of the sentence: the bar stays as high as it is."""


class StepBar(QFrame):
    """Says what is asked for by signals; shows what it is told."""

    back = Signal()
    play = Signal()
    next = Signal()
    closed = Signal()
    speed_changed = Signal(float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "popover")
        self.setAccessibleName("Slow motion")
        self.speed = 1.0
        self.back_button = IconButton("chevron-left", "Back (Left)")
        self.play_button = IconButton("play", "Play (Space)")
        self.next_button = IconButton("chevron-right", "Next (Right)")
        self.speed_chip = Chip("1×")
        self.speed_chip.setToolTip("How fast it goes")
        self.close_button = IconButton("close", "End slow motion (Esc)")
        self.stages = {stage: Label(stage.value) for stage in Stage}
        self.count, self.where, self.sentence = Label(""), ElidedLabel(""), Label("")
        self.where.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.sentence.setFixedHeight(_LINES * self.sentence.fontMetrics().lineSpacing())
        self.where.setProperty("role", "muted")
        self.count.setProperty("role", "muted")
        for button, signal in (
            (self.back_button, self.back),
            (self.play_button, self.play),
            (self.next_button, self.next),
            (self.close_button, self.closed),
        ):
            button.clicked.connect(signal)
        self.speed_chip.clicked.connect(self._faster)
        self._lay_out()

    def _lay_out(self) -> None:
        top, column = QHBoxLayout(), QVBoxLayout(self)
        top.setSpacing(8)
        for button in (self.back_button, self.play_button, self.next_button, self.speed_chip):
            top.addWidget(button)
        top.addSpacing(8)
        for label in self.stages.values():
            top.addWidget(label)
        top.addWidget(self.where, 1)
        top.addWidget(self.count)
        top.addWidget(self.close_button)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.sentence)

    def show_moment(
        self, moment: Moment, place: int, count: int, objectives: tuple[str, ...], weights: str
    ) -> None:
        """The moment at this place of so many, from 0; `weights` says of which step the weights are."""
        for stage, label in self.stages.items():
            label.setProperty("role", "heading" if stage is moment.stage else "faint")
            label.style().unpolish(label)
            label.style().polish(label)
        of = f"{moment.objective} · " if len(objectives) > 1 else ""
        self.count.setText(f"{place + 1} of {count}")
        self.where.setText(f"{of}{weights}")
        self.sentence.setText(moment.sentence)
        self.back_button.setEnabled(place > 0)
        self.next_button.setEnabled(place < count - 1)

    def show_waiting(self, words: str) -> None:
        """Nothing is to be seen yet."""
        self.count.setText("")
        self.where.setText("")
        self.sentence.setText(words)

    def show_playing(self, plays: bool) -> None:
        self.play_button.set_icon("pause" if plays else "play")
        self.play_button.setToolTip("Pause (Space)" if plays else "Play (Space)")

    def _faster(self) -> None:
        place = SPEEDS.index(self.speed) if self.speed in SPEEDS else 0
        self.speed = SPEEDS[(place + 1) % len(SPEEDS)]
        self.speed_chip.setText(f"{self.speed:g}×")
        self.speed_changed.emit(self.speed)

    def place(self) -> None:
        """At the lower edge of the canvas, in the middle."""
        parent = self.parentWidget()
        assert parent is not None
        wide = min(760, parent.width() - 28)
        self.setFixedWidth(max(320, wide))
        self.adjustSize()
        self.move((parent.width() - self.width()) // 2, parent.height() - self.height() - 44)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
