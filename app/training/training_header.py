"""The line over the charts: where the run is, how fast it goes, how long it takes, how good it is.

Shows texts and a bar; what they say is decided by the training panel.
"""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.forms.number import NumberField
from app.style import theme
from app.widgets.buttons import LinkButton
from app.widgets.text import ElidedLabel, Label
from nodes.param import Float
from nodes.training.objective import Objective

_LEAST_RATE = 150
_GAP, _SMALL_GAP, _ROOMY = 22, 14, 760
"""Pixels between two figures, those where room is short, and the width from which it is not."""


class ProgressLine(QWidget):
    """A bar of 4 px. `share` in [0, 1]; None: nothing is known yet."""

    def __init__(self) -> None:
        super().__init__()
        self.share: float | None = 0.0
        self.failed = False
        self.setFixedHeight(4)
        self.setAccessibleName("Progress")
        theme.changed.connect(self.update)

    def show_share(self, share: float | None, *, failed: bool = False) -> None:
        if share != self.share or failed != self.failed:
            self.share, self.failed = share, failed
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(tokens.raised))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
        width = self.width() * (self.share or 0.0)
        if width >= 1:
            painter.setBrush(theme.colour(tokens.bad if self.failed else tokens.accent))
            painter.drawRoundedRect(QRectF(0, 0, width, self.height()), 2, 2)
        painter.end()


class Figure(QWidget):
    """A name in muted words and its value in mono.

    Painted whole, and wide enough for what it showed last, so that a value that changes thirty times a second
    moves nothing else.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.value = name, ""
        self._good = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(20)
        theme.changed.connect(self.update)

    def show_name(self, name: str) -> None:
        self._show(name, self.value)

    def show_value(self, value: str, *, good: bool = False) -> None:
        self._good = good
        self._show(self.name, value)

    def _show(self, name: str, value: str) -> None:
        if (name, value) == (self.name, self.value):
            return
        self.name, self.value = name, value
        self.setAccessibleName(f"{name} {value}")
        width = self._name_width() + QFontMetrics(theme.mono(12)).horizontalAdvance(value)
        if width > self.minimumWidth() or width < self.minimumWidth() - 24:
            self.setFixedWidth(width)
        self.update()

    def _name_width(self) -> int:
        return QFontMetrics(theme.sans(12)).horizontalAdvance(self.name) + 6 if self.name else 0

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.value:
            return
        tokens, painter = theme.current(), QPainter(self)
        painter.setFont(theme.sans(12))
        painter.setPen(theme.colour(tokens.muted))
        vertical = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), vertical, self.name)
        painter.setFont(theme.mono(12))
        painter.setPen(theme.colour(tokens.good if self._good else tokens.text))
        painter.drawText(self.rect().adjusted(self._name_width(), 0, 0, 0), vertical, self.value)
        painter.end()


class RateField(QWidget):
    """The learning rate of one objective; changing it acts on the run that is going."""

    changed = Signal(str, float)  # path of the objective, learning rate

    def __init__(self, path: str, label: str) -> None:
        super().__init__()
        self.path, self.label = path, label
        self.pending: float | None = None
        """What was entered and the run has not confirmed yet."""
        self._reported: float | None = None  # the newest rate of the run's progress
        self._editing = False
        known = Objective.params["learning_rate"]
        assert isinstance(known, Float)
        words = "Size of each update, from the next step on."
        param = Float(known.default, min=known.min, max=known.max, log=known.log, help=words)
        param.__set_name__(RateField, "learning_rate")
        self.field = NumberField(param)
        self.field.box.set_hint("")
        self.field.setFixedWidth(76)
        self.name = ElidedLabel(label)
        self.name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.name)
        row.addWidget(self.field)
        self.field.edited.connect(self._edited)
        self.field.entry.gesture_began.connect(self._begin_edit)
        self.field.entry.gesture_ended.connect(self._end_edit)
        theme.changed.connect(self._dress)
        self._dress()

    def show_rate(self, rate: float) -> None:
        """The rate that the run reports; not over one that is being edited or waits to be confirmed."""
        rate = float(f"{rate:.3g}")  # a schedule moves it at every step
        if rate != self._reported:
            self._reported = rate
            self._show_reported()

    def confirm(self, rate: float) -> None:
        """The run uses this rate from its next step on."""
        if self.pending is None or self.pending == rate:
            self._set_pending(None)
        self.show_rate(rate)

    def drop_pending(self) -> None:
        """Nothing waits any more: the rate was refused, or another run begins."""
        self._set_pending(None)
        self._show_reported()

    def forget(self) -> None:
        """Another run begins: its rate is not known yet."""
        self._reported = None
        self._set_pending(None)

    def _show_reported(self) -> None:
        if self._editing or self.pending is not None or self.field.entry.isModified():
            return
        if self._reported is not None:
            self.field.show_value(self._reported)

    def _edited(self, value: Any, _gesture: str) -> None:
        self._set_pending(float(value))
        self.changed.emit(self.path, float(value))

    def _begin_edit(self) -> None:
        self._editing = True

    def _end_edit(self) -> None:
        """The run's newest rate, which may have changed meanwhile, where nothing was entered."""
        self._editing = False
        self._show_reported()

    def _set_pending(self, rate: float | None) -> None:
        self.pending = rate
        waits = rate is not None
        self.name.setText(f"{self.label} (pending)" if waits else self.label)
        self.setToolTip(f"{rate:g} acts from the next step on." if waits else "")
        self._dress()

    def _dress(self) -> None:
        tokens = theme.current()
        colour = tokens.muted if self.pending is None else tokens.warn
        self.name.setStyleSheet(f"color: {colour}; font-size: 12px;")


class TrainingHeader(QWidget):
    """Figures at the left, the metric that counts at the right."""

    rate_changed = Signal(str, float)  # path of the objective, learning rate

    def __init__(self) -> None:
        super().__init__()
        self.state = Label("")
        self.message = Label("")
        self.message.setWordWrap(True)
        self.message.setContentsMargins(0, 6, 0, 0)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message.hide()
        self.epoch, self.step = Figure("Epoch"), Figure("Step")
        self.throughput, self.left = Figure("Samples/s"), Figure("Left")
        self.best = Figure("")
        self.rates: dict[str, RateField] = {}
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(_GAP)
        self.again = LinkButton("Resume", "play")
        self.again.setToolTip("Go on with this run as if it had never stopped")
        self.again.hide()
        self._left = 0
        for part in (self.state, self.again, self.epoch, self.step, self.throughput, self.left):
            self.row.addWidget(part)
        self._rate_controls = QWidget()
        self._rate_row = QHBoxLayout(self._rate_controls)
        self._rate_row.setContentsMargins(0, 0, 0, 0)
        self._rate_row.setSpacing(16)
        self.row.addWidget(self._rate_controls)
        self.row.addStretch(1)
        self.row.addWidget(self.best)
        self.setFixedHeight(28)
        self.setMinimumWidth(160)  # less than its parts ask for: some give way
        theme.changed.connect(self._dress)
        self._state_colour = "muted"
        self.show_state("")
        self._dress()

    def show_state(self, text: str, colour: str = "muted") -> None:
        """A word of state at the left: Paused, Finished …; empty while it simply runs."""
        self._state_colour = colour
        self.state.setText(text)
        self.state.setVisible(bool(text))
        self._dress()

    def show_again(self, shown: bool) -> None:
        """Offer to go on with a run that has ended before its time."""
        self.again.setVisible(shown)

    def leave_room(self, width: int) -> None:
        """Pixels at the left that something else takes."""
        self._left = width
        self.row.setContentsMargins(width, 0, 0, 0)
        self.make_room()

    def show_message(self, text: str) -> None:
        """A sentence that says why the run ended; it stands below the bar."""
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def figures(self) -> tuple[Figure, ...]:
        return (self.epoch, self.step, self.throughput, self.left)

    def set_objectives(self, labels: dict[str, str]) -> None:
        """A learning-rate field per objective: path -> label."""
        if list(labels) == list(self.rates):
            for field in self.rates.values():
                field.forget()
            return
        for field in self.rates.values():
            self._rate_row.removeWidget(field)
            field.hide()
            field.deleteLater()
        self.rates = {path: RateField(path, label) for path, label in labels.items()}
        for field in self.rates.values():
            field.changed.connect(self.rate_changed)
            self._rate_row.addWidget(field)

    def make_room(self) -> None:
        """Show what fits beside the words of state, what matters most first, so that nothing is cut off."""
        gap = _GAP if self.width() >= _ROOMY else _SMALL_GAP
        self.row.setSpacing(gap)
        others = [part for part in (self.best, self.state, self.again) if part.isVisibleTo(self)]
        room = self.width() - self._left - sum(_least(part) + gap for part in others)
        rates = [rate for rate in self.rates.values() if not rate.isHidden()]
        wanted = sum(_least(rate) + self._rate_row.spacing() for rate in rates)
        widths: list[tuple[QWidget, int]] = [(self._rate_controls, wanted)]
        widths += [
            (figure, figure.minimumWidth() + gap) for figure in (self.left, self.step, self.throughput)
        ]
        for part, width in ((self.epoch, self.epoch.minimumWidth() + gap), *widths):
            hidden = width > room
            if hidden == part.isVisibleTo(self):
                part.setHidden(hidden)
            room -= 0 if hidden else width

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.make_room()

    def _dress(self) -> None:
        tokens = theme.current()
        self.state.setStyleSheet(
            f"color: {getattr(tokens, self._state_colour)}; font-size: 12px; font-weight: 600;"
        )
        self.message.setStyleSheet(f"color: {getattr(tokens, self._state_colour)}; font-size: 12px;")


def _least(part: QWidget) -> int:
    """The width that a part must have; the name of a rate may be cut."""
    if isinstance(part, RateField):
        return min(part.sizeHint().width(), _LEAST_RATE)
    return max(part.minimumWidth(), part.sizeHint().width())


def clock(seconds: float) -> str:
    """4.2 -> `0:04`, 3700 -> `1:01:40`; `–` where it is not known."""
    if not math.isfinite(seconds) or seconds < 0:
        return "–"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
