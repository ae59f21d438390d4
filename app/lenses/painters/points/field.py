"""Paints fields: a small map for each unit in the node, one large with the data on it in the inspector."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app.lenses.colour_maps import signed_pixels, tiles_in
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.points.curves import paint_curves
from app.lenses.painters.points.field_view import FieldView
from app.lenses.painters.points.plane_paint import (
    MADE,
    NOISE,
    PlaneFrame,
    colours_of,
    paint_heat,
    paint_points,
)
from app.lenses.painters.points.shown_field import ShownField, read_field
from app.lenses.room import Room
from app.style.theme import Theme
from engine.report import NodeReport
from nodes.spec import Role, TensorSpec

IN_NODE, _ACROSS, _SIDE = 16, 4, 20.0
"""Most units that a node shows, how many side by side, and their side in pixels: no card becomes wider."""
_LARGE = Room(1, 1, 86.0, 86.0)
_CURVES = Room(1, 1, 86.0, 60.0)


class FieldPainter(Painter[FieldView]):
    """Nodes of networks whose data are points show it by default."""

    kind = "field"
    empty = "Press Play to see what this node computes for every point."

    def is_default(self, subject: Subject) -> bool:
        plane = subject.report.plane if subject.report is not None else None
        return plane is not None and plane.over == 2 and not plane.has_real

    def room(self, subject: Subject) -> Room | None:
        report = subject.report
        spec = _shown(report) if report is not None else None
        if report is None or report.plane is None or spec is None:
            return None
        if report.plane.over == 1:
            return _CURVES
        size = spec.features[0] if spec.features else 1
        if subject.layer is not None and subject.layer.role is Role.OUTPUT:
            return _LARGE
        if subject.layer is None and size == 1:  # a network with one answer, such as a discriminator
            return _LARGE
        return tiles_room(size) if isinstance(size, int) else None

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        shown = read_field(arrays, context)
        if shown is None:
            return None
        if shown.is_line or room == _LARGE:
            return picture(room, theme, lambda painter, area, theme: _paint(shown, painter, area, theme))
        return tiles_in(room, signed_pixels(shown.values, shown.scale, theme), theme.raised)

    def view(self) -> FieldView:
        return FieldView()

    def show(self, view: FieldView, arrays: Arrays, context: Context) -> bool:
        shown = read_field(arrays, context)
        if shown is None:
            return False
        view.show_field(shown)
        return True

    def note(self, view: FieldView, moment: str, context: Context) -> str:
        shown = view.shown
        if shown is None:
            return moment
        parts = [f"{shown.count} of {shown.total:,} units"] if shown.count < shown.total else []
        parts += [shown.coarser()] if shown.coarser() else []
        dots = shown.points if shown.points is not None else shown.made
        if shown.more and dots is not None:
            parts.append(f"first {len(dots):,} of {len(dots) + shown.more:,} points")
        return " · ".join([*parts, moment])


def tiles_room(units: int) -> Room:
    """Room for so many small maps."""
    count = min(units, IN_NODE)
    if count == 1:
        return Room(1, 1, 43.0, 43.0)
    return Room(count, min(count, _ACROSS), _SIDE, _SIDE)


def _shown(report: NodeReport) -> TensorSpec | None:
    entering = (spec for specs in report.inputs.values() for spec in specs)
    return next(iter(report.outputs.values()), next(entering, None))


def _paint(shown: ShownField, painter: QPainter, area: QRectF, theme: Theme) -> None:
    """The first unit in all the room, with the points on it; of a line, the curves."""
    if shown.is_line:
        paint_curves(painter, shown, area, theme, small=True)
        return
    paint_heat(painter, area, shown.values[0], shown.scale, theme)
    (left, right), (low, high) = np.asarray(shown.domain, np.float64).tolist()
    frame = PlaneFrame(area, (left, right), (low, high))
    if shown.points is not None:
        colours = colours_of(shown.labels, len(shown.points))
        paint_points(painter, frame, shown.points, colours, 1.8, theme.panel)
    if shown.made is not None:
        colours = [QColor(NOISE if shown.is_noise else MADE)] * len(shown.made)
        paint_points(painter, frame, shown.made, colours, 1.5, theme.panel)
