"""Paints how a mesh is bent: its cells on their way from where they were to where a node takes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QHideEvent, QImage, QMouseEvent, QPainter, QPen, QPolygonF

from app.lenses.colour_maps import FloatArray
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.points.plane_paint import (
    BOTTOM,
    DATA,
    LEFT,
    MADE,
    RIGHT,
    TOP,
    PlaneFrame,
    frame_in,
    paint_axes,
    paint_points,
)
from app.lenses.painters.points.plane_view import PlaneView
from app.lenses.room import Room
from app.style import theme as style
from app.style.theme import Theme
from app.widgets.numbers import number
from engine.lens.kinds.points.in_plane import around

_FOOT, _LARGEST = 24.0, 300
_LONG = 900
"""Milliseconds of the way from the mesh to what becomes of it."""


@dataclass(frozen=True, eq=False)
class ShownWarp:
    """`mesh` (S, S, 2) or (S, 1) and what becomes of it, `bent` (S, S, 2) or (S, 2); `domain` is what
    is shown of the latter, (2, 2).
    """

    mesh: FloatArray
    bent: FloatArray
    real: FloatArray | None
    domain: NDArray[np.float32]
    more: int
    """How many further data there are."""

    @property
    def is_line(self) -> bool:
        return self.bent.ndim == 2

    def at(self, share: float) -> NDArray[np.float64]:
        """The corners on their way, (…, 2): the mesh fills the picture at 0 and is bent at 1."""
        held = np.asarray(self.mesh, np.float64)
        low = held.reshape(-1, held.shape[-1]).min(axis=0)
        high = held.reshape(-1, held.shape[-1]).max(axis=0)
        unit = (held - low) / np.where(high > low, high - low, 1.0)
        if self.is_line:
            unit = np.concatenate([unit, np.full_like(unit, 0.5)], axis=-1)
        ends = np.asarray(self.domain, np.float64)
        begin: NDArray[np.float64] = ends[:, 0] + unit * (ends[:, 1] - ends[:, 0])
        return begin + (np.asarray(self.bent, np.float64) - begin) * share

    def strengths(self) -> NDArray[np.float64]:
        """How strongly each cell (S−1, S−1) is painted, 0 to 1: in proportion to how densely points lie in
        it, up to nine tenths of all cells.
        """
        areas = _areas(np.asarray(self.bent, np.float64))
        dense = 1.0 / np.maximum(areas, 1e-12)
        finite = dense[np.isfinite(dense)]
        most = float(np.quantile(finite, 0.9)) if finite.size else 1.0
        return np.clip(np.nan_to_num(dense / most), 0.0, 1.0)


def _areas(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each cell of a mesh (S, S, 2), by the halves of its diagonals."""
    first = corners[1:, 1:] - corners[:-1, :-1]
    second = corners[1:, :-1] - corners[:-1, 1:]
    found: NDArray[np.float64] = np.abs(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]) / 2.0
    return found


def read_warp(arrays: Arrays) -> ShownWarp | None:
    """The mesh in a frame; None where there is none."""
    bent = arrays.get("bent")
    if bent is None or not bent.size:
        return None
    real = np.asarray(arrays["real"], np.float32) if "real" in arrays else None
    held = np.asarray(bent, np.float32)
    inner = real if real is not None and len(real) else held.reshape(-1, 2)
    mesh = np.asarray(arrays["mesh"], np.float32)
    return ShownWarp(mesh, held, real, around(inner, 2), int(arrays["more"][0]))


class WarpView(PlaneView):
    """`share` is how far the mesh is on its way, 0 to 1. It moves when the mouse comes, and by the slider."""

    def __init__(self) -> None:
        self.shown: ShownWarp | None = None
        self.share = 1.0
        self._slides = self._is_inside = False
        super().__init__()
        self._way = QVariantAnimation(self)
        self._way.setDuration(_LONG)
        self._way.setStartValue(0.0)
        self._way.setEndValue(1.0)
        self._way.valueChanged.connect(self.set_share)

    def show_warp(self, shown: ShownWarp) -> None:
        self.shown = shown
        self.fit()
        self.update()
        self.tell()

    def set_share(self, share: float) -> None:
        self.share = min(1.0, max(0.0, float(share)))
        self.update()

    def wished_height(self, width: int) -> int:
        return round(min(width - LEFT - RIGHT, _LARGEST) + TOP + BOTTOM + _FOOT)

    def _frame(self, area: QRectF) -> PlaneFrame:
        assert self.shown is not None
        return frame_in(area.adjusted(0, 0, 0, -_FOOT), self.shown.domain)

    def track(self, area: QRectF) -> QRectF:
        """Where the slider is."""
        frame = self._frame(area).area
        return QRectF(frame.left() + 42, area.bottom() - _FOOT, frame.width() - 90, _FOOT)

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        shown = self.shown
        if shown is None:
            return
        frame = self._frame(area)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.raised))
        painter.drawRect(frame.area)
        if self.share > 0.99:
            paint_axes(painter, frame, tokens)
        paint_warp(painter, frame, shown, self.share, tokens)
        self._paint_track(painter, self.track(area), frame, tokens)

    def _paint_track(self, painter: QPainter, track: QRectF, frame: PlaneFrame, tokens: Theme) -> None:
        middle = track.center().y() + 2
        at = track.left() + self.share * track.width()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.hairline))
        painter.drawRoundedRect(QRectF(track.left(), middle - 2, track.width(), 4), 2, 2)
        painter.setBrush(QColor(tokens.accent))
        painter.drawRoundedRect(QRectF(track.left(), middle - 2, at - track.left(), 4), 2, 2)
        painter.setBrush(QColor(tokens.text))
        painter.drawEllipse(QPointF(at, middle), 5.5, 5.5)
        painter.setFont(style.sans(11))
        painter.setPen(style.colour(tokens.muted))
        line = QRectF(frame.area.left(), middle - 8, frame.area.width(), 16)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "input")
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "output")

    # The mouse -------------------------------------------------------------------------------------

    def hover(self, place: QPointF | None, area: QRectF) -> None:
        """The mesh goes its way once when the mouse comes into the picture."""
        inside = place is not None and self.shown is not None and self._frame(area).area.contains(place)
        if self._slides and place is not None:
            self._slide(place)
        elif inside and not self._is_inside:
            self._way.start()
        self._is_inside = inside

    def _slide(self, place: QPointF) -> None:
        track = self.track(QRectF(self.rect()))
        self.set_share((place.x() - track.left()) / max(1.0, track.width()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.shown is None:
            return
        if self.track(QRectF(self.rect())).adjusted(-8, 0, 8, 0).contains(event.position()):
            self._way.stop()
            self._slides = True
            self._slide(event.position())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._slides = False

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._way.stop()
        self.share = 1.0

    def words_at(self, place: QPointF, area: QRectF) -> str:
        """The corner of the mesh that is nearest: where it was and where it is taken."""
        shown = self.shown
        if shown is None or not self._frame(area).area.contains(place):
            return ""
        places = self._frame(area).places(shown.at(self.share).reshape(-1, 2))
        away = np.hypot(*(places - (place.x(), place.y())).T)
        index = int(np.argmin(np.nan_to_num(away, nan=np.inf)))
        begin = shown.mesh.reshape(-1, shown.mesh.shape[-1])[index].tolist()
        end = shown.bent.reshape(-1, 2)[index].tolist()
        return f"{', '.join(map(number, begin))} → {', '.join(map(number, end))}"


class WarpPainter(Painter[WarpView]):
    """The bent mesh in the node."""

    kind = "warp"
    empty = "Press Play to see how this node bends the points that go in."

    def room(self, subject: Subject) -> Room | None:
        return Room(1, 1, 132.0, 132.0)

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        shown = read_warp(arrays)
        if shown is None:
            return None

        def draw(painter: QPainter, area: QRectF, theme: Theme) -> None:
            (left, right), (low, high) = shown.domain.tolist()
            paint_warp(painter, PlaneFrame(area, (left, right), (low, high)), shown, 1.0, theme)

        return picture(room, theme, draw)

    def view(self) -> WarpView:
        return WarpView()

    def show(self, view: WarpView, arrays: Arrays, context: Context) -> bool:
        shown = read_warp(arrays)
        if shown is None:
            return False
        view.show_warp(shown)
        return True

    def note(self, view: WarpView, moment: str, context: Context) -> str:
        shown = view.shown
        if shown is None:
            return moment
        side = len(shown.mesh) - 1
        size = f"{side:,} pieces" if shown.is_line else f"{side} × {side} cells"
        more = ""
        if shown.more and shown.real is not None:
            count = len(shown.real)
            more = f"first {count:,} of {count + shown.more:,} of the data"
        return " · ".join(word for word in (size, more, moment) if word)


def paint_warp(painter: QPainter, frame: PlaneFrame, shown: ShownWarp, share: float, theme: Theme) -> None:
    """The data, and the mesh on its way over them."""
    if shown.real is not None:
        faint = style.colour(DATA, 0.35 + 0.25 * share)
        paint_points(painter, frame, shown.real, [faint] * len(shown.real), 1.8, theme.raised)
    corners = shown.at(share)
    places = np.nan_to_num(frame.places(corners.reshape(-1, 2)), nan=-1e4).clip(-1e4, 1e4)
    places = places.reshape(corners.shape)
    painter.save()
    painter.setClipRect(frame.area)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if shown.is_line:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(MADE), 2.0))
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in places.tolist()]))
    else:
        _paint_cells(painter, places, shown.strengths())
    painter.restore()


def _paint_cells(painter: QPainter, places: NDArray[np.float64], strengths: NDArray[np.float64]) -> None:
    held = places.tolist()
    painter.setPen(QPen(style.colour(MADE, 0.45), 0.7))
    for row, line in enumerate(strengths.tolist()):
        for column, strength in enumerate(line):
            corners = (
                held[row][column],
                held[row][column + 1],
                held[row + 1][column + 1],
                held[row + 1][column],
            )
            painter.setBrush(style.colour(MADE, 0.06 + 0.7 * strength))
            painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
