"""Texts of an SVG file say how wide they are, so that another font does not push them into each other."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from app.style import theme
from app.style.svg import drawn_svg

pytestmark = pytest.mark.usefixtures("qapp")


def test_each_text_has_the_width_of_the_font_it_was_painted_with() -> None:
    theme.load_fonts()
    bold, mono = theme.sans(13, QFont.Weight.DemiBold), theme.mono(11)

    def draw(painter: QPainter) -> None:
        painter.setFont(bold)
        painter.drawText(QPointF(0, 20), "a <b> & c")
        painter.scale(2.0, 2.0)
        painter.setFont(mono)
        painter.drawText(QPointF(0, 40), "0.125")

    text = drawn_svg(QSize(200, 100), draw, "words <i>").decode()
    told = [float(width) for width in re.findall(r'textLength="([\d.]+)"', text)]
    meant = [
        QFontMetricsF(bold).horizontalAdvance("a <b> & c"),
        QFontMetricsF(mono).horizontalAdvance("0.125"),
    ]
    assert told == pytest.approx(meant, abs=0.6)
    assert "a &lt;b&gt; &amp; c</text>" in text
    assert "<i>" not in text
    assert 'viewBox="0 0 200 100"' in text
