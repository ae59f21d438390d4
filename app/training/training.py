"""The training panel: where the run is, its losses and metrics as they come, and what it says of one sample.

Takes the events of a run, keeps the curves of the last one, and draws each chart once per drain. Play
and Pause are elsewhere; the panel knows of them only the state of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from app.charts.chart import Chart
from app.lenses.painter import Context
from app.state.run_controller import RunController
from app.state.session import Session
from app.training.lens_panel import LensPanel
from app.training.loss_chart import LossChart
from app.training.outdated_notice import OutdatedNotice
from app.training.run_words import lens_context, objectives, output_path
from app.training.training_charts import TrainingCharts, percent_tick
from app.training.training_header import ProgressLine, TrainingHeader, clock
from app.widgets.numbers import current, percent
from app.widgets.text import EmptyState
from engine.messages.events import (
    Event,
    Finished,
    FinishReason,
    LearningRateSet,
    Reading,
    Started,
    Validated,
    Warned,
)
from engine.runs.archive import checkpoints_of

HEIGHT = 272
REST_MS = 60
"""Least time between two repaints of the charts, so that drawing takes little from training."""
_STATES = {"compiling": "Preparing", "paused": "Paused"}
_ENDS: dict[FinishReason, tuple[str, str]] = {
    "completed": ("Finished", "good"),
    "early_stopped": ("Finished", "good"),
    "stopped": ("Stopped", "muted"),
    "diverged": ("Diverged", "bad"),
    "failed": ("Failed", "bad"),
}


class TrainingPanel(QWidget):
    """The page of the run that goes, or went last."""

    resume_wanted = Signal(object)  # Path: go on with the run in this folder

    def __init__(self, session: Session, controller: RunController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.controller = session, controller
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(176)
        self.header = TrainingHeader()
        self.progress = ProgressLine()
        self.lens = LensPanel()
        self.charts = TrainingCharts(self.lens)
        self.outdated = OutdatedNotice(controller.drawing)
        self.empty = EmptyState("", "")
        self._output, self._context = "", Context()
        self.rest_ms = REST_MS
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._catch_up)
        self._behind = False
        self._earlier = 0
        self._lay_out()
        self.charts.failed.connect(lambda text: session.notify(text, "bad"))
        self.charts.exported.connect(lambda text: session.notify(text, "good"))
        self.header.again.clicked.connect(lambda: self.resume_wanted.emit(self._folder()))
        self.header.rate_changed.connect(self._set_learning_rate)
        controller.events.connect(self._take)
        controller.state_changed.connect(self._show_state)
        controller.frames_changed.connect(self._frames_changed)
        controller.pinned_changed.connect(self._show_lens)
        controller.run_started.connect(self._show_outdated)
        controller.drawing.changed.connect(self._show_outdated, Qt.ConnectionType.QueuedConnection)
        session.project_changed.connect(self._project_changed)
        session.report_changed.connect(self._project_changed)
        if controller.started is not None:
            self._join_in(controller.started)
        self._show_state()

    @property
    def loss(self) -> LossChart:
        return self.charts.loss

    @property
    def metric_charts(self) -> dict[str, Chart]:
        return self.charts.metric_charts

    def sizeHint(self) -> QSize:
        return QSize(940, HEIGHT)

    def _lay_out(self) -> None:
        live = QWidget()
        column = QVBoxLayout(live)
        column.setContentsMargins(16, 6, 16, 10)
        column.setSpacing(2)
        column.addWidget(self.header)
        column.addWidget(self.progress)
        column.addWidget(self.header.message)
        column.addWidget(self.outdated)
        column.addSpacing(8)
        column.addWidget(self.charts, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(live)

    # The run -----------------------------------------------------------------------------------------------

    def _take(self, events: list[Event]) -> None:
        """All that the run said since the last time; curves are kept even while the panel is hidden."""
        for event in events:
            match event:
                case Reading():
                    self._write_empty()
                case Started():
                    self._begin(event)
                case Finished():
                    self._finished(event)
                case _:
                    self._take_in(event)
        self._behind = True
        if not self._later.isActive():
            self._catch_up()

    def _catch_up(self) -> None:
        """Repaint what has come since the last time, then rest."""
        if self._behind:
            self._refresh()
            if self.rest_ms and self.isVisible():
                self._later.start(self.rest_ms)

    def _join_in(self, started: Started) -> None:
        """A panel that is made while a run goes, or after it, shows all of it."""
        self._begin(started)
        self._show_best(self.controller.validation_losses, self.controller.metrics)
        if self.controller.finished is not None:
            self._finished(self.controller.finished)

    def _begin(self, started: Started) -> None:
        """A new run: forget the curves of the last one and find out what this one has."""
        project = self.controller.project if self.controller.run is not None else self.session.project
        self.charts.begin(project, started, self.controller.history)
        self._output, self._context = output_path(project), lens_context(project)
        self.header.set_objectives(
            {
                path: "Learning rate" if len(self.charts.objectives) == 1 else f"Rate of {objective.name}"
                for path, objective in self.charts.objectives.items()
            }
        )
        self.header.epoch.show_value(f"0 / {started.epochs}")
        self.header.step.show_value("0")
        for figure in (self.header.throughput, self.header.left):
            figure.show_value("–")
        self.header.left.show_name("Left")
        self.header.show_message("")
        self.header.best.show_name("")
        self.header.best.show_value("")
        self.progress.show_share(0.0)
        self._show_page()
        self._watch()

    def _take_in(self, event: Event) -> None:
        self.charts.take(event)
        if isinstance(event, Validated):
            self._show_best(event.losses, event.metrics)
        elif isinstance(event, LearningRateSet):
            if event.objective in self.header.rates:
                self.header.rates[event.objective].confirm(event.value)
            self.charts.mark(self.controller.history)
        elif isinstance(event, Warned):
            self.charts.mark(self.controller.history)

    def _set_learning_rate(self, objective: str, value: float) -> None:
        if not self.controller.set_learning_rate(objective, value):
            self.header.rates[objective].drop_pending()

    def _show_best(self, losses: Mapping[str, float], values: Mapping[str, float]) -> None:
        """The first metric, or the validation loss where there is none, at the right of the header."""
        best = self.header.best
        for path, (title, _, is_share) in self.charts.metrics.items():
            if path in values:
                best.show_name(f"Validation {title if title.isupper() else title.lower()}")
                best.show_value(percent(values[path]) if is_share else current(values[path]), good=True)
                return
        if losses and len(self.charts.objectives) == 1:
            best.show_name("Validation loss")
            best.show_value(current(next(iter(losses.values()))), good=True)

    def _finished(self, event: Finished) -> None:
        self.header.left.show_value(clock(event.seconds))
        self.header.left.show_name("Took")
        self.header.show_message(event.message)
        if event.status == "failed":
            self.progress.show_share(self.progress.share, failed=True)

    # Showing -----------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        """One repaint of what has changed; none while hidden."""
        self._behind = False
        if not self.isVisible():
            return
        self._show_progress()
        self.charts.refresh()

    def _show_progress(self) -> None:
        started, progress, header = self.controller.started, self.controller.progress, self.header
        if started is None or progress is None:
            return
        now = min(progress.epoch + 1, started.epochs)
        header.epoch.show_value(f"{now} / {started.epochs}")
        header.step.show_value(f"{progress.step:,}")
        header.throughput.show_value(
            f"{progress.samples_per_second:,.0f}" if progress.samples_per_second > 0 else "–"
        )
        if self.controller.finished is None:
            header.left.show_name("Left")
            header.left.show_value(clock(progress.seconds_left))
        self.progress.show_share(progress.step / max(1, started.total_steps), failed=self.progress.failed)
        for path, rate in progress.learning_rates.items():
            if path in header.rates:
                header.rates[path].show_rate(rate)
        header.make_room()

    def _show_state(self) -> None:
        """The words and the page that fit the state of the run."""
        state, finished = self.controller.state, self.controller.finished
        if state == "finished" and finished is not None:
            self.header.show_state(*end_words(finished))
        else:
            going = (
                "Following"
                if self.controller.follows
                else "Resumed"
                if self.controller.history.goes_on
                else ""
            )
            word = going if state == "running" else _STATES.get(state, "")
            self.header.show_state(word, "warn" if state == "paused" else "muted")
        self.header.show_again(self._can_resume())
        active = state in ("compiling", "running", "paused")
        if state == "compiling":
            self._prepare()
        for field in self.header.rates.values():
            field.setVisible(active)
        self._write_empty()
        self._show_page()
        self._watch()
        self._show_outdated()
        self._refresh()

    def leave_room(self, width: int) -> None:
        """Pixels at the left of the first line that something else takes."""
        self.header.leave_room(width)

    def _folder(self) -> Path | None:
        return self.controller.run.folder if self.controller.run is not None else None

    def _can_resume(self) -> bool:
        """Whether the run that has ended could go on."""
        folder, finished = self._folder(), self.controller.finished
        if self.controller.state != "finished" or finished is None or folder is None:
            return False
        return finished.status != "completed" and any(point.resumable for point in checkpoints_of(folder))

    def _show_page(self) -> None:
        """The charts as soon as there is a start, whether the state has changed by then or not."""
        self._stack.setCurrentIndex(0 if self.controller.started is None else 1)

    def _prepare(self) -> None:
        """Between Play and the first step: the last run's curves stay until the new one begins."""
        self.header.show_message("")
        self.progress.show_share(0.0, failed=False)

    def _project_changed(self) -> None:
        if self.controller.state == "idle":
            self._write_empty()

    def show_earlier(self, count: int) -> None:
        """So many runs of this project there have been."""
        self._earlier = count
        self._write_empty()

    def _write_empty(self) -> None:
        finished = self.controller.finished
        if self.controller.state == "compiling":
            self.empty.set_text("Preparing", _reading(self.controller.reading))
        elif finished is not None and self.controller.started is None:
            self.empty.set_text(end_words(finished)[0], finished.message or "Before the first step.")
        elif objectives(self.session.project) and self._earlier:
            told = "1 earlier run is" if self._earlier == 1 else f"{self._earlier:,} earlier runs are"
            self.empty.set_text(
                "Not training", f"Press Play to train. {told} listed under Runs, with curves."
            )
        elif objectives(self.session.project):
            self.empty.set_text(
                "Not trained yet", "Press Play: loss, metrics and a prediction appear here while it learns."
            )
        elif output_path(self.session.project) and not self.session.report.trainable_parameters:
            self.empty.set_text(
                "Nothing to train",
                "No weight is learned here. While nothing is selected, the inspector shows what it says.",
            )
        else:
            self.empty.set_text(
                "Nothing to train yet",
                "Wire a loss into an Objective: it says what is made smaller, and how. Then press Play.",
            )

    # Looking -----------------------------------------------------------------------------------------------

    @property
    def _present_output(self) -> str:
        """The path at which the output of the run stands in the present drawing."""
        return self.controller.drawing.present_path(self._output) if self._output else ""

    def _show_outdated(self) -> None:
        """Whether the run trains the drawing on show, in words."""
        self.outdated.show_for(self.controller.drawing.is_outdated)
        self._show_lens()

    def _watch(self) -> None:
        wanted = self._present_output if self.isVisible() and self.controller.state != "idle" else ""
        self.charts.show_extra(bool(self._output))
        self.controller.watch(self, frozenset({self.lens.request(wanted)} if wanted else ()))

    def _frames_changed(self, targets: Iterable[str]) -> None:
        if self.isVisible() and self._present_output in set(targets):
            self._show_lens()

    def _show_lens(self) -> None:
        controller = self.controller
        if self._context.info is None:  # what the data is may have been found since the run began
            self._context = lens_context(controller.project)
        frame, is_stale = controller.drawing.seen(self.lens.lens.kind, self._present_output)
        live = controller.state in ("running", "paused") and controller.moments.chosen is None
        self.lens.show_frame(frame, controller.pins.words(), self._context, live=live, is_stale=is_stale)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._watch()
        self._show_lens()
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._later.stop()
        self.controller.watch(self, frozenset())


def end_words(finished: Finished) -> tuple[str, str]:
    """The word for an end, and its colour."""
    if finished.status == "completed" and finished.nonfinite_epochs:
        return "Finished, validation not finite", "warn"
    return _ENDS[finished.reason]


def _reading(reading: Reading | None) -> str:
    """What is being read and how far it is, in words."""
    if reading is None:
        return "Reading the data and building the network."
    return f"{reading.what} …" + ("" if reading.share is None else f" {percent_tick(reading.share)}")
