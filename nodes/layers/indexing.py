"""Comparing values, choosing by them, and looking places up: masks and indices out of numbers, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nodes.layers.math import check_stretch
from nodes.layers.shape import dimension_of, dimension_param
from nodes.param import Bool, Choice, Float, Int
from nodes.shared import card_label
from nodes.spec import Family, Inputs, Layer, LayerError, N, Port, SetParam, TensorSpec, known

if TYPE_CHECKING:
    from torch import nn

_ANY = (Port("input", "any tensor (N, …)", dtype="any", ranks=(2, 3, 4, 5)),)
_OUT = (Port("output", dtype="any"),)


class Compare(Layer):
    """Asks of each value whether it is greater than another, equal to it, …: yes or no, a bool.

    `a` with `b`, of one shape or with sizes of 1 that stretch; without `b` with a number. Makes masks: tokens
    that are not 0, values above a threshold. No gradient passes.
    """

    family = Family.MATH
    aliases = ("greater", "less", "equal", "not equal", "mask", "threshold", ">", ">=", "==", "!=", "<", "<=")
    inputs = (
        Port("a", "left", dtype="any"),
        Port("b", "right; without it the number", dtype="any", optional=True),
    )
    outputs = _OUT
    passes_gradients = False

    operation = Choice(">", choices=(">", ">=", "<", "<=", "==", "!="), help="What is asked: a > b, ….")
    value = Float(0.0, label="Number", help="What is compared with where nothing enters at b.")

    def build(self, a: TensorSpec, b: TensorSpec | None) -> nn.Module:
        from nodes.modules.math import Compare as Module

        return Module(self.operation, self.value)

    def check(self, a: TensorSpec, b: TensorSpec | None) -> None:
        if b is not None:
            check_stretch(a, b, "b")

    def output_classes(self, a: TensorSpec, b: TensorSpec | None) -> Mapping[str, int]:
        return {"output": 2}

    def card_label(self) -> str:
        return f"{self.operation} {self.value:g}".replace("-", "−")


class Cast(Layer):
    """Writes values as another kind of number: with a fraction, whole, or yes and no.

    The shape stays. To whole numbers fractions are cut off; yes is 1, no is 0; all that is not 0 is yes.
    Gradients pass from floats to floats only.
    """

    family = Family.MATH
    aliases = ("convert", "to float", "to int", "to bool", "dtype", "type", "astype", "long")
    inputs = (Port("input", "any tensor", dtype="any"),)
    outputs = _OUT

    to = Choice(
        "float",
        choices=("float", "int", "bool"),
        titles={"float": "numbers", "int": "whole numbers", "bool": "yes or no"},
        help="What leaves.",
    )

    @property
    def passes_gradients(self) -> bool:  # type: ignore[override]  # of this layer it depends on a parameter
        return bool(self.to == "float")

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.math import Cast as Module

        return Module(self.to)

    def output_classes(self, features: TensorSpec) -> Mapping[str, int]:
        if self.to == "bool":
            return {"output": 2}
        known_classes = 2 if features.dtype == "bool" else features.classes
        return {"output": known_classes} if self.to == "int" and known_classes else {}

    def card_label(self) -> str:
        return {"float": "numbers", "int": "whole numbers", "bool": "yes or no"}[self.to]


class WhereMet(Layer):
    """Takes each value from `a` where a condition is met, else from `b`, or a number.

    A condition is met where it is not 0. All of one shape, or with sizes of 1 that stretch. Gradients pass to
    what is taken.
    """

    type = "where"
    title = "Where"
    family = Family.MATH
    aliases = ("choose", "select", "masked fill", "if", "mask", "conditional")
    inputs = (
        Port("condition", "not 0 where a is taken", dtype="any", side=True),
        Port("a", "values where it is met", dtype="any"),
        Port("b", "values elsewhere; without it the number", dtype="any", optional=True),
    )
    outputs = _OUT

    value = Float(0.0, label="Number", help="What is taken elsewhere where nothing enters at b.")

    def build(self, condition: TensorSpec, a: TensorSpec, b: TensorSpec | None) -> nn.Module:
        from nodes.modules.math import Where as Module

        return Module(self.value)

    def check(self, condition: TensorSpec, a: TensorSpec, b: TensorSpec | None) -> None:
        stretched = check_stretch(condition, a, "a")
        if b is None:
            return
        check_stretch(stretched, b, "b")
        if a.is_float != b.is_float:
            kinds = ("whole numbers", "numbers with a fraction")
            received = f"{kinds[b.is_float]}: put Cast before it"
            raise LayerError(f"{kinds[a.is_float]}, as at a", received, port="b")

    def output_classes(self, condition: TensorSpec, a: TensorSpec, b: TensorSpec | None) -> Mapping[str, int]:
        if a.classes is None or (b is not None and b.classes is None):
            return {}
        other = max(int(self.value) + 1, 1) if b is None else b.classes
        return {"output": max(a.classes, other or 0)}

    def card_label(self) -> str:
        return f"else {self.value:g}".replace("-", "−") if self.value else ""


class ArgMax(Layer):
    """The place of the greatest value along a dimension, which goes: scores become the most likely class.

    Input `(N, …, classes)`, output whole numbers `(N, …)`. No gradient passes.
    """

    family = Family.MATH
    aliases = ("argmax", "argmin", "most likely", "prediction", "class", "index of the maximum", "greedy")
    inputs = _ANY
    outputs = _OUT
    passes_gradients = False

    dimension = dimension_param(-1, "Dimension that goes; −1 is the last, 1 the channel.")
    least = Bool(False, label="Least", help="The place of the least value instead: argmin.")

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.math import ArgMax as Module

        return Module(self.dimension, self.least)

    def check(self, features: TensorSpec) -> None:
        dimension_of(self.dimension, features)
        if features.dtype == "bool":
            raise LayerError("numbers", "yes or no: put Cast before it", port="input")

    def output_classes(self, features: TensorSpec) -> Mapping[str, int]:
        return {"output": known(features.shape[self.dimension])}

    def card_label(self) -> str:
        return card_label.line(
            "least" if self.least else "", "" if self.dimension == -1 else f"dim {self.dimension}"
        )


class Gather(Layer):
    """Takes places along a dimension, other ones for each sample: those that an index names.

    Input `(N, T, F)` with an index `(N)` gives `(N, F)`, with an index `(N, K)` it gives `(N, K, F)`. An
    index of the rank of the input takes single values, as `torch.gather` does. Places count from 0.
    """

    family = Family.SHAPE
    aliases = ("take", "index", "lookup", "pick", "take along", "masked positions", "pointer")
    inputs = (
        Port("input", "any tensor (N, …)", dtype="any", ranks=(3, 2, 4, 5)),
        Port("index", "places (N), (N, K), or of the input's rank", dtype="int", ranks=(1, 2, 3, 4, 5)),
    )
    outputs = _OUT

    dimension = dimension_param(1, "Dimension in which places are taken; 1 is the time, −1 the last.")

    def build(self, features: TensorSpec, index: TensorSpec) -> nn.Module:
        from nodes.modules.sequences.gather import BoundedGather
        from nodes.modules.sequences.gather import Gather as Module

        fits = index.classes is not None and index.classes <= known(features.shape[self.dimension])
        return (Module if fits else BoundedGather)(self.dimension)

    def check(self, features: TensorSpec, index: TensorSpec) -> None:
        place = dimension_of(self.dimension, features)
        batch, rest = features.shape[0], (features.shape[:place], features.shape[place + 1 :])
        whole = index.rank == features.rank and (index.shape[:place], index.shape[place + 1 :]) == rest
        if index.dtype == "bool":
            raise LayerError("places, whole numbers", "yes or no: put Cast before it", port="index")
        if index.shape[0] != batch or not (index.rank <= 2 or whole):
            expected = f"places {batch}, {batch}×K, or of the shape of {features} but for dimension {place}"
            raise LayerError(expected, str(index), port="index")
        size = known(features.shape[place])
        if index.classes is not None and index.classes > size:
            expected = f"places from 0 to {size - 1}, as {features} has"
            raise LayerError(expected, f"places up to {index.classes - 1}", port="index")

    def output_classes(self, features: TensorSpec, index: TensorSpec) -> Mapping[str, int]:
        return {} if features.classes is None else {"output": features.classes}

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N, 8, 16)), TensorSpec((N, 3), "int64", classes=8))

    def card_label(self) -> str:
        return "" if self.dimension == 1 else f"dim {self.dimension}"


class CumulativeSum(Layer):
    """Adds up along a dimension: each place has the sum of all before it and itself.

    The shape stays. Of a mask: how many real steps there were so far.
    """

    title = "Cumulative sum"
    family = Family.MATH
    keeps_dimensions = True
    aliases = ("cumsum", "running total", "prefix sum", "integrate", "count")
    inputs = (Port("input", "any tensor (N, …)", dtype="any", ranks=(2, 3, 4, 5)),)
    outputs = _OUT

    dimension = dimension_param(1, "Dimension along which it adds up; 1 is the time, −1 the last.")
    reverse = Bool(False, label="From the end", help="Add up what comes after instead.")

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.math import CumulativeSum as Module

        return Module(self.dimension, self.reverse)

    def check(self, features: TensorSpec) -> None:
        dimension_of(self.dimension, features)

    def card_label(self) -> str:
        return card_label.line(
            "from the end" if self.reverse else "", "" if self.dimension == 1 else f"dim {self.dimension}"
        )


class OuterProduct(Layer):
    """Multiplies every value of one row with every value of another: `a` down, `b` across.

    `(N, …, R)` and `(N, …, C)` give `(N, …, R, C)`; each entry is aᵢ·bⱼ.
    """

    title = "Outer product"
    family = Family.MATH
    aliases = ("tensor product", "bilinear", "pairs", "interaction", "fast weights")
    inputs = (Port("a", "rows (N, …, R)", ranks=(2, 3, 4)), Port("b", "rows (N, …, C)", ranks=(2, 3, 4)))

    def build(self, a: TensorSpec, b: TensorSpec) -> nn.Module:
        from nodes.modules.math import OuterProduct as Module

        return Module()

    def check(self, a: TensorSpec, b: TensorSpec) -> None:
        if a.shape[:-1] != b.shape[:-1]:
            expected = f"rows {card_label.by((*a.shape[:-1], 'C'))}, as many as at a"
            raise LayerError(expected, str(b), port="b")


class LargestValues(Layer):
    """The k greatest values along a dimension, the greatest first, and the places where they are.

    Input `(N, …, F)`, outputs `(N, …, k)`. Gradients pass to the values that are taken.
    """

    title = "Largest values"
    family = Family.MATH
    aliases = ("top-k", "topk", "top k values", "sort", "mixture of experts", "routing", "beam")
    inputs = (Port("input", "any values (N, …)", ranks=(2, 3, 4, 5)),)
    outputs = (Port("values", "(N, …, k)"), Port("places", "whole numbers (N, …, k)", "any", side=True))

    k = Int(2, min=1, max=65536, help="How many values are taken.")
    dimension = dimension_param(-1, "Dimension along which they are compared; −1 is the last.")

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.math import LargestValues as Module

        return Module(self.k, self.dimension)

    def check(self, features: TensorSpec) -> None:
        size = known(features.shape[dimension_of(self.dimension, features)])
        if self.k > size:
            raise LayerError(f"at most {size} of {features}", f"{self.k}", fixes=(SetParam("k", size),))

    def output_classes(self, features: TensorSpec) -> Mapping[str, int]:
        return {"places": known(features.shape[self.dimension])}

    def card_label(self) -> str:
        return card_label.line(f"{self.k} of them", "" if self.dimension == -1 else f"dim {self.dimension}")
