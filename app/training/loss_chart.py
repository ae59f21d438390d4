"""The chart of the losses: with a smoothing slider and a switch for the logarithmic scale in its heading."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSlider, QToolButton, QWidget

from app.charts.chart import Chart
from app.charts.series import SLIDER_STEPS, fitted_smoothing, slider_position, smoothing_at
from app.style import theme

SMOOTHING = 0.95
_ROOM_FOR_SLIDER = 330


class LossChart(Chart):
    """Training and validation loss. The slider is the weight of the past: 0 shows the raw values."""

    def __init__(self, title: str = "Loss") -> None:
        super().__init__(title)
        self.smoothing = SMOOTHING
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, SLIDER_STEPS)
        self.slider.setValue(slider_position(SMOOTHING))
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
            self.slider.blockSignals(True)
            self.slider.setValue(slider_position(fitted_smoothing(total_steps)))
            self.slider.blockSignals(False)
            self._apply(self.slider.value())

    def _slid(self, position: int) -> None:
        self._chosen = True
        self._apply(position)

    def _apply(self, position: int) -> None:
        weight = smoothing_at(position)
        self.slider.setToolTip(f"Smoothing {weight:.3f}")
        self.set_smoothing(weight)

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
