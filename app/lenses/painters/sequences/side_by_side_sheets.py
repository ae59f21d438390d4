"""Pictures beside each other, their differences, and two of them in one frame with a divider to drag."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from app.lenses.colour_maps import sample_image, signed_scale
from app.lenses.painter import Arrays
from app.lenses.painters.sequences.sheet import (
    FOOT,
    LEFT,
    RIGHT,
    TALLEST,
    PaintedSheet,
    draw_sharp,
    foot,
    heat,
    legend,
)
from app.style import theme as style
from app.style.theme import Theme
from app.widgets.numbers import number

Floats = NDArray[np.float32]
_CAPTION, _GAP = 30.0, 10.0
_LEAST, _WIDEST = 84.0, 280.0


@dataclass(frozen=True, eq=False)
class LaidPicture:
    """A picture (C, H, W), averaged where it is below its true `size`, and how near it is to the truth."""

    name: str
    values: Floats
    size: tuple[int, int, int]
    error: float
    psnr: float
    ssim: float

    def numbers(self) -> str:
        """How near it is, as in `24.1 dB · SSIM 0.83`; empty where it is not measured."""
        if np.isnan(self.error):
            return ""
        signal = "∞ dB" if np.isinf(self.psnr) else f"{self.psnr:.1f} dB"
        return signal if np.isnan(self.ssim) else f"{signal} · SSIM {self.ssim:.2f}"


@dataclass(frozen=True, eq=False)
class LaidPictures:
    """Pictures in their order; `truth` is the one that others are measured against."""

    pictures: tuple[LaidPicture, ...]
    truth: LaidPicture | None
    low: float
    high: float

    @property
    def made(self) -> tuple[LaidPicture, ...]:
        """Those that are measured, the last one first: it is what the network made."""
        found = [one for one in self.pictures if self.truth is not None and not np.isnan(one.error)]
        return tuple(found[::-1])

    def image(self, one: LaidPicture) -> QImage:
        return sample_image(one.values, self.low, self.high)


def read_pictures(arrays: Arrays) -> LaidPictures | None:
    """None where there is no picture in a frame."""
    if "names" not in arrays or "picture_0" not in arrays:
        return None
    found = []
    for place, name in enumerate(arrays["names"]):
        channels, height, width = (int(size) for size in arrays["sizes"][place])
        numbers = (float(arrays[kind][place]) for kind in ("error", "psnr", "ssim"))
        values = np.nan_to_num(np.asarray(arrays[f"picture_{place}"], np.float32))
        found.append(LaidPicture(str(name), values, (channels, height, width), *numbers))
    truth = int(arrays["truth"])
    true = found[truth] if truth >= 0 else None
    known = [true] if true is not None else found
    low, high = min(float(one.values.min()) for one in known), max(float(one.values.max()) for one in known)
    if low >= 0.0 and high <= 1.0:
        low, high = 0.0, 1.0
    elif low >= -1.0 and high <= 1.0:
        low, high = -1.0, 1.0
    return LaidPictures(tuple(found), true, low, high)


def _pixel(one: LaidPicture, place: QPointF, box: QRectF) -> tuple[int, int]:
    height, width = one.values.shape[1:]
    row = int((place.y() - box.top()) / box.height() * height)
    column = int((place.x() - box.left()) / box.width() * width)
    return min(max(row, 0), height - 1), min(max(column, 0), width - 1)


def _said(values: Floats) -> str:
    return ", ".join(number(float(value)).replace("-", "−") for value in values)


@dataclass(frozen=True, eq=False)
class Tiles(PaintedSheet):
    """Every picture with its name and how near it is; `differences`: what they add to the truth instead."""

    laid: LaidPictures
    differences: bool = False

    @property
    def shown(self) -> tuple[LaidPicture, ...]:
        return self.laid.made[::-1] if self.differences else self.laid.pictures

    def tile(self, index: int, area: QRectF) -> QRectF:
        """Where a picture stands."""
        count = max(1, len(self.shown))
        columns = max(1, min(count, int((area.width() + _GAP) / (_LEAST + _GAP))))
        columns = -(-count // -(-count // columns))  # as many in every row
        wide = min((area.width() - _GAP * (columns - 1)) / columns, _WIDEST)
        ratio = max(one.size[1] / one.size[2] for one in self.shown) if self.shown else 1.0
        row, column = divmod(index, columns)
        top = area.top() + row * (wide * ratio + _CAPTION + _GAP)
        return QRectF(area.left() + column * (wide + _GAP), top, wide, wide * ratio)

    def _box(self, index: int, area: QRectF) -> QRectF:
        """The picture within its place, in its own proportions."""
        tile, (_, height, width) = self.tile(index, area), self.shown[index].size
        return QRectF(tile.left(), tile.top(), tile.width(), tile.width() * height / width)

    def height(self, width: float) -> float:
        last = self.tile(max(0, len(self.shown) - 1), QRectF(0, 0, width, 0))
        return last.bottom() + _CAPTION + (FOOT if self.differences else 0.0)

    def words(self, place: QPointF, area: QRectF) -> str:
        for index, one in enumerate(self.shown):
            box = self._box(index, area)
            if box.contains(place):
                row, column = _pixel(one, place, box)
                values, true = one.values[:, row, column], self.laid.truth
                said = f"{one.name} · {row}, {column} · {_said(values)}"
                if true is None or one is true or true.values.shape != one.values.shape:
                    return said
                return f"{said} · true {_said(true.values[:, row, column])}"
        return ""

    def _difference(self, one: LaidPicture) -> Floats:
        assert self.laid.truth is not None
        found: Floats = (one.values - self.laid.truth.values).mean(0)
        return found

    def paint(self, painter: QPainter, area: QRectF, theme: Theme, mouse: QPointF | None) -> None:
        scale = 1.0
        if self.differences and self.shown:
            scale = signed_scale(np.concatenate([self._difference(one).ravel() for one in self.shown]))
        for index, one in enumerate(self.shown):
            if self.differences:
                image = heat(self._difference(one), theme, signed=True, scale=scale)
            else:
                image = self.laid.image(one)
            draw_sharp(painter, self._box(index, area), image)
            self._caption(painter, QRectF(self.tile(index, area)), one, theme)
        if self.differences:
            line = QRectF(area.left(), area.bottom() - FOOT + 2, area.width(), FOOT - 2)
            wide = legend(painter, line, theme, -scale, scale, signed=True)
            assert self.laid.truth is not None
            foot(painter, line.adjusted(0, 0, -wide - 8, 0), theme, f"minus {self.laid.truth.name}")

    def _caption(self, painter: QPainter, tile: QRectF, one: LaidPicture, theme: Theme) -> None:
        line = QRectF(tile.left(), tile.bottom() + 1, tile.width() + _GAP - 2, 14)
        foot(painter, line, theme, one.name)
        painter.setFont(style.mono(10))
        painter.setPen(style.colour(theme.text if one.numbers() else theme.faint))
        size = f"{one.size[2]}×{one.size[1]}"
        words = one.numbers() or (f"{size}, true" if one is self.laid.truth else size)
        if painter.fontMetrics().horizontalAdvance(words) > line.width():
            words = words.split(" · ")[0]
        painter.drawText(line.translated(0, 14), LEFT, words)


@dataclass(eq=False)
class Swipe(PaintedSheet):
    """The truth at the left of a divider and what was made at its right; a click below shows the next one."""

    laid: LaidPictures
    index: int = 0
    share: float = 0.5

    @property
    def made(self) -> LaidPicture:
        made = self.laid.made
        return made[self.index % len(made)]

    def box(self, area: QRectF) -> QRectF:
        """Where both pictures are."""
        _, height, width = self.made.size
        wide = min(area.width(), TALLEST * width / height)
        return QRectF(area.left(), area.top(), wide, wide * height / width)

    def height(self, width: float) -> float:
        return self.box(QRectF(0, 0, width, 0)).height() + 2 * FOOT

    def dragged(self, by: QPointF, area: QRectF) -> bool:
        self.share = min(1.0, max(0.0, self.share + by.x() / self.box(area).width()))
        return True

    def pressed(self, place: QPointF, area: QRectF) -> int | None:
        box = self.box(area)
        if place.y() > box.bottom():
            return (self.index + 1) % len(self.laid.made)
        self.share = min(1.0, max(0.0, (place.x() - box.left()) / box.width()))
        return None

    def words(self, place: QPointF, area: QRectF) -> str:
        box, true = self.box(area), self.laid.truth
        if not box.contains(place) or true is None:
            return ""
        one = true if place.x() < box.left() + self.share * box.width() else self.made
        row, column = _pixel(one, place, box)
        return f"{one.name} · {row}, {column} · {_said(one.values[:, row, column])}"

    def paint(self, painter: QPainter, area: QRectF, theme: Theme, mouse: QPointF | None) -> None:
        box, true = self.box(area), self.laid.truth
        if true is None:
            return
        draw_sharp(painter, box, self.laid.image(true))
        at = box.left() + self.share * box.width()
        painter.save()
        painter.setClipRect(QRectF(at, box.top(), box.right() - at, box.height()))
        draw_sharp(painter, box, self.laid.image(self.made))
        painter.restore()
        painter.setPen(QPen(style.colour(theme.accent), 2))
        painter.drawLine(QPointF(at, box.top()), QPointF(at, box.bottom()))
        painter.setBrush(style.colour(theme.accent))
        painter.drawEllipse(QPointF(at, box.center().y()), 5, 5)
        line = QRectF(area.left(), box.bottom() + 2, box.width(), FOOT - 2)
        painter.setFont(style.sans(11))
        painter.setPen(style.colour(theme.muted))
        painter.drawText(line, LEFT, true.name)
        room, told = int(line.width() * 0.6), painter.fontMetrics()
        more = "" if len(self.laid.made) == 1 else " ›"
        name = told.elidedText(self.made.name + more, Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, RIGHT, name)
        painter.setFont(style.mono(10))
        painter.setPen(style.colour(theme.text))
        painter.drawText(line.translated(0, FOOT - 4), RIGHT, self.made.numbers())
