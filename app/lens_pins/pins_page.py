"""The tab of pinned samples: the strip, and beside it what the network says of the sample that is shown."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.lens_pins.pin_strip import PinStrip
from app.state.run_controller import RunController
from app.state.session import Session
from app.training.lens_panel import LensPanel
from app.training.run_words import lens_context, output_path

_WIDTH = 440


class PinsPage(QWidget):
    """Asks for the lens of the output while it is on show."""

    def __init__(self, session: Session, controller: RunController) -> None:
        super().__init__()
        self._session, self._controller = session, controller
        self.strip, self.lens = PinStrip(session, controller, wide=True), LensPanel()
        self.strip.setFixedWidth(_WIDTH)
        column = QVBoxLayout()
        column.addWidget(self.strip)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 12)
        row.setSpacing(24)
        row.addLayout(column)
        row.addWidget(self.lens, 1)
        session.project_changed.connect(self._look_anew)
        session.report_changed.connect(self._look_anew)
        controller.frames_changed.connect(self._frames_changed)
        controller.state_changed.connect(self._show)
        controller.pinned_changed.connect(self._show)
        controller.drawing.changed.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def _look_anew(self) -> None:
        """Ask for the output of the drawing as it is now."""
        output = output_path(self._session.project) if self.isVisible() else ""
        self.lens.setVisible(bool(output))
        self._controller.watch(self, frozenset({self.lens.request(output)} if output else ()))
        self._show()

    def _frames_changed(self, targets: Iterable[str]) -> None:
        if output_path(self._session.project) in set(targets):
            self._show()

    def _show(self) -> None:
        output, controller = output_path(self._session.project), self._controller
        if not self.isVisible() or not output:
            return
        frame, is_stale = controller.drawing.seen(self.lens.lens.kind, output)
        live = controller.state in ("running", "paused") and controller.moments.chosen is None
        context = lens_context(controller.drawing.shown_project)
        self.lens.show_frame(frame, controller.pins.words(), context, live=live, is_stale=is_stale)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look_anew()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._controller.watch(self, frozenset())
