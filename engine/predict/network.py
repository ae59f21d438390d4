"""A run's drawing with its weights, ready to predict: compiled as it was trained, whatever its data are now.

Evaluation mode, no gradients, the random state put back. The run's folder may be a stranger's: only plain
files of it are read, and what it keeps of its data is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.compile import compile  # noqa: A004
from engine.data import catalogue
from engine.data.columns import Finish, check_classes
from engine.data.kept_data import KeptData, decoded, is_changed, kept_data
from engine.data.pairs import load_paired
from engine.document.project import Project
from engine.expand import expand
from engine.expand.flat import FlatEnd, ancestors
from engine.feed.sources import generator_of
from engine.predict.results import results_of
from engine.runs.checkpoints import CHECKPOINTS, Checkpoint, checkpoints_of, require_last
from engine.runs.plain_files import ArchiveError, content
from engine.runs.record import DATA, LARGEST_DATA, project_of
from engine.system.random_state import kept_random_state, own_random_state
from engine.weights.checkpoint import WeightsError, load_weights, shortened
from nodes.data.source import DataSource, DrawnSource
from nodes.modules.devices.moving import moved
from nodes.reading.dataset import Array
from nodes.reading.error import DataError
from nodes.reading.progress import tell
from nodes.reading.texts.vocabulary import BEGIN, END, PADDING


class TrainedNetwork:
    """`predict` computes its results. `notes` are sentences on what is not as it was when it was trained.

    Raises `ArchiveError`, `WeightsError`, `CompileError` or `DataError` when it is made.
    """

    def __init__(self, run: Path, device: torch.device | str = "cpu", *, best: bool = True) -> None:
        """`best`: with the best weights of the run, where it keeps some; else with the last ones."""
        self.run, self.device = run, torch.device(device)
        project = project_of(run)
        sources = sources_of(project)
        self.kept, self.notes = kept_of(run, project, sources)
        infos = {sources[path]: kept.info for path, kept in self.kept.items() if path in sources}
        with catalogue.described_as(infos), kept_random_state(self.device):
            self.plan = compile(project, self.device)
        self.node, self.results = results_of(self.plan, self.kept)
        if self.node not in self.kept:
            raise DataError(f"{self.node}: Expected what the run keeps of its data. Received nothing of it.")
        self.source = sources[self.node]
        self.weights = weights_of(run, best=best)
        self._fill()
        self._graph = self.plan.graph_of(result.end for result in self.results)
        above = ancestors(self.plan.nodes, [result.end for result in self.results])
        self._read = {end for path in above for port in self.plan.nodes[path].inputs for end in port}
        self._so_far = FlatEnd(self.node, "decoder_input")
        data = self.kept[self.node]
        self._finish = Finish(
            data.info.input, data.input_scaling, self.device, channels_last=self.plan.channels_last
        )
        self.plan.eval()

    @property
    def data(self) -> KeptData:
        """What the run keeps of the data from which it predicts."""
        return self.kept[self.node]

    def _fill(self) -> None:
        loaded = load_weights(self.plan.model, self.weights.path)
        lacking = (*loaded.missing, *loaded.refused)
        if lacking:
            raise WeightsError(
                f"{self.weights.path.name}: Expected all weights of the drawing. Received none, or others, "
                f"for {shortened(lacking, 3)}."
            )

    def predict(self, inputs: Array, more: Mapping[str, Array] | None = None) -> list[Tensor]:
        """The values of each result for rows as they are stored, `(rows, *features)`; on the CPU.

        `more` are further outputs of the data node, as a mask. Raises `DataError` where the drawing reads one
        that is not there.
        """
        stored = self._finish.moved(torch.from_numpy(np.ascontiguousarray(inputs)))
        check_classes(stored, self._finish.spec)
        values = self._values(self._finish(stored), more or {})
        with torch.no_grad(), own_random_state(self.device, self.plan.seed):
            found = self._decoded(values) if self._so_far in self._read else self._graph(values)
            return [value.detach().cpu() for value in found]

    def _decoded(self, values: dict[FlatEnd, Tensor]) -> tuple[Tensor, ...]:
        """A sequence token by token: the likeliest so far goes in to predict the next one."""
        axis, length = self.results[0].axis, int(str(self.plan.specs[self._so_far].shape[1]))
        count = len(next(iter(values.values())))
        so_far = torch.full((count, length), PADDING, dtype=torch.int64, device=self.device)
        so_far[:, 0] = BEGIN
        ended = torch.zeros(count, dtype=torch.bool, device=self.device)
        found: tuple[Tensor, ...] = ()
        for place in range(length):
            tell("Predicting")
            found = self._graph({**values, self._so_far: so_far})
            ended |= (token := found[0].argmax(dim=axis)[:, place]) == END
            if place + 1 == length or bool(ended.all()):
                break
            so_far[:, place + 1] = token
        return found

    def _values(self, inputs: Tensor, more: Mapping[str, Array]) -> dict[FlatEnd, Tensor]:
        """What the sources hand out with these inputs; targets are not read, so none are there."""
        found: dict[FlatEnd, Tensor] = {}
        specs = dict(self.data.info.more)
        for end in self._graph.inputs:
            layer = self.plan.nodes[end.path].layer
            if isinstance(layer, DrawnSource):
                drawn = layer.draw(len(inputs), generator_of(self.plan.seed, end.path))
                found[end] = moved(drawn, self.device)
            elif end.port in more and end.port in specs:
                given = torch.from_numpy(np.ascontiguousarray(more[end.port])).to(self.device)
                found[end] = Finish(specs[end.port], None, self.device)(given)
            elif end.port == "input":
                found[end] = inputs
            elif end in self._read and end != self._so_far:
                raise DataError(f"Expected data with a {end.port}, which the drawing reads. Received none.")
            else:
                found[end] = torch.empty(0, device=self.device)
        return found


def sources_of(project: Project) -> dict[str, DataSource]:
    """The data nodes of a project by their path."""
    flat = expand(project).nodes
    return {path: node.layer for path, node in flat.items() if isinstance(node.layer, DataSource)}


def kept_of(
    run: Path, project: Project, sources: Mapping[str, DataSource]
) -> tuple[dict[str, KeptData], list[str]]:
    """What the run keeps of its data, and in sentences what has changed since.

    A run of an earlier version keeps nothing: its data are then read again. Raises `ArchiveError`,
    `DataError`.
    """
    try:
        kept = decoded(content(run / DATA, LARGEST_DATA))
    except FileNotFoundError:
        kept = {}
    except DataError as error:
        raise ArchiveError(f"{run.name}: {DATA}: {error}") from error
    notes = [
        f"{path}: the data of the run have changed since it began; scaling, classes and columns are those of "
        "then."
        for path, source in sources.items()
        if path in kept and is_changed(kept[path], source)
    ]
    found = {path: one for path, one in kept.items() if path in sources}
    sets = cache(lambda: load_paired(sources, project.settings.seed))
    for path, source in sources.items():
        if path not in found:
            found[path] = kept_data(source, sets()[path])
            notes.append(
                f"{path}: the run did not keep the scaling and classes of its data; they are those of the "
                "data as they are now."
            )
    return found, notes


def weights_of(run: Path, *, best: bool) -> Checkpoint:
    """The best weights of a run where it keeps some, else the last. Raises `ArchiveError`."""
    if best:
        for one in checkpoints_of(run):
            if one.kind == "best":
                return one
    if not (run / CHECKPOINTS).exists():
        raise ArchiveError(f"{run.name}: Expected a run with weights. Received none; train it first.")
    return require_last(run)
