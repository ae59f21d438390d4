"""Random drawings with scans compute what a naive interpreter does, in double precision."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.compile import compile  # noqa: A004
from engine.document.project import MAIN, End, Graph, Project, Wire
from engine.infer import infer
from tests.drawings import Step, definition, graph
from tests.engine.naive_scan import run_scan

WIDTH, STEPS, SAMPLES = 4, 5, 3
ONE = ("linear", "tanh", "sigmoid", "scale", "layer_norm", "batch_norm1d", "block", "scan")
TWO = ("add", "multiply", "concat", "subtract")


class _Cell:
    """A cell that grows node by node; `values` are the ends of rows (N, WIDTH)."""

    def __init__(self, inputs: tuple[str, ...]) -> None:
        self.inputs, self.steps, self.wires = inputs, list[Step](), list[Wire]()
        self.values = [End("@in", name) for name in inputs]

    def add(self, layer: str, params: dict[str, Any], *sources: End, ports: tuple[str, ...] = ()) -> End:
        key = f"n{len(self.steps)}"
        self.steps.append((key, layer, params))
        for place, source in enumerate(sources):
            port = ports[place] if ports else "input"
            self.wires.append(Wire(source, End(key, port), 0 if ports else place))
        return End(key, "output")

    def grow(self, kind: str, first: End, second: End) -> None:
        if kind == "block":
            made = self.add("block", {"definition": "Inner"}, first, ports=("x",))
            made = End(made.node, "y")
        elif kind == "scan":  # the features of a row, read one after the other
            split = self.add("reshape", {"shape": [WIDTH, 1]}, first)
            run = self.add("scan", {"definition": "Reader"}, split, ports=("x",))
            end = self.add("select", {"dimension": 1, "index": -1}, End(run.node, "h"))
            made = self.add("linear", {"out_features": WIDTH}, end)
        elif kind == "concat":
            both = self.add("concat", {}, first, second)
            made = self.add("linear", {"out_features": WIDTH}, both)
        elif kind == "subtract":
            made = self.add("subtract", {}, first, second, ports=("a", "b"))
        elif kind in TWO:
            made = self.add(kind, {}, first, second)
        else:
            params = {"linear": {"out_features": WIDTH}, "scale": {"factor": -1.0, "offset": 1.0}}
            made = self.add(kind, params.get(kind, {}), first)
        self.values.append(made)

    def graph(self, leaving: dict[str, End]) -> Graph:
        drawn = graph(self.steps, inputs=self.inputs, outputs=tuple(leaving))
        ends = [Wire(source, End("@out", name)) for name, source in leaving.items()]
        return Graph(drawn.nodes, (*self.wires, *ends), self.inputs, tuple(leaving))


def _reader() -> Graph:
    cell = _Cell(("x", "h"))
    read = cell.add("linear", {"out_features": 3}, cell.values[0])
    recall = cell.add("linear", {"out_features": 3}, cell.values[1])
    total = cell.add("add", {}, read, recall)
    return cell.graph({"h": cell.add("tanh", {}, total)})


@st.composite
def projects(draw: st.DrawFn) -> Project:
    states = draw(st.sampled_from([("h",), ("h", "c"), ()]))
    inputs = draw(st.permutations(["x", "k", *states]))
    cell = _Cell(tuple(inputs))
    for kind in draw(st.lists(st.sampled_from([*ONE, *TWO]), min_size=1, max_size=9)):
        cell.grow(kind, *(draw(st.sampled_from(cell.values)) for _ in range(2)))
    made = cell.values[len(inputs) :]
    leaving = {"y": draw(st.sampled_from(cell.values))}
    for name in states:  # what comes out of a layer has its whole width at the first step too
        last = draw(st.sampled_from(made))
        leaving[name] = cell.add("linear", {"out_features": WIDTH}, last)
    order = draw(st.permutations(list(leaving)))
    nodes: list[Step] = [
        ("noise", "noise", {"shape": [STEPS, WIDTH]}),
        ("context", "noise", {"shape": [WIDTH]}),
        ("count", "data", {"dataset": "digits"}),
        ("rnn", "scan", {"definition": "Cell", "constants": "k", "reverse": draw(st.booleans()),
                         "lengths": draw(st.booleans())}),
    ]  # fmt: skip
    wires = ["noise -> rnn.x", "context -> rnn.k"]
    wires += ["count.target -> rnn.lengths"] * bool(nodes[-1][2]["lengths"])  # type: ignore[misc]
    nodes += [(f"out_{name}", "output", {"name": name}) for name in order]
    wires += [f"rnn.{name} -> out_{name}" for name in order]
    inner = definition([("linear", "linear", {"out_features": WIDTH}), ("tanh", "tanh")])
    graphs = {MAIN: graph(nodes, wires), "Cell": cell.graph({name: leaving[name] for name in order})}
    return Project(graphs={**graphs, "Inner": inner, "Reader": _reader()})


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(projects(), st.integers(0, 2**31), st.booleans())
def test_a_scan_computes_what_a_naive_interpreter_does(project: Project, seed: int, starts: bool) -> None:
    assert [problem.message for problem in infer(project).problems if problem.severity == "error"] == []
    module = compile(project).modules["rnn"].double()
    torch.manual_seed(seed)
    node, cell = project.main.nodes["rnn"], project.graphs["Cell"]
    given = {"x": torch.randn(SAMPLES, STEPS, WIDTH, dtype=torch.double, requires_grad=True)}
    given["k"] = torch.randn(SAMPLES, WIDTH, dtype=torch.double)
    states = [name for name in cell.inputs if name in cell.outputs]
    first = {name: torch.randn(SAMPLES, WIDTH, dtype=torch.double) for name in states if starts}
    given |= first
    if node.params["lengths"]:
        given["lengths"] = torch.randint(0, STEPS + 1, (SAMPLES,))
    ports = ["x", "k", *states, *["lengths"] * bool(node.params["lengths"])]
    found = module(*[given.get(port) for port in ports])
    found = found if isinstance(found, tuple) else (found,)
    expected = run_scan(project, node, module, given)
    names = [*cell.outputs, *(f"last_{name}" for name in states)]
    for name, value in zip(names, found, strict=True):
        torch.testing.assert_close(
            value, expected[name], rtol=0, atol=1e-11, msg=lambda m, n=name: f"{n}: {m}"
        )
    if not any(value.requires_grad for value in found):
        return
    sums = [value.sum() for value in found if value.requires_grad]
    others = [expected[name].sum() for name in names if expected[name].requires_grad]
    weights = [*module.parameters(), given["x"]]
    ours = torch.autograd.grad(sum(sums), weights, allow_unused=True)
    theirs = torch.autograd.grad(sum(others), weights, allow_unused=True)
    for mine, other, weight in zip(ours, theirs, weights, strict=True):
        a, b = (torch.zeros_like(weight) if each is None else each for each in (mine, other))
        torch.testing.assert_close(a, b, rtol=0, atol=1e-9)
