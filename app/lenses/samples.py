"""Samples of a data set as a person would look at them: pictures, a cloud of points, curves, rows or text.

Takes the preview of a data set.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.lenses.colour_maps import sample_image
from app.lenses.tile_grid import TileGrid
from app.style import theme
from app.style.theme import NEGATIVE, POSITIVE
from app.widgets.text import Label
from nodes.reading.preview import SetPreview
from nodes.shown_text import LINE, shown

CATEGORIES = (
    "#4c9aff",
    "#f59e42",
    "#3fb98c",
    "#d9747e",
    "#c58af9",
    "#b0884f",
    "#e58fc0",
    "#8c96a5",
    "#c9b93a",
    "#45b8c9",
)
"""Ten colours that stay apart for colour-blind eyes, for classes and for several curves."""

MOST_LINES = 16
"""Rows of a table that is shown whole."""

Floats = NDArray[np.float64]


class PointsView(QWidget):
    """Two-dimensional points coloured by their value, or a stretch of a series, as wide as the panel."""

    def __init__(self) -> None:
        super().__init__()
        self.points: Floats | None = None
        self.values: Floats = np.zeros(0)
        theme.changed.connect(self.update)

    def show_points(self, points: Floats, values: Floats | None) -> None:
        """Points `(n, 2)`; values from −1 to 1 choose the colour, from orange to blue; None: no values."""
        self.points, self.values = points, plain_values(points, values)
        self.setFixedHeight(240)
        self.update()

    def show_curve(self, values: Floats) -> None:
        self.points, self.values = None, values
        self.setFixedHeight(120)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour(tokens.hairline), 1))
        painter.setBrush(theme.colour(tokens.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if self.points is not None:
            self._paint_points(painter, self.points)
        elif len(self.values) > 1:
            self._paint_curve(painter)
        painter.end()

    def _paint_points(self, painter: QPainter, points: Floats) -> None:
        """Equal scales on both axes, so that circles look round: the unit square, or round the origin."""
        in_square = points.min(initial=0.0) >= 0.0 and points.max(initial=1.0) <= 1.0
        origin, reach = (0.5, 0.5) if in_square else (0.0, float(np.abs(points).max(initial=0.0)) or 1.0)
        centre, scale = (
            QPointF(self.width() / 2, self.height() / 2),
            (min(self.width(), self.height()) / 2 - 12) / reach,
        )
        points = points - origin
        painter.setPen(Qt.PenStyle.NoPen)
        for (x, y), value in zip(points.tolist(), self.values.tolist(), strict=True):
            painter.setBrush(
                theme.colour(POSITIVE if value > 0 else NEGATIVE, 0.35 + 0.6 * min(1.0, abs(value)))
            )
            painter.drawEllipse(QPointF(centre.x() + x * scale, centre.y() - y * scale), 2.4, 2.4)

    def _paint_curve(self, painter: QPainter) -> None:
        low, high = float(self.values.min()), float(self.values.max())
        xs = np.linspace(10, self.width() - 10, len(self.values))
        ys = self.height() - 10 - (self.values - low) / ((high - low) or 1.0) * (self.height() - 20)
        painter.setPen(QPen(theme.colour(theme.current().accent), 1.5))
        painter.drawPolyline(
            QPolygonF([QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)])
        )


class SampleView(QWidget):
    """The picture that fits the kind of data. `pointed` names the class of the sample under the mouse.

    Pictures fill the width in a few columns; with `tile_width`, as many of about this width as fit, each over
    its label.
    """

    pointed = Signal(str)

    def __init__(self, tile_width: int = 0) -> None:
        super().__init__()
        self._with_captions = tile_width > 0
        self.grid = TileGrid("sample", gap=4, tile_width=tile_width)
        self.points = PointsView()
        self.text = Label()
        self.text.setProperty("role", "code")
        self.text.setWordWrap(True)
        self.names: tuple[str, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.grid, self.points, self.text):
            column.addWidget(widget)
            widget.hide()
        self.grid.hovered_changed.connect(self._point)

    def show_samples(self, preview: SetPreview) -> None:
        """Show what the preview holds: pictures, points, a series, or words."""
        pictures = preview.images is not None
        plotted = not pictures and (preview.values is not None or preview.points is not None)
        self.grid.setVisible(pictures)
        self.points.setVisible(plotted)
        self.text.setVisible(not pictures and not plotted)
        self.names = preview.labels
        if preview.images is not None:
            images = tuple(sample_image(sample, 0.0, 255.0) for sample in preview.images)
            captions = tuple(shown(words, LINE) for words in preview.labels)
            self.grid.show_pictures(images, captions if self._with_captions else ())
        elif preview.points is not None:
            self.points.show_points(preview.points, preview.values)
        elif preview.values is not None:
            self.points.show_curve(preview.values)
        else:
            whole = preview.info.samples <= len(preview.rows) <= MOST_LINES
            self.text.setWordWrap(not whole)
            self.text.setText(preview.text[:240] or (truth_table(preview) if whole else _table(preview)))

    def _point(self, index: int) -> None:
        self.pointed.emit(self.names[index] if 0 <= index < len(self.names) else "")


def plain_values(points: Floats, values: Floats | None) -> Floats:
    """Values that colour points; those without any are all blue."""
    if values is None or not np.any(values):
        return np.full(len(points), 0.7)
    return values


def truth_table(preview: SetPreview) -> str:
    """Every row of a small table with its target, in columns of equal width."""
    count = len(preview.rows[0]) if preview.rows else 0
    names = preview.columns if len(preview.columns) == count else tuple(f"x{i + 1}" for i in range(count))
    pairs = zip(preview.rows, preview.labels, strict=False)
    lines = [(*names, "→ t"), *((*row, f"→ {target}") for row, target in pairs)]
    widths = [max(len(line[column]) for line in lines) for column in range(count + 1)]
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join("   ".join(cells).rstrip() for cells in padded)


def _table(preview: SetPreview) -> str:
    """The columns with the values of the first row."""
    cells = preview.rows[0] if preview.rows else ()
    names = preview.columns or tuple(f"x{index}" for index in range(len(cells)))
    pairs = list(zip(names, cells, strict=False))
    left = max((len(name) for name, _ in pairs[:16]), default=0)
    right = max((len(cell) for _, cell in pairs[:16]), default=0)
    lines = [f"{name:<{left}}  {cell:>{right}}" for name, cell in pairs[:16]]
    return "\n".join(lines) + ("\n…" if len(pairs) > 16 else "")
