"""Feeds the sources of a plan: training batches, validation batches and one pinned sample, by the ends they
fill.

With several data sets an epoch is one pass over the longest; the others start over as often as needed, each
in an order of its own unless it is paired with another. What a source draws comes from a generator of its
own, seeded by the seed and its place in the drawing, so that nothing else changes what it draws; it draws on
the CPU, so that the numbers are the same on every device.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from engine.compile import Plan
from engine.data.batches import Batch, BatchOrder, ResidentFeed, Specs, StreamedFeed, feed
from engine.data.pairing import leader_of
from engine.data.pairs import load_paired
from engine.expand.flat import FlatEnd
from engine.feed.balance import balance_classes, chances
from engine.feed.units import Units, metric_factors, spread, unit
from engine.system.device import free_memory
from nodes.data.source import DataSource, DrawnSource
from nodes.modules.devices.moving import moved
from nodes.reading.dataset import DataInfo, DataSet, DataSplit
from nodes.reading.error import DataError
from nodes.shown_text import more_of
from nodes.user_error import UserError

MOST_SKIPPED_TOLD = 20
"""Sentences on what could not be read that are told at a time."""
DRAWN_ONLY_STEPS = 100
"""Steps of an epoch where no data set feeds the drawing."""
Values = dict[FlatEnd, Tensor]
Generators = dict[str, torch.Generator]


class Inputs(NamedTuple):
    """What the values of a step are made of on the device: rows of data that lie there, by data node, and the
    values of other sources.
    """

    rows: dict[str, Tensor]
    values: Values


class BatchError(UserError, RuntimeError):
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
        for (port, _), values in zip(self.data.info.more, batch[2:], strict=True):
            found[FlatEnd(self.path, port)] = values
        return found


def generator_of(seed: int, path: str) -> torch.Generator:
    """The generator from which the source at this path draws in a run with this seed, on any device."""
    return torch.Generator().manual_seed(zlib.crc32(f"{seed}/{path}".encode()))


class Sources:
    """Everything that enters the drawing, step by step."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.batch_size = plan.project.settings.batch_size
        self._data = _open(plan, self.batch_size)
        balance_classes(plan, {data.path: data.data for data in self._data})
        lead = max(self._data, key=lambda data: data.train.order.steps, default=None)
        self.steps_per_epoch = lead.train.order.steps if lead is not None else DRAWN_ONLY_STEPS
        self.samples_per_epoch = (
            lead.train.order.used if lead is not None else self.steps_per_epoch * self.batch_size
        )
        self._drawn = {
            path: node.layer for path, node in plan.sources.items() if isinstance(node.layer, DrawnSource)
        }
        self._generators = self._fresh(plan.seed)
        self._skipped_told = [0] * len(self._data)
        self.factors = metric_factors(plan, self._spreads())
        """What metrics multiply differences by, to measure in the unit of the data; by the metric's path."""
        self._single = self._data[0] if len(self._data) == 1 and not self._drawn else None

    @property
    def smallest_batch(self) -> int:
        """Samples in the training batches of the set with the smallest ones; a last one of 1 is left out."""
        return min((data.train.order.batch_size for data in self._data), default=self.batch_size)

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
        values.update(self._draw(_size(values, self.batch_size), self._generators))
        return values

    def inputs(self) -> Inputs:
        """What the values of the next training step are made of. Raises `BatchError`."""
        rows: dict[str, Tensor] = {}
        values: Values = {}
        for data in self._data:
            if isinstance(data.train, ResidentFeed):
                rows[data.path] = data.train.next_rows()
            else:
                values.update(data.values(self._batch(data)))
        size = _size({**rows, **values}, self.batch_size)
        return Inputs(rows, values | self._draw(size, self._generators))

    def values_of(self, inputs: Inputs) -> Values:
        """The values of a training step as `next` gives them; touches the device only."""
        values: Values = {}
        for data in self._data:
            if isinstance(data.train, ResidentFeed) and data.path in inputs.rows:
                values.update(data.values(data.train.taken(inputs.rows[data.path])))
        return values | inputs.values

    def validation(self) -> Iterator[tuple[int, Values]]:
        """(number of samples, values) of each validation batch, in file order; the same draws every time."""
        feeds = [(data, data.validation) for data in self._data if data.validation is not None]
        if len(feeds) < len(self._data) or not feeds:
            return
        generators = self._fresh(self._plan.seed + 1)
        lead, held = max(feeds, key=lambda pair: len(pair[0].data.validation))
        batch_size = min([self.batch_size, *(len(data.data.validation) for data, _ in feeds)])
        streams = {
            # sets of one length keep their samples together to the end, as pairs must
            data.path: stored.sequential(batch_size)
            if len(data.data.validation) == len(lead.data.validation)
            else iter(_endless(stored, batch_size))
            for data, stored in feeds
            if data is not lead
        }
        for batch in held.sequential(batch_size):
            size = len(batch[0])
            values = lead.values(batch)
            for data, _ in feeds:
                if data.path in streams:
                    values.update(data.values(_cut(next(streams[data.path]), size)))
            values.update(self._draw(size, generators))
            yield size, values

    @property
    def validates(self) -> bool:
        """Whether every data set holds back validation samples."""
        return bool(self._data) and all(data.validation is not None for data in self._data)

    def unvalidated(self) -> list[str]:
        """Why nothing is validated although something is measured, in a sentence; nothing where it is."""
        lacking = [data for data in self._data if data.validation is None]
        meant = all(data.data.info.division in ("none", "all") for data in lacking)
        if not lacking or (meant and not self._plan.metrics):
            return []
        verb = "holds" if len(lacking) == 1 else "hold"
        paths = ", ".join(data.path for data in lacking)
        return [
            f"{paths} {verb} back no samples, so that nothing is validated: how well it does on new data is "
            "not known."
        ]

    def left_over(self) -> list[str]:
        """How many samples are left over at the end of an epoch, and why, in a sentence for each set."""
        why = "it would be a batch of one, from which nothing can be told apart"
        if len(self._data) > 1:
            why = "sets that go in step are used in whole batches"
        found = []
        for data in self._data:
            order = data.train.order
            rest = order.rows - order.used
            if rest and order.steps == self.steps_per_epoch:  # the others start over within an epoch
                samples = "1 training sample is" if rest == 1 else f"{rest:,} training samples are"
                found.append(
                    f"{data.path}: {samples} left over in each epoch, in the next one others: {why}."
                )
        return found

    def sample(self, index: int, *, training: bool = False) -> Values:
        """One validation sample of each set, or one of `training` (also where none is held back), as a batch
        of one.
        """
        values: Values = {}
        for data in self._data:
            held = data.train if training or data.validation is None else data.validation
            split = data.data.train if held is data.train else data.data.validation
            values.update(data.values(held.at([index % len(split)])))
        values.update(self._draw(1, self._fresh(index)))
        return values

    def pinned(self, count: int, seed: int) -> Values:
        """The first `count` samples of each set as one batch, and what sources draw for them with this seed.

        Validation samples come first, then those of training; where there are fewer they start over.
        """
        values: Values = {}
        for data in self._data:
            parts = [(data.validation, len(data.data.validation)), (data.train, len(data.data.train))]
            batches = [
                data.values(held.at(range(min(size, count)))) for held, size in parts if held is not None
            ]
            for end in batches[0]:
                found = torch.cat([batch[end] for batch in batches])[:count]
                again = torch.arange(count, device=found.device) % len(found)
                values[end] = found if len(found) == count else found.index_select(0, again)
        values.update(self._draw(count, self._fresh(seed)))
        return values

    def held(self, count: int) -> Values:
        """The first `count` validation samples of each set; those of training where a set holds none back.

        Sets that go in step give as many as the shortest has. What sources draw is the same each time.
        """
        feeds: list[tuple[_Data, ResidentFeed | StreamedFeed]] = []
        sizes = [count]
        for data in self._data:
            part = data.data.validation if data.validation is not None else data.data.train
            feeds.append((data, data.validation if data.validation is not None else data.train))
            sizes.append(len(part))
        values: Values = {}
        for data, stored in feeds:
            values.update(data.values(stored.at(range(min(sizes)))))
        values.update(self._draw(min(sizes), self._fresh(0)))
        return values

    def infos(self) -> dict[str, DataInfo]:
        """What is known of each data set, by the path of its node."""
        return {data.path: data.data.info for data in self._data}

    def sets(self) -> dict[str, DataSet]:
        """The data sets, by the path of their node."""
        return {data.path: data.data for data in self._data}

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
        """What the data sets could not read, and what they do not use."""
        return [sentence for told in self._left_out() for sentence in told]

    def _left_out(self) -> list[list[str]]:
        """The same by data set. Each grows by itself while pictures are read."""
        return [[*data.data.notes, *data.data.skipped] for data in self._data]

    def newly_skipped(self) -> list[str]:
        """Those of `skipped` that were not asked for with this before: the first 20, and how many more."""
        every, before = self._left_out(), self._skipped_told
        new = [sentence for told, count in zip(every, before, strict=True) for sentence in told[count:]]
        self._skipped_told = [len(told) for told in every]
        more = len(new) - MOST_SKIPPED_TOLD
        return new if more <= 0 else [*new[:MOST_SKIPPED_TOLD], more_of(more)]

    def state(self) -> dict[str, Tensor]:
        """Where every source is: the state from which an epoch was shuffled and the batches of it that were
        used, and the state from which a source draws next. `resume` takes it.
        """
        found: dict[str, Tensor] = {}
        for data in self._data:
            order, used = data.train.state()
            found |= {f"{data.path}/order": order, f"{data.path}/used": torch.tensor(used)}
        return found | {f"{path}/draws": made.get_state() for path, made in self._generators.items()}

    def resume(self, state: Mapping[str, Tensor]) -> list[str]:
        """Go on where the sources of another run of the same drawing were. What `state` does not name
        begins anew. Raises ValueError for a place that no epoch has.

        Returns the paths of sources whose state is of another kind of generator; they begin anew too.
        """
        anew = []
        for data in self._data:
            order, used = state.get(f"{data.path}/order"), state.get(f"{data.path}/used")
            if order is not None and used is not None:
                if not 0 <= int(used) <= data.train.order.steps:
                    raise ValueError(f"{data.path}: batch {int(used):,} of {data.train.order.steps:,}")
                data.train.resume(order.cpu(), int(used))
        for path, generator in self._generators.items():
            drawn = state.get(f"{path}/draws")
            if drawn is None:
                continue
            if drawn.numel() == generator.get_state().numel():
                generator.set_state(drawn.cpu())
            else:  # written by a run that drew on an accelerator
                anew.append(path)
        return anew

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

    def _fresh(self, seed: int) -> Generators:
        return {path: generator_of(seed, path) for path in self._drawn}

    def _draw(self, size: int, generators: Generators) -> Values:
        values: Values = {}
        for path, layer in self._drawn.items():
            port = layer.output_ports()[0].name
            values[FlatEnd(path, port)] = moved(layer.draw(size, generators[path]), self._plan.device)
        return values


def _open(plan: Plan, batch_size: int) -> list[_Data]:
    """Load every data set and put it where it fits."""
    nodes = {path: node.layer for path, node in plan.sources.items() if isinstance(node.layer, DataSource)}
    # the split follows the project's seed, so that runs with other seeds are validated on the same samples
    sets = load_paired(nodes, plan.project.settings.seed)
    # several sets keep step: no batch is larger than the smallest of them
    batch_size = min([batch_size, *(len(data.train) for data in sets.values())])
    places = {path: i for i, path in enumerate(sets)}
    found = []
    for path, data in sets.items():
        leader = leader_of(nodes, path)
        seed, drawn = plan.seed + places[leader], chances(leader, nodes[leader], sets[leader])
        order = BatchOrder(len(data.train), batch_size, seed, whole_only=len(sets) > 1, chances=drawn)
        train = _feed(plan, data, data.train, order)
        validation = None
        if len(data.validation):
            validation = _feed(plan, data, data.validation, BatchOrder(len(data.validation), batch_size, 0))
        found.append(_Data(path, data, train, validation))
    return found


def _feed(plan: Plan, data: DataSet, split: DataSplit, order: BatchOrder) -> ResidentFeed | StreamedFeed:
    if list(split.more) != [port for port, _ in data.info.more]:
        ports = ", ".join(port for port, _ in data.info.more) or "no further outputs"
        raise DataError(f"{data.info.title}: Expected {ports}. Received {', '.join(split.more) or 'none'}.")
    specs: Specs = (data.info.input, data.info.target, *(spec for _, spec in data.info.more))
    free = free_memory(plan.device)
    return feed(split, specs, order, plan.device, free=free, channels_last=plan.channels_last)


def _size(values: Mapping[Any, Tensor], default: int) -> int:
    return min((len(tensor) for tensor in values.values()), default=default)


def _endless(held: ResidentFeed | StreamedFeed, batch_size: int) -> Iterator[Batch]:
    """Whole batches, over and over; the set holds at least one."""
    while True:
        for batch in held.sequential(batch_size):
            if len(batch[0]) == batch_size:
                yield batch


def _cut(batch: Batch, size: int) -> Batch:
    target = None if batch[1] is None else batch[1][:size]
    return (batch[0][:size], target, *(one[:size] for one in batch[2:]))
