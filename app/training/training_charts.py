"""The charts of a run: losses with their terms, and one chart per kind of metric, as they grow.

They are filled from the history of a run, whenever they are made, and extended by its events; each is drawn
once per `refresh`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.charts.chart import Chart
from app.charts.legend import Colour
from app.charts.series import Floats
from app.lenses.samples import CATEGORIES
from app.state.run_history import RunHistory, acted
from app.style import theme
from app.style.style_sheet import mix
from app.training.loss_chart import LossChart
from app.training.run_words import MetricWords, NamedObjective, metrics, objectives, terms
from app.widgets.numbers import current, number, percent
from engine.document.project import Project
from engine.messages.events import Event, Progress, Started, Validated

VALIDATION = "#f2a65a"
METRIC_SMOOTHING = 0.8
TERM_WIDTH = 1.25
LEAST_CHART = 190
"""Width below which a chart gives its room to no neighbour that is not a chart."""


class TrainingCharts(QWidget):
    """A row of charts; `extra` stands at its right end, where there is room for all."""

    failed = Signal(str)
    exported = Signal(str)

    def __init__(self, extra: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss = LossChart()
        self.metric_charts: dict[str, Chart] = {}
        self.objectives: dict[str, NamedObjective] = {}
        self.metrics: dict[str, MetricWords] = {}
        self._terms: list[str] = []
        self._listen(self.loss)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(30)
        self._row.addWidget(self.loss, 42)
        self._row.addWidget(extra, 25)
        self._extra, self._wanted = extra, True

    def show_extra(self, wanted: bool) -> None:
        """Whether there is something for it to show."""
        self._wanted = wanted
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Rather two charts that can be read than three things of which one is cut off."""
        charts = 1 + len(self.metric_charts)
        least = (charts * LEAST_CHART) + self._extra.minimumWidth() + charts * self._row.spacing()
        self._extra.setVisible(self._wanted and self.width() >= least)

    def begin(self, project: Project, started: Started, history: RunHistory) -> None:
        """Forget the curves of the last run, and show what this one has told so far."""
        self.objectives, self.metrics = objectives(project, started), metrics(project, started)
        self._terms = terms(project)
        self.loss.clear()
        self.loss.fit_smoothing(started.total_steps)
        self._add_loss_curves()
        self._make_metric_charts()
        self._fill(history)
        self._make_room()

    def take(self, event: Event) -> None:
        """Append what this event says; nothing is drawn."""
        if isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, Validated):
            for path, loss in event.losses.items():
                self._extend(self.loss, f"validation {path}", [event.step], [loss])
            for path, value in event.metrics.items():
                self._extend(self._chart_of(path), f"validation {path}", [event.step], [value])

    def mark(self, history: RunHistory) -> None:
        """Flags at the steps of which something is to be known."""
        self.loss.mark([note for note in history.notes if note.step > 0])

    def refresh(self) -> None:
        for chart in (self.loss, *self.metric_charts.values()):
            chart.refresh()

    # Filling -----------------------------------------------------------------------------------------------

    def _fill(self, history: RunHistory) -> None:
        for path in sorted(history.terms):
            self._add_term(path)
        for kind, held in (
            ("training", history.losses),
            ("term", history.terms),
            ("validation", history.validation),
        ):
            for path, series in held.items():
                self._extend(self.loss, f"{kind} {path}", series.steps, series.values)
        for kind, held in (("training", history.training_metrics), ("validation", history.metrics)):
            for path, series in held.items():
                self._extend(self._chart_of(path), f"{kind} {path}", series.steps, series.values)
        self.mark(history)

    def _progress(self, event: Progress) -> None:
        for path in sorted(event.terms):
            self._add_term(path)
        for kind, held in (("training", event.losses), ("term", event.terms)):
            for path, values in held.items():
                self._extend(self.loss, f"{kind} {path}", *acted(event.steps, values))
        for step, measured in event.measured or [(event.step, event.metrics)]:
            for path, value in measured.items():
                if math.isfinite(value):
                    self._extend(self._chart_of(path), f"training {path}", [step], [value])

    def _chart_of(self, metric: str) -> Chart | None:
        return self.metric_charts[self.metrics[metric].title] if metric in self.metrics else None

    @staticmethod
    def _extend(
        chart: Chart | None, key: str, steps: Sequence[float] | Floats, values: Sequence[float] | Floats
    ) -> None:
        if chart is not None and key in chart.series:
            chart.extend(key, steps, values)

    # Curves ------------------------------------------------------------------------------------------------

    def _add_loss_curves(self) -> None:
        """A pair of curves per objective, never added up; where there are several, a colour for each.

        What is trained on comes first in the legend, so that no objective is left out where room is short.
        """
        several = len(self.objectives) > 1
        for index, (path, objective) in enumerate(self.objectives.items()):
            own = _fixed(_category(index)) if several else _accent
            name = objective.name if several else "training"
            self.loss.add_curve(f"training {path}", name, own, raw=True)
        for index, (path, objective) in enumerate(self.objectives.items()):
            own = _towards_text(_category(index)) if several else _fixed(VALIDATION)
            name = f"{objective.name} validation" if several else "validation"
            self.loss.add_curve(f"validation {path}", name, own, width=2.5)

    def _add_term(self, path: str) -> None:
        """A thinner curve for a part of an objective's loss, in a colour that nothing else here has, and
        that it keeps in whatever order the parts are told."""
        key = f"term {path}"
        if key in self.loss.series:
            return
        if path not in self._terms:
            self._terms.append(path)
        colour = _fixed(_category(max(2, len(self.objectives)) + self._terms.index(path)))
        self.loss.add_curve(key, path.rpartition("/")[2], colour, smooth=True, width=TERM_WIDTH)

    def _make_metric_charts(self) -> None:
        for chart in self.metric_charts.values():
            self._row.removeWidget(chart)
            chart.hide()
            chart.deleteLater()
        self.metric_charts = {}
        for path, (title, name, is_share) in self.metrics.items():
            if title not in self.metric_charts:
                self._add_metric_chart(title, is_share)
            chart = self.metric_charts[title]
            several = sum(1 for other in self.metrics.values() if other.title == title) > 1
            prefix = f"{name} " if several else ""
            index = len(chart.series) // 2
            chart.add_curve(f"validation {path}", f"{prefix}validation", _metric_colour(index), width=2.5)
            training = f"training {path}"
            chart.add_curve(training, f"{prefix}training", _training_colour(index), raw=True, width=1.5)

    def _add_metric_chart(self, title: str, is_share: bool) -> None:
        chart = Chart(title, percent if is_share else current, percent_tick if is_share else number)
        chart.smoothing, chart.of_shares = METRIC_SMOOTHING, is_share
        self._listen(chart)
        self._row.insertWidget(self._row.count() - 1, chart, 27)
        self.metric_charts[title] = chart

    def _listen(self, chart: Chart) -> None:
        chart.failed.connect(self.failed)
        chart.exported.connect(self.exported)


def _category(index: int) -> str:
    return CATEGORIES[index % len(CATEGORIES)]


def _accent() -> str:
    return theme.current().accent


def _fixed(value: str) -> Colour:
    return lambda: value


def _towards_text(value: str) -> Colour:
    return lambda: mix(value, theme.current().text, 0.5)


def _metric_colour(index: int) -> Colour:
    return _fixed(("#5bb98c", *CATEGORIES[3:])[index % 8])


def _training_colour(index: int) -> Colour:
    return _accent if index == 0 else _fixed(CATEGORIES[(2 * index) % 10])


def percent_tick(share: float) -> str:
    return f"{number(share * 100)} %"
