"""The item of one node: holds its card and its live picture, paints both, finds the port under a point.

What all nodes share (inks, what lights up) is a `Look`; the scene owns it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.canvas.items import measures as m
from app.canvas.items import node_paint as paint
from app.canvas.items.card import Card
from app.canvas.items.grid import ADD_PORT
from app.canvas.items.objective_marks import Mark, Marks
from app.style import theme
from nodes.spec import Port


@dataclass(frozen=True)
class PortAt:
    """A port of a node on the scene, and where its middle is."""

    node: str
    port: Port
    output: bool
    place: QPointF


@dataclass(frozen=True)
class Tint:
    """A colour over a node and a number on it."""

    colour: str
    words: str


@dataclass
class Look:
    """What the painting of every node depends on."""

    ink: paint.Inks = field(default_factory=lambda: paint.inks(theme.current()))
    dark: bool = True
    shadows: bool = True
    ground: QColor = field(default_factory=lambda: QColor(theme.current().canvas))
    lit: dict[tuple[str, bool], frozenset[str]] | None = None
    """While a wire is drawn: per (node, output side) the ports that fit; all others dim."""
    marks: Marks | None = None
    """While an objective is in the light: what nodes are to it; all others stand back."""
    tints: dict[str, Tint] = field(default_factory=dict)
    """While a quantity is shown over the whole drawing: what each node has of it."""
    linked: frozenset[str] = frozenset()
    """Placements that are the same network as the one that is asked about."""

    def use_theme(self) -> None:
        now = theme.current()
        self.ink, self.ground = paint.inks(now), QColor(now.canvas)
        self.dark = QColor(now.canvas).lightness() < 128

    def dims(self, node: str) -> bool:
        return self.lit is not None and (node, False) not in self.lit and (node, True) not in self.lit

    def stands_back(self, node: str) -> bool:
        """Whether a node is nothing to the objective in the light (the border always takes part)."""
        return self.marks is not None and node not in self.marks and not node.startswith("@")


class StackedItem(QGraphicsItem):
    """An item that stands among others of its kind: of two that overlap the one of higher rank is on top."""

    layer = 0.0
    """Which kinds stand before which; a rank is less than 1."""
    rank = 0.0

    def set_rank(self, rank: float) -> None:
        self.rank = rank
        self.setZValue(self.layer + rank)


class NodeItem(StackedItem):
    """One node."""

    def __init__(self, card: Card, look: Look) -> None:
        super().__init__()
        self.card = card
        self.look = look
        self.chosen = False
        self.live = ""
        self.sheet: QImage | None = None
        self.stale = ""
        """Why the picture and the number are not of the present drawing; empty where they are."""
        self._bounds = QRectF()
        self._measure()

    def set_card(self, card: Card) -> bool:
        """Show another card; returns whether its size or ports differ, so that wires must follow."""
        old, self.card = self.card, card
        if old == card:
            return False
        if (old.picture, old.lens) != (card.picture, card.lens):
            self.sheet = None
        shape_changed = (old.width, old.height, old.inputs, old.outputs) != (
            card.width, card.height, card.inputs, card.outputs,
        )  # fmt: skip
        if shape_changed:
            self.prepareGeometryChange()
            self._measure()
        self.update()
        return shape_changed

    def set_sheet(self, sheet: QImage | None) -> None:
        self.sheet = sheet
        self.update(0, 0, self.card.width, self.card.height)

    def set_stale(self, why: str) -> None:
        """Say that what is shown is of another drawing; an empty text: it is of this one."""
        if why != self.stale:
            self.stale = why
            self.update(0, 0, self.card.width, self.card.height)

    def set_live(self, text: str) -> None:
        if text != self.live:
            self.live = text
            self.update(0, 0, self.card.width, m.PICTURE_TOP)

    def set_chosen(self, chosen: bool) -> None:
        if chosen != self.chosen:
            self.chosen = chosen
            self.layer = 1.0 if chosen else 0.0
            self.set_rank(self.rank)
            self.update()

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The card on the scene: left, top, right, bottom."""
        x, y = self.x(), self.y()
        return (x, y, x + self.card.width, y + self.card.height)

    @property
    def rect(self) -> QRectF:
        return QRectF(self.x(), self.y(), self.card.width, self.card.height)

    def place(self, port: str, output: bool) -> QPointF:
        """Where a port is on the scene."""
        x, y = self.card.spot(port, output)
        return QPointF(self.x() + x, self.y() + y)

    def ports(self) -> list[PortAt]:
        card = self.card
        sides = ((card.inputs, False), (card.outputs, True))
        return [PortAt(card.id, p, out, self.place(p.name, out)) for ports, out in sides for p in ports]

    def port_at(self, point: QPointF, radius: float = m.HIT) -> PortAt | None:
        """The nearest port whose hit area holds the point."""
        near = [(QLineF(spot.place, point).length(), index) for index, spot in enumerate(self.ports())]
        best = min(near, default=(radius + 1.0, 0))
        return self.ports()[best[1]] if best[0] <= radius else None

    def holds(self, point: QPointF) -> bool:
        return paint.shapes(self.card.width, self.card.height, self.card.pill).body.contains(
            point - self.pos()
        )

    # Qt --------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        card, look = self.card, self.look
        opacity = 0.3 if look.dims(card.id) else 0.42 if look.stands_back(card.id) else 1.0
        painter.setOpacity(opacity * (0.4 if card.bypassed else 1.0))
        if look.shadows and not card.bypassed and opacity == 1.0:  # it would shine through
            paint.paint_shadow(painter, card, look.dark)
        paint.paint_card(painter, card, look.ink, self.chosen)
        self._paint_marks(painter)
        if card.picture is not None:
            if self.sheet is not None and self.stale:
                paint.paint_stale(painter, card, self.sheet, look.ink)
            elif self.sheet is not None:
                paint.paint_tiles(painter, card, self.sheet)
            else:
                paint.paint_empty_tiles(painter, card, look.ink)
        if card.bypassed and card.inputs and card.outputs:
            painter.setOpacity(opacity)
            painter.setPen(look.ink.wire)
            painter.drawLine(QPointF(0, card.first_port), QPointF(card.width, card.first_port))
            painter.setOpacity(opacity * 0.6)
        paint.paint_words(painter, card, look.ink, self.live, is_stale=bool(self.stale))
        painter.setOpacity(opacity)
        self._paint_ports(painter)
        if card.problem:
            paint.paint_badge(painter, card, look.ink, look.ground)
        if (tint := look.tints.get(card.id)) is not None:
            self._paint_tint(painter, tint)

    def _paint_tint(self, painter: QPainter, tint: Tint) -> None:
        """The number in a label on the upper edge; the colour of the card is under its picture."""
        painter.setOpacity(1.0)
        label = QRectF(m.PAD - 5.0, -10.0, m.text_width("mono", tint.words) + 12.0, 17.0)
        painter.setPen(QPen(self.look.ground, 1.5))
        painter.setBrush(QColor(tint.colour))
        painter.drawRoundedRect(label, 4.0, 4.0)
        painter.setPen(QColor("#14161b" if QColor(tint.colour).lightnessF() > 0.42 else "#ffffff"))
        painter.setFont(m.font("mono"))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, tint.words)

    def _paint_marks(self, painter: QPainter) -> None:
        """A tint, and rings that say what the node is to an objective, or to another placement."""
        card, look = self.card, self.look
        if (tint := look.tints.get(card.id)) is not None:
            body = paint.shapes(card.width, card.height, card.pill).body
            painter.fillPath(body, theme.colour(tint.colour, 0.38))
        mark = look.marks.get(card.id) if look.marks is not None else None
        if mark is Mark.UPDATED:
            paint.paint_updated(painter, card, look.ink, ring=not self.chosen)
        elif not self.chosen and mark is Mark.CONSTANT:
            paint.paint_ring(painter, card, look.ink.constant)
        elif not self.chosen and card.id in look.linked:
            paint.paint_ring(painter, card, look.ink.linked)

    def _paint_ports(self, painter: QPainter) -> None:
        card, look = self.card, self.look
        ink = look.ink
        for ports, output in ((card.inputs, False), (card.outputs, True)):
            lit = look.lit.get((card.id, output)) if look.lit is not None else None
            x = card.width if output else 0.0
            for index, port in enumerate(ports):
                fits = lit is not None and port.name in lit
                pen, fill = ink.wire, ink.panel
                if output and port.side:
                    pen = ink.family_pens[card.family]
                if port.name in card.bad_ports and not output:
                    pen = ink.bad_pen
                if fits:
                    pen, fill = ink.accent, ink.accent_brush
                if card.border and port.name == ADD_PORT:
                    paint.paint_add(painter, x, card.port_y(index), pen, fill)
                else:
                    paint.paint_port(painter, x, card.port_y(index), pen, fill)

    def _measure(self) -> None:
        extra = m.MARGIN
        self._bounds = QRectF(-extra, -extra, self.card.width + 2 * extra, self.card.height + 2 * extra)
