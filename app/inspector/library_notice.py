"""Says which definitions My blocks has another version of, each with a button that updates it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.canvas.editing import block_library, library_edits
from app.state.session import Session
from app.widgets.buttons import QuietButton
from app.widgets.section import Section
from app.widgets.text import body
from engine.document.project import MAIN

MOST = 8


class LibraryNotice(Section):
    """Hidden where there is nothing to say."""

    def __init__(self, session: Session) -> None:
        super().__init__(line=False, top=10, bottom=0)
        self._session = session
        self._shown: tuple[str, ...] = ()
        self._made: list[QWidget] = []
        self.buttons: dict[str, QuietButton] = {}
        self._asked: frozenset[str] | None = frozenset()
        session.project_changed.connect(self._look)
        self.hide()

    def show_for(self, definitions: Iterable[str] | None = None) -> None:
        """Look at these definitions; None: at all of the project."""
        self._asked = None if definitions is None else frozenset(definitions)
        self._look()

    def _look(self) -> None:
        project = self._session.project
        asked = project.graphs.keys() - {MAIN} if self._asked is None else self._asked
        found = tuple(name for name in block_library.outdated(project) if name in asked)[:MOST]
        if found == self._shown:
            return
        for widget in self._made:
            self.column.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._shown, self._made, self.buttons = found, [], {}
        for name in found:
            self._put(body(f"My blocks has another version of {name} by now."))
            button = self.buttons[name] = QuietButton("Update it everywhere")
            button.setAccessibleName(f"Update {name} everywhere")
            button.clicked.connect(lambda _=False, name=name: library_edits.update(self._session, name))
            self._put(button, Qt.AlignmentFlag.AlignLeft)
        self.setVisible(bool(found))

    def _put(self, widget: QWidget, place: Qt.AlignmentFlag = Qt.AlignmentFlag(0)) -> None:  # noqa: B008
        self.column.addWidget(widget, 0, place)
        self._made.append(widget)
