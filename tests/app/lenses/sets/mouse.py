"""The mouse over a page of a view: what it points at, and a click."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from app.lenses.sets.paged import PagedView


def point(view: PagedView, place: QPointF) -> str:
    """Move the mouse to a place of the page; the words that are told."""
    said: list[str] = []
    view.pointed.connect(said.append)
    _send(view, QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton)
    view.pointed.disconnect(said.append)
    return said[-1]


def click(view: PagedView, place: QPointF) -> None:
    _send(view, QEvent.Type.MouseButtonPress, place, Qt.MouseButton.LeftButton)


def _send(view: PagedView, kind: QEvent.Type, place: QPointF, button: Qt.MouseButton) -> None:
    none = Qt.KeyboardModifier.NoModifier
    canvas = view.canvas
    where = place + QPointF(canvas.mapToGlobal(canvas.rect().topLeft()))
    QApplication.sendEvent(canvas, QMouseEvent(kind, place, where, button, button, none))
