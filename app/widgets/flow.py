"""A layout that fills rows from the left and goes on in the next, as words do. For cards of one width."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Rows of items; items of a row are as high as the highest."""

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
        top, row = rect.top(), list[QLayoutItem]()
        rows: list[list[QLayoutItem]] = []
        used = 0
        for item in self._items:
            width = item.sizeHint().width()
            if row and used + width > rect.width():
                rows.append(row)
                row, used = [], 0
            row.append(item)
            used += width + self._gap
        if row:
            rows.append(row)
        for row in rows:
            height = max(_height(item) for item in row)
            left = rect.left()
            for item in row:
                if place:
                    item.setGeometry(QRect(QPoint(left, top), QSize(item.sizeHint().width(), height)))
                left += item.sizeHint().width() + self._gap
            top += height + self._gap
        return max(0, top - rect.top() - self._gap)


def _height(item: QLayoutItem) -> int:
    width = item.sizeHint().width()
    return (
        max(item.heightForWidth(width), item.sizeHint().height())
        if item.hasHeightForWidth()
        else item.sizeHint().height()
    )
