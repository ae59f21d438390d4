"""Slow motion over the canvas: one training step shown moment by moment, forth and back, on any drawing that
can train, also on one that never has.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent

from app.canvas.parts import CanvasParts
from app.canvas.slow_motion.bar import StepBar
from app.canvas.slow_motion.marks import StepMarks
from app.widgets.background_task import BackgroundTask
from engine.document.changes import same_meaning
from engine.document.project import Project

if TYPE_CHECKING:
    from app.state.run_controller import RunController
    from engine.lens.step_moments import Moment

MOMENT_MS = 1100
"""How long a moment stays at normal speed."""
_SETTLE_MS = 250
_PRESSED = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
MOST_SAMPLES = 64


@dataclass(frozen=True, eq=False)
class StepQuestion:
    """The drawing whose step is taken apart, and the weights that it has; None: fresh ones."""

    project: Project
    weights: Path | None
    words: str
    """Of which step the weights are."""


class SlowMotion(QObject):
    """Made once for each view; shown when it is asked for."""

    def __init__(self, view: CanvasParts, controller: RunController) -> None:
        super().__init__(view.widget)
        self._view, self._controller = view, controller
        self.bar, self.marks = StepBar(view.widget), StepMarks(view)
        self.moments: tuple[Moment, ...] = ()
        self.place = 0
        self.is_open = False
        self._asked: StepQuestion | None = None
        self._task = BackgroundTask("slow motion", taken_apart, self)
        self._clock = QTimer(self, interval=MOMENT_MS)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._clock.timeout.connect(self._go_on)
        self._settle.timeout.connect(self._ask)
        self._task.answered.connect(self._take)
        self._task.failed.connect(lambda _question, words: self._refuse(words))
        self.bar.back.connect(lambda: self.step(-1))
        self.bar.next.connect(lambda: self.step(1))
        self.bar.play.connect(self.toggle)
        self.bar.closed.connect(self.close)
        self.bar.speed_changed.connect(lambda speed: self._clock.setInterval(round(MOMENT_MS / speed)))
        view.session.project_changed.connect(self._project_changed)
        controller.state_changed.connect(self._state_changed)
        view.widget.installEventFilter(self)
        self.bar.hide()

    # What a person does ------------------------------------------------------------------------

    def open(self) -> None:
        """Show a step of the present drawing, from its first moment."""
        if self._controller.state in ("running", "compiling"):
            self._view.session.notify("Pause the run first: slow motion computes the same network.", "warn")
            return
        self.is_open, self.place, self.moments = True, 0, ()
        self.bar.show_waiting("Computing one training step …")
        self.bar.show()
        self.bar.raise_()
        self.bar.place()
        self._view.widget.setFocus()
        self._ask()

    def close(self) -> None:
        """End it: the canvas is as before."""
        self.is_open = False
        self._clock.stop()
        self._task.call_off()
        self.marks.show_moment(None)
        self.bar.hide()

    def toggle(self) -> None:
        """Play, or pause; from the beginning where it is at the end."""
        if self._clock.isActive():
            self._clock.stop()
        elif self.moments:
            if self.place >= len(self.moments) - 1:
                self.show_at(0)
            self._clock.start()
        self.bar.show_playing(self._clock.isActive())

    def step(self, by: int) -> None:
        """Forth or back by so many moments; it plays no longer."""
        self._clock.stop()
        self.bar.show_playing(False)
        self.show_at(self.place + by)

    def show_at(self, place: int) -> None:
        """The moment at this place, from 0."""
        if not self.moments:
            return
        self.place = max(0, min(place, len(self.moments) - 1))
        moment = self.moments[self.place]
        objectives = tuple(dict.fromkeys(each.objective for each in self.moments))
        self.marks.show_moment(moment)
        words = self._asked.words if self._asked is not None else ""
        self.bar.show_moment(moment, self.place, len(self.moments), objectives, words)
        self.bar.raise_()
        self._keep_in_sight()

    # What happens ------------------------------------------------------------------------------

    def _go_on(self) -> None:
        self.show_at(self.place + 1)
        if self.place >= len(self.moments) - 1:
            self._clock.stop()
            self.bar.show_playing(False)

    def _keep_in_sight(self) -> None:
        """Move the view where nothing that is lit can be seen."""
        point = self.marks.focus_point()
        if point is not None and not self._view.camera.visible_rect().contains(point):
            self._view.camera.centre(point)

    def _ask(self) -> None:
        self._asked = StepQuestion(self._view.session.project, *self._weights())
        self._task.ask_instead(self._asked)

    def _weights(self) -> tuple[Path | None, str]:
        """Those that the run on show kept last, where it trained this very drawing; and what they are."""
        from engine.runs.checkpoints import last_checkpoint

        folder = getattr(self._controller.run, "folder", None) or self._controller.past
        if folder is None or self._controller.drawing.is_outdated:
            return None, "fresh weights"
        found = last_checkpoint(folder)
        if found is None:
            return None, "fresh weights"
        return found.path, f"weights of step {found.step:,}"

    def _take(self, question: StepQuestion, answer: object) -> None:
        if not self.is_open or question is not self._asked:
            return
        if isinstance(answer, str):
            self._refuse(answer)
            return
        self.moments = answer  # type: ignore[assignment]
        self.show_at(self.place)

    def _refuse(self, words: str) -> None:
        self.moments = ()
        self.marks.show_moment(None)
        self.bar.show_waiting(words)

    def _project_changed(self, old: Project, new: Project) -> None:
        if self.is_open and not same_meaning(old, new):
            self._settle.start()

    def _state_changed(self) -> None:
        if self.is_open and self._controller.state in ("running", "compiling"):
            self.close()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if not self.is_open:
            return False
        if event.type() == QEvent.Type.Resize:
            self.bar.place()
            self.marks.cover()
        elif isinstance(event, QKeyEvent) and event.type() in _PRESSED:
            return self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        called = {
            Qt.Key.Key_Left: lambda: self.step(-1),
            Qt.Key.Key_Right: lambda: self.step(1),
            Qt.Key.Key_Space: self.toggle,
            Qt.Key.Key_Escape: self.close,
        }
        done = called.get(Qt.Key(event.key())) if not event.modifiers() else None
        if done is None:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return False
        done()
        return True


def taken_apart(question: StepQuestion) -> object:
    """The moments of a step; a sentence where the drawing cannot train."""
    from engine.compile.step_plan import NOTHING
    from engine.lens.feeds import Feeds
    from engine.lens.preview import Preview
    from engine.lens.slow_motion import moments
    from nodes.user_error import UserError

    try:
        preview = Preview(question.project, question.weights)
    except (UserError, OSError) as error:
        return str(error)
    try:
        batch = preview.sources.held(min(question.project.settings.batch_size, MOST_SAMPLES))
        return moments(preview.plan, Feeds.of(preview.sources, 0), batch) or NOTHING
    except (UserError, RuntimeError) as error:
        return str(error)
    finally:
        preview.close()
