"""The chart of the losses: with a smoothing slider and a switch for the logarithmic scale in its heading."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSlider, QToolButton, QWidget

from app.charts.chart import Chart
from app.style import theme

SMOOTHING = 0.95
WINDOWS = 50
_SLIDER_STEPS = 100
_ROOM_FOR_SLIDER = 330


class LossChart(Chart):
    """Training and validation loss. The slider is the weight of the past: 0 shows the raw values."""

    def __init__(self, title: str = "Loss") -> None:
        super().__init__(title)
        self.smoothing = SMOOTHING
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _SLIDER_STEPS)
        self.slider.setValue(_position(SMOOTHING))
        self.slider.setFixedSize(56, 16)
        self.slider.setAccessibleName("Smoothing")
        self.slider.valueChanged.connect(self._slid)
        self.log_button = QToolButton()
        self.log_button.setText("log")
        self.log_button.setCheckable(True)
        self.log_button.setToolTip("Logarithmic scale")
        self.log_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.log_button.toggled.connect(self.set_log)
        self.head.insertWidget(self.head.count() - 1, self.slider)
        self.head.insertWidget(self.head.count() - 1, self.log_button)
        self._chosen = False
        self._apply(self.slider.value())
        theme.changed.connect(self._dress)
        self._dress()

    def set_log(self, log: bool) -> None:
        super().set_log(log)
        self.log_button.setChecked(log)

    def controls(self) -> tuple[QWidget, ...]:
        return (*super().controls(), self.slider, self.log_button)

    def fit_smoothing(self, total_steps: int) -> None:
        """Average over about a fiftieth of the run, unless somebody has chosen a smoothing by hand."""
        if not self._chosen:
            weight = 1.0 - 1.0 / max(2.0, total_steps / WINDOWS)
            self.slider.blockSignals(True)
            self.slider.setValue(_position(weight))
            self.slider.blockSignals(False)
            self._apply(self.slider.value())

    def _slid(self, position: int) -> None:
        self._chosen = True
        self._apply(position)

    def _apply(self, position: int) -> None:
        """Positions are spaced so that each step to the right averages over about a tenth more values."""
        weight = 0.0 if position == 0 else 1.0 - 10.0 ** (-3.0 * position / _SLIDER_STEPS)
        self.slider.setToolTip(f"Smoothing {weight:.3f}")
        self.set_smoothing(min(weight, 0.999))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.slider.setVisible(self.width() >= _ROOM_FOR_SLIDER)

    def _dress(self) -> None:
        tokens = theme.current()
        self.log_button.setStyleSheet(
            f"QToolButton {{ background: transparent; border: none; font-size: 11px; }}"
            f"QToolButton {{ color: {tokens.faint}; }}"
            f"QToolButton:hover, QToolButton:focus {{ color: {tokens.text}; }}"
            f"QToolButton:checked {{ color: {tokens.accent}; }}"
        )


def _position(weight: float) -> int:
    """The slider's position for a weight of the past."""
    return 0 if weight <= 0 else round(-math.log10(1.0 - weight) / 3.0 * _SLIDER_STEPS)
