"""How much classes and samples count in a run: what is drawn into batches, and weights of classes in losses.

Counts the training part alone. Knows plans, data nodes and the sets behind them; nothing of the order of
batches.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.compile import Plan
from engine.expand.flat import FlatEnd
from nodes.data.source import DataSource
from nodes.reading.dataset import DataSet, Rows
from nodes.reading.error import DataError
from nodes.training.loss import CrossEntropy

MOST_DRAWN = 1 << 24
"""The most samples among which torch draws with chances of their own."""
MOST_COUNTED = 1 << 24
"""Labels that are counted at most; of more, those of samples spread evenly over the training part."""
CHUNK = 1024
"""Rows that are read at a time to be counted."""


def chances(path: str, layer: DataSource, data: DataSet) -> Tensor | None:
    """The chance of each training sample `(samples)` to be drawn, up to a factor; None: each comes once.

    Balanced: one over the number of samples of its class. Raises `DataError` where there is no class, or no
    weight above 0.
    """
    if layer.sampling == "shuffled":
        return None
    if len(data.train) > MOST_DRAWN:
        raise DataError(
            f"{path}: sampling: Expected at most {MOST_DRAWN:,} samples to train on. Received "
            f"{len(data.train):,}; use fewer, or weigh classes in the loss instead."
        )
    if layer.sampling == "weighted":
        return _by_weight(path, data)
    target = data.train.target
    labels = None if target is None else _fetched(target)
    if labels is None or labels.dtype.kind not in "iu" or labels.size != len(labels):
        raise DataError(
            f"{path}: sampling: Expected one class for each sample, to balance them. Received "
            f"{'no targets' if labels is None else 'other targets'}; set it to shuffled."
        )
    _, codes, counts = np.unique(labels.reshape(-1), return_inverse=True, return_counts=True)
    return torch.from_numpy(1.0 / counts[codes])


def _by_weight(path: str, data: DataSet) -> Tensor:
    rows = data.train.more.get("weight")
    if rows is None:
        raise DataError(
            f"{path}: sampling: Expected a set with sample weights (weight_column). Received one without; "
            "set it to shuffled."
        )
    weights = _fetched(rows).reshape(len(data.train), -1)[:, 0].astype(np.float64)
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise DataError(f"{path}: sampling: Expected weights from 0 on, not all 0. Received others.")
    return torch.from_numpy(weights)


def _fetched(rows: Rows) -> NDArray[np.generic]:
    return np.concatenate(
        [
            rows.fetch(np.arange(start, min(start + CHUNK, len(rows))))
            for start in range(0, max(len(rows), 1), CHUNK)
        ]
    )


def balance_classes(plan: Plan, sets: Mapping[str, DataSet]) -> None:
    """Give each loss with balanced class weights those of its labels: n / (classes · n of the class).

    A class that the training part does not have weighs 1. Raises `DataError` where the labels are no data
    set's.
    """
    for path, node in plan.nodes.items():
        if not isinstance(node.layer, CrossEntropy) or node.layer.class_weights != "balanced":
            continue
        if path not in plan.modules:
            continue
        module = plan.modules[path]
        assert isinstance(module.class_weight, Tensor)
        ends = dict(zip((port.name for port in node.layer.input_ports()), node.inputs, strict=True))
        rows = _behind(plan, ends["label"][0], sets)
        if rows is None:
            raise DataError(
                f"{path}: class_weights: Expected the labels of a data set, to count their classes. "
                "Received others; give the weights."
            )
        counts = class_counts(rows, len(module.class_weight), node.layer.ignore_index)
        total, classes = counts.sum(), len(counts)
        weights = np.where(counts > 0, total / (classes * np.maximum(counts, 1)), 1.0)
        module.class_weight.copy_(torch.from_numpy(weights))


def class_counts(rows: Rows, classes: int, ignored: tuple[int, ...] = ()) -> NDArray[np.int64]:
    """How often each class occurs among labels `(samples, …)`; those that are ignored are not counted."""
    one = max(int(np.prod(rows.shape[1:])), 1)
    step = max(1, -(-len(rows) * one // MOST_COUNTED))
    places = np.arange(0, len(rows), step)
    counts = np.zeros(classes, np.int64)
    for start in range(0, len(places), CHUNK):
        labels = rows.fetch(places[start : start + CHUNK]).reshape(-1).astype(np.int64)
        counted = labels[(labels >= 0) & (labels < classes) & ~np.isin(labels, ignored)]
        counts += np.bincount(counted, minlength=classes)
    return counts


def _behind(plan: Plan, end: FlatEnd, sets: Mapping[str, DataSet]) -> Rows | None:
    """The training rows that enter here, looking back through layers that hand classes on as they are."""
    while end.path not in sets:
        node = plan.nodes[end.path]
        if not node.layer.keeps_scale or not node.inputs or len(node.inputs[0]) != 1:
            return None
        end = node.inputs[0][0]
    train = sets[end.path].train
    return train.target if end.port == "target" else train.more.get(end.port)
