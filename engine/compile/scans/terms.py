"""What the layers of a drawn cell compute, as terms: weighted sums of what enters, gates, products.

A drawing can write the same cell in many ways: one Linear for all gates or one for each, of the step and the
state together or apart, sums and products in any order. Their terms are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from torch import nn

from engine.expand.flat import FlatEnd, FlatNode
from engine.infer.scan import TypedScan, spec_inside
from nodes.modules import activation_option, math, shape


@dataclass(frozen=True)
class WeightSlice:
    """Rows and columns of the weight of a Linear, which is the layer at this place of the cell."""

    module: nn.Linear
    place: int
    rows: tuple[int, int]
    columns: tuple[int, int]


@dataclass(frozen=True)
class Leaf:
    """A value that enters, or that these terms do not describe."""

    end: FlatEnd


@dataclass(frozen=True)
class Joined:
    """Values end to end, each with its width."""

    parts: tuple[tuple[Term, int], ...]


@dataclass(frozen=True)
class Affine:
    """A sum of weighted leaves, biases and a number, of so many rows. A bias is a slice without columns."""

    rows: int
    weights: frozenset[tuple[Leaf, WeightSlice]]
    biases: frozenset[WeightSlice]
    shift: float = 0.0

    def from_(self, leaves: frozenset[Leaf]) -> bool:
        """Whether it reads these leaves alone."""
        return all(leaf in leaves for leaf, _ in self.weights)


@dataclass(frozen=True)
class Gate:
    """A sigmoid, tanh or ReLU of a term."""

    kind: str
    of: Term


@dataclass(frozen=True)
class Rest:
    """1 − x."""

    of: Term


@dataclass(frozen=True)
class Sum:
    """A sum, its terms with how often each occurs."""

    terms: frozenset[tuple[Term, int]]


@dataclass(frozen=True)
class Product:
    """A product, its factors with how often each occurs."""

    factors: frozenset[tuple[Term, int]]


Term = Leaf | Joined | Affine | Gate | Rest | Sum | Product
_GATES: dict[type[nn.Module], str] = {nn.Sigmoid: "sigmoid", nn.Tanh: "tanh", nn.ReLU: "relu"}


class Terms:
    """The terms of the values inside a scan."""

    def __init__(
        self, nodes: Mapping[str, FlatNode], modules: Mapping[str, nn.Module], typed: TypedScan
    ) -> None:
        self._nodes, self._modules, self._typed = nodes, modules, typed
        self._known: dict[FlatEnd, Term] = {}

    def of(self, end: FlatEnd) -> Term:
        """The term of a value; nodes are in topological order, so no chain is deep."""
        if not self._known:
            for path, node in self._nodes.items():
                found = self._of_node(node)
                for port, term in zip(node.layer.output_ports(), found, strict=True):
                    self._known[FlatEnd(path, port.name)] = term
        return self._known.get(end, Leaf(end))

    def _of_node(self, node: FlatNode) -> list[Term]:
        ends = [end for port in node.inputs for end in port]
        plain: list[Term] = [Leaf(FlatEnd(node.path, port.name)) for port in node.layer.output_ports()]
        if any(
            self._width(end) is None
            for end in (*ends, *(leaf.end for leaf in plain if isinstance(leaf, Leaf)))
        ):
            return plain
        terms = [self._known.get(end, Leaf(end)) for end in ends]
        return self._computed(self._modules[node.path], terms, ends) or plain

    def _width(self, end: FlatEnd) -> int | None:
        """The features of rows (N, features); None of other values."""
        spec = spec_inside(end, self._typed.inside)
        width = spec.shape[1] if spec is not None and spec.rank == 2 and spec.is_float else None
        return width if isinstance(width, int) else None

    def _computed(self, module: nn.Module, terms: list[Term], ends: list[FlatEnd]) -> list[Term] | None:
        """The terms that leave a layer; None where it is none of those known here."""
        kind = type(module)
        widths = [self._width(end) or 0 for end in ends]
        if kind in (nn.Linear, activation_option.ActivatedLinear):
            return _linear(module, len(self._known), terms[0], widths[0])
        if kind in _GATES:
            return [Gate(_GATES[kind], terms[0])]
        if kind is nn.Identity:
            return [terms[0]]
        if isinstance(module, shape.Concat) and module.dimension in (1, -1):
            return [_joined(terms, widths)]
        if isinstance(module, shape.Split) and module.dimension in (1, -1):
            return _parts(terms[0], module.sizes)
        if kind is math.Add and len(set(widths)) == 1:
            return [_sum(terms)]
        if kind is math.Multiply and len(set(widths)) == 1:
            return [Product(_counted(terms))]
        if isinstance(module, math.Scale) and not list(module.parameters()):
            return _scaled(terms[0], float(module.factor), float(module.offset))
        return None


def _scaled(term: Term, factor: float, offset: float) -> list[Term] | None:
    """1 − x, and weighted sums that are moved."""
    if isinstance(term, Affine) and factor == 1.0:
        return [replace(term, shift=term.shift + offset)]
    return [Rest(term)] if (factor, offset) == (-1.0, 1.0) else None


def _linear(module: nn.Module, place: int, term: Term, width: int) -> list[Term] | None:
    assert isinstance(module, nn.Linear)
    parts = term.parts if isinstance(term, Joined) else ((term, width),)
    rows, start = module.out_features, 0
    weights: set[tuple[Leaf, WeightSlice]] = set()
    for part, size in parts:
        if not isinstance(part, Leaf):
            return None
        weights.add((part, WeightSlice(module, place, (0, rows), (start, start + size))))
        start += size
    biases = (
        {WeightSlice(module, place, (0, rows), (0, 0))} if module.bias is not None else set[WeightSlice]()
    )
    made: Term = Affine(rows, frozenset(weights), frozenset(biases))
    activation = getattr(module, "activation", "")
    if activation:
        return [Gate(activation, made)] if activation in _GATES.values() else None
    return [made]


def _joined(terms: list[Term], widths: list[int]) -> Joined:
    parts: list[tuple[Term, int]] = []
    for term, width in zip(terms, widths, strict=True):
        parts += term.parts if isinstance(term, Joined) else ((term, width),)
    return Joined(tuple(parts))


def _parts(term: Term, sizes: list[int]) -> list[Term] | None:
    """The rows of a sum, cut; a gate of a sum is cut as well."""
    if isinstance(term, Gate):
        inner = _parts(term.of, sizes)
        return None if inner is None else [Gate(term.kind, part) for part in inner]
    if not isinstance(term, Affine):
        return None
    found: list[Term] = []
    start = 0
    for size in sizes:
        weights = frozenset((leaf, _cut(part, start, size)) for leaf, part in term.weights)
        found.append(
            Affine(size, weights, frozenset(_cut(part, start, size) for part in term.biases), term.shift)
        )
        start += size
    return found


def _cut(part: WeightSlice, start: int, size: int) -> WeightSlice:
    return WeightSlice(
        part.module, part.place, (part.rows[0] + start, part.rows[0] + start + size), part.columns
    )


def _sum(terms: list[Term]) -> Term:
    """Weighted sums become one, where no slice would count twice."""
    affine = [term for term in terms if isinstance(term, Affine)]
    other: list[Term] = [term for term in terms if not isinstance(term, Affine)]
    if len(affine) > 1:
        weights = [pair for term in affine for pair in term.weights]
        biases = [bias for term in affine for bias in term.biases]
        if len(set(weights)) < len(weights) or len(set(biases)) < len(biases):
            return Sum(_counted(terms))
        merged = Affine(
            affine[0].rows, frozenset(weights), frozenset(biases), sum(term.shift for term in affine)
        )
        if not other:
            return merged
        return Sum(_counted([merged, *other]))
    return Sum(_counted(terms))


def _counted(terms: list[Term]) -> frozenset[tuple[Term, int]]:
    return frozenset(Counter(terms).items())


def each_once(counted: frozenset[tuple[Term, int]], number: int) -> list[Term] | None:
    """The terms where there are so many and each occurs once."""
    if len(counted) != number or any(times != 1 for _, times in counted):
        return None
    return [term for term, _ in counted]
