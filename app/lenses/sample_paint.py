"""How samples are painted: pictures in a grid, dots over the data, texts with their prompt apart.

Functions over a painter and an area; the same ones paint cards, the large view and what is exported. They may
run in any thread that owns its painter.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPen,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)

from app.charts.ticks import scale_for
from app.lenses.colour_maps import tile
from app.lenses.sampled import Array, AxisRange, Sampled, density, image_pixels
from app.style import theme as themes
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import number

REAL, GENERATED = POSITIVE, NEGATIVE
"""Colours of data and of samples."""


@dataclass(frozen=True)
class Grid:
    """Tiles in rows: `wide` × `high` each, `gap` between them, the first at `left`, `top`."""

    columns: int
    rows: int
    wide: float
    high: float
    gap: float
    left: float
    top: float

    def place(self, index: int) -> QRectF:
        row, column = divmod(index, self.columns)
        x = self.left + column * (self.wide + self.gap)
        return QRectF(x, self.top + row * (self.high + self.gap), self.wide, self.high)

    @property
    def width(self) -> float:
        return self.columns * (self.wide + self.gap) - self.gap

    @property
    def height(self) -> float:
        return self.rows * (self.high + self.gap) - self.gap


def image_grid(sampled: Sampled, area: QRectF, gap: float, zoom: float = 1.0, density_: float = 1.0) -> Grid:
    """The grid that fills an area best with these images.

    Images that are enlarged grow by whole screen pixels each of theirs, so that all look alike. `zoom`
    enlarges what fits; `density_` is screen pixels for each pixel of the area.
    """
    count, (high, wide) = sampled.count, sampled.values.shape[2:]
    fixed = min(sampled.columns, count)
    candidates = (fixed,) if fixed else range(1, count + 1)

    def fit(columns: int) -> float:
        rows = -(-count // columns)
        across = (area.width() - gap * (columns - 1)) / columns / wide
        down = (area.height() - gap * (rows - 1)) / rows / high
        return _crisp(max(0.01, min(across, down)) * density_)

    def gaps(columns: int) -> int:
        return -count % columns

    columns = max(candidates, key=lambda columns: (fit(columns), -gaps(columns)))
    rows, factor = -(-count // columns), _crisp(fit(columns) * zoom)
    grid = Grid(columns, rows, wide * factor / density_, high * factor / density_, gap, 0.0, 0.0)
    left = area.left() + max(0.0, (area.width() - grid.width) / 2)
    top = area.top() + max(0.0, (area.height() - grid.height) / 2)
    return Grid(columns, rows, grid.wide, grid.high, gap, _whole(left, density_), _whole(top, density_))


def _crisp(factor: float) -> float:
    """Whole screen pixels for each pixel, unless that would leave much of the room empty."""
    whole = math.floor(factor)
    return factor if whole < 1 or (whole == 1 and factor > 1.25) else float(whole)


def _whole(value: float, density_: float) -> float:
    """The nearest place at which a screen pixel begins."""
    return round(value * density_) / density_


def image_sheet(values: Array) -> QImage:
    """Images below each other, one array pixel per image pixel."""
    return tile(image_pixels(values), 1, gap=0)


def paint_images(painter: QPainter, sheet: QImage, grid: Grid, count: int, clip: QRectF) -> None:
    """The images of a sheet in their places; those outside `clip` are left out."""
    size = sheet.height() // max(1, count)
    ratio = painter.device().devicePixelRatioF()
    shrinks = grid.wide * ratio < sheet.width() * 0.99
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
    for index in range(count):
        place = grid.place(index)
        if place.intersects(clip):
            painter.drawImage(place, sheet, QRectF(0, index * size, sheet.width(), size))


# Dots ------------------------------------------------------------------------------------------


def on_screen(points: Array, bounds: AxisRange, area: QRectF) -> NDArray[np.float64]:
    """Pixels (n, 2) of points of the plane."""
    held = np.asarray(points, np.float64)
    scale = area.width() / bounds.side
    return np.stack(
        [area.left() + (held[:, 0] - bounds.x) * scale, area.bottom() - (held[:, 1] - bounds.y) * scale],
        axis=1,
    )


def square_in(area: QRectF) -> QRectF:
    """The largest square in the middle of an area."""
    side = min(area.width(), area.height())
    return QRectF(area.center().x() - side / 2, area.center().y() - side / 2, side, side)


@dataclass(frozen=True)
class DotLook:
    """How dots are painted: radius in pixels, hairlines with numbers, what is which, density, the data."""

    radius: float = 2.0
    axes: bool = True
    names: bool = True
    density: bool = False
    real: bool = True


def paint_dots(
    painter: QPainter, sampled: Sampled, bounds: AxisRange, area: QRectF, look: DotLook, theme: Theme
) -> None:
    """Data muted below, samples strong above, on equal axes; `area` is a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.raised))
    painter.drawRoundedRect(area, 6, 6)
    if look.axes:
        _paint_axes(painter, bounds, area, theme)
    painter.setClipRect(area)
    if look.density:
        _paint_density(painter, sampled.values, bounds, area)
    if look.real and sampled.real is not None:
        colour = themes.colour(REAL, 0.5 if theme.name == "dark" else 0.55)
        paint_stamped(painter, on_screen(sampled.real, bounds, area), look.radius * 0.9, colour, area)
    colour = themes.colour(GENERATED, 0.9)
    paint_stamped(painter, on_screen(sampled.values, bounds, area), look.radius, colour, area)
    if look.names and sampled.real is not None:
        _paint_names(painter, area, ("generated", "data") if look.real else ("generated",), theme)
    painter.restore()


def _paint_names(painter: QPainter, area: QRectF, names: tuple[str, ...], theme: Theme) -> None:
    """What is which, at the top right."""
    painter.setFont(themes.sans(11))
    x = area.right() - 8
    for name in names:
        width = painter.fontMetrics().horizontalAdvance(name)
        box = QRectF(x - width - 12, area.top() + 5, width + 14, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(themes.colour(theme.raised, 0.8))
        painter.drawRoundedRect(box.adjusted(-3, 0, 0, 0), 4, 4)
        painter.setBrush(QColor(REAL if name == "data" else GENERATED))
        painter.drawEllipse(QPointF(box.left() + 3, box.center().y()), 3, 3)
        painter.setPen(QColor(theme.muted))
        painter.drawText(box.adjusted(10, 0, 4, 0), Qt.AlignmentFlag.AlignVCenter, name)
        x = box.left() - 8


def paint_stamped(
    painter: QPainter, places: NDArray[np.float64], radius: float, colour: QColor, area: QRectF
) -> None:
    """Round dots. They are stamped into an image: Qt strokes each dot anew, which takes ten times as long."""
    ratio = painter.deviceTransform().m11()
    wide, high = max(1, math.ceil(area.width() * ratio)), max(1, math.ceil(area.height() * ratio))
    cover = stamped((places - (area.left(), area.top())) * ratio, radius * ratio, wide, high)
    shades = np.arange(256)[:, None] * (colour.alphaF() / 255.0)
    table = np.rint(shades * (colour.blue(), colour.green(), colour.red(), 255)).astype(np.uint8)
    pixels = np.take(table.view(np.uint32).ravel(), cover)
    image = QImage(pixels.data, wide, high, wide * 4, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    painter.drawImage(area.topLeft(), image)


def stamped(places: NDArray[np.float64], radius: float, wide: int, high: int) -> NDArray[np.uint8]:
    """How far each pixel (high, wide) is covered, 0 to 255, by discs at these places (n, 2) in pixels."""
    reach = math.ceil(radius + 1.0)
    near = (places > -reach).all(axis=1) & (places < (wide + reach, high + reach)).all(
        axis=1
    )  # no NaN either
    corner = np.floor(places[near]).astype(np.int64)
    rest = places[near] - corner - 0.5
    row = wide + 4 * reach
    cover = np.zeros((high + 4 * reach) * row, np.uint8)
    for down in range(1 - reach, reach):
        for right in range(1 - reach, reach):
            away = np.hypot(rest[:, 0] - right, rest[:, 1] - down)
            strength = (np.clip(radius + 0.5 - away, 0.0, 1.0) * 255.0).astype(np.uint8)
            at = (corner[:, 1] + down + 2 * reach) * row + corner[:, 0] + right + 2 * reach
            np.maximum.at(cover, at, strength)
    inner = slice(2 * reach, 2 * reach + high), slice(2 * reach, 2 * reach + wide)
    return np.ascontiguousarray(cover.reshape(-1, row)[inner])


def _paint_density(painter: QPainter, values: Array, bounds: AxisRange, area: QRectF) -> None:
    grid = density(values, bounds)
    colour = QColor(GENERATED)
    strength = np.sqrt(grid) * np.float32(0.55)
    parts = np.array((colour.blue(), colour.green(), colour.red(), 255), np.float32)
    pixels = np.ascontiguousarray((strength[..., None] * parts).astype(np.uint8))
    kind = QImage.Format.Format_ARGB32_Premultiplied
    image = QImage(pixels.data, grid.shape[1], grid.shape[0], grid.shape[1] * 4, kind).copy()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
    painter.drawImage(area, image)


def _paint_axes(painter: QPainter, bounds: AxisRange, area: QRectF, theme: Theme) -> None:
    """Hairlines at round numbers, with the numbers inside at the edges."""
    painter.setFont(themes.mono(10))
    for axis, start in ((0, bounds.x), (1, bounds.y)):
        for tick in scale_for(start, start + bounds.side).ticks:
            share = (tick - start) / bounds.side
            if not 0.03 < share < 0.97:
                continue
            painter.setPen(QPen(QColor(theme.hairline), 1))
            label = number(round(tick, 10))
            if axis == 0:
                x = round(area.left() + share * area.width()) + 0.5
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
                painter.setPen(QColor(theme.faint))
                painter.drawText(QPointF(x + 3, area.bottom() - 5), label)
            else:
                y = round(area.bottom() - share * area.height()) + 0.5
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
                painter.setPen(QColor(theme.faint))
                painter.drawText(QPointF(area.left() + 5, y - 3), label)


# Texts -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TextLook:
    """Size of the letters in pixels, room between texts, and how many lines of each are shown (0: all)."""

    size: int = 12
    gap: float = 14.0
    lines: int = 0
    numbers: bool = True


Kept = dict[tuple[object, ...], QTextLayout]
"""Texts that are broken into lines already, kept by whoever paints them again and again."""


def paint_texts(
    painter: QPainter | None,
    sampled: Sampled,
    area: QRectF,
    look: TextLook,
    theme: Theme,
    kept: Kept | None = None,
) -> float:
    """Texts below each other, the prompt of each in the accent, the rest in the text's colour.

    Returns the height of them all; with no painter they are only measured.
    """
    margin = 30.0 if look.numbers and sampled.count > 1 else 0.0
    y, kept = area.top(), {} if kept is None else kept
    for index in range(sampled.count):
        key = (str(sampled.values[index]), sampled.prompt_of(index), area.width() - margin, look, theme)
        shown = kept.get(key)
        if shown is None:
            if len(kept) > 4 * sampled.count:
                kept.clear()
            shown = kept[key] = _laid_out(*key)
        if painter is not None and y < area.bottom() + 4000 and y + shown.boundingRect().height() > -4000:
            if margin:
                painter.setFont(themes.mono(look.size - 1))
                painter.setPen(QColor(theme.faint))
                line = QRectF(area.left(), y, margin - 8, shown.lineAt(0).height())
                painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"{index}")
            painter.setPen(QColor(theme.text))
            shown.draw(painter, QPointF(area.left() + margin, y))
        y += shown.boundingRect().height() + look.gap
    return max(0.0, y - look.gap - area.top())


def _laid_out(text: str, prompt: str, width: float, look: TextLook, theme: Theme) -> QTextLayout:
    """One text broken into lines. A prompt that the text does not begin with is put before it."""
    whole = text if text.startswith(prompt) else prompt + text
    whole = whole.replace("\r", "").replace("\n", "\u2028").replace("\t", "    ")
    layout = QTextLayout(whole or " ", themes.mono(look.size))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    if prompt:
        made = QTextCharFormat()
        made.setForeground(QColor(theme.accent))
        span = QTextLayout.FormatRange()
        span.start, span.length, span.format = 0, len(prompt), made
        layout.setFormats([span])
    layout.beginLayout()
    y = 0.0
    for number_ in _counting(look.lines):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(20.0, width))
        line.setPosition(QPointF(0.0, y))
        y += line.height() * 1.2
        if number_ == look.lines:
            break
    layout.endLayout()
    return layout


def _counting(limit: int) -> Iterable[int]:
    return range(1, limit + 1) if limit else range(1, 10_000)
