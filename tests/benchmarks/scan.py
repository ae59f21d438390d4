"""How fast cells drawn from their gates run over time, forward and backward, beside torch and a loop by hand.

Each figure is a ratio, the other's time to the drawing's, measured in turns: 1 is as fast, more is faster. A
drawn cell that torch has a kernel for is also run step by step, as cells are that torch has none for; the
`gated` cell is one of those. The loops by hand call the same layers on each step, as one writes them.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from engine.compile import compile  # noqa: A004
from engine.compile.scans.loop import loop_of
from engine.document.project import Graph
from tests.engine.cells import CELLS, gated_cell, run_over_time, with_torch_weights

SAMPLES, STEPS, FEATURES, HIDDEN = 64, 50, 32, 64
ROUNDS = 15
BOUND_HAND, BOUND_TORCH = 0.5, 0.3
"""At least so much of the speed of a loop by hand, and of torch's kernel."""
TORCH = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def run() -> dict[str, Any]:
    """Every figure, as JSON."""
    found: dict[str, Any] = {
        "sizes": {"samples": SAMPLES, "steps": STEPS, "features": FEATURES, "hidden": HIDDEN},
        "bounds": {"against_hand": BOUND_HAND, "against_torch": BOUND_TORCH},
        "cpus": os.cpu_count(),
        "threads": torch.get_num_threads(),
    }
    for kind in CELLS:
        found[kind] = _of_kind(kind)
    found["gated"] = _unfused()
    return found


def _of_kind(kind: str) -> dict[str, float]:
    torch.manual_seed(0)
    theirs = TORCH[kind](FEATURES, HIDDEN, batch_first=True)
    drawn, stepwise = _module(CELLS[kind](HIDDEN)), _module(CELLS[kind](HIDDEN))
    loop_of(stepwise).without_kernel()
    for module in (drawn, stepwise):
        with_torch_weights(module, kind, theirs)
    hand = HAND[kind](drawn)
    x, states = torch.randn(SAMPLES, STEPS, FEATURES), len(CELLS[kind](HIDDEN).inputs) - 1
    sides: dict[str, Callable[[], Tensor]] = {
        "drawn": lambda: drawn(x, *[None] * states)[0],
        "stepwise": lambda: stepwise(x, *[None] * states)[0],
        "torch": lambda: theirs(x)[0],
        "hand": lambda: hand(x),
    }
    times = _in_turns(sides)
    return {
        **{f"{name}_ms": round(1e3 * statistics.median(taken), 2) for name, taken in times.items()},
        "against_torch": _ratio(times["torch"], times["drawn"]),
        "against_hand": _ratio(times["hand"], times["drawn"]),
        "stepwise_against_torch": _ratio(times["torch"], times["stepwise"]),
        "stepwise_against_hand": _ratio(times["hand"], times["stepwise"]),
        "furthest": _furthest(sides["drawn"](), sides["torch"]()),
    }


def _unfused() -> dict[str, float]:
    drawn = _module(gated_cell(HIDDEN))
    hand = _hand_gated(drawn)
    x = torch.randn(SAMPLES, STEPS, FEATURES)
    times = _in_turns({"drawn": lambda: drawn(x, None)[0], "hand": lambda: hand(x)})
    return {
        **{f"{name}_ms": round(1e3 * statistics.median(taken), 2) for name, taken in times.items()},
        "against_hand": _ratio(times["hand"], times["drawn"]),
        "furthest": _furthest(drawn(x, None)[0], hand(x)),
    }


def _module(cell: Graph) -> nn.Module:
    project = run_over_time(cell, (STEPS, FEATURES), read=cell.outputs[:1])
    return compile(project).modules["rnn"]


def _in_turns(sides: dict[str, Callable[[], Tensor]]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in sides}
    for side in sides.values():
        side().sum().backward()
    for _ in range(ROUNDS):
        for name, side in sides.items():
            started = time.perf_counter()
            side().sum().backward()
            times[name].append(time.perf_counter() - started)
    return times


def _ratio(other: list[float], own: list[float]) -> float:
    return round(statistics.median(a / b for a, b in zip(other, own, strict=True)), 3)


def _furthest(one: Tensor, other: Tensor) -> float:
    return float((one - other).detach().abs().max())


# Loops by hand ------------------------------------------------------------------------------------------


def _layers(module: nn.Module) -> dict[str, nn.Module]:
    return dict(module.named_children())


def _hand_rnn(module: nn.Module) -> Callable[[Tensor], Tensor]:
    part = _layers(module)

    def forward(x: Tensor) -> Tensor:
        h, out = x.new_zeros(len(x), HIDDEN), []
        for t in range(x.shape[1]):
            h = torch.tanh(part["read"](x[:, t]) + part["recall"](h))
            out.append(h)
        return torch.stack(out, 1)

    return forward


def _hand_lstm(module: nn.Module) -> Callable[[Tensor], Tensor]:
    part = _layers(module)

    def forward(x: Tensor) -> Tensor:
        h = c = x.new_zeros(len(x), HIDDEN)
        out = []
        for t in range(x.shape[1]):
            both = torch.cat([x[:, t], h], 1)
            write, keep = torch.sigmoid(part["write"](both)), torch.sigmoid(part["keep"](both))
            c = keep * c + write * torch.tanh(part["new"](both))
            h = torch.sigmoid(part["show"](both)) * torch.tanh(c)
            out.append(h)
        return torch.stack(out, 1)

    return forward


def _hand_gru(module: nn.Module) -> Callable[[Tensor], Tensor]:
    part = _layers(module)

    def forward(x: Tensor) -> Tensor:
        h, out = x.new_zeros(len(x), HIDDEN), []
        for t in range(x.shape[1]):
            step = x[:, t]
            reset = torch.sigmoid(part["read_reset"](step) + part["recall_reset"](h))
            update = torch.sigmoid(part["read_update"](step) + part["recall_update"](h))
            new = torch.tanh(part["read_new"](step) + reset * part["recall_new"](h))
            h = (1 - update) * new + update * h
            out.append(h)
        return torch.stack(out, 1)

    return forward


def _hand_gated(module: nn.Module) -> Callable[[Tensor], Tensor]:
    part = _layers(module)

    def forward(x: Tensor) -> Tensor:
        h, out = x.new_zeros(len(x), HIDDEN), []
        for t in range(x.shape[1]):
            both = torch.cat([x[:, t], h], 1)
            h = part["norm"](torch.tanh(part["new"](both)) * torch.sigmoid(part["gate"](both)) + h)
            out.append(h)
        return torch.stack(out, 1)

    return forward


HAND = {"rnn": _hand_rnn, "lstm": _hand_lstm, "gru": _hand_gru}
