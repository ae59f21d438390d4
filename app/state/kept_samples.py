"""The samples that a run has kept, as the window turns back through them: which moments, and what was drawn.

Asks the history of the run on show (one that goes on, or one that is over) and keeps what was read last.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from app.lenses.sampled import Sampled, read_samples
from app.state.run_controller import RunController
from engine.sample.history import SampleHistory

_KEPT_BYTES = 96 << 20
_BETWEEN_S = 0.4
"""Seconds between two questions to a run that goes on."""


class Book(Protocol):
    """The kept samples of one run."""

    def steps(self, path: str) -> Sequence[int]: ...

    def load(self, path: str, step: int) -> Mapping[str, Any]: ...


class KeptSamples(QObject):
    """The moments of one sampler in the run on show."""

    changed = Signal()  # other moments are there than before

    def __init__(self, controller: RunController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.target, self.prompt = "", ""
        self.classes: tuple[str, ...] = ()
        """Names of the classes that samples may be asked for."""
        self.steps: tuple[int, ...] = ()
        self._book: Book | None = None
        self._read: OrderedDict[int, Sampled] = OrderedDict()
        self._asked = 0.0
        self._opened: SampleHistory | None = None

    def look_at(self, target: str, prompt: str = "") -> None:
        """The sampler at this path; `prompt` is what its texts begin with."""
        if (target, prompt) != (self.target, self.prompt):
            self.target, self.prompt = target, prompt
            self._read.clear()
            self.refresh()

    def poll(self) -> None:
        """Ask the run what it has kept, unless that was asked just now."""
        if time.monotonic() - self._asked >= _BETWEEN_S:
            self.refresh()

    def refresh(self) -> None:
        """Ask the run what it has kept by now."""
        self._asked = time.monotonic()
        book = self._find_book()
        if book is not self._book:
            self._book = book
            self._read.clear()
        steps = tuple(book.steps(self._run_target)) if book is not None and self.target else ()
        if steps != self.steps:
            self.steps = steps
            self.changed.emit()

    @property
    def _run_target(self) -> str:
        """What the run calls the sampler."""
        return self._controller.drawing.run_path(self.target) or self.target

    def _find_book(self) -> Book | None:
        found: Book | None = getattr(self._controller.run, "samples", None)
        if found is not None:
            return found
        folder = getattr(self._controller.run, "folder", None) or self._controller.past
        if folder is None:
            return None
        if self._opened is None or self._opened.folder != folder / "samples":
            self._opened = SampleHistory(folder / "samples")
        return self._opened

    def at(self, step: int) -> Sampled | None:
        """What was drawn after this step; None where it cannot be read any more."""
        found = self._read.get(step)
        if found is None:
            found = self.reader()(step)
        if found is not None:
            self._keep(step, found)
        return found

    def reader(self) -> Callable[[int], Sampled | None]:
        """Reads a moment by its step, in whatever thread; it goes on reading what is on show now."""
        book, target, prompt, classes = self._book, self._run_target, self.prompt, self.classes

        def read(step: int) -> Sampled | None:
            try:
                arrays = book.load(target, step) if book is not None else {}
            except (OSError, KeyError, ValueError):
                return None  # the folder of the run was moved or removed meanwhile
            found = read_samples(dict(arrays), prompt)
            return None if found is None else found.named(classes)

        return read

    def words(self, step: int, sampled: Sampled | None = None) -> str:
        """A moment in words: `epoch 5 · step 1,240`; `before training` is the first."""
        if step == 0:
            return "before training"
        if sampled is not None and sampled.epoch is not None:
            return f"epoch {sampled.epoch} · step {step:,}"
        started = self._controller.started
        if started is None or started.steps_per_epoch < 1:
            return f"step {step:,}"
        epochs = step / started.steps_per_epoch
        whole = f"{epochs:.0f}" if abs(epochs - round(epochs)) < 1e-9 else f"{epochs:.1f}"
        return f"epoch {whole} · step {step:,}"

    def _keep(self, step: int, found: Sampled) -> None:
        self._read[step] = found
        self._read.move_to_end(step)
        held = sum(_bytes(read) for read in self._read.values())
        while held > _KEPT_BYTES and len(self._read) > 1:
            held -= _bytes(self._read.popitem(last=False)[1])


def _bytes(sampled: Sampled) -> int:
    trail = sampled.trail.nbytes if sampled.trail is not None else 0
    return int(sampled.values.nbytes + trail)
