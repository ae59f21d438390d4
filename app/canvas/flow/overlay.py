"""Colours every node in sight by one quantity: where a network starves, explodes or costs.

Asks the run for all nodes in sight while it is shown, and paints only when something changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.canvas.flow.chip import FlowChip
from app.canvas.flow.quantities import QUANTITIES, FlowQuantity, FlowScale, tints
from app.canvas.items.node_item import Tint
from app.canvas.parts import CanvasParts
from app.style import theme
from engine.lens.registry import LENSES
from engine.messages.lens_request import LensRequest
from nodes.registry import REGISTRY

if TYPE_CHECKING:
    from app.state.run_controller import RunController

_SETTLE_MS = 120
MOST_NODES = 256
"""Nodes of which a run is asked at once."""


class FlowOverlay(QObject):
    """`quantity` is what is shown; empty: nothing."""

    changed = Signal()

    def __init__(self, view: CanvasParts, controller: RunController, chip: FlowChip) -> None:
        super().__init__(view.widget)
        self._view, self._scene, self._controller, self._chip = view, view.drawing, controller, chip
        self.quantity = ""
        self._wanted: frozenset[LensRequest] = frozenset()
        self._left_out = 0
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._timer.timeout.connect(self.watch)
        chip.clicked.connect(lambda: self.choose(""))
        controller.frames_changed.connect(lambda _: self.refresh())
        controller.run_started.connect(self.refresh)
        controller.state_changed.connect(self.refresh)
        controller.drawing.changed.connect(self.refresh, Qt.ConnectionType.QueuedConnection)
        self._scene.nodes_changed.connect(self._nodes_changed)
        view.session.report_changed.connect(self.refresh)
        theme.changed.connect(self.refresh)

    def choose(self, quantity: str) -> None:
        """Show this quantity from now on; empty: none."""
        if quantity == self.quantity:
            return
        self.quantity = quantity
        self.watch()
        self.refresh()
        self.changed.emit()

    def settle(self) -> None:
        """What is in sight changed; ask again when it has stopped changing."""
        if self.quantity and self._view.widget.isVisible():
            self._timer.start()

    def rest(self) -> None:
        """The view is hidden: ask for nothing."""
        self._timer.stop()
        self._ask(frozenset())

    def watch(self) -> None:
        """Tell the run of which nodes the quantity is wanted."""
        shown = QUANTITIES.get(self.quantity)
        if shown is None or shown.is_cost or not self._view.widget.isVisible():
            self._left_out = 0
            self._ask(frozenset())
            return
        session = self._view.session
        kinds = [kind for kind, lens in LENSES.items() if lens.over_canvas]
        keys = self._scene.hit_testing.nodes_in(self._view.camera.visible_rect())
        found = [
            LensRequest(kind, session.path_of(key)) for key in keys for kind in kinds if self._fits(kind, key)
        ]
        found.sort(key=lambda request: request.target)
        self._left_out = max(0, len(found) - MOST_NODES)
        self._ask(frozenset(found[:MOST_NODES]))
        self.refresh()

    def refresh(self) -> None:
        """Paint what is known now."""
        quantity = QUANTITIES.get(self.quantity)
        if quantity is None:
            self._paint({})
            if not self._chip.isHidden():
                self._chip.put_out()
            return
        values = self._values(quantity)
        scale = FlowScale.over(list(values.values()), quantity) if values else None
        self._paint(tints(values, quantity, scale, theme.current()) if scale is not None else {})
        self._chip.show_scale(quantity, scale, self._note(quantity, is_empty=not values))

    def _note(self, quantity: FlowQuantity, *, is_empty: bool) -> str:
        if is_empty:
            return "not known yet" if quantity.is_cost else "press Play to see it"
        return f"{self._left_out:,} more nodes in sight are left out" if self._left_out else ""

    def _values(self, quantity: FlowQuantity) -> dict[str, float]:
        """What is known of the nodes on show; what is of another drawing is left out."""
        session, report = self._view.session, self._view.session.report
        found: dict[str, float] = {}
        for key in self._scene.graph.nodes:
            path = session.path_of(key)
            if quantity.is_cost:
                entry = report.nodes.get(path)
                value = quantity.of_report(entry, report) if entry is not None else None
            else:
                value = self._seen(quantity, path)
            if value is not None and (value > 0.0 or not quantity.is_cost):
                found[key] = value
        return found

    def _seen(self, quantity: FlowQuantity, path: str) -> float | None:
        for kind, lens in LENSES.items():
            if lens.over_canvas:
                frame, is_stale = self._controller.drawing.seen(kind, path)
                if frame is not None and not is_stale:
                    return quantity.of_frame(frame.arrays)
        return None

    def _fits(self, kind: str, key: str) -> bool:
        node = self._scene.graph.nodes.get(key)
        if node is None or node.layer not in REGISTRY:
            return False
        report = self._view.session.report.nodes.get(self._view.session.path_of(key))
        return LENSES[kind].applies_to(REGISTRY[node.layer], report)

    def _nodes_changed(self) -> None:
        self.refresh()
        self.settle()

    def _ask(self, wanted: frozenset[LensRequest]) -> None:
        if wanted != self._wanted:
            self._wanted = wanted
            self._controller.watch(self, wanted)

    def _paint(self, new: dict[str, Tint]) -> None:
        look = self._scene.look
        changed = {key for key in new.keys() | look.tints.keys() if new.get(key) != look.tints.get(key)}
        if not changed:
            return
        look.tints = new
        for key in changed & self._scene.nodes.keys():
            self._scene.nodes[key].update()
        self._scene.overview.mark(changed & self._scene.nodes.keys(), ())
