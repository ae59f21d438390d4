"""Looks at a drawing that is not training: its fresh weights, or those of a file, on a sample of its data.

A preview is compiled apart from any run. It seeds torch's random state and puts it back; the state is shared
by the whole process, so no preview is made while a run trains (a run serves its own lenses).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import torch
from torch import Tensor

from engine.compile import Plan, compile  # noqa: A004
from engine.compile.beginning import begin_from_files
from engine.document.project import Project
from engine.expand.flat import ancestors
from engine.feed.sources import Sources
from engine.infer.layer import MODULE_ERRORS
from engine.lens.evaluate import Failed, Looked, drawn, look, reads_sampler
from engine.lens.feeds import LONG_PATIENCE, PATIENCE, Feeds
from engine.lens.lens import Cost
from engine.lens.pinned import feeds_of
from engine.lens.registry import LENSES
from engine.messages.events import FRESH, LensFrame
from engine.messages.lens_request import LensRequest
from engine.messages.pinned import HeldSample, Pinned
from engine.sample.samplers import Samplers
from engine.system.random_state import kept_random_state
from engine.weights.checkpoint import Loaded, WeightsError, load_weights, read, shortened

AVERAGE = "@average/"
"""What the names of running means begin with in a checkpoint."""


class Preview:
    """A compiled snapshot on the CPU. Raises `CompileError` or `DataError` when it is made.

    `step` is that of `weights`; frames carry it.
    """

    def __init__(self, project: Project, weights: Path | None = None, step: int = 0) -> None:
        with kept_random_state(torch.device("cpu")):
            self.plan: Plan = compile(project, "cpu")
        if weights is None:
            begin_from_files(self.plan)
        self._averages = averages = dict[str, Tensor]()
        self.loaded: Loaded | None = None
        """What was filled from `weights`."""
        self.step = FRESH
        if weights is not None:
            self.take(weights, step)
        self.sources = Sources(self.plan)
        self.samplers = Samplers(self.plan, self.sources, lambda: averages)  # not through `self`: a circle

    def take(self, weights: Path, step: int) -> None:
        """Look with the weights of this file from now on; what it has not stays. Raises `WeightsError`."""
        self.loaded = load_weights(self.plan.model, weights)
        self._averages.clear()
        self._averages.update(_averages(weights))
        self.step = step if self.loaded.filled else FRESH

    def feeds(self, samples: Sequence[Pinned]) -> Feeds:
        """What enters for these samples. Raises `DataError` for one that does not fit."""
        return feeds_of(self.plan, self.sources, samples)

    def looks(
        self,
        requests: Iterable[LensRequest],
        feeds: Feeds,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> Iterator[Looked]:
        """Frames of all lenses but those of samplers, the cheapest first; ends soon where interrupted.

        What a pass of the sample shows comes at once, then each lens that looks at many samples, then each
        that takes seconds. What had to leave something out so that its first picture comes soon is looked at
        again at the end, with more time.
        """
        known = [request for request in requests if request.kind in LENSES and not reads_sampler(request)]
        cost = {request: LENSES[request.kind].cost for request in known}
        groups = [
            [request for request in known if cost[request] <= Cost.FORWARD],
            [request for request in known if cost[request] is Cost.BACKWARD],
            *([request] for request in sorted(known, key=cost.__getitem__) if cost[request] > Cost.BACKWARD),
        ]
        hurried: list[list[LensRequest]] = []
        for group in groups:
            if interrupted():
                return
            is_set = bool(group) and cost[group[0]] is Cost.SET
            feeds.patience, feeds.was_cut = PATIENCE if is_set else LONG_PATIENCE, False
            yield self._looked(group, feeds, interrupted)
            hurried += [group] if is_set and feeds.was_cut else []
        feeds.patience = LONG_PATIENCE
        for group in hurried:
            if interrupted():
                return
            yield self._looked(group, feeds, interrupted)

    def _looked(self, group: list[LensRequest], feeds: Feeds, interrupted: Callable[[], bool]) -> Looked:
        try:
            looked = look(self.plan, feeds, group, self.step, interrupted)
        except MODULE_ERRORS as error:
            looked = Looked(failed=[Failed(request, error) for request in group])
        return Looked([self._marked(frame) for frame in looked.frames], looked.failed)

    def look(
        self,
        requests: Iterable[LensRequest],
        index: int = 0,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> list[LensFrame]:
        """Frames of these lenses for one sample of the validation data, samplers included."""
        requests = list(requests)
        looks = self.looks(requests, self.feeds((HeldSample(index),)), interrupted)
        newest = {
            (frame.lens, frame.target, frame.options, frame.pin): frame
            for looked in looks
            for frame in looked.frames
        }
        frames = list(newest.values())
        for sampler in dict.fromkeys(request.target for request in requests if reads_sampler(request)):
            if sampler in self.samplers.layers:
                kinds = {request.kind for request in requests if request.target == sampler}
                frames += [
                    frame for frame in self.draw(sampler, self.step, interrupted) if frame.lens in kinds
                ]
        return frames

    def _marked(self, frame: LensFrame) -> LensFrame:
        """A frame that shows fresh weights beside those of the file says so."""
        lacking = self.fresh_nodes
        if not lacking or self.step == FRESH:
            return frame
        is_partly = LENSES[frame.lens].cost > Cost.FORWARD or bool(lacking & self._shown_with(frame.target))
        return msgspec.structs.replace(frame, partly=is_partly)

    def _shown_with(self, target: str) -> frozenset[str]:
        """The paths of the nodes whose weights count for what is shown of this one."""
        end = self.plan.end_of(target)
        above = set(ancestors(self.plan.nodes, [end])) if end is not None else set()
        return frozenset({target, *above})

    @property
    def fresh_nodes(self) -> frozenset[str]:
        """The paths of the nodes with weights that the file did not have."""
        if self.loaded is None:
            return frozenset()
        found = set()
        for name in (*self.loaded.missing, *self.loaded.refused):
            path = name.rpartition(".")[0]
            while path and path not in self.plan.nodes:
                path = path.rpartition(".")[0]
            found.add(path)
        return frozenset(found - {""})

    def unfilled(self, sampler: str) -> tuple[str, ...]:
        """The weights with which this sampler draws and that `weights` did not have, by name.

        Raises `KeyError` for a path without a sound sampler.
        """
        if self.loaded is None:
            return ()
        filled = {*self.loaded.filled, *(self._averages if self.samplers.layers[sampler].average else ())}
        return tuple(name for name in self.samplers.weights_of(sampler) if name not in filled)

    def require_filled(self, sampler: str) -> None:
        """Raise `WeightsError` where this sampler would draw with weights that nobody trained."""
        empty = self.unfilled(sampler)
        if empty:
            count = len(self.samplers.weights_of(sampler))
            raise WeightsError(
                f"Train the drawing first. Expected the {count:,} weights with which {sampler} draws. "
                f"Received {count - len(empty):,}; not there, or of another shape: {shortened(empty, 3)}."
            )

    def draw(
        self, sampler: str, step: int, interrupted: Callable[[], bool] = lambda: False
    ) -> list[LensFrame]:
        """What this sampler draws, as every lens shows it that reads samplers; none where interrupted.

        `step` is that of the weights. Raises `KeyError` for a path without a sound sampler.
        """
        arrays = self.samplers.draw(sampler, interrupted)
        return [] if arrays is None else drawn(step, sampler, arrays)

    def close(self) -> None:
        self.sources.close()


def preview(
    project: Project, requests: Iterable[LensRequest], index: int = 0, weights: Path | None = None
) -> list[LensFrame]:
    """One look at a drawing."""
    opened = Preview(project, weights)
    try:
        return opened.look(requests, index)
    finally:
        opened.close()


def _averages(weights: Path) -> dict[str, Tensor]:
    """The running means of weights in a checkpoint, by the names of the weights."""
    tensors, _ = read(weights)
    return {name[len(AVERAGE) :]: tensor for name, tensor in tensors.items() if name.startswith(AVERAGE)}
