"""What a data set that was read is to the engine: a description, and two splits of rows that can be fetched.

Rows stay in the compact form they have on disk (uint8 pixels, int64 tokens); `Scaling` says how they become
float32 inputs, so that the conversion happens once on the device, or batch by batch while streaming. Does not
import torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nodes.reading.spilled import pages
from nodes.reading.texts.vocabulary import Vocabulary
from nodes.spec import TensorSpec

Array = NDArray[np.generic]


@dataclass(frozen=True)
class DataInfo:
    """What is known of a data set without reading it whole.

    `kind` is one of `nodes.data_sets.declaration.KINDS` and says how samples are best shown.
    `input` and `target` include the batch dimension. `division` says how samples are held back: "shuffled" by
    the seed, "stratified" so that each class has its share, by "group", by "time", by a "column", "fixed" by
    the files, the "end" of a sequence, "none" or "all". `stored` is the number of samples before a limit cuts
    them; 0: as many as `samples`. `more` has the further outputs of the set, as a mask, by the names of their
    ports. The vocabularies are the tokens of inputs and targets, fitted on the training part: a set that was
    loaded has them where its samples are texts. `labels` are the names of the columns of a float target
    (N, K) of 0 and 1, of which any number holds of a sample; such a target is not scaled.
    """

    name: str
    title: str
    kind: str
    samples: int
    input: TensorSpec
    target: TensorSpec | None
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    licence: str = ""
    description: str = ""
    division: str = "shuffled"
    stored: int = 0
    more: tuple[tuple[str, TensorSpec], ...] = ()
    vocabulary: Vocabulary | None = None
    target_vocabulary: Vocabulary | None = None
    labels: tuple[str, ...] = ()


class Rows(Protocol):
    """Rows that are fetched by index. `fetch` may be called from any thread."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> np.dtype[np.generic]: ...

    def __len__(self) -> int: ...

    def fetch(self, indices: NDArray[np.int64]) -> Array: ...


@dataclass(frozen=True)
class ArrayRows:
    """Rows of an array in memory (or memory-mapped)."""

    array: Array

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return self.array.dtype

    def __len__(self) -> int:
        return len(self.array)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        return pages.taken(self.array, indices)


@dataclass(frozen=True)
class WindowRows:
    """Overlapping windows of a long sequence: row i is `sequence[starts[i] + offset :][:length]`."""

    sequence: Array
    starts: NDArray[np.int64]
    length: int
    offset: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.starts), self.length, *self.sequence.shape[1:])

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return self.sequence.dtype

    def __len__(self) -> int:
        return len(self.starts)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        steps = self.starts[indices][:, None] + np.arange(self.offset, self.offset + self.length)
        return pages.taken(self.sequence, steps)


@dataclass(frozen=True)
class PartRows:
    """Some of the rows of another: those at `indices`."""

    rows: Rows
    indices: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.indices), *self.rows.shape[1:])

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return self.rows.dtype

    def __len__(self) -> int:
        return len(self.indices)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        return self.rows.fetch(self.indices[indices])


@dataclass(frozen=True, eq=False)
class PlacedRows:
    """Rows of an array at places that `place_of` finds when they are fetched: of a picture that cannot be
    decoded, for one, those of the picture that stands in for it."""

    array: Array
    place_of: Callable[[NDArray[np.int64]], NDArray[np.int64]]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return self.array.dtype

    def __len__(self) -> int:
        return len(self.array)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        found: Array = self.array[self.place_of(indices)]
        return found


def rows_at(rows: Rows, indices: NDArray[np.int64]) -> Rows:
    """Some of these rows, in this order; nothing is read."""
    if isinstance(rows, WindowRows):
        return replace(rows, starts=rows.starts[indices])
    if isinstance(rows, PartRows):
        return PartRows(rows.rows, rows.indices[indices])
    return PartRows(rows, indices)


@dataclass(frozen=True)
class Scaling:
    """How stored inputs become float32: `(x / divisor − mean) / deviation`, per channel or column."""

    divisor: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    deviation: tuple[float, ...] = (1.0,)

    def undone(self, values: Array, axis: int = -1) -> NDArray[np.float64]:
        """What a network was given or gave back, `(N, …)`, in the data's own unit: the scaling backwards.

        Columns or channels lie along `axis`, as where it was fitted: 1 for pictures `(N, C, H, W)`, the last
        for rows. Raises ValueError where there are not as many as it was fitted to.
        """
        found = values.astype(np.float64)
        for operation, factors in ((np.multiply, self.deviation), (np.add, self.mean)):
            shape = [1] * found.ndim
            if len(factors) > 1:
                if found.ndim < 2 or found.shape[axis] != len(factors):
                    raise ValueError(f"{found.shape}: expected {len(factors)} columns or channels at {axis}")
                shape[axis] = len(factors)
            found = operation(found, np.reshape(factors, shape))
        return found * self.divisor


@dataclass(frozen=True)
class DataSplit:
    """Rows of inputs and, where there are any, of targets, in the same order.

    Integer inputs with no scaling stay so. `more` has the rows of each further output that the description
    names, in the same order; they are not scaled. `places` says which of the stored samples each row is,
    counted over the whole set; None where rows were left out, so that it is not known.
    """

    input: Rows
    target: Rows | None
    input_scaling: Scaling | None = None
    target_scaling: Scaling | None = None
    places: NDArray[np.int64] | None = None
    more: Mapping[str, Rows] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.input)

    def at(self, indices: NDArray[np.int64]) -> DataSplit:
        """Some of these samples, in this order."""
        return replace(
            self,
            input=rows_at(self.input, indices),
            target=None if self.target is None else rows_at(self.target, indices),
            places=None if self.places is None else self.places[indices],
            more={port: rows_at(rows, indices) for port, rows in self.more.items()},
        )


@dataclass(frozen=True)
class DataSet:
    """A data set that is ready to train on.

    `skipped` names what could not be read, with the reason; while rows are streamed it may grow. `notes` says
    what else of the files is not used. `division` says in a few words how samples are held back, where that
    is more than the description knows. `names` are those of all stored samples, by place, where each is a
    file.
    """

    info: DataInfo
    train: DataSplit
    validation: DataSplit
    skipped: Sequence[str] = ()
    notes: Sequence[str] = ()
    division: str = ""
    names: Sequence[str] = ()
