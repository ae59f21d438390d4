"""Sizes and fonts of the canvas, in pixels at 100 %: one place, so that
layout, painting and hit tests agree.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF, QStaticText, QTextOption

from app.lenses.room import TEXT_WIDTH
from app.style import theme

DOT_STEP = 20
RADIUS = 8.0
FRAME_RADIUS = 12.0
EDGE = 3.0
PAD = 13.0
PORT_STEP = 16.0
BORDER_Y = 42.0
BORDER_STEP = 22.0
"""Rows of a definition's border, with a name each."""
PILL_HEIGHT = 32.0
CARD_HEIGHT = 48.0
SHAPED_HEIGHT = 64.0
PICTURE_TOP = 45.0
PICTURE_FOOT = 31.0
MIN_WIDTH = 112.0
MAX_TEXT = TEXT_WIDTH
RING = 4.0
LABEL = 22.0
"""How far from its wire a label reaches."""
"""Radius to the middle of a port's ring, 9 px across with its 2 px line (1.5 px inside)."""
HIT = 10.0
PICTURES_FROM = 0.6
"""The least zoom at which nodes show pictures and values."""
"""Radius within which a press takes a port."""
MARGIN = 22.0
"""What a node paints outside its card: shadow, selection, stack, badge."""


class Level(Enum):
    """How much is drawn at a zoom."""

    FULL = 3
    NAMES = 2
    BLOCKS = 1

    @staticmethod
    def at(zoom: float) -> Level:
        if zoom >= PICTURES_FROM - 1e-9:
            return Level.FULL
        return Level.NAMES if zoom >= 0.25 - 1e-9 else Level.BLOCKS


@lru_cache(maxsize=64)
def font(role: str) -> QFont:
    """Fonts by what they are for. Unhinted, so that text keeps its width at every zoom."""
    made = {
        "title": lambda: theme.sans(13, QFont.Weight.DemiBold),
        "pill": lambda: theme.sans(12, QFont.Weight.Medium),
        "alias": lambda: theme.sans(12),
        "heading": lambda: theme.sans(12, QFont.Weight.DemiBold),
        "body": lambda: theme.sans(12),
        "mono": lambda: theme.mono(11),
        "badge": lambda: theme.sans(11, QFont.Weight.Bold),
    }[role]()
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


@lru_cache(maxsize=64)
def metrics(role: str) -> QFontMetricsF:
    return QFontMetricsF(font(role))


@lru_cache(maxsize=8192)
def text_width(role: str, text: str) -> float:
    return metrics(role).horizontalAdvance(text)


@lru_cache(maxsize=8192)
def elided(role: str, text: str, width: float) -> str:
    return metrics(role).elidedText(text, Qt.TextElideMode.ElideRight, width)


@lru_cache(maxsize=4096)
def static_text(role: str, text: str) -> QStaticText:
    """Text that is laid out once and painted often."""
    made = QStaticText(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    made.setTextOption(option)
    made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    made.prepare(font=font(role))
    return made
