"""Paints clouds: dots in the plane over the data, or how densely single numbers lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.lenses.colour_maps import FloatArray
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.points.plane_paint import (
    BOTTOM,
    DATA,
    LEFT,
    RIGHT,
    TOP,
    PlaneFrame,
    colours_of,
    dots_named,
    frame_in,
    paint_axes,
    paint_legend,
    paint_points,
)
from app.lenses.painters.points.plane_view import PlaneView
from app.lenses.room import Room
from app.style import theme as style
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import number
from engine.lens.kinds.points.in_plane import around
from nodes.spec import TensorSpec

_FOOT = 18.0
_LARGEST = 300
_BINS = 40
_LINE_HEIGHT = 150
_NEAR = 8.0
"""Pixels within which a dot is under the mouse."""


@dataclass(frozen=True, eq=False)
class ShownCloud:
    """`points` (n, 1) or (n, 2) with their `labels`, over `real` ones; `domain` is what is shown,
    (size, 2).
    """

    points: FloatArray
    labels: NDArray[np.generic] | None
    real: FloatArray | None
    domain: NDArray[np.float32]
    names: tuple[str, ...]
    more: tuple[int, int]
    """How many further points there are, and further data."""

    @property
    def is_line(self) -> bool:
        return bool(self.points.shape[1] == 1)

    def named(self) -> list[tuple[str, str]]:
        """The colours with their meaning."""
        return dots_named(self.labels, self.names, made=self.real is not None, data=self.real is not None)

    def label(self, index: int) -> str:
        """The class of a dot, or its target."""
        if self.labels is None:
            return ""
        if self.labels.dtype.kind in "iu":
            kind = int(self.labels[index])
            return self.names[kind] if kind < len(self.names) else f"class {kind}"
        return f"target {number(float(self.labels[index]))}"


def read_cloud(arrays: Arrays, context: Context) -> ShownCloud | None:
    """The cloud in a frame; None where there is none."""
    points = arrays.get("points")
    if points is None or not len(points):
        return None
    held = np.asarray(points, np.float32)
    real = np.asarray(arrays["real"], np.float32) if "real" in arrays else None
    shown = real if real is not None and len(real) else held
    names = context.info.classes if context.info is not None else ()
    domain = around(shown, held.shape[1])
    more = int(arrays["more"][0]), int(arrays["more"][1])
    return ShownCloud(held, arrays.get("labels"), real, domain, names, more)


class CloudView(PlaneView):
    """`shown` is what it paints."""

    def __init__(self) -> None:
        self.shown: ShownCloud | None = None
        super().__init__()

    def show_cloud(self, shown: ShownCloud) -> None:
        self.shown = shown
        self.fit()
        self.update()
        self.tell()

    def wished_height(self, width: int) -> int:
        if self.shown is not None and self.shown.is_line:
            return _LINE_HEIGHT
        return round(min(width - LEFT - RIGHT, _LARGEST) + TOP + BOTTOM + _FOOT)

    def _frame(self, area: QRectF) -> PlaneFrame:
        assert self.shown is not None
        return frame_in(area.adjusted(0, 0, 0, -_FOOT), self.shown.domain)

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        shown = self.shown
        if shown is None:
            return
        foot = QRectF(area.left() + LEFT, area.bottom() - _FOOT, area.width() - LEFT - 4, _FOOT)
        paint_legend(painter, foot, shown.named(), tokens)
        if shown.is_line:
            paint_density(painter, shown, _line_area(area), tokens)
            return
        frame = self._frame(area)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.raised))
        painter.drawRect(frame.area)
        paint_axes(painter, frame, tokens)
        paint_dots(painter, frame, shown, _radius(len(shown.points), frame.area.width()), tokens.raised)
        count = sum(_outside(shown))
        if count:
            painter.setPen(style.colour(tokens.muted))
            painter.setFont(style.sans(11))
            foot = QRectF(foot.left(), foot.top(), foot.width() * 0.45, foot.height())
            painter.drawText(foot, Qt.AlignmentFlag.AlignVCenter, f"{count:,} outside")

    def words_at(self, place: QPointF, area: QRectF) -> str:
        shown = self.shown
        if shown is None:
            return ""
        if shown.is_line:
            return _words_at_line(shown, place, _line_area(area))
        frame = self._frame(area)
        if not frame.area.contains(place):
            return ""
        away = np.hypot(*(frame.places(shown.points) - (place.x(), place.y())).T)
        index = int(np.argmin(np.nan_to_num(away, nan=np.inf)))
        x, y = shown.points[index].tolist() if away[index] <= _NEAR else frame.point(place)
        words = f"{number(x)}, {number(y)}"
        label = shown.label(index) if away[index] <= _NEAR else ""
        return f"{words} · {label}" if label else words


class CloudPainter(Painter[CloudView]):
    """Nodes whose points are compared with data show it by default."""

    kind = "cloud"
    empty = "Press Play to see what this node gives."

    def is_default(self, subject: Subject) -> bool:
        plane = subject.report.plane if subject.report is not None else None
        spec = next(iter(subject.report.outputs.values()), None) if subject.report is not None else None
        return plane is not None and plane.has_real and _is_plane(spec)

    def room(self, subject: Subject) -> Room | None:
        report = subject.report
        if report is None:
            return None
        entering = (spec for specs in report.inputs.values() for spec in specs)
        spec = next(iter(report.outputs.values()), next(entering, None))
        return Room(1, 1, 132.0, 132.0) if _is_plane(spec) else Room(1, 1, 132.0, 56.0)

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        shown = read_cloud(arrays, context)
        if shown is None:
            return None

        def draw(painter: QPainter, area: QRectF, theme: Theme) -> None:
            if shown.is_line:
                paint_density(painter, shown, area.adjusted(4, 4, -4, -4), theme, axes=False)
                return
            (left, right), (low, high) = shown.domain.tolist()
            paint_dots(painter, PlaneFrame(area, (left, right), (low, high)), shown, 1.4, theme.raised)

        return picture(room, theme, draw)

    def view(self) -> CloudView:
        return CloudView()

    def show(self, view: CloudView, arrays: Arrays, context: Context) -> bool:
        shown = read_cloud(arrays, context)
        if shown is None:
            return False
        view.show_cloud(shown)
        return True

    def note(self, view: CloudView, moment: str, context: Context) -> str:
        shown = view.shown
        if shown is None:
            return moment
        named = (("samples", shown.points, shown.more[0]), ("of the data", shown.real, shown.more[1]))
        parts = [
            f"first {len(points):,} of {len(points) + more:,} {name}"
            for name, points, more in named
            if points is not None and more
        ]
        return " · ".join([*parts, moment])


def _is_plane(spec: TensorSpec | None) -> bool:
    return spec is not None and spec.features == (2,)


def _radius(count: int, side: float) -> float:
    return max(1.2, min(4.0, side / 90.0) * (1.0 if count <= 500 else 0.8 if count <= 2000 else 0.55))


def _outside(shown: ShownCloud) -> tuple[int, ...]:
    """How many points lie outside of what is shown."""
    low, high = shown.domain[:, 0], shown.domain[:, 1]
    return (int((~((shown.points >= low) & (shown.points <= high)).all(axis=1)).sum()),)


def paint_dots(painter: QPainter, frame: PlaneFrame, shown: ShownCloud, radius: float, ground: str) -> None:
    """The data, and over them what is given."""
    if shown.real is not None:
        faint = QColor(DATA)
        faint.setAlphaF(0.7)
        paint_points(painter, frame, shown.real, [faint] * len(shown.real), radius, ground)
    colours = colours_of(shown.labels, len(shown.points), made=shown.real is not None)
    paint_points(painter, frame, shown.points, colours, radius, ground)


# Single numbers ------------------------------------------------------------------------------------


def _line_area(area: QRectF) -> QRectF:
    return area.adjusted(6, TOP, -RIGHT, -BOTTOM - _FOOT)


def _groups(shown: ShownCloud) -> list[tuple[str, str, FloatArray]]:
    """Name, colour and numbers of each class, or of all."""
    values, labels = shown.points[:, 0], shown.labels
    if (
        labels is not None
        and labels.dtype.kind == "f"
        and set(np.unique(labels).tolist()) <= {-1.0, 0.0, 1.0}
    ):
        labels = (np.asarray(labels) > 0).astype(np.int64)
    if labels is None or labels.dtype.kind not in "iu":
        found = [("generated" if shown.real is not None else "", NEGATIVE, values)]
        if shown.real is not None:
            found.insert(0, ("data", POSITIVE, shown.real[:, 0]))
        return found
    kinds = sorted(set(np.asarray(labels).tolist()))
    tints = colours_of(np.array(kinds, np.int64), len(kinds))
    names = [shown.names[kind] if kind < len(shown.names) else f"class {kind}" for kind in kinds]
    return [
        (name, tint.name(), values[np.asarray(labels) == kind])
        for name, tint, kind in zip(names, tints, kinds, strict=True)
    ]


def _counts(shown: ShownCloud) -> tuple[NDArray[np.float64], list[tuple[str, str, NDArray[np.float64]]]]:
    """Edges of the bins, and of each group its name, its colour and the share of its numbers in each bin."""
    low, high = (float(end) for end in shown.domain[0])
    edges = np.linspace(low, high, _BINS + 1)
    found = []
    for name, tint, values in _groups(shown):
        counts = np.histogram(values[np.isfinite(values)], edges)[0]
        found.append((name, tint, counts / max(1, len(values))))
    return edges, found


def paint_density(
    painter: QPainter, shown: ShownCloud, area: QRectF, theme: Theme, *, axes: bool = True
) -> None:
    """Steps over the line, a colour for each class, each with an area of 1."""
    edges, groups = _counts(shown)
    most = max((float(shares.max(initial=0.0)) for _, _, shares in groups), default=0.0) or 1.0
    frame = PlaneFrame(area, (float(edges[0]), float(edges[-1])), (0.0, most * 1.08))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for _, tint, shares in groups:
        corners = [(edges[0], 0.0)]
        for index, share in enumerate(shares.tolist()):
            corners += [(edges[index], share), (edges[index + 1], share)]
        corners.append((edges[-1], 0.0))
        line = QPolygonF([QPointF(x, y) for x, y in frame.places(np.array(corners)).tolist()])
        painter.setPen(QPen(QColor(tint), 1.2 if not axes else 1.6))
        painter.setBrush(style.colour(tint, 0.22))
        painter.drawPolygon(line)
    if axes:
        paint_axes(painter, frame, theme, only_x=True)


def _words_at_line(shown: ShownCloud, place: QPointF, area: QRectF) -> str:
    """The bin under the mouse, as in `0.2 to 0.3 · orange 12 % · blue 1 %`."""
    edges, groups = _counts(shown)
    if not area.contains(place):
        return ""
    index = min(_BINS - 1, max(0, int((place.x() - area.left()) / area.width() * _BINS)))
    parts = [f"{name} {shares[index] * 100:.1f} %".strip() for name, _, shares in groups]
    return " · ".join([f"{number(float(edges[index]))} to {number(float(edges[index + 1]))}", *parts])
