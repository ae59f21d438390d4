"""Draw a wire from either end. Ports that fit light up, all else dims; on empty canvas the search opens.

Taking the end of a wire that is there unplugs it: it can be put elsewhere, or dropped to remove the wire.
"""

from __future__ import annotations

from typing import Self

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.canvas.editing import border_edits
from app.canvas.editing.placing import mismatch
from app.canvas.gestures import hint
from app.canvas.gestures.base import Canvas, Gesture, Modifiers, Press
from app.canvas.items import routing
from app.canvas.items.grid import ADD_PORT
from app.canvas.items.node_item import PortAt
from app.style import theme
from engine.document import edits, query
from engine.document.project import INPUT, OUTPUT, End, Project, Wire
from nodes.spec import Port

_SNAP = 22.0
"""How near to a port that fits the wire jumps to it, in pixels on screen."""


class DrawWire(Gesture):
    """`fixed` is the end that stays."""

    order = 10
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, canvas: Canvas, spot: PortAt) -> None:
        super().__init__(canvas)
        self._pressed = spot
        self._taken = self._wire_to_take(spot)
        self.fixed = self._source_of(self._taken) if self._taken is not None else spot
        self.snapped: PortAt | None = None
        self.reason = ""

    @classmethod
    def for_press(cls, canvas: Canvas, press: Press) -> Self | None:
        return cls(canvas, press.port) if press.is_left and press.port is not None else None

    def start(self, at: QPointF, modifiers: Modifiers) -> None:
        super().start(at, modifiers)
        self._tip = QPointF(at)
        self._fits = self._ports_that_fit()

    def update(self, at: QPointF) -> None:
        if not self.began and self.has_begun(at):
            self._show(True)
        if not self.began:
            return
        self._tip = QPointF(at)
        self.snapped = self._nearest(at)
        self.reason = "" if self.snapped is not None else self._why_not(at)

    def end(self, at: QPointF) -> None:
        self.update(at)
        self._show(False)
        if not self.began:
            if self._pressed.port.name == ADD_PORT:
                self.canvas.add_port(self._pressed.node)
            return
        if self.snapped is not None:
            self._connect(self.snapped)
        elif self.reason:
            self.session.notify(self.reason, "warn")
        elif self._taken is not None:
            taken = self._taken
            self.session.attempt(lambda p: edits.disconnect(p, self.session.view.graph, taken), "Remove wire")
        elif self.scene.hit_testing.node_at(at) is None:
            self.canvas.open_search(at, wire_from=self.fixed)

    def cancel(self) -> None:
        self._show(False)

    def paint(self, painter: QPainter) -> None:
        if not self.began:
            return
        now = theme.current()
        place = self.snapped.place if self.snapped is not None else self._tip
        ends = (self.fixed.place, place) if self.fixed.output else (place, self.fixed.place)
        path = routing.painter_path(routing.Route(((ends[0].x(), ends[0].y()), (ends[1].x(), ends[1].y()))))
        pen = QPen(theme.colour(now.bad if self.reason else now.accent), 2.0)
        pen.setCosmetic(self.canvas.camera.zoom < 1.0)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        painter.setBrush(theme.colour(now.bad if self.reason else now.accent))
        painter.drawEllipse(place, 4.0, 4.0)
        if self.reason:
            hint.paint(painter, self.reason, place, self.canvas.camera.zoom)

    def extent(self) -> QRectF:
        place = self.snapped.place if self.snapped is not None else self._tip
        box = QRectF(self.fixed.place, place).normalized().adjusted(-140, -40, 140, 40)
        return box.united(hint.extent(self.reason, place, self.canvas.camera.zoom)) if self.reason else box

    # Which ports --------------------------------------------------------------------------------

    def _wire_to_take(self, spot: PortAt) -> Wire | None:
        """The wire whose end is pulled out: that of an input which takes only one."""
        if spot.output or spot.port.variadic:
            return None
        wires = query.index(self.scene.graph).into[(spot.node, spot.port.name)]
        return wires[0] if wires else None

    def _source_of(self, wire: Wire) -> PortAt:
        item = self.scene.nodes[wire.source.node]
        port = item.card.port(wire.source.port, output=True) or self._pressed.port
        return PortAt(wire.source.node, port, True, item.place(wire.source.port, output=True))

    def _ports_that_fit(self) -> dict[tuple[str, bool], frozenset[str]]:
        """Per node and side, the ports at which the wire may end."""
        graph, fixed = self.scene.graph, self.fixed
        near = query.ancestors(graph, fixed.node) if fixed.output else query.descendants(graph, fixed.node)
        barred = near | {fixed.node} if fixed.node not in (INPUT, OUTPUT) else {fixed.node}
        found: dict[tuple[str, bool], frozenset[str]] = {}
        for key, item in self.scene.nodes.items():
            if key in barred:
                continue
            ports = item.card.inputs if fixed.output else item.card.outputs
            fitting = frozenset(port.name for port in ports if not self._mismatch(key, port))
            if fitting:
                found[(key, not fixed.output)] = fitting
        return found

    def _mismatch(self, key: str, port: Port) -> str:
        fixed = self.fixed
        if fixed.output:
            spec = self.scene.spec_at(fixed.node, fixed.port.name, output=True)
            return mismatch(fixed.port, spec, port)
        return mismatch(port, self.scene.spec_at(key, port.name, output=True), fixed.port)

    def _nearest(self, at: QPointF) -> PortAt | None:
        """The port that fits nearest to the mouse; over a card, its first that fits and is free."""
        spot = self.scene.hit_testing.port_at(at, _SNAP / min(1.0, self.canvas.camera.zoom))
        if spot is not None and spot.port.name in self._fits.get((spot.node, spot.output), frozenset()):
            return spot
        item = self.scene.hit_testing.node_at(at)
        if item is None or (spot is not None and spot.node == item.card.id and self._over(spot, at)):
            return None
        fitting = self._fits.get((item.card.id, not self.fixed.output), frozenset())
        known = query.index(self.scene.graph).into
        spots = [s for s in item.ports() if s.output != self.fixed.output and s.port.name in fitting]
        free = [s for s in spots if s.output or s.port.variadic or not known[(s.node, s.port.name)]]
        return next(iter(free or spots), None)

    def _over(self, spot: PortAt, at: QPointF) -> bool:
        return (spot.place - at).manhattanLength() <= 10.0 and spot.output != self.fixed.output

    def _why_not(self, at: QPointF) -> str:
        """Why the port or the card under the mouse takes no end of this wire; empty over nothing."""
        spot = self.scene.hit_testing.port_at(at)
        item = self.scene.hit_testing.node_at(at)
        key = spot.node if spot is not None else item.card.id if item is not None else ""
        if not key or key == self.fixed.node:
            return ""
        if spot is not None and spot.output == self.fixed.output:
            wanted, got = ("input", "output") if spot.output else ("output", "input")
            return f"Expected an {wanted} port. Received another {got}."
        card = self.scene.nodes[key].card
        ports = card.inputs if self.fixed.output else card.outputs
        if not ports:
            return f"{card.title} has no {'inputs' if self.fixed.output else 'outputs'}."
        port = spot.port if spot is not None else ports[0]
        return self._mismatch(key, port) or "This wire would close a loop."

    # Acting --------------------------------------------------------------------------------

    def _connect(self, spot: PortAt) -> None:
        fixed = self.fixed
        source, target = (fixed, spot) if fixed.output else (spot, fixed)
        wanted = (End(source.node, source.port.name), End(target.node, target.port.name))
        taken, name = self._taken, self.session.view.graph
        if taken is not None and (taken.source, taken.target) == wanted:
            return

        def edit(project: Project) -> Project:
            cut = edits.disconnect(project, name, taken) if taken is not None else project
            return border_edits.connected(cut, name, *wanted)

        self.session.attempt(edit, "Move wire" if taken is not None else "Connect")

    def _show(self, on: bool) -> None:
        look = self.scene.look
        if (look.lit is not None) == on:
            return
        look.lit = self._fits if on else None
        if self._taken is not None and self._taken in self.scene.wires:
            self.scene.wires[self._taken].setVisible(not on)
        self.scene.update()
