"""Curves over one number: what each unit computes along a line, with the samples as dots."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from app.lenses.painters.points.plane_paint import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    PlaneFrame,
    colours_of,
    paint_axes,
    paint_points,
)
from app.lenses.painters.points.shown_field import ShownField
from app.lenses.samples import CATEGORIES
from app.style import theme as style
from app.style.theme import NEGATIVE, Theme

_STRONG = 10
"""Curves in colours of their own; further ones are faint."""


def frame_of(shown: ShownField, area: QRectF, *, small: bool = False) -> PlaneFrame:
    """The part of the plane that all curves and the dots beside them need."""
    values = shown.values[np.isfinite(shown.values)]
    dots = _dots(shown)
    if dots is not None:
        values = np.concatenate([values, dots[:, 1]])
    low, high = (float(values.min()), float(values.max())) if values.size else (-1.0, 1.0)
    room = (high - low) * 0.06 or 0.5
    inner = area.adjusted(3, 3, -3, -3) if small else area.adjusted(LEFT + 6, TOP, -RIGHT, -BOTTOM)
    left, right = shown.domain[0].tolist()
    return PlaneFrame(inner, (left, right), (low - room, high + room))


def _dots(shown: ShownField) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None:
    """The samples with their targets, where these are values; only one unit can be compared with them."""
    labels = shown.labels
    if shown.points is None or labels is None or labels.dtype.kind != "f" or shown.total != 1:
        return None
    return np.stack([shown.points[:, 0], np.asarray(labels, np.float32)], axis=1)


def paint_curves(
    painter: QPainter, shown: ShownField, area: QRectF, tokens: Theme, *, small: bool = False
) -> None:
    frame = frame_of(shown, area, small=small)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if not small:
        paint_axes(painter, frame, tokens, shown.axes)
    dots = _dots(shown)
    if dots is not None:
        colours = colours_of(None, len(dots))
        paint_points(painter, frame, dots, colours, 1.4 if small else 2.6, tokens.panel)
    painter.save()
    painter.setClipRect(frame.area)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    along = np.linspace(*frame.x, shown.values.shape[1])
    for unit in range(shown.count):
        held = np.nan_to_num(shown.values[unit])
        line = QPolygonF([QPointF(x, y) for x, y in frame.places(np.stack([along, held], axis=1)).tolist()])
        tint = NEGATIVE if shown.count == 1 else CATEGORIES[unit % 10]
        painter.setPen(QPen(style.colour(tint, 1.0 if unit < _STRONG else 0.35), 1.3 if small else 1.8))
        painter.drawPolyline(line)
    painter.restore()


def words_at_curve(shown: ShownField, place: QPointF, area: QRectF) -> str:
    """The curve that is nearest to a place, and its value there."""
    frame = frame_of(shown, area)
    if not frame.area.contains(place):
        return ""
    x, y = frame.point(place)
    side = shown.values.shape[1]
    low, high = frame.x
    at = min(side - 1, max(0, round((x - low) / ((high - low) or 1.0) * (side - 1))))
    unit = int(np.argmin(np.abs(np.nan_to_num(shown.values[:, at], nan=np.inf) - y)))
    return shown.at(unit, (x,))
