"""The border of the definition on show, as lines to be named, moved and taken away by mouse or keys.

Shows the session's graph and asks the edits for every change; the canvas shows the same as cards.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.canvas.editing import border_edits
from app.forms.box import Box, LineEntry
from app.state.session import Session
from app.widgets.buttons import IconButton, LinkButton
from app.widgets.section import Heading, Section
from app.widgets.text import caption
from engine.document.edits import border
from engine.document.project import INPUT, MAIN, OUTPUT

_TITLES = {INPUT: "Inputs", OUTPUT: "Outputs"}


class PortLine(QWidget):
    """One port: its name to be written, and what moves it or takes it away."""

    def __init__(self, session: Session, side: str, port: str, *, first: bool, last: bool) -> None:
        super().__init__()
        word = border_edits.word(side)
        box = Box(self)
        self.entry = LineEntry(box)
        self.entry.setAccessibleName(f"Name of the {word}")
        self.entry.show_text(port)
        self.entry.committed.connect(partial(self._rename, session, side, port))
        box.row.addWidget(self.entry)
        self.up = IconButton("chevron-up", f"Move {port} up")
        self.down = IconButton("chevron-down", f"Move {port} down")
        self.gone = IconButton("close", f"Remove {port} and the wires at it")
        self.up.setEnabled(not first)
        self.down.setEnabled(not last)
        self.up.clicked.connect(lambda: border_edits.move(session, side, port, -1))
        self.down.clicked.connect(lambda: border_edits.move(session, side, port, 1))
        self.gone.clicked.connect(lambda: border_edits.remove(session, side, port))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2)
        line.addWidget(box, 1)
        for button in (self.up, self.down, self.gone):
            line.addWidget(button)

    def _rename(self, session: Session, side: str, port: str, name: str) -> None:
        border_edits.rename(session, side, port, name.strip())
        if port in border.ports_of(session.graph, side):
            self.entry.show_text(port)  # it was refused


class BorderPart(Section):
    """Inputs and outputs of the definition on show; hidden on main."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown: tuple[object, ...] = ()
        self.heading = Heading("Border")
        self.add(self.heading)
        self.lines: dict[tuple[str, str], PortLine] = {}
        self._made: list[QWidget] = []
        self.more: dict[str, LinkButton] = {}

    def refresh(self) -> None:
        """Show the border as it is now."""
        session, name = self._session, self._session.view.graph
        self.setVisible(name != MAIN)
        shown = (name, session.graph.inputs, session.graph.outputs)
        if name == MAIN or shown == self._shown:
            return
        self._shown = shown
        for widget in self._made:
            self.column.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._made, self.lines, self.more = [], {}, {}
        self.heading.note.setText(name)
        for side, title in _TITLES.items():
            ports = border.ports_of(session.graph, side)
            self._put(caption(title))
            for place, port in enumerate(ports):
                line = PortLine(session, side, port, first=place == 0, last=place == len(ports) - 1)
                self.lines[(side, port)] = line
                self._put(line)
            self.more[side] = LinkButton(f"Add {border_edits.word(side)}")
            self.more[side].clicked.connect(partial(self._add, side))
            self._put(self.more[side], Qt.AlignmentFlag.AlignLeft)

    def _put(self, widget: QWidget, place: Qt.AlignmentFlag = Qt.AlignmentFlag(0)) -> None:  # noqa: B008
        self.column.addWidget(widget, 0, place)
        self._made.append(widget)

    def _add(self, side: str) -> None:
        session, name = self._session, self._session.view.graph
        port = border.fresh_port(session.graph, side)
        if session.attempt(lambda p: border.add_port(p, name, side, port), f"Add {border_edits.word(side)}"):
            entry = self.lines[(side, port)].entry
            entry.setFocus()
            entry.selectAll()
