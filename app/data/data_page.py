"""The data page: what was dropped is read, shown as it was understood, corrected, and put on the canvas.

It keeps the parameters of a data node and asks a thread to read with them; every choice is a new reading, and
can be taken back. It changes no project: it tells what is wanted, and the window does it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.data.found_view import FoundView
from app.data.header import PageHeader
from app.data.reading import Params, Question, Refused, Understood, chosen_of, paths_of, understand
from app.data.states import DropView, FailedView, ReadingView
from app.widgets.background_task import BackgroundTask
from app.widgets.enter_keys import ENTER
from engine.data.first_drawing import first_drawing, node_params
from nodes.data.source import DataSource
from nodes.data_sets.declaration import OF_THE_NODE
from nodes.data_sets.registry import data_sets
from nodes.param import JSON
from nodes.reading.error import DataError
from nodes.reading.look import Answer, DataMatch
from nodes.shown_text import shown
from nodes.user_error import UserError

_READING = "Reading again"
_REST_MS = 150
"""Edits that follow each other faster than this are read together."""


class DataPage(QWidget):
    """One set of data. `look_at` or `look_at_node` begins; `closed` tells that the page is done with."""

    add_wanted = Signal(object)  # the parameters of a data node
    apply_wanted = Signal(object)  # the same, for the node that was looked at
    new_wanted = Signal(object)  # Project
    files_wanted = Signal()
    folder_wanted = Signal()
    closed = Signal()
    shown_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Data")
        self.understood: Understood | None = None
        self.node = ""
        """The data node that is looked at; empty: data that are not on the canvas yet."""
        self._question = Question()
        self._earlier: list[Question] = []
        self._answer: Understood | Refused | None = None
        self._answered_at: tuple[Question, tuple[Question, ...]] = (self._question, ())
        """The question whose answer is on show, and those before it."""
        self._pending = False
        """Whether what was chosen last is still to be read."""
        self._wanted: Callable[[], None] | None = None
        """What is done as soon as what was chosen last is read."""
        self._has_drawing = False
        self._task = BackgroundTask("data page", understand, self)
        self._task.answered.connect(self._answered)
        self._task.failed.connect(self._broke)
        self._task.progressed.connect(self._progressed)
        self._soon = QTimer(self, singleShot=True, interval=_REST_MS)
        self._soon.timeout.connect(self._ask)
        self.header = PageHeader()
        self.drop, self.reading, self.failed = DropView(), ReadingView(), FailedView()
        self.found = FoundView()
        self.pages = QStackedWidget()
        for page in (self.drop, self.reading, self.failed, self.found):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.pages, 1)
        self._connect()
        self.begin()

    def _connect(self) -> None:
        self.header.back_wanted.connect(self.close_page)
        self.header.add_wanted.connect(self.add)
        self.header.new_wanted.connect(self.make_new)
        self.header.match_chosen.connect(self.read_as)
        self.header.cancelled.connect(self.keep_shown)
        self.drop.files_wanted.connect(self.files_wanted)
        self.drop.folder_wanted.connect(self.folder_wanted)
        self.reading.cancelled.connect(self.cancel)
        self.failed.again_wanted.connect(self.read_again)
        self.failed.other_wanted.connect(self.files_wanted)
        self.failed.match_chosen.connect(self.read_as)
        self.failed.edited.connect(lambda name, value: self.change({name: value}))
        self.found.answered.connect(self.take)
        self.found.edited.connect(lambda name, value: self.change({name: value}))
        self.found.role_chosen.connect(self.give_role)
        self.found.take_back.connect(self.take_back)

    # What is looked at -------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Nothing is looked at: say where to drop data."""
        self._forget()
        self.header.show_data("Add data", (), None)
        self._show(self.drop)

    def look_at(self, paths: tuple[Path, ...], *, seed: int = 0) -> None:
        """Read what was dropped or chosen."""
        self._start(Question(paths, seed=seed), "")

    def look_at_node(
        self, params: Params, node: str, nodes: Mapping[str, DataSource] | None = None, *, seed: int = 0
    ) -> None:
        """Read the data of a node of the drawing; what is chosen is for that node. `nodes`: the data nodes of
        its graph.
        """
        paths = paths_of(DataSource(**params))
        self._start(Question(paths, params, (), seed, node, tuple((nodes or {}).items())), node)

    def set_drawing(self, is_open: bool) -> None:
        """Whether there is a drawing to which data can be added."""
        self._has_drawing = is_open
        self._name_buttons()

    def _start(self, question: Question, node: str) -> None:
        self._forget()
        self.node, self._question = node, question
        self.header.show_data(self._title(), (), None)
        self._show_reading()
        self._ask()

    def _forget(self) -> None:
        self._task.call_off()
        self._soon.stop()
        self.understood, self.node, self._earlier = None, "", []
        self._question, self._answer, self._wanted = Question(), None, None
        self._end_progress()

    def _title(self) -> str:
        """What the page is about, in a few words."""
        paths = self._question.paths
        if not paths:
            return data_sets()[DataSource(**(self._question.params or {})).dataset].title
        if len(paths) == 1:
            return shown(paths[0].name or str(paths[0]))
        return f"{shown(paths[0].name)} and {len(paths) - 1:,} more"

    # Reading -----------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        self._soon.stop()
        self._begin_progress()
        self._task.ask_instead(self._question)

    def _begin_progress(self) -> None:
        self._pending = True
        if self._answer is not None:
            self.header.show_progress(_READING, None)

    def _end_progress(self) -> None:
        self._pending = False
        self.header.end_progress()

    def _progressed(self, question: object, told: object) -> None:
        if question is not self._question or not isinstance(told, tuple):
            return
        what, share = told
        if self._answer is None:
            self.reading.show_progress(str(what), share)
        else:
            self.header.show_progress(str(what), share)

    def _broke(self, question: object, message: str) -> None:
        """A mistake of a reader, which is reported as well: the page says it and stays usable."""
        self._answered(question, Refused(message))

    def _answered(self, question: object, answer: object) -> None:
        if question is not self._question:
            return
        self._end_progress()
        wanted, self._wanted = self._wanted, None
        if isinstance(answer, Understood):
            self._show_understood(answer)
            if wanted is not None:
                wanted()
        elif isinstance(answer, Refused) and self.understood is not None:
            self.found.show_refused(answer.message)
            self._name_buttons()
        elif isinstance(answer, Refused):
            self._show_failed(answer)

    def _show_failed(self, answer: Refused) -> None:
        if answer.source is not None:  # what is edited now begins with what was tried
            self._question = replace(self._question, params=node_params(answer.source), roles=())
        self._answer, self._answered_at = answer, (self._question, tuple(self._earlier))
        self.failed.show_failure(self._title(), answer.message, answer.matches, answer.source)
        self._show(self.failed)

    def _show_understood(self, found: Understood) -> None:
        self.understood = found
        self._question = replace(self._question, params=node_params(found.source), roles=())
        self._answer, self._answered_at = found, (self._question, tuple(self._earlier))
        self.header.show_data(self._title(), found.matches, chosen_of(found.matches, found.source))
        self.found.show_understood(found)
        self._show(self.found)

    def _show(self, page: QWidget) -> None:
        before = self.pages.currentWidget()
        self.pages.setCurrentWidget(page)
        self._name_buttons()
        if page is not before:
            self.found.verticalScrollBar().setValue(0)
            if self.isVisible():
                self.setFocus()
            self.shown_changed.emit()

    @property
    def is_reading(self) -> bool:
        """Whether an answer is still to come."""
        return self._soon.isActive() or not self._task.wait(0.0)

    # What a person wants -----------------------------------------------------------------------------------

    def take(self, answer: Answer) -> None:
        """An answer to a question: its parameters are set, and the data read with them."""
        self.change(answer.values)

    def change(self, values: Mapping[str, Any]) -> None:
        """Set parameters and read anew, together with other changes of the same moment."""
        before = self._question
        params: dict[str, JSON] = {**(before.params or {}), **values}
        self._turn_to(replace(before, params=params))

    def give_role(self, part: str, role: str) -> None:
        """Give a part another role and read anew."""
        roles = (*self._question.roles, (part, role))
        self._turn_to(replace(self._question, roles=roles))

    def read_as(self, match: DataMatch) -> None:
        """Let another data set read it."""
        before = self._question
        kept = {name: value for name, value in (before.params or {}).items() if name in OF_THE_NODE}
        params = {**kept, "dataset": match.dataset, **match.recognised.values}
        if self.understood is None:
            self._show_reading()
        self._turn_to(replace(before, params=params, roles=()))

    def read_again(self) -> None:
        """Read the same once more: the file may be another by now."""
        self._show_reading()
        self._ask()

    def _show_reading(self) -> None:
        """There is nothing to show until the data are read."""
        self._answer = None
        self.reading.begin(self._title())
        self._show(self.reading)

    def take_back(self) -> None:
        """Undo the last choice on this page."""
        if self._earlier:
            self.found.settings.forget()
            self._question = self._earlier.pop()
            self._ask()

    def cancel(self) -> None:
        """End the reading, and leave the page."""
        self.close_page()

    def keep_shown(self) -> None:
        """End a reading that goes on behind what is shown, and take back the choices that it was for."""
        if self._answer is None or not self._pending:
            return
        self._task.call_off()
        self._soon.stop()
        self._wanted = None
        self._question, earlier = self._answered_at
        self._earlier = [*earlier]
        self._end_progress()
        for settings in (self.found.settings, self.failed.settings):
            settings.forget()
        if isinstance(self._answer, Understood):
            self._show_understood(self._answer)
        else:
            self._show_failed(self._answer)

    def _turn_to(self, question: Question) -> None:
        self._earlier.append(self._question)
        self._question = question
        self._begin_progress()
        self._soon.start()

    # What is done with it ----------------------------------------------------------------------------------

    def params(self) -> dict[str, JSON]:
        """The parameters of a data node that reads what is shown."""
        assert self.understood is not None
        return node_params(self.understood.source)

    def add(self) -> None:
        """Put the data on the canvas, or give the node that is looked at what was chosen."""
        if self._is_ready(self.add):
            (self.apply_wanted if self.node else self.add_wanted).emit(self.params())

    def make_new(self) -> None:
        """A new project with a first network for these data."""
        if self._is_ready(self.make_new) and self.understood is not None:
            self.new_wanted.emit(first_drawing(self.understood.source, self.understood.look.info))

    def close_page(self) -> None:
        self._forget()
        self.closed.emit()

    def _is_ready(self, wanted: Callable[[], None]) -> bool:
        """Whether what is shown is what was chosen last. Where that is still read, `wanted` follows it."""
        if self._is_usable() and self._pending:
            self._wanted = wanted
            return False
        return self._is_usable()

    def _is_usable(self) -> bool:
        return self.understood is not None and not self.found.refused.isVisibleTo(self.found)

    def _name_buttons(self) -> None:
        header, ready = self.header, self.pages.currentWidget() is self.found
        for button in (header.add, header.new):
            button.setVisible(ready)
        header.new.setVisible(ready and not self.node)
        if self.node:
            header.add.setText(f"Use for {shown(self.node, 24)}")
        else:
            header.add.setText("Add to drawing" if self._has_drawing else "Add to a new drawing")
        header.make_primary("add" if self._has_drawing or self.node else "new")
        usable = ready and self._is_usable()
        header.add.setEnabled(usable)
        refusal = self._no_first_drawing() if usable else ""
        header.new.setEnabled(usable and not refusal)
        header.new.setToolTip(refusal or "A first network for these data, ready to train")

    def _no_first_drawing(self) -> str:
        """Why there is no first network for these data; empty where there is one."""
        assert self.understood is not None
        try:
            first_drawing(self.understood.source, self.understood.look.info)
        except (DataError, UserError) as error:
            return str(error)
        return ""

    # Keys --------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.header.cancel.isHidden():
            self.keep_shown()
        elif event.key() == Qt.Key.Key_Escape:
            self.close_page()
        elif event.key() in ENTER and self.hasFocus():
            self._do_first()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.take_back()
        else:
            super().keyPressEvent(event)

    def _do_first(self) -> None:
        """Enter does what the primary button of the page does."""
        page = self.pages.currentWidget()
        if page is self.drop:
            self.files_wanted.emit()
        elif page is self.failed:
            self.read_again()
        elif page is self.found:
            first = self.header.add if self._has_drawing or self.node else self.header.new
            if first.isEnabled():
                first.click()
