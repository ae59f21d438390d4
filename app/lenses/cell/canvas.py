"""The picture of one element: input with the window, kernel, products and output map; or a list of terms.

Paints what it is given as wide as it is, tells what is under the mouse, and what was clicked.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.lenses.cell import paint
from app.lenses.cell.paint import CAPTION, ROW
from app.lenses.cell.shown import ShownCell
from app.style import theme as style
from app.style.theme import Theme
from engine.lens.cell.cell import EACH, NONE
from engine.lens.cell.wording import told

WIDE = 520
"""From this width on all pictures of a window stand in one row."""
MOST_MAP = 340.0
"""Side of the output map in a wide view, at most."""
GAP = 12.0
TILE = 22.0
TERMS = 12
"""Terms on a page."""
_KEYS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


@dataclass
class Boxes:
    """Where everything stands; an empty rectangle is not drawn."""

    output: QRectF = field(default_factory=QRectF)
    entering: QRectF = field(default_factory=QRectF)
    patch: QRectF = field(default_factory=QRectF)
    kernel: QRectF = field(default_factory=QRectF)
    products: QRectF = field(default_factory=QRectF)
    curve: QRectF = field(default_factory=QRectF)
    tiles: list[QRectF] = field(default_factory=list)
    terms: QRectF = field(default_factory=QRectF)
    height: float = 0.0


class CellCanvas(QWidget):
    """`chosen` tells a place of the output map, `group_chosen` a group of terms."""

    pointed = Signal(str)
    chosen = Signal(int, int)
    group_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.shown: ShownCell | None = None
        self.group, self.page = 0, 0
        self.boxes = Boxes()
        self._hovered = -1
        self._mouse: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Output map. Arrow keys choose another element.")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        style.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(268, int(self.boxes.height) or 120)

    def show_element(self, shown: ShownCell, group: int, page: int) -> None:
        """Paint this from now on."""
        self.shown, self.group, self.page = shown, group, page
        self._fit()
        self.update()
        if self._mouse is not None:
            self.pointed.emit(self.words_at(self._mouse))  # the window slid on below the mouse

    def page_rows(self) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """The terms that are listed now."""
        assert self.shown is not None
        rows = self.shown.ordered(self.group) if self.shown.groups else np.zeros(0, np.intp)
        return rows[self.page * TERMS : (self.page + 1) * TERMS]

    # Places --------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self.shown is None:
            return
        self.boxes = places(self.shown, float(max(120, self.width())), len(self.page_rows()))
        if round(self.boxes.height) != self.height():
            self.setFixedHeight(round(self.boxes.height))

    # Painting ------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.shown is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        draw(painter, self.shown, self.boxes, self.group, self.page_rows(), self._hovered, style.current())
        if self.hasFocus():
            painter.setPen(QPen(style.colour(style.current().accent, 0.6), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.boxes.output.adjusted(-3, -3, 3, 3))
        painter.end()

    # Mouse and keys ------------------------------------------------------------------------

    def place_at(self, point: QPointF) -> tuple[int, int] | None:
        """The place of the output map under the mouse."""
        box, shown = self.boxes.output, self.shown
        if shown is None or not box.contains(point):
            return None
        return shown.place_at(*_square(box, shown.wrapped.shape, point))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = self._mouse = event.position()
        over = self.place_at(point) is not None or self._tile_at(point) >= 0
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        hovered = self._term_at(point)
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()
        self.pointed.emit(self.words_at(point))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hovered, self._mouse = -1, None
        self.pointed.emit("")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        place = self.place_at(event.position())
        if place is not None:
            self.chosen.emit(*place)
        elif (tile := self._tile_at(event.position())) >= 0:
            self.group_chosen.emit(tile)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _KEYS.get(Qt.Key(event.key()))
        if step is None or self.shown is None:
            super().keyPressEvent(event)
            return
        rows, columns = self.shown.size
        row, column = self.shown.place
        down = self.shown.wrapped.shape[1] if self.shown.wrapped is not self.shown.output else 0
        column += step[1] + step[0] * down
        row += step[0] if not down else 0
        if 0 <= row < rows and 0 <= column < columns:
            self.chosen.emit(row, column)

    def _tile_at(self, point: QPointF) -> int:
        return next((place for place, box in enumerate(self.boxes.tiles) if box.contains(point)), -1)

    def _term_at(self, point: QPointF) -> int:
        box, shown = self.boxes.terms, self.shown
        if shown is None or not box.contains(point):
            return -1
        place = int((point.y() - box.top()) // ROW) - 1
        rows = self.page_rows()
        return int(rows[place]) if 0 <= place < len(rows) else -1

    def words_at(self, point: QPointF) -> str:
        """What is under the mouse: a value of a map, a term of the window, what a group adds."""
        shown, boxes = self.shown, self.boxes
        if shown is None:
            return ""
        if (place := self.place_at(point)) is not None:
            row, column = place[0] - shown.corner[0], place[1] - shown.corner[1]
            where = str(place[1]) if len(shown.shape) == 1 else shown.place_words(*place)
            return f"output {where} · {told(float(shown.output[row, column]))}"
        if (tile := self._tile_at(point)) >= 0:
            part = float(shown.cell.parts[tile])
            if shown.cell.adds == EACH:
                return f"{shown.groups[tile]}: {told(part + float(shown.cell.bias[tile]))}"
            return f"{shown.groups[tile]} adds {told(part)}"
        if (row := self._term_at(point)) >= 0:
            return shown.term_words(row)
        if shown.window is not None and boxes.entering.contains(point):
            values = shown.window.maps[min(self.group, len(shown.window.maps) - 1)]
            row, column = _square(boxes.entering, values.shape, point)
            top, left = shown.window.corner
            return f"input {row + top}, {column + left} · {told(float(values[row, column]))}"
        return self._product_at(point)

    def _product_at(self, point: QPointF) -> str:
        """The term under the mouse in the window, the kernel or the products."""
        shown, boxes = self.shown, self.boxes
        box = next((one for one in (boxes.patch, boxes.kernel, boxes.products) if one.contains(point)), None)
        if shown is None or shown.window is None or box is None:
            return ""
        patch = shown.patch(self.group)
        row, column = _square(box, patch.shape, point)
        x = float(patch[row, column])
        if np.isnan(x):
            return "beyond the edge: it does not count"
        if not shown.has_kernel:
            return f"x = {told(x)}"
        k = float(shown.window.kernel[self.group, row, column])
        return f"x × k = {told(x)} × {told(k)} = {told(x * k)}"


def _square(box: QRectF, shape: tuple[int, ...], point: QPointF) -> tuple[int, int]:
    row = int((point.y() - box.top()) / box.height() * shape[0])
    column = int((point.x() - box.left()) / box.width() * shape[1])
    return min(max(row, 0), shape[0] - 1), min(max(column, 0), shape[1] - 1)


def fitted(values: tuple[int, ...], left: float, top: float, width: float, height: float) -> QRectF:
    """The largest rectangle of squares for a map of this shape; long rows are stretched."""
    rows, columns = values[0], values[1]
    side = min(width / columns, height / rows)
    across = width if columns * side < width * 0.35 and columns > rows else columns * side
    down = min(height, max(rows * side, 14.0))
    if rows * side < 14.0:
        across = width
    return QRectF(left, top, across, down)


def places(shown: ShownCell, width: float, rows: int) -> Boxes:
    """Where everything stands at this width."""
    boxes = Boxes()
    if shown.window is not None and shown.grid is not None:
        wide = width >= WIDE
        top = _window_in_row(shown, boxes, width) if wide else _window_in_two(shown, boxes, width)
    else:
        high = 96.0 if width < WIDE else min(MOST_MAP, max(132.0, 0.45 * width))
        boxes.output = fitted(shown.wrapped.shape, 1, CAPTION, width - 2, high)
        if shown.cell.curve.size:
            boxes.curve = paint.curve_box(boxes.output, width)
        top = max(boxes.output.bottom(), boxes.curve.bottom()) + GAP
    if len(shown.groups) > 1 and shown.cell.adds != NONE:
        top += CAPTION - 4
        top = _tiles(boxes, len(shown.groups), width, top, named=shown.cell.adds == EACH)
    if shown.window is None and rows:
        boxes.terms = QRectF(0, top, width, (rows + 1) * ROW)
        top = boxes.terms.bottom() + 4
    boxes.height = top
    return boxes


def _tiles(boxes: Boxes, count: int, width: float, top: float, *, named: bool) -> float:
    high, most = (2 * TILE - 8, 110.0) if named else (TILE, 56.0)
    each = min(most, max(16.0, (width - 2) / count))
    across = max(1, int((width - 2) // each))
    for place in range(count):
        row, column = divmod(place, across)
        boxes.tiles.append(QRectF(1 + column * each, top + row * high, each, high))
    return top + -(-count // across) * high + GAP


def _window_in_two(shown: ShownCell, boxes: Boxes, width: float) -> float:
    """The maps above, the window, the kernel and the products below."""
    assert shown.window is not None
    half = (width - 2 - GAP) / 2
    boxes.entering = fitted(shown.window.maps.shape[1:], 1, CAPTION, half, half)
    boxes.output = fitted(shown.wrapped.shape, 1 + half + GAP, CAPTION, half, half)
    top = max(boxes.entering.bottom(), boxes.output.bottom()) + CAPTION + 6
    return _grids(shown, boxes, 1, top, width - 2, width * 0.6) + GAP


def _window_in_row(shown: ShownCell, boxes: Boxes, width: float) -> float:
    """Input, window, kernel, products and output from left to right."""
    assert shown.window is not None
    side = min(width * 0.2, 190.0)
    boxes.entering = fitted(shown.window.maps.shape[1:], 1, CAPTION, side, side)
    boxes.output = fitted(shown.wrapped.shape, width - 1 - side, CAPTION, side, side)
    left = 1 + side + GAP + 6
    bottom = _grids(shown, boxes, left, CAPTION, width - 2 - 2 * (side + GAP + 6), side)
    return max(bottom, boxes.entering.bottom(), boxes.output.bottom()) + GAP


def _between(width: float) -> float:
    """Room for an operator between two grids."""
    return 22.0 if width > 300 else 14.0


def _grids(shown: ShownCell, boxes: Boxes, left: float, top: float, width: float, high: float) -> float:
    """The window and, of a convolution, kernel and products beside each other; returns the lower edge."""
    assert shown.grid is not None
    count = 3 if shown.has_kernel else 1
    rows, columns = shown.grid
    between = _between(width)
    side = min((width - between * (count - 1)) / count / columns, high / rows, 44.0)
    across, down = side * columns, max(side * rows, 12.0)
    start = left + max(0.0, (width - count * across - between * (count - 1)) / 2 if count == 1 else 0.0)
    found = [QRectF(start + place * (across + between), top, across, down) for place in range(count)]
    boxes.patch = found[0]
    if count == 3:
        boxes.kernel, boxes.products = found[1], found[2]
    return top + down


def draw(
    painter: QPainter,
    shown: ShownCell,
    boxes: Boxes,
    group: int,
    rows: np.ndarray[tuple[int], np.dtype[np.intp]],
    hovered: int,
    theme: Theme,
) -> None:
    """All of it."""
    if shown.window is not None:
        _draw_window(painter, shown, boxes, group, theme)
    name = shown.channel_words.split(" · ")[0] if shown.has_channels else "output"
    paint.caption(painter, boxes.output, name.capitalize(), theme)
    paint.picture(painter, boxes.output, shown.wrapped, theme)
    across = boxes.output.width() / shown.wrapped.shape[1]
    down = boxes.output.height() / shown.wrapped.shape[0]
    row, column = shown.drawn_at(shown.place)
    own = QRectF(boxes.output.left() + column * across, boxes.output.top() + row * down, across, down)
    paint.outline(painter, _at_least(own, 5.0), theme)
    if not boxes.curve.isEmpty():
        paint.curve(painter, boxes.curve, shown.cell, theme)
    if boxes.tiles:
        own_sums = shown.cell.adds == EACH
        words = "The sum of each" if own_sums else "What each adds"
        paint.caption(
            painter, boxes.tiles[0].united(boxes.tiles[-1]), f"{words}; click one for its terms", theme
        )
        parts = shown.cell.parts + shown.cell.bias if own_sums else shown.cell.parts
        paint.strip(painter, boxes.tiles, parts, shown.groups if own_sums else (), group, theme)
    if not boxes.terms.isEmpty():
        paint.terms(painter, boxes.terms, shown, rows, hovered, theme)


def _draw_window(painter: QPainter, shown: ShownCell, boxes: Boxes, group: int, theme: Theme) -> None:
    window = shown.window
    assert window is not None
    group = min(group, len(window.maps) - 1)
    name = window.names[group]
    scale = paint.scale_of(window.maps)
    paint.caption(painter, boxes.entering, f"Input {name}", theme)
    paint.picture(painter, boxes.entering, window.maps[group], theme, scale)
    _frame(painter, shown, boxes.entering, theme)
    patch = shown.patch(group)
    paint.caption(painter, boxes.patch, "Window" if boxes.kernel.isEmpty() else "x", theme)
    paint.grid(painter, boxes.patch, patch, scale, theme, _greatest(shown, patch))
    if boxes.kernel.isEmpty():
        return
    kernel = window.kernel[group]
    products = patch * kernel
    paint.caption(painter, boxes.kernel, "k", theme)
    paint.grid(painter, boxes.kernel, kernel, paint.scale_of(window.kernel), theme)
    paint.caption(painter, boxes.products, "x·k", theme)
    paint.grid(painter, boxes.products, products, paint.scale_of(products), theme)
    for left, right, word in ((boxes.patch, boxes.kernel, "×"), (boxes.kernel, boxes.products, "=")):
        middle = QPointF((left.right() + right.left()) / 2, left.center().y())
        paint.sign(painter, middle, word, theme)


def _greatest(shown: ShownCell, patch: paint.Floats) -> tuple[int, int] | None:
    """The value that a max pool takes."""
    if shown.has_kernel or shown.cell.marked < 0:
        return None
    row, column = divmod(int(np.nanargmax(patch)), patch.shape[1])
    return row, column


def _frame(painter: QPainter, shown: ShownCell, box: QRectF, theme: Theme) -> None:
    """The window on the input, as far as it lies on what is shown."""
    window = shown.window
    assert window is not None
    place = (0, shown.place[1]) if shown.is_signal else shown.place
    reach = window.reach(*((0, 0) if len(shown.shape) == 1 else place))
    across, down = box.width() / window.maps.shape[2], box.height() / window.maps.shape[1]
    top, left = window.corner
    frame = QRectF(
        box.left() + (reach[1][0] - left) * across,
        box.top() + (reach[0][0] - top) * down,
        (reach[1][-1] - reach[1][0] + 1) * across,
        (reach[0][-1] - reach[0][0] + 1) * down,
    )
    paint.outline(painter, _at_least(frame, 5.0).intersected(box.adjusted(-2, -2, 2, 2)), theme)


def _at_least(box: QRectF, side: float) -> QRectF:
    """The same place, large enough to be seen."""
    across, down = max(box.width(), side), max(box.height(), side)
    return QRectF(box.center().x() - across / 2, box.center().y() - down / 2, across, down)
