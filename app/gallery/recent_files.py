"""The projects of the recent list that are still there, as far as is known.

Whether a file is there is asked in threads: one on a disk that does not answer, as of a network that is gone,
is listed as long as nobody knows better, and the window waits for none.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.state import settings
from app.widgets.background_task import BackgroundTask


class RecentFiles(QObject):
    """`changed` tells that another selection of the list is there than was known before."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._missing: set[Path] = set()
        self._asked: set[Path] = set()
        self._again: set[Path] = set()
        self._looking = BackgroundTask("recent files", _is_there, self)
        self._looking.answered.connect(self._answered)
        self._looking.failed.connect(lambda path, _error: self._asked.discard(path))

    def paths(self) -> list[Path]:
        """Newest first, without those that are known to be gone."""
        return [path for path in settings.recent_files() if path not in self._missing]

    def check(self) -> None:
        """Ask the disk about each; `changed` follows where the answer is another than before."""
        for path in settings.recent_files():
            if path in self._asked:  # the answer that comes may be out of date then
                self._again.add(path)
            else:
                self._asked.add(path)
                self._looking.ask(path)

    def _answered(self, path: object, is_there: object) -> None:
        assert isinstance(path, Path)
        self._asked.discard(path)
        if path in self._again:
            self._again.discard(path)
            self._asked.add(path)
            self._looking.ask(path)
        if (path in self._missing) == bool(is_there):
            self._missing ^= {path}
            self.changed.emit()


def _is_there(path: Path) -> bool:
    return path.is_file()
