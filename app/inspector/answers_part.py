"""What a drawing says that learns nothing: its truth table, in the summary while nothing trains.

Worked out in a thread of its own; an answer to a question that is no longer asked is dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.state.run_controller import RunController
from app.state.session import Session
from app.training.run_words import objectives, output_path
from app.widgets.background_task import BackgroundTask
from app.widgets.numbers import number
from app.widgets.section import Heading, Section
from app.widgets.text import Label
from engine.document.project import Project

if TYPE_CHECKING:
    from engine.lens.table import Table


def _read(project: Project) -> Table | None:
    from engine.lens.table import answers

    return answers(project)


def _question(project: Project) -> object:
    """What the answer depends on: nodes and wires, not positions; None where there is no answer."""
    if objectives(project) or not output_path(project):
        return None
    graphs = tuple((name, graph.nodes, graph.wires) for name, graph in project.graphs.items())
    return graphs, project.settings.seed


class AnswersPart(Section):
    """A heading and the table; hidden where there is nothing to say."""

    def __init__(self, session: Session, controller: RunController) -> None:
        super().__init__()
        self._session, self._controller = session, controller
        self._asked: object = None
        self.table = Label()
        self.table.setProperty("role", "code")
        self.table.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.add(Heading("What it says"))
        self.add(self.table)
        self._reading = BackgroundTask("truth table", _read, self)
        self._reading.answered.connect(self._answered)
        self._reading.failed.connect(self._not_answered)
        self.hide()

    def refresh(self) -> None:
        """Ask about the project as it is now; while a run goes on, its random state is not disturbed."""
        project = self._session.project
        asked = None if self._session.report.errors else _question(project)
        if asked is None:
            self._asked = None
            self.hide()
        elif asked != self._asked and not self._controller.is_active:
            self._asked = asked
            self._reading.ask_instead(project)

    def _not_answered(self, _question: object, _error: str) -> None:
        """An unexpected error, which is told elsewhere: there is no table to show."""
        self.hide()

    def _answered(self, question: object, answer: object) -> None:
        if isinstance(question, Project) and _question(question) == self._asked:
            self.setVisible(answer is not None)
            self.table.setText(told(answer) if answer is not None else "")  # type: ignore[arg-type]


def told(table: Table) -> str:
    """The table in columns of equal width, with an arrow before what is said."""
    lines = [table.columns, *(tuple(number(value) for value in row) for row in table.rows)]
    parted = [(*line[: table.given], "→", *line[table.given :]) for line in lines]
    widths = [max(len(cell) for cell in column) for column in zip(*parted, strict=True)]
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in parted)
    return "\n".join("  ".join(cells).rstrip() for cells in padded)
