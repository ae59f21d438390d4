"""Samples as tiles or as rows: pictures in a grid with their label, everything else one below the other.

A list in both cases: arrow keys, clicks and Ctrl choose as in every list.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QImage, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.browse.browsing import PageAnswer
from app.browse.sample_columns import COLUMN_GAP, SampleColumn, columns_of
from app.lenses.colour_maps import sample_image
from app.lenses.tile_grid import in_lines
from app.style import theme
from nodes.shown_text import LINE, shown

TILE, CAPTION, ROW, PAD = 84, 18, 26, 8
EXCLUDING = (Qt.Key.Key_X, Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
PINNING = (Qt.Key.Key_P,)
TURNING = (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)
Index = QModelIndex | QPersistentModelIndex


class SampleModel(QAbstractListModel):
    """The samples of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = PageAnswer()
        self.images: list[QImage] = []
        self.columns: tuple[SampleColumn, ...] = ()
        """Of samples that are no pictures."""
        self.is_wordy = False
        """Whether labels are sentences, which need wider pictures and several lines."""
        self.caption_lines = 1

    def show_answer(self, answer: PageAnswer) -> None:
        self.beginResetModel()
        self.answer = answer
        pictures = answer.page.pictures if answer.page is not None else None
        self.images = [] if pictures is None else [sample_image(one, 0.0, 255.0) for one in pictures]
        self.columns = () if self.images or answer.page is None else columns_of(answer, self)
        labels = [] if answer.page is None or not self.images else answer.page.labels
        told = QFontMetrics(theme.sans(11))
        self.is_wordy = any(told.horizontalAdvance(one[:LINE]) > 1.5 * TILE for one in labels)
        rows = range(len(labels))
        lines = (2 + bool(self.loss(0))) if self.is_wordy else 1
        self.caption_lines = lines + any(map(self.is_wrong, rows))
        self.endResetModel()

    @property
    def places(self) -> np.ndarray:
        return np.zeros(0, np.int64) if self.answer.page is None else self.answer.page.places

    def label(self, row: int) -> str:
        assert self.answer.page is not None
        return shown(self.answer.page.labels[row], LINE)

    def loss(self, row: int) -> str:
        """The loss of a sample in words; empty where none is known."""
        return "" if self.answer.losses is None else short(float(self.answer.losses[row]))

    def said(self, row: int) -> str:
        """What the network says of a sample; empty where that is not known."""
        return "" if self.answer.said is None else shown(self.answer.said[row], LINE)

    def is_wrong(self, row: int) -> bool:
        """Whether the network says another class than the label."""
        return bool(self.said(row)) and self.said(row) != self.label(row)

    def caption(self, row: int, room: int) -> list[str]:
        """The lines below a picture of this width: its label, and its loss; without both, its number."""
        label, loss = self.label(row), self.loss(row)
        if not self.is_wordy:
            words = f"{label} · {loss}" if label and loss else label or (loss and f"loss {loss}")
            return [words or f"{self.places[row] + 1:,}"]
        return [*in_lines(label, QFontMetrics(theme.sans(11)), room, 2), *([f"loss {loss}"] if loss else [])]

    def is_excluded(self, row: int) -> bool:
        return self.answer.page is not None and bool(self.answer.page.excluded[row])

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.places)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = index.row()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{self.places[row] + 1:,} {self.label(row)}".strip()
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = [f"Sample {self.places[row] + 1:,}", self.label(row)]
            lines += [f"Loss {self.loss(row)}"] if self.loss(row) else []
            lines += [f"The network says {self.said(row)}"] if self.said(row) else []
            lines += ["Excluded: it takes part in nothing"] if self.is_excluded(row) else []
            return "\n".join(line for line in lines if line)
        return None


def short(loss: float) -> str:
    """A loss in three digits, so that losses that differ look so: 2.35, 0.860, 3.41e-6."""
    if not math.isfinite(loss) or loss == 0:
        return f"{loss:g}"
    if abs(loss) < 1e-3 or abs(loss) >= 1e5:
        mantissa, _, exponent = f"{loss:.2e}".partition("e")
        return f"{mantissa}e{int(exponent)}"
    return f"{loss:#.3g}".rstrip(".") if abs(loss) < 1000 else f"{loss:.0f}"


class SampleHeadings(QWidget):
    """The headings over rows, each over its column however far the list is scrolled."""

    def __init__(self, samples: SampleList) -> None:
        super().__init__()
        self._list = samples
        self.setFixedHeight(20)
        samples.horizontalScrollBar().valueChanged.connect(lambda _value: self.update())
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._list.samples.answer.page is None:
            return
        painter = QPainter(self)
        painter.setFont(theme.sans(11))
        painter.setPen(theme.colour(theme.current().muted))
        left = float(PAD - self._list.horizontalScrollBar().value())
        for column in self._list.samples.columns:
            room = column.room(left, QRectF(self.rect()))
            text = painter.fontMetrics().elidedText(
                shown(column.title), Qt.TextElideMode.ElideMiddle, int(room.width())
            )
            painter.drawText(room, column.align, text)
            left += column.width + COLUMN_GAP
        painter.end()


class SampleDelegate(QStyledItemDelegate):
    """Paints a tile or a row; an excluded sample is faint and struck through."""

    def __init__(self, model: SampleModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        if self._model.images:
            return QSize(self._tile_width() + PAD, TILE + self._model.caption_lines * CAPTION + PAD)
        wide = sum(column.width + COLUMN_GAP for column in self._model.columns)
        return QSize(int(wide) + PAD, ROW)

    def _tile_width(self) -> int:
        """That of a picture; twice as much where a mask is beside it."""
        image = self._model.images[0]
        wide = 1.6 if self._model.is_wordy else 1.0
        return round(TILE * min(max(image.width() / image.height(), wide), 2.0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area, row = QRectF(option.rect), index.row()
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.colour(theme.current().accent, 0.14))
        if self._model.images:
            self._paint_tile(painter, area, row)
        else:
            self._paint_row(painter, area, row)
        painter.restore()

    def _paint_tile(self, painter: QPainter, area: QRectF, row: int) -> None:
        tokens, image = theme.current(), self._model.images[row]
        box = QRectF(area.left() + PAD / 2, area.top() + PAD / 2, self._tile_width(), TILE)
        scale = min(box.width() / image.width(), TILE / image.height())
        size = QRectF(0, 0, image.width() * scale, image.height() * scale)
        size.moveCenter(box.center())
        excluded = self._model.is_excluded(row)
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, max(image.width(), image.height()) > TILE
        )
        painter.setOpacity(0.3 if excluded else 1.0)
        painter.drawImage(size, image)
        painter.setOpacity(1.0)
        if excluded:
            painter.setPen(QPen(theme.colour(tokens.bad), 2))
            painter.drawLine(size.topLeft(), size.bottomRight())
        below = QRectF(box.left(), box.bottom(), box.width(), CAPTION)
        for words in self._model.caption(row, int(box.width())):
            self._write(painter, below, words, excluded=excluded)
            below.translate(0, CAPTION - 2)
        if self._model.is_wrong(row):
            self._write(painter, below, f"says {self._model.said(row)}", excluded=excluded, wrong=True)

    def _paint_row(self, painter: QPainter, area: QRectF, row: int) -> None:
        excluded, left = self._model.is_excluded(row), area.left() + PAD
        for column in self._model.columns:
            room = column.room(left, area)
            wrong = column.is_said and self._model.is_wrong(row)
            self._write(
                painter, room, column.cells[row], excluded=excluded, mono=column.is_number, wrong=wrong,
                right=column.is_number,
            )  # fmt: skip
            left += column.width + COLUMN_GAP
        if excluded:
            painter.setPen(QPen(theme.colour(theme.current().bad), 1))
            middle = area.center().y()
            painter.drawLine(QPointF(area.left() + PAD, middle), QPointF(left, middle))

    @staticmethod
    def _write(
        painter: QPainter,
        room: QRectF,
        words: str,
        *,
        excluded: bool = False,
        mono: bool = False,
        wrong: bool = False,
        right: bool = False,
    ) -> None:
        tokens = theme.current()
        font = theme.mono(11) if mono else theme.sans(11)
        painter.setFont(font)
        plain = tokens.bad if wrong else tokens.text
        painter.setPen(theme.colour(tokens.faint if excluded else plain))
        text = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | side), text)


class SampleList(QListView):
    """The list. X or Delete excludes what is chosen, or takes it in; P pins it; PgUp and PgDn turn pages."""

    exclusion_wanted = Signal()
    pin_wanted = Signal()
    turned = Signal(int)  # pages on, −1 back
    chosen_changed = Signal()

    def __init__(self, model: SampleModel) -> None:
        super().__init__()
        self.samples = model
        self.setModel(model)
        self.setItemDelegate(SampleDelegate(model, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setAccessibleName("Samples of the data")
        model.modelReset.connect(self._arrange)
        theme.changed.connect(self.viewport().update)
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen_changed.emit())

    def chosen(self) -> list[int]:
        """The rows that are chosen."""
        return sorted(index.row() for index in self.selectionModel().selectedIndexes())

    def _arrange(self) -> None:
        pictures = bool(self.samples.images)
        self.setFlow(QListView.Flow.LeftToRight if pictures else QListView.Flow.TopToBottom)
        self.setWrapping(pictures)
        self.setUniformItemSizes(True)
        self.doItemsLayout()

    def event(self, event: QEvent) -> bool:
        """The keys of the list rule over those of the window while the list has the keyboard: Delete too."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (
                Qt.KeyboardModifier.NoModifier,
                Qt.KeyboardModifier.KeypadModifier,
            )
            if plain and event.key() in (*EXCLUDING, *PINNING, *TURNING):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in EXCLUDING:
            self.exclusion_wanted.emit()
        elif key in PINNING:
            self.pin_wanted.emit()
        elif key in TURNING:
            self.turned.emit(1 if key == Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)
