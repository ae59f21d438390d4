"""A scan as a torch module: its layers are made once, and run over the steps of sequences.

`parts` says what runs when. The module holds the weights of its layers under their own names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn

from engine.compile.scans.parts import FusedParts, ScanPart, ScanParts, parts_of
from engine.compile.tree import ModuleTree
from engine.expand.flat import FlatEnd, FlatNode
from engine.expand.scan import ScanLayer
from engine.infer.layer import outcome_of
from engine.infer.scan import TypedScan, typed_scan
from nodes.layers.scan import LENGTHS, target_port
from nodes.modules.values.given import made
from nodes.spec import BatchDim, Inputs

Values = dict[FlatEnd, Tensor]
Forced = dict[FlatEnd, tuple[tuple[Tensor, ...], tuple[Tensor, ...] | None]]
"""By state the true values of each step, and at which samples they count; None: at all."""


def module_of(node: FlatNode, inputs: Inputs, read: Iterable[str] = ()) -> nn.Module:
    """The torch module of a flat node; of a scan, `read` are the outputs that something reads."""
    if isinstance(node.layer, ScanLayer):
        return _scan_module(node.layer, inputs, frozenset(read))
    return made(node.layer, inputs)


def _scan_module(layer: ScanLayer, inputs: Inputs, read: frozenset[str]) -> ScanModule:
    typed = typed_scan(layer, inputs, outcome_of)
    body = layer.body
    used = {(end.path, end.port) for node in body.nodes for port in node.inputs for end in port}
    used |= set(body.outputs)
    modules: dict[str, nn.Module] = {}
    built: dict[str, nn.Module] = {}
    for node in body.nodes:
        if node.weight_path not in built:
            ports = [port for path, port in used if path == node.path]
            built[node.weight_path] = module_of(node, typed.inputs_of(node), ports)
        modules[node.path] = built[node.weight_path]
    outputs = [port.name for port in layer.output_ports()]
    wanted = frozenset(read & frozenset(outputs) | frozenset(outputs[:1]))
    ends = {name: end for name, end in zip(layer.border.outputs, body.outputs, strict=True) if name in wanted}
    scan = ScanModule(layer, typed, parts_of(layer, typed, modules, ends.values()), ends)
    for node in body.nodes:
        scan.put(body.weight_prefix(node), modules[node.path])
    return scan


@dataclass
class StateTrace:
    """What a scan notes while it is watched: the values of each state after every step."""

    values: dict[str, list[Tensor]] = field(default_factory=dict)


class ScanModule(ModuleTree):
    """Runs layers over time. Takes and returns tensors in the order of the ports of its layer.

    Sequences are (N, T, …); an output that nothing reads is None.
    """

    second_order: bool
    """Whether its gradients are differentiated again: then no fused kernel is used."""

    def __init__(
        self, layer: ScanLayer, typed: TypedScan, parts: ScanParts, ends: Mapping[str, FlatEnd]
    ) -> None:
        super().__init__()
        values = self.__dict__  # attributes of a tree could hide behind the names of layers
        values["second_order"] = False
        values["loop"] = StepLoop(layer, typed, parts, dict(ends))

    def forward(self, *inputs: Tensor | None) -> tuple[Tensor | None, ...] | Tensor | None:
        loop: StepLoop = self.__dict__["loop"]
        loop.second_order = self.second_order
        found = loop.run(inputs, training=self.training)
        return found if len(found) != 1 else found[0]


def loop_of(module: nn.Module) -> StepLoop:
    """The loop of a scan."""
    found: StepLoop = module.__dict__["loop"]
    return found


class StepLoop:
    """The loop over the steps. `trace` is set while a scan is watched."""

    def __init__(
        self,
        layer: ScanLayer,
        typed: TypedScan,
        parts: ScanParts,
        ends: dict[str, FlatEnd],
    ) -> None:
        self.border, self.scan, self.body = layer.border, layer.scan, layer.body
        self.parts, self.ends = parts, ends
        self.ports = [port.name for port in layer.input_ports()]
        self.typed = typed
        self.names = layer.border.state_names
        self.state_ends = [layer.body.entering(name) for name in self.names]
        self.trace: StateTrace | None = None
        self.second_order = False

    def run(self, inputs: Sequence[Tensor | None], *, training: bool) -> tuple[Tensor | None, ...]:
        given = {name: tensor for name, tensor in zip(self.ports, inputs, strict=True) if tensor is not None}
        rows = self._rows(given)
        steps = _Steps(self.typed.steps, rows)
        constants = {self.body.entering(name): given[name] for name in self.border.constants}
        fused = self.parts.fused if self._may_fuse(given) else None
        early = fused or self.parts
        if early.once is not None:
            constants.update(_called(early.once, constants))
        sequences = {self.body.entering(name): self._timed(given[name]) for name in self.border.sequences}
        if early.before is not None:
            sequences.update(steps.at_once(early.before, sequences, constants))
        valid = self._valid(given, steps)
        forced = self._forced(given, rows) if training else {}
        states = [self._start(name, given, rows) for name in self.names]
        if fused is not None:
            stepped, last = self._kernel(fused, states, steps, {**sequences}, constants, training)
        else:
            stepped, last = self._loop(states, constants, sequences, forced, valid)
        if self.parts.after is not None:
            sequences.update(steps.at_once(self.parts.after, {**sequences, **stepped}, constants))
        sequences.update(stepped)
        found = [self._output(name, sequences, constants, steps, valid) for name in self.border.outputs]
        return (*found, *last)

    def _may_fuse(self, given: Mapping[str, Tensor]) -> bool:
        """Whether a kernel computes the same: not while states are watched, nor where it rounds otherwise."""
        some = next(iter(given.values()))
        watched = self.trace is not None or self.second_order
        return not watched and some.device.type == "cpu" and not torch.is_autocast_enabled("cpu")

    def _kernel(
        self,
        fused: FusedParts,
        states: list[Tensor],
        steps: _Steps,
        sequences: Values,
        constants: Values,
        training: bool,
    ) -> tuple[Values, list[Tensor]]:
        """All steps by torch's kernel of the cell."""
        cell = fused.cell
        leaves = [leaf.end for leaf, _ in cell.inputs]
        values = [sequences[end] if end in sequences else steps.repeated(constants[end]) for end in leaves]
        sequence = torch.cat(values, 2) if len(values) > 1 else values[0]
        start = dict(zip(self.state_ends, states, strict=True))
        made, last = cell.run(sequence, [start[end] for end in cell.states], training=training)
        ended = dict(zip(cell.states, last, strict=True))
        return {fused.makes: made}, [ended[end] for end in self.state_ends]

    def without_kernel(self) -> None:
        """Run every step by itself from now on."""
        self.parts = replace(self.parts, fused=None)

    # Entering -----------------------------------------------------------------------------------------

    def _rows(self, given: Mapping[str, Tensor]) -> int:
        """How many samples there are."""
        entering = self.typed.entering
        specs = (
            (entering.get(name if name in entering else name.removesuffix("_target")), tensor)
            for name, tensor in given.items()
        )
        # inference refuses a scan without a batch dimension
        return next(
            tensor.shape[0] // spec.shape[0].times
            for spec, tensor in specs
            if spec is not None and spec.shape and isinstance(spec.shape[0], BatchDim)
        )

    def _timed(self, sequence: Tensor) -> Tensor:
        """(N, T, …) as (T, N, …) in the order of the steps."""
        timed = sequence.transpose(0, 1)
        return timed.flip(0) if self.scan.reverse else timed.contiguous()

    def _valid(self, given: Mapping[str, Tensor], steps: _Steps) -> Tensor | None:
        """(T, N): whether a step belongs to the sample; None where all do."""
        if LENGTHS not in given or not self.border.has_lengths:
            return None
        lengths = given[LENGTHS]
        if lengths.dim() == 2 and lengths.shape[1] > 1:
            valid = lengths.transpose(0, 1) != 0
        else:
            places = torch.arange(steps.count, device=lengths.device).unsqueeze(1)
            valid = places < lengths.reshape(1, -1)
        return valid.flip(0) if self.scan.reverse else valid

    def _start(self, name: str, given: Mapping[str, Tensor], rows: int) -> Tensor:
        if name in given:
            return given[name]
        spec = self.typed.entering[name]
        shape = [dim.times * rows if isinstance(dim, BatchDim) else dim for dim in spec.shape]
        like = next(iter(given.values()))
        dtype: torch.dtype = getattr(torch, spec.dtype)
        if dtype.is_floating_point:
            dtype = next((t.dtype for t in given.values() if t.is_floating_point()), dtype)
        return torch.zeros(shape, dtype=dtype, device=like.device)

    # Steps --------------------------------------------------------------------------------------------

    def _loop(
        self,
        states: list[Tensor],
        constants: Values,
        sequences: Values,
        forced: Forced,
        valid: Tensor | None,
    ) -> tuple[Values, list[Tensor]]:
        """What is made step by step as (T, N, …), and the last values of the states."""
        kept: dict[FlatEnd, list[Tensor]] = {end: [] for end in self._read_later()}
        lists = {end: tensor.unbind(0) for end, tensor in sequences.items()}
        masks = None if valid is None else valid.unbind(0)
        part = self.parts.step
        if part is None and not self.names:
            return {}, []
        for t in range(self.typed.steps):
            now: Values = dict(zip(self.state_ends, states, strict=True))
            if forced and t:
                self._teach(now, forced, t)
            values = {**constants, **now}
            if part is not None:
                inputs = [lists[end][t] if end in lists else values[end] for end in part.graph.inputs]
                values.update(zip(part.makes, part.graph.forward(*inputs), strict=True))
            after = [values[end] if end in values else lists[end][t] for end in self.parts.states]
            if masks is not None:
                after = [_where(masks[t], new, old) for new, old in zip(after, states, strict=True)]
            states = after
            if self.trace is not None:
                for name, state in zip(self.names, states, strict=True):
                    self.trace.values.setdefault(name, []).append(state)
            for end, found in kept.items():
                found.append(values[end])
        return {end: torch.stack(found) for end, found in kept.items()}, states

    def _read_later(self) -> list[FlatEnd]:
        """What is made in the loop and read behind it, states that enter a step included."""
        later = set(self.ends.values())
        if self.parts.after is not None:
            later |= set(self.parts.after.graph.inputs)
        made = set(self.parts.step.makes if self.parts.step is not None else ()) | set(self.state_ends)
        return sorted(later & made)

    def _forced(self, given: Mapping[str, Tensor], rows: int) -> Forced:
        """While training, the true values of taught states by step, and at which samples they count."""
        found = {}
        for name in self.border.taught:
            share = self.scan.teacher_forcing
            if target_port(name) not in given or share <= 0.0:
                continue
            target = self._timed(given[target_port(name)])
            coins = None
            if share < 1.0:
                coins = (torch.rand(self.typed.steps, rows, device=target.device) < share).unbind(0)
            found[self.body.entering(name)] = (target.unbind(0), coins)
        return found

    @staticmethod
    def _teach(now: Values, forced: Forced, t: int) -> None:
        for end, (targets, coins) in forced.items():
            true = targets[t - 1]
            now[end] = true if coins is None else _where(coins[t], true, now[end])

    # Leaving ------------------------------------------------------------------------------------------

    def _output(
        self, name: str, sequences: Values, constants: Values, steps: _Steps, valid: Tensor | None
    ) -> Tensor | None:
        end = self.ends.get(name)
        if end is None:
            return None
        found = sequences[end] if end in sequences else steps.repeated(constants[end])
        if valid is not None:
            found = _where(valid, found, torch.zeros((), dtype=found.dtype, device=found.device))
        if self.scan.reverse:
            found = found.flip(0)
        return found.transpose(0, 1)


@dataclass(frozen=True)
class _Steps:
    """All steps at once, as if they were samples."""

    count: int
    rows: int

    def repeated(self, constant: Tensor) -> Tensor:
        """(N, …) as (T, N, …)."""
        return constant.unsqueeze(0).expand(self.count, *constant.shape)

    def at_once(self, part: ScanPart, sequences: Values, constants: Values) -> Values:
        inputs = []
        for end in part.graph.inputs:
            value = sequences[end] if end in sequences else self.repeated(constants[end])
            inputs.append(value.reshape(-1, *value.shape[2:]))
        made = part.graph.forward(*inputs)
        return {
            end: value.reshape(self.count, -1, *value.shape[1:])
            for end, value in zip(part.makes, made, strict=True)
        }


def _called(part: ScanPart, values: Values) -> Values:
    made = part.graph.forward(*[values[end] for end in part.graph.inputs])
    return dict(zip(part.makes, made, strict=True))


def _where(mask: Tensor, then: Tensor, other: Tensor) -> Tensor:
    """`then` where the mask (N) or (T, N) holds."""
    return torch.where(mask.reshape(*mask.shape, *(1,) * (then.dim() - mask.dim())), then, other)
