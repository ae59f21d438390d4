"""Buttons: one primary per place, quiet ones for the rest, and chips for states that can be clicked.

A verb on every button. Icons are drawn in a token's colour, and anew when the theme changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.style import theme
from app.widgets.icons import icon
from app.widgets.text import literal

if TYPE_CHECKING:
    _AnyButton = QAbstractButton
else:
    _AnyButton = object


class _Dressed(_AnyButton):
    """What all of them share: a hand over it, and an icon in a token's colour."""

    role = ""
    _tint = "text"
    _icon_name = ""

    def _set_up(self, icon_name: str, size: int) -> None:
        self.setProperty("role", self.role)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(size, size))
        self._icon_name = icon_name
        self._draw_icon()
        theme.changed.connect(self._draw_icon)

    def set_role(self, role: str) -> None:
        """Give this one the look of another kind, "primary" or "quiet"."""
        if role != self.property("role"):
            self._tint = "on_accent" if role == "primary" else "text"
            self.setProperty("role", role)
            self.style().unpolish(self)
            self.style().polish(self)
            self._draw_icon()

    def set_icon(self, name: str) -> None:
        if name != self._icon_name:
            self._icon_name = name
            self._draw_icon()

    def _draw_icon(self) -> None:
        if self._icon_name:
            self.setIcon(icon(self._icon_name, getattr(theme.current(), self._tint)))


class WordButton(QPushButton):
    """A button that shows its words as they are: Qt would take a single & for the mark of a key."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(literal(text))

    def text(self) -> str:
        return super().text().replace("&&", "&")


class _Button(_Dressed, WordButton):
    def __init__(self, text: str = "", icon_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._set_up(icon_name, 17)


class PrimaryButton(_Button):
    """The one thing to do here, in the accent colour."""

    role = "primary"
    _tint = "on_accent"


class GraveButton(_Button):
    """What cannot be taken back, in the colour of what is bad."""

    role = "grave"
    _tint = "panel"


class QuietButton(_Button):
    """Everything else that can be done here: raised, with a hairline."""

    role = "quiet"


class LinkButton(_Button):
    """A verb inside text: no ground, in the accent colour."""

    role = "link"
    _tint = "accent"


class Chip(_Button):
    """A small rounded state: "100 %", "CPU · 2 cores". `checkable` ones show their state by the accent."""

    role = "chip"
    _tint = "muted"


class IconButton(_Dressed, QToolButton):
    """A square button that is only an icon; `tooltip` is the verb it stands for."""

    role = "icon"
    _tint = "muted"

    def __init__(self, icon_name: str, tooltip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolTip(tooltip)
        self.setAccessibleName(tooltip)
        self.setAutoRaise(True)
        self._set_up(icon_name, 16)


class Segments(QFrame):
    """The words of each choice by its name; the first one holds at the beginning."""

    def __init__(self, choices: Mapping[str, str]) -> None:
        super().__init__()
        self.setProperty("role", "segments")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self.buttons = {name: self._button(words) for name, words in choices.items()}
        line = QHBoxLayout(self)
        line.setContentsMargins(2, 2, 2, 2)
        line.setSpacing(0)
        for button in self.buttons.values():
            line.addWidget(button)
        next(iter(self.buttons.values())).setChecked(True)

    def _button(self, words: str) -> WordButton:
        button = WordButton(words)
        button.setProperty("role", "segment")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setFixedHeight(22)
        self._group.addButton(button)
        return button

    @property
    def chosen(self) -> str:
        """The name of the choice that holds."""
        return next(name for name, button in self.buttons.items() if button.isChecked())
