"""The scene: one item per node, wire, frame and note of the graph on show, kept equal to it by diffing.

It reads the session and never changes it; gestures do that. `overview` is told what changed, for the zoom
levels at which items are not painted one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGraphicsScene

from app.canvas.items.back_items import FrameItem, NoteItem
from app.canvas.items.border import border_card, border_place
from app.canvas.items.card import Card, describe
from app.canvas.items.drawn_part import DrawnPart
from app.canvas.items.hit_testing import HitTesting
from app.canvas.items.node_item import Look, NodeItem
from app.canvas.items.objective_marks import Marks
from app.canvas.items.overview import Overview
from app.canvas.items.spotlight import Spotlight, same_network
from app.canvas.items.wire_item import WireItem
from app.canvas.items.wire_layout import Plane, Wiring
from app.state.session import Session
from app.style import theme
from engine.document import query
from engine.document.project import INPUT, MAIN, OUTPUT, Graph, Node, Point, Project, Wire
from engine.expand.values import names_at
from engine.report import NodeReport, Problem, by_node
from nodes.spec import TensorSpec

_FEW = 400
"""Up to so many cards, what they cover is measured one by one."""


class CanvasScene(QGraphicsScene):
    """The graph on show."""

    nodes_changed = Signal()  # nodes came, went or look different
    rebuilt = Signal()  # another graph is shown
    looks_changed = Signal()  # anything, also while it moves
    marks_changed = Signal()  # another objective is in the light, or none

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.look = Look()
        self.look.use_theme()
        self.nodes: dict[str, NodeItem] = {}
        self.wires: dict[Wire, WireItem] = {}
        self.frames: dict[str, FrameItem] = {}
        self.notes: dict[str, NoteItem] = {}
        self.attached: dict[str, set[WireItem]] = {}
        self.plane = Plane[str]()
        self.hit_testing = HitTesting(self, self.plane, self.nodes, self.frames, self.notes)
        self.wiring = Wiring(self.plane, self.nodes, self.frames)
        self.overview = Overview(self)
        self.chosen_wires: frozenset[Wire] = frozenset()
        self._problems: dict[str, tuple[Problem, ...]] = {}
        self._shown: tuple[str, str] = ("", "")
        self._names: dict[str, Any] = {}
        self.drawn = DrawnPart(lambda: session.project, self._apply, self)
        self.spotlight = Spotlight(session, self)
        self.spotlight.marks_found.connect(self.set_marks)
        self.spotlight.hovered.connect(self.link)
        session.project_changed.connect(self._project_changed)
        session.view_changed.connect(self._view_changed)
        session.selection_changed.connect(self._selection_changed)
        session.report_changed.connect(self._report_changed)
        theme.changed.connect(self._theme_changed)
        self.rebuild()

    # Reading --------------------------------------------------------------------------------

    @property
    def graph(self) -> Graph:
        """The graph on show, as much of it as is drawn."""
        return self.drawn.of(self.session.graph)

    def spec_at(self, node: str, port: str, *, output: bool) -> TensorSpec | None:
        """What is known of the tensor at a port."""
        report = self._report_of(node)
        if report is None:
            return None
        if output:
            return report.outputs.get(port)
        return next(iter(report.inputs.get(port, ())), None)

    # Following the project --------------------------------------------------------------------------------

    def rebuild(self) -> None:
        """Show the session's graph from nothing."""
        self.clear_items()
        view, project = self.session.view, self.session.project
        self.drawn.begin(view.graph)
        graph, self._shown = self.graph, (view.graph, view.path)
        self._names = names_at(project, *self._shown)
        self._sort_problems()
        for node in graph.nodes.values():
            self._add_node(project, graph, node)
        self._update_border()
        for frame_key, frame in graph.layout.frames.items():
            self._put_frame(frame_key, FrameItem(frame_key, frame, self.look))
        for note_key, note in graph.layout.notes.items():
            self._put_note(note_key, NoteItem(note_key, note, self.look))
        for wire in graph.wires:
            self._add_wire(wire)
        self.hit_testing.stack(graph, self.wires)
        self.wiring.settle(self.wires.values())
        self._selection_changed()
        self.spotlight.refresh()
        self._grow()
        self.overview.forget()
        self.rebuilt.emit()
        self.nodes_changed.emit()

    def clear_items(self) -> None:
        self.clear()
        for held in (self.nodes, self.wires, self.frames, self.notes, self.attached):
            held.clear()
        self.plane.clear()
        self.wiring.clear()
        self.chosen_wires = frozenset()

    def _project_changed(self, old: Project, new: Project) -> None:
        view = self.session.view
        if (view.graph, view.path) != self._shown or view.graph not in old.graphs:
            self.rebuild()
            return
        before = self.drawn.within(old, view.graph)
        self.drawn.begin(view.graph, self.nodes.keys(), self.wires.keys())
        self._apply(before, self.drawn.within(new, view.graph))

    def _apply(self, old: Project, new: Project) -> None:
        """Show `new`, of which `old` is on show, both as far as they are drawn."""
        view, found = self.session.view, query.changes(old, new)
        definitions = (found.graphs.keys() | found.graphs_added | found.graphs_removed) - {view.graph}
        difference = found.graphs.get(view.graph)
        touched, wires = set[str](), set[WireItem]()
        if difference is not None:
            touched, wires = self._apply_nodes(difference, new), self._apply_wires(difference)
            self._apply_back(difference, new.graphs[view.graph])
            if difference.added or difference.wires_added or difference.frames or difference.notes:
                self.hit_testing.stack(new.graphs[view.graph], self.wires)
            if difference.lenses:
                graphs = (old.graphs[view.graph], new.graphs[view.graph])
                touched |= self._describe({pin.target for graph in graphs for pin in graph.lenses})
        names, self._names = self._names, names_at(new, *self._shown)
        if names != self._names:
            touched |= self._describe(self.nodes)
        if definitions:
            placed = query.placements(self.graph)
            touched |= self._describe([node for node, name in placed.items() if name in definitions])
        self._follow(touched, wires)
        if touched or wires or difference:
            self.nodes_changed.emit()

    def _apply_nodes(self, difference: query.GraphChanges, project: Project) -> set[str]:
        graph = self.graph
        for key in difference.removed:
            self._remove_node(key)
        for key in difference.added:
            self._add_node(project, graph, graph.nodes[key])
        self._describe(difference.changed)
        for key in difference.moved:
            if key in self.nodes and key in graph.nodes:
                self.place_node(key, graph.layout.positions.get(key, Point(0.0, 0.0)))
        return {*difference.added, *difference.changed, *(difference.moved & self.nodes.keys())}

    def _apply_wires(self, difference: query.GraphChanges) -> set[WireItem]:
        for wire in difference.wires_removed:
            self._remove_wire(wire)
        added = {self._add_wire(wire) for wire in difference.wires_added}
        ends = {wire.target.node for wire in (*difference.wires_added, *difference.wires_removed)}
        unknown = [key for key in ends if key in self.nodes and self.nodes[key].card.unknown]
        self._describe(unknown)
        return added

    def _apply_back(self, difference: query.GraphChanges, graph: Graph) -> None:
        for key in difference.frames:
            frame, frame_item = graph.layout.frames.get(key), self.frames.get(key)
            if frame is None:
                self.removeItem(self.frames.pop(key))
            elif frame_item is None:
                self._put_frame(key, FrameItem(key, frame, self.look))
            else:
                frame_item.set_frame(frame)
        for key in difference.notes:
            note, note_item = graph.layout.notes.get(key), self.notes.get(key)
            if note is None:
                self.removeItem(self.notes.pop(key))
            elif note_item is None:
                self._put_note(key, NoteItem(key, note, self.look))
            else:
                note_item.set_note(note)
        if difference.frames or difference.notes:
            self.overview.mark((), ())

    def _follow(self, touched: set[str], wires: set[WireItem]) -> None:
        """Lay the wires of changed cards, and those for which that matters."""
        touched |= self._update_border()
        for key in touched:
            wires |= self.attached.get(key, set())
        for wire in wires:
            self._update_wire_state(wire)
        wires |= self.wiring.settle(wires)
        if touched or wires:
            self._grow()
            self.overview.mark(touched, wires)

    def place_node(self, key: str, at: Point) -> None:
        """Put an item somewhere; the project is not asked (a drag previews with this)."""
        item = self.nodes[key]
        item.setPos(at.x, at.y)
        self.plane.put(key, item.box)

    def relay(self, keys: Iterable[str]) -> None:
        """Lay the wires of these nodes anew and repaint, while they move; `settle` ends that."""
        wires = set[WireItem]().union(*(self.attached.get(key, set()) for key in keys))
        self.wiring.preview(wires)
        self.overview.mark(set(keys), wires)

    def settle(self) -> None:
        """Nothing moves any more: wires that pass by what moved are laid as the drawing says."""
        changed = self.wiring.settle()
        if changed:
            self.overview.mark((), changed)

    # Items --------------------------------------------------------------------------------

    def _add_node(self, project: Project, graph: Graph, node: Node) -> None:
        item = NodeItem(self._card(project, graph, node), self.look)
        item.set_chosen(node.id in self.session.selection)
        self._put_node(node.id, item, graph.layout.positions.get(node.id, Point(0.0, 0.0)))

    def _put_node(self, key: str, item: NodeItem, at: Point) -> None:
        self.nodes[key] = item
        self.attached.setdefault(key, set())
        self.addItem(item)
        self.place_node(key, at)

    def _remove_node(self, key: str) -> None:
        self.overview.mark({key}, set())
        self.removeItem(self.nodes.pop(key))
        self.attached.pop(key, None)
        self.plane.take(key)

    def _put_frame(self, key: str, item: FrameItem) -> None:
        self.frames[key] = item
        self.addItem(item)

    def _put_note(self, key: str, item: NoteItem) -> None:
        self.notes[key] = item
        self.addItem(item)

    def _update_border(self) -> set[str]:
        """The ends of a definition, inputs at the left, outputs at the right; returns which differ now."""
        graph, differ = self.graph, set[str]()
        if self.session.view.graph == MAIN:
            return differ
        for key in (INPUT, OUTPUT):
            card = border_card(key, self.session.project, self.session.view.graph)
            if key not in self.nodes:
                self._put_node(key, NodeItem(card, self.look), Point(0.0, 0.0))
            item = self.nodes[key]
            before = item.card, item.box
            item.set_card(card)
            self.place_node(key, border_place(key, graph, self.nodes))
            if before != (card, item.box):
                differ.add(key)
        return differ

    def _add_wire(self, wire: Wire) -> WireItem:
        item = WireItem(wire, self.look, self.plane.within)
        self.wires[wire] = item
        for end in (wire.source.node, wire.target.node):
            self.attached.setdefault(end, set()).add(item)
        self._update_wire_state(item)
        self.addItem(item)
        return item

    def _remove_wire(self, wire: Wire) -> None:
        item = self.wires.pop(wire)
        self.overview.mark(set(), {item})
        for end in (wire.source.node, wire.target.node):
            self.attached.get(end, set()).discard(item)
        self.wiring.forget(item)
        self.chosen_wires -= {wire}
        self.removeItem(item)

    def _update_wire_state(self, item: WireItem) -> None:
        source, target = (self.nodes.get(end.node) for end in (item.wire.source, item.wire.target))
        if source is None or target is None:
            return
        out = source.card.port(item.wire.source.port, output=True)
        into = target.card.port(item.wire.target.port, output=False)
        side = bool((out and out.side) or (into and into.side))
        spec = self.spec_at(item.wire.source.node, item.wire.source.port, output=True)
        label = item.wire.target.port if side else str(spec) if spec is not None and spec.shape else ""
        bad = item.wire.target.port in target.card.bad_ports or into is None or out is None
        if item.set_state(side_family=source.card.family if side else None, bad=bad, label=label):
            self.overview.mark((), {item})

    # Cards --------------------------------------------------------------------------------

    def _card(self, project: Project, graph: Graph, node: Node) -> Card:
        problems = self._problems.get(node.id, ())
        return describe(project, graph, node, self._report_of(node.id), problems, self._names)

    def _report_of(self, node: str) -> NodeReport | None:
        return self.session.report.nodes.get(self.session.path_of(node))

    def _describe(self, keys: Iterable[str]) -> set[str]:
        """Work out these cards anew; returns those whose size or ports differ."""
        project, graph = self.session.project, self.graph
        resized = set()
        for key in keys:
            if key in self.nodes and key in graph.nodes:
                item, before = self.nodes[key], self.nodes[key].card
                if item.set_card(self._card(project, graph, graph.nodes[key])):
                    self.plane.put(key, item.box)
                    resized.add(key)
                if item.card != before:
                    self.overview.mark({key}, ())
        return resized

    def _sort_problems(self) -> None:
        view = self.session.view
        self._problems = by_node(self.session.report.problems, view.graph, view.path)

    # Signals --------------------------------------------------------------------------------

    def _report_changed(self) -> None:
        self._sort_problems()
        resized = self._describe(self.nodes)
        resized |= self._update_border()
        wires = set[WireItem]().union(*(self.attached.get(key, set()) for key in resized))
        for wire in self.wires.values():
            self._update_wire_state(wire)
        wires |= self.wiring.settle(wires)
        self._grow()
        self.overview.mark(resized, wires)
        self.nodes_changed.emit()

    def _view_changed(self) -> None:
        view = self.session.view
        if (view.graph, view.path) != self._shown:
            self.rebuild()

    def _selection_changed(self) -> None:
        chosen = self.session.selection
        for key, item in self.nodes.items():
            if item.chosen != (key in chosen):
                item.set_chosen(key in chosen)
                self.overview.mark({key}, set())
        self.link("")

    def link(self, hovered: str) -> None:
        """Show which placements are the same network as the one that is chosen, or under the mouse."""
        chosen, nodes = self.session.selection, self.graph.nodes
        asked = hovered if hovered in nodes else next(iter(chosen)) if len(chosen) == 1 else ""
        linked = same_network(self.graph, asked)
        for key in linked ^ self.look.linked:
            if key in self.nodes:
                self.nodes[key].update()
        if linked != self.look.linked:
            self.overview.mark(linked | self.look.linked, ())
            self.look.linked = linked

    def set_marks(self, marks: Marks | None) -> None:
        """What each node is to the objective in the light; None: there is none."""
        if marks != self.look.marks:
            self.look.marks = marks
            self.overview.mark(self.nodes, ())
            self.update()
        self.marks_changed.emit()

    def choose_wires(self, wires: frozenset[Wire]) -> None:
        """Wires are chosen here and not in the session: only the canvas acts on them."""
        for wire in self.chosen_wires | wires:
            if wire in self.wires:
                self.wires[wire].set_chosen(wire in wires)
                self.overview.mark(set(), {self.wires[wire]})
        self.chosen_wires = wires

    def _theme_changed(self) -> None:
        self.look.use_theme()
        self.overview.forget()
        self.update()
        self.nodes_changed.emit()

    def _grow(self) -> None:
        """Leave room to pan beyond what is drawn."""
        rect = self.hit_testing.content_rect() if len(self.nodes) < _FEW else self.itemsBoundingRect()
        room = rect.adjusted(-4000.0, -4000.0, 4000.0, 4000.0)
        is_inside = self.sceneRect().contains(rect.adjusted(-2000.0, -2000.0, 2000.0, 2000.0))
        if not is_inside or len(self.nodes) < 2:
            self.setSceneRect(room)
