"""A recurrent layer step by step: its gates, cells and states, with gradients where they are recorded.

The weights, their order and the arithmetic are torch's; dropout between layers does nothing, as it does in
evaluation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from nodes.modules.recurrent import GRU, LSTM, RNN

Inputs = Mapping[str, tuple[Tensor, ...]]
HIDDEN, CELL = "hidden state", "cell state"
_GATES = {
    "LSTM": ("input gate", "forget gate", "candidate", "output gate"),
    "GRU": ("reset gate", "update gate", "candidate"),
}


@dataclass(eq=False)
class UnrolledRow:
    """One layer in one direction: lists over time, in the order of time, by name, each (units).

    A step that a mask passes over has the state before; its gates are NaN.
    """

    layer: int
    is_backward: bool
    steps: dict[str, list[Tensor]] = field(default_factory=dict)
    ends: tuple[Tensor, ...] = ()
    """The states after the last step that was read."""

    def note(self, time: int, length: int, values: Mapping[str, Tensor]) -> None:
        for name, value in values.items():
            kept = self.steps.setdefault(name, [torch.full_like(value, torch.nan)] * length)
            kept[time] = value


@dataclass(frozen=True, eq=False)
class Unrolled:
    """All rows, and what leaves by output port, as the layer has it."""

    rows: list[UnrolledRow]
    outputs: dict[str, Tensor]


def is_recurrent(module: nn.Module | None) -> bool:
    """Whether it can be unrolled here."""
    return isinstance(module, RNN | GRU | LSTM)


def unrolled(module: nn.Module, inputs: Inputs) -> Unrolled:
    """Every step of the first sample. Raises TypeError for a module that is not recurrent."""
    if not isinstance(module, RNN | GRU | LSTM):
        raise TypeError(f"expected a recurrent layer, received {type(module).__name__}")
    given = {name: values[0] for name, values in inputs.items() if values}
    sequence = given["input"][0].float()
    mask = given["mask"][0] != 0 if "mask" in given else None
    rows: list[UnrolledRow] = []
    ways = 2 if module.bidirectional else 1
    for layer in range(module.num_layers):
        left = []
        for way in range(ways):
            row = UnrolledRow(layer, way == 1)
            start = [_start(module, given, name, len(rows)) for name in _carried(module)]
            left.append(_run(module, row, sequence, start, mask))
            rows.append(row)
        sequence = torch.cat(left, 1)
    return Unrolled(rows, _left(module, rows, sequence))


def _carried(module: RNN | GRU | LSTM) -> tuple[str, ...]:
    return ("state", "cell") if isinstance(module, LSTM) else ("state",)


def _start(module: nn.RNNBase, given: Mapping[str, Tensor], name: str, row: int) -> Tensor:
    """A state at the start, (units): a leaf, so that what follows has gradients where they are recorded."""
    if name not in given:
        like = given["input"]
        return torch.zeros(module.hidden_size, device=like.device, requires_grad=torch.is_grad_enabled())
    held = given[name][0].detach().float()
    return (held[row] if held.dim() == 2 else held).requires_grad_(torch.is_grad_enabled())


def _run(
    module: RNN | GRU | LSTM, row: UnrolledRow, sequence: Tensor, start: list[Tensor], mask: Tensor | None
) -> Tensor:
    """What leaves one layer in one direction, (time, units)."""
    end = f"l{row.layer}{'_reverse' if row.is_backward else ''}"
    inward, recurrent = (getattr(module, f"weight_{kind}_{end}").float() for kind in ("ih", "hh"))
    constants = [
        getattr(module, f"bias_{kind}_{end}").float() if module.bias else None for kind in ("ih", "hh")
    ]
    entering = nn.functional.linear(sequence, inward, constants[0])
    length = len(sequence)
    left: list[Tensor] = [torch.zeros_like(start[0])] * length
    states = start
    real = [True] * length if mask is None else mask.tolist()
    for time in reversed(range(length)) if row.is_backward else range(length):
        gates: dict[str, Tensor] = {}
        if real[time]:
            from_state = nn.functional.linear(states[0], recurrent, constants[1])
            gates, states = _step(module, entering[time], from_state, states)
            left[time] = states[0]
        kept = dict(zip((HIDDEN, CELL), states, strict=False))
        row.note(time, length, {**kept, **gates})
    row.ends = tuple(states)
    return torch.stack(left)


def _step(
    module: RNN | GRU | LSTM, x: Tensor, h: Tensor, states: list[Tensor]
) -> tuple[dict[str, Tensor], list[Tensor]]:
    """Gates and the next states from what comes of the input and of the last state."""
    if isinstance(module, LSTM):
        i, f, g, o = (x + h).chunk(4)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        cell = f * states[1] + i * g
        return dict(zip(_GATES["LSTM"], (i, f, g, o), strict=True)), [o * cell.tanh(), cell]
    if isinstance(module, GRU):
        (x_r, x_z, x_n), (h_r, h_z, h_n) = x.chunk(3), h.chunk(3)
        r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
        n = (x_n + r * h_n).tanh()
        return dict(zip(_GATES["GRU"], (r, z, n), strict=True)), [(1 - z) * n + z * states[0]]
    summed = x + h
    return {}, [summed.relu() if module.mode == "RNN_RELU" else summed.tanh()]


def _left(module: RNN | GRU | LSTM, rows: list[UnrolledRow], sequence: Tensor) -> dict[str, Tensor]:
    """What leaves by port, with the sample as its first dimension."""
    output = sequence
    if module.last:
        output = torch.cat([row.ends[0] for row in rows[-2 if module.bidirectional else -1 :]])
    found = {"output": output.unsqueeze(0)}
    if module.states:
        for place, name in enumerate(_carried(module)):
            found[name] = torch.stack([row.ends[place] for row in rows]).unsqueeze(0)
    return found
