"""The view of a distribution: temperature, top-k and top-p, a table with bars, and the sums of one row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.forms.form import ParamForm
from app.lenses.distribution.shares import Controls, ShareTable, share_table
from app.style import theme as style
from app.style.theme import POSITIVE, Theme
from app.widgets.text import caption, mono_label
from engine.lens.cell.wording import told
from nodes.param import Float, Int, Param
from nodes.reading.dataset import DataInfo

ROWS, ROW = 12, 19
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_HEADS = ("", "z", "z / T", "softmax", "drawn")


def _params() -> dict[str, Param[Any]]:
    """What can be set in the view: it is not asked of the network."""
    made: dict[str, Param[Any]] = {
        "temperature": Float(
            1.0, min=0.2, max=10.0, log=True, help="Scores are divided by it: low is bold, high is even."
        ),
        "top_k": Int(0, min=0, max=50, label="Top-k", zero="all", help="Only so many of the best; 0: all."),
        "top_p": Float(
            1.0, min=0.1, max=1.0, label="Top-p", help="Only the best ones that together reach this share."
        ),
    }
    for name, param in made.items():
        param.__set_name__(object, name)
    return made


class ShareRows(QWidget):
    """The likeliest rows; `row_chosen` tells a click or an arrow key."""

    pointed = Signal(str)
    row_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.table: ShareTable | None = None
        self.chosen = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Table of the likeliest. Arrow keys choose a row.")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        style.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(268, self.height())

    @property
    def count(self) -> int:
        return 0 if self.table is None else min(ROWS, len(self.table.names))

    def show_table(self, table: ShareTable, chosen: int) -> None:
        self.table, self.chosen = table, chosen
        self.setFixedHeight((self.count + 1) * ROW + 2)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.table is None:
            return
        painter = QPainter(self)
        draw_rows(painter, QRectF(self.rect()), self.table, self.count, self.chosen, style.current())
        painter.end()

    def row_at(self, point: QPointF) -> int:
        row = int(point.y() // ROW) - 1
        return row if 0 <= row < self.count else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position())
        words = ""
        if self.table is not None and row >= 0:
            share, drawn = float(self.table.softmax[row]), float(self.table.final[row])
            words = f"{self.table.names[row]} · softmax {told(share)} · drawn {told(drawn)}"
        self.pointed.emit(words)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit("")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if (row := self.row_at(event.position())) >= 0:
            self.row_chosen.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        elif 0 <= self.chosen + step < self.count:
            self.row_chosen.emit(self.chosen + step)


class DistributionView(QWidget):
    """Controls above, the table, and below it the sums of the row that is chosen."""

    pointed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.controls = Controls()
        self.row = 0
        self.table: ShareTable | None = None
        self._arrays: Mapping[str, Any] = {}
        self._info: DataInfo | None = None
        self._params = _params()
        self.form = ParamForm(self._params, lambda _kind: [])
        self.form.edited.connect(self._edited)
        self.form.reset.connect(lambda name: self._edited(name, self._params[name].default, ""))
        self.rows = ShareRows()
        self.formula = mono_label("")
        self.formula.setWordWrap(True)
        self.formula.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.counts = caption("")
        self.counts.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part in (self.form, self.rows, self.counts, self.formula):
            column.addWidget(part)
        column.addStretch(1)
        self.rows.pointed.connect(self.pointed)
        self.rows.row_chosen.connect(self._choose)
        self._show_controls()

    def show_scores(self, arrays: Mapping[str, Any], info: DataInfo | None) -> bool:
        """Show these scores with the present controls; whether there are scores of classes."""
        self._arrays, self._info = arrays, info
        return self._renew()

    def _renew(self) -> bool:
        table = share_table(self._arrays, self.controls, self._info)
        if table is None:
            return False
        self.table = table
        self.row = min(self.row, len(table.names) - 1)
        self.rows.show_table(table, self.row)
        self.counts.setText(table.counts(ROWS))
        self.formula.setText(table.formula(self.row))
        self.rows.setAccessibleDescription(f"{table.counts(ROWS)}. {table.formula(self.row)}")
        return True

    def _choose(self, row: int) -> None:
        self.row = row
        self._renew()

    def _edited(self, name: str, value: Any, _merge: str) -> None:
        held = {**vars(self.controls), name: self._params[name].check(value)}
        self.controls = Controls(**held)
        self._show_controls()
        self._renew()

    def _show_controls(self) -> None:
        defaults = {name: param.default for name, param in self._params.items()}
        self.form.show_values(dict(vars(self.controls)), defaults)


def draw_rows(
    painter: QPainter, area: QRectF, table: ShareTable, count: int, chosen: int, theme: Theme
) -> None:
    """A head and the likeliest rows: name, logit, scaled, softmax and a bar with what is drawn from."""
    edges = _edges(area)
    painter.setFont(style.sans(10))
    painter.setPen(style.colour(theme.muted))
    for name, (left, right) in zip(_HEADS, edges, strict=True):
        painter.drawText(QRectF(left, area.top(), right - left, ROW), _RIGHT if name else _LEFT, name)
    largest = float(table.softmax.max()) or 1.0
    for row in range(count):
        line = QRectF(area.left(), area.top() + (row + 1) * ROW, area.width(), ROW)
        if row == chosen:
            painter.fillRect(line, style.colour(theme.accent, 0.14))
        is_out = not table.final[row]
        painter.setFont(style.sans(12))
        tone = theme.good if row == table.target else theme.faint if is_out else theme.text
        painter.setPen(style.colour(tone))
        left, right = edges[0]
        name = f"{table.names[row]} ✓" if row == table.target else table.names[row]
        name = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(right - left))
        painter.drawText(QRectF(left, line.top(), right - left, ROW), _LEFT, name)
        painter.setFont(style.mono(10))
        painter.setPen(style.colour(theme.faint if is_out else theme.muted))
        written = (f"{table.logits[row]:.2f}", f"{table.scaled[row]:.2f}", _share(float(table.softmax[row])))
        for words, (left, right) in zip(written, edges[1:4], strict=True):
            painter.drawText(QRectF(left, line.top(), right - left, ROW), _RIGHT, words.replace("-", "−"))
        _draw_bar(painter, line, edges[4], table, row, largest, theme)


def _draw_bar(
    painter: QPainter,
    line: QRectF,
    edge: tuple[float, float],
    table: ShareTable,
    row: int,
    largest: float,
    theme: Theme,
) -> None:
    """The share after top-p, with the softmax behind it."""
    left, right = edge
    words = _share(float(table.final[row]))
    told_width = 36.0
    room = max(4.0, right - left - told_width)
    largest = max(largest, float(table.final.max()))
    behind = room * float(table.softmax[row]) / largest
    painter.fillRect(QRectF(left, line.top() + 5, behind, ROW - 10), style.colour(theme.hairline))
    full = room * float(table.final[row]) / largest
    painter.fillRect(QRectF(left, line.top() + 5, full, ROW - 10), QColor(POSITIVE))
    painter.setPen(style.colour(theme.text if table.final[row] else theme.faint))
    painter.drawText(QRectF(right - told_width, line.top(), told_width, ROW), _RIGHT, words)


def _share(value: float) -> str:
    return "0" if not value else f"{value:.3f}" if value >= 0.0005 else "<.001"


def _edges(area: QRectF) -> list[tuple[float, float]]:
    width = area.width()
    numbers = (36.0, 36.0, 42.0) if width < 420 else (60.0, 60.0, 60.0)
    name = min(180.0, max(48.0, width * 0.19))
    left = area.left()
    edges = [(left, left + name)]
    left += name
    for number in numbers:
        edges.append((left, left + number))
        left += number
    edges.append((left + 8, area.right() - 1))
    return edges
