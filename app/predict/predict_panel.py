"""The panel of predictions: data are dropped on it or chosen, and what the newest run says of them is shown.

The first rows are shown; Save as CSV writes all of them.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from app.predict.class_colours import ClassColours
from app.predict.predicting import PredictAnswer, PredictQuestion, predict
from app.predict.predictions_table import PredictionsModel, PredictionsTable
from app.runs.run_columns import name_of
from app.state.last_question import LastQuestion
from app.state.run_controller import RunController
from app.state.run_list import RunList
from app.state.session import Session
from app.style import theme
from app.widgets.buttons import Chip, PrimaryButton, QuietButton
from app.widgets.menus import Menu
from app.widgets.panel_body import LINE_HEIGHT, PanelBody
from app.widgets.text import ElidedLabel
from engine.runs.archive import RunRecord
from engine.runs.checkpoints import CHECKPOINTS
from nodes.shown_text import LINES, more_of, shown_lines

_UNTRAINED = ("Nothing is trained yet", "Press Play; then drop data here that the network has not seen.")
_READY = (
    "Drop data here",
    "A file or a folder like the training data; it needs no targets. Or press Choose data.",
)
_NARROW = 560


class PredictPanel(QWidget):
    """One table of predictions."""

    def __init__(
        self,
        session: Session,
        controller: RunController,
        run_list: RunList,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session, self.controller, self.run_list = session, controller, run_list
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.predicting = LastQuestion("predictions", predict, PredictAnswer, controller, self)
        self.data: Path | None = None
        self._file = session.path
        self.run: Path | None = None
        """The run that somebody chose; None: the newest one with weights."""
        self.model = PredictionsModel()
        self.table = PredictionsTable(self.model)
        self.run_chip = Chip("")
        self.run_chip.setToolTip("Choose the run that predicts")
        self.note = ElidedLabel("", role="faint")
        self.warning = ElidedLabel("", role="caption")
        self.legend = ClassColours()
        self.choose_button = QuietButton("Choose data…")
        self.save_button = PrimaryButton("Save as CSV…")
        self.cancel_button = QuietButton("Cancel", "close")
        self._lay_out()
        self._listen()
        self.refresh()

    def _lay_out(self) -> None:
        self.body = PanelBody(self, (self.warning, self.legend), self.table)
        self.empty = self.body.empty
        self.body.head.addWidget(self.run_chip)
        self.body.head.addWidget(self.note, 1)
        for button in (self.choose_button, self.save_button, self.cancel_button):
            button.setFixedHeight(LINE_HEIGHT)
            self.body.head.addWidget(button)

    def _listen(self) -> None:
        self.run_chip.clicked.connect(self._open_runs)
        self.choose_button.clicked.connect(self._open_choice)
        self.save_button.clicked.connect(self.save)
        self.cancel_button.clicked.connect(self.predicting.cancel)
        self.predicting.answered.connect(self._answered)
        self.predicting.progressed.connect(self.note.setText)
        self.predicting.changed.connect(self.refresh)
        self.run_list.changed.connect(self.refresh)
        self.controller.state_changed.connect(self.refresh)
        self.session.file_changed.connect(self._forget)
        theme.changed.connect(self.refresh)

    # Which run ----------------------------------------------------------------------------------

    def records(self) -> list[RunRecord]:
        """The runs that have weights, the newest first."""
        found = self.run_list.records
        return [one for one in found if (one.folder / CHECKPOINTS / "last.safetensors").is_file()]

    def record(self) -> RunRecord | None:
        """The run that predicts."""
        records = self.records()
        chosen = [one for one in records if one.folder == self.run]
        return next(iter(chosen or records), None)

    def run_menu(self) -> Menu:
        """The runs with weights."""
        menu, now = Menu(self), self.record()
        for one in self.records()[:LINES]:
            action = menu.add(name_of(one))
            action.setCheckable(True)
            action.setChecked(now is not None and one.folder == now.folder)
            action.triggered.connect(partial(self.choose_run, one.folder))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def choose_run(self, folder: Path) -> None:
        """Predict with this run; what is on show is predicted again."""
        self.run = folder
        if self.data is not None:
            self.predict(self.data)
        self.refresh()

    # What is predicted ---------------------------------------------------------------------------

    def choice_menu(self) -> Menu:
        """A file or a folder."""
        menu = Menu(self)
        menu.add("A file…", self.choose_file)
        menu.add("A folder of pictures…", self.choose_folder)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def choose_file(self) -> None:
        """Ask for a file and predict for it."""
        name, _ = QFileDialog.getOpenFileName(self, "Predict for a file", self._place())
        if name:
            self.predict(Path(name))

    def choose_folder(self) -> None:
        """Ask for a folder and predict for it."""
        name = QFileDialog.getExistingDirectory(self, "Predict for a folder of pictures", self._place())
        if name:
            self.predict(Path(name))

    def predict(self, data: Path) -> None:
        """Show what the run says of this data."""
        record = self._free_record()
        if record is not None:
            self.data = data
            self.predicting.ask(PredictQuestion(record.folder, data))

    def save(self) -> None:
        """Ask for a place and write all predictions there."""
        record = self._free_record()
        if record is None or self.data is None:
            return
        first = Path(self._place()) / f"{self.data.stem}-predictions.csv"
        name, _ = QFileDialog.getSaveFileName(self, "Save predictions", str(first), "Tables (*.csv)")
        if name:
            out = Path(name) if name.lower().endswith(".csv") else Path(f"{name}.csv")
            self.predicting.ask(PredictQuestion(record.folder, self.data, out))

    def _free_record(self) -> RunRecord | None:
        """The run that predicts; says so where there is none, or where another run trains just now."""
        record = self.record()
        if self.controller.is_active and not self.controller.follows:
            self.session.notify("A run is going. Predict when it has ended, or stop it first.", "warn")
            return None
        if record is None:
            self.session.notify("Nothing is trained yet. Press Play first.", "warn")
        return record

    def _place(self) -> str:
        return str(self.data.parent if self.data is not None else Path.home())

    # What comes ------------------------------------------------------------------------------------

    def _answered(self, question: object, answer: object) -> None:
        assert isinstance(question, PredictQuestion)
        assert isinstance(answer, PredictAnswer)
        if question.out is None:
            self.model.show_answer(answer)
            if not answer.failed and answer.rows:
                self.table.selectRow(0)
        elif answer.failed:
            self.session.notify(answer.failed, "bad")
        else:
            files = f" and {answer.files:,} files beside it" if answer.files else ""
            self.session.notify(f"Saved {answer.written:,} rows as {question.out.name}{files}.", "good")
        self.refresh()

    def _forget(self) -> None:
        """Another file is open: nothing of the last one is left. Saving the same one changes nothing."""
        if self.session.path is not None and self.session.path == self._file:
            return
        self._file = self.session.path
        self.predicting.cancel()
        self.data = self.run = None
        self.model.show_answer(PredictAnswer())
        self.refresh()

    def refresh(self) -> None:
        """Say which run predicts, what is shown, and what can be done."""
        answer, busy, record = self.model.answer, self.predicting.is_busy, self.record()
        self.run_chip.setVisible(record is not None)
        if record is not None:
            self.run_chip.setText(f"{name_of(record)} ▾")
        self.choose_button.setVisible(not busy)
        self.choose_button.setEnabled(record is not None)
        self.save_button.setVisible(not busy and bool(answer.rows))
        self.cancel_button.setVisible(busy)
        self.body.show_content(bool(answer.rows))
        if busy:
            self.note.setText("Predicting …")
        else:
            self.note.setText(self._words(answer))
        self._show_warning(answer)
        self.legend.show_entries(answer.legend if answer.rows else ())
        self._show_empty(answer, record)

    def _words(self, answer: PredictAnswer) -> str:
        if self.data is None or answer.failed or not answer.headings:
            return ""
        count = f"{len(answer.rows):,} rows" if answer.is_whole else f"the first {len(answer.rows):,} rows"
        return f"{self.data.name} · {count} · {answer.weights}"

    def _show_warning(self, answer: PredictAnswer) -> None:
        """What was left out and what has changed, on one line; all of it in the tooltip."""
        lines = list(answer.notes)
        if answer.skipped:
            rows = "1 row is" if answer.skipped == 1 else f"{answer.skipped:,} rows are"
            first = answer.named[0]
            lines.append(f"{rows} left out. {first[:1].upper()}{first[1:]}")
            lines += answer.named[1:]
            if answer.skipped > len(answer.named):
                lines.append(more_of(answer.skipped - len(answer.named)))
        self.warning.setVisible(bool(lines) and not answer.failed)
        self.warning.setText(" · ".join(lines))
        self.warning.setToolTip(shown_lines("\n".join(lines)))
        self.warning.setStyleSheet(f"color: {theme.current().warn};")

    def _show_empty(self, answer: PredictAnswer, record: RunRecord | None) -> None:
        if self.predicting.is_busy:
            self.empty.set_text("Predicting", "The first time takes a moment: the network is loaded.")
        elif answer.failed:
            name = self.data.name if self.data is not None else "the data"
            self.empty.set_text(f"Nothing was predicted for {name}", answer.failed)
        else:
            self.empty.set_text(*(_READY if record is not None else _UNTRAINED))

    # Hands ------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event) is not None and self.record() is not None:
            _accept_copy(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Data that are dropped here are predicted for; dropped elsewhere, they are looked at."""
        path = _dropped(event)
        if path is not None:
            _accept_copy(event)
            self.predict(path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape calls off what is under way."""
        if event.key() == Qt.Key.Key_Escape and self.predicting.is_busy:
            self.predicting.cancel()
        else:
            super().keyPressEvent(event)

    def _open_runs(self) -> None:
        self.run_menu().popup(self.run_chip.mapToGlobal(QPoint(0, self.run_chip.height() + 2)))

    def _open_choice(self) -> None:
        button = self.choose_button
        self.choice_menu().popup(button.mapToGlobal(QPoint(0, button.height() + 2)))

    def leave_room(self, width: int) -> None:
        self.body.leave_room(width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.note.setVisible(self.width() >= _NARROW)


def _dropped(event: QDropEvent) -> Path | None:
    """The one file or folder of this machine that is dragged and may be copied; None for anything else."""
    urls, may_copy = event.mimeData().urls(), event.possibleActions() & Qt.DropAction.CopyAction
    return Path(urls[0].toLocalFile()) if may_copy and len(urls) == 1 and urls[0].isLocalFile() else None


def _accept_copy(event: QDropEvent) -> None:
    """Take what is dragged as a copy: a program that is told that its file was moved may delete it."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
