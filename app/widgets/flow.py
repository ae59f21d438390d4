"""A layout of cards in rows: as many as fit side by side, all of one width that fills the row."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Rows of the cards that are shown; those of a row are as high as the highest."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 16) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = spacing
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        items = [item for item in self._items if not item.isEmpty()]
        if not items:
            return 0
        least = max(item.minimumSize().width() for item in items)
        columns = max(1, min(_MOST, (rect.width() + self._gap) // (least + self._gap)))
        width = max(least, min(round(least * _STRETCH), (rect.width() + self._gap) // columns - self._gap))
        top = rect.top()
        for first in range(0, len(items), columns):
            row = items[first : first + columns]
            height = max(_height(item, width) for item in row)
            for at, item in enumerate(row):
                if place:
                    corner = QPoint(rect.left() + at * (width + self._gap), top)
                    item.setGeometry(QRect(corner, QSize(width, height)))
            top += height + self._gap
        return max(0, top - rect.top() - self._gap)


_MOST, _STRETCH = 4, 1.35


def _height(item: QLayoutItem, width: int) -> int:
    least = item.minimumSize().height()
    return max(item.heightForWidth(width), least) if item.hasHeightForWidth() else item.sizeHint().height()
