"""The loss of each single sample with the weights of a run: which ones it understands worst.

What the losses of the drawing read is computed batch by batch, without gradients; each loss is then asked
sample by sample, so that the mean over a batch hides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.compile import compile  # noqa: A004
from engine.data import catalogue
from engine.data.columns import Finish
from engine.expand.flat import FlatEnd, FlatNode, ancestors
from engine.feed.sources import generator_of
from engine.predict.network import kept_of, sources_of, weights_of
from engine.predict.renumbered import renumbered, vocabulary_of
from engine.runs.record import project_of
from engine.system.random_state import kept_random_state, own_random_state
from engine.weights.checkpoint import load_weights
from nodes.data.source import DataSource, DrawnSource
from nodes.reading.dataset import DataInfo, DataSplit, Rows
from nodes.reading.error import DataError
from nodes.reading.progress import tell
from nodes.shown_text import listed
from nodes.spec import Role
from nodes.training.loss import CrossEntropy

CPU = torch.device("cpu")
AT_ONCE = 256
"""Samples that are computed at a time."""


class SampleLosses:
    """The drawing and the best weights of a run, ready for the samples of a data node.

    Raises `DataError` where the losses are computed from the data of other nodes too; `ArchiveError`,
    `WeightsError`, `CompileError`.
    """

    def __init__(self, run: Path, path: str) -> None:
        project = project_of(run)
        sources = sources_of(project)
        kept, _ = kept_of(run, project, sources)
        infos = {sources[name]: one.info for name, one in kept.items()}
        with catalogue.described_as(infos), kept_random_state(CPU):
            self.plan = compile(project, CPU)
        losses = [node for node in self.plan.nodes.values() if node.layer.role is Role.LOSS]
        self.losses = [node for node in losses if any(node.inputs)]  # others are alike for all samples
        self.ends = list(dict.fromkeys(end for node in self.losses for port in node.inputs for end in port))
        above = ancestors(self.plan.nodes, self.ends)
        nodes = sorted(name for name in above if isinstance(self.plan.nodes[name].layer, DataSource))
        if nodes != [path] or path not in kept:
            raise DataError(
                f"Expected a run whose losses are computed from {path} alone. "
                f"Received {listed(nodes) or 'one without losses'}."
            )
        self.path, self.kept = path, kept[path]
        self.weights = weights_of(run, best=True)
        load_weights(self.plan.model, self.weights.path)
        self.plan.eval()
        self._graph = self.plan.graph_of(self.ends)
        self.said: NDArray[np.int64] | None = None
        """The class that the network says of each sample that was asked last; None without classes."""

    def of(self, split: DataSplit, info: DataInfo | None = None) -> NDArray[np.float64]:
        """The loss of each sample of a part, `(samples)`, summed over all losses of the drawing.

        `info` describes the data as they are now; None: as in the run. Tells how far it is and can be called
        off there. Raises `DataError` where tokens are others than in the run.
        """
        columns, found = self._columns(split, info or self.kept.info), np.zeros(len(split))
        scores = self._scores(split)
        self.said = None if scores is None else np.zeros(len(split), np.int64)
        with torch.no_grad(), own_random_state(CPU, self.plan.seed):
            for start in range(0, len(split), AT_ONCE):
                tell("Computing losses", start / len(split))
                rows = np.arange(start, min(start + AT_ONCE, len(split)))
                computed = self._computed(columns, rows)
                if scores is not None and self.said is not None:
                    self.said[rows] = computed[scores].argmax(1).numpy()
                for node in self.losses:
                    for at, row in enumerate(rows):
                        found[row] += self._loss(node, computed, at)
        return found

    def _scores(self, split: DataSplit) -> FlatEnd | None:
        """Where the network says which class a sample is, if it does: scores `(N, classes)`."""
        if split.target is None or len(split.target.shape) != 1:
            return None
        for node in self.losses:
            if isinstance(node.layer, CrossEntropy) and len(node.inputs[0]) == 1:
                end = node.inputs[0][0]
                if len(self.plan.specs[end].shape) == 2:
                    return end
        return None

    def _columns(self, split: DataSplit, info: DataInfo) -> dict[str, tuple[Rows, Finish]]:
        """The rows of each port of the data node, and how they are finished: as in the run."""
        return {
            port: (renumbered(rows, vocabulary_of(info, port), vocabulary_of(self.kept.info, port)), finish)
            for port, (rows, finish) in self._stored(split).items()
        }

    def _stored(self, split: DataSplit) -> dict[str, tuple[Rows, Finish]]:
        kept = self.kept
        found = {"input": (split.input, Finish(kept.info.input, kept.input_scaling, CPU))}
        if split.target is not None and kept.info.target is not None:
            found["target"] = (split.target, Finish(kept.info.target, kept.target_scaling, CPU))
        more = ((port, spec) for port, spec in kept.info.more if port in split.more)
        return found | {port: (split.more[port], Finish(spec, None, CPU)) for port, spec in more}

    def _computed(
        self, columns: Mapping[str, tuple[Rows, Finish]], rows: NDArray[np.int64]
    ) -> dict[FlatEnd, Tensor]:
        """What the losses read, for these rows."""
        values: dict[FlatEnd, Tensor] = {}
        for end in self._graph.inputs:
            layer = self.plan.nodes[end.path].layer
            if isinstance(layer, DrawnSource):
                values[end] = layer.draw(len(rows), generator_of(self.plan.seed, end.path))
            elif end.port in columns:
                column, finish = columns[end.port]
                values[end] = finish(torch.from_numpy(np.ascontiguousarray(column.fetch(rows))))
            else:
                values[end] = torch.empty(0)
        return dict(zip(self.ends, self._graph(values), strict=True))

    def _loss(self, node: FlatNode, computed: Mapping[FlatEnd, Tensor], at: int) -> float:
        given: list[Tensor | None] = []
        for ends in node.inputs:
            given += [computed[end][at : at + 1] for end in ends] or [None]
        return float(self.plan.modules[node.path](*given))
