"""Pages of samples, read in a thread of their own; and the losses of single samples, which take longer.

Torch's random state belongs to the whole process, so losses are not computed while a run goes in it, and
augmentations are then not shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.state import warmup
from app.state.run_controller import RunController
from app.widgets.background_task import BackgroundTask
from engine.document.project import Project
from nodes.user_error import UserError

if TYPE_CHECKING:
    from engine.predict.browse import BrowsedData, BrowsedPage

PAGE = 60
"""Samples of a page."""


@dataclass(frozen=True, eq=False)
class PageQuestion:
    """Which page of which samples. `worst`: a run, by whose loss they are ordered, the largest first."""

    project: Project
    node: str
    part: str
    page: int = 0
    search: str = ""
    seen: bool = False
    augmented: bool = True
    worst: Path | None = None


@dataclass(eq=False)
class PageAnswer:
    """The page, of how many samples it is one, and the losses of its samples; or why there is none."""

    page: BrowsedPage | None = None
    total: int = 0
    number: int = 0
    losses: NDArray[np.float64] | None = None
    counts: dict[str, int] = field(default_factory=dict)
    excluded: int = 0
    may_exclude: bool = True
    title: str = ""
    failed: str = ""


class Browsing(QObject):
    """Answers the last question that was asked."""

    changed = Signal()
    answered = Signal(object, object)

    def __init__(self, controller: RunController, parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self.question: PageQuestion | None = None
        self._kept: tuple[object, BrowsedData] | None = None
        self._losses: dict[tuple[object, ...], NDArray[np.float64]] = {}
        self._work = BackgroundTask("samples of the data", self._answer, self)
        self._work.answered.connect(self._done)
        self._work.failed.connect(self._failed)

    @property
    def is_busy(self) -> bool:
        return self.question is not None

    def ask(self, question: PageQuestion) -> None:
        """Read this page; earlier ones are wanted no more."""
        self._work.call_off()
        self.question = question
        if question.worst is not None or question.augmented:
            self._controller.draws.hold_engine(question, self.cancel)
        self._work.ask(question)
        self.changed.emit()

    def cancel(self) -> None:
        """End what is under way, soon."""
        self._work.call_off()
        if self.question is not None:
            self.question = None
            self.changed.emit()

    def forget(self) -> None:
        """Nobody looks any more: nothing is held."""
        self.cancel()
        self._kept, self._losses = None, {}

    def wait(self) -> None:
        """Until no thread is at work."""
        self._work.wait()

    def _done(self, question: object, answer: object) -> None:
        if question is self.question:
            self.question = None
            self.answered.emit(question, answer)
            self.changed.emit()

    def _failed(self, question: object, error: str) -> None:
        self._done(question, PageAnswer(failed=error))

    def _answer(self, question: object) -> PageAnswer:
        """In the thread."""
        assert isinstance(question, PageQuestion)
        try:
            warmup.load_engine()
            from engine.infer.layer import MODULE_ERRORS

            try:
                return self._page(question)
            except (UserError, OSError, *MODULE_ERRORS) as error:
                return PageAnswer(failed=str(error))
        finally:
            self._controller.draws.let_engine_go(question)

    def _page(self, question: PageQuestion) -> PageAnswer:
        data = self._data(question)
        rows, losses = data.rows(question.part, question.search), None
        if question.worst is not None:
            every = self._of_run(question, data)
            rows = rows[np.argsort(-np.nan_to_num(every[rows], nan=np.inf), kind="stable")]
            losses = every
        pages = max(1, -(-len(rows) // PAGE))
        number = min(max(question.page, 0), pages - 1)
        some = rows[number * PAGE : (number + 1) * PAGE]
        page = data.page(question.part, some, seen=question.seen, draw=number, augmented=question.augmented)
        counts = {part: len(data.part(part)) for part in ("training", "validation")}
        return PageAnswer(
            page,
            len(rows),
            number,
            None if losses is None else losses[some],
            counts,
            len(data.excluded),
            data.has_places,
            data.info.title,
        )

    def _data(self, question: PageQuestion) -> BrowsedData:
        from engine.predict.browse import BrowsedData

        key = (question.project, question.node)
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, BrowsedData(question.project, question.node))
        return self._kept[1]

    def _of_run(self, question: PageQuestion, data: BrowsedData) -> NDArray[np.float64]:
        """The losses of the part with the weights of the run; kept for the next page."""
        from engine.predict.network import weights_of
        from engine.predict.sample_losses import SampleLosses

        assert question.worst is not None
        read = tuple((name, value) for name, value in data.source.values.items() if name != "excluded")
        weights = weights_of(question.worst, best=True)
        key = (question.worst, weights.step, question.node, question.part, read)
        if key not in self._losses:
            losses = SampleLosses(question.worst, question.node)
            self._losses = {key: losses.of(data.part(question.part))}
        return self._losses[key]
