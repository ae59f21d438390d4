"""The panel in which samples are browsed: a page of one part, stored or as seen, by class, the worst first.

Samples that are excluded here are left out by every run; that is a step like any other, which can be undone.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from app.browse.browsing import PAGE, PageAnswer, PageQuestion, PageReader
from app.browse.sample_list import SampleHeadings, SampleList, SampleModel
from app.runs.run_columns import name_of
from app.state.last_question import LastQuestion
from app.state.looks.pins import MOST as MOST_PINS
from app.state.run_controller import RunController
from app.state.run_list import RunList
from app.state.session import Session
from app.widgets.buttons import Chip, IconButton, QuietButton, Segments
from app.widgets.menus import Menu
from app.widgets.panel_body import LINE_HEIGHT, PanelBody
from app.widgets.text import ElidedLabel
from engine.document import edits
from engine.document.project import MAIN, Project
from engine.messages.pinned import HeldSample
from engine.runs.checkpoints import CHECKPOINTS
from nodes.data.source import DataSource
from nodes.reading.excluded import places_of, text_of
from nodes.user_error import UserError

_NO_DATA = ("No data yet", "Put a Data set node on the canvas and choose what it reads.")
_PARTS = ("training", "validation")
_SEARCH_MS, _LEAST = 250, 800


def data_nodes(project: Project) -> tuple[str, ...]:
    """The data nodes on main, in the order in which they were drawn."""
    return tuple(node.id for node in project.graphs[MAIN].nodes.values() if node.layer == DataSource.type)


class BrowsePanel(QWidget):
    """One page of samples."""

    def __init__(
        self,
        session: Session,
        controller: RunController,
        run_list: RunList,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session, self.controller, self.run_list = session, controller, run_list
        self.reader = PageReader()
        self.browsing = LastQuestion(
            "samples of the data",
            self.reader.answer,
            lambda words: PageAnswer(failed=words),
            controller,
            self,
        )
        self.model = SampleModel()
        self.list = SampleList(self.model)
        self.headings = SampleHeadings(self.list)
        self.node, self.page = "", 0
        self._name_of_run = ""
        self._make_head()
        self._lay_out()
        self._soon = QTimer(self, singleShot=True, interval=_SEARCH_MS)
        self._soon.timeout.connect(self.look)
        self._listen()
        self._arrange()

    def _make_head(self) -> None:
        self.node_chip = Chip("")
        self.node_chip.setToolTip("Choose the data node")
        self.parts = Segments({part: part.capitalize() for part in _PARTS})
        self.part_buttons = self.parts.buttons
        self.seen = _switch("Network view")
        self.seen.setToolTip("Show samples scaled and augmented, as the network sees them")
        self.worst = _switch("Worst first")
        self.worst.setToolTip("Order by the loss with the weights of the newest run, the largest first")
        self.search = QLineEdit()
        self.search.setProperty("role", "search")
        self.search.setPlaceholderText("Search words, or #12")
        self.search.setToolTip("Words of a class, a text or a caption; #12 is sample 12")
        self.search.setAccessibleName("Search samples")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(190)
        self.search.setFixedHeight(LINE_HEIGHT)
        self.note = ElidedLabel("", role="caption")
        self.exclude = QuietButton("Exclude")
        self.pin = QuietButton("Pin")
        self.pin.setToolTip("Look at the chosen samples in all pictures (P)")
        self.cancel_button = QuietButton("Cancel", "close")
        self.back = IconButton("chevron-left", "Back one page (Page Up)")
        self.on = IconButton("chevron-right", "On one page (Page Down)")

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(4)
        for turn in (self.back, self.on):
            below.addWidget(turn)
        below.addWidget(self.note, 1)
        self.body = PanelBody(self, (below, self.headings), self.list)
        self.empty, head = self.body.empty, self.body.head
        head.addWidget(self.node_chip)
        head.addWidget(self.parts)
        head.addSpacing(4)
        for chip in (self.seen, self.worst):
            head.addWidget(chip)
        head.addStretch(1)
        head.addWidget(self.search)
        for button in (self.pin, self.exclude, self.cancel_button):
            button.setFixedHeight(LINE_HEIGHT)
            head.addWidget(button)

    def _listen(self) -> None:
        self.node_chip.clicked.connect(self._open_nodes)
        for button in (*self.part_buttons.values(), self.seen, self.worst):
            button.clicked.connect(self._look_anew)
        self.search.textChanged.connect(lambda _text: self._soon.start())
        self.back.clicked.connect(partial(self.turn, -1))
        self.on.clicked.connect(partial(self.turn, 1))
        self.exclude.clicked.connect(self.toggle_excluded)
        self.cancel_button.clicked.connect(self._cancel)
        self.list.turned.connect(self.turn)
        self.list.exclusion_wanted.connect(self.toggle_excluded)
        self.list.pin_wanted.connect(self.pin_chosen)
        self.pin.clicked.connect(self.pin_chosen)
        self.list.chosen_changed.connect(self._arrange)
        self.browsing.answered.connect(self._answered)
        self.browsing.changed.connect(self._arrange)
        self.browsing.progressed.connect(self._show_progress)
        self.session.project_changed.connect(self._changed)

    # Which samples ------------------------------------------------------------------------------

    @property
    def part(self) -> str:
        """The part on show."""
        return self.parts.chosen

    def look_at(self, node: str) -> None:
        """Browse the data of this node."""
        self.node = node
        self._look_anew()

    def turn(self, pages: int) -> None:
        """Go on by so many pages, or back."""
        last = max(0, -(-self.model.answer.total // PAGE) - 1)
        wanted = min(max(self.page + pages, 0), last)
        if wanted != self.page:
            self.page = wanted
            self.look()

    def look(self) -> None:
        """Read the page that is asked for, where somebody looks."""
        nodes = data_nodes(self.session.project)
        if self.node not in nodes:
            self.node = nodes[0] if nodes else ""
        if not self.isVisible() or not self.node:
            self._arrange()
            return
        free = not self.controller.is_active or self.controller.follows
        run = self._run() if self.worst.isChecked() and free else None
        if self.worst.isChecked() and run is None:
            self.worst.setChecked(False)
            told = "Nothing is trained yet. Press Play first."
            self.session.notify(told if free else "A run is going: wait until it has ended.", "warn")
        question = PageQuestion(
            self.session.project,
            self.node,
            self.part,
            self.page,
            self.search.text(),
            self.seen.isChecked(),
            self.seen.isChecked() and free,
            run,
        )
        self.browsing.ask(question, uses_torch=question.uses_torch)

    def _look_anew(self) -> None:
        self.page = 0
        self.look()

    def _run(self) -> Path | None:
        """The folder of the newest run with weights."""
        found = (one.folder for one in self.run_list.records)
        return next((one for one in found if (one / CHECKPOINTS / "last.safetensors").is_file()), None)

    def _changed(self, old: Project, new: Project) -> None:
        """The data of the node may be others now."""
        before, after = (one.graphs[MAIN].nodes.get(self.node) for one in (old, new))
        if after is None:
            self.page = 0
        if before != after or old.settings.seed != new.settings.seed:
            self.look()

    def _cancel(self) -> None:
        self.worst.setChecked(False)
        self.browsing.cancel()

    # Pinning ------------------------------------------------------------------------------------

    def _pinnable(self, rows: list[int]) -> list[HeldSample]:
        """The samples of these rows that a run has."""
        page = self.model.answer.page
        found = [] if page is None else [int(page.trained[row]) for row in rows]
        return [HeldSample(index, self.part == _PARTS[0]) for index in found if index >= 0]

    def pin_chosen(self) -> None:
        """Pin the chosen samples; the last one is shown in all pictures."""
        left = self.controller.pins.add(self._pinnable(self.list.chosen()))
        if left:
            self.session.notify(f"{left:,} not pinned: {MOST_PINS} samples can be pinned at a time.", "warn")

    # Excluding ------------------------------------------------------------------------------------

    def toggle_excluded(self) -> None:
        """Exclude the chosen samples; take them in again where all of them are excluded."""
        rows, node = self.list.chosen(), self.session.project.graphs[MAIN].nodes.get(self.node)
        if not rows or node is None or not self.model.answer.may_exclude:
            return
        places = {int(self.model.places[row]) for row in rows}
        back = all(self.model.is_excluded(row) for row in rows)
        try:
            held = set(places_of(str(node.params.get("excluded", ""))).tolist())
        except UserError as error:
            self.session.notify(str(error), "warn")
            return
        text = text_of(held - places if back else held | places)
        many = f"{len(places)} samples" if len(places) > 1 else "sample"
        self.session.attempt(
            lambda project: edits.set_param(project, MAIN, self.node, "excluded", text),
            f"{'Take in' if back else 'Exclude'} {many}",
        )

    # What comes ------------------------------------------------------------------------------------

    def _answered(self, question: object, answer: object) -> None:
        assert isinstance(question, PageQuestion)
        assert isinstance(answer, PageAnswer)
        runs = [one for one in self.run_list.records if one.folder == question.worst]
        self._name_of_run = name_of(runs[0]) if runs else "a run"
        chosen = self.list.chosen() if len(self.model.places) else []
        same = [int(self.model.places[row]) for row in chosen]
        self.page = answer.number
        self.model.show_answer(answer)
        for row, place in enumerate(self.model.places.tolist()):
            if place in same:
                index = self.model.index(row)
                self.list.selectionModel().select(index, self.list.selectionModel().SelectionFlag.Select)
        self._arrange()

    def _arrange(self) -> None:
        answer, busy = self.model.answer, self.browsing.is_busy
        nodes = data_nodes(self.session.project)
        self.node_chip.setVisible(len(nodes) > 1)
        self.node_chip.setText(f"{self.node} ▾")
        last = max(0, -(-answer.total // PAGE) - 1)
        self.back.setEnabled(self.page > 0)
        self.on.setEnabled(self.page < last)
        chosen = self.list.chosen() if answer.page is not None else []
        back = bool(chosen) and all(self.model.is_excluded(row) for row in chosen)
        self.exclude.setText("Take in" if back else "Exclude")
        self.exclude.setEnabled(bool(chosen) and answer.may_exclude)
        self.pin.setEnabled(bool(self._pinnable(chosen)))
        told = "Leave the chosen samples out of every run (X)"
        self.exclude.setToolTip(told if answer.may_exclude else "Rows were left out, so places are not known")
        waits = busy and self.worst.isChecked()
        self.cancel_button.setVisible(waits)
        self.exclude.setVisible(not waits)
        self.pin.setVisible(not waits)
        self.body.show_content(answer.page is not None and len(answer.page.rows) > 0)
        self.note.setText(self._words(answer, busy=busy))
        self.headings.setVisible(answer.page is not None and bool(answer.page.cells))
        self.headings.update()
        self._show_empty(answer, nodes, busy=busy)
        self._fit()

    def _show_progress(self, words: str) -> None:
        """How far the reading is, where nothing else is on show."""
        if self.worst.isChecked() or self.model.answer.page is None:
            self.note.setText(words)

    def _words(self, answer: PageAnswer, *, busy: bool) -> str:
        if busy and self.worst.isChecked():
            return "Computing the loss of each sample …"
        if answer.page is None or not len(answer.page.rows):
            return ""
        first = self.page * PAGE + 1
        words = [f"{first:,}–{first + len(answer.page.rows) - 1:,} of {answer.total:,}"]
        if answer.excluded:
            words.append(f"{answer.excluded:,} excluded")
        if answer.weights:
            words.append(f"losses with the {answer.weights} of {self._name_of_run}")
        return " · ".join(words)

    def _show_empty(self, answer: PageAnswer, nodes: tuple[str, ...], *, busy: bool) -> None:
        if not nodes:
            self.empty.set_text(*_NO_DATA)
        elif answer.failed:
            self.empty.set_text("These data cannot be read", answer.failed)
        elif busy or answer.page is None:
            self.empty.set_text("Reading the data", "Large files take a moment the first time.")
        elif self.search.text():
            self.empty.set_text(
                "No sample matches", "Search words of a class, a text or a caption, or #12 for sample 12."
            )
        else:
            self.empty.set_text("No sample here", f"The data have no sample in the {self.part} part.")

    # Hands and room ------------------------------------------------------------------------------------

    def node_menu(self) -> Menu:
        """The data nodes."""
        menu = Menu(self)
        for node in data_nodes(self.session.project):
            action = menu.add(node, partial(self.look_at, node))
            action.setCheckable(True)
            action.setChecked(node == self.node)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _open_nodes(self) -> None:
        self.node_menu().popup(self.node_chip.mapToGlobal(QPoint(0, self.node_chip.height() + 2)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape calls off what is under way, or clears the search."""
        if event.key() == Qt.Key.Key_Escape and self.browsing.is_busy:
            self._cancel()
        elif event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        else:
            super().keyPressEvent(event)

    def leave_room(self, width: int) -> None:
        self.body.leave_room(width)

    def _fit(self) -> None:
        self.search.setVisible(self.width() >= _LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.browsing.cancel()
        self.reader.forget()


def _switch(words: str) -> Chip:
    chip = Chip(words)
    chip.setCheckable(True)
    return chip
