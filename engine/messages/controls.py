"""The levers of a run: pulled from any thread, read by the loop between two steps.

`attention` is the one flag the hot path looks at; everything else is read only when it is up.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.messages.lens_request import LensRequest


@dataclass
class Orders:
    """What has been asked for since the loop last looked."""

    rates: dict[str, float] = field(default_factory=dict)
    requests: frozenset[LensRequest] | None = None
    pinned: int | None = None
    draws: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Samplers to be evaluated at once, with other values of their parameters."""


class Controls:
    """Pause, resume, single step, stop; learning rates, lenses and the pinned sample."""

    def __init__(self) -> None:
        self.attention = False
        self._changed = threading.Condition()
        self._orders = Orders()
        self._paused = False
        self._stopped = False
        self._single = 0  # single steps that are still to be made

    def is_stopped(self) -> bool:
        return self._stopped

    def pause(self) -> None:
        with self._changed:
            self._paused, self._single = True, 0
            self._wake()

    def resume(self) -> None:
        with self._changed:
            self._paused, self._single = False, 0
            self._wake()

    def step(self) -> None:
        """Make one step and pause."""
        with self._changed:
            self._paused, self._single = True, self._single + 1
            self._wake()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._wake()

    def set_learning_rate(self, path: str, value: float) -> None:
        with self._changed:
            self._orders.rates[path] = value
            self._wake()

    def watch(self, requests: frozenset[LensRequest]) -> None:
        with self._changed:
            self._orders.requests = requests
            self._wake()

    def pin(self, index: int) -> None:
        with self._changed:
            self._orders.pinned = index
            self._wake()

    def draw(self, sampler: str, changes: Mapping[str, Any]) -> None:
        with self._changed:
            self._orders.draws[sampler] = dict(changes)
            self._wake()

    def _wake(self) -> None:
        self.attention = True
        self._changed.notify_all()

    # For the loop ---------------------------------------------------------------------------------

    def take(self) -> Orders:
        """What was ordered; from here on it is the loop's.

        Attention stays up while the run must not just go on.
        """
        with self._changed:
            orders, self._orders = self._orders, Orders()
            self.attention = self._paused or self._stopped
            return orders

    def may_step(self) -> bool:
        """Whether a step may be made now; a single step is used up by asking."""
        with self._changed:
            if self._stopped:
                return False
            if not self._paused:
                return True
            if self._single:
                self._single -= 1
                return True
            return False

    def is_idle(self) -> bool:
        """Whether the run is to wait on and nothing new is ordered."""
        with self._changed:
            return not self._has_news()

    def wait(self) -> None:
        """Sleep until something is ordered."""
        with self._changed:
            self._changed.wait_for(self._has_news)

    def _has_news(self) -> bool:
        orders = self._orders
        asked = orders.rates or orders.requests is not None or orders.pinned is not None or orders.draws
        return bool(self._stopped or not self._paused or self._single or asked)
