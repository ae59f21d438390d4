"""What the inspector shows of a sampler: its newest samples and the way back through the run.

One part among the others of a page; it names the lens that it needs while it is on screen.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QMouseEvent

from app.lenses.registry import PAINTERS
from app.samples.draw_button import DrawRow
from app.samples.sample_menu import SampleActions
from app.samples.samples_view import SamplesView
from app.state.run_controller import RunController
from app.widgets.buttons import IconButton
from app.widgets.section import Heading, Section
from app.widgets.text import body
from engine.lens.lens import Lens
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest


class SamplesPart(Section):
    """Samples in the width of the inspector; a double click or the arrow opens them large."""

    enlarge = Signal(str)  # the path of the sampler
    told = Signal(str, str)

    def __init__(self, controller: RunController, lens: Lens) -> None:
        super().__init__()
        self.kind = lens.kind
        self.heading = Heading(lens.title)
        self.view = SamplesView(controller, compact=True)
        self.actions_ = SampleActions(self.view)
        self.empty = body(PAINTERS[lens.kind].empty)
        self.more = IconButton("dots-horizontal", "Save or change the samples")
        self.large = IconButton("arrow-expand", "Show large")
        for button in (self.more, self.large):
            button.setFixedSize(20, 18)
            button.setIconSize(QSize(14, 14))
            self.heading.row.addWidget(button)
        self.draw = DrawRow(controller.draws)
        for widget in (self.heading, self.view, self.empty, self.draw):
            self.add(widget)
        self.view.hide()
        self.more.clicked.connect(self._open_menu)
        self.large.clicked.connect(lambda: self.enlarge.emit(self.target))
        self.actions_.told.connect(self.told)
        self.view.shown_changed.connect(self._write)
        self.view.canvas.pointed.connect(self._write)

    @property
    def target(self) -> str:
        return self.view.target

    def request(self) -> LensRequest:
        return LensRequest(self.kind, self.target)

    def look_at(self, target: str, prompt: str = "") -> None:
        """Another sampler."""
        self.actions_.name = target.rpartition(".")[2] or "samples"
        self.view.look_at(target, prompt)
        self.draw.look_at(target)

    def show_frame(self, frame: LensFrame | None, *, live: bool, is_stale: bool = False) -> None:
        """What the sampler drew last, and whether that is of another drawing."""
        self.view.show_frame(frame, live=live, is_stale=is_stale)
        self._write()

    def _write(self, pointed: str = "") -> None:
        shown = self.view.canvas.sampled is not None
        self.view.setVisible(shown)
        self.empty.setVisible(not shown)
        for button in (self.more, self.large):
            button.setVisible(shown)
        words = self.view.words
        if self.view.stage_words() not in ("", "sample"):
            words = f"{self.view.stage_words()} · {words}"
        self.heading.note.setText(pointed or words)

    def _open_menu(self) -> None:
        menu = self.actions_.make_menu(self)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.view.isVisible() and self.view.canvas.geometry().contains(
            self.view.mapFrom(self, event.position().toPoint())
        ):
            self.enlarge.emit(self.target)
        else:
            super().mouseDoubleClickEvent(event)
