"""Drops of files from another program, and the data page once it has read them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.data.data_page import DataPage
from app.shell.window import Window

LEFT, NO_KEY, COPY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction


def drop(on: QWidget, *paths: Path, until_over: bool = False) -> bool:
    """Drag files of another program onto a widget as Qt does: to it, else to what it is in; whether taken.

    With `until_over` they are held there and not let go.
    """
    carried = QMimeData()
    carried.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    carried.setText("\n".join(path.as_uri() for path in paths))  # as file managers do
    target: QWidget | None = on
    while target is not None:
        if target.acceptDrops():
            entering = QDragEnterEvent(QPoint(8, 8), COPY, carried, LEFT, NO_KEY)
            entering.ignore()
            QApplication.sendEvent(target, entering)
            if entering.isAccepted() and until_over:
                return True
            if entering.isAccepted():
                falling = QDropEvent(QPointF(8, 8), COPY, carried, LEFT, NO_KEY, QEvent.Type.Drop)
                QApplication.sendEvent(target, falling)
                return falling.isAccepted()
        target = None if target.isWindow() else target.parentWidget()
    return False


def read(qtbot, window: Window, page_name: str = "found") -> DataPage:
    """The page once it shows what was found, or what failed."""
    page = window.data.page
    qtbot.waitUntil(lambda: page.pages.currentWidget() is getattr(page, page_name), timeout=15_000)
    return page


def settled(qtbot, page: DataPage) -> None:
    """Until the last choice was read."""
    qtbot.waitUntil(lambda: not page.is_reading and page.header.progress.isHidden(), timeout=15_000)


def click(widget: QWidget, at: QPoint | None = None) -> None:
    QTest.mouseClick(widget, LEFT, NO_KEY, at or widget.rect().center())


def falls(window: Window, qtbot) -> None:
    """Training begins by its key and its loss falls."""
    qtbot.waitUntil(lambda: window.workbench().training is not None, timeout=10_000)
    told: list[float] = []
    window.controller.events.connect(
        lambda events: told.extend(
            loss
            for event in events
            for values in getattr(event, "losses", {}).values()
            for loss in (values if isinstance(values, list) else ())
        )
    )
    window.actions_.refresh()
    QTest.keyClick(window.workbench().canvas, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(told) > 40, timeout=40_000)
    assert sum(told[-5:]) < 0.8 * sum(told[:5])
