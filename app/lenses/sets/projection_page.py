"""A page of samples as points: coloured by what they are, with the neighbours of the one pointed at."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.lenses.painter import Arrays
from app.lenses.samples import CATEGORIES
from app.lenses.sets.naming import GREY, Names
from app.lenses.sets.paged import LEFT, LINE, MIDDLE, Page, elided, paint_head
from app.lenses.sets.sample_pictures import SamplePictures, draw_image
from app.style import theme
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import grouped, number, percent
from nodes.reading.dataset import DataInfo

_NEAR = 16.0
_PICTURES, _LINES = 62.0, 7 * LINE
"""Room below the points for the sample that is pointed at and its neighbours, in pixels."""


class ProjectionPage(Page):
    """`state` is what a view keeps from frame to frame; `by_variance`: places are along components."""

    title = "Projection"

    def __init__(
        self, arrays: Arrays, info: DataInfo | None, state: dict[str, Any], *, by_variance: bool
    ) -> None:
        self._state, self._by_variance = state, by_variance
        self._places = self._alike(np.asarray(arrays["places"], np.float64))
        self._shares = np.asarray(arrays["shares"], np.float64)
        self._near = np.asarray(arrays["neighbours"], np.int64)
        self._distances = np.asarray(arrays["distances"], np.float64)
        self.samples = SamplePictures(arrays, info)
        self._label = arrays.get("label")
        self._names = Names(int(arrays["classes"]) if "classes" in arrays else 0, info)
        self.colours, self.legend = self._coloured()
        self.head = self._head(arrays)

    def _alike(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mirrored to lie as in the frame before: the sign of a component is chance."""
        before = self._state.get("places")
        if before is not None and before.shape == places.shape:
            places = places * np.where((before * places).sum(0) < 0, -1.0, 1.0)
        self._state["places"] = places
        return places

    def _head(self, arrays: Arrays) -> str:
        parts = []
        if "fallback" in arrays:
            parts.append("components: t-SNE needs layerloom[projection]")
        if "agreement" in arrays:
            parts.append(f"{percent(float(arrays['agreement']))} of neighbours of the same class")
        if int(arrays["lost"]):
            parts.append(f"{int(arrays['lost']):,} numbers are not finite and count as 0")
        parts.append(f"of {int(arrays['numbers']):,} numbers")
        return " · ".join(parts)

    def _coloured(self) -> tuple[list[str], list[tuple[str, str]]]:
        """A colour for each sample, and what the colours mean; beyond ten classes the rare ones are grey."""
        if self._label is None:
            return [POSITIVE] * len(self._places), []
        if not self._names.count:
            values = np.asarray(self._label, np.float64)
            low, high = float(np.nanmin(values)), float(np.nanmax(values))
            shares = np.nan_to_num((values - low) / ((high - low) or 1.0))
            colours = [_between(float(share)) for share in shares]
            return colours, [(NEGATIVE, number(low)), (POSITIVE, number(high))]
        classes, counts = np.unique(self._label, return_counts=True)
        kept = sorted(classes[np.argsort(-counts, kind="stable")][: len(CATEGORIES)].tolist())
        direct = max(kept, default=0) < len(CATEGORIES)
        by_class = {one: CATEGORIES[one if direct else at] for at, one in enumerate(kept)}
        legend = [(by_class[one], self._names(one)) for one in kept]
        if len(classes) > len(kept):
            legend.append((GREY, f"{len(classes) - len(kept):,} other classes"))
        return [by_class.get(int(one), GREY) for one in self._label], legend

    # Where things stand ----------------------------------------------------------------------------

    @property
    def _below(self) -> float:
        return _PICTURES if self.samples.are_pictures else _LINES

    def height(self, width: float) -> float:
        return LINE * 2 + min(width, 250.0) + self._below + LINE

    def plot(self, area: QRectF) -> QRectF:
        """The room of the points."""
        top = area.top() + LINE * (2 if self.legend else 1) + 2
        high = area.bottom() - self._below - LINE - top
        return QRectF(area.left() + 16, top, area.width() - 24, max(40.0, high))

    def placed(self, plot: QRectF) -> NDArray[np.float64]:
        """The points on the screen (n, 2); both axes have one scale."""
        low, high = self._places.min(0), self._places.max(0)
        span = np.maximum(high - low, 1e-12)
        scale = min((plot.width() - 12) / span[0], (plot.height() - 12) / span[1])
        middle = (low + high) / 2
        x = plot.center().x() + (self._places[:, 0] - middle[0]) * scale
        y = plot.center().y() - (self._places[:, 1] - middle[1]) * scale
        return np.column_stack([x, y])

    def _pointed(self, place: QPointF, plot: QRectF) -> int | None:
        points = self.placed(plot)
        far = np.hypot(points[:, 0] - place.x(), points[:, 1] - place.y())
        at = int(far.argmin())
        return at if far[at] <= _NEAR else None

    # Painting --------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        line = paint_head(painter, area, self.head, tokens)
        self._paint_legend(painter, line.translated(0, LINE), tokens)
        plot = self.plot(area)
        painter.setPen(QPen(theme.colour(tokens.hairline), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        painter.drawLine(plot.topLeft(), plot.bottomLeft())
        self._paint_axes(painter, plot, tokens)
        points = self.placed(plot)
        mouse = cast(QPointF, self._state.get("mouse", QPointF(-99, -99))) + area.topLeft()
        chosen = self._pointed(mouse, plot)
        around = [] if chosen is None else self._near[chosen].tolist()
        painter.setPen(Qt.PenStyle.NoPen)
        for at, (x, y) in enumerate(points.tolist()):
            painter.setBrush(theme.colour(self.colours[at], 0.85 if chosen is None or at in around else 0.35))
            painter.drawEllipse(QPointF(x, y), 3.0, 3.0)
        foot = QRectF(area.left(), plot.bottom() + LINE, area.width(), self._below)
        if chosen is None:
            painter.setFont(theme.sans(11))
            painter.setPen(theme.colour(tokens.faint))
            words = "point at a sample to see its neighbours"
            painter.drawText(QRectF(foot.left(), foot.top(), foot.width(), LINE), LEFT, words)
            return
        self._mark(painter, points, chosen, tokens)
        self._paint_foot(painter, foot, [chosen, *around], tokens)

    def _paint_legend(self, painter: QPainter, line: QRectF, tokens: Theme) -> None:
        painter.setFont(theme.sans(10))
        x = line.left()
        for at, (colour, words) in enumerate(self.legend):
            wide = painter.fontMetrics().horizontalAdvance(words) + 20
            more = at < len(self.legend) - 1
            if x + wide > line.right() - (12 if more else 0):
                painter.setPen(theme.colour(tokens.faint))
                painter.drawText(QRectF(x, line.top(), 14, LINE), LEFT, "…")
                return
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(colour))
            painter.drawEllipse(QPointF(x + 4, line.center().y()), 3.5, 3.5)
            painter.setPen(theme.colour(tokens.muted))
            painter.drawText(QRectF(x + 11, line.top(), wide, LINE), LEFT, words)
            x += wide

    def _paint_axes(self, painter: QPainter, plot: QRectF, tokens: Theme) -> None:
        names = ("", "")
        if self._by_variance:
            first, second = (percent(float(share)) for share in self._shares[:2])
            names = (f"component 1 · {first} of the variance", f"component 2 · {second}")
        painter.setFont(theme.sans(10))
        painter.setPen(theme.colour(tokens.faint))
        across = QRectF(plot.left(), plot.bottom() + 1, plot.width(), 14)
        painter.drawText(across, MIDDLE, elided(painter, names[0], plot.width()))
        painter.save()
        painter.translate(plot.left() - 9, plot.bottom())
        painter.rotate(-90)
        painter.drawText(QRectF(0, -7, plot.height(), 14), MIDDLE, elided(painter, names[1], plot.height()))
        painter.restore()

    def _mark(self, painter: QPainter, points: NDArray[np.float64], chosen: int, tokens: Theme) -> None:
        """The sample that is pointed at, and lines to its neighbours."""
        here = QPointF(*points[chosen].tolist())
        painter.setPen(QPen(theme.colour(tokens.text, 0.6), 1))
        for at in self._near[chosen].tolist():
            painter.drawLine(here, QPointF(*points[at].tolist()))
        painter.setPen(QPen(theme.colour(tokens.text), 1.5))
        painter.setBrush(theme.colour(self.colours[chosen]))
        painter.drawEllipse(here, 5.0, 5.0)

    def _paint_foot(self, painter: QPainter, foot: QRectF, shown: list[int], tokens: Theme) -> None:
        """The sample and its neighbours: pictures beside each other, texts and rows below each other."""
        distances = [0.0, *self._distances[shown[0]].tolist()]
        if not self.samples.are_pictures:
            for line, at in enumerate(shown):
                row = QRectF(foot.left(), foot.top() + line * LINE, foot.width(), LINE)
                painter.fillRect(QRectF(row.left(), row.top() + 5, 8, 8), theme.colour(self.colours[at]))
                self.samples.paint(painter, row.adjusted(14, 1, 0, -1), at, tokens)
            return
        side = min(foot.height() - LINE, (foot.width() - 40.0) / len(shown))
        for column, at in enumerate(shown):
            x = foot.left() + column * (side + 6) + (10 if column else 0)
            image = self.samples.image(at)
            if image is not None:
                draw_image(painter, QRectF(x, foot.top(), side, side), image)
            painter.fillRect(QRectF(x, foot.top() + side + 1, side, 2), theme.colour(self.colours[at]))
            painter.setFont(theme.mono(9))
            painter.setPen(theme.colour(tokens.muted))
            words = number(distances[column]) if column else "this"
            painter.drawText(QRectF(x, foot.top() + side + 3, side, 13), LEFT, words)

    def text_at(self, place: QPointF, area: QRectF) -> str:
        at = self._pointed(place, self.plot(area))
        if at is None:
            return ""
        parts = [f"sample {grouped(at)}"]
        if self._label is not None:
            known = self._names.count
            parts.append(self._names(int(self._label[at])) if known else number(float(self._label[at])))
        if self._names.count and self._label is not None:
            near = [self._names(int(self._label[one])) for one in self._near[at]]
            parts.append(f"neighbours {', '.join(near)}")
        words = self.samples.words(at)
        return " · ".join([*parts, words] if words else parts)


def _between(share: float) -> str:
    """A colour between those of signed data: the least is orange, the greatest blue."""
    first, last = QColor(NEGATIVE), QColor(POSITIVE)
    mixed = (
        round(a + (b - a) * share)
        for a, b in zip(first.getRgb()[:3], last.getRgb()[:3], strict=True)  # type: ignore[index]
    )
    return QColor(*mixed).name()
