"""The values of the sources for pinned samples: held-back ones, and those that a person gave.

A given sample is one stored row: it is scaled and cast as the rows of the data set are.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
import torch
from torch import Tensor

from engine.compile import Plan
from engine.data.columns import Finish, check_classes
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.lens.feeds import Feeds, Values
from engine.messages.pinned import GivenSample, HeldSample, Pinned
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError


def feeds_of(plan: Plan, sources: Sources, samples: Sequence[Pinned]) -> Feeds:
    """Feeds of these samples, in their order. Raises `DataError` for one that does not fit the data."""
    rows = [_values(plan, sources, sample) for sample in samples]
    pinned = {end: torch.cat([row[end] for row in rows]) for end in rows[0]} if rows else {}
    given = [place for place, sample in enumerate(samples) if isinstance(sample, GivenSample)]
    total, validates = sources.samples(), sources.validates
    return Feeds(pinned, sources.units(), sources.held, total, validates, untargeted=frozenset(given))


def _values(plan: Plan, sources: Sources, sample: Pinned) -> Values:
    if isinstance(sample, HeldSample):
        return sources.sample(sample.index, training=sample.training)
    values = sources.sample(0)
    path, data = next(iter(sources.sets().items()), (None, None))
    if path is None or data is None:
        raise DataError("Add a data set first. Expected one that a sample can stand for. Received none.")
    lacking = {port for port, _ in data.info.more} & _ports_read(plan)
    if lacking:
        raise DataError(
            f"{sample.words}: Expected a sample with {', '.join(sorted(lacking))}, which the drawing reads. "
            "Received its input alone."
        )
    return {**values, FlatEnd(path, "input"): _finished(plan, data, sample)}


def _ports_read(plan: Plan) -> set[str]:
    """The outputs of data nodes that something is wired to."""
    ends = (end for node in plan.nodes.values() for port in node.inputs for end in port)
    return {end.port for end in ends if end.path in plan.sources}


def _finished(plan: Plan, data: DataSet, sample: GivenSample) -> Tensor:
    """The input as the drawing takes it, (1, ...)."""
    spec = data.info.input
    expected = tuple(spec.features)
    fits = len(sample.shape) == len(expected) and all(
        not isinstance(size, int) or size == own for size, own in zip(expected, sample.shape, strict=True)
    )
    if not fits or prod(sample.shape) * np.dtype(sample.dtype).itemsize != len(sample.data):
        raise DataError(f"{sample.words}: Expected a sample {spec}. Received sizes {sample.shape}.")
    row = np.frombuffer(sample.data, sample.dtype).reshape(1, *sample.shape).copy()
    finish = Finish(spec, data.train.input_scaling, plan.device, channels_last=plan.channels_last)
    stored = finish.moved(torch.from_numpy(row))
    check_classes(stored, spec)
    return finish(stored)
