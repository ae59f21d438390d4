"""Shapes and the step plan, found beside the window: a worker thread that works on the newest project.

It loads the engine (torch) the first time, off the GUI thread. A result whose project is no longer the
session's is dropped.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.state import warmup
from app.state.session import Session
from engine.document.changes import same_meaning
from engine.document.project import Project
from engine.report import Report

if TYPE_CHECKING:
    from engine.compile.step_plan import StepPlan

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

    def stop(self) -> None:
        """End the thread; returns when it is gone."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()
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
        from engine.compile.step_plan import step_plan
        from engine.infer import infer

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
            report = infer(project, report)
            self._done.emit(project, report)
            with self._wake:  # while values are spun, shapes are enough
                outdated = self._wake.wait_for(lambda: self._stopping or self._wanted is not None, _CALM)
            if not outdated:
                self._planned.emit(project, step_plan(project))

    def _take(self, project: Project, report: Report) -> None:
        if same_meaning(project, self._session.project):
            self._session.set_report(report)

    def _take_plan(self, project: Project, plan: StepPlan) -> None:
        if same_meaning(project, self._session.project):
            self._session.set_step_plan(plan)
