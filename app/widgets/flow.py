"""Layouts that go on in the next row, as words do: of things at their own widths, and of cards in columns.

Know nothing of what is laid out.
"""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class _Rows(QLayout):
    """Holds the items; the height follows from the width. How they stand is `_arrange`'s."""

    def __init__(self, parent: QWidget | None, gap: int) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
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

    @abstractmethod
    def _arrange(self, rect: QRect, *, place: bool) -> int:
        """The height that the rows take, in pixels; with `place`, the items are put there."""


class ChipFlow(_Rows):
    """Rows of things at their own widths; one that is wider than the room is given the room.

    Only those that are shown count. `row_gap` is the room between rows, by default the same as within them.
    """

    def __init__(self, parent: QWidget | None = None, gap: int = 4, row_gap: int | None = None) -> None:
        super().__init__(parent, gap)
        self._row_gap = gap if row_gap is None else row_gap

    def minimumSize(self) -> QSize:
        heights = [item.sizeHint().height() for item in self._items if not item.isEmpty()]
        return QSize(40, max(heights, default=0))

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        x, y, row = rect.left(), rect.top(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            hint = item.sizeHint()
            width = min(hint.width(), rect.width())
            if x > rect.left() and x + width > rect.left() + rect.width():
                x, y, row = rect.left(), y + row + self._row_gap, 0
            if place:
                item.setGeometry(QRect(QPoint(x, y), QSize(width, hint.height())))
            x, row = x + width + self._gap, max(row, hint.height())
        return y + row - rect.top()


class FlowLayout(_Rows):
    """Cards in columns: as many as fit side by side, all of one width that fills the row.

    Only those that are shown count; those of a row are as high as the highest.
    """

    def __init__(self, parent: QWidget | None = None, spacing: int = 16) -> None:
        super().__init__(parent, spacing)

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


_MOST, _STRETCH = 4, 1.55


def _height(item: QLayoutItem, width: int) -> int:
    least = item.minimumSize().height()
    return max(item.heightForWidth(width), least) if item.hasHeightForWidth() else item.sizeHint().height()
