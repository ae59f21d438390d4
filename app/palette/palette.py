"""The palette: the project's definitions and every layer by family, with a search, to be dragged or added.

A drag carries the layer's type (and, below it, parameters as JSON) as `application/x-layerloom-layer`; Enter
or a double click emits `chosen`.
"""

from __future__ import annotations

import json

from PySide6.QtCore import (
    QByteArray,
    QEvent,
    QMimeData,
    QModelIndex,
    QObject,
    QPoint,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAction, QDrag, QFont, QFontMetrics, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListView,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.palette.palette_model import (
    FamilyHeading,
    Index,
    Offer,
    PaletteModel,
    Row,
    definition_offers,
    library_offers,
)
from app.state import settings
from app.state.session import Session
from app.style import theme
from app.widgets.enter_keys import keeps_key
from app.widgets.file_drops import LineField
from app.widgets.icons import icon
from app.widgets.text import EmptyState

MIME = "application/x-layerloom-layer"
_HEADING, _ITEM = 26, 24


class _RowPainter(QStyledItemDelegate):
    """A family: a dot and its name. A layer: its name, indented; in search results with its family's dot."""

    searching = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = _row(index)
        return QSize(option.rect.width(), _HEADING if isinstance(row, FamilyHeading) else _ITEM)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, look, rect = _row(index), theme.current(), QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = option.state & QStyle.StateFlag.State_Selected
        hovered = option.state & QStyle.StateFlag.State_MouseOver
        is_family = isinstance(row, FamilyHeading)
        if (chosen or hovered) and not is_family:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(look.raised))
            painter.drawRoundedRect(rect.adjusted(6, 1, -6, -1), 5, 5)
        if is_family or self.searching:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(look.family(row.family)))
            painter.drawRoundedRect(QRectF(12, rect.center().y() - 3.5, 8, 8), 2.5, 2.5)
        words = rect.adjusted(27, 0, -12, 0)
        painter.setPen(theme.colour(look.muted if is_family else look.text))
        painter.setFont(theme.sans(12, QFont.Weight.DemiBold) if is_family else theme.sans(13))
        if isinstance(row, Offer) and row.kind:
            words = _paint_kind(painter, words, row.kind)
        shown = painter.fontMetrics().elidedText(row.title, Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), shown)
        if is_family and (hovered or _is_folded(index)):
            painter.setPen(theme.colour(look.faint))
            painter.drawText(rect.adjusted(0, 0, -14, 0), _RIGHT, "›" if _is_folded(index) else "⌄")
        painter.restore()


def _paint_kind(painter: QPainter, words: QRectF, kind: str) -> QRectF:
    """What a definition is placed as, faint at the right; gives the room that is left."""
    look, font = theme.current(), painter.font()
    pen = painter.pen()
    painter.setFont(theme.mono(11))
    painter.setPen(theme.colour(look.faint))
    painter.drawText(words, _RIGHT, kind)
    wide = painter.fontMetrics().horizontalAdvance(kind) + 8
    painter.setFont(font)
    painter.setPen(pen)
    return words.adjusted(0, 0, -wide, 0)


_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)


def _row(index: Index) -> Row:
    model = index.model()
    assert isinstance(model, PaletteModel)
    return model.rows[index.row()]


def _is_folded(index: Index) -> bool:
    model, row = index.model(), _row(index)
    assert isinstance(model, PaletteModel)
    return isinstance(row, FamilyHeading) and row.key in model.folded


class PaletteList(QListView):
    """The rows, and the drag that starts from one."""

    chosen = Signal(str, object)  # layer type, parameters

    def __init__(self, model: PaletteModel) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.painter = _RowPainter(self)
        self.setItemDelegate(self.painter)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.clicked.connect(self._on_click)
        self.doubleClicked.connect(self._choose)
        theme.changed.connect(self.viewport().update)

    def row_of(self, layer_type: str) -> QModelIndex:
        """Where a layer (or a definition, by name) stands now; invalid where it is not shown."""
        for at, row in enumerate(self._model.rows):
            if isinstance(row, Offer) and layer_type in (
                row.layer if not (row.definition or row.library) else "",
                row.definition,
                row.library,
            ):
                return self._model.index(at)
        return QModelIndex()

    def select_first(self) -> None:
        first = next(
            (at for at, row in enumerate(self._model.rows) if not isinstance(row, FamilyHeading)), None
        )
        if first is not None:
            self.setCurrentIndex(self._model.index(first))

    def choose_current(self) -> None:
        self._choose(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose_current()
        else:
            super().keyPressEvent(event)

    def startDrag(self, _actions: Qt.DropAction) -> None:
        index = self.currentIndex()
        if not index.isValid() or not isinstance(row := _row(index), Offer):
            return
        drag = QDrag(self)
        carried = QMimeData()
        rest = f"\n{json.dumps(row.params)}" if row.params else ""
        carried.setData(MIME, QByteArray(f"{row.layer}{rest}".encode()))
        drag.setMimeData(carried)
        picture = drag_picture(row, self.devicePixelRatioF())
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(20, round(picture.height() / picture.devicePixelRatio() / 2)))
        drag.exec(Qt.DropAction.CopyAction)
        self.clearSelection()
        QTimer.singleShot(0, self, self._be_left)

    def _be_left(self) -> None:
        """The mouse is elsewhere after a drag, which swallowed the event that says so."""
        QApplication.sendEvent(self.viewport(), QEvent(QEvent.Type.Leave))

    def _on_click(self, index: QModelIndex) -> None:
        row = _row(index)
        if isinstance(row, FamilyHeading):
            self._model.toggle(row)
            settings.settings().setValue("palette/folded", sorted(self._model.folded))

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid() and isinstance(row := _row(index), Offer):
            self.chosen.emit(row.layer, row.params)


def drag_picture(offer: Offer, ratio: float) -> QPixmap:
    """The card that hangs on the pointer during a drag."""
    look = theme.current()
    font = theme.sans(13, QFont.Weight.DemiBold)
    width = max(96, QFontMetrics(font).horizontalAdvance(offer.title) + 32)
    picture = QPixmap(round(width * ratio), round(36 * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    card = QRectF(0.5, 0.5, width - 1, 35)
    painter.setPen(theme.colour(look.hairline))
    painter.setBrush(theme.colour(look.panel, 0.95))
    painter.drawRoundedRect(card, 8, 8)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(look.family(offer.family)))
    painter.drawRoundedRect(QRectF(0, 5, 3, 26), 1.5, 1.5)
    painter.setFont(font)
    painter.setPen(theme.colour(look.text))
    painter.drawText(card.adjusted(14, 0, -8, 0), int(Qt.AlignmentFlag.AlignVCenter), offer.title)
    painter.end()
    return picture


class Palette(QWidget):
    """The panel at the left: a search and the rows."""

    chosen = Signal(str, object)  # layer type, parameters

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.search = LineField()
        self.search.setProperty("role", "search")
        self.search.setPlaceholderText("Search layers")
        self.search.setClearButtonEnabled(True)
        self._draw_clear_icon()
        theme.changed.connect(self._draw_clear_icon)
        self.search.textChanged.connect(self._on_text)
        self.search.returnPressed.connect(self._on_return)
        self.search.installEventFilter(self)
        self.model = PaletteModel(_folded())
        self.list = PaletteList(self.model)
        self.list.chosen.connect(self.chosen)
        self.empty = EmptyState("No such layer", "Try another word, such as conv, norm or loss.")
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 12, 0, 0)
        layout.setSpacing(6)
        row = QVBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.addWidget(self.search)
        layout.addLayout(row)
        layout.addWidget(self.stack, 1)
        session.project_changed.connect(self._on_project)
        session.view_changed.connect(self._on_project)
        self._on_project()

    def _on_project(self) -> None:
        self.model.show_own(definition_offers(self._session))
        self.model.show_library(library_offers())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows in the search move through the rows, Escape empties it, Enter with any modifier adds."""
        if watched is self.search and self.search.text() and keeps_key(event):
            event.accept()
            return True
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.list.keyPressEvent(event)
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return False

    def _draw_clear_icon(self) -> None:
        clear = self.search.findChild(QAction)
        if clear is not None:
            clear.setIcon(icon("close", theme.current().muted))
            clear.setVisible(bool(self.search.text()))

    def _on_text(self, text: str) -> None:
        self._draw_clear_icon()
        self.list.painter.searching = bool(text.strip())
        self.model.search(text)
        self.stack.setCurrentWidget(self.list if self.model.rows else self.empty)
        if text.strip():
            self.list.select_first()

    def _on_return(self) -> None:
        if not self.list.currentIndex().isValid():
            self.list.select_first()
        self.list.choose_current()
        self.search.selectAll()


def _folded() -> list[str]:
    value = settings.settings().value("palette/folded", [])
    names = value if isinstance(value, list) else [value] if value else []
    return [str(name) for name in names]
