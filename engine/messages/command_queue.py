"""Commands that wait for a run: sent from any thread, carried out by the training loop between two steps.

`attention` is the one flag that the loop reads at every step; everything else is read only when it is set.
"""

from __future__ import annotations

import threading

from engine.messages.commands import Pause, Resume, RunCommand, StepOnce, Stop


class CommandQueue:
    """Pausing, single steps and stopping are states kept here; every other command is handed to the loop."""

    def __init__(self) -> None:
        self.attention = False
        self._changed = threading.Condition()
        self._waiting: dict[tuple[str, ...], RunCommand] = {}
        self._paused = False
        self._stopped = False
        self._single = 0  # single steps that are still to be made

    def send(self, command: RunCommand) -> None:
        with self._changed:
            match command:
                case Pause():
                    self._paused, self._single = True, 0
                case Resume():
                    self._paused, self._single = False, 0
                case StepOnce():
                    self._paused, self._single = True, self._single + 1
                case Stop():
                    self._stopped = True
                case _:
                    self._waiting[(type(command).__name__, *command.subject)] = command
            self.attention = True
            self._changed.notify_all()

    # For the loop ---------------------------------------------------------------------------------

    def is_stopped(self) -> bool:
        return self._stopped

    def take(self) -> list[RunCommand]:
        """The commands that wait, in the order in which they came; from here on they are the loop's.

        Attention stays set while the run must not just go on.
        """
        with self._changed:
            taken, self._waiting = list(self._waiting.values()), {}
            self.attention = self._paused or self._stopped
            return taken

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
        """Whether the run is to wait on and no command waits."""
        with self._changed:
            return not self._has_news()

    def wait(self) -> None:
        """Sleep until a command comes."""
        with self._changed:
            self._changed.wait_for(self._has_news)

    def _has_news(self) -> bool:
        return bool(self._stopped or not self._paused or self._single or self._waiting)
