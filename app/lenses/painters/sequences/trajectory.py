"""Paints trajectories: the whole path in the node; in the view a slider and a button that plays."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QTimer, Signal
from PySide6.QtGui import QHideEvent, QImage, QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.sequences.sheet import FOOT
from app.lenses.painters.sequences.sheet_canvas import SheetCanvas
from app.lenses.painters.sequences.trajectory_sheet import PlanePaths, TrajectorySheet, read_paths
from app.lenses.room import Room
from app.lenses.timeline import Timeline
from app.style.theme import Theme
from app.widgets.buttons import IconButton

_ROOM = Room(1, 1, 96.0, 96.0)
_WHOLE_MS = 3000
"""How long all steps take to play."""


class TrajectoryView(QWidget):
    """The paths until the step that the slider is at; at first all of them."""

    pointed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.read: PlanePaths | None = None
        self.canvas = SheetCanvas()
        self.timeline = Timeline("Step of the trajectory")
        self.play = IconButton("play", "Play the steps")
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._advance)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.play)
        row.addWidget(self.timeline, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.canvas)
        column.addLayout(row)
        column.addStretch(1)
        self.play.clicked.connect(self._toggle)
        self.timeline.valueChanged.connect(lambda _value: self._show())
        self.canvas.pointed.connect(self.pointed)

    @property
    def is_playing(self) -> bool:
        return self._timer.isActive()

    def show_paths(self, read: PlanePaths) -> None:
        """Show these; at the end, unless a person is elsewhere among as many steps."""
        at_end = self.read is None or self.timeline.value() == self.timeline.maximum()
        moved = self.read is None or self.read.count != read.count
        self.read = read
        self.timeline.set_moments(read.count, live=False)
        if at_end or moved:
            self.timeline.setValue(read.count - 1)
        self._show()

    def _show(self) -> None:
        if self.read is not None:
            self.canvas.show_sheet(
                TrajectorySheet(self.read, min(self.timeline.value(), self.read.count - 1))
            )

    def _toggle(self) -> None:
        if self.is_playing or self.read is None:
            self._stop()
            return
        if self.timeline.value() == self.timeline.maximum():
            self.timeline.setValue(0)
        self.play.set_icon("pause")
        self._timer.start(max(33, _WHOLE_MS // self.read.count))

    def _advance(self) -> None:
        if self.timeline.value() >= self.timeline.maximum():
            self._stop()
            return
        step = max(1, self.timeline.maximum() * 33 // _WHOLE_MS)
        self.timeline.setValue(min(self.timeline.maximum(), self.timeline.value() + step))

    def _stop(self) -> None:
        self._timer.stop()
        self.play.set_icon("play")

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._stop()


class StateTrajectoryPainter(Painter[TrajectoryView]):
    """The state of a recurrent layer."""

    kind = "state_trajectory"
    empty = "Press Play to see how the state moves over time."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        return _thumbnail(arrays, room, theme)

    def view(self) -> TrajectoryView:
        return TrajectoryView()

    def show(self, view: TrajectoryView, arrays: Arrays, context: Context) -> bool:
        return _shown(view, arrays)


class SamplerTrajectoryPainter(StateTrajectoryPainter):
    """The samples of a sampler."""

    kind = "sampler_trajectory"
    empty = "Press Play to see the way from noise to the samples."


def _shown(view: TrajectoryView, arrays: Arrays) -> bool:
    read = read_paths(arrays)
    if read is not None:
        view.show_paths(read)
    return read is not None


def _thumbnail(arrays: Arrays, room: Room, theme: Theme) -> QImage | None:
    read = read_paths(arrays)
    return None if read is None else picture(room, theme, partial(_small, read))


def _small(read: PlanePaths, painter: QPainter, area: QRectF, theme: Theme) -> None:
    """The paths without words, which would stand below."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    TrajectorySheet(read, read.count - 1).paint(painter, area.adjusted(0, 0, 0, FOOT), theme, None)
