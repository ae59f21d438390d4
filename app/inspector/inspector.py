"""The inspector: what is selected, as a form made from its declaration, with shapes, cost and live pictures.

One node, several, or none (then the model's summary and the run's settings). Every change goes through the
pure edits of the document and `Session.apply`; the inspector keeps no state of the drawing of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app.canvas.editing import parameter_edits
from app.forms.box import LineEntry
from app.inspector.node_page import NodePage
from app.inspector.summary import Summary
from app.panels.typed_weights import give_weights
from app.state.run_controller import RunController
from app.state.session import Session
from app.training.run_words import lens_context
from app.widgets.side_scroll import SideScroll
from engine.document import edits
from engine.document.edits import placement
from engine.document.held_expressions import CONDITION, has_expression
from engine.document.project import Node, Project
from engine.report import Fix
from nodes.registry import REGISTRY

WIDTH = 300
KEPT_PAGES = 8
Kind = tuple[object, ...]
Edit = Callable[[Project, str, str], Project]


class Inspector(QWidget):
    """The right panel. Rebuilds its page when other nodes are selected, else only renews what changed."""

    samples_wanted = Signal(str)  # the path of a sampler to be shown large
    data_wanted = Signal(str)  # the data node that is to be looked at
    lens_wanted = Signal(str, str)  # the path of a node, the kind of a lens that is to be opened in its panel
    keys_free = Signal()  # the field that had the keys is about to go

    def __init__(self, session: Session, controller: RunController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.controller = session, controller
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(268)
        self.page: NodePage | None = None
        self.summary = Summary(session, controller)
        self._unfolded: set[str] = set()
        self._pages: dict[Kind, NodePage] = {}
        self._signature: tuple[object, ...] | None = None
        self._shown: tuple[Node, ...] = ()
        self._stale = True
        pages = QWidget()
        self._column = QVBoxLayout(pages)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.summary)
        self._scroll = SideScroll(pages, self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)
        self._listen()
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 640)

    def _listen(self) -> None:
        self.session.project_changed.connect(self.refresh)
        self.session.selection_changed.connect(self.refresh)
        self.session.view_changed.connect(self.refresh)
        self.session.report_changed.connect(self._show_report)
        self.controller.frames_changed.connect(self._frames_changed)
        self.controller.state_changed.connect(self._show_frames)
        self.controller.run_started.connect(self._show_frames)
        self.controller.drawing.changed.connect(self._show_frames, Qt.ConnectionType.QueuedConnection)
        self.controller.pinned_changed.connect(self._show_frames)
        self.summary.definition_clicked.connect(self._open_definition)

    # Showing -----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the selection as it is now. Cheap where nothing shown changed; nothing while hidden."""
        if not self.isVisible():
            self._stale = True
            return
        graph = self.session.graph
        nodes = tuple(graph.nodes[i] for i in sorted(self.session.selection) if i in graph.nodes)
        kind = self._kind_of(nodes)
        signature = (self.session.view, tuple(node.id for node in nodes), kind)
        if signature != self._signature:
            self._signature = signature
            self._turn_to(nodes, kind)
        elif nodes and all(new is old for new, old in zip(nodes, self._shown, strict=True)):
            return
        self._shown = nodes
        if self.page is not None:
            self.page.show_nodes(nodes)
        self._show_report()

    def _kind_of(self, nodes: tuple[Node, ...]) -> Kind:
        """What decides which parts a page has: graph, declarations, and definitions with their parameters."""
        graphs = self.session.project.graphs
        placed = [str(node.params.get("definition", "")) for node in nodes]
        borders = tuple((name, tuple(graphs[name].parameters)) for name in placed if name in graphs)
        layers = tuple((node.layer, REGISTRY.get(node.layer)) for node in nodes)
        return (self.session.view.graph, tuple(self.session.graph.parameters), layers, borders)

    def _turn_to(self, nodes: tuple[Node, ...], kind: Kind) -> None:
        """Bring up the page for these nodes; the last few kinds are kept, so that it shows at once."""
        held = QApplication.focusWidget()
        if held is not None and self.isAncestorOf(held):
            if isinstance(held, LineEntry) and self.page is not None and self.page.isAncestorOf(held):
                held.revert()  # what was typed and not confirmed is not meant for other nodes
            self.keys_free.emit()  # else Qt hands them to the first button of the window
        if self.page is not None:
            self.page.hide()
            self.page = None
        self.summary.setVisible(not nodes)
        if nodes:
            self.page = page = self._pages.pop(kind, None) or self._make_page(nodes)
            self._pages[kind] = page
            page.turn_to(nodes)
            page.show()
            while len(self._pages) > KEPT_PAGES:
                oldest = self._pages.pop(next(iter(self._pages)))
                self._column.removeWidget(oldest)
                oldest.deleteLater()
        self._scroll.verticalScrollBar().setValue(0)

    def _make_page(self, nodes: tuple[Node, ...]) -> NodePage:
        page = NodePage(self.session, self.controller, nodes, self._unfolded)
        self._column.addWidget(page)
        page.edited.connect(self._edited)
        page.reset.connect(self._reset)
        page.promoted.connect(self._promote)
        page.problems.fix_clicked.connect(self._apply_fix)
        page.header.renamed.connect(self._rename)
        page.header.bypass_clicked.connect(self._bypass)
        page.header.freeze_clicked.connect(self._freeze)
        page.header.open_clicked.connect(self._open_placement)
        page.step_sample.connect(self._step_sample)
        page.folded.connect(self._fold)
        page.options_changed.connect(self._look_anew)
        page.data_wanted.connect(self.data_wanted)
        page.lens_wanted.connect(self.lens_wanted)
        page.given.connect(self._give)
        page.weights_given.connect(partial(give_weights, self.session))
        if page.samples is not None:
            page.samples.enlarge.connect(self.samples_wanted)
        return page

    def _show_report(self) -> None:
        if not self.isVisible():
            self._stale = True
            return
        if self.page is None:
            self.summary.refresh()
        else:
            self.page.show_report()
        self._watch()
        self._show_frames()

    # Looking into a run ------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Ask the run for what is on screen, and for nothing else."""
        parts = self.page.lens_parts() if self.page is not None and self.isVisible() else []
        self.controller.watch(self, frozenset(part.request() for part in parts))

    def _frames_changed(self, targets: Iterable[str]) -> None:
        if self.page is not None and self.isVisible():
            touched = set(targets)
            if any(part.target in touched for part in self.page.lens_parts()):
                self._show_frames()

    def _show_frames(self) -> None:
        if self.page is None or not self.isVisible():
            return
        controller, pins = self.controller, self.controller.pins
        live = controller.state in ("running", "paused") and controller.moments.chosen is None
        drawing, any_stale = controller.drawing, False
        context = lens_context(drawing.shown_project)
        for part in self.page.parts.values():
            frame, is_stale = drawing.seen(part.kind, part.target, part.options)
            trouble = controller.looks.trouble(part.request())
            part.show_frame(frame, context, live=live, is_stale=is_stale, trouble=trouble)
            part.show_sample(pins.index, pins.words())
            any_stale = any_stale or (is_stale and not part.isHidden())
        self.page.show_stale(any_stale)
        samples = self.page.samples
        if samples is not None:
            frame, is_stale = drawing.seen(samples.kind, samples.target)
            samples.show_frame(frame, live=live, is_stale=is_stale)

    def _fold(self, kind: str, is_folded: bool) -> None:
        """Somebody folded or unfolded a lens: so it stays for every node."""
        (self._unfolded.discard if is_folded else self._unfolded.add)(kind)
        self._watch()
        self._show_frames()

    def _look_anew(self) -> None:
        """Options were chosen in a picture: ask for what they show."""
        self._watch()
        self._show_frames()

    def _step_sample(self, step: int) -> None:
        self.controller.pin(max(0, self.controller.pinned + step))

    # Editing -----------------------------------------------------------------------------------------------

    def _change(self, edit: Edit, label: str, merge: str | None = None, *, param: str = "") -> bool:
        """Apply an edit to every selected node as one step; says why where it is refused.

        A `param` of a definition is set wherever the same weights stand: they have one shape.
        """
        nodes, graph = self._shown, self.session.view.graph

        def edit_all(project: Project) -> Project:
            for node in nodes:
                own = param not in REGISTRY[node.layer].params if node.layer in REGISTRY else False
                held = placement.sharing(project, graph, node.id) if param and own else ((graph, node.id),)
                for where, key in held:
                    project = edit(project, where, key)
            return project

        return self.session.attempt(edit_all, label, merge)

    def _named(self) -> str:
        """The selection in the words of a label: `Conv2d`, `3 layers`."""
        if len(self._shown) != 1:
            return f"{len(self._shown)} layers"
        return REGISTRY.title_of(self._shown[0].layer)

    def _edited(self, name: str, value: Any, gesture: str) -> None:
        assert self.page is not None
        if name == CONDITION:
            words = (
                f"Have {self._named()} only if {value.removeprefix('=')}" if value else "Remove the condition"
            )
            if not self._change(lambda p, g, node: edits.set_condition(p, g, (node,), value), words):
                self.page.show_nodes(self._shown)
            return
        words = self.page.params[name].in_sentence
        ids = ",".join(node.id for node in self._shown)
        merge = f"param.{self.session.view.graph}.{ids}.{name}.{gesture}" if gesture else None
        taken = self._change(
            lambda project, graph, node: edits.set_param(project, graph, node, name, value),
            f"Set {words} of {self._named()}",
            merge,
            param="" if has_expression(value) else name,
        )
        if not taken:
            self.page.show_nodes(self._shown)

    def _give(self, values: dict[str, Any], words: str) -> None:
        """Weights by hand, as values of several parameters in one step."""

        def edit(project: Project, graph: str, node: str) -> Project:
            for name, value in values.items():
                project = edits.set_param(project, graph, node, name, value)
            return project

        self._change(edit, f"{words} of {self._named()}")

    def _reset(self, name: str) -> None:
        assert self.page is not None
        if name == CONDITION:
            self._edited(name, "", "")
            return
        self._change(
            lambda project, graph, node: edits.reset_param(project, graph, node, name),
            f"Reset {self.page.params[name].in_sentence} of {self._named()}",
            param=name,
        )

    def _promote(self, name: str) -> None:
        parameter_edits.promote(self.session, self._shown[0].id, name)

    def _bypass(self, on: bool) -> None:
        verb = "Bypass" if on else "Take back"
        self._change(lambda p, g, node: edits.set_bypassed(p, g, (node,), on), f"{verb} {self._named()}")

    def _freeze(self, on: bool) -> None:
        verb = "Freeze" if on else "Unfreeze"
        self._change(lambda p, g, node: edits.set_frozen(p, g, (node,), on), f"{verb} {self._named()}")

    def _rename(self, name: str) -> None:
        assert self.page is not None
        old, project, graph = self._shown[0].id, self.session.project, self.session.view.graph
        try:
            renamed = edits.rename_node(project, graph, old, name.strip())
        except edits.EditError as error:
            self.page.header.refuse_name(str(error))
            return
        self.page.header.refuse_name("")
        self.session.apply(renamed, f"Rename {old}")
        self.session.select(frozenset({name.strip()}))

    def _apply_fix(self, fix: Fix) -> None:
        self.session.attempt(fix.edit, fix.title)

    def _open_placement(self) -> None:
        view = self.session.inside(self._shown[0].id)
        if view is not None:
            self.session.show_graph(*self.session.view_stack, view)

    def _open_definition(self, name: str) -> None:
        self.session.show_tab(name)

    # Visibility --------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self.refresh()
        self._watch()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._stale = True
        self.controller.watch(self, frozenset())
