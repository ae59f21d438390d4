"""Which moment of a run pictures show: the present, or a step that a person chose to go back to.

Keeps what the lenses of the run have shown. Knows no widget.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.state.looks.lens_history import LensHistory, SeenMoment
from engine.document.project import Project
from engine.messages.events import LensFrame
from engine.messages.pinned import Pinned

MOST_PLACES = 200
"""Steps that can be chosen from."""


class Moments(QObject):
    """`chosen` is a step; None: the present. `history`: what the run on show told, by key and sample."""

    changed = Signal()  # another moment was chosen

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.chosen: int | None = None
        self.history = LensHistory()

    def note(self, frame: LensFrame, project: Project, sample: Pinned | None) -> None:
        """This came from the run on show."""
        self.history.add((frame.key, sample), SeenMoment(frame, project))

    def choose(self, step: int | None) -> None:
        """Let pictures show the frames that are nearest to this step; None: the present."""
        if step != self.chosen:
            self.chosen = step
            self.changed.emit()

    def places(self, checkpoints: tuple[int, ...] = ()) -> tuple[int, ...]:
        """The steps that can be chosen, at most some 200: those of checkpoints all, the others evenly."""
        kept = {step for step in checkpoints if step >= 0}
        found = sorted({step for step in self.history.steps() if step >= 0} - kept)
        every = -(-len(found) // MOST_PLACES) if found else 1
        return tuple(sorted({*found[::every], *found[-1:], *kept}))

    def forget(self) -> None:
        """Another run: nothing is kept of the one before."""
        self.history.clear()
        self.choose(None)
