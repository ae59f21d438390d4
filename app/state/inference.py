"""Shapes and the step plan, found beside the window: a worker thread that works on the newest project.

It loads the engine (torch) the first time, off the GUI thread. Work on a project that is no longer the
session's is called off, but for the reading of a data set that the next one has too. An unexpected error is
told in a sentence that names a report file and as the problem of the drawing, and the thread goes on with
the next project.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.state import error_report, warmup
from app.state.session import Session
from engine.document.changes import same_meaning
from engine.document.project import MAIN, Node, Project
from engine.report import Problem, Report
from nodes.data.source import DataSource
from nodes.reading.progress import CalledOffError, Listener, listening

if TYPE_CHECKING:
    from engine.compile.step_plan import StepPlan

CLOSING_SECONDS = 1.0
"""The most that the end of a window waits for a thread that answers to nobody."""
_CALM = 0.08
"""Seconds without an edit before the step plan is made."""


class InferenceWorker(QObject):
    """Keeps `session.report` up to date. Call `start` after the first paint, `stop` at the end."""

    panels_ready = Signal()
    engine_ready = Signal()
    failed = Signal(str)
    _done = Signal(object, object)  # Project, Report
    _planned = Signal(object, object)  # Project, StepPlan

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted: Project | None = None
        self._stopping = False
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._told = ""
        self._done.connect(self._take)
        self._planned.connect(self._take_plan)
        session.project_changed.connect(self._on_project)
        session.recheck_wanted.connect(self._recheck)

    def start(self) -> None:
        """Start the thread and look at the present project."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="layerloom-inference", daemon=True)
            self._want(self._session.project)
            self._thread.start()

    def call_off(self) -> None:
        """Let the thread end soon; nothing more is found."""
        with self._wake:
            self._stopping = True
            self._wake.notify()

    def stop(self, seconds: float = CLOSING_SECONDS) -> None:
        """End the thread; returns when it is gone, or after so long."""
        self.call_off()
        if self._thread is not None:
            self._thread.join(seconds)
            self._thread = None

    def _on_project(self, old: Project, new: Project) -> None:
        if not same_meaning(old, new):
            self._want(new)

    def _recheck(self) -> None:
        self._want(self._session.project)

    def _want(self, project: Project) -> None:
        with self._wake:
            self._wanted = project
            self._wake.notify()

    def _work(self) -> None:
        try:
            warmup.load_panels()
            self.panels_ready.emit()
            warmup.load_engine()
        except (ImportError, OSError) as error:
            self.failed.emit(f"The engine cannot be loaded: {error}. Install Layerloom again.")
            return
        if not self._stopping:
            self.engine_ready.emit()
        report: Report | None = None
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._stopping or self._wanted is not None)
                if self._stopping:
                    return
                project, self._wanted = self._wanted, None
            assert project is not None
            try:
                with listening(self._listener(project)):
                    report = self._look(project, report)
            except CalledOffError:
                continue
            except BaseException as error:  # noqa: BLE001 - the edge of the thread: told, and the next follows
                report = None
                self._tell(error, project)
            else:
                self._told = ""

    def _listener(self, project: Project) -> Listener:
        """Calls off what is done for this project once another one is wanted that does not need it."""
        from engine.infer.inference import INFERRING

        sources, judged = _sources(project), project

        def listen(what: str, _share: float | None) -> None:
            nonlocal judged
            wanted = self._wanted
            if self._stopping or (wanted is not None and what == INFERRING):
                raise CalledOffError
            if wanted is not None and wanted is not judged:
                judged = wanted
                if _sources(wanted) != sources:
                    raise CalledOffError

        return listen

    def _look(self, project: Project, previous: Report | None) -> Report:
        """Find the report and, where no edit follows at once, the step plan."""
        from engine.compile.step_plan import step_plan
        from engine.infer import infer

        report = infer(project, previous)
        self._done.emit(project, report)
        with self._wake:  # while values are spun, shapes are enough
            outdated = self._wake.wait_for(lambda: self._stopping or self._wanted is not None, _CALM)
        if not outdated:
            self._planned.emit(project, step_plan(project))
        return report

    def _tell(self, error: BaseException, project: Project) -> None:
        """Say it once, however many projects meet the same error one after the other."""
        if self._stopping:  # the window may be gone
            return
        sentence = f"Inference ended with an error: {type(error).__name__}: {error}"
        self._done.emit(project, Report(problems=(Problem(MAIN, "", "", sentence),)))
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        place = "" if frame is None else f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}"
        kind = f"{type(error).__name__} {place}"
        if kind != self._told:
            self._told = kind
            self.failed.emit(error_report.told(error, project, "The shapes of this drawing were not found"))

    def _take(self, project: Project, report: Report) -> None:
        if same_meaning(project, self._session.project):
            self._session.set_report(report)

    def _take_plan(self, project: Project, plan: StepPlan) -> None:
        if same_meaning(project, self._session.project):
            self._session.set_step_plan(plan)


def _sources(project: Project) -> list[tuple[str, Node]]:
    """The data nodes of a project, with their graphs."""
    return [
        (name, node)
        for name, graph in project.graphs.items()
        for node in graph.nodes.values()
        if node.layer == DataSource.type
    ]
