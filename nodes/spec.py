"""The vocabulary in which a layer is declared: tensors, ports, parameters and the Layer base class.

A declaration says what a layer needs and how its torch module is built; everything else (palette entry,
inspector form, validation, shapes, help, persistence, the test battery) is derived from it. This module
knows nothing of drawings, of training or of Qt, and does not import torch: the window opens before torch is
loaded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from nodes.at_first_use import AtFirstUse
from nodes.param import JSON, Param, ParamError
from nodes.user_error import UserError

if TYPE_CHECKING:
    from torch import nn


class BatchDim(msgspec.Struct, frozen=True, order=True):
    """A symbolic size: `times` x the batch size N."""

    times: int = 1

    def __str__(self) -> str:
        return "N" if self.times == 1 else f"{self.times}·N"


N = BatchDim()
Dim = int | BatchDim


def known(dim: Dim) -> int:
    """A size that must be a number when the module is built. Raises `LayerError` for a batch dimension."""
    if isinstance(dim, BatchDim):
        raise LayerError("a size that is known when drawing", f"the batch size {dim} in its place")
    return dim


UNCOUNTED = -100
"""The label of a pixel, in maps of labels `(N, H, W)`, that counts in no loss and no metric: torch's own."""


class TensorSpec(msgspec.Struct, frozen=True):
    """What is known of a tensor before it exists: its shape, its torch dtype name and, for class indices,
    their range.

    `classes` is the exclusive upper bound of the integers in the tensor, where it is known.
    """

    shape: tuple[Dim, ...]
    dtype: str = "float32"
    classes: int | None = None

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def features(self) -> tuple[Dim, ...]:
        """The shape without its first (batch) dimension."""
        return self.shape[1:]

    @property
    def is_float(self) -> bool:
        return self.dtype.startswith(("float", "bfloat"))

    def __str__(self) -> str:
        return "×".join(str(dim) for dim in self.shape) if self.shape else "scalar"


class Family(Enum):
    """Where a layer stands in the palette; the value is the name of its colour token."""

    DATA = "data"
    AUGMENTATION = "augmentation"
    CONVOLUTION = "convolution"
    POOLING = "pooling"
    DENSE = "dense"
    ACTIVATION = "activation"
    RECURRENT = "recurrent"
    ATTENTION = "attention"
    NORMALISATION = "normalisation"
    REGULARISATION = "regularisation"
    SHAPE = "shape"
    MATH = "math"
    STRUCTURE = "structure"
    LOSS = "loss"
    METRIC = "metric"
    OBJECTIVE = "objective"
    SAMPLER = "sampler"

    @property
    def heading(self) -> str:
        return _HEADINGS.get(self, self.value.capitalize())


_HEADINGS = {
    Family.AUGMENTATION: "Augment",
    Family.NORMALISATION: "Normalise",
    Family.REGULARISATION: "Regularise",
    Family.OBJECTIVE: "Train",
    Family.SAMPLER: "Sample",
}


class Role(Enum):
    """What a node does in a run; the engine treats nodes by role, never by type."""

    MODULE = "module"  # computes its outputs from its inputs with a torch module
    SOURCE = "source"  # its outputs are fed by the engine at every step (data, noise)
    LOSS = "loss"  # a module whose output is a scalar to be minimised
    METRIC = "metric"  # measured on validation data, never differentiated
    OBJECTIVE = "objective"  # takes a scalar loss and says which weights it updates, and how
    OUTPUT = "output"  # names a value of the drawing for the outside
    SAMPLER = "sampler"  # draws samples from what is trained, on demand and while it trains
    PLACEMENT = "placement"  # a definition placed as a block or a network


class Port(msgspec.Struct, frozen=True):
    """One end of a node.

    `ranks` lists the accepted tensor ranks including the batch dimension (empty: any). `variadic` input
    ports take any number of wires, in order. `side` marks what is not the main flow (labels, conditions,
    states). `fed`: a sampler's; it replaces the value of the wire that enters here by values of its own.
    `differentiated`: gradients with respect to the value that enters here are taken in the forward pass.
    """

    name: str
    help: str = ""
    dtype: str = "float"  # "float", "int" or "any"
    ranks: tuple[int, ...] = ()
    variadic: bool = False
    optional: bool = False
    side: bool = False
    fed: bool = False
    differentiated: bool = False

    def accepts(self, spec: TensorSpec) -> bool:
        """Whether a tensor of this spec may enter here, by dtype and rank."""
        kind = self.dtype == "any" or (self.dtype == "float") == spec.is_float
        return kind and (not self.ranks or spec.rank in self.ranks)


class SetParam(msgspec.Struct, frozen=True):
    """A proposed fix: give a parameter of the failing node another value."""

    name: str
    value: JSON


class InsertBefore(msgspec.Struct, frozen=True):
    """A proposed fix: put a layer on the wire that enters the failing port."""

    layer: str
    params: dict[str, JSON] = {}


class SetBefore(msgspec.Struct, frozen=True):
    """A proposed fix: give a parameter of the layer that feeds the failing port another value.

    It can be offered only where that layer has a parameter of this name.
    """

    name: str
    value: JSON


ProposedFix = SetParam | InsertBefore | SetBefore


class LayerError(UserError, ValueError):
    """The inputs of a layer do not fit it. `str(error)` reads *Expected … Received …* and says what to do.

    `port` is the failing port and, where it takes several wires, `wire` the place of the failing one.
    """

    def __init__(
        self,
        expected: str,
        received: str,
        *,
        port: str | None = None,
        arithmetic: str = "",
        fixes: tuple[ProposedFix, ...] = (),
        wire: int = 0,
    ) -> None:
        super().__init__(f"Expected {expected}. Received {received}.")
        self.expected, self.received, self.port = expected, received, port
        self.arithmetic, self.fixes, self.wire = arithmetic, fixes, wire


Inputs = tuple[TensorSpec | tuple[TensorSpec, ...] | None, ...]
"""One entry per input port: its spec, a tuple of specs for a variadic port, None if left open."""

_PORT_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Layer:
    """Base of every declaration. An instance is a layer with checked parameter values:
    `Conv2d(out_channels=6)`.

    Subclasses give the class attributes below, declare parameters as class attributes (`Int(...)`,
    `Choice(...)`) and implement `build`. The docstring is the help: its first paragraph is the one-line
    summary.
    """

    type: ClassVar[str] = ""  # the name in the file; by default the class name in snake case
    title: ClassVar[str] = ""  # the name on the card; by default the class name
    family: ClassVar[Family]
    role: ClassVar[Role] = Role.MODULE
    aliases: ClassVar[tuple[str, ...]] = ()
    inputs: ClassVar[tuple[Port, ...]] = (Port("input"),)
    outputs: ClassVar[tuple[Port, ...]] = (Port("output"),)
    params: ClassVar[Mapping[str, Param[Any]]] = {}

    # What the engine may rely on; nothing follows from the family.
    passes_gradients: ClassVar[bool] = True  # False: gradients end here, what stands above learns nothing
    keeps_values: ClassVar[bool] = False  # hands on the values of its first input, moved, scaled or noised
    keeps_scale: ClassVar[bool] = False  # what leaves has the unit, the range and the classes of what entered
    keeps_dimensions: ClassVar[bool] = False  # dimensions leave as they entered, one of them perhaps shorter
    makes_rows: ClassVar[bool] = False  # one row of features leaves for each row or index that entered
    moves_pixels: ClassVar[bool] = False  # while training, what was at one place of an image is at another
    reads_weights: ClassVar[str] = ""  # the parameter with the paths of weights of other layers that it reads
    tied_weight: ClassVar[str] = ""  # the weight that it may take from another layer, or lend to one

    abstract: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.abstract = bool(cls.__dict__.get("abstract", False))
        if not isinstance(cls.__dict__.get("params"), AtFirstUse):
            found = dict(cls.params)
            found.update({name: value for name, value in cls.__dict__.items() if isinstance(value, Param)})
            cls.params = found
        if not cls.abstract:
            cls.type = cls.__dict__.get("type") or _snake(cls.__name__)
            cls.title = cls.__dict__.get("title") or cls.__name__
            _check_declaration(cls)

    def __init__(self, **values: JSON) -> None:
        unknown = sorted(set(values) - set(self.params))
        if unknown:
            known = ", ".join(self.params) or "none"
            raise ParamError(unknown[0], f"a parameter of {self.title} ({known})", repr(unknown[0]))
        self.values: dict[str, Any] = {
            name: param.check(values[name]) if name in values else param.default
            for name, param in self.params.items()
        }

    # What a declaration may override ---------------------------------------------------------

    def build(self, *inputs: Any) -> nn.Module:
        """Make the torch module for inputs of these specs (one argument per input port, see `Inputs`).

        The module's `forward` takes the tensors in port order (those of a variadic port last, as separate
        arguments; None for an unconnected optional port) and returns one tensor, or a tuple in output-port
        order. Import torch inside this method.
        """
        raise NotImplementedError(f"{self.title} does not build a module")

    def reads_weight(self, shape: tuple[int, ...]) -> bool:
        """Whether a weight of this shape is read, of those that the parameter `reads_weights` names."""
        return True

    def input_ports(self) -> tuple[Port, ...]:
        """The input ports of this instance; parameters may change them."""
        return self.inputs

    def output_ports(self) -> tuple[Port, ...]:
        """The output ports of this instance; parameters may change them."""
        return self.outputs

    def check(self, *inputs: Any) -> None:
        """Raise `LayerError` where inputs of these specs cannot fit; ranks and dtypes are checked already."""

    def output_classes(self, *inputs: Any) -> Mapping[str, int]:
        """How many classes the integers at an output have, by port; for layers that make or change them."""
        return {}

    def port_fixes(self, port: Port, spec: TensorSpec) -> tuple[ProposedFix, ...]:
        """What makes a tensor fit that this port does not accept (by rank or dtype); empty: no proposal."""
        if port.dtype == "float" and not spec.is_float:
            fits = spec.classes is not None and (not port.ranks or spec.rank + 1 in port.ranks)
            return (InsertBefore("embedding"), InsertBefore("one_hot")) if fits else ()
        return _rank_fixes(port, spec)

    def example_inputs(self) -> Inputs:
        """Inputs that fit this instance, one entry per input port; for help and tests.

        Derived from the ranks of the ports; a layer that needs more (equal shapes, a certain size)
        overrides it.
        """
        return tuple(_example(port) for port in self.input_ports())

    def card_label(self) -> str:
        """The parameters worth a line on the card, as in `16 · 5×5 · pad 2`; empty for a pill."""
        return ""

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        """The sum behind the output shape, as in `⌊(28 + 2·2 − 5) / 1⌋ + 1 = 28`; empty if there is none."""
        return ""

    # What is derived -------------------------------------------------------------------------

    @classmethod
    def summary(cls) -> str:
        """The first paragraph of the help, on one line."""
        return " ".join((cls.__doc__ or "").strip().split("\n\n")[0].split())

    @classmethod
    def help(cls) -> str:
        """The whole help text: the declaration's docstring, unindented."""
        lines = (cls.__doc__ or "").strip().splitlines()
        return "\n".join(line.strip() for line in lines)

    def changed(self) -> dict[str, JSON]:
        """The parameters that differ from their defaults, as the file stores them."""
        return {
            name: param.to_json(self.values[name])
            for name, param in self.params.items()
            if self.values[name] != param.default
        }

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.values == getattr(other, "values", None)

    def __hash__(self) -> int:
        return hash((type(self), tuple(self.values.items())))

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{type(self).__name__}({given})"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", "_", name).lower()


_EXAMPLES: dict[int, tuple[Dim, ...]] = {
    0: (),
    1: (N,),
    2: (N, 16),
    3: (N, 8, 16),
    4: (N, 8, 16, 16),
    5: (N, 4, 8, 8, 8),
}


def _example(port: Port) -> TensorSpec | tuple[TensorSpec, ...] | None:
    if port.optional:
        return None
    spec = TensorSpec(_EXAMPLES[port.ranks[0] if port.ranks else 2])
    if port.dtype == "int":
        spec = TensorSpec(spec.shape, "int64", classes=10)
    return (spec, spec) if port.variadic else spec


def _rank_fixes(port: Port, spec: TensorSpec) -> tuple[ProposedFix, ...]:
    """Flatten what has too many dimensions for a row; give images and signals the channel that they lack."""
    sizes = [size for size in spec.features if isinstance(size, int)]
    if len(sizes) != spec.rank - 1 or spec.rank in port.ranks:
        return ()
    if spec.rank > 2 and 2 in port.ranks:
        return (InsertBefore("flatten"),)
    if spec.rank > 3 and 3 in port.ranks:
        return (InsertBefore("flatten", {"start": 2}),)
    if spec.rank + 1 in port.ranks:
        return (InsertBefore("reshape", {"shape": [1, *sizes]}),)
    side = math.isqrt(sizes[0]) if len(sizes) == 1 else 0
    if 4 in port.ranks and side > 1 and side * side == sizes[0]:
        return (InsertBefore("reshape", {"shape": [1, side, side]}),)
    return ()


def _check_declaration(cls: type[Layer]) -> None:
    """Refuse a declaration with a mistake when its class is made, not when somebody first uses it."""
    where = f"layer {cls.__name__}"
    if not isinstance(getattr(cls, "family", None), Family):
        raise TypeError(f"{where}: expected a `family`, received {getattr(cls, 'family', None)!r}")
    if not cls.summary():
        raise TypeError(f"{where}: expected a docstring, it is the help that users read")
    for ports in (cls.inputs, cls.outputs):
        names = [port.name for port in ports]
        if len(set(names)) != len(names) or not all(_PORT_NAME.fullmatch(name) for name in names):
            raise TypeError(f"{where}: expected unique lower-case port names, received {names}")
    if any(port.variadic for port in cls.inputs[:-1]):
        raise TypeError(f"{where}: only the last input port may be variadic")
    params = cls.__dict__["params"]
    for name, param in () if isinstance(params, AtFirstUse) else params.items():
        if not param.help:
            raise TypeError(f"{where}: parameter {name!r} needs a line of help")
