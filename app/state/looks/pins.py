"""The samples that a person pinned, and the one of them that pictures show.

The one that is shown stands at pin 0 of every request, the pinned ones after it in their order. Knows no
widget.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from engine.messages.pinned import GivenSample, HeldSample, Pinned

MOST = 16
"""Samples that can be pinned."""


def is_alike(first: Pinned | None, second: Pinned | None) -> bool:
    """Whether a picture of the first may stand for the second for a moment.

    They are equal, or the same drawing that somebody is still at.
    """
    if isinstance(first, GivenSample) and isinstance(second, GivenSample):
        return first.words == second.words
    return first == second


class Pins(QObject):
    """`shown` is what pictures show, `samples` those that are pinned; `shown` need not be one of them."""

    changed = Signal()
    removed = Signal(int)  # the pin of a sample that was taken off; those after it move up

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shown: Pinned = HeldSample()
        self.samples: tuple[Pinned, ...] = ()

    @property
    def rows(self) -> tuple[Pinned, ...]:
        """The samples by pin, from 0."""
        return (self.shown, *self.samples)

    @property
    def index(self) -> int:
        """The place of the sample that is shown among those held back; 0 for a given one."""
        return self.shown.index if isinstance(self.shown, HeldSample) else 0

    def is_kept(self, sample: Pinned | None) -> bool:
        """Whether what was seen of a sample is worth keeping: not of one that is merely tried."""
        return not isinstance(sample, GivenSample) or sample in self.samples

    def at(self, pin: int) -> Pinned | None:
        """The sample of this pin; None where fewer are pinned."""
        return self.rows[pin] if pin < len(self.rows) else None

    def words(self, pin: int = 0) -> str:
        """What the sample of this pin is, for people."""
        sample = self.at(pin)
        return "" if sample is None else sample.words

    def show(self, sample: Pinned) -> None:
        """Let pictures show this one."""
        self._become(sample, self.samples)

    def add(self, samples: Iterable[Pinned], *, show: bool = True) -> int:
        """Pin these too, each once; how many there was no room for. The last one is shown."""
        new = [one for one in dict.fromkeys(samples) if one not in self.samples]
        taken = new[: max(0, MOST - len(self.samples))]
        self._become(taken[-1] if taken and show else self.shown, (*self.samples, *taken))
        return len(new) - len(taken)

    def remove(self, sample: Pinned) -> None:
        """Pin it no more. It stays on show."""
        if sample in self.samples:
            pin = 1 + self.samples.index(sample)
            self._become(self.shown, tuple(one for one in self.samples if one != sample))
            self.removed.emit(pin)

    def clear(self) -> None:
        """As in the beginning: nothing is pinned, and the first sample is shown."""
        self._become(HeldSample(), ())

    def _become(self, shown: Pinned, samples: tuple[Pinned, ...]) -> None:
        if (shown, samples) != (self.shown, self.samples):
            self.shown, self.samples = shown, samples
            self.changed.emit()
