"""The training panel: where the run is, its losses and metrics as they come, and what it says of one sample.

Takes the events of the bridge, keeps the curves of the last run, and draws each chart once per drain. Play
and Pause are elsewhere; the panel knows of them only the state of the run.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from app import theme
from app.bridge import RunBridge
from app.charts.chart import Chart, Colour
from app.lenses.prediction import prediction
from app.lenses.samples import CATEGORIES
from app.numbers import current, number, percent
from app.panels.loss_chart import LossChart
from app.panels.prediction_part import PredictionPart
from app.panels.run_words import MetricWords, Objective, data_info, metrics, objectives, output_path
from app.panels.training_header import ProgressLine, TrainingHeader, clock
from app.session import Session
from app.widgets.text import EmptyState
from engine.data.dataset import DataInfo
from engine.lens.request import LensRequest
from engine.run.events import Event, Finished, Progress, Reading, Started, Validated

HEIGHT = 272
VALIDATION = "#f2a65a"
METRIC_SMOOTHING = 0.8
REST_MS = 60
"""Least time between two repaints of the charts, so that drawing takes little from training."""
_STATES = {"compiling": "Preparing", "paused": "Paused"}
_ENDS = {"completed": ("Finished", "good"), "stopped": ("Stopped", "muted"), "failed": ("Failed", "bad")}


class TrainingPanel(QWidget):
    """The bottom panel."""

    def __init__(self, session: Session, bridge: RunBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.bridge = session, bridge
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(176)
        self.header = TrainingHeader()
        self.progress = ProgressLine()
        self.loss = LossChart()
        self.metric_charts: dict[str, Chart] = {}
        self.prediction = PredictionPart()
        self.empty = EmptyState("", "")
        self._objectives: dict[str, Objective] = {}
        self._metrics: dict[str, MetricWords] = {}
        self._output = ""
        self._info: DataInfo | None = None
        self.rest_ms = REST_MS
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._catch_up)
        self._behind = False
        self._lay_out()
        self.loss.failed.connect(lambda text: session.notify(text, "bad"))
        self.loss.exported.connect(lambda text: session.notify(text, "good"))
        bridge.events.connect(self._take)
        bridge.state_changed.connect(self._show_state)
        bridge.frames_changed.connect(self._frames_changed)
        bridge.pinned_changed.connect(self._show_prediction)
        session.project_changed.connect(self._project_changed)
        if bridge.started is not None:
            self._begin(bridge.started)
        self._show_state()

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
        column.addSpacing(8)
        self._charts = QHBoxLayout()
        self._charts.setSpacing(30)
        self._charts.addWidget(self.loss, 42)
        self._charts.addWidget(self.prediction, 25)
        column.addLayout(self._charts, 1)
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
                case Progress():
                    self._progress(event)
                case Validated():
                    self._validated(event)
                case Finished():
                    self._finished(event)
                case _:
                    pass
        self._behind = True
        if not self._later.isActive():
            self._catch_up()

    def _catch_up(self) -> None:
        """Repaint what has come since the last time, then rest."""
        if self._behind:
            self._refresh()
            if self.rest_ms and self.isVisible():
                self._later.start(self.rest_ms)

    def _begin(self, started: Started) -> None:
        """A new run: forget the curves of the last one and find out what this one has."""
        project = self.bridge.run.project if self.bridge.run is not None else self.session.project
        self._objectives = objectives(project)
        self._metrics = metrics(project)
        self._info = data_info(project)
        self._output = output_path(project)
        self.loss.clear()
        self.loss.fit_smoothing(started.total_steps)
        self._make_metric_charts()
        self.header.set_objectives(
            {
                path: "Learning rate" if len(self._objectives) == 1 else f"Rate of {path}"
                for path in self._objectives
            }
        )
        for field in self.header.rates.values():
            field.changed.connect(self.bridge.set_learning_rate)
        self.header.epoch.show_value(f"0 / {started.epochs}")
        self.header.step.show_value("0")
        for figure in (self.header.pace, self.header.left):
            figure.show_value("–")
        self.header.left.show_name("Left")
        self.header.show_message("")
        self.header.best.show_name("")
        self.header.best.show_value("")
        self.progress.show_share(0.0)
        self._add_loss_curves()
        self._watch()

    def _add_loss_curves(self) -> None:
        """One pair of curves per objective; colours tell objectives apart where there are several."""
        several = len(self._objectives) > 1
        for index, (path, objective) in enumerate(self._objectives.items()):
            pair = (CATEGORIES[2 * index % 10], CATEGORIES[(2 * index + 1) % 10])
            training: Colour = _fixed(pair[0]) if several else _accent
            validation: Colour = _fixed(pair[1]) if several else _fixed(VALIDATION)
            name = f"{objective.name} " if several else ""
            self.loss.add_curve(f"training {path}", f"{name}training", training, raw=True)
            self.loss.add_curve(f"validation {path}", f"{name}validation", validation, width=2.5)

    def _make_metric_charts(self) -> None:
        for chart in self.metric_charts.values():
            self._charts.removeWidget(chart)
            chart.hide()
            chart.deleteLater()
        self.metric_charts = {}
        for path, (title, name, is_share) in self._metrics.items():
            if title not in self.metric_charts:
                self._add_metric_chart(title, is_share)
            chart = self.metric_charts[title]
            several = sum(1 for other in self._metrics.values() if other.title == title) > 1
            prefix = f"{name} " if several else ""
            index = len(chart.series) // 2
            chart.add_curve(f"validation {path}", f"{prefix}validation", _metric_colour(index), width=2.5)
            training = f"training {path}"
            chart.add_curve(training, f"{prefix}training", _training_colour(index), raw=True, width=1.5)

    def _add_metric_chart(self, title: str, is_share: bool) -> None:
        chart = Chart(title, percent if is_share else current, _percent_tick if is_share else number)
        chart.smoothing, chart.of_shares = METRIC_SMOOTHING, is_share
        chart.failed.connect(lambda text: self.session.notify(text, "bad"))
        chart.exported.connect(lambda text: self.session.notify(text, "good"))
        self._charts.insertWidget(self._charts.count() - 1, chart, 27)
        self.metric_charts[title] = chart

    def _progress(self, event: Progress) -> None:
        for path, losses in event.losses.items():
            key = f"training {path}"
            if key in self.loss.series:
                kept = [
                    (step, loss)
                    for step, loss in zip(event.steps, losses, strict=True)
                    if not math.isnan(loss)
                ]
                self.loss.extend(key, [step for step, _ in kept], [loss for _, loss in kept])
        for path, value in event.metrics.items():
            if path in self._metrics and math.isfinite(value):
                self.metric_charts[self._metrics[path].title].extend(
                    f"training {path}", [event.step], [value]
                )

    def _validated(self, event: Validated) -> None:
        for path, loss in event.losses.items():
            if f"validation {path}" in self.loss.series:
                self.loss.extend(f"validation {path}", [event.step], [loss])
        for path, value in event.metrics.items():
            if path in self._metrics:
                self.metric_charts[self._metrics[path].title].extend(
                    f"validation {path}", [event.step], [value]
                )
        self._show_best(event)

    def _show_best(self, event: Validated) -> None:
        """The first metric, or the validation loss where there is none, at the right of the header."""
        best = self.header.best
        for path, (title, _, is_share) in self._metrics.items():
            if path in event.metrics:
                best.show_name(f"Validation {title if title.isupper() else title.lower()}")
                best.show_value(
                    percent(event.metrics[path]) if is_share else current(event.metrics[path]), good=True
                )
                return
        if event.losses:
            best.show_name("Validation loss")
            best.show_value(current(next(iter(event.losses.values()))), good=True)

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
        self.loss.refresh()
        for chart in self.metric_charts.values():
            chart.refresh()

    def _show_progress(self) -> None:
        started, progress, header = self.bridge.started, self.bridge.progress, self.header
        if started is None or progress is None:
            return
        now = min(progress.epoch + 1, started.epochs)
        header.epoch.show_value(f"{now} / {started.epochs}")
        header.step.show_value(f"{progress.step:,}")
        header.pace.show_value(
            f"{progress.samples_per_second:,.0f}" if progress.samples_per_second > 0 else "–"
        )
        if self.bridge.finished is None:
            header.left.show_name("Left")
            header.left.show_value(clock(progress.seconds_left))
        self.progress.show_share(progress.step / max(1, started.total_steps), failed=self.progress.failed)
        for path, rate in progress.learning_rates.items():
            if path in header.rates:
                header.rates[path].show_rate(rate)
        header.make_room()

    def _show_state(self) -> None:
        """The words and the page that fit the state of the run."""
        state, finished = self.bridge.state, self.bridge.finished
        if state == "finished" and finished is not None:
            self.header.show_state(*_ENDS.get(finished.status, ("Finished", "good")))
        else:
            self.header.show_state(_STATES.get(state, ""), "warn" if state == "paused" else "muted")
        active = state in ("compiling", "running", "paused")
        if state == "compiling":
            self._prepare()
        for field in self.header.rates.values():
            field.setVisible(active)
        self._write_empty()
        self._stack.setCurrentIndex(0 if self.bridge.started is None else 1)
        self._watch()
        self._refresh()

    def _prepare(self) -> None:
        """Between Play and the first step: the last run's curves stay until the new one begins."""
        self.header.show_message("")
        self.progress.show_share(0.0, failed=False)

    def _project_changed(self) -> None:
        if self.bridge.state == "idle":
            self._write_empty()

    def _write_empty(self) -> None:
        finished = self.bridge.finished
        if self.bridge.state == "compiling":
            self.empty.set_text("Preparing", _reading(self.bridge.reading))
        elif finished is not None and self.bridge.started is None:
            self.empty.set_text(_ENDS[finished.status][0], finished.message or "Before the first step.")
        elif objectives(self.session.project):
            self.empty.set_text(
                "Not trained yet", "Press Play: loss, metrics and a prediction appear here while it learns."
            )
        else:
            self.empty.set_text(
                "Nothing to train yet",
                "Wire a loss into an Objective: it says what is made smaller, and how. Then press Play.",
            )

    # Looking -----------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        wanted = self._output if self.isVisible() and self.bridge.state != "idle" else ""
        self.prediction.setVisible(bool(self._output))
        request = frozenset({LensRequest("prediction", wanted)} if wanted else ())
        self.bridge.watch(self, request)

    def _frames_changed(self, targets: Iterable[str]) -> None:
        if self.isVisible() and self._output in set(targets):
            self._show_prediction()

    def _show_prediction(self) -> None:
        frame = self.bridge.frames.get(("prediction", self._output))
        read = prediction(frame.arrays, self._info) if frame is not None else None
        self.prediction.show_prediction(read, self.bridge.pinned)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._watch()
        self._show_prediction()
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._later.stop()
        self.bridge.watch(self, frozenset())


def _reading(reading: Reading | None) -> str:
    """What is being read and how far it is, in words."""
    if reading is None:
        return "Reading the data and building the network."
    return f"{reading.what} …" + ("" if reading.share is None else f" {_percent_tick(reading.share)}")


def _accent() -> str:
    return theme.current().accent


def _fixed(value: str) -> Colour:
    return lambda: value


def _metric_colour(index: int) -> Colour:
    return _fixed(("#5bb98c", *CATEGORIES[3:])[index % 8])


def _training_colour(index: int) -> Colour:
    return _accent if index == 0 else _fixed(CATEGORIES[(2 * index) % 10])


def _percent_tick(share: float) -> str:
    return f"{number(share * 100)} %"
