"""The bar over the foot of the canvas: which step all pictures show, and the way back through a run.

Its places are the steps that lenses have shown and, of a run that has ended, its checkpoints; the right end
is the present.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGraphicsView, QHBoxLayout, QWidget

from app.lenses.moment import step_words
from app.lenses.timeline import Timeline
from app.style import theme
from app.widgets.buttons import Chip
from app.widgets.text import ElidedLabel, mono_label
from engine.lens.lens import Cost
from engine.lens.registry import LENSES
from engine.messages.events import FRESH, LensFrame

if TYPE_CHECKING:
    from app.state.run_controller import RunController

_SETTLE_MS = 120
_WIDEST, _LEAST_FOR_SLIDER = 560, 300
_HEIGHT, _SIDE = 32, 190


class TimeBar(QWidget):
    """One for the canvas. Hidden while no picture is asked for and there is no way back."""

    def __init__(self, view: QGraphicsView, controller: RunController) -> None:
        super().__init__(view)
        self._view, self._controller = view, controller
        self._places: tuple[int, ...] = ()
        self._left = _SIDE
        self.is_bare = False
        """Whether the canvas shows the drawing alone."""
        self.words = mono_label("")
        self.told = ElidedLabel("", "caption")
        self.timeline = Timeline("Step that all pictures show")
        self.timeline.setToolTip("Go back through what was seen. Keys: arrows, PgUp, PgDn, Home, End.")
        self.live = Chip("Live")
        self.live.setToolTip("Show the newest again")
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self.words)
        row.addWidget(self.told, 1)
        row.addWidget(self.timeline, 2)
        row.addWidget(self.live)
        self.setFixedHeight(_HEIGHT)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.timeline.scrubbed.connect(self._scrubbed)
        self.live.clicked.connect(lambda: controller.moments.choose(None))
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._timer.timeout.connect(self.refresh)
        for signal in (controller.frames_changed, controller.state_changed, controller.looks.changed):
            signal.connect(self._refresh_soon)
        controller.moments.changed.connect(self.refresh)
        theme.changed.connect(self.update)
        view.installEventFilter(self)
        self.refresh()

    def _refresh_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def refresh(self) -> None:
        """Words and places as they are now."""
        controller = self._controller
        is_active = controller.is_active and not controller.follows
        self._places = controller.moments.places(() if is_active else controller.looks.steps)
        frames = self._shown()
        self._show_places(is_active=is_active)
        self._show_words(frames, is_active=is_active)
        self.live.setVisible(controller.moments.chosen is not None)
        self.live.setText("Live" if is_active else "Newest")
        self.setVisible(not self.is_bare and bool(frames or self.told.text() or len(self._places) > 1))
        self.place()

    def _show_places(self, *, is_active: bool) -> None:
        places, chosen = self._places, self._controller.moments.chosen
        self.timeline.set_moments(len(places), live=is_active)
        at = len(places) - 1
        if chosen is not None and places:
            at = min(range(len(places)), key=lambda one: abs(places[one] - chosen))
        if not self.timeline.isSliderDown() or chosen is None:
            self.timeline.setValue(max(0, at))
        self.timeline.setVisible(len(places) > 1 and self._room() >= _LEAST_FOR_SLIDER)

    def _show_words(self, frames: list[LensFrame], *, is_active: bool) -> None:
        controller, chosen = self._controller, self._controller.moments.chosen
        told = span_words(frames)
        if chosen is not None and told != f"step {chosen:,}":
            told = f"step {chosen:,}" + (f" · shown: {told}" if told else "")
        elif chosen is None and is_active:
            told = f"live · {told}" if told else "live"
        elif controller.looks.question is not None:
            told = f"{told} · looking" if told else "looking"
        self.words.setText(told)
        self.told.setText("" if is_active else controller.looks.told)
        self.told.setVisible(bool(self.told.text()))

    def _shown(self) -> list[LensFrame]:
        """The frames that pictures show now, without those that are dimmed."""
        drawing = self._controller.drawing
        asked = (one for one in self._controller.requests if one.kind in LENSES)
        asked = (one for one in asked if LENSES[one.kind].cost is not Cost.LOOP)
        seen = (drawing.seen(one.kind, one.target, one.options, one.pin) for one in asked)
        return [frame for frame, is_stale in seen if frame is not None and not is_stale]

    def _scrubbed(self, index: int) -> None:
        is_last = index >= len(self._places) - 1
        self._controller.moments.choose(None if is_last else self._places[index])

    # Place ----------------------------------------------------------------------------------------

    def _room(self) -> int:
        """Between the chips at the left and the map at the right of the canvas."""
        return self._view.width() - self._left - _SIDE

    def keep_right_of(self, x: int) -> None:
        """The chips at the left reach as far as this."""
        left = max(_SIDE, x + 8)
        if left != self._left:
            self._left = left
            self.refresh()

    def place(self) -> None:
        view, room = self._view, self._room()
        wide = min(_WIDEST, room) if not self.timeline.isHidden() or not self.told.isHidden() else 0
        width = max(wide, min(room, self._row.minimumSize().width()))
        x = self._left + (room - width) // 2
        self.setGeometry(x, view.height() - _HEIGHT - 9, width, _HEIGHT)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._show_places(is_active=self._controller.is_active and not self._controller.follows)
            self.place()
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_past = self._controller.moments.chosen is not None
        painter.setPen(QPen(theme.colour(tokens.accent if is_past else tokens.hairline), 1))
        painter.setBrush(theme.colour(tokens.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.end()


def span_words(frames: list[LensFrame]) -> str:
    """The steps of some frames: "step 469", "steps 460–469", "fresh weights", or both; "" for none."""
    steps = sorted({frame.step for frame in frames if frame.step != FRESH})
    fresh = next((step_words(frame) for frame in frames if frame.step == FRESH), "")
    told = f"step {steps[0]:,}" if steps else ""
    if len(steps) > 1:
        told = f"steps {steps[0]:,}–{steps[-1]:,}"
    return " and ".join(words for words in (told, fresh) if words)
