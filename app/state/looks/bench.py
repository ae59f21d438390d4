"""The work of looking without training, in a thread of its own: a drawing is compiled, filled and looked at.

What was compiled is kept, so that another sample, lens or checkpoint of the same drawing is quick.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.state import warmup
from engine.document.changes import same_meaning
from engine.document.project import Project
from engine.messages.events import FRESH, LensFrame
from engine.messages.lens_request import LensRequest
from engine.messages.pinned import Pinned
from engine.runs.archive import Checkpoint, checkpoints_of
from nodes.user_error import UserError

if TYPE_CHECKING:
    from engine.lens.preview import Preview


@dataclass(frozen=True, eq=False)
class LookQuestion:
    """What is to be looked at. `step`: with the weights of the checkpoint nearest to it; None: the newest.

    Without a `folder` of a run, or a checkpoint there, the weights are fresh.
    """

    project: Project
    requests: tuple[LensRequest, ...]
    samples: tuple[Pinned, ...]
    folder: Path | None = None
    step: int | None = None
    called_off: threading.Event = field(default_factory=threading.Event)
    outdated: threading.Event = field(default_factory=threading.Event)
    """Another sample is wanted: what is quick still comes, so that pictures follow while one draws."""


@dataclass(frozen=True, eq=False)
class LookPart:
    """Some frames of an answer; `troubles` says why a request was not served."""

    frames: tuple[LensFrame, ...]
    troubles: tuple[tuple[LensRequest, str], ...] = ()


@dataclass(frozen=True, eq=False)
class LookAnswer:
    """The end of a look. `steps` are those of the checkpoints, `step` that of the weights that were taken.

    `partly` says which weights were not in the file, `failed` why nothing, or not all, could be shown.
    """

    steps: tuple[int, ...] = ()
    step: int = FRESH
    partly: str = ""
    failed: str = ""


class Bench:
    """Keeps the last drawing that was looked at. Who computes takes `turn`: torch has one random state."""

    def __init__(self, turn: threading.Lock) -> None:
        self._turn = turn
        self._kept: tuple[Preview, Project, Checkpoint | None] | None = None

    def look(self, question: LookQuestion, come: Callable[[LookPart], None]) -> LookAnswer:
        """Hands over what is seen as it comes. Raises `CalledOffError`."""
        warmup.load_engine()
        from engine.infer.layer import MODULE_ERRORS

        while not self._turn.acquire(timeout=0.05):
            if question.called_off.is_set():
                return LookAnswer()
        points: tuple[Checkpoint, ...] = ()
        try:
            points = () if question.folder is None else checkpoints_of(question.folder)
            return self._looked(question, points, come)
        except (UserError, OSError, *MODULE_ERRORS) as error:
            self.close()
            return LookAnswer(tuple(point.step for point in points), failed=str(error))
        finally:
            self._turn.release()

    def close(self) -> None:
        """Let what was kept go. Only where nothing is being looked at."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept[0].close()

    def _looked(
        self, question: LookQuestion, points: tuple[Checkpoint, ...], come: Callable[[LookPart], None]
    ) -> LookAnswer:
        from engine.lens.registry import LENSES

        preview = self._opened(question.project, _chosen(points, question.step))
        is_off = question.called_off.is_set
        for looked in preview.looks(question.requests, preview.feeds(question.samples), is_off):
            if is_off():
                break
            failed = (
                (each.request, f"{LENSES[each.request.kind].title}: {each.error}") for each in looked.failed
            )
            come(LookPart(tuple(looked.frames), tuple(failed)))
            if question.outdated.is_set():
                break
        fresh = preview.fresh_nodes if preview.step != FRESH else frozenset()
        partly = f"{_listed(sorted(fresh))} with fresh weights" if fresh else ""
        return LookAnswer(tuple(dict.fromkeys(point.step for point in points)), preview.step, partly)

    def _opened(self, project: Project, point: Checkpoint | None) -> Preview:
        from engine.lens.preview import Preview

        if self._kept is not None and same_meaning(self._kept[1], project):
            preview, _, held = self._kept
            if held == point:
                return preview
            if point is not None and not preview.fresh_nodes:
                preview.take(point.path, point.step)
                if not preview.fresh_nodes or held is None:
                    self._kept = preview, project, point
                    return preview
        self.close()
        made = Preview(project) if point is None else Preview(project, point.path, point.step)
        self._kept = made, project, point
        return made


def _chosen(points: tuple[Checkpoint, ...], step: int | None) -> Checkpoint | None:
    """The newest checkpoint, or the one that is nearest to a step; of two at one step the later kind."""
    if not points:
        return None
    return points[-1] if step is None else min(reversed(points), key=lambda one: abs(one.step - step))


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
