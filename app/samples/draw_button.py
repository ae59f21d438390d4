"""The button that lets a sampler draw at once, and the line that says with which weights it does."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.state.sample_draws import SampleDraws
from app.widgets.buttons import QuietButton
from app.widgets.text import ElidedLabel


class DrawButton(QuietButton):
    """ "Draw now", or "Cancel" while it draws."""

    def __init__(self, draws: SampleDraws) -> None:
        super().__init__("Draw now", "creation-outline")
        self._draws, self.target, self._compact = draws, "", False
        self.setFixedHeight(28)
        self.clicked.connect(self._press)
        draws.changed.connect(self._dress)
        self._dress()

    def look_at(self, target: str) -> None:
        """Draw with this sampler."""
        self.target = target
        self._dress()

    def set_compact(self, compact: bool) -> None:
        """Without words where room is short."""
        if compact != self._compact:
            self._compact = compact
            self._dress()

    @property
    def draws_now(self) -> bool:
        return self.target in self._draws.busy

    def _press(self) -> None:
        if self.draws_now:
            self._draws.cancel()
        else:
            self._draws.draw([self.target])

    def _dress(self) -> None:
        words = "Cancel" if self.draws_now else "Draw now"
        self.setText("" if self._compact else words)
        self.setAccessibleName(words)
        self.set_icon("close" if self.draws_now else "creation-outline")
        self.setToolTip("Stop drawing" if self.draws_now else "Draw samples with the present weights (F9)")
        self.setEnabled(bool(self.target) and (self.draws_now or not self._draws.busy))


class DrawRow(QWidget):
    """The button with a line beside it."""

    def __init__(self, draws: SampleDraws) -> None:
        super().__init__()
        self._draws = draws
        self.button = DrawButton(draws)
        self.words = ElidedLabel("", "caption")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.button)
        row.addWidget(self.words, 1)
        draws.changed.connect(self.refresh)

    def look_at(self, target: str) -> None:
        """Another sampler."""
        self.button.look_at(target)
        self.refresh()

    def refresh(self) -> None:
        """Say with which weights the next samples are drawn."""
        if self.isVisible():
            self.words.setText("drawing …" if self.button.draws_now else self._draws.told())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
