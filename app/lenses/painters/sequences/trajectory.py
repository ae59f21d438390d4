"""Paints trajectories: the whole path in the node; in the view a slider and a button that plays."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.sequences.sheet import FOOT
from app.lenses.painters.sequences.steps_view import StepsView
from app.lenses.painters.sequences.trajectory_sheet import PlanePaths, TrajectorySheet, read_paths
from app.lenses.room import Room
from app.style.theme import Theme

_ROOM = Room(1, 1, 96.0, 96.0)


class TrajectoryView(StepsView):
    """The paths until the step that the slider is at; at first all of them."""

    def __init__(self) -> None:
        super().__init__("Step of the trajectory")
        self.read: PlanePaths | None = None

    def show_paths(self, read: PlanePaths) -> None:
        """Show these; at the end, unless a person is elsewhere among as many steps."""
        self.read = read
        self.set_count(read.count)

    def sheet_at(self, place: int) -> TrajectorySheet:
        assert self.read is not None
        return TrajectorySheet(self.read, place)

    def moment(self, place: int) -> str:
        assert self.read is not None
        return self.read.moment(place)


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
        read = read_paths(arrays, classes_of(context))
        if read is not None:
            view.show_paths(read)
        return read is not None


class SamplerTrajectoryPainter(StateTrajectoryPainter):
    """The samples of a sampler."""

    kind = "sampler_trajectory"
    empty = "Press Play to see the way from noise to the samples."


def classes_of(context: Context) -> tuple[str, ...]:
    """The names of the classes of the data, where they are not the characters of a text."""
    info = context.info
    return info.classes if info is not None and info.kind != "text" else ()


def _thumbnail(arrays: Arrays, room: Room, theme: Theme) -> QImage | None:
    read = read_paths(arrays)
    return None if read is None else picture(room, theme, partial(_small, read))


def _small(read: PlanePaths, painter: QPainter, area: QRectF, theme: Theme) -> None:
    """The paths without words, which would stand below."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    TrajectorySheet(read, read.count - 1, named=False).paint(
        painter, area.adjusted(0, 0, 0, FOOT), theme, None
    )
