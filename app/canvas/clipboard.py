"""The clipboard of the canvas: nodes as text, so that they can be pasted into another window or an editor."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication

from app.canvas.editing.drawing_editor import DrawingEditor
from engine.document.project import Point


class CanvasClipboard:
    """Copies, cuts and pastes the selected nodes. `place` is where a paste goes, in scene coordinates."""

    def __init__(self, editor: DrawingEditor, place: Callable[[], QPointF]) -> None:
        self._editor, self._place = editor, place

    def copy(self) -> bool:
        """Put the selected nodes on the clipboard; False where none is selected."""
        text = self._editor.copied()
        if text:
            # as plain text: a clipboard that holds an object of ours outlives Python at the program's end
            QGuiApplication.clipboard().setText(text)
        return bool(text)

    def cut(self) -> None:
        if self.copy():
            self._editor.remove_cut()

    def paste(self) -> None:
        """Add the nodes on the clipboard at `place`."""
        text = QGuiApplication.clipboard().text()
        if text.strip():
            middle = self._place()
            self._editor.paste(text, Point(middle.x(), middle.y()))
