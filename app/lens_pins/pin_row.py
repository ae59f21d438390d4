"""Thumbnails of the pinned samples in rows: a click shows one in all pictures, Del takes one off."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.lens_pins.sample_reading import Thumbnail
from app.lenses.colour_maps import sample_image
from app.lenses.tile_grid import in_lines
from app.style import theme
from engine.messages.pinned import Pinned

TILE, GAP = 44, 6
_CROSS = 14


class PinRow(QWidget):
    """`pointed` is what is under the mouse, in words. The cross of a tile takes its sample off."""

    chosen = Signal(object)  # Pinned
    removed = Signal(object)
    pointed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.samples: tuple[Pinned, ...] = ()
        self.shown: Pinned | None = None
        self._thumbnails: dict[Pinned, Thumbnail] = {}
        self._at: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Pinned samples")
        theme.changed.connect(self.update)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def show_samples(
        self, samples: tuple[Pinned, ...], shown: Pinned, thumbnails: dict[Pinned, Thumbnail]
    ) -> None:
        """These tiles; the one of `shown` has the accent."""
        self.samples, self.shown, self._thumbnails = samples, shown, thumbnails
        self.setAccessibleDescription(", ".join(sample.words for sample in samples) or "none")
        self._fit()
        self.update()

    @property
    def columns(self) -> int:
        return max(1, (self.width() + GAP) // (TILE + GAP))

    def tile(self, index: int) -> QRectF:
        """Where a sample stands."""
        row, column = divmod(index, self.columns)
        return QRectF(column * (TILE + GAP), row * (TILE + GAP), TILE, TILE)

    def cross(self, index: int) -> QRectF:
        """The place that takes a sample off."""
        box = self.tile(index)
        return QRectF(box.right() - _CROSS, box.top(), _CROSS, _CROSS)

    def _fit(self) -> None:
        rows = -(-len(self.samples) // self.columns) if self.samples else 0
        self.setFixedHeight(max(0, rows * (TILE + GAP) - GAP))
        self.setVisible(bool(self.samples))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _index_at(self, place: QPointF) -> int | None:
        return next((i for i in range(len(self.samples)) if self.tile(i).contains(place)), None)

    # Mouse and keys ------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._at = self._index_at(event.position())
        self.pointed.emit("" if self._at is None else self.samples[self._at].words)
        self.update()

    def leaveEvent(self, event: object) -> None:
        del event
        self._at = None
        self.pointed.emit("")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if index is None or event.button() != Qt.MouseButton.LeftButton:
            return
        sample = self.samples[index]
        if self.cross(index).contains(event.position()):
            self.removed.emit(sample)
        else:
            self.chosen.emit(sample)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        at = self.samples.index(self.shown) if self.shown in self.samples else -1
        ways = {Qt.Key.Key_Left: at - 1, Qt.Key.Key_Right: at + 1, Qt.Key.Key_Home: 0}
        if key in ways and self.samples:
            self.chosen.emit(self.samples[min(max(ways[Qt.Key(key)], 0), len(self.samples) - 1)])
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and at >= 0:
            self.removed.emit(self.samples[at])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # Painting ----------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, sample in enumerate(self.samples):
            self._paint(painter, index, sample)
        painter.end()

    def _paint(self, painter: QPainter, index: int, sample: Pinned) -> None:
        tokens, box = theme.current(), self.tile(index)
        thumbnail = self._thumbnails.get(sample, sample.words)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(box, 5, 5)
        if isinstance(thumbnail, str):
            painter.setFont(theme.mono(9))
            painter.setPen(QColor(tokens.text))
            lines = in_lines(thumbnail, QFontMetrics(theme.mono(9)), TILE - 6, 3)
            painter.drawText(box.adjusted(3, 2, -3, -2), Qt.AlignmentFlag.AlignCenter, "\n".join(lines))
        else:
            inner = box.adjusted(3, 3, -3, -3)
            image = sample_image(thumbnail, 0.0, 255.0)
            scale = min(inner.width() / image.width(), inner.height() / image.height())
            size = QRectF(0, 0, image.width() * scale, image.height() * scale)
            size.moveCenter(inner.center())
            painter.drawImage(size, image)
        if sample == self.shown:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
        if index == self._at:
            self._paint_cross(painter, self.cross(index))

    @staticmethod
    def _paint_cross(painter: QPainter, box: QRectF) -> None:
        tokens = theme.current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.panel))
        painter.drawEllipse(box)
        painter.setPen(QPen(QColor(tokens.text), 1.4))
        inner = box.adjusted(4.5, 4.5, -4.5, -4.5)
        painter.drawLine(inner.topLeft(), inner.bottomRight())
        painter.drawLine(inner.topRight(), inner.bottomLeft())
