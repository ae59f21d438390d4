"""One step of a diffusion sampler: the value, the noise in it, the data without it, and what follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from app.lenses.colour_maps import grey_image, sample_image
from app.lenses.painter import Arrays
from app.lenses.painters.sequences.sheet import LEFT, MIDDLE, PaintedSheet, draw_sharp, heat
from app.style import theme as style
from app.style.theme import Theme
from engine.lens.cell.wording import factor, told

_SIGN, _CAPTION, _LINE, _GAP, _LARGEST = 26.0, 18.0, 17.0, 12.0, 190.0
_MOST_NUMBERS = 12
"""Values that are written as numbers in a picture."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DenoisingSteps:
    """The arrays of the lens, with the names of what was asked for."""

    values: dict[str, Floats]
    factors: NDArray[np.float64]
    steps: NDArray[np.int64]
    total: int
    of: int
    guidance: float
    asked: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.steps)

    @property
    def samples(self) -> int:
        return int(self.values["noisy"].shape[1])

    @property
    def is_guided(self) -> bool:
        return "with" in self.values

    @property
    def reach(self) -> float:
        """The size of values that is black or white: that of the data in the end."""
        return float(np.abs(self.values["data"][-1]).max()) or 1.0

    def at(self, name: str, step: int, sample: int) -> Floats:
        """A value of a sample at a step, as a plane or as (C, H, W)."""
        value: Floats = self.values[name][step, sample]
        return np.atleast_2d(value)


def read_steps(arrays: Arrays, classes: tuple[str, ...] = ()) -> DenoisingSteps | None:
    """None where a frame has no steps. `classes` are the names of classes that were asked for."""
    if "noisy" not in arrays or not arrays["noisy"].size:
        return None
    names = ("noisy", "noise", "data", "direction", "next", "without", "with")
    known = {str(place): name for place, name in enumerate(classes)}
    return DenoisingSteps(
        {name: np.nan_to_num(np.asarray(arrays[name], np.float32)) for name in names if name in arrays},
        np.asarray(arrays["factors"], np.float64),
        np.asarray(arrays["steps"], np.int64),
        int(arrays["total"]),
        int(arrays["of"]),
        float(arrays["guidance"]),
        tuple(known.get(str(one), str(one)) for one in arrays.get("asked", ())),
    )


@dataclass(frozen=True, eq=False)
class DenoisingSheet(PaintedSheet):
    """The step at a place of one sample."""

    read: DenoisingSteps
    step: int
    sample: int

    def _rows(self) -> list[tuple[tuple[str, str, str], ...]]:
        """Rows of pictures: the name of the value, its caption, and the sign before it."""
        row = (
            ("noisy", "x, before", ""),
            ("noise", "ε, predicted noise", "−"),
            ("data", "x̂, data without it", "→"),
            ("next", "x′, after", "→"),
        )
        if not self.read.is_guided:
            return [row]
        scale = told(self.read.guidance)
        guided = (
            ("without", "ε without condition", ""),
            ("steer", "with − without", f"+{scale}·"),
            ("noise", "ε, predicted noise", "="),
        )
        return [guided, row]

    def _value(self, name: str) -> Floats:
        if name == "steer":
            return self._value("with") - self._value("without")
        return self.read.at(name, self.step, self.sample)

    def _side(self, width: float) -> float:
        return min(_LARGEST, (width - 3 * _SIGN) / 4)

    def _high(self, width: float) -> float:
        """Of a picture."""
        rows, columns = _flat(self._value("noisy")).shape
        return float(max(22.0, min(self._side(width), self._side(width) * rows / columns)))

    def height(self, width: float) -> float:
        rows = len(self._rows())
        return rows * (_CAPTION + self._high(width) + _GAP) + 4 * _LINE

    def boxes(self, area: QRectF) -> list[tuple[str, str, str, QRectF]]:
        """The name, caption and sign of every picture, and where it stands."""
        side, high = self._side(area.width()), self._high(area.width())
        found = []
        for line, row in enumerate(self._rows()):
            top = area.top() + line * (_CAPTION + high + _GAP) + _CAPTION
            for place, (name, words, sign) in enumerate(row):
                left = area.left() + place * (side + _SIGN)
                found.append((name, words, sign, QRectF(left, top, side, high)))
        return found

    def paint(self, painter: QPainter, area: QRectF, theme: Theme, mouse: QPointF | None) -> None:
        for name, words, sign, box in self.boxes(area):
            self._picture(painter, name, box, theme)
            painter.setFont(style.sans(11))
            painter.setPen(style.colour(theme.muted))
            line = QRectF(box.left(), box.top() - _CAPTION, box.width(), _CAPTION - 2)
            told_ = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(line.width()))
            painter.drawText(line, LEFT, told_)
            painter.setPen(style.colour(theme.text))
            painter.drawText(QRectF(box.left() - _SIGN, box.top(), _SIGN, box.height()), MIDDLE, sign)
        painter.setFont(style.mono(11))
        painter.setPen(style.colour(theme.text))
        top = area.bottom() - 4 * _LINE
        for place, words in enumerate(self.sums()):
            room = QRectF(area.left(), top + place * _LINE, area.width(), _LINE)
            told_ = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, LEFT, told_)

    def _picture(self, painter: QPainter, name: str, box: QRectF, theme: Theme) -> None:
        value = self._value(name)
        flat, image = _flat(value), self._image(name, value, theme)
        draw_sharp(painter, box, image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(style.colour(theme.hairline), 1))
        painter.drawRect(box)
        if flat.size > _MOST_NUMBERS:
            return
        rows, columns = flat.shape
        across, down = box.width() / columns, box.height() / rows
        painter.setFont(style.mono(11))
        for (row, column), number in np.ndenumerate(flat):
            cell = QRectF(box.left() + column * across, box.top() + row * down, across, down)
            painter.setPen(style.colour(theme.text))
            painter.drawText(cell, MIDDLE, f"{number:.3f}".replace("-", "−"))

    def _image(self, name: str, value: Floats, theme: Theme) -> QImage:
        """Data in grey or in their colours, noise by its sign."""
        reach = self.read.reach
        if name in ("noise", "without", "steer") or value.size <= _MOST_NUMBERS:
            return heat(_flat(value), theme, signed=True, scale=3.0)
        if value.ndim == 3 and value.shape[0] == 3:
            return sample_image(value, -reach, reach)
        return grey_image(_flat(value), -reach, reach)

    def sums(self) -> tuple[str, ...]:
        """The sums of the step, for every value alike."""
        signal, noise, then, kept, fresh = (float(one) for one in self.read.factors[self.step])
        guided = f"ε = without + {told(self.read.guidance)}·(with − without)" if self.read.is_guided else ""
        guess = f"x̂ = (x − {told(noise)}·ε) / {told(signal)}"
        if self._is_cut():
            guess += f", cut to ±{told(float(np.abs(self._value('data')).max()))}; ε = what it leaves of x"
        after = f"x′ = {told(then)}·x̂ + {told(kept)}·ε" + (f" + {told(fresh)}·fresh noise" if fresh else "")
        return tuple(line for line in (guided, guess, after, self._as_before()) if line)

    def _is_cut(self) -> bool:
        return not np.allclose(self._value("direction"), self._value("noise"), atol=1e-3)

    def _as_before(self) -> str:
        """The same as the value before the step minus weakened noise, where nothing is cut."""
        signal, noise, then, kept, fresh = (float(one) for one in self.read.factors[self.step])
        if self._is_cut() or fresh:
            return ""
        return f"x′ = {told(then / signal)}·x − {factor(then * noise / signal - kept)}·ε"

    def words(self, place: QPointF, area: QRectF) -> str:
        """The value under the mouse, in all pictures of the step."""
        found = next((box for *_, box in self.boxes(area) if box.contains(place)), None)
        if found is None:
            return ""
        rows, columns = _flat(self._value("noisy")).shape
        row = min(rows - 1, int((place.y() - found.top()) / found.height() * rows))
        column = min(columns - 1, int((place.x() - found.left()) / found.width() * columns))
        names = (("x", "noisy"), ("ε", "noise"), ("x̂", "data"), ("x′", "next"))
        said = (f"{sign} {told(float(_flat(self._value(name))[row, column]))}" for sign, name in names)
        return f"{row}, {column} · " + " · ".join(said)


def _flat(value: Floats) -> Floats:
    """Channels side by side, (H, C·W)."""
    if value.ndim == 2:
        return value
    wide = value.reshape(-1, *value.shape[-2:])
    return np.ascontiguousarray(wide.swapaxes(0, 1)).reshape(wide.shape[1], -1)
