"""The look: colour tokens of the dark and the light theme, fonts, and how they reach Qt.

Every colour on screen comes from here. Widgets ask `theme.current()`; `theme.changed` tells them to repaint.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase

FAMILY_COLOURS = {
    "data": "#5bb98c",
    "augmentation": "#5bb98c",
    "convolution": "#4c9aff",
    "pooling": "#7c8cf8",
    "activation": "#c58af9",
    "dense": "#f2a65a",
    "normalisation": "#45b8c9",
    "recurrent": "#e58fc0",
    "attention": "#d9747e",
    "regularisation": "#9aa657",
    "shape": "#8c96a5",
    "math": "#8c96a5",
    "structure": "#8c96a5",
    "loss": "#ef7d7a",
    "metric": "#5bb98c",
    "objective": "#e8c34a",
    "sampler": "#5bb98c",
}
NEGATIVE, POSITIVE = "#f59e42", "#46a0ff"
"""Ends of the scale for signed data; its middle is the ground of the panel."""


@dataclass(frozen=True)
class Theme:
    """The tokens of LOOK: one value per role. Colours are #rrggbb."""

    name: str
    window: str
    canvas: str
    dots: str
    panel: str
    raised: str
    hairline: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    good: str
    warn: str
    bad: str
    wire: str

    def family(self, name: str) -> str:
        return FAMILY_COLOURS[name]


DARK = Theme(
    "dark", "#14161b", "#191c22", "#272b33", "#1e2128", "#262a33", "#30353f", "#e6e8ec", "#98a0ad", "#6b7280",
    "#4c9aff", "#ffffff", "#3fb97f", "#e6a23c", "#ef6461", "#5a6373",
)  # fmt: skip
LIGHT = Theme(
    "light", "#eceef1", "#f6f7f9", "#dfe3e9", "#ffffff", "#f1f3f6", "#d9dde3", "#1c2129", "#5b6472",
    "#8b93a0", "#1f6feb", "#ffffff", "#1f9d61", "#b7791f", "#d64545", "#9aa4b3",
)  # fmt: skip


class _Current(QObject):
    changed = Signal()
    theme = DARK


_current = _Current()
changed = _current.changed


def current() -> Theme:
    return _current.theme


def use(theme: Theme) -> None:
    """Make this the theme of the whole program; listeners of `changed` repaint."""
    _current.theme = theme
    _current.changed.emit()


def colour(value: str, alpha: float = 1.0) -> QColor:
    """A QColor of a token's value; `alpha` in [0, 1]."""
    result = QColor(value)
    result.setAlphaF(alpha)
    return result


def load_fonts() -> None:
    """Make the bundled Inter and JetBrains Mono known to Qt. Call once, after the QApplication is made."""
    for entry in files("resources").joinpath("fonts").iterdir():
        if entry.name.endswith((".otf", ".ttf")):
            with as_file(entry) as path:
                QFontDatabase.addApplicationFont(str(path))


def sans(size: int = 13, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Inter at a size in pixels."""
    font = QFont("Inter")
    font.setPixelSize(size)
    font.setWeight(weight)
    return font


def mono(size: int = 11) -> QFont:
    """JetBrains Mono at a size in pixels, for numbers."""
    font = QFont("JetBrains Mono")
    font.setPixelSize(size)
    return font
