"""The plot of a chart: curves by pyqtgraph, with hairlines and labels under and the crosshair over them.

Frameless and without pyqtgraph's axes. Wheel and drag zoom and pan along the steps, a double click goes back.
Import this module when the first chart is needed: pyqtgraph takes half a second to load.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from app.charts.curve import Curve, CurveItem
from app.charts.marks import (
    FOOT,
    GUTTER,
    NEAR,
    TOP,
    CurveReading,
    paint_crosshair,
    paint_dot,
    paint_lines,
    paint_notes,
    paint_steps,
)
from app.charts.series import Floats, Series
from app.charts.ticks import scale_for
from app.style import theme
from app.widgets.numbers import current, number

SECONDS_BETWEEN_JUMPS = 1.0
_LEAST_SHARE = 0.1
"""Least extent of a scale of shares; a flat line at 100 % must not stand in the middle of 50 to 150 %."""
_ROOM_FOR_DOT = 14
"""Pixels of width for each marked value; where values lie closer, the line alone tells them."""


class Plot(pg.GraphicsView):  # type: ignore[misc]
    """Curves over steps. `refresh` takes up what the series have gained since the last time."""

    crosshair_moved = Signal()
    range_changed = Signal()

    def __init__(self, clock: Callable[[], float] = time.monotonic, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self._clock = clock
        self.curves: dict[str, Curve] = {}
        self.log = False
        self.scale = scale_for(0.0, 1.0)
        self.fixed_range: tuple[float, float] | None = None
        self.of_shares = False
        """Whether values lie in [0, 1]; the scale then goes no further."""
        self.show_tick: Callable[[float], str] = number
        self.follows = True
        self.crosshair: float | None = None
        self.notes: list[tuple[int, str]] = []
        """What is to be known of a step: marked there, and read by the crosshair."""
        self._jumped = -SECONDS_BETWEEN_JUMPS
        self._jump = QTimer(self, singleShot=True)
        self._jump.timeout.connect(self.refresh)
        self._press: QPointF | None = None
        self.box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0.0)
        self.box.disableAutoRange()
        frame = pg.GraphicsLayout()
        frame.setContentsMargins(GUTTER, TOP, 1, FOOT)
        frame.addItem(self.box)
        self.setCentralItem(frame)
        # One repaint per refresh: the scene would ask for another one whenever a curve changes.
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.NoViewportUpdate)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setAcceptDrops(False)  # a layer that is dragged across is none of its business
        self.setMinimumHeight(80)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        theme.changed.connect(self.recolour)

    def add_curve(
        self, key: str, name: str, colour: Callable[[], str], series: Series, *, raw: bool, width: float
    ) -> Curve:
        """A curve that shows this series; those of raw values lie lowest."""
        noise, line = CurveItem(self.box), CurveItem(self.box)
        line.opts["antialias"] = True
        noise.setZValue(0)
        line.setZValue(1 if raw else 2)
        for item in (noise, line):
            self.box.addItem(item, ignoreBounds=True)
        curve = Curve(name, colour, series, raw, width, line, noise)
        self.curves[key] = curve
        self._colour_curve(curve)
        return curve

    def remove_curve(self, key: str) -> None:
        curve = self.curves.pop(key)
        self.box.removeItem(curve.line)
        self.box.removeItem(curve.noise)
        self._jumped = -SECONDS_BETWEEN_JUMPS

    def clear_curves(self) -> None:
        for key in list(self.curves):
            self.remove_curve(key)
        self.notes = []
        self.scale, self.follows, self.crosshair = scale_for(0.0, 1.0), True, None
        self._jumped = -SECONDS_BETWEEN_JUMPS

    def set_shown(self, key: str, shown: bool) -> None:
        """Show a curve or leave it out, of the scale and of the crosshair too."""
        curve = self.curves[key]
        curve.shown = shown
        curve.line.setVisible(shown)
        curve.noise.setVisible(shown)
        self._jumped = -SECONDS_BETWEEN_JUMPS

    def seen(self) -> list[Curve]:
        """The curves that are not left out."""
        return [curve for curve in self.curves.values() if curve.shown]

    def set_log(self, log: bool) -> None:
        self.log = log
        self._jumped = -SECONDS_BETWEEN_JUMPS
        self.refresh()

    def recolour(self) -> None:
        for curve in self.curves.values():
            self._colour_curve(curve)
        self.viewport().update()

    def _colour_curve(self, curve: Curve) -> None:
        curve.line.set_look(theme.colour(curve.colour()), curve.width)
        curve.noise.set_look(theme.colour(curve.colour(), 0.3), 1.0)

    # Drawing the data ------------------------------------------------------------------------------------

    def plot_rect(self) -> QRectF:
        """Where curves are drawn, in pixels of the widget."""
        view = self.viewport().rect()
        return QRectF(view.adjusted(GUTTER, TOP, -1, -FOOT))

    def x_range(self) -> tuple[float, float]:
        left, right = self.box.viewRange()[0]
        return float(left), float(right)

    def refresh(self) -> None:
        """Draw what the series hold now, once."""
        if self.follows:
            filled = [curve for curve in self.seen() if len(curve.series)]
            ends = [curve.series.steps[-1] for curve in filled]
            starts = [curve.series.steps[0] for curve in filled]
            left = min(starts, default=0.0)
            right = max(ends, default=1.0)
            self.box.setXRange(min(left, right - 1e-9), max(right, left + 1e-9), padding=0)
        left, right = self.x_range()
        columns = max(1, int(self.plot_rect().width()))
        self._set_scale(left, right, columns)
        for curve in self.seen():
            self._draw_curve(curve, left, right, columns)
        self.viewport().update()

    def _draw_curve(self, curve: Curve, left: float, right: float, columns: int) -> None:
        x, y = curve.series.line(left, right, columns)
        curve.line.setData(x, self._mapped(y), connect="finite")
        if not curve.raw:
            return
        bars = curve.series.bars(left, right, columns)
        if bars is None:
            x, y = curve.series.line(left, right, columns, smooth=False)
            curve.noise.setData(x, self._mapped(y), connect="finite")
        else:
            x, y = np.repeat(bars.x, 2), np.empty(2 * len(bars.x))
            y[0::2], y[1::2] = bars.low, bars.high
            curve.noise.setData(x, self._mapped(y), connect="finite")

    def _mapped(self, values: Floats) -> Floats:
        if not self.log:
            return np.where(np.isfinite(values), values, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            mapped = np.log10(values)
        return np.where(np.isfinite(mapped), mapped, np.nan)

    def _set_scale(self, left: float, right: float, columns: int) -> None:
        """Keep the range while the data fit it; move it at most once a second."""
        if not self.has_data:
            return
        low, high = self._extent(left, right, columns)
        now = self._clock()
        same_kind = self.scale.log == self.log
        if same_kind and self.scale.fits(low, high) and self._jumped >= 0:
            return
        early = SECONDS_BETWEEN_JUMPS - (now - self._jumped)
        if same_kind and early > 0:
            if not self._jump.isActive():
                self._jump.start(round(early * 1000) + 1)  # a short run may be over by then
            return
        found = scale_for(low, high, log=self.log)
        self._jumped = now
        if found != self.scale or not same_kind:
            self.scale = found
        self.box.setYRange(self.scale.low, self.scale.high, padding=0)
        self.range_changed.emit()

    def _extent(self, left: float, right: float, columns: int) -> tuple[float, float]:
        """Lowest and highest of what is seen: lines whole, the noise around them without its rarest peaks."""
        if self.fixed_range is not None:
            return self.fixed_range
        parts: list[Floats] = []
        for curve in self.seen():
            _, y = curve.series.line(left, right, columns)
            parts.append(self._mapped(y))
            if curve.raw and len(y):
                raw = self._mapped(curve.series.sample(left, right, 2 * columns))
                raw = raw[np.isfinite(raw)]
                if len(raw):
                    parts.append(_without_peaks(raw))
        values = np.concatenate(parts) if parts else np.empty(0)
        values = values[np.isfinite(values)]
        if not len(values):
            return (0.0, 1.0)
        low, high = float(values.min()), float(values.max())
        if self.of_shares and not self.log and high - low < _LEAST_SHARE:
            high = min(1.0, low + _LEAST_SHARE)
            low = high - _LEAST_SHARE
        return low, high

    # Lines, labels, crosshair ----------------------------------------------------------------------------

    def y_pixel(self, value: float) -> float:
        area, scale = self.plot_rect(), self.scale
        return area.bottom() - (value - scale.low) / (scale.high - scale.low) * area.height()

    def x_pixel(self, step: float) -> float:
        area, (left, right) = self.plot_rect(), self.x_range()
        return area.left() + (step - left) / max(right - left, 1e-9) * area.width()

    def step_at(self, x: float) -> float:
        area, (left, right) = self.plot_rect(), self.x_range()
        return left + (x - area.left()) / area.width() * (right - left)

    @property
    def has_data(self) -> bool:
        return any(len(curve.series) for curve in self.seen())

    def height_of(self, value: float) -> float:
        """The pixel row of a value of the data; NaN where the logarithm knows none."""
        mapped = float(self._mapped(np.array([value]))[0])
        return self.y_pixel(mapped) if np.isfinite(mapped) else float("nan")

    def readings(self) -> list[CurveReading]:
        """What every curve says at the crosshair; a curve that begins later says nothing."""
        if self.crosshair is None:
            return []
        found = []
        for curve in self.seen():
            point = curve.series.at(self.crosshair)
            if point is not None and round(self.crosshair) >= curve.series.steps[0]:
                raw = f"  ({current(point[1])})" if curve.raw and point[1] != point[2] else ""
                found.append(
                    CurveReading(
                        curve.colour(), curve.name, current(point[2]) + raw, self.height_of(point[2])
                    )
                )
        return found

    def notes_near(self, x: float) -> list[str]:
        """What is to be known of the steps at this place."""
        near = [text for step, text in self.notes if abs(self.x_pixel(step) - x) <= NEAR]
        return list(dict.fromkeys(near))

    def dots(self, curve: Curve) -> list[QPointF]:
        """Where values are marked one by one: few must not pass for a line that knows what lies between."""
        series = curve.series
        if curve.raw and len(series) != 1:
            return []
        left, right = self.x_range()
        seen = (series.steps >= left) & (series.steps <= right)
        if np.count_nonzero(seen) * _ROOM_FOR_DOT > self.plot_rect().width():
            return []
        held = zip(series.steps[seen], series.smoothed[seen], strict=True)
        return [QPointF(self.x_pixel(float(step)), self.height_of(float(value))) for step, value in held]

    def crosshair_text(self) -> str:
        """All that the crosshair says, on one line."""
        if self.crosshair is None:
            return ""
        values = " · ".join(f"{reading.name} {reading.text}" for reading in self.readings())
        return f"step {round(self.crosshair):,} · {values}"

    def drawBackground(self, painter: QPainter, _rect: QRectF) -> None:
        painter.save()
        painter.resetTransform()
        paint_lines(
            painter,
            self.plot_rect(),
            [(self.y_pixel(t), self.show_tick(self.scale.value(t))) for t in self.scale.ticks],
        )
        if self.has_data:
            left, right = self.x_range()
            ticks = [t for t in scale_for(left, right).ticks if left <= t <= right and t == round(t)]
            paint_steps(painter, self.plot_rect(), [(self.x_pixel(t), number(t)) for t in ticks])
        painter.restore()

    def drawForeground(self, painter: QPainter, _rect: QRectF) -> None:
        painter.save()
        painter.resetTransform()
        area = self.plot_rect()
        paint_notes(painter, area, [self.x_pixel(step) for step, _ in self.notes])
        for curve in self.seen():
            for place in self.dots(curve):
                paint_dot(painter, place, curve.colour())
        if self.crosshair is not None and self.has_data:
            title, x = f"step {round(self.crosshair):,}", self.x_pixel(self.crosshair)
            paint_crosshair(painter, area, x, title, self.readings(), self.notes_near(x))
        painter.restore()

    # Hands -----------------------------------------------------------------------------------------------

    def show_steps(self, left: float, right: float) -> None:
        """Zoom to these steps; the range of values follows at once."""
        self.follows = False
        self.box.setXRange(left, max(right, left + 1.0), padding=0)
        self._jumped = -SECONDS_BETWEEN_JUMPS
        self.refresh()

    def reset_view(self) -> None:
        """All steps again, and follow the run."""
        self.follows = True
        self._jumped = -SECONDS_BETWEEN_JUMPS
        self.refresh()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turns = event.angleDelta().y() / 120.0
        if not self.has_data or not turns:
            event.ignore()
            return
        left, right = self.x_range()
        at = self.step_at(event.position().x())
        factor = 0.8**turns
        first = max(0.0, at - (at - left) * factor)
        self.show_steps(first, at + (right - at) * factor)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = event.position()
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is not None and event.buttons() & Qt.MouseButton.LeftButton:
            left, right = self.x_range()
            moved = self.step_at(event.position().x()) - self.step_at(self._press.x())
            moved = min(moved, left)
            self._press = event.position()
            if moved:
                self.show_steps(left - moved, right - moved)
        self._point(event.position())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._press = None
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset_view()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.crosshair = None
        self.crosshair_moved.emit()
        self.viewport().update()

    def _point(self, place: QPointF) -> None:
        """Put the crosshair on the point nearest to the mouse, along the steps."""
        inside = self.plot_rect().contains(place)
        step = self.step_at(place.x())
        points = [curve.series.at(step) for curve in self.seen()] if inside else []
        steps = [point[0] for point in points if point is not None]
        self.crosshair = min(steps, key=lambda found: abs(found - step)) if steps else None
        self.crosshair_moved.emit()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "curves"):
            self.refresh()


def _without_peaks(values: Floats) -> Floats:
    """Two values that leave out the lowest and the highest hundredth."""
    cut = len(values) // 100
    parted = np.partition(values, (cut, len(values) - 1 - cut))
    result: Floats = parted[[cut, len(values) - 1 - cut]]
    return result
