"""Which drawn cells torch's kernels run, and that they give what the loop over the steps gives."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
import torch
from torch import nn

from engine.compile import compile  # noqa: A004
from engine.compile.scans.loop import loop_of
from engine.document.project import Graph
from tests.drawings import Step, graph, wire
from tests.engine.cells import elman_cell, gated_cell, gru_cell, lstm_cell, run_over_time
from tests.engine.naive_scan import run_scan

STEPS, FEATURES, HIDDEN = 6, 3, 4


def _with(cell: Graph, layers: list[Step], without: tuple[str, ...], wires: list[str]) -> Graph:
    """A cell with further layers, without the wires into some of its nodes, and with others."""
    kept = [each for each in cell.wires if each.target.node not in without]
    nodes = {**cell.nodes, **graph(layers).nodes}
    return msgspec.structs.replace(cell, nodes=nodes, wires=(*kept, *(wire(text) for text in wires)))


def one_linear_for_all_gates() -> Graph:
    """An LSTM whose gates come from one Linear, cut in another order than torch's."""
    steps: list[Step] = [("both", "concat"), ("gates", "linear", {"out_features": 4 * HIDDEN}),
                         ("cut", "split", {"parts": 4})]  # fmt: skip
    steps += [("show", "sigmoid"), ("new", "tanh"), ("keep", "sigmoid"), ("write", "sigmoid")]
    steps += [("kept", "multiply"), ("written", "multiply"), ("cell", "add"), ("squash", "tanh"),
              ("state", "multiply")]  # fmt: skip
    wires = ["@in.h -> both", "both -> gates", "gates -> cut", "cut.part1 -> show", "cut.part2 -> new",
             "cut.part3 -> keep", "cut.part4 -> write", "@in.c -> kept", "new -> written", "written -> cell",
             "cell -> squash", "squash -> state", "state.output -> @out.h",
             "cell.output -> @out.c"]  # fmt: skip
    more = ["@in.x -> both", "keep -> kept", "write -> written", "kept -> cell", "show -> state"]
    drawn = graph(steps, wires, inputs=("x", "c", "h"), outputs=("h", "c"))
    return msgspec.structs.replace(drawn, wires=(*drawn.wires, *(wire(text, order=1) for text in more)))


def open_forget_gate() -> Graph:
    """An LSTM whose forget gate begins open: 2 is added before its sigmoid."""
    layers: list[Step] = [("open", "scale", {"offset": 2.0})]
    return _with(lstm_cell(HIDDEN), layers, ("keep_gate",), ["keep -> open", "open -> keep_gate"])


def gru_the_other_way() -> Graph:
    """A GRU whose update gate lets in what is new: z · n + (1 − z) · h."""
    cell = gru_cell(HIDDEN)
    swapped = _with(cell, [], ("renewed", "kept"), ["update -> renewed", "rest -> kept"])
    more = (wire("new -> renewed", order=1), wire("@in.h -> kept", order=1))
    return msgspec.structs.replace(swapped, wires=(*swapped.wires, *more))


def one_linear_of_both() -> Graph:
    steps: list[Step] = [
        ("both", "concat"),
        ("mix", "linear", {"out_features": HIDDEN, "activation": "tanh"}),
    ]
    drawn = graph(steps, ["@in.x -> both", "both -> mix", "mix.output -> @out.h"], inputs=("x", "h"),
                  outputs=("h",))  # fmt: skip
    return msgspec.structs.replace(drawn, wires=(*drawn.wires, wire("@in.h -> both", order=1)))


def gates_cut_after_their_sigmoid() -> Graph:
    """An LSTM whose three gates pass one sigmoid, and are then cut."""
    steps: list[Step] = [("both", "concat"), ("gates", "linear", {"out_features": 3 * HIDDEN}),
                         ("open", "sigmoid"), ("cut", "split", {"parts": 3}),
                         ("offer", "linear", {"out_features": HIDDEN}), ("new", "tanh"),
                         ("same", "identity")]  # fmt: skip
    steps += [("kept", "multiply"), ("written", "multiply"), ("cell", "add"), ("squash", "tanh"),
              ("state", "multiply")]  # fmt: skip
    wires = ["@in.h -> both", "both -> gates", "gates -> open", "open -> cut", "both -> offer",
             "offer -> same", "same -> new", "@in.c -> kept", "cut.part2 -> written", "written -> cell",
             "cell -> squash", "squash -> state", "state.output -> @out.h",
             "cell.output -> @out.c"]  # fmt: skip
    more = ["@in.x -> both", "cut.part1 -> kept", "new -> written", "kept -> cell", "cut.part3 -> state"]
    drawn = graph(steps, wires, inputs=("x", "c", "h"), outputs=("h", "c"))
    return msgspec.structs.replace(drawn, wires=(*drawn.wires, *(wire(text, order=1) for text in more)))


KERNELS: dict[str, tuple[Callable[[], Graph], str]] = {
    "elman": (lambda: elman_cell(HIDDEN), "rnn_tanh"),
    "elman of one linear": (one_linear_of_both, "rnn_tanh"),
    "lstm": (lambda: lstm_cell(HIDDEN), "lstm"),
    "lstm of one linear": (one_linear_for_all_gates, "lstm"),
    "lstm of gates cut after their sigmoid": (gates_cut_after_their_sigmoid, "lstm"),
    "lstm with an open forget gate": (open_forget_gate, "lstm"),
    "gru": (lambda: gru_cell(HIDDEN), "gru"),
    "gru the other way": (gru_the_other_way, "gru"),
}


def _module(cell: Graph, **scan: object) -> nn.Module:
    project = run_over_time(cell, (STEPS, FEATURES), read=("h",), **scan)
    return compile(project).modules["rnn"].double()


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("reverse", [False, True])
def test_a_kernel_gives_what_the_loop_gives(name: str, reverse: bool) -> None:
    draw, function = KERNELS[name]
    module = _module(draw(), reverse=reverse)
    loop = loop_of(module)
    assert loop.parts.fused is not None
    assert loop.parts.fused.cell.function == function
    torch.manual_seed(4)
    x = torch.randn(2, STEPS, FEATURES, dtype=torch.double, requires_grad=True)
    states = [torch.randn(2, HIDDEN, dtype=torch.double) for _ in loop.names]
    fast = module(x, *states)
    fast_gradients = torch.autograd.grad(fast[0].square().sum(), [x, *module.parameters()])
    loop.without_kernel()
    slow = module(x, *states)
    slow_gradients = torch.autograd.grad(slow[0].square().sum(), [x, *module.parameters()])
    assert loop.parts.fused is None
    for one, other in zip((*fast, *fast_gradients), (*slow, *slow_gradients), strict=True):
        if one is not None or other is not None:
            torch.testing.assert_close(one, other, rtol=0, atol=1e-11)


def _changed(cell: Graph, node: str, layer: str, **params: object) -> Graph:
    nodes = {**cell.nodes, node: msgspec.structs.replace(cell.nodes[node], layer=layer, params=params)}
    return msgspec.structs.replace(cell, nodes=nodes)


def three_states() -> Graph:
    """An LSTM with a third state, which keeps the last step."""
    cell = lstm_cell(HIDDEN)
    wires = (*cell.wires, wire("@in.x -> @out.before"))
    return msgspec.structs.replace(cell, inputs=(*cell.inputs, "before"), outputs=(*cell.outputs, "before"),
                                   wires=wires)  # fmt: skip


def nothing_enters() -> Graph:
    """A state that only its own value changes."""
    steps: list[Step] = [("recall", "linear", {"out_features": HIDDEN}), ("tanh", "tanh")]
    wires = ["@in.h -> recall", "recall -> tanh", "tanh.output -> @out.h", "@in.x -> @out.y"]
    return graph(steps, wires, inputs=("x", "h"), outputs=("h", "y"))


def _summed_again(source: str) -> Graph:
    """An Elman cell whose sum has a third term."""
    cell = elman_cell(HIDDEN)
    return msgspec.structs.replace(cell, wires=(*cell.wires, wire(f"{source} -> sum", order=2)))


def cut_state() -> Graph:
    """An Elman cell that recalls one half of its state."""
    return _with(elman_cell(HIDDEN), [("cut", "split", {"parts": 2})], ("recall",),
                 ["@in.h -> cut", "cut.part1 -> recall"])  # fmt: skip


def written_twice() -> Graph:
    """An LSTM that adds what is new twice."""
    cell = lstm_cell(HIDDEN)
    return msgspec.structs.replace(cell, wires=(*cell.wires, wire("written -> cell", order=2)))


@pytest.mark.parametrize(
    "cell",
    [
        three_states(),
        nothing_enters(),
        _summed_again("recall"),
        _summed_again("@in.h"),
        cut_state(),
        written_twice(),
        gated_cell(HIDDEN),
        _changed(lstm_cell(HIDDEN), "squash", "sigmoid"),
        _changed(lstm_cell(HIDDEN), "keep_gate", "hardsigmoid"),
        _changed(gru_cell(HIDDEN), "rest", "scale", factor=-1.0, offset=0.9),
        _changed(gru_cell(HIDDEN), "new", "sigmoid"),
        _changed(elman_cell(HIDDEN), "tanh", "sigmoid"),
        _changed(elman_cell(HIDDEN), "sum", "multiply"),
    ],
)  # fmt: skip
def test_a_cell_that_differs_runs_step_by_step(cell: Graph) -> None:
    """And gives what a naive interpreter does."""
    first: list[Step] = [("first", "noise", {"shape": [HIDDEN]})]
    project = run_over_time(cell, (STEPS, FEATURES), "first -> rnn.h", nodes=first, read=("h",))
    module = compile(project).modules["rnn"].double()
    assert loop_of(module).parts.fused is None
    torch.manual_seed(5)
    given = {"x": torch.randn(2, STEPS, FEATURES, dtype=torch.double)}
    widths = [FEATURES if name == "before" else HIDDEN for name in loop_of(module).names]
    given |= {name: torch.randn(2, width, dtype=torch.double)
              for name, width in zip(loop_of(module).names, widths, strict=True)}  # fmt: skip
    expected = run_scan(project, project.main.nodes["rnn"], module, given)
    torch.testing.assert_close(module(*given.values())[0], expected["h"], rtol=0, atol=1e-11)


def test_a_cell_whose_inner_value_is_read_runs_step_by_step() -> None:
    module = compile(run_over_time(lstm_cell(HIDDEN), (STEPS, FEATURES))).modules["rnn"]
    assert loop_of(module).parts.fused is None
