"""Says that what is shown belongs to an older drawing, and offers what can be done about it."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QWidget

from app.state.run_drawing import RunDrawing
from app.widgets.buttons import LinkButton
from app.widgets.flow import ChipFlow
from app.widgets.text import body


class OutdatedNotice(QWidget):
    """A sentence with two actions: train the present drawing, or show the one that is trained."""

    def __init__(self, drawing: RunDrawing) -> None:
        super().__init__()
        self._drawing = drawing
        self.setAccessibleName("Older drawing")
        self.text = body("")
        self.text.setWordWrap(False)
        self.restart = LinkButton("Apply by restarting")
        self.restart.setToolTip("Stop this run and train the drawing as it is now")
        self.show_drawing = LinkButton("Show that drawing")
        self.show_drawing.setToolTip("Open the drawing of the run, as a copy")
        self.restart.clicked.connect(drawing.restart_wanted)
        self.show_drawing.clicked.connect(drawing.show_wanted)
        self.text.setMinimumHeight(self.restart.sizeHint().height())  # on one line with the actions
        flow = ChipFlow(self, gap=12, row_gap=2)
        for widget in (self.text, self.restart, self.show_drawing):
            flow.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()

    def show_for(self, is_stale: bool) -> None:
        """Show it where what stands beside it is of another drawing than the present one."""
        self.text.setText(self._drawing.sentence)
        self.restart.setVisible(self._drawing.is_active)
        self.setVisible(is_stale)
