"""Opening, saving and leaving a project: the files behind the session, and the guard against losing changes.

Loading and saving are the engine's; here are the questions, the messages and what is remembered.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.state import settings
from app.state.recovery import RecoveryWriter
from app.state.run_controller import RunController
from app.state.session import Session
from app.widgets import dialogs
from app.widgets.dialogs import DialogChoice
from app.widgets.waiting import waited_for
from engine.document import edits, names
from engine.document.project import Project
from engine.document.storage import gallery
from engine.document.storage.data_paths import anchored, portable
from engine.document.storage.file import SUFFIX, ProjectFileError, load, save
from engine.document.storage.recovery import Recovered
from engine.runs import places

_FILTER = f"Layerloom projects (*{SUFFIX})"


class ProjectFiles(QObject):
    """The file of a session. What would replace the project asks first where there are changes."""

    opened = Signal()
    recent_dropped = Signal()
    """A file that is gone was taken off the list of recent ones."""

    def __init__(
        self,
        session: Session,
        controller: RunController,
        recovery_writer: RecoveryWriter,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._session, self._controller, self._recovery_writer, self._window = (
            session,
            controller,
            recovery_writer,
            window,
        )
        self.is_open = False
        self._runs: Path | None = None  # of the project whose run was opened as a copy
        controller.place = self.run_folder

    # Opening ----------------------------------------------------------------------

    def new(self) -> bool:
        """An empty project."""
        return self.may_leave() and self._become(Project(), None)

    def open(self) -> bool:
        """Ask for a file and open it."""
        if not self.may_leave():
            return False
        name, _ = QFileDialog.getOpenFileName(self._window, "Open a project", str(self._folder()), _FILTER)
        return bool(name) and self._load(Path(name))

    def open_path(self, path: Path) -> bool:
        """Open this file."""
        return self.may_leave() and self._load(path)

    def open_template(self, name: str) -> bool:
        """A fresh copy of a project of the gallery."""
        return self.may_leave() and self._become(gallery.make(name), None)

    def open_recovered(self, left: Recovered) -> bool:
        """What a crash left; it counts as changed until it is saved."""
        if not self.may_leave():
            return False
        try:
            taken = self._recovery_writer.take(left)
        except ProjectFileError as error:
            self._session.notify(error.problems[0][1], "bad")
            return False
        if not taken:
            self._session.notify("Another Layerloom has recovered this project already.", "warn")
            return False
        return self._become(left.project, left.original_path, recovered=left.session_id)

    def open_made(self, project: Project) -> bool:
        """A project that was made here and has no file yet; it counts as changed."""
        return self.may_leave() and self._become(project, None, modified=True)

    def open_run(self, project: Project, runs: Path) -> bool:
        """The drawing of a run, as a copy without a file; its own runs go beside the others."""
        return self.may_leave() and self._become(project, None, modified=True, runs=runs)

    def open_run_beside(self, project: Project, runs: Path) -> bool:
        """The drawing that the run trains, as a copy without a file, while the run goes on."""
        return self._may_lose_changes() and self._become(
            project, None, modified=True, runs=runs, keeps_run=True
        )

    def _load(self, path: Path) -> bool:
        found = waited_for(self._window, f"Opening {path.name} …", lambda: _read(path))
        if isinstance(found, _Refused):
            if found.is_gone:
                settings.drop_recent(path)
                self.recent_dropped.emit()
            title = f"{path.name} cannot be opened"
            dialogs.tell(self._window, title, "Nothing on disk was changed.", found.lines)
        if not isinstance(found, _Found):
            return False
        settings.add_recent(found.path)
        return self._become(found.project, found.path)

    def _become(
        self,
        project: Project,
        path: Path | None,
        *,
        recovered: str = "",
        modified: bool = False,
        runs: Path | None = None,
        keeps_run: bool = False,
    ) -> bool:
        if not keeps_run:
            self._controller.forget()
        self._recovery_writer.release()
        self._runs = runs
        self._session.open(project, path, modified=modified or bool(recovered))
        self.is_open = True
        self._warn(self._recovery_writer.hold(path, session_id=recovered))
        self.opened.emit()
        return True

    # Saving ----------------------------------------------------------------------

    def save(self) -> bool:
        """Save to the project's file, or ask for one."""
        return self._write(self._session.path) if self._session.path is not None else self.save_as()

    def save_as(self) -> bool:
        start = self._folder() / f"{_file_name(self._session.project.name)}{SUFFIX}"
        name, _ = QFileDialog.getSaveFileName(self._window, "Save the project", str(start), _FILTER)
        if not name:
            return False
        path = Path(name)
        if path.suffix == SUFFIX:
            return self._write(path)
        # "net.v2" has an ending too, but none by which anybody would find it again. The file dialog has asked
        # about the name that was typed, not about this one.
        path = path.with_name(path.name + SUFFIX)
        return (not path.exists() or self._may_replace(path)) and self._write(path)

    def _may_replace(self, path: Path) -> bool:
        answer = dialogs.ask(
            self._window,
            f"Replace {path.name}?",
            f"{path.parent} has a file of this name already.",
            (DialogChoice("cancel", "Cancel"), DialogChoice("replace", "Replace", primary=True)),
        )
        return answer == "replace"

    def _write(self, path: Path) -> bool:
        project, full = self._session.project, path.resolve()
        if full != self._session.path and project.name != path.stem and names.is_title(path.stem):
            project = edits.rename_project(project, path.stem)
            self._session.apply(project, "Rename project")
        try:
            save(portable(project, full.parent), full)
        except ProjectFileError as error:
            dialogs.tell(
                self._window, "Not saved", f"{error} Your changes are safe here; save to another place."
            )
            return False
        self._session.mark_saved(project, full)
        settings.add_recent(full)
        self._warn(self._recovery_writer.saved(full))
        self._session.notify(f"Saved {full.name}", "good")
        return True

    def _warn(self, message: str) -> None:
        if message:
            self._session.notify(message, "warn")

    # Leaving ----------------------------------------------------------------------

    def may_leave(self) -> bool:
        """Whether the present project may go: ends a run, and asks what to do with changes."""
        if not self.is_open:
            return True
        self._controller.drain()  # a run that has just ended is no reason to ask
        going = self._controller.is_active and not self._controller.follows
        if going and not self._end_run():
            return False
        return self._may_lose_changes()

    def _may_lose_changes(self) -> bool:
        """Asks what to do with changes, where there are any."""
        if not self._session.is_modified:
            return True
        answer = dialogs.ask(
            self._window,
            f"Save changes to {self._session.project.name}?",
            "What you changed since the last save would be lost.",
            (
                DialogChoice("discard", "Discard"),
                DialogChoice("cancel", "Cancel"),
                DialogChoice("save", "Save", primary=True),
            ),
        )
        if answer == "save":
            return self.save()
        return answer == "discard"

    def close(self) -> None:
        """The project goes; its recovery file with it."""
        self._controller.shutdown()
        self._recovery_writer.release()
        self.is_open = False

    def _end_run(self) -> bool:
        answer = dialogs.ask(
            self._window,
            "Stop training?",
            "A run is going. What it has learned so far is kept in its folder.",
            (DialogChoice("cancel", "Keep training"), DialogChoice("stop", "Stop training", primary=True)),
        )
        if answer != "stop":
            return False
        self._controller.shutdown()
        return True

    # Places ----------------------------------------------------------------------

    def runs_folder(self) -> Path:
        """Where the runs of the present project are: beside its file, or in the user's state folder."""
        path = self._session.path
        if path is not None:
            return places.runs_of(path)
        if self._runs is not None:
            return self._runs
        return settings.state_folder() / "runs" / _file_name(self._session.project.name)

    def run_folder(self) -> Path:
        """The folder of the run that starts now."""
        return places.new_run(self.runs_folder())

    def _folder(self) -> Path:
        if self._session.path is not None:
            return self._session.path.parent
        recent = settings.recent_files()
        return recent[0].parent if recent else Path.home()


def _file_name(name: str) -> str:
    """A project's name as a file name."""
    kept = "".join(letter if letter.isalnum() or letter in "-_ ." else "-" for letter in name).strip(" .")
    return kept or "untitled"


class _Found(NamedTuple):
    """The project in a file, with whole paths of data, and the whole path of the file."""

    project: Project
    path: Path


class _Refused(NamedTuple):
    """Why a file cannot be opened, line by line, and whether it is there no more."""

    lines: list[str]
    is_gone: bool = False


def _read(path: Path) -> _Found | _Refused:
    """What is in a file. May take long."""
    try:
        project = load(path)
        full = path.resolve()
    except ProjectFileError as error:
        lines = error.lines
        return _Refused(lines, is_gone=not os.path.lexists(path))
    except (OSError, ValueError, RuntimeError) as error:  # a loop of links, a name that no disk takes
        return _Refused([f"file: {error}"])
    return _Found(anchored(project, full.parent), full)
