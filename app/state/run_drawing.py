"""Ties what a run shows to the drawing that it trains: every frame and number has the drawing it is of.

The canvas, the inspector and the panels ask here for what was seen of a node of the present drawing, and
whether that is still true of it. Knows no widget.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec
from PySide6.QtCore import QObject, Signal

from app.charts.series import Series
from app.state.drawing_match import DrawingMatch
from app.state.looks.lens_history import SeenMoment
from app.state.looks.moments import Moments
from app.state.looks.pins import is_alike
from app.state.run_history import RunHistory
from app.state.session import Session
from engine.document.project import MAIN, Project
from engine.messages.events import FRESH, LensFrame
from engine.messages.lens_request import LensKey, LensRequest, Options, lens_key
from engine.messages.pinned import Pinned

OUTDATED = "This run trains an older drawing."
OUTDATED_PAST = "This run trained an older drawing."


class SeenFrame(NamedTuple):
    """The newest frame of a lens on a node of the present drawing."""

    frame: LensFrame | None
    is_stale: bool = False
    """Whether it is of another drawing than the present one."""


class LastSeen(Protocol):
    """A frame that was made apart from a run, and the sample that it shows."""

    @property
    def moment(self) -> SeenMoment: ...
    @property
    def sample(self) -> Pinned | None: ...


class SeenApart(Protocol):
    """What is asked of who looks at a drawing that does not train."""

    def seen(self, key: LensKey, sample: Pinned | None, step: int | None) -> LastSeen | None: ...
    def course(self, key: LensKey, sample: Pinned | None) -> tuple[SeenMoment, ...]: ...
    def sample_of(self, kind: str, pin: int) -> Pinned | None: ...


class TrainedDrawing(Protocol):
    """What is asked of the controller of a run."""

    session: Session
    frames: dict[LensKey, LensFrame]
    project: Project
    past: Path | None
    run: Any
    follows: bool
    moments: Moments
    looks: SeenApart
    losses: dict[str, float]
    metrics: dict[str, float]
    history: RunHistory

    @property
    def is_active(self) -> bool: ...


class RunDrawing(QObject):
    """Compares the drawing of the run with the present one, once for each of them."""

    changed = Signal()  # the present drawing, or that of the run, is another one
    restart_wanted = Signal()
    """Somebody wants the run to stop and the present drawing to be trained."""
    show_wanted = Signal()
    """Somebody wants to see the drawing that is trained."""

    def __init__(self, controller: TrainedDrawing, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._controller, self._session = controller, session
        self._origins: dict[LensKey, tuple[Project, Pinned | None]] = {}
        self._drawn_as: dict[str, tuple[Project, dict[str, Any], Project]] = {}
        """By sampler: the drawing of the run, what was changed of its node, and the drawing with that."""
        self._matches: dict[int, tuple[Project, DrawingMatch]] = {}
        session.project_changed.connect(self._compare_anew)

    # What a run has shown -------------------------------------------------------------------------

    def note(self, frame: LensFrame, project: Project | None = None) -> None:
        """This frame came: of this drawing, by default the one that the run trains."""
        sample = self._controller.looks.sample_of(frame.lens, frame.pin)
        self._origins[frame.key] = project or self._drawn_with(frame.target, frame.changes), sample

    def _drawn_with(self, sampler: str, changes: dict[str, Any]) -> Project:
        """The drawing of the run with these values of a sampler's parameters, the same one each time."""
        run = self._controller.project
        main = run.graphs[MAIN]
        if not changes or sampler not in main.nodes:
            return run
        held = self._drawn_as.get(sampler)
        if held is None or held[0] is not run or held[1] != changes:
            own = main.nodes[sampler]
            node = msgspec.structs.replace(own, params={**own.params, **changes})
            nodes = msgspec.structs.replace(main, nodes={**main.nodes, sampler: node})
            drawn = msgspec.structs.replace(run, graphs={**run.graphs, MAIN: nodes})
            held = self._drawn_as[sampler] = run, changes, drawn
        return held[2]

    def seen(self, kind: str, path: str, options: Options = (), pin: int = 0) -> SeenFrame:
        """What a lens saw of the node at this path of the present drawing, at the moment that is shown."""
        controller = self._controller
        step = controller.moments.chosen
        own = self.seen_in_run(kind, path, options, pin, step)
        sample = controller.looks.sample_of(kind, pin)
        last = controller.looks.seen(lens_key(kind, path, options, pin), sample, step)
        trains = controller.is_active and not controller.follows
        if last is None or (trains and own.frame is not None):
            return own
        is_stale = not is_alike(last.sample, sample) or not self._match(last.moment.project).is_current(path)
        return _better(own, SeenFrame(last.moment.frame, is_stale), step)

    def seen_in_run(
        self, kind: str, path: str, options: Options, pin: int, step: int | None = None
    ) -> SeenFrame:
        """The same of the run on show alone: the newest frame, or the one that is nearest to a step."""
        run_path = self.run_path(path)
        if run_path is None:
            return SeenFrame(None)
        controller, key = self._controller, lens_key(kind, run_path, options, pin)
        sample = controller.looks.sample_of(kind, pin)
        if step is not None:
            moment = controller.moments.history.nearest((key, sample), step)
            if moment is not None:
                return SeenFrame(moment.frame, not self._match(moment.project).is_current(path))
        frame = controller.frames.get(key)
        if frame is None:
            return SeenFrame(None)
        origin, shown = self._origins.get(key, (controller.project, sample))
        return SeenFrame(frame, not is_alike(shown, sample) or not self._match(origin).is_current(path))

    def course(self, request: LensRequest) -> tuple[LensFrame, ...]:
        """All that is kept of a request on the present drawing, one frame a step, in their order.

        Of a run and of its checkpoints; fresh weights are no step of it.
        """
        controller, path = self._controller, request.target
        sample, run_path = controller.looks.sample_of(request.kind, request.pin), self.run_path(path)
        kept = list(controller.looks.course(request.key, sample))
        if run_path is not None:
            key = lens_key(request.kind, run_path, request.options, request.pin)
            kept += controller.moments.history.course((key, sample))
        current = (one.frame for one in kept if self._match(one.project).is_current(path))
        steps = {frame.step: frame for frame in current if frame.step != FRESH}
        return tuple(steps[step] for step in sorted(steps))

    @property
    def shown_project(self) -> Project:
        """The drawing that pictures are of: that of the run that goes, else the present one."""
        trains = self._controller.is_active and not self._controller.follows
        return self._controller.project if trains else self._session.project

    def loss(self, path: str) -> float | None:
        """The loss of the objective at this path of the present drawing, at the moment that is shown."""
        return self._number(path, self._controller.losses, self._controller.history.losses)

    def metric(self, path: str) -> float | None:
        """What the metric at this path came to in the last validation until the moment that is shown."""
        return self._number(path, self._controller.metrics, self._controller.history.metrics)

    def _number(self, path: str, newest: Mapping[str, float], told: Mapping[str, Series]) -> float | None:
        run_path, step = self.run_path(path), self._controller.moments.chosen
        if run_path is None or step is None:
            return newest.get(run_path) if run_path is not None else None
        value = told[run_path].until(step) if run_path in told else math.nan
        return None if math.isnan(value) else value

    # Comparing --------------------------------------------------------------------------------------

    def is_stale(self, path: str) -> bool:
        """Whether the run trains something else at this path than the present drawing says."""
        return self._knows_run and not self._match(self._controller.project).is_current(path)

    @property
    def is_outdated(self) -> bool:
        """Whether the run trains another drawing than the present one."""
        return self._knows_run and not self._match(self._controller.project).is_whole

    @property
    def sentence(self) -> str:
        """What is told where that is so."""
        return OUTDATED if self._controller.is_active else OUTDATED_PAST

    @property
    def is_active(self) -> bool:
        """Whether the run goes on."""
        return self._controller.is_active

    def run_path(self, path: str) -> str | None:
        """What the run calls the node at this path; None where it has none."""
        return self._match(self._controller.project).run_path(path) if self._knows_run else path

    def asked(self, requests: Iterable[LensRequest]) -> frozenset[LensRequest]:
        """The same requests with the paths of the run."""
        paths = ((each, self.run_path(each.target) or each.target) for each in requests)
        return frozenset(msgspec.structs.replace(each, target=path) for each, path in paths)

    def present_path(self, run_path: str) -> str:
        """The path at which a node of the run stands in the present drawing."""
        return self._match(self._controller.project).present_path(run_path)

    @property
    def _knows_run(self) -> bool:
        return self._controller.run is not None or self._controller.past is not None

    def _match(self, run: Project) -> DrawingMatch:
        held = self._matches.get(id(run))
        if held is None:
            held = self._matches[id(run)] = run, DrawingMatch(run, self._session.project)
        return held[1]

    def _compare_anew(self) -> None:
        self._matches.clear()
        self.changed.emit()

    def forget(self) -> None:
        """Another run: what is known of how samplers were changed is gone."""
        self._drawn_as.clear()
        known = self._controller.frames
        self._origins = {key: origin for key, origin in self._origins.items() if key in known}
        self._compare_anew()


def _better(own: SeenFrame, apart: SeenFrame, step: int | None) -> SeenFrame:
    """Of what a run has shown and what was seen apart from it, what is of the present drawing and newer, or
    nearer to a step.
    """
    if own.frame is None or apart.frame is None:
        return apart if own.frame is None else own
    if own.is_stale != apart.is_stale:
        return apart if own.is_stale else own
    if step is None:
        return own if own.frame.step > apart.frame.step else apart
    return own if abs(own.frame.step - step) <= abs(apart.frame.step - step) else apart
