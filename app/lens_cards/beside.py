"""A picture that was kept, at the left of the one that goes on: the same lens at two moments.

Shows what it is given; knows no run.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.lenses.painter import Context, PaintedView, Painter
from app.widgets.text import ElidedLabel
from engine.messages.events import LensFrame


class Beside(QWidget):
    """`frame` is the one that is kept, if any. Captions are shown while there are two pictures."""

    pointed = Signal(str)

    def __init__(self, view: QWidget) -> None:
        super().__init__()
        self.frame: LensFrame | None = None
        self.kept: QWidget | None = None
        """The picture of `frame`."""
        self._moment = ""
        self._changes: tuple[str, ...] = ()
        self.left, self.right = ElidedLabel("", role="caption"), ElidedLabel("", role="caption")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(12)
        self._kept_column, live = QVBoxLayout(), QVBoxLayout()
        self._kept_column.addWidget(self.left)
        live.addWidget(self.right)
        live.addWidget(view)
        for column in (self._kept_column, live):
            column.setSpacing(4)
            self._row.addLayout(column, 1)
        self.let_go()

    def keep(self, painter: Painter[Any], frame: LensFrame, context: Context, moment: str) -> None:
        """Show this frame at the left from now on; `moment` says its sample and step."""
        self.let_go()
        view: QWidget = painter.view()
        if isinstance(view, PaintedView):
            view.fill()
        if not painter.show(view, frame.arrays, context.of(frame)):
            view.deleteLater()
            return
        view.pointed.connect(self.pointed)  # type: ignore[attr-defined]  # every view of a painter has it
        self.frame, self.kept, self._changes = frame, view, ()
        self._moment = painter.note(view, moment, context)
        view.setAccessibleName(f"Kept: {self._moment}")
        self._kept_column.addWidget(view)
        self._row.setStretch(0, 1)
        self._write()
        for widget in (view, self.left, self.right):
            widget.show()

    def let_go(self) -> None:
        """The picture that goes on stands alone."""
        if self.kept is not None:
            self._kept_column.removeWidget(self.kept)
            self.kept.hide()
            self.kept.deleteLater()
        self.frame = self.kept = None
        self._row.setStretch(0, 0)
        self.left.hide()
        self.right.hide()

    def say(self, moment: str) -> None:
        """What the picture at the right shows."""
        self.right.setText(moment)

    def note_change(self, words: str) -> None:
        """What is not the same any more as when the picture was kept: "an earlier run"."""
        if self.frame is not None and words not in self._changes:
            self._changes = (*self._changes, words)
            self._write()

    @property
    def words(self) -> str:
        """What is kept, in words."""
        return " · ".join(("kept", self._moment, *self._changes))

    def _write(self) -> None:
        self.left.setText(self.words)
