"""Keeps unsaved edits safe: autosave within a second, off the GUI thread, and what a crash left.

The files, their locks and their form are the engine's; here is when they are written and offered.
"""

from __future__ import annotations

import threading
import time
import uuid
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from app.state.session import Session
from engine.document.project import Project
from engine.document.storage.file import ProjectFileError
from engine.document.storage.recovery import OpenFiles, Recovered, RecoveryStore

DELAY_MS = 400
"""From the first edit that is not kept yet to its writing; with the writing itself well within a second."""


PATIENCE = 0.5
"""Seconds that the window waits for a disk."""


class _Writer:
    """A thread that writes the newest of what it is given. Started when there is something to write."""

    def __init__(self, store: RecoveryStore, failed: SignalInstance) -> None:
        self._store, self._failed = store, failed
        self._wake = threading.Condition()
        self._next: tuple[str, Project, Path | None] | None = None
        self._busy = self._stopping = False
        self._thread: threading.Thread | None = None

    def write(self, session_id: str, project: Project, path: Path | None) -> None:
        with self._wake:
            self._next = (session_id, project, path)
            self._wake.notify_all()
        if self._thread is None:
            self._stopping = False
            self._thread = threading.Thread(target=self._work, name="layerloom-autosave", daemon=True)
            self._thread.start()

    def cancel(self) -> None:
        """Forget what waits; returns when nothing is being written, or the disk does not answer."""
        with self._wake:
            self._next = None
            self._wake.wait_for(lambda: not self._busy, PATIENCE)

    def stop(self) -> None:
        """Write what waits, then end the thread; a disk that does not answer is not waited for."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join(PATIENCE)
            self._thread = None

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._stopping or self._next is not None)
                if self._next is None:
                    return
                job, self._next, self._busy = self._next, None, True
            try:
                self._store.write(*job)
            except ProjectFileError as error:
                self._failed.emit(str(error))
            finally:
                with self._wake:
                    self._busy = False
                    self._wake.notify_all()


class RecoveryWriter(QObject):
    """The recovery file and the lock of the project that is open in a window."""

    _failed = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._store, self._open_files = RecoveryStore(), OpenFiles()
        self._writer = _Writer(self._store, self._failed)
        self._id = ""
        self._locked: Path | None = None
        self._told = False
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self._write)
        self._failed.connect(self._on_failure)
        session.project_changed.connect(self._on_change)
        session.file_changed.connect(self._on_change)

    def hold(self, path: Path | None, *, session_id: str = "") -> str:
        """Take care of the project just opened. A sentence where another instance has its file open."""
        self._id = session_id or uuid.uuid4().hex
        self._on_change()
        return self._lock(path)

    def release(self) -> None:
        """The project goes on purpose: drop its recovery file and its lock."""
        self._timer.stop()
        self._writer.cancel()
        self._writer.stop()
        if self._id:
            self._store.discard(self._id)
        if self._locked is not None:
            self._open_files.release(self._locked)
        self._id, self._locked = "", None

    def saved(self, path: Path) -> str:
        """The project was written to its file. A sentence where another instance has that file open."""
        self._timer.stop()
        self._writer.cancel()
        self._store.discard(self._id)
        if path == self._locked:
            return ""
        if self._locked is not None:
            self._open_files.release(self._locked)
        return self._lock(path)

    def recoverable(self) -> list[tuple[str, str, Recovered]]:
        """What a crash left: title, when, and the token for `take` and `discard`."""
        return [(left.project.name, _ago(left.saved_at), left) for left in self._store.pending()]

    def take(self, left: Recovered) -> bool:
        """Make it ours; False where another instance was quicker."""
        return self._store.adopt(left.session_id)

    def discard(self, left: Recovered) -> None:
        self._store.discard(left.session_id)

    def _lock(self, path: Path | None) -> str:
        if path is None:
            return ""
        owner = self._open_files.claim(path)
        if self._open_files.unwritable is not None:
            self._on_failure(str(self._open_files.unwritable))
        if owner is None:
            self._locked = path
            return ""
        self._locked = None
        return (
            f"{path.name} is open in another Layerloom (process {owner.pid}). "
            "Whoever saves last replaces the other's changes; use Save as to keep both."
        )

    def _on_change(self) -> None:
        if not self._id:
            return
        if not self._session.is_modified:
            self._timer.stop()
            self._writer.cancel()
            self._store.discard(self._id)
        elif not self._timer.isActive():
            self._timer.start()

    def _write(self) -> None:
        if self._id and self._session.is_modified:
            self._writer.write(self._id, self._session.project, self._session.path)

    def _on_failure(self, message: str) -> None:
        if not self._told:
            self._told = True
            self._session.notify(f"Unsaved changes cannot be kept safe. {message}", "warn")


def _ago(when: float) -> str:
    """A moment of the past in words: "12 minutes ago"."""
    seconds = max(0.0, time.time() - when)
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = int(seconds // size)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "a moment ago"
