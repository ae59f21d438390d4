"""Pictures of lines and text that keep their arrangement where the fonts of the product are not installed."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from PySide6.QtCore import QBuffer, QIODevice, QRect, QSize
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

_TEXT = re.compile(
    r'(<text [^>]*?font-family="(?P<family>[^"]*)" font-size="(?P<size>[\d.]+)" font-weight="(?P<weight>\d+)"'
    r"[^>]*?)\s*>(?P<words>[^<]+)</text>"
)


def drawn_svg(size: QSize, draw: Callable[[QPainter], object], title: str = "") -> bytes:
    """An SVG file of this size, in pixels: what `draw` paints.

    Each text says how wide it is with the font it was painted with. A reader that has another font fits the
    letters into that width, so that texts do not run into each other.
    """
    from PySide6.QtSvg import QSvgGenerator

    held = QBuffer()
    held.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(held)
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    if title:
        generator.setTitle(title)
    painter = QPainter(generator)
    draw(painter)
    painter.end()
    return _TEXT.sub(_with_width, bytes(held.data().data()).decode("utf-8")).encode()


def _with_width(found: re.Match[str]) -> str:
    size, words = float(found["size"]), html.unescape(found["words"])
    font = QFont(html.unescape(found["family"]))
    font.setPixelSize(max(1, round(size)))
    font.setWeight(QFont.Weight(int(found["weight"])))
    width = QFontMetricsF(font).horizontalAdvance(words) * size / font.pixelSize()
    sized = f' textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs"' if len(words) > 1 and width else ""
    return f"{found[1]}{sized}>{found['words']}</text>"
