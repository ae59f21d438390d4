"""One curve of a plot: its line, the noise around it, and how it looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from app.charts.series import Series


class CurveItem(pg.PlotCurveItem):  # type: ignore[misc]
    """A curve that takes the view for its bounds: finding them in the data costs more than drawing."""

    def __init__(self, view: pg.ViewBox) -> None:
        self._view = view
        self._pen = QPen()
        super().__init__(antialias=False, skipFiniteCheck=True)

    def set_look(self, colour: QColor, width: float) -> None:
        """Colour, and width in pixels at 100 %."""
        self._pen = pg.mkPen(colour, width=width)
        self.setPen(self._pen)

    def paint(self, painter: QPainter, option: object, widget: object) -> None:
        # A pen that does not scale with the view does not scale with the screen either.
        pen = QPen(self._pen)
        pen.setWidthF(self._pen.widthF() * painter.paintEngine().paintDevice().devicePixelRatioF())
        self.opts["pen"] = pen
        super().paint(painter, option, widget)

    def boundingRect(self) -> QRectF:
        (left, right), (low, high) = self._view.viewRange()
        return QRectF(left, low, right - left, high - low)


@dataclass(eq=False)
class Curve:
    """One curve. `colour` reads the token at the time of drawing; `raw` also shows what is smoothed."""

    name: str
    colour: Callable[[], str]
    series: Series
    raw: bool
    width: float
    line: CurveItem
    noise: CurveItem
    shown: bool = True
