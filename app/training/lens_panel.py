"""The lens on the output of a run, beside its charts: heading, which sample, and the picture.

Which lens that is follows from what it reads: the first of those of outputs that reads the data.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.lenses.moment import moment_words
from app.lenses.painter import Context
from app.lenses.registry import PAINTERS
from app.widgets.dimming import set_dimmed
from app.widgets.section import Heading
from engine.lens.lens import Reads
from engine.lens.registry import LENSES
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest
from nodes.data.output import Output


class LensPanel(QWidget):
    """One view of a lens, as large as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.lens = next(lens for lens in LENSES.reading(Reads.DATA) if lens.applies_to(Output, None))
        self._painter = PAINTERS[self.lens.kind]
        self.setAccessibleName(self.lens.title)
        self.heading = Heading(self.lens.title)
        self.heading.title.setStyleSheet("font-size: 13px;")
        self.heading.setFixedHeight(20)
        self.heading.note.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self.picture: QWidget = self._painter.view()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.heading)
        column.addWidget(self.picture, 1)
        self.setMinimumWidth(150)

    def request(self, target: str) -> LensRequest:
        """What to ask a run for, to see its output at this path."""
        return LensRequest(self.lens.kind, target)

    def show_frame(
        self, frame: LensFrame | None, sample: str, context: Context, *, live: bool, is_stale: bool
    ) -> None:
        """What the lens saw of the sample with these words, dimmed where it is of another drawing."""
        moment = sample if frame is None else moment_words(frame, sample, live=live)
        set_dimmed(self.picture, is_stale and frame is not None)
        self._painter.show(self.picture, frame.arrays if frame is not None else {}, context)
        self.heading.title.setText(self._painter.title(self.lens.title, context))
        self.heading.note.setText(self._painter.note(self.picture, moment, context))
