"""Paints the steps of a diffusion sampler: in the node one of them, in the view a slider over all."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app.lenses.cell.view import Pager
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.sequences.denoising_sheet import DenoisingSheet, DenoisingSteps, read_steps
from app.lenses.painters.sequences.steps_view import StepsView
from app.lenses.painters.sequences.trajectory import classes_of
from app.lenses.room import Room
from app.style.theme import Theme

_ROOM = Room(1, 1, 248.0, 140.0)


class DenoisingView(StepsView):
    """One step of one sample; arrows go to other samples."""

    def __init__(self) -> None:
        super().__init__("Step of the sampler")
        self.read: DenoisingSteps | None = None
        self.sample = 0
        self.samples = Pager("sample")
        self.samples.stepped.connect(self._choose)
        self.column.insertWidget(0, self.samples)

    def show_steps(self, read: DenoisingSteps) -> None:
        """Show these; at first the step in the middle."""
        self.read, self.sample = read, min(self.sample, read.samples - 1)
        self.set_count(read.count, read.count // 2)
        self._write()

    def sheet_at(self, place: int) -> DenoisingSheet:
        assert self.read is not None
        return DenoisingSheet(self.read, place, self.sample)

    def moment(self, place: int) -> str:
        assert self.read is not None
        return f"step {int(self.read.steps[place]):,} of {self.read.total:,}"

    def _choose(self, by: int) -> None:
        assert self.read is not None
        self.sample = min(max(0, self.sample + by), self.read.samples - 1)
        self._write()
        self.show_step()

    def _write(self) -> None:
        assert self.read is not None
        asked = f" · asked for {self.read.asked[self.sample]}" if self.read.asked else ""
        words = f"sample {self.sample}{asked} · {self.read.samples:,} of {self.read.of:,} can be shown"
        last = self.read.samples - 1
        self.samples.show_words(words, has_back=self.sample > 0, has_next=self.sample < last)


class DenoisingPainter(Painter[DenoisingView]):
    """The step in the middle, of the first sample."""

    kind = "denoising"
    empty = "Press Play to see how the sampler takes noise away, step by step."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        read = read_steps(arrays, classes_of(context))
        if read is None:
            return None

        def small(painter: QPainter, area: QRectF, now: Theme) -> None:
            DenoisingSheet(read, read.count // 2, 0).paint(painter, area.adjusted(4, 2, -4, 0), now, None)

        return picture(room, theme, small)

    def view(self) -> DenoisingView:
        return DenoisingView()

    def show(self, view: DenoisingView, arrays: Arrays, context: Context) -> bool:
        read = read_steps(arrays, classes_of(context))
        if read is not None:
            view.show_steps(read)
        return read is not None
