"""The table of predictions: one row for each sample, shares as bars, pictures small."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.lenses.colour_maps import sample_image
from app.predict.predicting import PredictAnswer
from app.style import theme
from nodes.shown_text import LINE, shown

ROW, PICTURE_ROW = 28, 46
PAD, BAR = 6, 2
NARROWEST, WIDEST = 64, 420
Index = QModelIndex | QPersistentModelIndex


class PredictionsModel(QAbstractTableModel):
    """The rows of an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = PredictAnswer()
        self.images: dict[int, list[QImage]] = {}

    def show_answer(self, answer: PredictAnswer) -> None:
        self.beginResetModel()
        self.answer = answer
        self.images = {
            column: [sample_image(picture, 0.0, 255.0) for picture in pictures]
            for column, pictures in answer.pictures.items()
        }
        self.endResetModel()

    def is_number(self, column: int) -> bool:
        """Whether the cells of a column are numbers, by the first one."""
        first = self.answer.rows[0][column] if self.answer.rows else ""
        return column > 0 and first.replace(".", "").replace("-", "").replace("e", "").isdigit()

    def share(self, index: Index) -> float | None:
        """The share of 1 in a cell; None where it holds something else."""
        if index.column() not in self.answer.shares:
            return None
        return float(self.answer.rows[index.row()][index.column()])

    def image(self, index: Index) -> QImage | None:
        images = self.images.get(index.column(), [])
        return images[index.row()] if index.row() < len(images) else None

    def text(self, index: Index) -> str:
        return self.answer.rows[index.row()][index.column()]

    # For Qt ------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.answer.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.answer.headings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        return shown(self.text(index), LINE)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or section >= len(self.answer.headings):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return shown(self.answer.headings[section], LINE)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self.is_number(section) else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class PredictionsDelegate(QStyledItemDelegate):
    """Paints a cell: a bar as long as its share, a picture, its words."""

    def __init__(self, model: PredictionsModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens, area = theme.current(), QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.colour(tokens.accent, 0.14))
        share = self._model.share(index)
        if share is not None:
            self._paint_share(painter, share, area)
        left = area.left() + PAD
        image = self._model.image(index)
        if image is not None:
            left = self._paint_image(painter, image, area)
        number = self._model.is_number(index.column())
        painter.setFont(theme.mono(11) if number or index.column() == 0 else theme.sans(12))
        painter.setPen(theme.colour(tokens.muted if index.column() == 0 else tokens.text))
        room = QRectF(left, area.top(), area.right() - PAD - left, area.height())
        words = shown(self._model.text(index), LINE)
        if share is not None:
            words = f"{share:.3f}"
        cut = Qt.TextElideMode.ElideMiddle if index.column() == 0 else Qt.TextElideMode.ElideRight
        text = painter.fontMetrics().elidedText(words, cut, int(room.width()))
        side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), text)

    @staticmethod
    def _paint_share(painter: QPainter, share: float, area: QRectF) -> None:
        """A line at the foot of a cell, whose whole length is 1."""
        tokens = theme.current()
        whole = QRectF(area.left() + PAD, area.bottom() - BAR - 2, area.width() - 2 * PAD, BAR)
        painter.fillRect(whole, theme.colour(tokens.hairline))
        whole.setWidth(whole.width() * min(1.0, max(0.0, share)))
        painter.fillRect(whole, theme.colour(tokens.accent))

    @staticmethod
    def _paint_image(painter: QPainter, image: QImage, area: QRectF) -> float:
        """The picture at the left of a cell, in its proportions; where the words begin."""
        side = area.height() - 6
        scale = side / max(image.width(), image.height())
        size = QRectF(0, 0, image.width() * scale, image.height() * scale)
        size.moveCenter(QRectF(area.left() + PAD, area.top() + 3, side, side).center())
        painter.drawImage(size, image)
        return area.left() + PAD + side + PAD

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, ROW)


class PredictionsTable(QTableView):
    """The table. The arrow keys move the row that is selected."""

    def __init__(self, model: PredictionsModel) -> None:
        super().__init__()
        self.predictions = model
        self.setModel(model)
        self.setItemDelegate(PredictionsDelegate(model, self))
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Predictions")
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        head.setFixedHeight(24)
        model.modelReset.connect(self._arrange)
        theme.changed.connect(self.viewport().update)

    def _arrange(self) -> None:
        """Give each column room for its heading and its first cells."""
        model = self.predictions
        self.verticalHeader().setDefaultSectionSize(PICTURE_ROW if model.images else ROW)
        told = self.fontMetrics()
        for column, title in enumerate(model.answer.headings):
            cells = [row[column] for row in model.answer.rows[:20]]
            wide = max(told.horizontalAdvance(shown(text)[:80]) for text in (title, *cells)) + 3 * PAD
            wide += PICTURE_ROW + PAD if column in model.images else 0
            self.setColumnWidth(column, min(max(wide, NARROWEST), WIDEST))
