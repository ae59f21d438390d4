"""What is left out of a file of texts, with a count for each reason and the line of the first."""

from __future__ import annotations

from pathlib import Path

from nodes.shown_text import shown


class LeftOut:
    """What is left out of a file, by the reason: how often, and the line of the first."""

    def __init__(self, path: Path) -> None:
        self._path, self._found = path, dict[str, tuple[int, int]]()

    def add(self, reason: str, line: int) -> None:
        """One more for this reason, a plural that says what, as in `empty lines`."""
        count, first = self._found.get(reason, (0, line))
        self._found[reason] = (count + 1, first)

    def notes(self) -> tuple[str, ...]:
        """A sentence for each reason."""
        return tuple(
            f"{shown(self._path.name)}: left out: {reason} ({count:,}, the first in line {line:,})"
            for reason, (count, line) in self._found.items()
        )
