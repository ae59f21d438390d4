"""What the inspector shows while nothing is selected: the model in figures, its outputs, the run.

Reads the session's report.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.inspector.answers_part import AnswersPart
from app.inspector.border_part import BorderPart
from app.inspector.library_notice import LibraryNotice
from app.inspector.parameters_part import ParametersPart
from app.inspector.run_settings import RunSettings
from app.state.run_controller import RunController
from app.state.session import Session
from app.training.step_plan import StepPlanPart
from app.widgets.buttons import LinkButton
from app.widgets.numbers import grouped, scaled
from app.widgets.section import Figures, Heading, Section
from app.widgets.text import ElidedLabel, body
from engine.document.project import MAIN
from engine.report import Report


class Summary(QWidget):
    """The model summary and the run settings."""

    definition_clicked = Signal(str)

    def __init__(self, session: Session, controller: RunController) -> None:
        super().__init__()
        self._session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = Section(line=False, top=14)
        self.title = ElidedLabel("", role="heading")
        self.empty = body("Drag a layer from the palette to the canvas, or open a template from the gallery.")
        self.figures = Figures()
        for widget in (self.title, self.empty, self.figures):
            top.add(widget)
        self.outputs = Section()
        self.output_figures = Figures()
        self.outputs.add(Heading("Outputs"))
        self.outputs.add(self.output_figures)
        self.definitions = Section()
        self.definitions.add(Heading("Definitions"))
        self._links: dict[str, LinkButton] = {}
        self.settings = RunSettings(session)
        self.step_plan = StepPlanPart(session)
        self.library = LibraryNotice(session)
        self.border = BorderPart(session)
        self.parameters = ParametersPart(session)
        self.answers = AnswersPart(session, controller)
        for part in (
            *(
                top,
                self.library,
                self.border,
                self.parameters,
                self.step_plan,
                self.outputs,
                self.answers,
                self.definitions,
            ),
            self.settings,
        ):
            column.addWidget(part)
        column.addStretch(1)

    def refresh(self) -> None:
        """Show the project and its report as they are now."""
        project, report = self._session.project, self._session.report
        nodes = sum(len(graph.nodes) for graph in project.graphs.values())
        self.title.setText(project.name)
        self.empty.setVisible(nodes == 0)
        self.figures.setVisible(nodes > 0)
        frozen = report.parameters - report.trainable_parameters
        figures = {
            "Parameters": grouped(report.parameters),
            "Trainable": grouped(report.trainable_parameters),
            "Multiply-adds / sample": grouped(report.multiply_adds),
            "FLOPs / sample": scaled(report.flops),
            "Memory while training": scaled(report.training_bytes, "B"),
        }
        if not frozen:
            del figures["Trainable"]
        if report == Report():  # what it comes to is still being found
            figures = dict.fromkeys(figures, "–")
        figures["Layers"] = grouped(nodes)
        if report.problems:
            figures["Problems"] = grouped(report.problem_count)
        self.figures.show_figures(figures)
        self.outputs.setVisible(bool(report.outputs))
        self.output_figures.show_figures({name: str(spec) for name, spec in report.outputs.items()})
        self.library.show_for()
        self.border.refresh()
        self.parameters.refresh()
        self.answers.refresh()
        self.step_plan.refresh()
        self._show_definitions([name for name in project.graphs if name != MAIN])

    def _show_definitions(self, names: list[str]) -> None:
        self.definitions.setVisible(bool(names))
        if names == list(self._links):
            return
        for link in self._links.values():
            link.hide()
            link.deleteLater()
        self._links = {}
        for name in names:
            link = LinkButton(name)
            link.setToolTip(f"Open {name} on the canvas")
            link.clicked.connect(lambda _=False, name=name: self.definition_clicked.emit(name))
            self.definitions.column.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
            self._links[name] = link
