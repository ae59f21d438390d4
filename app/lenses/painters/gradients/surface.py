"""Draws a loss surface: a heat map with contours, the way over it, the present point and the scale.

Colours are by the logarithm of the loss where it is positive and spans more than a factor of 20.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from app.lenses.colour_maps import FloatArray, sequential_pixels, to_image
from app.lenses.painter import Arrays
from app.lenses.painters.gradients.contours import segments
from app.lenses.painters.gradients.heat_paint import LEFT, RIGHT
from app.style import theme as style
from app.style.theme import Theme
from app.widgets.numbers import number, percent

LEVELS = 9
HEAD, FOOT, SIDE, TALLEST, WIDEST = 20.0, 48.0, 44.0, 520, 1.7
_FINE = 8
"""Pixels of the picture between two points of the grid."""
_WIDE = 20.0


@dataclass(frozen=True, eq=False)
class Surface:
    """`loss` is (n, n), rows from the least place on the vertical axis on; `x` and `y` are the ends."""

    loss: FloatArray
    x: tuple[float, float]
    y: tuple[float, float]
    here: float
    samples: str
    """As in `200 held-back samples`."""
    moved: int
    weights: int
    path: NDArray[np.float32] | None = None
    steps: tuple[int, ...] = ()
    share: tuple[float, float] = (0.0, 0.0)

    @property
    def is_logarithmic(self) -> bool:
        low, high = self.extent
        return low > 0 and high / low > _WIDE

    @property
    def extent(self) -> tuple[float, float]:
        """The least and the greatest loss that is a number."""
        finite = self.loss[np.isfinite(self.loss)]
        return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)

    def scaled(self, loss: FloatArray) -> FloatArray:
        """Losses as they are coloured."""
        if not self.is_logarithmic:
            return loss
        with np.errstate(invalid="ignore", divide="ignore"):
            result: FloatArray = np.log10(loss).astype(np.float32)
        return result

    @property
    def levels(self) -> NDArray[np.float64]:
        """Losses at which contours are drawn."""
        low, high = self.extent
        if self.is_logarithmic:
            return np.geomspace(low, high, LEVELS + 2)[1:-1]
        return np.linspace(low, high, LEVELS + 2)[1:-1]

    @property
    def axes(self) -> tuple[str, str]:
        """What the axes are."""
        if self.path is None:
            return "random direction 1", "random direction 2"
        first, second = (percent(one) for one in self.share)
        return f"main direction, {first}", f"second direction, {second}"

    def at(self, x: float, y: float) -> float:
        """The loss between points of the grid, linearly."""
        last = len(self.loss) - 1
        across = np.clip((x - self.x[0]) / (self.x[1] - self.x[0]) * last, 0, last)
        up = np.clip((y - self.y[0]) / (self.y[1] - self.y[0]) * last, 0, last)
        left, low = min(int(across), last - 1), min(int(up), last - 1)
        part, rise = across - left, up - low
        cell = self.loss[low : low + 2, left : left + 2]
        rows = cell[:, 0] * (1 - part) + cell[:, 1] * part
        return float(rows[0] * (1 - rise) + rows[1] * rise)


def read_surface(arrays: Arrays) -> Surface | None:
    """The surface in a frame of arrays; None where there is none."""
    loss = arrays.get("loss")
    if loss is None or loss.ndim != 2 or min(loss.shape) < 2:
        return None
    (left, right), (bottom, top) = np.asarray(arrays["ranges"], np.float64).tolist()
    moved, weights = (int(one) for one in arrays["weights"])
    here, samples = float(arrays["here"]), _samples(arrays)
    held = np.asarray(loss, np.float32)
    found = Surface(held, (left, right), (bottom, top), here, samples, moved, weights)
    if "path" not in arrays:
        return found
    first, second = (float(one) for one in arrays["share"])
    steps = tuple(int(one) for one in arrays["steps"])
    return replace(found, path=np.asarray(arrays["path"], np.float32), steps=steps, share=(first, second))


def _samples(arrays: Arrays) -> str:
    kind = "held-back" if arrays["held_back"] else "training"
    return f"{int(arrays['samples']):,} {kind} samples"


def map_box(area: QRectF, *, small: bool) -> QRectF:
    """Where the map is: at the right of the values of its vertical axis; in a node it is a square."""
    if small:
        side = min(area.width(), area.height())
        box = QRectF(0, 0, side, side)
        box.moveCenter(area.center())
        return box
    high = max(20.0, area.height() - HEAD - FOOT)
    wide = max(20.0, min(area.width() - SIDE, high * WIDEST))
    return QRectF(area.left() + SIDE, area.top() + HEAD, wide, high)


def placed(surface: Surface, box: QRectF, x: float, y: float) -> QPointF:
    """Where a place of the plane is drawn."""
    across = (x - surface.x[0]) / (surface.x[1] - surface.x[0])
    up = (y - surface.y[0]) / (surface.y[1] - surface.y[0])
    return QPointF(box.left() + across * box.width(), box.bottom() - up * box.height())


def draw_surface(
    surface: Surface,
    painter: QPainter,
    area: QRectF,
    theme: Theme,
    mouse: QPointF | None = None,
    *,
    small: bool = False,
) -> None:
    box = map_box(area, small=small)
    _draw_map(painter, box, surface)
    _draw_contours(painter, box, surface)
    _draw_way(painter, box, surface, small=small)
    if small:
        return
    _draw_words(painter, area, box, surface, theme)
    if mouse is not None and box.contains(mouse):
        painter.setPen(QPen(style.colour("#ffffff", 0.8), 1))
        painter.drawLine(QPointF(mouse.x(), box.top()), QPointF(mouse.x(), box.bottom()))
        painter.drawLine(QPointF(box.left(), mouse.y()), QPointF(box.right(), mouse.y()))


def _draw_map(painter: QPainter, box: QRectF, surface: Surface) -> None:
    """Colours between the points of the grid are those of losses between them."""
    low, high = surface.scaled(np.array(surface.extent, np.float32)).tolist()
    filled = np.where(np.isfinite(surface.loss), surface.loss, surface.extent[1])
    fine = _finer(surface.scaled(filled.astype(np.float32)))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(box, to_image(sequential_pixels(fine[::-1], low, high)))


def _finer(values: FloatArray) -> FloatArray:
    """Linear between the points, `_FINE` steps from one to the next."""
    count = len(values)
    at = np.linspace(0, count - 1, (count - 1) * _FINE + 1)
    known = np.arange(count)
    rows = np.stack([np.interp(at, known, row) for row in values])
    return np.stack([np.interp(at, known, column) for column in rows.T], 1).astype(np.float32)


def _draw_contours(painter: QPainter, box: QRectF, surface: Surface) -> None:
    painter.setPen(QPen(style.colour("#ffffff", 0.45), 1))
    last = len(surface.loss) - 1
    for level in surface.levels.tolist():
        found = segments(surface.loss, level) / last
        for (x0, y0), (x1, y1) in found.tolist():
            painter.drawLine(
                QPointF(box.left() + x0 * box.width(), box.bottom() - y0 * box.height()),
                QPointF(box.left() + x1 * box.width(), box.bottom() - y1 * box.height()),
            )


def _draw_way(painter: QPainter, box: QRectF, surface: Surface, *, small: bool) -> None:
    """The way of the run in black on white, and a ring where the weights are."""
    painter.save()
    painter.setClipRect(box)
    if surface.path is not None:
        points = [placed(surface, box, float(x), float(y)) for x, y in surface.path]
        for colour, width in (("#000000", 3.0), ("#ffffff", 1.5)):
            painter.setPen(QPen(style.colour(colour, 0.9), width))
            painter.drawPolyline(QPolygonF(points))
        if not small:
            painter.setPen(QPen(style.colour("#000000"), 0.75))
            painter.setBrush(style.colour("#ffffff"))
            for point in points:
                painter.drawEllipse(point, 2.0, 2.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    here, radius = placed(surface, box, 0.0, 0.0), 3.5 if small else 5.5
    for colour, width in (("#000000", 3.5), ("#ffffff", 1.75)):
        painter.setPen(QPen(style.colour(colour), width))
        painter.drawEllipse(here, radius, radius)
    painter.restore()


def _draw_words(painter: QPainter, area: QRectF, box: QRectF, surface: Surface, theme: Theme) -> None:
    """The heading, the axes with their ends and names, and the scale of the colours."""
    painter.setFont(style.sans(12))
    painter.setPen(style.colour(theme.text))
    heading = f"Loss {number(surface.here)} here, {number(surface.extent[0])} at the least"
    told = painter.fontMetrics()
    painter.drawText(
        QRectF(area.left(), area.top(), area.width(), HEAD - 4),
        LEFT,
        told.elidedText(heading, Qt.TextElideMode.ElideRight, int(area.width())),
    )
    painter.setFont(style.mono(10))
    painter.setPen(style.colour(theme.muted))
    left = QRectF(area.left(), box.top(), SIDE - 6, 14)
    painter.drawText(left, RIGHT, number(surface.y[1]))
    painter.drawText(left.translated(0, box.height() - 14), RIGHT, number(surface.y[0]))
    below = QRectF(box.left(), box.bottom() + 2, box.width(), 14)
    painter.drawText(below, LEFT, number(surface.x[0]))
    painter.drawText(below, RIGHT, number(surface.x[1]))
    painter.setFont(style.sans(10))
    across, up = surface.axes
    told = painter.fontMetrics()
    room = int(below.width()) - 2 * told.horizontalAdvance("-00.00") - 8
    middle = told.elidedText(across, Qt.TextElideMode.ElideRight, max(room, 0))
    painter.drawText(below, Qt.AlignmentFlag.AlignCenter, middle)
    painter.save()
    painter.translate(area.left() + SIDE - 20, box.center().y())
    painter.rotate(-90)
    room = int(box.height() - 40)
    upright = QRectF(-room / 2, -8, room, 16)
    shown = told.elidedText(up, Qt.TextElideMode.ElideRight, room)
    painter.drawText(upright, Qt.AlignmentFlag.AlignCenter, shown)
    painter.restore()
    _draw_scale(painter, QRectF(box.left(), below.bottom() + 6, box.width(), 36), surface, theme)


def _draw_scale(painter: QPainter, area: QRectF, surface: Surface, theme: Theme) -> None:
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    bar = QRectF(area.left(), area.top(), area.width(), 5)
    painter.drawImage(bar, to_image(sequential_pixels(np.linspace(0, 1, 128, dtype=np.float32)[None])))
    low, high = surface.extent
    words = QRectF(area.left(), bar.bottom() + 2, area.width(), 14)
    painter.setFont(style.mono(10))
    painter.setPen(style.colour(theme.muted))
    painter.drawText(words, LEFT, number(low))
    painter.drawText(words, RIGHT, number(high))
    painter.setFont(style.sans(10))
    kind = "loss, log" if surface.is_logarithmic else "loss"
    painter.drawText(words, Qt.AlignmentFlag.AlignCenter, kind)


def surface_text(surface: Surface, place: QPointF, area: QRectF) -> str:
    """What is under a point, as in `-0.3, 0.72 · loss 0.413`; of the way its step."""
    box = map_box(area, small=False)
    if not box.contains(place):
        return ""
    if surface.path is not None:
        for (x, y), step in zip(surface.path[::-1].tolist(), surface.steps[::-1], strict=True):
            away = placed(surface, box, x, y) - place
            if away.manhattanLength() < 5:
                return f"step {step:,} · loss {number(surface.at(x, y))} on the surface"
    x = surface.x[0] + (place.x() - box.left()) / box.width() * (surface.x[1] - surface.x[0])
    y = surface.y[0] + (box.bottom() - place.y()) / box.height() * (surface.y[1] - surface.y[0])
    return f"{number(x)}, {number(y)} · loss {number(surface.at(x, y))}"


def surface_height(_surface: Surface, width: int) -> int:
    return min(TALLEST, int(width - SIDE + HEAD + FOOT))
