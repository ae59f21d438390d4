"""A run on show that has kept samples and does nothing else, for tests and looks of what it kept."""

from __future__ import annotations

from pathlib import Path

from engine.sample.history import SampleHistory


class Kept:
    """A run that goes on without end and has kept these."""

    folder: Path | None = None

    def __init__(self, history: SampleHistory) -> None:
        self.samples = history

    def send(self, _command: object) -> str:
        return ""

    def join(self, _timeout: float | None = None) -> bool:
        return True
