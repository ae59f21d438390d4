"""Pages of samples, and the losses of single samples, which take longer. Asked in a thread of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.document.project import Project
from nodes.user_error import UserError

if TYPE_CHECKING:
    from engine.predict.browse import BrowsedData, BrowsedPage
    from nodes.reading.dataset import DataInfo

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

    @property
    def uses_torch(self) -> bool:
        """Whether torch's random state is used, which no run may do meanwhile."""
        return self.worst is not None or self.augmented


@dataclass(eq=False)
class PageAnswer:
    """The page, of how many samples it is one, and the losses of its samples; or why there is none.

    `said` has the class that the network says of each.
    """

    page: BrowsedPage | None = None
    total: int = 0
    number: int = 0
    losses: NDArray[np.float64] | None = None
    said: tuple[str, ...] | None = None
    counts: dict[str, int] = field(default_factory=dict)
    excluded: int = 0
    may_exclude: bool = True
    title: str = ""
    failed: str = ""
    weights: str = ""
    """With which weights of the run the losses were computed."""


class _OfRun(NamedTuple):
    """The loss of each sample of a part with the weights of a run, and the class that the network says."""

    losses: NDArray[np.float64]
    said: NDArray[np.int64] | None
    weights: str

    def named(self, rows: NDArray[np.int64], info: DataInfo) -> tuple[str, ...] | None:
        """The names of the classes that are said of these rows."""
        if self.said is None or not info.classes:
            return None
        names = dict(enumerate(info.classes))
        return tuple(names.get(number, "") for number in self.said[rows].tolist())


class PageReader:
    """Answers questions, and keeps what the next page needs too. Lives in the thread of the questions."""

    def __init__(self) -> None:
        self._kept: tuple[object, BrowsedData] | None = None
        self._losses: dict[tuple[object, ...], _OfRun] = {}

    def forget(self) -> None:
        """Nobody looks any more: nothing is held."""
        self._kept, self._losses = None, {}

    def answer(self, question: PageQuestion) -> PageAnswer:
        """The page, or why there is none."""
        from engine.infer.layer import MODULE_ERRORS

        try:
            return self._page(question)
        except (UserError, OSError, *MODULE_ERRORS) as error:
            return PageAnswer(failed=str(error))

    def _page(self, question: PageQuestion) -> PageAnswer:
        data = self._data(question)
        rows, of_run = data.rows(question.part, question.search), None
        if question.worst is not None:
            of_run = self._of_run(question, data)
            rows = rows[np.argsort(-np.nan_to_num(of_run.losses[rows], nan=np.inf), kind="stable")]
        pages = max(1, -(-len(rows) // PAGE))
        number = min(max(question.page, 0), pages - 1)
        some = rows[number * PAGE : (number + 1) * PAGE]
        page = data.page(question.part, some, seen=question.seen, draw=number, augmented=question.augmented)
        counts = {part: len(data.part(part)) for part in ("training", "validation")}
        return PageAnswer(
            page,
            len(rows),
            number,
            None if of_run is None else of_run.losses[some],
            None if of_run is None else of_run.named(some, data.info),
            counts,
            len(data.excluded),
            data.has_places,
            data.info.title,
            weights="" if of_run is None else of_run.weights,
        )

    def _data(self, question: PageQuestion) -> BrowsedData:
        from engine.predict.browse import BrowsedData

        key = (question.project, question.node)
        kept = self._kept  # the window may forget it meanwhile
        if kept is None or kept[0] != key:
            self._kept = kept = (key, BrowsedData(question.project, question.node))
        return kept[1]

    def _of_run(self, question: PageQuestion, data: BrowsedData) -> _OfRun:
        """The losses of the part with the weights of the run; kept for the next page."""
        from engine.predict.network import weights_of
        from engine.predict.sample_losses import SampleLosses

        assert question.worst is not None
        read = tuple((name, value) for name, value in data.source.values.items() if name != "excluded")
        weights = weights_of(question.worst, best=True)
        seed = question.project.settings.seed
        key = (question.worst, weights.step, question.node, question.part, seed, read)
        found = self._losses.get(key)
        if found is None:
            asked = SampleLosses(question.worst, question.node)
            told = f"{'best' if weights.kind == 'best' else 'last'} weights, step {weights.step:,},"
            found = _OfRun(asked.of(data.part(question.part), data.info), asked.said, told)
            self._losses = {key: found}
        return found
