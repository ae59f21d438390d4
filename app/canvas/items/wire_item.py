"""The item of one wire: its course, its colour and its label."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.canvas.items import measures as m
from app.canvas.items.node_item import Look, StackedItem
from app.canvas.items.routing import Place, Rect, Route, label_place, painter_path
from engine.document.project import Wire

_ABOVE_BELOW = (-19.0, 3.0)
"""How far from its wire a label begins."""
_REACH = 6.0
"""How near to a wire a press still takes it."""


class WireItem(StackedItem):
    """One wire."""

    layer = -10.0

    def __init__(self, wire: Wire, look: Look, covered: Callable[[Rect], object]) -> None:
        """`covered` says whether a card stands in a region."""
        super().__init__()
        self.wire = wire
        self.look = look
        self._covered = covered
        self.side_family: str | None = None
        """The family of the source, where the wire is not the main flow."""
        self.bad = False
        self.chosen = False
        self.aimed = False
        """Something is held over the wire that would be put into it."""
        self.label = ""
        self.route: Route | None = None
        self.path = QPainterPath()
        self.label_at: Place | None = None
        """The middle of the label's upper edge; None where it has no room."""
        self._labelled = True
        self._bounds = QRectF()
        self.set_rank(0.0)

    def set_route(self, route: Route, *, labelled: bool = True) -> bool:
        """Take a course; one that runs along with another of the same port leaves the label to that.

        Returns whether the wire looks different now.
        """
        if route == self.route and labelled == self._labelled:
            before = self.label_at
            self._place_label()  # a card may have come, or gone
            if self.label_at != before:
                self.update()
            return self.label_at != before
        self.prepareGeometryChange()
        self.route, self.path, self._labelled = route, painter_path(route), labelled
        self._place_label()
        self._bounds = self.path.controlPointRect().adjusted(-8.0, -m.LABEL, 8.0, m.LABEL)
        return True

    def set_state(self, *, side_family: str | None, bad: bool, label: str) -> bool:
        """Look so; returns whether that is a change."""
        if (side_family, bad, label) == (self.side_family, self.bad, self.label):
            return False
        self.side_family, self.bad, self.label = side_family, bad, label
        self._place_label()
        self.update()
        return True

    def set_chosen(self, chosen: bool) -> None:
        if chosen != self.chosen:
            self.chosen = chosen
            self.update()

    def set_aimed(self, aimed: bool) -> None:
        if aimed != self.aimed:
            self.aimed = aimed
            self.update()

    def holds(self, point: QPointF, reach: float = _REACH) -> bool:
        stroker = QPainterPathStroker()
        stroker.setWidth(2 * reach)
        return self._bounds.contains(point) and stroker.createStroke(self.path).contains(point)

    def pen(self) -> QPen:
        ink = self.look.ink
        if self.chosen or self.aimed:
            pen = QPen(ink.accent)
            pen.setWidthF(4.0 if self.aimed else 2.0)
            return pen
        if self.bad:
            pen = QPen(ink.bad_pen)
            pen.setDashPattern([3.0, 2.5])
            return pen
        return ink.family_pens[self.side_family] if self.side_family else ink.wire

    def _place_label(self) -> None:
        """Above the wire, else below it; nowhere where a card is in the way."""
        self.label_at = None
        if self.route is None or not self.label or not self._labelled:
            return
        width = m.text_width("mono", self.label)
        place = label_place(self.route, width)
        if place is None:
            return
        for away in _ABOVE_BELOW:
            x, top = place[0], place[1] + away
            if not self._covered((x - width / 2, top + 2.0, x + width / 2, top + 15.0)):
                self.label_at = (x, top)
                return

    # Qt --------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        route = self.route
        if route is None:
            return
        ends = (self.wire.source.node, self.wire.target.node)
        back = self.look.lit is not None or any(map(self.look.stands_back, ends))
        painter.setOpacity(0.35 if back else 1.0)
        painter.setPen(self.pen())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.path.elementCount() == 2:
            painter.drawLine(self.path.pointAtPercent(0.0), self.path.pointAtPercent(1.0))
        else:
            painter.drawPath(self.path)
        if self.label_at is not None:
            x, top = self.label_at
            painter.setPen(self.look.ink.muted)
            painter.setFont(m.font("mono"))
            width = m.text_width("mono", self.label)
            painter.drawStaticText(QPointF(x - width / 2, top), m.static_text("mono", self.label))
