"""Buttons: one primary per place, quiet ones for the rest, and chips for states that can be clicked.

A verb on every button. Icons are drawn in a token's colour, and anew when the theme changes.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from app import theme
from app.widgets.icons import icon


class _Button(QPushButton):
    role = ""
    _tint = "text"

    def __init__(self, text: str = "", icon_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("role", self.role)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(17, 17))
        self._icon_name = icon_name
        self._draw_icon()
        theme.changed.connect(self._draw_icon)

    def set_icon(self, name: str) -> None:
        if name != self._icon_name:
            self._icon_name = name
            self._draw_icon()

    def _draw_icon(self) -> None:
        if self._icon_name:
            self.setIcon(icon(self._icon_name, getattr(theme.current(), self._tint)))


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


class IconButton(QToolButton):
    """A square button that is only an icon; `tooltip` is the verb it stands for."""

    def __init__(self, icon_name: str, tooltip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "icon")
        self.setToolTip(tooltip)
        self.setAccessibleName(tooltip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(16, 16))
        self.setAutoRaise(True)
        self._icon_name = icon_name
        self._draw_icon()
        theme.changed.connect(self._draw_icon)

    def set_icon(self, name: str) -> None:
        if name != self._icon_name:
            self._icon_name = name
            self._draw_icon()

    def _draw_icon(self) -> None:
        self.setIcon(icon(self._icon_name, theme.current().muted))
