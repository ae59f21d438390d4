"""Recurrent layers: the gates of one unit at one step, and what they make of state and cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.lens.cell.activation import activated, sigmoid
from engine.lens.cell.cell import EACH, Cell, Floats, Group, listed
from engine.lens.cell.target import Taken, Target, numbers
from engine.lens.cell.wording import factor, told
from nodes.layers.recurrent import Recurrent

COLUMNS = ("x", "w", "x·w")
GATES = {
    "lstm": ("input gate", "forget gate", "candidate", "output gate"),
    "gru": ("reset gate", "update gate", "candidate"),
    "rnn": ("state",),
}
MOST_WORK = 1 << 28
"""Multiply-adds of going through a whole sequence; more are not gone through for a look."""


@dataclass(frozen=True, eq=False)
class Weights:
    """Those of one layer in one direction: (gates·hidden, in), (gates·hidden, hidden) and biases."""

    entering: Floats
    state: Floats
    bias_entering: Floats
    bias_state: Floats


@dataclass(frozen=True, eq=False)
class RecurrentStep:
    """What one direction of the last layer met at one step, and its state and cell before."""

    weights: Weights
    x: Floats
    state: Floats
    cell: Floats


def recurrent(target: Target) -> Taken:
    """LSTM, GRU and RNN over sequences without a mask."""
    module, entering = target.module, target.entering()
    if entering is None or target.connected("mask"):
        return None
    values = target.layer.values
    hidden, layers = int(values["hidden_size"]), int(values["num_layers"])
    gates = len(GATES[target.layer.type])
    work = len(entering) * gates * hidden * (entering.shape[-1] + (2 * layers - 1) * 2 * hidden)
    if work > MOST_WORK:
        return None
    unit = target.index[-1]
    direction, unit = divmod(unit, hidden)
    time = target.index[0] if len(target.index) == 2 else (0 if direction else len(entering) - 1)
    step = _step(target, _loaded(module, layers, bool(values["bidirectional"])), direction, time)
    if target.layer.type == "lstm":
        return _lstm(step, unit, hidden)
    if target.layer.type == "gru":
        return _gru(step, unit, hidden)
    return _rnn(step, unit, str(values["nonlinearity"]))


def _loaded(module: Any, layers: int, bidirectional: bool) -> list[list[Weights]]:
    found = []
    for layer in range(layers):
        ways = [""] if not bidirectional else ["", "_reverse"]
        found.append([_weights(module, f"_l{layer}{way}") for way in ways])
    return found


def _weights(module: Any, suffix: str) -> Weights:
    entering, state = (numbers(getattr(module, f"weight_{name}{suffix}")) for name in ("ih", "hh"))
    if not module.bias:
        return Weights(entering, state, np.zeros(len(entering)), np.zeros(len(entering)))
    biases = [numbers(getattr(module, f"bias_{name}{suffix}")) for name in ("ih", "hh")]
    return Weights(entering, state, biases[0], biases[1])


def _step(target: Target, weights: list[list[Weights]], direction: int, time: int) -> RecurrentStep:
    """Goes through the sequence, layer by layer, to the step that is asked for."""
    entering = target.entering()
    assert entering is not None
    sequence, row = numbers(entering), 0
    for layer, ways in enumerate(weights):
        is_last, made = layer == len(weights) - 1, []
        for way, own in enumerate(ways):
            state, cell = _start(target, 0, row, own), _start(target, 1, row, own)
            row += 1
            states = np.zeros((len(sequence), own.state.shape[1]))
            order = range(len(sequence)) if way == 0 else range(len(sequence) - 1, -1, -1)
            for place in order:
                if is_last and way == direction and place == time:
                    return RecurrentStep(own, sequence[place], state, cell)
                state, cell = _next(target, own, sequence[place], state, cell)
                states[place] = state
            made.append(states)
        sequence = np.concatenate(made, 1)
    raise IndexError(time)


def _start(target: Target, carried: int, row: int, own: Weights) -> Floats:
    """The state or cell at the start of this row of layers and directions."""
    layer = target.layer
    assert isinstance(layer, Recurrent)
    given = target.inputs.get(layer.carried[carried], ()) if carried < len(layer.carried) else ()
    if not given:
        return np.zeros(own.state.shape[1])
    held = numbers(given[0][0])
    return held if held.ndim == 1 else held[row]


def _next(target: Target, own: Weights, x: Floats, state: Floats, cell: Floats) -> tuple[Floats, Floats]:
    """State and cell after a step."""
    left, right = own.entering @ x + own.bias_entering, own.state @ state + own.bias_state
    kind, size = target.layer.type, len(state)
    if kind == "rnn":
        is_tanh = target.layer.values["nonlinearity"] == "tanh"
        return np.tanh(left + right) if is_tanh else np.maximum(left + right, 0.0), cell
    with np.errstate(over="ignore"):
        if kind == "gru":
            reset, update = (1.0 / (1.0 + np.exp(-(left + right)[: 2 * size]))).reshape(2, -1)
            made = np.tanh(left[2 * size :] + reset * right[2 * size :])
            return (1.0 - update) * made + update * state, cell
        i, f, g, o = (left + right).reshape(4, -1)
        i, f, o = (1.0 / (1.0 + np.exp(-gate)) for gate in (i, f, o))
        cell = f * cell + i * np.tanh(g)
        return o * np.tanh(cell), cell


def _gate(name: str, step: RecurrentStep, row: int, share: float = 1.0) -> Group:
    """The terms of one gate: what enters, then the state before, whose weights count by `share`."""
    x = np.concatenate((step.x, step.state))
    w = np.concatenate((step.weights.entering[row], step.weights.state[row] * share))
    places = np.concatenate((np.arange(len(step.x)), np.arange(len(step.state))))
    source = np.repeat((0, 1), (len(step.x), len(step.state)))
    return Group(name, places[:, None], np.stack((x, w, x * w), -1), source)


def _sum(group: Group) -> float:
    return float(group.table[:, -1].sum())


def _listed(groups: list[Group], biases: list[float], value: float, lines: list[str]) -> Cell:
    return listed(
        groups,
        COLUMNS,
        value,
        tuple(lines),
        total=value,
        adds=EACH,
        bias=np.array(biases),
        sources=("x", "h"),
    )


def _lstm(step: RecurrentStep, unit: int, hidden: int) -> Cell:
    rows = [unit + place * hidden for place in range(4)]
    groups = [_gate(name, step, row) for name, row in zip(GATES["lstm"], rows, strict=True)]
    biases = [float(step.weights.bias_entering[row] + step.weights.bias_state[row]) for row in rows]
    sums = [_sum(group) + bias for group, bias in zip(groups, biases, strict=True)]
    i, f, o = sigmoid(sums[0]), sigmoid(sums[1]), sigmoid(sums[3])
    g, before = float(np.tanh(sums[2])), float(step.cell[unit])
    cell = f * before + i * g
    value = o * float(np.tanh(cell))
    lines = [
        f"input gate i = σ({told(sums[0])}) = {told(i)}",
        f"forget gate f = σ({told(sums[1])}) = {told(f)}",
        f"candidate g = tanh({told(sums[2])}) = {told(g)}",
        f"output gate o = σ({told(sums[3])}) = {told(o)}",
        f"c = f·c before + i·g = {told(f)}·{factor(before)} + {told(i)}·{factor(g)} = {told(cell)}",
        f"h = o·tanh(c) = {told(o)}·{factor(float(np.tanh(cell)))} = {told(value)}",
    ]
    return _listed(groups, biases, value, lines)


def _gru(step: RecurrentStep, unit: int, hidden: int) -> Cell:
    own, rows = step.weights, [unit + place * hidden for place in range(3)]
    gates = [_gate(name, step, row) for name, row in zip(GATES["gru"][:2], rows[:2], strict=True)]
    biases = [float(own.bias_entering[row] + own.bias_state[row]) for row in rows[:2]]
    sums = [_sum(group) + bias for group, bias in zip(gates, biases, strict=True)]
    reset, update = sigmoid(sums[0]), sigmoid(sums[1])
    candidate = _gate(GATES["gru"][2], step, rows[2], reset)
    biases.append(float(own.bias_entering[rows[2]] + reset * own.bias_state[rows[2]]))
    inner = _sum(candidate) + biases[2]
    made, before = float(np.tanh(inner)), float(step.state[unit])
    value = (1.0 - update) * made + update * before
    lines = [
        f"reset gate r = σ({told(sums[0])}) = {told(reset)}: it scales the state within the candidate",
        f"update gate z = σ({told(sums[1])}) = {told(update)}",
        f"candidate n = tanh({told(inner)}) = {told(made)}",
        f"h = (1 − z)·n + z·h before = {told(1 - update)}·{factor(made)} + {told(update)}·{factor(before)}"
        f" = {told(value)}",
    ]
    return _listed([*gates, candidate], biases, value, lines)


def _rnn(step: RecurrentStep, unit: int, nonlinearity: str) -> Cell:
    group = _gate(GATES["rnn"][0], step, unit)
    bias = float(step.weights.bias_entering[unit] + step.weights.bias_state[unit])
    value, line = activated(nonlinearity, _sum(group) + bias)
    return _listed([group], [bias], value, [f"h = {line}"])
