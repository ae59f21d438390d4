"""What the actions of the Graph menu do: make, unpack and name definitions, and show them in tabs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.canvas.editing import definition_edits
from app.canvas.keeping import save_block
from app.canvas.view import CanvasView
from app.commands.command_window import CommandWindow
from engine.document import query
from engine.document.edits.placement import shares_weights
from engine.document.project import INPUT, MAIN, OUTPUT, Node
from nodes.layers.scan import Scan
from nodes.layers.structure import Block, Network


class GraphCommands:
    """Definitions, and the tabs that show them."""

    def __init__(self, window: CommandWindow) -> None:
        self._window, self._session = window, window.session

    @property
    def _canvas(self) -> CanvasView:
        return self._window.workbench().canvas

    def make_block(self) -> None:
        self._canvas.names.make_definition(Block.type)

    def make_network(self) -> None:
        self._canvas.names.make_definition(Network.type)

    def peek(self) -> None:
        for key in self._canvas.editor.selected:
            self._canvas.peek.toggle(key)

    def unpack(self) -> None:
        definition_edits.unpack_selected(self._session, self._canvas.editor.geometry)

    def make_unique(self) -> None:
        definition_edits.make_unique(self._session)

    def save_block(self) -> None:
        for key in self._canvas.editor.selected:
            definition = str(self._session.graph.nodes[key].params.get("definition", ""))
            save_block(self._canvas, self._session, definition)

    def share_weights(self) -> None:
        definition_edits.toggle_kind(self._session)

    def over_time(self) -> None:
        definition_edits.toggle_over_time(self._session)

    def new_graph(self) -> None:
        definition_edits.new_definition(self._session)

    def add_graph(self) -> None:
        self._window.topbar.tabs.open_menu()

    def rename_graph(self) -> None:
        self._window.topbar.tabs.rename(self._session.view.graph)

    def duplicate_graph(self) -> None:
        definition_edits.duplicate(self._session, self._session.view.graph)

    def delete_graph(self) -> None:
        definition_edits.delete(self._session, self._session.view.graph)

    def add_input(self) -> None:
        self._canvas.add_port(INPUT)

    def add_output(self) -> None:
        self._canvas.add_port(OUTPUT)

    def next_graph(self) -> None:
        self._turn(1)

    def previous_graph(self) -> None:
        self._turn(-1)

    def _turn(self, by: int) -> None:
        """To the next tab, after the last one the first."""
        names, shown = self._session.open_graphs, self._session.view.graph
        at = names.index(shown) if shown in names else 0
        self._session.show_tab(names[(at + by) % len(names)])

    def move_tab(self, by: str) -> None:
        name = self._session.view.graph
        self._session.move_tab(name, self._session.open_graphs.index(name) + int(by))

    def close_graph(self) -> None:
        self._session.close_tab(self._session.view.graph)

    def conditions(self) -> Mapping[str, Callable[[], bool]]:
        """When they can be done."""
        session = self._session
        return {
            "definition": lambda: session.view.graph != MAIN,
            "several_tabs": lambda: len(session.open_graphs) > 1,
            "placement": lambda: self._placement() is not None,
            "scan": lambda: (node := self._placement()) is not None and node.layer == Scan.type,
            "network": lambda: (node := self._placement()) is not None and shares_weights(node),
        }

    def _placement(self) -> Node | None:
        """The one selected node, where it places a definition."""
        session = self._session
        chosen = [session.graph.nodes[key] for key in session.selection if key in session.graph.nodes]
        placed = len(chosen) == 1 and query.is_placement(chosen[0])
        return chosen[0] if placed and query.definition_of(session.project, chosen[0]) is not None else None
