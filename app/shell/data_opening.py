"""The data page in the window: when it comes up, where it leads back to, and what is done from it.

The page tells what is wanted; here it becomes an edit of the drawing or a new project.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget

from app.commands.command_window import CommandWindow
from app.data.reading import Params
from app.state.session import View
from app.widgets.text import set_title
from engine.document import edits, query
from engine.document.project import Project
from engine.document.storage.file import SUFFIX
from nodes.data.source import DataSource

if TYPE_CHECKING:
    from app.data.data_page import DataPage


class DataOpening(QObject):
    """Shows the data page over the gallery or the drawing; it is made when it is first wanted."""

    def __init__(self, window: CommandWindow, stack: QStackedWidget, shown: Callable[[], None]) -> None:
        super().__init__(window.widget)
        self._window, self._stack, self._shown = window, stack, shown
        self._page: DataPage | None = None
        self._from_drawing = False
        self._node = ("", "")  # graph and id of the node that is looked at
        stack.currentChanged.connect(self._turned)

    @property
    def page(self) -> DataPage:
        """The page, made when first asked for."""
        if self._page is None:
            from app.data.data_page import DataPage

            page = self._page = DataPage(self._stack)
            self._stack.addWidget(page)
            page.add_wanted.connect(self._add)
            page.apply_wanted.connect(self._apply)
            page.new_wanted.connect(self._make)
            page.files_wanted.connect(self._choose_files)
            page.folder_wanted.connect(self._choose_folder)
            page.closed.connect(self.leave)
        return self._page

    @property
    def is_shown(self) -> bool:
        return self._page is not None and self._stack.currentWidget() is self._page

    # Coming and going --------------------------------------------------------------------------------------

    def show(self, paths: tuple[Path, ...] = ()) -> None:
        """Look at these files and folders; without any, ask for some."""
        self._come_up()
        if paths:
            self.page.look_at(paths, seed=self._seed)
        else:
            self.page.begin()

    def show_node(self, node: str) -> None:
        """Look at the data of a node of the graph on show; what is chosen is for that node."""
        session = self._window.session
        found = session.graph.nodes.get(node)
        if found is not None and found.layer == DataSource.type:
            self._node = (session.view.graph, node)
            self._come_up()
            sources = query.layers_of(session.graph, DataSource)
            self.page.look_at_node(found.params, node, sources, seed=self._seed)

    def leave(self) -> None:
        """Back to what was on show before."""
        if not self.is_shown:
            return
        if self._from_drawing:
            self._window.show_drawing()
        else:
            self._window.show_gallery()

    def _come_up(self) -> None:
        if not self.is_shown:
            self._from_drawing = self._window.shows_drawing
        self.page.set_drawing(self._window.files.is_open)
        self._stack.setCurrentWidget(self.page)
        self.page.setFocus()
        set_title(self._window.widget, "Data – Layerloom")
        self._shown()

    def _turned(self, _at: int) -> None:
        """Another page is on show: what is being read for this one is called off."""
        if self._page is not None and not self.is_shown:
            self._page.begin()

    @property
    def _seed(self) -> int:
        window = self._window
        return window.session.project.settings.seed if window.files.is_open else 0

    # What is asked there -----------------------------------------------------------------------------------

    def _choose_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self._window.widget, "Choose files of data", str(Path.home()))
        if names:
            self.show(tuple(map(Path, names)))

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(
            self._window.widget, "Choose a folder of data", str(Path.home())
        )
        if name:
            self.show((Path(name),))

    def _add(self, params: Params) -> None:
        """A data node on the canvas, selected and in sight."""
        window = self._window
        if not window.files.is_open and not window.files.new():
            return
        window.show_drawing()
        window.session.show_graph(View())
        window.session.select(frozenset())
        canvas = window.workbench().canvas
        node = canvas.add_layer(DataSource.type, params)
        if node is not None:  # after the camera has found its place
            QTimer.singleShot(0, canvas, partial(canvas.reveal, node))

    def _apply(self, params: Params) -> None:
        """Give the node that was looked at what was chosen, as one step."""
        window, (graph, node) = self._window, self._node
        window.show_drawing()

        def edit(project: Project) -> Project:
            present = project.graphs[graph].nodes[node].params
            for name in (
                *sorted(params, key=lambda one: one != "dataset"),
                *(present.keys() - params.keys()),
            ):
                if name in params:
                    project = edits.set_param(project, graph, node, name, params[name])
                else:
                    project = edits.reset_param(project, graph, node, name)
            return project

        if node in window.session.project.graphs.get(graph, window.session.graph).nodes:
            window.session.attempt(edit, f"Read {node} otherwise")
        else:
            window.session.notify(f"{node} is no longer in the drawing, so nothing was changed.", "warn")

    def _make(self, project: Project) -> None:
        """A new project with a first network."""
        self._window.files.open_made(project)


def dropped_paths(event: QDropEvent) -> tuple[Path, ...]:
    """The files and folders of this machine that are dragged and may be copied; none for anything else."""
    urls, may_copy = event.mimeData().urls(), event.possibleActions() & Qt.DropAction.CopyAction
    if not may_copy or not urls or not all(url.isLocalFile() for url in urls):
        return ()
    return tuple(Path(url.toLocalFile()) for url in urls)


def is_project(paths: tuple[Path, ...]) -> bool:
    """Whether these are one project rather than data."""
    return len(paths) == 1 and paths[0].suffix.lower() == SUFFIX


def accept_copy(event: QDropEvent) -> None:
    """Take what is dragged as a copy: a program that is told that its file was moved may delete it."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
