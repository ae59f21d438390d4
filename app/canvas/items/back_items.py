"""What stands behind the nodes for the reader's eye only: titled frames and notes."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QAbstractTextDocumentLayout, QPainter, QPalette, QPen, QTextDocument
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.canvas.items import measures as m
from app.canvas.items.grid import FRAME_TITLE
from app.canvas.items.node_item import Look, StackedItem
from app.style import theme
from engine.document.project import Frame, Note

_SHOWN = 4_000
"""Characters of a note that are shown: laying them out takes time."""


class FrameItem(StackedItem):
    """A titled rectangle behind nodes."""

    layer = -20.0

    def __init__(self, key: str, frame: Frame, look: Look) -> None:
        super().__init__()
        self.key, self.frame, self.look = key, frame, look
        self.set_rank(0.0)
        self.setPos(frame.x, frame.y)

    def set_frame(self, frame: Frame) -> None:
        self.prepareGeometryChange()
        self.frame = frame
        self.setPos(frame.x, frame.y)
        self.update()

    @property
    def rect(self) -> QRectF:
        return QRectF(self.x(), self.y(), self.frame.width, self.frame.height)

    def grips(self, point: QPointF) -> bool:
        """Whether the point is on the title, by which a frame is dragged."""
        return QRectF(self.x(), self.y(), self.frame.width, FRAME_TITLE).contains(point)

    def boundingRect(self) -> QRectF:
        return QRectF(-1, -1, self.frame.width + 2, self.frame.height + 2)

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem | None, _widget: QWidget | None = None
    ) -> None:
        now = theme.current()
        painter.setPen(QPen(theme.colour(now.hairline), 1.0))
        painter.setBrush(theme.colour(now.accent, 0.045))
        painter.drawRoundedRect(
            QRectF(0, 0, self.frame.width, self.frame.height), m.FRAME_RADIUS, m.FRAME_RADIUS
        )
        painter.setPen(self.look.ink.muted)
        painter.setFont(m.font("heading"))
        title = m.elided("heading", self.frame.title, self.frame.width - 26.0)
        painter.drawStaticText(QPointF(13.0, 9.0), m.static_text("heading", title))


class NoteItem(StackedItem):
    """A text on the canvas."""

    layer = -15.0

    def __init__(self, key: str, note: Note, look: Look) -> None:
        super().__init__()
        self.key, self.note, self.look = key, note, look
        self.set_rank(0.0)
        self._document = QTextDocument()
        self.set_note(note)

    def set_note(self, note: Note) -> None:
        self.prepareGeometryChange()
        self.note = note
        self._document.setDocumentMargin(0.0)
        self._document.setDefaultFont(m.font("body"))
        self._document.setPlainText(note.text if len(note.text) <= _SHOWN else f"{note.text[:_SHOWN]} …")
        self._document.setTextWidth(note.width - 24.0)
        self.setPos(note.x, note.y)
        self.update()

    @property
    def rect(self) -> QRectF:
        return QRectF(self.x(), self.y(), self.note.width, self._document.size().height() + 20.0)

    def grips(self, point: QPointF) -> bool:
        return self.rect.contains(point)

    def boundingRect(self) -> QRectF:
        return QRectF(-1, -1, self.note.width + 2, self._document.size().height() + 22.0)

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem | None, _widget: QWidget | None = None
    ) -> None:
        now = theme.current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(now.raised))
        painter.drawRoundedRect(QRectF(0, 0, self.note.width, self.rect.height()), m.RADIUS, m.RADIUS)
        painter.save()
        painter.translate(12.0, 10.0)
        context = _text_context(now.muted)
        self._document.documentLayout().draw(painter, context)
        painter.restore()


def _text_context(value: str) -> QAbstractTextDocumentLayout.PaintContext:
    context = QAbstractTextDocumentLayout.PaintContext()
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Text, theme.colour(value))
    context.palette = palette
    return context
