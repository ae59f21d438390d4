"""Two runs beside each other: their curves in one chart, and a list of what was done differently.

Shows a comparison that it is given; it reads nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from app.runs.compare_words import ComparedValue, Part, as_text, parts
from app.runs.overlay_chart import OverlayChart, ShownRun
from app.runs.run_columns import name_of
from app.style import theme
from app.widgets.buttons import IconButton, LinkButton
from app.widgets.lines import hairline
from app.widgets.text import ElidedLabel, Label
from engine.document.project import Project
from engine.runs.archive import Comparison

_ROW = 20
_VALUES = 0.27
"""Share of the width that each of the two columns of values takes."""


class Differences(QWidget):
    """The list, painted whole: names at the left, both values in columns, the better one in green."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: Sequence[Part] = ()
        self.names = ("", "")
        self.colours = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_parts(self, found: Sequence[Part], names: tuple[str, str], colours: tuple[str, str]) -> None:
        self.parts, self.names, self.colours = found, names, colours
        self.setFixedHeight(8 + 24 + sum(_ROW * len(part.rows) + 30 for part in found))
        self.update()

    def lines(self) -> list[str]:
        """What is shown, one line per row."""
        return [" ".join(filter(None, row[:3])) for part in self.parts for row in part.rows]

    def row_at(self, y: float) -> ComparedValue | None:
        """The row at this height."""
        top = 28.0
        for part in self.parts:
            at = int((y - top - 27) // _ROW)
            if 0 <= at < len(part.rows):
                return part.rows[at]
            top += _ROW * len(part.rows) + 30
        return None

    def event(self, event: QEvent) -> bool:
        """What is cut off can be read in full."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self.row_at(event.pos().y())
            text = "" if row is None else "\n".join(filter(None, row[:3]))
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y = self._paint_heads(painter, 4.0)
        for part in self.parts:
            y = self._paint_part(painter, part, y)
        painter.end()

    def _columns(self, y: float) -> tuple[QRectF, QRectF, QRectF]:
        width, values = float(self.width()), self.width() * _VALUES
        names = QRectF(0, y, width - 2 * values - 16, _ROW)
        return names, QRectF(names.right() + 8, y, values, _ROW), QRectF(width - values, y, values, _ROW)

    def _paint_heads(self, painter: QPainter, y: float) -> float:
        _, *columns = self._columns(y)
        for area, name, colour in zip(columns, self.names, self.colours, strict=True):
            painter.setFont(theme.sans(12))
            text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(area.width()) - 20)
            wide = painter.fontMetrics().horizontalAdvance(text)
            painter.setPen(theme.colour(theme.current().text))
            painter.drawText(area, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(colour or theme.current().muted))
            painter.drawRoundedRect(
                QRectF(area.right() - wide - 17, area.center().y() - 1.5, 11, 3), 1.5, 1.5
            )
        return y + 24

    def _paint_part(self, painter: QPainter, part: Part, y: float) -> float:
        tokens = theme.current()
        painter.setPen(theme.colour(tokens.hairline))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawLine(QPointF(0, round(y + 4)), QPointF(self.width(), round(y + 4)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        font = theme.sans(11)
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme.colour(tokens.muted))
        painter.drawText(QRectF(0, y + 7, self.width(), 18), int(Qt.AlignmentFlag.AlignVCenter), part.title)
        y += 27
        for row in part.rows:
            self._paint_row(painter, row, y)
            y += _ROW
        return y + 3

    def _paint_row(self, painter: QPainter, row: ComparedValue, y: float) -> None:
        tokens = theme.current()
        names, *columns = self._columns(y)
        area = QRectF(0, y, self.width(), _ROW) if row.whole else names
        painter.setFont(theme.sans(12))
        painter.setPen(theme.colour(tokens.text if row.whole else tokens.muted))
        elided = painter.fontMetrics().elidedText
        painter.drawText(
            area,
            int(Qt.AlignmentFlag.AlignVCenter),
            elided(row.name, Qt.TextElideMode.ElideMiddle, int(area.width())),
        )
        if row.whole:
            return
        painter.setFont(theme.mono(11))
        for at, (column, text) in enumerate(zip(columns, (row.first, row.second), strict=True)):
            painter.setPen(theme.colour(tokens.good if row.better == at else tokens.text))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(column.width()))
            painter.drawText(column, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), shown)


class ComparePage(QWidget):
    """The page; `left` is emitted where somebody wants the list of runs back."""

    left = Signal()
    copied = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.back = LinkButton("Runs", "arrow-left")
        self.back.clicked.connect(self.left)
        self.heading = ElidedLabel("", "heading")
        self.copy = IconButton("content-copy", "Copy the comparison as text")
        self.copy.clicked.connect(self._copy)
        self.chart = OverlayChart()
        self.differences = Differences()
        self.message = Label("")
        self.message.setWordWrap(True)
        self.message.setProperty("role", "body")
        self.found: Comparison | None = None
        self.head = QHBoxLayout()
        self._project = Project()
        self._area = QScrollArea()
        self._line = hairline(Qt.Orientation.Vertical)
        self._grid = QGridLayout(self)
        self._lay_out()

    def _lay_out(self) -> None:
        self.head.setSpacing(12)
        for widget, stretch in ((self.back, 0), (self.heading, 1), (self.copy, 0)):
            self.head.addWidget(widget, stretch)
        inner = QWidget()
        inner.setProperty("role", "scrolled")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 10, 0)
        column.addWidget(self.message)
        column.addWidget(self.differences)
        column.addStretch(1)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inner)
        self._grid.setContentsMargins(16, 6, 16, 8)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._grid.addLayout(self.head, 0, 0, 1, 3)
        self._grid.addWidget(self.chart, 1, 0)
        self._grid.addWidget(self._line, 1, 1)
        self._grid.addWidget(self._area, 1, 2)
        self._grid.setColumnStretch(0, 5)
        self._grid.setColumnStretch(2, 6)
        self._grid.setRowStretch(1, 1)

    def show_comparison(self, found: Comparison | str, project: Project, colours: dict[Path, str]) -> None:
        """The comparison, or the sentence that says why there is none."""
        self._project = project
        self.found = found if isinstance(found, Comparison) else None
        self.copy.setEnabled(self.found is not None)
        self.message.setText(found if isinstance(found, str) else "")
        self.message.setVisible(isinstance(found, str))
        self.differences.setVisible(self.found is not None)
        if self.found is None:
            return
        names = (name_of(self.found.first), name_of(self.found.second))
        self.heading.setText(f"{names[0]} against {names[1]}")
        tints = tuple(colours.get(record.folder, "") for record in (self.found.first, self.found.second))
        self.differences.show_parts(parts(self.found, project), names, (tints[0], tints[1]))

    def show_curves(self, runs: dict[Path, ShownRun]) -> None:
        self.chart.show_runs(runs, self._project)

    def text(self) -> str:
        return as_text(self.found, self._project) if self.found is not None else ""

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
        self.copied.emit("Copied the comparison")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow page shows the list of differences alone."""
        super().resizeEvent(event)
        narrow = self.width() < 520
        self.chart.setVisible(not narrow)
        self._line.setVisible(not narrow)
