"""What a lens is: one way to look into a network while it trains, declared in a file of its own.

A declaration names what it reads and turns that into small numpy arrays; the painter that is registered for
its kind in the app turns these into pictures. Imports no torch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.report import NodeReport
from nodes.spec import Layer

if TYPE_CHECKING:
    from torch import Tensor

Arrays = dict[str, NDArray[Any]]


class Cost(IntEnum):
    """What one look costs a run, the cheapest first."""

    READ = 0
    """Copies what is there."""
    FORWARD = 1
    """A forward pass of one sample, which all lenses of a look share."""
    BACKWARD = 2
    """A forward and a backward pass of one sample, shared too."""
    LOOP = 3
    """A sampler's loop: it goes on a few calls at a time, between training steps."""


class Reads(Enum):
    """What a lens can ask for, with what it costs to have it."""

    PARAMETERS = ("parameters", Cost.READ)
    OUTPUT = ("output", Cost.FORWARD)
    DATA = ("data", Cost.READ)
    GRADIENTS = ("gradients", Cost.BACKWARD)
    STATE_GRADIENTS = ("state_gradients", Cost.BACKWARD)
    SAMPLER = ("sampler", Cost.LOOP)

    @property
    def cost(self) -> Cost:
        return self.value[1]


@dataclass(frozen=True, eq=False)
class Seen:
    """What was read of one node, as far as its lens asked for it and it is there."""

    output: Tensor | None = None
    """The node's first output for the pinned sample, (1, ...)."""
    parameters: Mapping[str, Tensor] = field(default_factory=dict)
    """By name, detached."""
    gradients: Mapping[str, Tensor] = field(default_factory=dict)
    """Of the loss of the pinned sample, by the name of the parameter."""
    data: Mapping[str, Tensor] = field(default_factory=dict)
    """The pinned sample by port: `input` and `target`, (1, ...)."""
    units: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """Offsets and factors back to the unit of the data by port, (2, 1) or (2, columns)."""
    drawn: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """What a sampler drew."""
    state_gradients: Mapping[str, Tensor] = field(default_factory=dict)
    """How the loss of the pinned sample depends on the states of a scan, (T) by the name of the state."""


class Lens(ABC):
    """A declaration. `kind` names it in files and messages, `title` and `help` tell people of it."""

    kind: ClassVar[str]
    title: ClassVar[str]
    help: ClassVar[str]
    reads: ClassVar[frozenset[Reads]]
    place: ClassVar[int] = 100
    """Where it stands among others in menus and in the inspector; the smallest comes first."""

    @property
    def cost(self) -> Cost:
        """The dearest of what it reads."""
        return max(read.cost for read in self.reads)

    @property
    def of_sample(self) -> bool:
        """Whether it shows the pinned sample, so that another one shows something else."""
        return bool(self.reads & {Reads.OUTPUT, Reads.DATA, Reads.GRADIENTS, Reads.STATE_GRADIENTS})

    @abstractmethod
    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        """Whether nodes of this layer can be looked at; `report` is what inference says of the node."""

    @abstractmethod
    def compute(self, seen: Seen) -> Arrays:
        """Arrays of at most some 100 kB, by name; none where there is nothing to show."""
