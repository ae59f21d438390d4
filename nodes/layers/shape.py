"""Layers that rearrange the dimensions of a tensor without changing its values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nodes.param import Bool, Int, Shape
from nodes.shared import card_label
from nodes.shared.shape_fixes import same_maps, same_shape
from nodes.shared.sliding_window import tensor
from nodes.spec import (
    BatchDim,
    Family,
    Inputs,
    Layer,
    LayerError,
    N,
    Port,
    ProposedFix,
    SetParam,
    TensorSpec,
    known,
)

if TYPE_CHECKING:
    from torch import nn

_ANY = (Port("input", "any tensor (N, …)", dtype="any", ranks=(4, 2, 3, 5)),)


def dimension_param(default: int, text: str) -> Int:
    """The parameter `dimension`. The batch is dimension 0 and is never touched."""
    return Int(default, min=-5, max=5, help=text)


def dimension_of(dimension: int, spec: TensorSpec, port: str = "input", param: str = "dimension") -> int:
    """The dimension counted from the front. Raises LayerError for the batch and for what is not there."""
    place = dimension + spec.rank if dimension < 0 else dimension
    if not 1 <= place < spec.rank:
        fix: tuple[ProposedFix, ...] = (SetParam(param, 1),) if spec.rank > 1 else ()
        raise LayerError(
            f"a dimension from 1 to {spec.rank - 1} (0 is the batch), or from −{spec.rank - 1} to −1",
            f"{dimension} for {spec}",
            port=port,
            fixes=fix,
        )
    return place


class Flatten(Layer):
    """Lays all values of a sample in one row: (N, C, H, W) becomes (N, C·H·W).

    `start` keeps leading dimensions as they are: with 2, sequences of maps `(N, T, C, H, W)` become `(N, T,
    C·H·W)`.
    """

    family = Family.SHAPE
    keeps_values = True
    keeps_scale = True
    aliases = ("reshape", "vector", "unroll", "view")
    inputs = _ANY

    start = Int(1, min=1, max=4, advanced=True, help="First dimension that goes into the row.")

    def build(self, features: TensorSpec) -> nn.Module:
        from torch import nn

        return nn.Flatten(self.start)

    def check(self, features: TensorSpec) -> None:
        dimension_of(self.start, features, param="start")

    def card_label(self) -> str:
        return f"from {self.start}" if self.start > 1 else ""

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        row = tensor(inputs).shape[self.start :]
        return f"{card_label.product(row)} = {outputs[0].shape[-1]}" if len(row) > 1 else ""


class Reshape(Layer):
    """Reads the values of each sample in order and gives them another shape.

    Input `(N, …)`, output `(N, *shape)`; −1 stands for what is left. With `regroup` the batch takes what is
    left: `(N, T, F)` with shape `F` becomes `(N·T, F)`, and back with `T, F`.
    """

    family = Family.SHAPE
    keeps_values = True
    keeps_scale = True
    aliases = ("view", "unflatten", "squeeze", "unsqueeze", "fold", "resize")
    inputs = (Port("input", "any tensor (N, …)", dtype="any", ranks=(4, 1, 2, 3, 5)),)

    shape = Shape((-1,), help="Shape of a sample, without the batch dimension; −1: what is left.")
    regroup = Bool(False, advanced=True, help="Let the batch dimension take what is left.")

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.shape import Reshape as Module

        return Module(self.shape, self.regroup)

    def check(self, features: TensorSpec) -> None:
        self._check_sizes()
        values = math.prod(known(dim) for dim in features.features)
        fixed = math.prod(size for size in self.shape if size != -1)
        if self.regroup:
            batch = features.shape[0]
            values *= batch.times if isinstance(batch, BatchDim) else batch
        free = self.regroup or -1 in self.shape
        if values % fixed == 0 if free else values == fixed:
            return
        proposal = [-1, *self.shape[1:]]
        if self.regroup or values % math.prod(proposal[1:]):
            proposal = [known(dim) for dim in features.features] if self.regroup else [-1]
        wanted = f"sizes that divide {values} values" if free else f"a shape of {values} values"
        raise LayerError(
            f"{wanted}, as {features} has",
            (card_label.by(self.shape) or "a scalar").replace("-", "−"),
            port="input",
            arithmetic=f"{values} ≠ {card_label.product(self.shape)} = {fixed}".replace("-", "−"),
            fixes=(SetParam("shape", proposal),),
        )

    def _check_sizes(self) -> None:
        if self.shape.count(-1) <= (not self.regroup) and 0 not in self.shape:
            return
        most = "no −1, because the batch takes what is left" if self.regroup else "−1 at most once"
        fixes: tuple[ProposedFix, ...] = () if self.regroup else (SetParam("shape", [-1]),)
        sizes = card_label.by(self.shape).replace("-", "−")
        raise LayerError(f"sizes of at least 1, and {most}", sizes, fixes=fixes)

    def card_label(self) -> str:
        return card_label.by(self.shape).replace("-", "−") if self.shape else "scalar"

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        if self.regroup:
            return ""
        before, after = tensor(inputs).features, outputs[0].features
        return f"{card_label.product(before)} = {card_label.product(after)}" if after else ""


class Permute(Layer):
    """Puts the dimensions in another order.

    `order` names, for each place, the dimension that goes there: `0, 2, 1` turns sequences `(N, T, F)` into
    signals `(N, F, T)`. The batch stays first.
    """

    family = Family.SHAPE
    keeps_values = True
    keeps_scale = True
    aliases = ("transpose", "swap axes", "channels last", "reorder")
    inputs = _ANY

    order = Shape(
        (0, 2, 1),
        min=0,
        max=8,
        min_length=2,
        help="The old dimension for each new place, the batch (0) first.",
    )

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.shape import Permute as Module

        return Module(self.order)

    def check(self, features: TensorSpec) -> None:
        if sorted(self.order) != list(range(features.rank)) or self.order[0] != 0:
            turned = [0, *range(features.rank - 1, 0, -1)]
            raise LayerError(
                f"each of 0 to {features.rank - 1} once, 0 first, for {features}",
                ", ".join(map(str, self.order)),
                port="input",
                fixes=(SetParam("order", turned),),
            )

    def card_label(self) -> str:
        return ", ".join(map(str, self.order))

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N, *range(4, 3 + len(self.order)))),)


class Concat(Layer):
    """Joins tensors end to end along one dimension; the others must agree.

    Inputs `(N, C₁, H, W)`, `(N, C₂, H, W)`, … become `(N, C₁ + C₂ + …, H, W)`.
    """

    family = Family.SHAPE
    keeps_scale = True
    aliases = ("concatenate", "cat", "merge", "join", "stack", "skip connection")
    inputs = (Port("input", "tensors of equal size but for one dimension", dtype="any", variadic=True),)

    dimension = dimension_param(1, "Dimension along which they are joined; 1 is the channel, −1 the last.")

    def build(self, tensors: tuple[TensorSpec, ...]) -> nn.Module:
        from nodes.modules.shape import Concat as Module

        return Module(self.dimension)

    def check(self, tensors: tuple[TensorSpec, ...]) -> None:
        first = tensors[0]
        place = dimension_of(self.dimension, first)
        for wire, other in enumerate(tensors[1:], 1):
            rest = other.shape[:place] + other.shape[place + 1 :]
            if other.rank != first.rank or rest != first.shape[:place] + first.shape[place + 1 :]:
                differing = [
                    i for i, (a, b) in enumerate(zip(first.shape, other.shape, strict=False)) if a != b
                ]
                fixes: tuple[ProposedFix, ...] = same_shape(first, other) if first.rank != other.rank else ()
                if other.rank == first.rank and len(differing) == 1 and differing[0]:
                    fixes = (SetParam("dimension", differing[0]),)
                elif other.rank == first.rank and place == 1:
                    fixes = same_maps(first, other)
                raise LayerError(
                    f"sizes that agree everywhere but in dimension {place}, as in {first}",
                    f"{other}",
                    port="input",
                    fixes=fixes,
                    wire=wire,
                )

    def card_label(self) -> str:
        return "" if self.dimension == 1 else f"dim {self.dimension}"

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        parts = inputs[0]
        assert isinstance(parts, tuple)
        sizes = [str(part.shape[self.dimension]) for part in parts]
        return f"{' + '.join(sizes)} = {outputs[0].shape[self.dimension]}"


class Split(Layer):
    """Cuts a tensor into parts along one dimension, each on an output of its own.

    With `sizes` `3, 5` an input `(N, 8, H, W)` leaves as `(N, 3, H, W)` and `(N, 5, H, W)`; without sizes
    it is cut into `parts` equal parts.
    """

    family = Family.SHAPE
    keeps_values = True
    keeps_scale = True
    aliases = ("chunk", "divide", "unstack", "fork")
    inputs = _ANY
    outputs = (Port("part1", dtype="any"), Port("part2", dtype="any"))

    parts = Int(2, min=1, max=64, help="Number of equal parts, where no sizes are given.")
    sizes = Shape((), min=1, help="Size of each part; empty: equal parts.")
    dimension = dimension_param(1, "Dimension that is cut; 1 is the channel, −1 the last.")

    def output_ports(self) -> tuple[Port, ...]:
        count = len(self.sizes) or self.parts
        return tuple(Port(f"part{i + 1}", dtype="any") for i in range(count))

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.shape import Split as Module

        whole = known(features.shape[self.dimension])
        return Module(self.sizes or (whole // self.parts,) * self.parts, self.dimension)

    def check(self, features: TensorSpec) -> None:
        whole = known(features.shape[dimension_of(self.dimension, features)])
        if self.sizes and sum(self.sizes) != whole:
            last = whole - sum(self.sizes[:-1])
            raise LayerError(
                f"sizes that add up to {whole}",
                ", ".join(map(str, self.sizes)),
                port="input",
                arithmetic=f"{' + '.join(map(str, self.sizes))} = {sum(self.sizes)} ≠ {whole}",
                fixes=(SetParam("sizes", [*self.sizes[:-1], last]),) if last > 0 else (),
            )
        if not self.sizes and whole % self.parts:
            fitting = max(n for n in range(1, self.parts) if whole % n == 0)
            raise LayerError(
                f"a number of parts that divides {whole}",
                f"{self.parts}",
                port="input",
                arithmetic=card_label.remainder(whole, self.parts),
                fixes=(SetParam("parts", fitting),),
            )

    def card_label(self) -> str:
        cut = " + ".join(map(str, self.sizes)) or f"{self.parts} parts"
        return card_label.line(cut, "" if self.dimension == 1 else f"dim {self.dimension}")

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        parts = [str(part.shape[self.dimension]) for part in outputs]
        return f"{tensor(inputs).shape[self.dimension]} = {' + '.join(parts)}"


class Slice(Layer):
    """Takes a range along one dimension: start to stop − 1, every step-th.

    Negative numbers count from the end. Input `(N, 10, F)` with start 2, stop 5 leaves as `(N, 3, F)`.
    """

    family = Family.SHAPE
    keeps_values = True
    keeps_scale = True
    aliases = ("crop", "range", "narrow", "cut", "index")
    inputs = _ANY

    dimension = dimension_param(1, "Dimension that is cut; 1 is the channel or the time, −1 the last.")
    start = Int(0, min=-(2**31), help="First place that is taken.")
    stop = Int(2**31 - 1, min=-(2**31), help="Place before which it ends; as large as it gets: to the end.")
    step = Int(1, min=1, max=65536, advanced=True, help="Distance between places that are taken.")

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.shape import Slice as Module

        return Module(self.dimension, self.start, self.stop, self.step)

    def check(self, features: TensorSpec) -> None:
        whole = known(features.shape[dimension_of(self.dimension, features)])
        if not range(*slice(self.start, self.stop, self.step).indices(whole)):
            raise LayerError(
                f"a range with at least one of the {whole} places",
                f"{self.start} to {self.stop}",
                port="input",
                fixes=(SetParam("start", 0), SetParam("stop", self.params["stop"].default)),
            )

    def card_label(self) -> str:
        stop = "" if self.stop == self.params["stop"].default else str(self.stop)
        step = f":{self.step}" if self.step > 1 else ""
        return card_label.line(
            f"{self.start}:{stop}{step}", "" if self.dimension == 1 else f"dim {self.dimension}"
        )


class Select(Layer):
    """Takes one place along a dimension, which goes: the last step of a sequence, one channel, a class token.

    Negative indices count from the end. Input `(N, T, F)`, output `(N, F)`.
    """

    family = Family.SHAPE
    keeps_values = True
    keeps_scale = True
    aliases = ("index", "pick", "last step", "class token", "gather")
    inputs = (Port("input", "any tensor (N, …)", dtype="any", ranks=(3, 2, 4, 5)),)

    dimension = dimension_param(1, "Dimension that goes; 1 is the channel or the time, −1 the last.")
    index = Int(-1, min=-(2**31), help="Place that is taken; −1 is the last.")

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.shape import Select as Module

        return Module(self.dimension, self.index)

    def check(self, features: TensorSpec) -> None:
        whole = known(features.shape[dimension_of(self.dimension, features)])
        if not -whole <= self.index < whole:
            raise LayerError(
                f"an index from 0 to {whole - 1}, or from −{whole} to −1",
                f"{self.index}",
                port="input",
                fixes=(SetParam("index", -1),),
            )

    def card_label(self) -> str:
        return card_label.line(f"[{self.index}]", "" if self.dimension == 1 else f"dim {self.dimension}")
