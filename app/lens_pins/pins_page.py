"""The tab of pinned samples: the strip, and beside it what the network says of the sample that is shown."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QVBoxLayout, QWidget

from app.lens_pins.pin_strip import PinStrip
from app.state.run_controller import RunController
from app.state.session import Session
from app.training.lens_panel import LensPanel
from app.training.run_words import lens_context, output_path

_WIDTH = 440
_NARROW = 720
"""Below this width the answer stands below the strip, and the page scrolls."""
_ANY_WIDTH = (1 << 24) - 1


class PinsPage(QWidget):
    """Asks for the lens of the output while it is on show."""

    def __init__(self, session: Session, controller: RunController) -> None:
        super().__init__()
        self._session, self._controller = session, controller
        self.strip, self.lens = PinStrip(session, controller, wide=True), LensPanel()
        column, inner = QVBoxLayout(), QWidget()
        inner.setProperty("role", "scrolled")
        column.addWidget(self.strip)
        column.addStretch(1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, inner)
        self._row.setContentsMargins(16, 8, 16, 12)
        self._row.addLayout(column)
        self._row.addWidget(self.lens, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        self._arrange()
        session.project_changed.connect(self._look_anew)
        session.report_changed.connect(self._look_anew)
        controller.frames_changed.connect(self._frames_changed)
        controller.state_changed.connect(self._show)
        controller.pinned_changed.connect(self._show)
        controller.drawing.changed.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def _arrange(self) -> None:
        """Side by side where there is room, else one below the other."""
        wide, ways = self.width() >= _NARROW, QBoxLayout.Direction
        self._row.setDirection(ways.LeftToRight if wide else ways.TopToBottom)
        self._row.setSpacing(24 if wide else 12)
        self.strip.set_wide(wide)
        self.strip.setMinimumWidth(_WIDTH if wide else 0)
        self.strip.setMaximumWidth(_WIDTH if wide else _ANY_WIDTH)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

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
