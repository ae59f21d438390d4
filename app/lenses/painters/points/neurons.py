"""Paints a network diagram: units as squares with their fields, weights as lines between them, and one unit
large with the data on it.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPathStroker,
    QPen,
)
from PySide6.QtWidgets import QLineEdit

from app.lenses.colour_maps import signed_scale
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.points.diagram import Diagram, Edge, line_of, paint_diagram, place_of, read_diagram
from app.lenses.painters.points.plane_paint import (
    MADE,
    NOISE,
    colours_of,
    frame_in,
    paint_axes,
    paint_heat,
    paint_points,
)
from app.lenses.painters.points.plane_view import PlaneView
from app.lenses.room import Room
from app.style import theme as style
from app.style.theme import Theme
from app.widgets.numbers import number

_NEAR, _ROW, _HEAD = 7.0, 30.0, 16.0
"""How near the mouse must be to a line, height of a unit with its air, and of the names, in pixels."""
_WIDE = 560


class DiagramView(PlaneView):
    """`shown` is what it paints. A click on the line of a weight opens a field to type another one."""

    weights_given = Signal(
        str, object
    )  # path of a layer, and its tensors by name with the number that was typed

    def __init__(self) -> None:
        self.shown: Diagram | None = None
        self.hovered: tuple[int, int] | None = None
        self.edge: Edge | None = None
        self._typed_of: tuple[Diagram, Edge] | None = None
        super().__init__()
        self.entry = QLineEdit(self)
        self.entry.setFixedSize(72, 24)
        self.entry.setAccessibleName("Weight")
        self.entry.hide()
        self.entry.returnPressed.connect(self._take)
        self.entry.editingFinished.connect(self.entry.hide)

    def show_diagram(self, shown: Diagram) -> None:
        self.shown = shown
        self.fit()
        self.update()
        self.tell()

    def wished_height(self, width: int) -> int:
        if self.shown is None:
            return 1
        rows = max(len(column) for column in self.shown.columns)
        high = rows * _ROW + _HEAD
        return round(max(high, 280.0) if width >= _WIDE else high + min(width, 240))

    def areas(self, area: QRectF) -> tuple[QRectF, QRectF]:
        """Where the neurons and where the large field stand."""
        if area.width() >= _WIDE:
            side = min(area.height(), area.width() * 0.38)
            left = QRectF(area.left(), area.top(), area.width() - side - 14, area.height())
            return left, QRectF(left.right() + 14, area.top(), side, area.height())
        side = min(area.width(), 240.0, area.height() * 0.5)
        above = QRectF(area.left(), area.top(), area.width(), area.height() - side)
        return above, QRectF(area.left(), above.bottom(), area.width(), side)

    def square(self, column: int, unit: int, area: QRectF) -> QRectF:
        """Where a unit stands."""
        assert self.shown is not None
        return place_of(self.shown, column, unit, self.areas(area)[0])

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        shown = self.shown
        if shown is None:
            return
        neurons, large = self.areas(area)
        paint_diagram(painter, shown, neurons, tokens, edge=self.edge)
        column, unit = self.hovered or (len(shown.columns) - 1, 0)
        self._paint_large(painter, large, shown, column, unit, tokens)
        box = place_of(shown, column, unit, neurons).adjusted(-1.5, -1.5, 1.5, 1.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(style.colour(tokens.accent), 1.5))
        painter.drawRoundedRect(box, 3, 3)

    def _paint_large(
        self, painter: QPainter, area: QRectF, shown: Diagram, column: int, unit: int, tokens: Theme
    ) -> None:
        last = column == len(shown.columns) - 1
        field = shown.output.values if last else shown.columns[column]
        frame = frame_in(area, shown.output.domain)
        paint_heat(painter, frame.area, field[unit], signed_scale(field), tokens)
        paint_axes(painter, frame, tokens, shown.output.axes, grid=False)
        output, radius = shown.output, max(1.8, frame.area.width() / 100.0)
        if output.points is not None:
            colours = colours_of(output.labels, len(output.points))
            paint_points(painter, frame, output.points, colours, radius, tokens.panel)
        if output.made is not None:
            tint = QColor(NOISE if output.is_noise else MADE)
            paint_points(painter, frame, output.made, [tint] * len(output.made), radius, tokens.panel)

    # The mouse -------------------------------------------------------------------------------------

    def unit_at(self, place: QPointF, area: QRectF) -> tuple[int, int] | None:
        """The unit at a place."""
        if self.shown is None:
            return None
        every = (
            (column, unit) for column, held in enumerate(self.shown.columns) for unit in range(len(held))
        )
        return next((one for one in every if self.square(*one, area).contains(place)), None)

    def edge_at(self, place: QPointF, area: QRectF) -> Edge | None:
        """The strongest weight whose line is near a place."""
        if self.shown is None:
            return None
        neurons, stroker = self.areas(area)[0], QPainterPathStroker()
        stroker.setWidth(_NEAR)
        for edge in reversed(self.shown.edges()):
            if stroker.createStroke(line_of(self.shown, edge, neurons)).contains(place):
                return edge
        return None

    def hover(self, place: QPointF | None, area: QRectF) -> None:
        unit = self.unit_at(place, area) if place is not None else None
        edge = self.edge_at(place, area) if place is not None and unit is None else None
        if (unit, edge) != (self.hovered, self.edge):
            self.hovered, self.edge = unit, edge
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        edge = self.edge_at(event.position(), QRectF(self.rect()))
        if self.shown is None or edge is None or event.button() != Qt.MouseButton.LeftButton:
            self.entry.hide()
            return
        self._typed_of = self.shown, edge
        self.entry.setText(f"{edge.weight:.6g}")
        left = min(round(event.position().x()), self.width() - self.entry.width())
        top = min(round(event.position().y()) + 6, self.height() - self.entry.height())
        self.entry.move(max(0, left), max(0, top))
        self.entry.show()
        self.entry.setFocus()
        self.entry.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.entry.isVisible():
            self.entry.hide()
            return
        super().keyPressEvent(event)

    def _take(self) -> None:
        """Hand on what was typed, where it is a number."""
        typed, self._typed_of = self._typed_of, None
        try:
            value = float(self.entry.text().replace("−", "-").replace(",", "."))
        except ValueError:
            self.pointed.emit(f"Expected a number. Received {self.entry.text()!r}.")
            return
        if typed is None:
            return
        shown, edge = typed
        self.weights_given.emit(shown.names[edge.column - 1], shown.typed(edge, value))

    def words_at(self, place: QPointF, area: QRectF) -> str:
        shown = self.shown
        if shown is None:
            return ""
        if self.hovered is not None:
            return shown.told(*self.hovered)
        if self.edge is not None:
            edge = self.edge
            ends = f"{shown.unit(edge.column - 1, edge.before)} → {shown.unit(edge.column, edge.unit)}"
            return f"{ends} · weight {number(edge.weight)}"
        frame = frame_in(self.areas(area)[1], shown.output.domain)
        return shown.output.at(0, frame.point(place)) if frame.area.contains(place) else ""


class DiagramPainter(Painter[DiagramView]):
    """The neurons alone in the node."""

    kind = "network_diagram"
    empty = "Press Play to see what each unit computes, and the weights between them."

    def room(self, subject: Subject) -> Room | None:
        return Room(1, 1, 200.0, 150.0)

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        shown = read_diagram(arrays, context)
        if shown is None:
            return None

        def draw(painter: QPainter, area: QRectF, theme: Theme) -> None:
            paint_diagram(painter, shown, area.adjusted(4, 0, -4, -2), theme, named=False)

        return picture(room, theme, draw)

    def view(self) -> DiagramView:
        return DiagramView()

    def show(self, view: DiagramView, arrays: Arrays, context: Context) -> bool:
        shown = read_diagram(arrays, context)
        if shown is None:
            return False
        view.show_diagram(shown)
        return True

    def note(self, view: DiagramView, moment: str, context: Context) -> str:
        shown = view.shown
        if shown is None:
            return moment
        drawn, every = sum(map(len, shown.columns)), sum(shown.totals)
        parts = [f"{drawn} of {every:,} units"] if drawn < every else []
        parts += [f"{shown.left_out} layers before"] if shown.left_out else []
        parts += [shown.output.coarser()] if shown.output.coarser() else []
        return " · ".join([*parts, moment])
