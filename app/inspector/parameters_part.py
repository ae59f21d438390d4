"""The parameters of the definition on show: named, described, moved and taken away by mouse or keys.

Shows the session's graph and asks the edits for every change. A placement's form is made of the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from app.canvas.editing import parameter_edits
from app.forms.box import Box, LineEntry
from app.forms.form import ParamForm
from app.forms.steps import read_number
from app.state.session import Session
from app.widgets.buttons import IconButton, LinkButton
from app.widgets.section import Heading, Section
from app.widgets.text import body
from engine.document.edits.parameters import readers_of
from engine.document.own_params import info_of, own_param, parameter_names
from engine.document.project import MAIN, Node, ParameterInfo
from nodes.param import Choice, Param, Text

DEFAULT = "default"
EMPTY = "None yet. Drag a row of the inspector to the border of the block, or add one here."


def _details(kind: str) -> dict[str, Param[Any]]:
    """What a parameter says of itself beside its default, as rows behind the fold."""
    numbers = ("kind", ("whole number", "number"))
    made: dict[str, Param[Any]] = {
        "help": Text("", label="Help", advanced=True, empty="one line", help="What it is for, in one line."),
        "kind": Choice(kind, choices=parameter_edits.KINDS, label="Kind", advanced=True, help="What it is."),
        "min": Text(
            "", label="Least", advanced=True, empty="any", visible_if=numbers, help="Its least value."
        ),
        "max": Text(
            "", label="Most", advanced=True, empty="any", visible_if=numbers, help="Its largest value."
        ),
        "choices": Text(
            "",
            label="Choices",
            advanced=True,
            empty="any text",
            visible_if=("kind", ("text",)),
            help="The texts that it may be, set apart by commas.",
        ),
    }
    for name, param in made.items():
        param.__set_name__(Node, name)
    return made


class ParameterLines(QWidget):
    """One parameter: its name, what moves it or takes it away, its default, and the rest behind a fold."""

    def __init__(self, session: Session, name: str, *, first: bool, last: bool) -> None:
        super().__init__()
        self._session, self._name = session, name
        graph = session.graph
        default, info = graph.parameters[name], info_of(graph, name)
        box = Box(self)
        self.entry = LineEntry(box)
        self.entry.setAccessibleName("Name of the parameter")
        self.entry.show_text(name)
        readers = readers_of(graph, name)
        self.entry.setToolTip(
            f"Read by {', '.join(readers[:8])}" if readers else "Nothing reads it yet: =" + name
        )
        self.entry.committed.connect(self._rename)
        box.row.addWidget(self.entry)
        self.up = self._button(
            "chevron-up", f"Move {name} up", lambda: parameter_edits.move(session, name, -1)
        )
        self.down = self._button(
            "chevron-down", f"Move {name} down", lambda: parameter_edits.move(session, name, 1)
        )
        self.gone = self._button("close", f"Remove {name}", lambda: parameter_edits.remove(session, name))
        self.up.setEnabled(not first)
        self.down.setEnabled(not last)
        line = QHBoxLayout()
        line.setSpacing(2)
        line.addWidget(box, 1)
        for button in (self.up, self.down, self.gone):
            line.addWidget(button)
        own = own_param(info, default)
        own.label = "Default"
        self.form = ParamForm(
            {DEFAULT: own, **_details(parameter_edits.kind_of(default))}, lambda _: [], fold="Details"
        )
        values = {DEFAULT: own.to_json(own.default), **_told(info), "kind": parameter_edits.kind_of(default)}
        self.form.show_values(values, {**values, **dict.fromkeys(("help", "min", "max", "choices"), "")})
        self.form.edited.connect(self._edited)
        self.form.reset.connect(lambda row: self._edited(row, "", ""))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(self.form)

    def _button(self, icon: str, tip: str, act: Callable[[], None]) -> IconButton:
        button = IconButton(icon, tip)
        button.clicked.connect(act)
        return button

    def _rename(self, text: str) -> None:
        session, old = self._session, self._name
        parameter_edits.rename(session, old, text.strip())
        if old in session.graph.parameters:
            self.entry.show_text(old)  # it was refused

    def _edited(self, row: str, value: Any, _gesture: str) -> None:
        session, name = self._session, self._name
        if row == DEFAULT:
            parameter_edits.set_default(session, name, value)
        elif row == "kind":
            parameter_edits.set_kind(session, name, value)
        else:
            parameter_edits.tell(session, name, _with(info_of(session.graph, name), row, str(value)))


def _told(info: ParameterInfo) -> dict[str, str]:
    return {
        "help": info.help,
        "min": "" if info.min is None else f"{info.min:g}",
        "max": "" if info.max is None else f"{info.max:g}",
        "choices": ", ".join(info.choices),
    }


def _with(info: ParameterInfo, row: str, text: str) -> ParameterInfo:
    """What is said of a parameter with one row written anew. Text where a number belongs is told by the
    edit.
    """
    if row == "choices":
        return msgspec.structs.replace(info, choices=tuple(filter(None, map(str.strip, text.split(",")))))
    if row in ("min", "max") and text.strip():
        number = read_number(text)
        return msgspec.structs.replace(info, **{row: text if number is None else number})
    return msgspec.structs.replace(info, **{row: text.strip() if row == "help" else None})


class ParametersPart(Section):
    """The parameters of the definition on show; hidden on main."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown: tuple[object, ...] = ()
        self.heading = Heading("Parameters")
        self.add(self.heading)
        self.empty = body(EMPTY)
        self.add(self.empty)
        self.lines: dict[str, ParameterLines] = {}
        self._unfolded: set[tuple[str, str]] = set()
        self.more = LinkButton("Add parameter")
        self.more.clicked.connect(self._add)
        self.column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    def refresh(self) -> None:
        """Show the parameters as they are now."""
        session, name = self._session, self._session.view.graph
        graph = session.graph
        self.setVisible(name != MAIN)
        read = tuple(readers_of(graph, key) for key in graph.parameters) if name != MAIN else ()
        shown = (name, repr(graph.parameters), graph.parameter_info, read)
        if name == MAIN or shown == self._shown:
            return
        self._shown = shown
        held = self._with_keys()
        for line in self.lines.values():
            self.column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines = {}
        order = parameter_names(graph)
        for place, key in enumerate(order):
            line = ParameterLines(session, key, first=place == 0, last=place == len(order) - 1)
            line.form.fold.setChecked((name, key) in self._unfolded)
            line.form.fold.toggled.connect(partial(self._fold, (name, key)))
            self.lines[key] = line
            self.column.insertWidget(self.column.indexOf(self.more), line)
        self.empty.setVisible(not order)
        if held is not None and held[0] in self.lines and held[1] in self.lines[held[0]].form.rows:
            self.lines[held[0]].form.rows[held[1]].field.setFocus()

    def _with_keys(self) -> tuple[str, str] | None:
        """Parameter and row of the field that has the keys: it keeps them when the lines are made anew."""
        widget = QApplication.focusWidget()
        for name, line in self.lines.items():
            for key, row in line.form.rows.items():
                if widget is not None and row.isAncestorOf(widget):
                    return name, key
        return None

    def _fold(self, key: tuple[str, str], is_open: bool) -> None:
        (self._unfolded.add if is_open else self._unfolded.discard)(key)

    def _add(self) -> None:
        made = parameter_edits.add(self._session)
        if made is not None and made in self.lines:
            entry = self.lines[made].entry
            entry.setFocus()
            entry.selectAll()
