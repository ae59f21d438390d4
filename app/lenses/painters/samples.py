"""Paints what a sampler drew: pictures in rows, points in the plane, or texts."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app.lenses.colour_maps import tiles_in
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.room import TEXT_WIDTH, Room
from app.lenses.sample_canvas import SampleCanvas
from app.lenses.sample_paint import DotLook, TextLook, paint_dots, paint_texts
from app.lenses.sampled import DOTS, IMAGES, Sampled, bounds_of, image_pixels, read_samples
from app.style.theme import Theme
from nodes.training.sampler import Sampler

_SIDES = {1: 96.0, 2: 56.0, 3: 38.0, 4: 30.0, 5: 26.0, 6: 23.0}
"""Of a tile, by the number of columns."""


class SamplesPainter(Painter[SampleCanvas]):
    """The first samples small in the node; large in a canvas of their own."""

    kind = "samples"
    empty = "Press Play to see samples while it learns, or draw now with the present weights."

    def is_default(self, subject: Subject) -> bool:
        return True

    def room(self, subject: Subject) -> Room | None:
        """None before it is known what is drawn."""
        sampler, report = subject.layer, subject.report
        if not isinstance(sampler, Sampler):
            return None
        if not sampler.shows_images:
            return Room(1, 1, TEXT_WIDTH, 84.0, crisp=True)
        results = (port.name for port in sampler.input_ports() if not port.fed)
        specs = report.inputs.get(next(results, ""), ()) if report is not None else ()
        sizes = [dim for dim in specs[0].features if isinstance(dim, int)] if specs else []
        if sizes == [2]:
            return Room(1, 1, 132.0, 132.0, crisp=True)
        if len(sizes) not in (1, 3):
            return None
        count = min(int(sampler.count), 64)
        columns = min(8, math.ceil(math.sqrt(count)))
        side = _SIDES.get(columns, 20.0)
        high, wide = sizes[1:] if len(sizes) == 3 else (1, sizes[0])
        return Room(count, columns, side, min(side * 2, max(4.0, round(side * high / wide))), crisp=True)

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        sampled = read_samples(arrays, context.prompt)
        return drawn_sheet(sampled, room, theme) if sampled is not None else None

    def view(self) -> SampleCanvas:
        return SampleCanvas(compact=True)

    def show(self, view: SampleCanvas, arrays: Arrays, context: Context) -> bool:
        view.show_samples(read_samples(arrays, context.prompt))
        return view.sampled is not None


def _square_in(area: QRectF) -> QRectF:
    """The largest square in the middle; dots of an older drawing may stand in the room of something else."""
    side = min(area.width(), area.height())
    square = QRectF(0.0, 0.0, side, side)
    square.moveCenter(area.center())
    return square


def drawn_sheet(sampled: Sampled, room: Room, theme: Theme) -> QImage | None:
    """What a sampler drew, as its node has room for it: of walks, the first picture of each."""
    shown = sampled.at(0) if sampled.film else sampled
    if shown.kind == IMAGES:
        return tiles_in(room, image_pixels(shown.values[: room.count]))

    def draw(painter: QPainter, area: QRectF, theme: Theme) -> None:
        if shown.kind == DOTS:
            look = DotLook(radius=1.2, axes=False, names=False)
            paint_dots(painter, shown, bounds_of(shown), _square_in(area), look, theme)
        else:
            painter.setClipRect(area)
            look_of_text = TextLook(10, 6.0, 6, numbers=False)
            paint_texts(painter, shown, area.adjusted(6, 5, -4, 0), look_of_text, theme)

    return picture(room, theme, draw)
