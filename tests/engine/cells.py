"""Recurrent cells drawn from their gates, and drawings that run them over time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from engine.compile import compile  # noqa: A004
from engine.document.project import MAIN, Graph, Project
from tests.drawings import Step, chain, graph, wire


def _linear(name: str, size: int, bias: bool = True) -> Step:
    return (name, "linear", {"out_features": size, "bias": bias})


def elman_cell(hidden: int) -> Graph:
    """h = tanh(W x + U h + b): torch's RNN cell."""
    steps: list[Step] = [_linear("read", hidden), _linear("recall", hidden), ("sum", "add"), ("tanh", "tanh")]
    wires = ["@in.x -> read", "@in.h -> recall", "read -> sum", "sum -> tanh", "tanh.output -> @out.h"]
    drawn = graph(steps, wires, inputs=("x", "h"), outputs=("h",))
    return msgspec.structs.replace(drawn, wires=(*drawn.wires, wire("recall -> sum", order=1)))


def _variadic(drawn: Graph, target: str, *sources: str) -> Graph:
    wires = [wire(f"{source} -> {target}", order=place) for place, source in enumerate(sources)]
    return msgspec.structs.replace(drawn, wires=(*drawn.wires, *wires))


def lstm_cell(hidden: int) -> Graph:
    """Four gates, each a Linear of the step and the state: torch's LSTM cell, gates in torch's order."""
    gates = {"write": "sigmoid", "keep": "sigmoid", "new": "tanh", "show": "sigmoid"}
    steps: list[Step] = [("both", "concat")]
    for gate, kind in gates.items():
        steps += [_linear(gate, hidden), (f"{gate}_gate", kind)]
    steps += [("kept", "multiply"), ("written", "multiply"), ("cell", "add"), ("squash", "tanh"),
              ("state", "multiply")]  # fmt: skip
    wires = [f"both -> {gate}" for gate in gates] + [f"{gate} -> {gate}_gate" for gate in gates]
    wires += ["cell -> squash", "state.output -> @out.h", "cell.output -> @out.c"]
    drawn = graph(steps, wires, inputs=("x", "h", "c"), outputs=("h", "c"))
    drawn = _variadic(drawn, "both", "@in.x", "@in.h")
    drawn = _variadic(drawn, "kept", "keep_gate", "@in.c")
    drawn = _variadic(drawn, "written", "write_gate", "new_gate")
    drawn = _variadic(drawn, "cell", "kept", "written")
    return _variadic(drawn, "state", "show_gate", "squash")


def gru_cell(hidden: int) -> Graph:
    """Reset and update gate as in torch's GRU cell: the reset gate acts behind the product with the state."""
    steps: list[Step] = [_linear(f"{side}_{gate}", hidden) for gate in ("reset", "update", "new")
                         for side in ("read", "recall")]  # fmt: skip
    steps += [
        *(("reset_sum", "add"), ("reset", "sigmoid"), ("update_sum", "add"), ("update", "sigmoid")),
        *(("recalled", "multiply"), ("new_sum", "add"), ("new", "tanh")),
        ("rest", "scale", {"factor": -1.0, "offset": 1.0}),
        *(("renewed", "multiply"), ("kept", "multiply"), ("state", "add")),
    ]
    wires = [f"@in.{port} -> {side}_{gate}" for gate in ("reset", "update", "new")
             for side, port in (("read", "x"), ("recall", "h"))]  # fmt: skip
    wires += ["reset_sum -> reset", "update_sum -> update", "new_sum -> new", "update -> rest"]
    drawn = graph(steps, [*wires, "state.output -> @out.h"], inputs=("x", "h"), outputs=("h",))
    drawn = _variadic(drawn, "reset_sum", "read_reset", "recall_reset")
    drawn = _variadic(drawn, "update_sum", "read_update", "recall_update")
    drawn = _variadic(drawn, "recalled", "reset", "recall_new")
    drawn = _variadic(drawn, "new_sum", "read_new", "recalled")
    drawn = _variadic(drawn, "renewed", "rest", "new")
    drawn = _variadic(drawn, "kept", "update", "@in.h")
    return _variadic(drawn, "state", "renewed", "kept")


def gated_cell(hidden: int) -> Graph:
    """A cell that torch has no kernel for: what is new passes a gate, is added to the state and normed."""
    steps: list[Step] = [("both", "concat"), _linear("new", hidden), _linear("gate", hidden)]
    steps += [
        ("squash", "tanh"),
        ("open", "sigmoid"),
        ("let", "multiply"),
        ("sum", "add"),
        ("norm", "layer_norm"),
    ]
    wires = ["both -> new", "both -> gate", "new -> squash", "gate -> open", "sum -> norm"]
    drawn = graph(steps, [*wires, "norm.output -> @out.h"], inputs=("x", "h"), outputs=("h",))
    drawn = _variadic(drawn, "both", "@in.x", "@in.h")
    return _variadic(_variadic(drawn, "let", "squash", "open"), "sum", "let", "@in.h")


CELLS = {"rnn": elman_cell, "lstm": lstm_cell, "gru": gru_cell}


def over_time(cell: Graph, name: str = "Cell", **scan: Any) -> Project:
    """Next sunspot number from the last 24, read by a cell that is drawn."""
    steps: list[Step] = [
        ("rnn", "scan", {"definition": name, **scan}),
        ("last", "select", {"index": -1}),
        ("linear", "linear", {"out_features": 1}),
    ]
    project = chain({"dataset": "sunspots", "window": 24}, steps, "mse", learning_rate=0.01)
    drawn = project.main
    first = cell.outputs[0]
    wires = tuple(
        wire(f"data.input -> rnn.{cell.inputs[0]}") if w.target.node == "rnn"
        else wire(f"rnn.{first} -> last") if w.source.node == "rnn" else w
        for w in drawn.wires
    )  # fmt: skip
    return Project(graphs={MAIN: msgspec.structs.replace(drawn, wires=wires), name: cell})


def run_over_time(
    cell: Graph,
    shape: tuple[int, ...],
    *more: str,
    ports: str = "x",
    nodes: Iterable[Step] = (),
    read: tuple[str, ...] | None = None,
    **scan: Any,
) -> Project:
    """Noise (N, T, …) into a scan `rnn` of a cell, its outputs (or those of `read`) into outputs; `nodes` and
    `more` are further nodes and wires.
    """
    leaving = cell.outputs if read is None else read
    steps: list[Step] = [
        ("noise", "noise", {"shape": list(shape)}),
        *nodes,
        ("rnn", "scan", {"definition": "Cell", **scan}),
    ]
    steps += [(f"out_{name}", "output", {"name": name}) for name in leaving]
    wires = [f"noise -> rnn.{port}" for port in ports.split()]
    wires += [f"rnn.{name} -> out_{name}" for name in leaving]
    return Project(graphs={MAIN: graph(steps, [*wires, *more]), "Cell": cell})


def module_of(project: Project, path: str = "rnn") -> nn.Module:
    """The compiled module of a node, in double precision."""
    return compile(project).modules[path].double()


GATES = {"rnn": ("",), "lstm": ("write", "keep", "new", "show"), "gru": ("reset", "update", "new")}
"""The gates of each cell in torch's order."""


def in_torchs_order(kind: str, parts: dict[str, Tensor]) -> dict[str, Tensor]:
    """The values of a drawn cell's weights from those of torch's `weight_ih`, `weight_hh`, `bias_ih`,
    `bias_hh`. An LSTM is drawn with one bias per gate, the sum of both.
    """
    cut = {name: tensor.chunk(len(GATES[kind])) for name, tensor in parts.items()}
    found: dict[str, Tensor] = {}
    for place, gate in enumerate(GATES[kind]):
        w_in, w_state, b_in, b_state = (
            cut[name][place] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        if kind == "lstm":
            found[f"{gate}.weight"] = torch.cat([w_in, w_state], 1)
            found[f"{gate}.bias"] = b_in + b_state
        else:
            end = f"_{gate}" if gate else ""
            found |= {f"read{end}.weight": w_in, f"read{end}.bias": b_in}
            found |= {f"recall{end}.weight": w_state, f"recall{end}.bias": b_state}
    return found


def with_torch_weights(module: nn.Module, kind: str, torch_rnn: nn.RNNBase, end: str = "l0") -> None:
    """Give a drawn cell the weights of a layer of torch's module; `end` is how their names end."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    module.load_state_dict(
        in_torchs_order(kind, {name: getattr(torch_rnn, f"{name}_{end}").detach() for name in names})
    )
