"""Paints a prediction: bars for classes, a curve for a series, text for characters, pictures, values."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.prediction import (
    ClassBars,
    Floats,
    Forecast,
    NextText,
    Pictured,
    Prediction,
    TokenTexts,
    ValueRows,
    prediction,
)
from app.lenses.room import Room
from app.lenses.sampled import image_pixels
from app.style import theme
from app.style.theme import Theme
from app.widgets.numbers import current, number

_ROW = 20
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_ROOM = Room(1, 1, 180.0, 104.0)


class PredictionPicture(QWidget):
    """Paints one reading."""

    pointed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.prediction: Prediction | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(230, 130)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 120)

    def texts(self) -> list[str]:
        """What is written, line by line."""
        match self.prediction:
            case ClassBars(rows) | NextText(_, rows):
                return [f"{name} {_in_percent(share)}" for name, share in rows]
            case ValueRows(rows):
                return [f"{name} {current(value)}" for name, value, _ in rows]
            case TokenTexts(rows, right, count):
                return [f"{right} of {count} right", *(f"{said} (true: {true})" for said, true in rows)]
            case Forecast(_, _, output):
                return [current(float(value)) for value in output]
            case _:
                return []

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        _paint(painter, QRectF(self.rect()), self.prediction)
        painter.end()


class PredictionPainter(Painter[PredictionPicture]):
    """The same picture in the node, in the inspector and in the training panel."""

    kind = "prediction"
    empty = "Press Play to see what the network says of a sample."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        read = prediction(dict(arrays), context.info, of_data=context.of_data, taught=context.taught)
        if read is None:
            return None
        return picture(room, theme, lambda painter, area, _theme: _paint(painter, area, read))

    def view(self) -> PredictionPicture:
        return PredictionPicture()

    def show(self, view: PredictionPicture, arrays: Arrays, context: Context) -> bool:
        read = prediction(dict(arrays), context.info, of_data=context.of_data, taught=context.taught)
        view.prediction = read
        view.update()
        return read is not None

    def title(self, title: str, context: Context) -> str:
        return title if context.of_data else "Output"

    def note(self, view: PredictionPicture, moment: str, context: Context) -> str:
        if not context.of_data:
            return "made of noise alone"
        truth = view.prediction.truth if isinstance(view.prediction, ClassBars | NextText) else ""
        more, true = _left_out(view.prediction), f"true: {truth}" if truth else ""
        return " · ".join(part for part in (more, moment, true) if part)


def _left_out(shown: Prediction | None) -> str:
    """How many are shown of how many; empty where nothing is left out."""
    match shown:
        case ClassBars(rows, _, total) if total:
            return f"{len(rows):,} of {total:,} classes"
        case NextText(_, rows, _, total) if total:
            return f"{len(rows):,} of {total:,} symbols"
        case ValueRows(rows, total) if total:
            return f"{len(rows):,} of {total:,} values"
        case TokenTexts(rows, _, _, total) if total:
            return f"first {len(rows):,} of {total:,} tokens"
        case _:
            return ""


def _paint(painter: QPainter, area: QRectF, shown: Prediction | None) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    match shown:
        case ClassBars(rows, truth):
            _paint_bars(painter, area, rows, truth, 2.0)
        case NextText(context, rows, truth):
            _paint_context(painter, area, context)
            _paint_bars(painter, area, rows, truth, 42.0)
        case ValueRows(rows):
            _paint_values(painter, area, rows)
        case Forecast(past, target, output):
            _paint_curve(painter, area, past, target, output)
        case Pictured(made, given, truth):
            _paint_pictures(painter, area, made, given, truth)
        case TokenTexts(rows, right, count):
            _paint_texts(painter, area, rows, right, count)
        case _:
            pass


def _paint_pictures(
    painter: QPainter, area: QRectF, made: Floats, given: Floats | None, truth: Floats | None
) -> None:
    """What went in, what is true and what came out beside each other, as large as there is room for all."""
    every = (("data", given), ("true", truth), ("output", made))
    shown = [(words, one) for words, one in every if one is not None]
    side = min((area.width() - 12.0 * (len(shown) - 1)) / len(shown), area.height() - 22.0, 160.0)
    if side < 8:
        return
    painter.setFont(theme.sans(11))
    for index, (words, values) in enumerate(shown):
        pixels = np.ascontiguousarray(image_pixels(values[None])[0])
        height, width = pixels.shape[:2]
        image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGB32)
        box = QRectF(index * (side + 12.0), 4.0, side, side)
        scale = side / max(width, height)
        place = QRectF(box.left(), box.top(), width * scale, height * scale)
        painter.drawImage(place, image)
        painter.setPen(theme.colour(theme.current().muted))
        painter.drawText(QRectF(box.left(), place.bottom() + 2, side, 16), _LEFT, words)


def _paint_bars(
    painter: QPainter, area: QRectF, rows: tuple[tuple[str, float], ...], truth: str, top: float
) -> None:
    """A row per class: name, bar, percent. The true class is named in the text's colour."""
    tokens = theme.current()
    painter.setFont(theme.sans(12))
    metrics = painter.fontMetrics()
    names = max((metrics.horizontalAdvance(name) for name, _ in rows), default=0)
    names = min(max(names, 56), int(area.width()) // 2 - 20)
    start, room = names + 14.0, max(10.0, area.width() - names - 14.0 - 46.0)
    for index, (name, share) in enumerate(rows):
        y = top + index * _ROW
        if y + _ROW > area.height() + 2:
            break
        painter.setFont(theme.sans(12))
        painter.setPen(theme.colour(tokens.text if name == truth else tokens.muted))
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, names)
        painter.drawText(QRectF(0, y, names, _ROW), _LEFT, shown)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(tokens.accent))
        width = max(2.0, share * room)
        painter.drawRoundedRect(QRectF(start, y + 6, width, 8), min(2.0, width / 2), 2)
        painter.setFont(theme.mono(11))
        painter.setPen(theme.colour(tokens.muted))
        painter.drawText(QRectF(start + room, y, 46, _ROW), _RIGHT, _in_percent(share))


def _paint_context(painter: QPainter, area: QRectF, context: str) -> None:
    """The end of the text that went in, and the caret where the next symbol goes."""
    tokens = theme.current()
    box = QRectF(0, 2, area.width(), 30)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(tokens.raised))
    painter.drawRoundedRect(box, 5, 5)
    painter.setFont(theme.mono(11))
    painter.setPen(theme.colour(tokens.text))
    line = " ".join(context.splitlines()) + "▏"
    shown = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideLeft, int(box.width()) - 16)
    painter.drawText(box.adjusted(8, 0, -8, 0), _LEFT, shown)


def _paint_values(painter: QPainter, area: QRectF, rows: tuple[tuple[str, float, float | None], ...]) -> None:
    """Predicted and true values in two columns of numbers."""
    tokens, column = theme.current(), 66.0
    known = any(true is not None for _, _, true in rows)
    lines = [("", "predicted", "true") if known else ("", "", "value")]
    if not known:
        rows = tuple((name, float("nan"), value) for name, value, _ in rows)
    lines += [
        (name, current(value) if known else "", "" if t is None else current(t)) for name, value, t in rows
    ]
    for index, (name, predicted, true) in enumerate(lines):
        y = 2.0 + index * _ROW
        painter.setFont(theme.sans(12))
        painter.setPen(theme.colour(tokens.muted))
        room = area.width() - (2 if known else 1) * column
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(room) - 6)
        painter.drawText(QRectF(0, y, room, _ROW), _LEFT, shown)
        painter.setFont(theme.mono(11) if index else theme.sans(11))
        painter.setPen(theme.colour(tokens.text if index else tokens.faint))
        painter.drawText(QRectF(area.width() - 2 * column, y, column, _ROW), _RIGHT, predicted)
        painter.setPen(theme.colour(tokens.muted if index else tokens.faint))
        painter.drawText(QRectF(area.width() - column, y, column, _ROW), _RIGHT, true)


def _paint_texts(
    painter: QPainter, area: QRectF, rows: tuple[tuple[str, str], ...], right: int, count: int
) -> None:
    """The true tokens and the predicted ones, the wrong ones in red; as many as there is room for."""
    tokens, half = theme.current(), area.height() / 2
    heads = (("true", f"{count} tokens"), ("predicted", f"{right} of {count} right"))
    for index, (head, note) in enumerate(heads):
        top = index * half
        painter.setFont(theme.sans(11))
        painter.setPen(theme.colour(tokens.muted))
        painter.drawText(QRectF(0, top, area.width(), 16), _LEFT, head)
        painter.drawText(QRectF(0, top, area.width(), 16), _RIGHT, note)
        painter.setFont(theme.mono(11))
        room = painter.fontMetrics()
        x, y = 0.0, top + 18
        for said, true in rows:
            word = painter.fontMetrics().elidedText(
                said if index else true, Qt.TextElideMode.ElideRight, round(area.width())
            )
            wide = room.horizontalAdvance(word)
            if x > 0 and x + wide > area.width():
                x, y = 0.0, y + 16
            if y + 16 > top + half:
                break
            painter.setPen(theme.colour(tokens.bad if index and said != true else tokens.text))
            painter.drawText(QRectF(x, y, wide + 2, 16), _LEFT, word)
            x += wide + room.horizontalAdvance(" ")


def _paint_curve(painter: QPainter, area: QRectF, past: Floats, target: Floats, output: Floats) -> None:
    """What went in, muted; what follows, true and predicted."""
    tokens = theme.current()
    plot = QRectF(0, 6, area.width(), max(20, area.height() - 30))
    everything = np.concatenate([past, target, output])
    everything = everything[np.isfinite(everything)]
    low, high = (float(everything.min()), float(everything.max())) if everything.size else (0.0, 1.0)
    steps = max(1, len(past) + max(len(target), len(output)) - 1)

    def placed(values: Floats, start: int) -> QPolygonF:
        span = (high - low) or 1.0
        xs = plot.left() + 36 + (start + np.arange(len(values))) / steps * (plot.width() - 40)
        ys = plot.bottom() - (np.nan_to_num(values) - low) / span * plot.height()
        return QPolygonF([QPointF(float(x), float(y)) for x, y in zip(xs, ys, strict=True)])

    joint = past[-1:]
    for values, colour, width in ((target, tokens.good, 2.0), (output, tokens.accent, 2.5)):
        painter.setPen(QPen(theme.colour(colour), width))
        line = placed(np.concatenate([joint, values]), len(past) - len(joint))
        painter.drawPolyline(line)
        if line.size():
            painter.setBrush(theme.colour(colour))
            painter.drawEllipse(line.last(), 2.5, 2.5)
    painter.setPen(QPen(theme.colour(tokens.muted), 1.5))
    painter.drawPolyline(placed(past, 0))
    painter.setFont(theme.mono(10))
    painter.setPen(theme.colour(tokens.faint))
    for value, y in ((high, plot.top()), (low, plot.bottom())):
        painter.drawText(QRectF(0, y - 7, area.width(), 14), _LEFT, number(value))
    _paint_key(painter, area, ((tokens.accent, "predicted"), (tokens.good, "true")))


def _paint_key(painter: QPainter, area: QRectF, entries: tuple[tuple[str, str], ...]) -> None:
    painter.setFont(theme.sans(11))
    x = 0.0
    for colour, name in entries:
        painter.fillRect(QRectF(x, area.height() - 10, 10, 3), theme.colour(colour))
        painter.setPen(theme.colour(theme.current().muted))
        painter.drawText(QRectF(x + 15, area.height() - 18, 80, 18), _LEFT, name)
        x += 15 + painter.fontMetrics().horizontalAdvance(name) + 14


def _in_percent(share: float) -> str:
    """Without the sign, which a column of them would repeat."""
    return f"{share * 100:.1f}"
