"""Divides what a scan computes: once, for all steps together, step by step, and behind the last step.

Only what a state depends on must wait for the step before. Layers that treat each sample by itself run for
all steps at once, as if steps were samples; those of which that is not known run at every step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from torch import nn

from engine.compile.graphs import CompiledGraph, GraphWriter
from engine.compile.scans.kernels import FusedCell, fused_cell
from engine.compile.scans.terms import Leaf, Terms
from engine.expand.flat import FlatEnd, FlatNode
from engine.expand.scan import ScanLayer
from engine.infer.scan import TypedScan, spec_inside
from nodes.modules import activation_option as options
from nodes.modules import math, shape
from nodes.spec import BatchDim, N, TensorSpec

_BY_SAMPLE: frozenset[type[nn.Module]] = frozenset(
    (
        *(nn.Linear, options.ActivatedLinear, nn.Embedding, nn.LayerNorm, nn.Identity),
        *(nn.Conv1d, nn.Conv2d, options.ActivatedConv1d, options.ActivatedConv2d),
        *(nn.Tanh, nn.Sigmoid, nn.ReLU, nn.LeakyReLU, nn.ELU, nn.SELU, nn.GELU, nn.SiLU, nn.Softplus),
        *(math.Add, math.Multiply, math.Subtract, math.Divide, math.Scale, math.Function, math.StopGradient),
    )
)
"""Modules that give each sample what it would get alone."""
_ALONG_DIMENSION = (shape.Concat, shape.Split, shape.Slice, shape.Select)
"""Such modules as well where their dimension is not the first."""


@dataclass(frozen=True)
class ScanParts:
    """The graphs of a scan, each with the ends that it makes; None where there is nothing to compute.

    `once` reads constants alone. `before` and `after` read and make sequences whose steps are samples.
    `step` makes the next values of the states, then what later parts or the outputs read.
    """

    once: ScanPart | None
    before: ScanPart | None
    step: ScanPart | None
    after: ScanPart | None
    states: tuple[FlatEnd, ...]
    """The ends that become the next values of the states."""
    fused: FusedParts | None
    """What runs instead of `once`, `before` and `step` where torch has a kernel for the cell."""


@dataclass(frozen=True)
class FusedParts:
    """What the kernel of a cell needs, and the end of the sequence that it makes."""

    once: ScanPart | None
    before: ScanPart | None
    cell: FusedCell
    makes: FlatEnd


@dataclass(frozen=True)
class ScanPart:
    graph: CompiledGraph
    makes: tuple[FlatEnd, ...]


def parts_of(
    layer: ScanLayer, typed: TypedScan, modules: Mapping[str, nn.Module], wanted: Iterable[FlatEnd]
) -> ScanParts:
    """The parts of a scan that makes the values at the ends `wanted`."""
    return _Division(layer, typed, modules, tuple(wanted)).parts()


class _Division:
    def __init__(
        self,
        layer: ScanLayer,
        typed: TypedScan,
        modules: Mapping[str, nn.Module],
        wanted: tuple[FlatEnd, ...],
    ) -> None:
        self.layer, self.body, self.typed, self.modules = layer, layer.body, typed, modules
        self.nodes = {node.path: node for node in layer.body.nodes}
        outputs = dict(zip(layer.border.outputs, layer.body.outputs, strict=True))
        self.states = tuple(outputs[output] for _, output in layer.border.states)
        self.wanted = wanted
        self.moves = {layer.body.entering(name) for name in layer.border.state_names}
        constants = {layer.body.entering(name) for name in layer.border.constants}
        self.once = self._closed(constants)
        sequences = {layer.body.entering(name) for name in layer.border.sequences}
        self.before = self._closed(constants | sequences) - self.once
        self.looped = self._needed_by_states()
        self.after = self.nodes.keys() - self.once - self.before - self.looped
        self.after &= self._above(self.wanted)
        needed = self._above((*self.wanted, *self.states))
        self.once &= needed
        self.before &= needed

    def _closed(self, known: set[FlatEnd]) -> set[str]:
        """Nodes that treat samples by themselves and depend on these ends alone."""
        found: set[str] = set()
        for path, node in self.nodes.items():
            ends = [end for port in node.inputs for end in port]
            if ends and self._by_sample(node) and all(e in known or e.path in found for e in ends):
                found.add(path)
        return found

    def _by_sample(self, node: FlatNode) -> bool:
        module = self.modules[node.path]
        known = type(module) in _BY_SAMPLE
        if isinstance(module, _ALONG_DIMENSION):
            rank = _rank(self.typed, node)
            known = module.dimension % rank != 0
        ends = [end for port in node.inputs for end in port]
        ends += [FlatEnd(node.path, port.name) for port in node.layer.output_ports()]
        return known and all(_has_rows(spec_inside(end, self.typed.inside)) for end in ends)

    def _needed_by_states(self) -> set[str]:
        """Nodes that must run at every step: above the states, or not known to treat samples alone."""
        early = self.once | self.before
        fixed = {path for path, node in self.nodes.items() if path not in early and not self._by_sample(node)}
        above = self._above((*self.states, *(FlatEnd(path, "") for path in fixed & self._above(self.wanted))))
        return above - early

    def _above(self, ends: Iterable[FlatEnd], without: Set[str] = frozenset()) -> set[str]:
        """The nodes that these ends need; those of `without`, and what only they need, are left out."""
        found: set[str] = set()
        waiting = [end.path for end in ends]
        while waiting:
            path = waiting.pop()
            if path in found or path in without or path not in self.nodes:
                continue
            found.add(path)
            waiting += [end.path for port in self.nodes[path].inputs for end in port]
        return found

    def parts(self) -> ScanParts:
        read = {
            part: self._read(paths)
            for part, paths in (("before", self.before), ("step", self.looped), ("after", self.after))
        }
        outside = {*self.wanted, *self.states}
        return ScanParts(
            self._part(self.once, outside.union(*read.values())),
            self._part(self.before, outside | read["step"] | read["after"]),
            self._part(self.looped, outside | read["after"]),
            self._part(self.after, set(self.wanted)),
            self.states,
            self._fused(read["after"]),
        )

    def _fused(self, read_after: set[FlatEnd]) -> FusedParts | None:
        """The parts around the kernel of a cell; None where there is none, or more than it makes is read."""
        border, body = self.layer.border, self.body
        if border.taught or border.has_lengths or not self.states:
            return None
        terms = Terms(self.nodes, self.modules, self.typed)
        moving = [body.entering(name) for name in border.state_names]
        widths = {end: _width(spec_inside(end, self.typed.inside)) for end in moving}
        early = [body.entering(name) for name in (*border.sequences, *border.constants)]
        early += [
            FlatEnd(path, port.name)
            for path in self.nodes
            if path in self.once | self.before
            for port in self.nodes[path].layer.output_ports()
        ]
        inputs = {Leaf(end): width for end in early if (width := _width(spec_inside(end, self.typed.inside)))}
        after = {end: terms.of(source) for end, source in zip(moving, self.states, strict=True)}
        cell = fused_cell(after, inputs, widths)
        if cell is None:
            return None
        makes = dict(zip(moving, self.states, strict=True))[cell.states[0]]
        later = {end for end in {*self.wanted, *read_after} if end.path in self.looped or end in moving}
        if later - {makes}:
            return None
        leaves = {leaf.end for leaf, _ in cell.inputs}
        needed = self._above((*self.wanted, *read_after, *leaves), without=self.looped)
        once, before = self.once & needed, self.before & needed
        outside = {*self.wanted, *read_after, *leaves}
        return FusedParts(
            self._part(once, outside | self._read(before)), self._part(before, outside), cell, makes
        )

    def _read(self, paths: set[str]) -> set[FlatEnd]:
        """What these nodes read of others."""
        ends = {end for path in paths for port in self.nodes[path].inputs for end in port}
        return {end for end in ends if end.path not in paths}

    def _part(self, paths: set[str], read: set[FlatEnd]) -> ScanPart | None:
        if not paths:
            return None
        makes = tuple(
            FlatEnd(path, port.name)
            for path, node in self.nodes.items()
            if path in paths
            for port in node.layer.output_ports()
            if FlatEnd(path, port.name) in read
        )
        writer = GraphWriter(self.nodes, self.modules)
        writer.give(sorted(self._read(paths)))
        for path in self.nodes:
            if path in paths:
                writer.call(path)
        return ScanPart(writer.finish(tuple(writer.value(end) for end in makes)), makes)


def _rank(typed: TypedScan, node: FlatNode) -> int:
    specs = [spec_inside(end, typed.inside) for port in node.inputs for end in port]
    return next(spec.rank for spec in specs if spec is not None)


def _width(spec: TensorSpec | None) -> int:
    """The features of rows (N, features); 0 of other values."""
    width = spec.shape[1] if spec is not None and spec.rank == 2 and spec.shape[0] == N else 0
    return width if isinstance(width, int) else 0


def _has_rows(spec: TensorSpec | None) -> bool:
    """Whether there is a row for each sample, and nothing else depends on how many there are."""
    if spec is None or not spec.shape or spec.shape[0] != N:
        return False
    return not any(isinstance(dim, BatchDim) for dim in spec.features)
