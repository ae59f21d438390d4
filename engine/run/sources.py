"""Feeds the sources of a plan: training batches, validation batches and one pinned sample, by the ends they
fill.

With several data sets an epoch is one pass over the longest; the others start over as often as needed. Noise
is drawn from generators of its own, so that nothing else a run does changes what it draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.compile import Plan
from engine.data import catalogue
from engine.data.batches import Batch, Order, ResidentFeed, StreamedFeed, feed
from engine.data.dataset import DataError, DataSet, Split
from engine.expand.flat import FlatEnd
from engine.run.device import free_memory
from engine.run.units import Units, metric_factors, spread, unit
from nodes.source import DataSource, Noise

NOISE_ONLY_STEPS = 100
"""Steps of an epoch where nothing but noise feeds the drawing."""
Values = dict[FlatEnd, Tensor]


class BatchError(RuntimeError):
    """A batch could not be read. Names the source and what was wrong."""


@dataclass
class _Data:
    """One data set node: its set, its training feed and its validation feed."""

    path: str
    data: DataSet
    train: ResidentFeed | StreamedFeed
    validation: ResidentFeed | StreamedFeed | None

    def values(self, batch: Batch) -> Values:
        found = {FlatEnd(self.path, "input"): batch[0]}
        if batch[1] is not None:
            found[FlatEnd(self.path, "target")] = batch[1]
        return found


class Sources:
    """Everything that enters the drawing, step by step."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.batch_size = plan.project.settings.batch_size
        self._data = _open(plan, self.batch_size)
        lead = max(self._data, key=lambda data: data.train.order.steps, default=None)
        self.steps_per_epoch = lead.train.order.steps if lead is not None else NOISE_ONLY_STEPS
        self.samples_per_epoch = (
            lead.train.order.used if lead is not None else self.steps_per_epoch * self.batch_size
        )
        self._noise = {
            path: node.layer for path, node in plan.sources.items() if isinstance(node.layer, Noise)
        }
        self._generator = self._noise_generator(plan.seed)
        self.factors = metric_factors(plan, self._spreads())
        """What metrics multiply differences by, to measure in the unit of the data; by the metric's path."""
        self._single = self._data[0] if len(self._data) == 1 and not self._noise else None

    def units(self) -> Units:
        """The units of the floats that the data sets hand out, by where they enter the drawing."""
        found: Units = {}
        for data in self._data:
            info, split = data.data.info, data.data.train
            ends = (("input", info.input, split.input_scaling), ("target", info.target, split.target_scaling))
            for port, spec, scaling in ends:
                if scaling is not None and spec is not None and spec.is_float:
                    found[FlatEnd(data.path, port)] = unit(scaling)
        return found

    def _spreads(self) -> dict[FlatEnd, Tensor]:
        found: dict[FlatEnd, Tensor] = {}
        for data in self._data:
            scaling, target = data.data.train.target_scaling, data.data.info.target
            factor = None if scaling is None else spread(scaling, self._plan.device)
            if factor is not None and target is not None and target.is_float:
                found[FlatEnd(data.path, "target")] = factor
        return found

    def next(self) -> Values:
        """The values of the next training step. Raises `BatchError`."""
        if self._single is not None:
            return self._single.values(self._batch(self._single))
        values: Values = {}
        for data in self._data:
            values.update(data.values(self._batch(data)))
        values.update(self._noise_values(_size(values, self.batch_size), self._generator))
        return values

    def validation(self) -> Iterator[tuple[int, Values]]:
        """(number of samples, values) of each validation batch, in file order; the same noise every time."""
        feeds = [(data, data.validation) for data in self._data if data.validation is not None]
        if len(feeds) < len(self._data) or not feeds:
            return
        generator = self._noise_generator(self._plan.seed + 1)
        longest = max(feeds, key=lambda pair: len(pair[0].data.validation))
        batch_size = min([self.batch_size, *(len(data.data.validation) for data, _ in feeds)])
        streams = {data.path: iter(_endless(stored, batch_size)) for data, stored in feeds}
        streams[longest[0].path] = longest[1].sequential(batch_size)
        for batch in streams.pop(longest[0].path):
            values = longest[0].values(batch)
            for data, _ in feeds:
                if data.path in streams:
                    values.update(data.values(_cut(next(streams[data.path]), len(batch[0]))))
            size = len(batch[0])
            values.update(self._noise_values(size, generator))
            yield size, values

    def sample(self, index: int) -> Values:
        """One validation sample of each set (of training, where none is held back), as a batch of one."""
        values: Values = {}
        for data in self._data:
            split = data.data.validation if len(data.data.validation) else data.data.train
            held = data.validation if len(data.data.validation) else data.train
            assert held is not None
            values.update(data.values(held.at(index % len(split))))
        values.update(self._noise_values(1, self._noise_generator(index)))
        return values

    def training_tables(self) -> tuple[Tensor, Tensor]:
        """All training inputs and targets of the first data set, finished, in file order."""
        batches = list(self._data[0].train.sequential(4096))
        return torch.cat([batch[0] for batch in batches]), torch.cat(
            [batch[1] for batch in batches if batch[1] is not None]
        )

    def samples(self) -> int:
        """How many samples can be pinned."""
        return max((len(data.data.validation) or len(data.data.train) for data in self._data), default=1)

    def skipped(self) -> list[str]:
        """What the data sets could not read."""
        return [reason for data in self._data for reason in data.data.skipped]

    def state(self) -> dict[str, Tensor]:
        """The random states from which the present epoch was shuffled and noise is drawn."""
        orders = {f"{data.path}/order": data.train.order.epoch_state for data in self._data}
        return orders | {"noise": self._generator.get_state()}

    def close(self) -> None:
        for data in self._data:
            data.train.close()
            if data.validation is not None:
                data.validation.close()

    def _batch(self, data: _Data) -> Batch:
        try:
            return data.train.next()
        except (DataError, OSError, ValueError, IndexError) as error:
            raise BatchError(f"{data.path}: a batch could not be read: {error}") from error

    def _noise_generator(self, seed: int) -> torch.Generator:
        return torch.Generator(self._plan.device).manual_seed(seed)

    def _noise_values(self, size: int, generator: torch.Generator) -> Values:
        values: Values = {}
        for path, layer in self._noise.items():
            drawn = torch.empty((size, *layer.shape), device=self._plan.device)
            if layer.distribution == "normal":
                drawn.normal_(generator=generator)
            else:
                drawn.uniform_(-1.0, 1.0, generator=generator)
            values[FlatEnd(path, "output")] = drawn.mul_(layer.scale) if layer.scale != 1.0 else drawn
        return values


def _open(plan: Plan, batch_size: int) -> list[_Data]:
    """Load every data set and put it where it fits."""
    # the split follows the project's seed, so that runs with other seeds are judged on the same samples
    sets = {
        path: catalogue.load(node.layer, seed=plan.project.settings.seed)
        for path, node in plan.sources.items()
        if isinstance(node.layer, DataSource)
    }
    # several sets keep step: no batch is larger than the smallest of them
    batch_size = min([batch_size, *(len(data.train) for data in sets.values())])
    found = []
    for i, (path, data) in enumerate(sets.items()):
        order = Order(len(data.train), batch_size, plan.seed + i, whole_only=len(sets) > 1)
        train = _feed(plan, data, data.train, order)
        validation = None
        if len(data.validation):
            validation = _feed(plan, data, data.validation, Order(len(data.validation), batch_size, 0))
        found.append(_Data(path, data, train, validation))
    return found


def _feed(plan: Plan, data: DataSet, split: Split, order: Order) -> ResidentFeed | StreamedFeed:
    specs = (data.info.input, data.info.target)
    free = free_memory(plan.device)
    return feed(split, specs, order, plan.device, free=free, channels_last=plan.channels_last)


def _size(values: Values, default: int) -> int:
    return min((len(tensor) for tensor in values.values()), default=default)


def _endless(held: ResidentFeed | StreamedFeed, batch_size: int) -> Iterator[Batch]:
    """Whole batches, over and over; the set holds at least one."""
    while True:
        for batch in held.sequential(batch_size):
            if len(batch[0]) == batch_size:
                yield batch


def _cut(batch: Batch, size: int) -> Batch:
    return batch[0][:size], None if batch[1] is None else batch[1][:size]
