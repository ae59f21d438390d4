"""The palette: every layer by family, with a search, to be dragged onto the canvas or added with Enter.

Its rows come from the registry alone. It does not know the canvas: a drag carries the layer's type as
`application/x-layerloom-layer`, and Enter or a double click emits `chosen`.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QEvent,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QDrag, QFont, QFontMetrics, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app import settings, theme
from app.session import Session
from app.widgets.buttons import icon
from app.widgets.text import EmptyState
from nodes.registry import REGISTRY
from nodes.spec import Family, Layer

MIME = "application/x-layerloom-layer"
_HEADING, _ITEM = 26, 24
_Row = Family | type[Layer]
_Index = QModelIndex | QPersistentModelIndex


class PaletteModel(QAbstractListModel):
    """Families and their layers as rows; folded families show their heading only."""

    def __init__(self, folded: Iterable[str] = ()) -> None:
        super().__init__()
        self.folded = set(folded)
        self._text = ""
        self.rows: list[_Row] = []
        self.rebuild()

    def rebuild(self) -> None:
        """Read the registry again."""
        self.beginResetModel()
        self.rows = self._found() if self._text else self._all()
        self.endResetModel()

    def search(self, text: str) -> None:
        self._text = text.strip()
        self.rebuild()

    def toggle(self, family: Family) -> None:
        """Fold or unfold a family."""
        self.folded ^= {family.value}
        self.rebuild()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.heading if isinstance(row, Family) else row.title
        if role == Qt.ItemDataRole.ToolTipRole and not isinstance(row, Family):
            return f"<p><b>{row.title}</b></p><p>{row.summary()}</p>"
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if isinstance(self.rows[index.row()], Family):
            return Qt.ItemFlag.ItemIsEnabled
        enabled = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return enabled | Qt.ItemFlag.ItemIsDragEnabled

    def _all(self) -> list[_Row]:
        rows: list[_Row] = []
        shown = [layer for layer in REGISTRY.values() if layer.family is not Family.STRUCTURE]
        for family in Family:
            layers = [layer for layer in shown if layer.family is family]
            if layers:
                rows.append(family)
                rows.extend(() if family.value in self.folded else layers)
        return rows

    def _found(self) -> list[_Row]:
        return [layer for layer in REGISTRY.search(self._text) if layer.family is not Family.STRUCTURE]


class _RowPainter(QStyledItemDelegate):
    """A family: a dot and its name. A layer: its name, indented; in search results with its family's dot."""

    searching = False

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        row = _row(index)
        return QSize(option.rect.width(), _HEADING if isinstance(row, Family) else _ITEM)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row, look, rect = _row(index), theme.current(), QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = option.state & QStyle.StateFlag.State_Selected
        hovered = option.state & QStyle.StateFlag.State_MouseOver
        is_family = isinstance(row, Family)
        if (chosen or hovered) and not is_family:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(look.raised))
            painter.drawRoundedRect(rect.adjusted(6, 1, -6, -1), 5, 5)
        family = row if isinstance(row, Family) else row.family
        if is_family or self.searching:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(look.family(family.value)))
            painter.drawRoundedRect(QRectF(12, rect.center().y() - 3.5, 8, 8), 2.5, 2.5)
        words = rect.adjusted(27, 0, -12, 0)
        painter.setPen(theme.colour(look.muted if is_family else look.text))
        painter.setFont(theme.sans(12, QFont.Weight.DemiBold) if is_family else theme.sans(13))
        title = row.heading if isinstance(row, Family) else row.title
        shown = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), shown)
        if is_family and (hovered or _is_folded(index)):
            painter.setPen(theme.colour(look.faint))
            painter.drawText(rect.adjusted(0, 0, -14, 0), _RIGHT, "›" if _is_folded(index) else "⌄")
        painter.restore()


_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)


def _row(index: _Index) -> _Row:
    model = index.model()
    assert isinstance(model, PaletteModel)
    return model.rows[index.row()]


def _is_folded(index: _Index) -> bool:
    model, row = index.model(), _row(index)
    assert isinstance(model, PaletteModel)
    return isinstance(row, Family) and row.value in model.folded


class PaletteList(QListView):
    """The rows, and the drag that starts from one."""

    chosen = Signal(str)

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
        """Where a layer stands now; invalid where it is not shown."""
        for at, row in enumerate(self._model.rows):
            if not isinstance(row, Family) and row.type == layer_type:
                return self._model.index(at)
        return QModelIndex()

    def select_first(self) -> None:
        first = next((at for at, row in enumerate(self._model.rows) if not isinstance(row, Family)), None)
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
        if not index.isValid() or isinstance(row := _row(index), Family):
            return
        drag = QDrag(self)
        carried = QMimeData()
        carried.setData(MIME, QByteArray(row.type.encode()))
        drag.setMimeData(carried)
        picture = drag_picture(row, self.devicePixelRatioF())
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(20, round(picture.height() / picture.devicePixelRatio() / 2)))
        drag.exec(Qt.DropAction.CopyAction)

    def _on_click(self, index: QModelIndex) -> None:
        row = _row(index)
        if isinstance(row, Family):
            self._model.toggle(row)
            settings.settings().setValue("palette/folded", sorted(self._model.folded))

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid() and not isinstance(row := _row(index), Family):
            self.chosen.emit(row.type)


def drag_picture(layer: type[Layer], ratio: float) -> QPixmap:
    """The card that hangs on the pointer during a drag."""
    look = theme.current()
    font = theme.sans(13, QFont.Weight.DemiBold)
    width = max(96, QFontMetrics(font).horizontalAdvance(layer.title) + 32)
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
    painter.setBrush(theme.colour(look.family(layer.family.value)))
    painter.drawRoundedRect(QRectF(0, 5, 3, 26), 1.5, 1.5)
    painter.setFont(font)
    painter.setPen(theme.colour(look.text))
    painter.drawText(card.adjusted(14, 0, -8, 0), int(Qt.AlignmentFlag.AlignVCenter), layer.title)
    painter.end()
    return picture


class Palette(QWidget):
    """The panel at the left: a search and the rows."""

    chosen = Signal(str)  # layer type

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.search = QLineEdit()
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

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows in the search move through the rows, Escape empties it."""
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
            clear.setIcon(icon("mdi6.close", theme.current().muted))
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
