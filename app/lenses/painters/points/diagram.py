"""What a network diagram shows, as values, and how its units and weights are painted.

Functions over a painter and an area.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from app.lenses.colour_maps import FloatArray, signed_scale
from app.lenses.painter import Arrays, Context
from app.lenses.painters.points.plane_paint import paint_heat
from app.lenses.painters.points.shown_field import ShownField, read_field
from app.style import theme as style
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import number

_THICKEST = 6.0
"""Width of the line of the largest weight, in pixels."""
_SIDE, _AIR, _HEAD = 46.0, 6.0, 16.0


@dataclass(frozen=True)
class Edge:
    """The weight between a unit and one of the column before."""

    column: int
    unit: int
    before: int
    weight: float


@dataclass(frozen=True, eq=False)
class Diagram:
    """`columns` are the fields (u, S, S) of what enters and of each layer, `totals` how many units each has.

    `weights` (u, u before) and `biases` (u) are those of the columns from the second on, `names` the layers.
    `output` is the last column with more points and the data. `whole` has all weights and biases of layers
    of which a part is drawn.
    """

    columns: tuple[FloatArray, ...]
    totals: tuple[int, ...]
    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray | None, ...]
    names: tuple[str, ...]
    inputs: tuple[str, ...]
    output: ShownField
    left_out: int
    whole: tuple[dict[str, FloatArray], ...] = ()

    def typed(self, edge: Edge, value: float) -> dict[str, FloatArray]:
        """The weights of the layer with this one changed."""
        place = edge.column - 1
        bias = self.biases[place]
        drawn = {"weight": self.weights[place]} | ({} if bias is None else {"bias": bias})
        tensors = dict((self.whole[place] if self.whole else {}) or drawn)
        tensors["weight"] = tensors["weight"].copy()
        tensors["weight"][edge.unit, edge.before] = value
        return tensors

    @property
    def largest(self) -> float:
        """The largest weight."""
        return max((float(np.abs(each).max(initial=0.0)) for each in self.weights), default=0.0) or 1.0

    def title(self, column: int) -> str:
        """The name of a column without the places around it."""
        return self.names[column - 1].rpartition(".")[2] if column else "input"

    def unit(self, column: int, unit: int) -> str:
        """How a unit is called."""
        if not column:
            return self.inputs[unit] if unit < len(self.inputs) else f"input {unit}"
        return f"{self.title(column)} unit {unit}"

    def told(self, column: int, unit: int) -> str:
        """A unit with its bias."""
        bias = self.biases[column - 1] if column else None
        words = self.unit(column, unit)
        return words if bias is None else f"{words} · bias {number(float(bias[unit]))}"

    def edges(self) -> list[Edge]:
        """All weights that are drawn, the smallest first."""
        found = [
            Edge(column, unit, before, float(held[unit, before]))
            for column, held in enumerate(self.weights, 1)
            for unit in range(held.shape[0])
            for before in range(held.shape[1])
        ]
        return sorted(found, key=lambda edge: abs(edge.weight))


def read_diagram(arrays: Arrays, context: Context) -> Diagram | None:
    """The diagram in a frame; None where there is none."""
    if "output" not in arrays:
        return None
    totals = tuple(int(total) for total in arrays["total"])
    count = np.array([0])
    shown = {**arrays, "field": arrays["output"], "units": np.array([totals[-1]]), "classes": count}
    output = read_field(shown, context)
    if output is None:
        return None
    columns = range(len(totals))
    biases = (arrays.get(f"bias_{column}") for column in columns if column)
    return Diagram(
        tuple(np.asarray(arrays[f"field_{column}"], np.float32) for column in columns),
        totals,
        tuple(np.asarray(arrays[f"weight_{column}"], np.float32) for column in columns if column),
        tuple(None if bias is None else np.asarray(bias, np.float32) for bias in biases),
        tuple(str(name) for name in arrays["layers"]),
        output.axes if len(output.axes) == totals[0] else (),
        output,
        int(arrays["left_out"][0]),
        tuple(
            {
                name: np.asarray(arrays[f"whole_{name}_{column}"], np.float32)
                for name in ("weight", "bias")
                if f"whole_{name}_{column}" in arrays
            }
            for column in columns
            if column
        ),
    )


def place_of(shown: Diagram, column: int, unit: int, area: QRectF) -> QRectF:
    """The square of a unit in an area: columns from the left, the units of each in the middle."""
    count, rows = len(shown.columns), max(len(held) for held in shown.columns)
    room = area.adjusted(2, _HEAD, -2, -2)
    side = max(4.0, min(_SIDE, room.height() / rows - _AIR, room.width() / (count * 1.9)))
    step = min(side + 2 * _AIR, room.height() / rows)
    across = (room.width() - side) / max(1, count - 1)
    top = room.center().y() - step * len(shown.columns[column]) / 2 + (step - side) / 2
    return QRectF(room.left() + across * column, top + unit * step, side, side)


def line_of(shown: Diagram, edge: Edge, area: QRectF) -> QPainterPath:
    """The line of a weight, from the right of one unit to the left of another."""
    first = place_of(shown, edge.column - 1, edge.before, area)
    second = place_of(shown, edge.column, edge.unit, area)
    begin = QPointF(first.right(), first.center().y())
    end = QPointF(second.left(), second.center().y())
    path, reach = QPainterPath(begin), (end.x() - begin.x()) * 0.45
    path.cubicTo(begin + QPointF(reach, 0), end - QPointF(reach, 0), end)
    return path


def paint_diagram(
    painter: QPainter,
    shown: Diagram,
    area: QRectF,
    theme: Theme,
    *,
    edge: Edge | None = None,
    named: bool = True,
) -> None:
    """Lines first, the strongest above, then units with their biases, and the names of the columns."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    thickest = _THICKEST if named else _THICKEST / 2
    for one in shown.edges():
        share = abs(one.weight) / shown.largest
        faint = 0.25 + 0.6 * share if edge is None or one == edge else 0.12
        tint = style.colour(NEGATIVE if one.weight < 0 else POSITIVE, 1.0 if one == edge else faint)
        painter.setPen(QPen(tint, max(0.5, thickest * share)))
        painter.drawPath(line_of(shown, one, area))
    for column, held in enumerate(shown.columns):
        scale = signed_scale(held)
        for unit in range(len(held)):
            box = place_of(shown, column, unit, area)
            paint_heat(painter, box, held[unit], scale, theme)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(style.colour(theme.hairline), 1))
            painter.drawRect(box)
            bias = shown.biases[column - 1] if column else None
            if bias is not None:
                _paint_bias(painter, box, float(bias[unit]), bias, theme)
        if named:
            _paint_name(painter, shown, column, area, theme)


def _paint_bias(
    painter: QPainter, box: QRectF, bias: float, every: NDArray[np.float32], theme: Theme
) -> None:
    """A small square in the colour of the bias, at the lower left corner of its unit."""
    side = max(3.0, box.width() * 0.18)
    square = QRectF(box.left() - side / 2, box.bottom() - side / 2, side, side)
    painter.setPen(QPen(style.colour(theme.panel), 1))
    share = min(1.0, abs(bias) / (float(np.abs(every).max(initial=0.0)) or 1.0))
    painter.setBrush(QColor(theme.raised))
    painter.drawRect(square)
    painter.setBrush(style.colour(NEGATIVE if bias < 0 else POSITIVE, share))
    painter.drawRect(square)


def _paint_name(painter: QPainter, shown: Diagram, column: int, area: QRectF, theme: Theme) -> None:
    """The name of a column, with how many of its units are drawn."""
    box = place_of(shown, column, 0, area)
    count, total = len(shown.columns[column]), shown.totals[column]
    words = shown.title(column) + (f" {count}/{total}" if count < total else "")
    painter.setFont(style.sans(10))
    painter.setPen(style.colour(theme.muted))
    wide = painter.fontMetrics().horizontalAdvance(words) + 2
    room = area.width() / len(shown.columns) - 4
    words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room))
    left = min(max(area.left(), box.center().x() - wide / 2), area.right() - min(wide, room))
    place = QRectF(left, area.top(), wide, 13)
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
