"""The edits that the canvas asks for on the graph on show: add, insert, delete, copy, paste, bypass …

Each changes the project by one undoable step. Without Qt: sizes and places come through `Geometry`.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.canvas.editing import border_edits, library_edits
from app.canvas.editing.geometry import EditedSession, Geometry
from app.canvas.editing.placing import free_place, mismatch, name_of, new_node, toggled
from app.canvas.items.grid import GRID, PORT_Y, snap
from engine.document import edits, query
from engine.document.edits.editing import EditError
from engine.document.project import End, Graph, Node, Point, Project, Wire
from engine.report import Edit
from nodes.param import JSON
from nodes.registry import REGISTRY
from nodes.spec import Port

_GAP = 40.0
"""Space left between nodes when one is put between two others."""
_ROW = 160.0
"""Nodes whose tops differ by less are in one row."""


class DrawingEditor:
    """Works on the graph on show and on what is selected."""

    def __init__(self, session: EditedSession, geometry: Geometry) -> None:
        self.session, self.geometry = session, geometry

    @property
    def selected(self) -> frozenset[str]:
        """The selected nodes of the graph on show."""
        return frozenset(key for key in self.session.selection if key in self.session.graph.nodes)

    # Adding --------------------------------------------------------------------------------

    def add_layer(
        self,
        layer: str,
        params: Mapping[str, JSON] | None = None,
        at: Point | None = None,
        middle: Point | None = None,
    ) -> str | None:
        """Add a layer and select it; returns its id, None where it is refused.

        Without `at` it is placed behind the selected node and connected to it where that fits, else around
        `middle`.
        """
        if params and "library" in params:
            return library_edits.place(
                self.session, str(params["library"]), at or self._free(middle or Point(0.0, 0.0))
            )
        node = new_node(self.session.project, self.session.graph, layer, params)
        follows = self._follows(node) if at is None else None
        place = at if at is not None else self._place_for(node, follows, middle or Point(0.0, 0.0))
        name = self.session.view.graph

        def edit(project: Project) -> Project:
            added = edits.add_node(project, name, node, place)
            return edits.connect(added, name, *follows) if follows is not None else added

        return self._added(edit, node.id, layer)

    def _free(self, middle: Point) -> Point:
        """A place near `middle` where a card covers no other."""
        return free_place(self.geometry, middle, 160.0, 80.0)

    def insert_layer(
        self, layer: str, params: Mapping[str, JSON], wire: Wire, at: Point
    ) -> tuple[str | None, dict[str, Point]]:
        """Put a layer into a wire; nodes to its right move on where there is no room.

        Returns its id (None where it is refused) and where the nodes that moved stood before.
        """
        name, geometry = self.session.view.graph, self.geometry
        node = new_node(self.session.project, self.session.graph, layer, params)
        source, target = geometry.box(wire.source.node), geometry.origin(wire.target.node)
        card = geometry.card_for(node)
        level = geometry.port_height(wire.source.node, wire.source.port, output=True)
        y = level - card.first_port if abs(at.y + card.first_port - level) < _GAP else at.y
        is_forward = target.x > source[2]
        x = max(at.x, source[2] + _GAP) if is_forward else at.x
        place = Point(snap(x), snap(y))
        missing = place.x + card.width + _GAP - target.x if is_forward else 0.0
        pushed = self._pushed(wire.target.node, missing)

        def edit(project: Project) -> Project:
            made = edits.insert_on_wire(project, name, wire, node, place)
            return edits.move(made, name, pushed)

        before = {key: geometry.origin(key) for key in pushed}
        added = self._added(edit, node.id, layer)
        return added, before if added is not None else {}

    def add_at_wire_end(self, layer: str, params: Mapping[str, JSON], at: Point, end: End, port: Port, *,
                        from_output: bool) -> str | None:  # fmt: skip
        """Add a layer whose `port` stands at a place, connected to `end`."""
        name = self.session.view.graph
        node = new_node(self.session.project, self.session.graph, layer, params)
        x, y = self.geometry.card_for(node).spot(port.name, output=not from_output)
        place = Point(snap(at.x - x), snap(at.y - y))
        new = End(node.id, port.name)
        ends = (end, new) if from_output else (new, end)

        def edit(project: Project) -> Project:
            added = edits.add_node(project, name, node, place)
            return border_edits.connected(added, name, *ends)

        return self._added(edit, node.id, layer)

    def fitting_port(
        self, layer: str, params: Mapping[str, JSON], end: End, port: Port, *, from_output: bool
    ) -> Port | None:
        """The port of a new layer at which a wire from `port` of `end` would end; None where none fits."""
        node, project = Node("new", layer, dict(params)), self.session.project
        ports = (query.input_ports if from_output else query.output_ports)(project, node, Graph())
        spec = self.geometry.spec_at(end.node, port.name, output=True) if from_output else None
        for candidate in sorted(ports, key=lambda one: one.fed):  # a sampler reads where a drawing ends
            ends = (port, spec, candidate) if from_output else (candidate, None, port)
            if not mismatch(*ends):
                return candidate
        return None

    def _pushed(self, target: str, missing: float) -> dict[str, Point]:
        """Where the nodes of the target's row go that must make room."""
        if missing <= 0.0 or target not in self.session.graph.nodes:
            return {}
        by = snap(missing + GRID / 2)
        first, known = self.geometry.origin(target), self.geometry.shown()
        moved = {}
        for key in query.descendants(self.session.graph, target) | {target}:
            if key in known:
                at = self.geometry.origin(key)
                if at.x >= first.x and abs(at.y - first.y) < _ROW:
                    moved[key] = Point(at.x + by, at.y)
        return moved

    def _added(self, edit: Edit, key: str, layer: str) -> str | None:
        if not self.session.attempt(edit, f"Add {REGISTRY.title_of(layer)}"):
            return None
        self.session.select(frozenset({key}))
        return key

    def _follows(self, node: Node) -> tuple[End, End] | None:
        """The wire that joins a new layer to the one selected node, where it fits."""
        chosen = list(self.session.selection & self.geometry.shown())
        if len(chosen) != 1:
            return None
        out = edits.main_port(self.geometry.outputs(chosen[0]))
        into = edits.main_port(query.input_ports(self.session.project, node, Graph()))
        if out is None or into is None:
            return None
        spec = self.geometry.spec_at(chosen[0], out.name, output=True)
        return None if mismatch(out, spec, into) else (End(chosen[0], out.name), End(node.id, into.name))

    def _place_for(self, node: Node, follows: tuple[End, End] | None, middle: Point) -> Point:
        card = self.geometry.card_for(node)
        if follows is not None:
            source = follows[0]
            level = self.geometry.port_height(source.node, source.port, output=True)
            corner = Point(self.geometry.box(source.node)[2] + _GAP, level - card.first_port)
        else:
            corner = Point(middle.x - card.width / 2, middle.y - card.height / 2)
        return free_place(self.geometry, corner, card.width, card.height)

    def free_place_for(self, layer: str, params: Mapping[str, JSON], at: Point) -> Point:
        """The place nearest to `at` where the card of this layer covers no other."""
        card = self.geometry.card_for(new_node(self.session.project, self.session.graph, layer, params))
        return free_place(self.geometry, at, card.width, card.height)

    # Deleting, toggling, moving ---------------------------------------------------------------------------

    def delete(self) -> None:
        """Remove the selected nodes, or the selected wires where no node is selected."""
        chosen, name, wires = self.selected, self.session.view.graph, self.geometry.chosen_wires
        if chosen:
            label = f"Delete {name_of(self.geometry, chosen)}"
            self.session.attempt(lambda p: edits.remove_nodes(p, name, chosen), label)
        elif wires:

            def cut(project: Project) -> Project:
                for wire in sorted(wires):
                    project = edits.disconnect(project, name, wire)
                return project

            self.session.attempt(cut, "Remove wire" if len(wires) == 1 else "Remove wires")

    def delete_and_heal(self) -> None:
        """Remove the selected nodes and connect what they were between."""
        chosen, name = self.selected, self.session.view.graph
        if chosen:
            label = f"Delete {name_of(self.geometry, chosen)} and heal"
            self.session.attempt(lambda p: edits.remove_and_heal(p, name, chosen), label)

    def toggle_bypass(self) -> None:
        """Let the selected nodes pass their input through, or compute again."""
        chosen, name = self.selected, self.session.view.graph
        if chosen:
            on = toggled(self.session.graph, chosen, "bypassed")
            label = f"{'Bypass' if on else 'Use'} {name_of(self.geometry, chosen)}"
            self.session.attempt(lambda p: edits.set_bypassed(p, name, chosen, on), label)

    def toggle_freeze(self) -> None:
        """Keep the weights of the selected nodes constant, or train them again."""
        chosen, name = self.selected, self.session.view.graph
        if chosen:
            on = toggled(self.session.graph, chosen, "frozen")
            label = f"{'Freeze' if on else 'Unfreeze'} {name_of(self.geometry, chosen)}"
            self.session.attempt(lambda p: edits.set_frozen(p, name, chosen, on), label)

    def nudge(self, dx: float, dy: float) -> None:
        """Move the selected nodes by pixels; nudges that follow each other are one step."""
        chosen, name = self.selected, self.session.view.graph
        if not chosen:
            return
        at = self.session.graph.layout.positions
        places = {key: Point(at[key].x + dx, at[key].y + dy) for key in chosen if key in at}
        merge = "nudge " + " ".join(sorted(chosen))
        label = f"Move {name_of(self.geometry, chosen)}"
        self.session.attempt(lambda p: edits.move(p, name, places), label, merge)

    def select_all(self) -> None:
        self.session.select(frozenset(self.session.graph.nodes) & self.geometry.shown())

    def rename(self, key: str, name: str) -> None:
        """Give a node another id; says why where it cannot have it."""
        graph = self.session.view.graph
        if not name or name == key or key not in self.session.graph.nodes:
            return
        if self.session.attempt(lambda p: edits.rename_node(p, graph, key, name), f"Rename {key}"):
            self.session.select(frozenset({name}))

    # Copying --------------------------------------------------------------------------------

    def copied(self) -> str:
        """The selected nodes as text for the clipboard; empty where none is selected."""
        if not self.selected:
            return ""
        fragment = edits.copy_fragment(self.session.project, self.session.view.graph, self.selected)
        return edits.fragment_to_text(fragment)

    def remove_cut(self) -> None:
        """Remove the selected nodes after their text went to the clipboard."""
        chosen, name = self.selected, self.session.view.graph
        label = f"Cut {name_of(self.geometry, chosen)}"
        self.session.attempt(lambda p: edits.remove_nodes(p, name, chosen), label)

    def paste(self, text: str, middle: Point) -> None:
        """Add what `copied` made, around a place; says why where the text is something else."""
        try:
            fragment = edits.fragment_from_text(text)
        except EditError as error:
            self.session.notify(str(error), "warn")
            return
        size = fragment.size
        at = Point(snap(middle.x - size.x / 2 - 56.0), snap(middle.y - size.y / 2 - PORT_Y))
        self._paste(fragment, at, "Paste")

    def duplicate(self) -> None:
        """A copy of the selected nodes beside them."""
        self.paste_copies(self.selected, Point(32.0, 32.0))

    def paste_copies(self, keys: frozenset[str], shift: Point) -> None:
        """A copy of these nodes, that far from them."""
        if not keys:
            return
        fragment = edits.copy_fragment(self.session.project, self.session.view.graph, keys)
        at = self.session.graph.layout.positions
        left = min(at.get(key, Point(0.0, 0.0)).x for key in keys)
        top = min(at.get(key, Point(0.0, 0.0)).y for key in keys)
        label = f"Duplicate {name_of(self.geometry, keys)}"
        self._paste(fragment, Point(left + shift.x, top + shift.y), label)

    def _paste(self, fragment: edits.Fragment, at: Point, label: str) -> None:
        try:
            changed, made = edits.paste(self.session.project, self.session.view.graph, fragment, at)
        except EditError as error:
            self.session.notify(str(error), "warn")
            return
        self.session.apply(changed, label)
        self.session.select(made)

    # Definitions --------------------------------------------------------------------------------

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
