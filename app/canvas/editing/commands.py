"""What the canvas can do when asked by a key, a menu or the command palette: add, delete, copy, rename …

A mixin of the view with its public commands; each changes the project by one step. Knows no mouse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QGuiApplication

from app.canvas.editing import border_edits, grouping
from app.canvas.editing.operations import free_place, mismatch, name_of, new_node, toggled
from app.canvas.editing.search import Choice, SearchBox
from app.canvas.editing.text_fields import RenameField
from app.canvas.items import measures as m
from app.canvas.items.card import describe
from app.canvas.items.node_item import PortAt
from engine.document import edits, query
from engine.document.edits.editing import EditError
from engine.document.project import End, Graph, Node, Point, Project, Wire
from engine.report import Edit
from nodes.param import JSON
from nodes.registry import REGISTRY
from nodes.spec import Port

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QGraphicsView

    from app.canvas.items.motion import Slide
    from app.canvas.items.scene import CanvasScene
    from app.state.session import Session

_ROOM = 40.0
"""Space left between nodes when one is put between two others."""


if TYPE_CHECKING:

    class _View(QGraphicsView):
        """What the commands ask of the view they belong to."""

        @property
        def zoom(self) -> float: ...
        def visible_rect(self) -> QRectF: ...
        def viewport_point(self, place: QPointF) -> QPoint: ...
        def cursor_place(self) -> QPointF: ...
        def reveal(self, node: str) -> None: ...
else:
    _View = object


class CanvasCommands(_View):
    """Everything here works on the graph on show and on what is chosen."""

    session: Session
    canvas: CanvasScene
    slide: Slide
    search_box: SearchBox | None

    # Adding --------------------------------------------------------------------------------

    def add_layer(
        self, layer: str, params: Mapping[str, JSON] | None = None, at: QPointF | None = None
    ) -> str | None:
        """Put a layer on the canvas and choose it; returns its id.

        Without a place it goes behind the chosen node, wired to it where it fits, or to the middle of the
        view.
        """
        node = new_node(self.session.project, self.session.graph, layer, params)
        follows = self._follows(node) if at is None else None
        place = Point(at.x(), at.y()) if at is not None else self._place_for(node, follows)
        name = self.session.view.graph

        def edit(project: Project) -> Project:
            added = edits.add_node(project, name, node, place)
            return edits.connect(added, name, *follows) if follows is not None else added

        return self._added(edit, node.id, layer)

    def insert_layer(
        self, layer: str, params: Mapping[str, JSON], wire: Wire, at: tuple[float, float]
    ) -> str | None:
        """Put a layer into a wire; what follows moves on where there is no room."""
        name = self.session.view.graph
        node = new_node(self.session.project, self.session.graph, layer, params)
        source, target = self.canvas.nodes[wire.source.node], self.canvas.nodes[wire.target.node]
        card = describe(self.session.project, Graph(), node, None, ())
        level = source.place(wire.source.port, output=True).y()
        y = level - card.first_port if abs(at[1] + card.first_port - level) < 40.0 else at[1]
        forward = target.x() > source.box[2]
        x = max(at[0], source.box[2] + _ROOM) if forward else at[0]
        place = Point(m.snap(x), m.snap(y))
        short = place.x + card.width + _ROOM - target.x() if forward else 0.0
        pushed = self._pushed(wire.target.node, short)

        def edit(project: Project) -> Project:
            made = edits.insert_on_wire(project, name, wire, node, place)
            return edits.move(made, name, pushed)

        before = {key: Point(self.canvas.nodes[key].x(), self.canvas.nodes[key].y()) for key in pushed}
        added = self._added(edit, node.id, layer)
        if added is not None and before:
            self.slide.start(before)
        return added

    def _pushed(self, target: str, short: float) -> dict[str, Point]:
        """Where the nodes of the target's row go that must make room."""
        if short <= 0.0 or target not in self.session.graph.nodes:
            return {}
        by = m.snap(short + m.GRID / 2)
        first = self.canvas.nodes[target]
        row = query.descendants(self.session.graph, target) | {target}
        moved = {}
        for key in row:
            item = self.canvas.nodes.get(key)
            if item is not None and item.x() >= first.x() and abs(item.y() - first.y()) < 160.0:
                moved[key] = Point(item.x() + by, item.y())
        return moved

    def _added(self, edit: Edit, key: str, layer: str) -> str | None:
        if not self.session.attempt(edit, f"Add {REGISTRY.title_of(layer)}"):
            return None
        self.session.select(frozenset({key}))
        return key

    def _follows(self, node: Node) -> tuple[End, End] | None:
        """The wire that joins a new layer to the one chosen node, where it fits."""
        chosen = [key for key in self.session.selection if key in self.canvas.nodes]
        if len(chosen) != 1:
            return None
        out = edits.main_port(self.canvas.nodes[chosen[0]].card.outputs)
        into = edits.main_port(query.input_ports(self.session.project, node, Graph()))
        if out is None or into is None:
            return None
        spec = self.canvas.spec_at(chosen[0], out.name, output=True)
        return None if mismatch(out, spec, into) else (End(chosen[0], out.name), End(node.id, into.name))

    def _place_for(self, node: Node, follows: tuple[End, End] | None) -> Point:
        card = describe(self.session.project, Graph(), node, None, ())
        if follows is not None:
            before = self.canvas.nodes[follows[0].node]
            level = before.place(follows[0].port, output=True).y()
            return free_place(
                self.canvas, Point(before.box[2] + _ROOM, level - card.first_port), card.width, card.height
            )
        middle = self.visible_rect().center()
        corner = Point(middle.x() - card.width / 2, middle.y() - card.height / 2)
        return free_place(self.canvas, corner, card.width, card.height)

    def open_search(self, at: QPointF | None = None, wire_from: PortAt | None = None) -> None:
        """Open the search at a place of the scene.

        With `wire_from` it lists what fits that port, and wires it.
        """
        if self.search_box is not None:
            self.search_box.close_box()
        place = at if at is not None else self.visible_rect().center()
        project = self.session.project
        definitions = tuple(
            (name, grouping.layer_for(project, name)) for name in grouping.placeable(self.session)
        )
        box = SearchBox(self, definitions, lambda choice: self._fitting_port(choice, wire_from) is not None)
        self.search_box = box
        box.chosen.connect(lambda choice: self._take_choice(choice, place, wire_from))
        box.closed.connect(self._search_closed)
        box.open_at(self.viewport_point(place))

    def _search_closed(self) -> None:
        self.search_box = None
        self.setFocus()

    def _fitting_port(self, choice: Choice, spot: PortAt | None) -> Port | None:
        """The port of a choice at which a wire from `spot` would end (any port, where there is no wire)."""
        node = Node("new", choice.layer, dict(choice.params))
        if spot is None:
            return Port("any")
        ports = (query.input_ports if spot.output else query.output_ports)(
            self.session.project, node, Graph()
        )
        spec = self.canvas.spec_at(spot.node, spot.port.name, output=True) if spot.output else None
        for port in sorted(ports, key=lambda port: port.fed):  # a sampler reads where a drawing ends
            ends = (spot.port, spec, port) if spot.output else (port, None, spot.port)
            if not mismatch(*ends):
                return port
        return None

    def _take_choice(self, choice: Choice, at: QPointF, spot: PortAt | None) -> None:
        port = self._fitting_port(choice, spot)
        if spot is None or port is None:
            self.add_layer(choice.layer, choice.params, at=QPointF(m.snap(at.x()), m.snap(at.y())))
            return
        name = self.session.view.graph
        node = new_node(self.session.project, self.session.graph, choice.layer, choice.params)
        card = describe(self.session.project, Graph(), node, None, ())
        x, y = card.spot(port.name, output=not spot.output)
        place = (m.snap(at.x() - x), m.snap(at.y() - y))
        mine, new = End(spot.node, spot.port.name), End(node.id, port.name)
        ends = (mine, new) if spot.output else (new, mine)

        def edit(project: Project) -> Project:
            added = edits.add_node(project, name, node, place)
            return border_edits.connected(added, name, *ends)

        self._added(edit, node.id, choice.layer)

    # Deleting, toggling, moving ---------------------------------------------------------------------------

    def _chosen(self) -> frozenset[str]:
        return frozenset(key for key in self.session.selection if key in self.session.graph.nodes)

    def delete(self) -> None:
        """Remove the chosen nodes, or the chosen wires where no node is chosen."""
        chosen, name, wires = self._chosen(), self.session.view.graph, self.canvas.chosen_wires
        if chosen:
            label = f"Delete {name_of(self.canvas, chosen)}"
            self.session.attempt(lambda p: edits.remove_nodes(p, name, chosen), label)
        elif wires:

            def cut(project: Project) -> Project:
                for wire in sorted(wires):
                    project = edits.disconnect(project, name, wire)
                return project

            self.session.attempt(cut, "Remove wire" if len(wires) == 1 else "Remove wires")

    def delete_and_heal(self) -> None:
        """Remove the chosen nodes and join what they were between."""
        chosen, name = self._chosen(), self.session.view.graph
        if chosen:
            label = f"Delete {name_of(self.canvas, chosen)} and heal"
            self.session.attempt(lambda p: edits.remove_and_heal(p, name, chosen), label)

    def toggle_bypass(self) -> None:
        """Let the chosen nodes pass their input through, or work again."""
        chosen, name = self._chosen(), self.session.view.graph
        if chosen:
            on = toggled(self.session.graph, chosen, "bypassed")
            label = f"{'Bypass' if on else 'Use'} {name_of(self.canvas, chosen)}"
            self.session.attempt(lambda p: edits.set_bypassed(p, name, chosen, on), label)

    def toggle_freeze(self) -> None:
        """Keep the weights of the chosen nodes as they are, or let them learn again."""
        chosen, name = self._chosen(), self.session.view.graph
        if chosen:
            on = toggled(self.session.graph, chosen, "frozen")
            label = f"{'Freeze' if on else 'Unfreeze'} {name_of(self.canvas, chosen)}"
            self.session.attempt(lambda p: edits.set_frozen(p, name, chosen, on), label)

    def nudge(self, dx: float, dy: float) -> None:
        """Move the chosen nodes a little; nudges that follow each other are one step."""
        chosen, name = self._chosen(), self.session.view.graph
        if not chosen:
            return
        at = self.session.graph.layout.positions
        places = {key: Point(at[key].x + dx, at[key].y + dy) for key in chosen if key in at}
        key = "nudge " + " ".join(sorted(chosen))
        self.session.attempt(
            lambda p: edits.move(p, name, places), f"Move {name_of(self.canvas, chosen)}", key
        )

    def select_all(self) -> None:
        self.session.select(frozenset(self.session.graph.nodes))

    # Copying --------------------------------------------------------------------------------

    def copy(self) -> None:
        """Put the chosen nodes on the clipboard, as text."""
        chosen = self._chosen()
        if not chosen:
            return
        fragment = edits.copy_fragment(self.session.project, self.session.view.graph, chosen)
        # as plain text: a clipboard that holds an object of ours outlives Python at the program's end
        QGuiApplication.clipboard().setText(edits.fragment_to_text(fragment))

    def cut(self) -> None:
        chosen, name = self._chosen(), self.session.view.graph
        if chosen:
            self.copy()
            label = f"Cut {name_of(self.canvas, chosen)}"
            self.session.attempt(lambda p: edits.remove_nodes(p, name, chosen), label)

    def paste(self) -> None:
        """Put what is on the clipboard under the mouse, or in the middle where the mouse is elsewhere."""
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            return
        try:
            fragment = edits.fragment_from_text(text)
        except EditError as error:
            self.session.notify(str(error), "warn")
            return
        size = fragment.size
        centre = self.cursor_place()
        at = Point(m.snap(centre.x() - size.x / 2 - 56.0), m.snap(centre.y() - size.y / 2 - m.PORT_Y))
        self._paste(fragment, at, "Paste")

    def duplicate(self) -> None:
        """A copy of the chosen nodes beside them."""
        self.paste_copies(self._chosen(), Point(32.0, 32.0))

    def paste_copies(self, keys: frozenset[str], shift: Point) -> None:
        """A copy of these nodes, that far from them."""
        if not keys:
            return
        fragment = edits.copy_fragment(self.session.project, self.session.view.graph, keys)
        at = self.session.graph.layout.positions
        left = min(at.get(key, Point(0.0, 0.0)).x for key in keys)
        top = min(at.get(key, Point(0.0, 0.0)).y for key in keys)
        self._paste(fragment, Point(left + shift.x, top + shift.y), f"Duplicate {name_of(self.canvas, keys)}")

    def _paste(self, fragment: edits.Fragment, at: Point, label: str) -> None:
        try:
            changed, made = edits.paste(self.session.project, self.session.view.graph, fragment, at)
        except EditError as error:
            self.session.notify(str(error), "warn")
            return
        self.session.apply(changed, label)
        self.session.select(made)

    # Going in, naming --------------------------------------------------------------------------------

    def enter(self, key: str) -> bool:
        """Show the definition that a placement places; False for other nodes."""
        view = self.session.inside(key)
        if view is not None:
            self.session.show_graph(*self.session.view_stack, view)
        return view is not None

    def leave(self) -> None:
        """Back to the graph from which this one was entered."""
        if len(self.session.view_stack) > 1:
            self.session.show_graph(*self.session.view_stack[:-1])

    def rename(self) -> None:
        """A field over the name of the one chosen node."""
        chosen = self._chosen()
        if len(chosen) != 1:
            return
        key = next(iter(chosen))
        self.reveal(key)
        item = self.canvas.nodes[key]
        corner = self.viewport_point(item.pos() + QPointF(8.0, 3.0))
        place = QRectF(corner.x(), corner.y(), max(96.0, (item.card.width - 12.0) * self.zoom), 28.0)
        field = RenameField(self, key, place.toRect())
        field.renamed.connect(lambda name: self._renamed(key, name))

    def _renamed(self, key: str, name: str) -> None:
        graph = self.session.view.graph
        if not name or name == key or key not in self.session.graph.nodes:
            return
        if self.session.attempt(lambda p: edits.rename_node(p, graph, key, name), f"Rename {key}"):
            self.session.select(frozenset({name}))
