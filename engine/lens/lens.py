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

from engine.messages.lens_request import Options
from engine.report import NodeReport
from nodes.param import Param
from nodes.spec import Layer

if TYPE_CHECKING:
    from torch import Tensor, nn

    from engine.lens.access import Access
    from engine.lens.tokens import Tokens

Arrays = dict[str, NDArray[Any]]


class Cost(IntEnum):
    """What one look costs a run, the cheapest first."""

    READ = 0
    """Copies what is there."""
    FORWARD = 1
    """A forward pass of one sample, which all lenses of a look share."""
    BACKWARD = 2
    """A forward and a backward pass of one sample, shared too."""
    SET = 3
    """Forward passes of some hundred held-back samples, or of as many points: one lens at a time."""
    LOOP = 4
    """A sampler's loop: it goes on a few calls at a time, between training steps."""
    LONG = 5
    """Seconds: it is computed while the run rests, and for a drawing that does not train."""


class Reads(Enum):
    """What a lens can ask for, with what it costs to have it."""

    PARAMETERS = ("parameters", Cost.READ)
    OUTPUT = ("output", Cost.FORWARD)
    DATA = ("data", Cost.READ)
    GRADIENTS = ("gradients", Cost.BACKWARD)
    STATE_GRADIENTS = ("state_gradients", Cost.BACKWARD)
    INPUTS = ("inputs", Cost.FORWARD)
    TOKENS = ("tokens", Cost.FORWARD)
    STATES = ("states", Cost.FORWARD)
    OUTPUT_GRADIENT = ("output_gradient", Cost.BACKWARD)
    SET = ("set", Cost.SET)
    NETWORK = ("network", Cost.SET)
    NETWORK_LONG = ("network_long", Cost.LONG)
    TRAIL = ("trail", Cost.READ)
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
    options: Mapping[str, Any] = field(default_factory=dict)
    """The values of all parameters of the lens, checked."""
    layer: Layer | None = None
    """The layer that is looked at, with its values; None for a placement."""
    module: nn.Module | None = None
    """What computes the layer, with its weights. It is in training mode: dropout and batch norm act so."""
    inputs: Mapping[str, tuple[Tensor, ...]] = field(default_factory=dict)
    """What enters the node for the pinned sample, by port, (1, ...); several at a port that takes several."""
    tokens: Mapping[str, Tokens] = field(default_factory=dict)
    """The tokens that the steps of what enters are made of, by port, where they are made of a text."""
    states: Mapping[str, Tensor] = field(default_factory=dict)
    """States and gates of a recurrent layer or a scan for the pinned sample, (time, units) by name."""
    output_gradient: Tensor | None = None
    """Of the sum of all losses of the pinned sample, by the node's first output, (1, ...)."""
    set_output: Tensor | None = None
    """The node's first output for held-back samples, (n, ...); at most `samples` of the lens."""
    set_data: Mapping[str, Tensor] = field(default_factory=dict)
    """These samples by port: `input` and `target`, (n, ...)."""
    set_told: NDArray[np.int64] | None = None
    """How many samples these are, of how many, and 1 where they are held back (3)."""
    network: Access | None = None
    """Values anywhere in the network, for whatever a lens computes itself."""
    step: int = 0
    """How many training steps were taken."""


OF_SAMPLE = frozenset(
    {
        Reads.OUTPUT,
        Reads.DATA,
        Reads.GRADIENTS,
        Reads.STATE_GRADIENTS,
        Reads.INPUTS,
        Reads.TOKENS,
        Reads.STATES,
        Reads.OUTPUT_GRADIENT,
    }
)


class Lens(ABC):
    """A declaration. `kind` names it in files and messages, `title` and `help` tell people of it."""

    kind: ClassVar[str]
    title: ClassVar[str]
    help: ClassVar[str]
    reads: ClassVar[frozenset[Reads]]
    place: ClassVar[int] = 100
    """Where it stands among others in menus and in the inspector; the smallest comes first."""
    params: ClassVar[Mapping[str, Param[Any]]] = {}
    """What can be set, by name: class attributes from `nodes/param.py`. All values are single ones."""
    over_canvas: ClassVar[bool] = False
    """Whether the canvas can write what it says of each node over that node (arrays of a single number)."""
    samples: ClassVar[int] = 256
    """Most held-back samples that one that reads `SET` looks at."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        found = {name: value for name, value in vars(cls).items() if isinstance(value, Param)}
        cls.params = {**cls.params, **found}

    def values(self, options: Options) -> dict[str, Any]:
        """The values of all parameters. Raises `ParamError` for a value that a parameter cannot take."""
        given = dict(options)
        return {
            name: param.check(given[name]) if name in given else param.default
            for name, param in self.params.items()
        }

    @property
    def cost(self) -> Cost:
        """The dearest of what it reads."""
        return max(read.cost for read in self.reads)

    @property
    def is_dear(self) -> bool:
        """Whether a look costs more than a forward pass that all lenses share: it is asked for, not given."""
        return self.cost >= Cost.BACKWARD

    @property
    def of_sample(self) -> bool:
        """Whether it shows the pinned sample, so that another one shows something else."""
        return bool(self.reads & OF_SAMPLE)

    @abstractmethod
    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        """Whether nodes of this layer can be looked at; `report` is what inference says of the node."""

    @abstractmethod
    def compute(self, seen: Seen) -> Arrays:
        """Arrays of at most some 100 kB, by name; none where there is nothing to show."""
