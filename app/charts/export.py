"""A chart as a file: a picture (PNG at twice the density, SVG with real lines) or its numbers (CSV).

Writes where it is told; raises `OSError` with the system's reason where that cannot be done.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from app.charts.series import Series
from app.style import theme
from app.style.svg import drawn_svg

DENSITY = 2.0
MARGIN = 12
"""Ground around the chart, in pixels at 100 %."""


def _page(widget: QWidget) -> QRect:
    return QRect(QPoint(), widget.size()).adjusted(0, 0, 2 * MARGIN, 2 * MARGIN)


def write_png(widget: QWidget, path: Path) -> None:
    """The widget as it looks, at twice its size in pixels."""
    image = QImage(_page(widget).size() * DENSITY, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(DENSITY)
    image.fill(theme.colour(theme.current().panel))
    painter = QPainter(image)
    widget.render(painter, QPoint(MARGIN, MARGIN), renderFlags=QWidget.RenderFlag.DrawChildren)
    painter.end()
    if not image.save(str(path)):
        raise OSError(f"{path} cannot be written. Choose another folder.")


def write_svg(widget: QWidget, path: Path) -> None:
    """The widget as lines and text that stay sharp at every size."""

    def draw(painter: QPainter) -> None:
        painter.fillRect(_page(widget), theme.colour(theme.current().panel))
        widget.render(painter, QPoint(MARGIN, MARGIN), renderFlags=QWidget.RenderFlag.DrawChildren)

    path.write_bytes(drawn_svg(_page(widget).size(), draw, widget.accessibleName()))


def write_csv(series: Mapping[str, Series], path: Path) -> None:
    """One row per step, one column per curve; empty where a curve has no value at a step."""
    columns = [dict(zip(held.steps.tolist(), held.values.tolist(), strict=True)) for held in series.values()]
    steps = sorted(set().union(*columns))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["step", *series])
        for step in steps:
            writer.writerow(
                [f"{step:g}" if step < 1e6 else int(step), *(held.get(step, "") for held in columns)]
            )
