"""Says that what is shown belongs to an older drawing, and offers what can be done about it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.state.run_drawing import RunDrawing
from app.widgets.buttons import LinkButton
from app.widgets.text import body


class OutdatedNotice(QWidget):
    """A sentence with two actions: train the present drawing, or show the one that is trained."""

    def __init__(self, drawing: RunDrawing, *, in_a_row: bool = False) -> None:
        super().__init__()
        self._drawing = drawing
        self.setAccessibleName("Older drawing")
        self.text = body("")
        self.restart = LinkButton("Apply by restarting")
        self.restart.setToolTip("Stop this run and train the drawing as it is now")
        self.show_drawing = LinkButton("Show that drawing")
        self.show_drawing.setToolTip("Open the drawing of the run, as a copy")
        self.restart.clicked.connect(drawing.restart_wanted)
        self.show_drawing.clicked.connect(drawing.show_wanted)
        actions = QHBoxLayout()
        actions.setSpacing(12)
        actions.addWidget(self.restart)
        actions.addWidget(self.show_drawing)
        actions.addStretch(1)
        outer = QHBoxLayout(self) if in_a_row else QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12 if in_a_row else 2)
        outer.addWidget(self.text)
        outer.addLayout(actions, 1)
        if in_a_row:
            self.text.setWordWrap(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_for(self, is_stale: bool) -> None:
        """Show it where what stands beside it is of another drawing than the present one."""
        self.text.setText(self._drawing.sentence)
        self.restart.setVisible(self._drawing.is_active)
        self.setVisible(is_stale)
