"""What can be done with the runs of a project: open, resume, rewind, continue, compare, annotate, remove …

Each is an action of the window; it acts on the runs that are selected in the list. What lies on disk
is read and written by the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from app.commands.command_window import CommandWindow
from app.run_report.apart import ReportError, write_apart
from app.runs.panel import RunsDeclaration
from app.runs.run_columns import name_of
from app.state.run_history import RunHistory
from app.state.run_request import RunRequest
from app.style import theme
from app.training.panel import TrainingDeclaration
from app.widgets import dialogs
from app.widgets.dialogs import DialogChoice
from app.widgets.waiting import waited_for
from engine.document.project import Project
from engine.runs.archive import (
    ArchiveError,
    RunRecord,
    annotate,
    checkpoints_of,
    curves_of,
    project_of,
    remove,
)
from engine.runs.checkpoints import start_of

_NAMED = 4
"""Runs that a question names; the others are counted."""


class RunCommands:
    """The actions on runs of one window, by name."""

    def __init__(self, window: CommandWindow) -> None:
        self._window = window
        self._session, self._controller, self._run_list = (
            window.session,
            window.controller,
            window.run_list,
        )

    def do(self, what: str) -> None:
        """The action of this name, on the runs that are chosen."""
        called: dict[str, Callable[[], None]] = {
            "open": self.open,
            "resume": self.resume,
            "rewind": self.rewind,
            "continue": self.carry_on,
            "curves": self.show_curves,
            "compare": self.compare,
            "load": self.load_weights,
            "folder": self.show_folder,
            "rename": lambda: self._edit("name"),
            "note": lambda: self._edit("note"),
            "tag": lambda: self._edit("tags"),
            "report": self.report,
            "delete": self.delete,
            "follow": self.follow,
        }
        called[what]()

    def conditions(self) -> Mapping[str, Callable[[], bool]]:
        """When they can be done."""
        chosen = self._run_list.chosen_records
        return {
            "runs_chosen": lambda: bool(chosen()),
            "one_run": lambda: len(chosen()) == 1,
            "two_runs": lambda: len(chosen()) == 2,
            "resumable": lambda: len(chosen()) == 1 and chosen()[0].resumable,
            "idle": lambda: not self._controller.is_active,
        }

    # The drawing -------------------------------------------------------------------------------

    def open(self) -> None:
        """The exact drawing of a run, as a copy that has no file yet."""
        record = self._one()
        project = self._read(project_of, record)
        if record is None or project is None:
            return
        if self._window.files.open_run(project, record.folder.parent):
            self._controller.look_back(record.folder)
            self._run_list.choose((record.folder,))
            self._session.notify(
                f"The drawing of {name_of(record)}, as a copy. Your file is as you left it.", "good"
            )

    def show_trained(self) -> None:
        """The drawing that the run of this window trains, as a copy that has no file yet; the run goes on."""
        controller, folder = self._controller, self._controller.draws.folder
        runs = folder.parent if folder is not None else self._window.files.runs_folder()
        if self._window.files.open_run_beside(controller.project, runs):
            self._session.notify(
                "The drawing that is trained, as a copy. Your file is as you left it.", "good"
            )

    def report(self) -> None:
        """A run as one HTML page, where the user wants it."""
        record = self._one()
        if record is None:
            return
        title, kinds = "Write a report", "Pages (*.html)"
        first = record.folder.parent.parent / f"{record.folder.parent.stem} {record.folder.name}.html"
        name, _ = QFileDialog.getSaveFileName(self._window.widget, title, str(first), kinds)
        if not name:
            return
        out = Path(name) if Path(name).suffix else Path(name).with_suffix(".html")
        light = theme.current() is theme.LIGHT
        try:
            waited_for(
                self._window.widget,
                "Writing the report …",
                lambda: write_apart(record.folder, out, light=light),
            )
        except ReportError as error:
            self._session.notify(str(error), "bad")
            return
        if out.is_file():
            self._session.notify(f"The report of {name_of(record)} is {out.name}.", "good")

    # Training ----------------------------------------------------------------------------------

    def restart(self) -> None:
        """Stop the run, and train the present drawing as soon as it has ended."""
        if self._controller.follows or not self._controller.is_active:
            self._session.notify("No run of this window is going. Press Play to train this drawing.", "warn")
        elif can_train(self._window):
            self._controller.restart()

    def resume(self, folder: Path | None = None) -> None:
        """Go on with a run as if it had never stopped."""
        record = self._run_list.record(folder) if folder is not None else self._one()
        if record is None or not self._is_free():
            return
        points = [point for point in checkpoints_of(record.folder) if point.resumable]
        project = self._read(project_of, record)
        if not points or project is None:
            self._session.notify(f"{name_of(record)} left no checkpoint to go on from.", "warn")
            return
        point = max(points, key=lambda each: (each.step, each.kind == "last"))
        self._controller.begin(
            RunRequest(project, record.folder, resume=point.path), self._past(record.folder, point.step)
        )
        self._show_training(f"Resumed {name_of(record)} from step {point.step:,}.", project)

    def rewind(self) -> None:
        """Train the drawing of a run again, from the same initial weights, as a new run."""
        record = self._one()
        if record is None or not self._is_free():
            return
        point = start_of(record.folder, ("initial",))
        project = self._read(project_of, record)
        if point is None or project is None:
            self._session.notify(f"{name_of(record)} kept no initial weights to train again from.", "warn")
            return
        self._controller.begin(RunRequest(project, start=point.path))
        self._show_training(f"Training again from the initial weights of {name_of(record)}.", project)

    def carry_on(self) -> None:
        """Train the present drawing from the weights of a run; what does not fit is told."""
        record = self._one()
        if record is None or not self._is_free() or not can_train(self._window):
            return
        point = start_of(record.folder)
        if point is None:
            self._session.notify(f"{name_of(record)} left no weights.", "warn")
            return
        project = self._session.project
        self._controller.begin(RunRequest(project, start=point.path))
        self._show_training(f"Training on with the weights of {name_of(record)}.", project)

    def load_weights(self) -> None:
        """Train the present drawing from a file of weights, the whole of it or one part."""
        if not self._is_free() or not can_train(self._window):
            return
        name, _ = QFileDialog.getOpenFileName(
            self._window.widget,
            "Load weights",
            str(self._window.files.runs_folder()),
            "Weights (*.safetensors *.pth *.pt *.bin)",
        )
        if not name:
            return
        part = self._ask_part(Path(name))
        if part is None:
            return
        project = self._session.project
        self._controller.begin(RunRequest(project, start=Path(name), prefix=part))
        into = part or "the drawing"
        self._show_training(f"Training {into} on from the weights of {Path(name).name}.", project)

    def _ask_part(self, path: Path) -> str | None:
        """Into which part the weights go: "" is all of it; None where the question was closed."""
        parts = placements(self._session.project)
        if not parts:
            return ""
        return dialogs.ask_choice(
            self._window.widget,
            f"Load {path.name} into",
            "Weights go where name and shape fit; what is left over is told when training starts.",
            [("", "The whole drawing, by path"), *((part, part) for part in parts)],
            "Train from these",
        )

    def follow(self) -> None:
        """Look at a run that somebody else trains."""
        if not self._is_free():
            return
        chosen = QFileDialog.getExistingDirectory(
            self._window.widget, "Follow a run: choose its folder", str(self._window.files.runs_folder())
        )
        if chosen:
            self.follow_folder(Path(chosen))

    def follow_folder(self, folder: Path) -> None:
        """Show the run in this folder as it goes."""
        try:
            project = project_of(folder)
        except ArchiveError as error:
            self._session.notify(f"{error} Choose the folder of a run; it holds a run.json.", "bad")
            return
        self._controller.follow(folder, project)
        self._run_list.follow(folder)
        self._window.workbench().show_lower(TrainingDeclaration.id)
        self._session.notify(f"Following {folder.name}. Stop ends the looking, not the run.")

    # Looking -----------------------------------------------------------------------------------

    def show_curves(self) -> None:
        self._window.workbench().show_lower(RunsDeclaration.id)
        self._window.workbench().runs_panel().show_list()

    def compare(self) -> None:
        """The two chosen runs beside each other, the older one first."""
        records = self._run_list.chosen_records()
        if len(records) == 2:
            first, second = sorted(records, key=lambda record: (record.created, record.folder.name))
            self._window.workbench().show_lower(RunsDeclaration.id)
            self._window.workbench().runs_panel().show_comparison(first.folder, second.folder)

    def show_folder(self) -> None:
        record = self._one()
        if record is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(record.folder)))

    # What is written on a run --------------------------------------------------------------------

    def edited(self, folder: Path, what: str, value: object) -> None:
        """Somebody typed a name, a note or tags."""
        try:
            self._run_list.replace(annotate(folder, **{what: value}))  # type: ignore[arg-type]
        except ArchiveError as error:
            self._session.notify(str(error), "bad")

    def _edit(self, column: str) -> None:
        if self._one() is not None:
            self._window.workbench().show_lower(RunsDeclaration.id)
            self._window.workbench().runs_panel().edit(column)

    def delete(self) -> None:
        """Remove the chosen runs for good; one that is running is refused."""
        records = self._run_list.chosen_records()
        going = [record for record in records if record.status == "running"]
        if going:
            self._session.notify(f"{name_of(going[0])} is running; stop it first.", "warn")
            return
        if not records or not self._may_delete(records):
            return
        for record in records:
            try:
                remove(record.folder)
            except ArchiveError as error:
                self._session.notify(str(error), "bad")
            else:
                self._run_list.forget(record.folder)
        self._run_list.refresh()

    def _may_delete(self, records: list[RunRecord]) -> bool:
        names = [name_of(record) for record in records]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        which = f" of {', '.join(names[:_NAMED])}{more}" if len(names) > 1 else ""
        answer = dialogs.ask(
            self._window.widget,
            f"Delete {len(names)} runs?" if which else f"Delete {names[0]}?",
            f"Weights, curves and notes{which} are removed from the disk and cannot be brought back.",
            (DialogChoice("cancel", "Keep"), DialogChoice("delete", "Delete", grave=True)),
        )
        return answer == "delete"

    # Common ------------------------------------------------------------------------------------

    def _one(self) -> RunRecord | None:
        records = self._run_list.chosen_records()
        return records[0] if len(records) == 1 else None

    def _is_free(self) -> bool:
        """Whether no run is going; says so otherwise."""
        self._controller.drain()
        if self._controller.is_active:
            self._session.notify("A run is going. Stop it first.", "warn")
        return not self._controller.is_active

    def _read(self, reading: Callable[[Path], Project], record: RunRecord | None) -> Project | None:
        try:
            return reading(record.folder) if record is not None else None
        except ArchiveError as error:
            self._session.notify(str(error), "bad")
            return None

    def _past(self, folder: Path, step: int) -> RunHistory:
        """What the run measured until this step; nothing, and told, where that cannot be read."""
        history = RunHistory()
        try:
            history.load(curves_of(folder), step)
        except ArchiveError as error:
            self._session.notify(str(error), "warn")
        return history

    def _show_training(self, text: str, project: Project) -> None:
        """Show the run that begins; says where it trains another drawing than the one on show."""
        present = self._session.project
        if project.graphs != present.graphs and _without_places(project) != _without_places(present):
            text += " It trains its own drawing, which differs from the one on the canvas."
        self._window.workbench().show_lower(TrainingDeclaration.id)
        self._session.notify(text)


def _without_places(project: Project) -> dict[str, object]:
    return {name: (graph.nodes, frozenset(graph.wires)) for name, graph in project.graphs.items()}


def placements(project: Project) -> list[str]:
    """Parts of a drawing that weights can be loaded into: blocks, networks and scans of the main graph."""
    return [node.id for node in project.main.nodes.values() if node.layer in ("block", "network", "scan")]


def can_train(window: CommandWindow) -> bool:
    """Whether nothing is wrong with the drawing and there is something to train; says so otherwise."""
    if window.session.report.errors:
        window.session.notify("This drawing cannot train yet. See its problems.", "warn")
        window.open_problems()
        return False
    project = window.session.project
    problem = waited_for(window.widget, "Looking at the drawing …", lambda: _not_trainable(project))
    if problem:
        window.session.notify(problem, "warn")
    return problem == ""


def _not_trainable(project: Project) -> str:
    """What is in the way of training, "" where nothing is. Reads what is known of the data, if nobody has."""
    from engine.compile.step_plan import step_plan

    return step_plan(project).problem
