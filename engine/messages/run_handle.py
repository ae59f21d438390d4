"""A run as whoever shows it sees it: in a thread, in a process of its own, or followed by its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from engine.messages.commands import RunCommand
from engine.messages.events import Finished
from engine.messages.mailbox import Mailbox


class RunHandle(Protocol):
    """One run. `state` is "created", "compiling", "running", "paused" or "finished"."""

    mailbox: Mailbox
    """Its events wait here."""
    state: str
    finished: Finished | None

    @property
    def folder(self) -> Path | None:
        """Where its files are; None: nowhere."""

    def start(self) -> None:
        """Begin; returns at once."""

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end, at most this many seconds; whether it has come."""

    def send(self, command: RunCommand) -> str:
        """Tell the run something, from any thread; a sentence says why where it is refused, else ""."""
