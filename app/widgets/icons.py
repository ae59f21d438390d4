"""Icons by name: Material Design Icons as SVG files of `resources/icons`, each drawn in one colour.

A file is read when its icon is first painted, and painted anew at every size, so that it is sharp on every
screen.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.style import theme

_SHARE = 0.875
"""Of the square of an icon, what its drawing takes; the rest is air."""
_FOLDER = files("resources").joinpath("icons")


_NONE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"/>'


def is_there(name: str) -> bool:
    """Whether there is an icon of this name."""
    return _FOLDER.joinpath(f"{name}.svg").is_file()


class _Drawing(QIconEngine):
    """One icon in its colour, and in the one it has where it cannot be clicked."""

    def __init__(self, name: str, tint: str, disabled: str) -> None:
        super().__init__()
        self._name, self._tint, self._disabled = name, tint, disabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        tint = self._disabled if mode is QIcon.Mode.Disabled else self._tint
        side = _SHARE * min(rect.width(), rect.height())
        square = QRectF(0.0, 0.0, side, side)
        square.moveCenter(QRectF(rect).center())
        _renderer(self._name, tint).render(painter, square)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return picture

    def clone(self) -> QIconEngine:
        return _Drawing(self._name, self._tint, self._disabled)


@lru_cache(maxsize=256)
def _renderer(name: str, tint: str) -> QSvgRenderer:
    """Draws an icon; nothing where there is none of this name, which a plug-in may give: an error while a
    menu is painted would end the program."""
    if not is_there(name):
        return QSvgRenderer(QByteArray(_NONE))
    text = _FOLDER.joinpath(f"{name}.svg").read_text("utf-8")
    return QSvgRenderer(QByteArray(text.replace("<path", f'<path fill="{tint}"', 1).encode()))


def icon(name: str, colour: str | None = None) -> QIcon:
    """The icon of `resources/icons/NAME.svg` in a token's colour (the theme's text by default)."""
    return QIcon(_Drawing(name, colour or theme.current().text, theme.current().faint))
