"""What inference says of scans: shapes, counts by path, and what is refused with a sentence."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from engine.document.project import MAIN, Graph, Project
from engine.infer import infer
from tests.drawings import Step, definition, graph
from tests.engine.cells import CELLS, elman_cell, lstm_cell, over_time, run_over_time


def _problems(project: Project) -> list[str]:
    return [f"{problem.path}: {problem.message}" for problem in infer(project).problems]


def test_shapes_counts_and_costs_by_path() -> None:
    report = infer(run_over_time(lstm_cell(8), (20, 3)))
    assert not report.errors
    assert [str(spec) for spec in report.nodes["rnn"].outputs.values()] == ["N×20×8", "N×20×8", "N×8", "N×8"]
    assert str(report.nodes["rnn.both"].outputs["output"]) == "N×11"
    assert report.nodes["rnn"].parameters == report.parameters == 4 * (11 * 8 + 8)
    assert report.nodes["rnn.write"].parameters == 11 * 8 + 8
    assert report.nodes["rnn"].multiply_adds == report.multiply_adds == 20 * 4 * 11 * 8
    assert report.nodes["rnn.write"].multiply_adds == 20 * 11 * 8


def test_a_block_inside_a_scan_has_the_sum_of_what_it_holds() -> None:
    inner = definition([("one", "linear", {"out_features": 5}), ("two", "linear", {"out_features": 6})])
    cell = graph([("part", "block", {"definition": "Inner"})], ["@in.x -> part.x", "part.y -> @out.y"],
                 inputs=("x",), outputs=("y",))  # fmt: skip
    project = run_over_time(cell, (9, 4))
    report = infer(msgspec.structs.replace(project, graphs={**project.graphs, "Inner": inner}))
    assert not report.errors
    held = report.nodes["rnn.part"]
    assert (held.parameters, held.multiply_adds) == (25 + 36, 9 * (20 + 30))
    assert str(held.outputs["y"]) == "N×6"
    assert report.nodes["rnn.part.two"].multiply_adds == 9 * 30
    assert report.nodes["rnn"].parameters == report.parameters == 61


def test_a_frozen_layer_inside_does_not_count_as_learned() -> None:
    project = over_time(elman_cell(8))
    cell = project.graphs["Cell"]
    nodes = {**cell.nodes, "read": msgspec.structs.replace(cell.nodes["read"], frozen=True)}
    held = msgspec.structs.replace(cell, nodes=nodes)
    report = infer(msgspec.structs.replace(project, graphs={**project.graphs, "Cell": held}))
    assert report.parameters - report.trainable_parameters == 16


@pytest.mark.parametrize("kind", CELLS)
def test_states_have_the_shape_that_stays(kind: str) -> None:
    assert str(infer(run_over_time(CELLS[kind](7), (5, 2))).nodes["rnn"].outputs["last_h"]) == "N×7"


def test_a_convolution_over_time_has_maps_as_its_state() -> None:
    conv: dict[str, Any] = {"out_channels": 3, "kernel_size": 3, "padding": 1}
    steps: list[Step] = [
        ("read", "conv2d", conv),
        ("recall", "conv2d", conv),
        ("sum", "add"),
        ("tanh", "tanh"),
    ]
    wires = ["@in.x -> read", "@in.h -> recall", "read -> sum", "recall -> sum", "sum -> tanh",
             "tanh.output -> @out.h"]  # fmt: skip
    cell = graph(steps, wires, inputs=("x", "h"), outputs=("h",))
    assert str(infer(run_over_time(cell, (4, 2, 6, 6))).nodes["rnn"].outputs["h"]) == "N×4×3×6×6"


# Refused ------------------------------------------------------------------------------------------------


def test_a_problem_inside_points_to_the_definition_and_the_placement() -> None:
    cell = elman_cell(8)
    nodes = {**cell.nodes, "read": msgspec.structs.replace(cell.nodes["read"], params={"out_features": 5})}
    report = infer(run_over_time(msgspec.structs.replace(cell, nodes=nodes), (6, 3)))
    problem = report.problems[0]
    assert (problem.graph, problem.node, problem.path) == ("Cell", "sum", "rnn.sum")
    assert "Expected a tensor of N×5" in problem.message
    assert "Received N×8" in problem.message


def test_a_state_whose_shape_changes_is_told() -> None:
    grown = graph([("both", "concat")], ["@in.x -> both", "@in.h -> both", "both.output -> @out.h"],
                  inputs=("x", "h"), outputs=("h",))  # fmt: skip
    (found,) = _problems(run_over_time(grown, (6, 3)))
    assert found.startswith("rnn: Scan: Expected a state 'h' that keeps its shape, N×")
    assert "Received an output of the same name of N×" in found


def test_sequences_of_different_lengths_are_told() -> None:
    cell = graph([("sum", "add")], ["@in.a -> sum", "@in.b -> sum", "sum.output -> @out.y"],
                 inputs=("a", "b"), outputs=("y",))  # fmt: skip
    nodes: list[Step] = [("other", "noise", {"shape": [7, 3]})]
    project = run_over_time(cell, (6, 3), "other -> rnn.b", nodes=nodes, ports="a")
    assert _problems(project) == ["rnn: Scan: Expected 6 steps, as 'a' has. Received 7 in N×7×3."]


def _fed_back(**scan: Any) -> Project:
    """A cell without a sequence: its state begins with noise."""
    cell = graph([("turn", "linear", {"out_features": 3})], ["@in.h -> turn", "turn.output -> @out.h"],
                 inputs=("h",), outputs=("h",))  # fmt: skip
    return run_over_time(cell, (3,), ports="h", **scan)


def test_a_scan_without_end_is_refused() -> None:
    (found,) = _problems(_fed_back())
    assert found == (
        "rnn: Scan: Expected a sequence or a number of steps. Received neither: it would never end. "
        "Set its steps, or wire a sequence."
    )
    assert str(infer(_fed_back(steps=11)).nodes["rnn"].outputs["h"]) == "N×11×3"
    (found,) = _problems(_fed_back(steps=10**9))
    assert found == "rnn: Scan: steps: Expected a whole number from 0 to 100,000. Received 1000000000."


def test_scans_inside_scans_have_a_bound_together() -> None:
    reader = elman_cell(2)
    steps: list[Step] = [
        ("wide", "linear", {"out_features": 2000}),
        ("rows", "reshape", {"shape": [2000, 1]}),
        ("inner", "scan", {"definition": "Reader"}),
    ]
    wires = ["@in.x -> wide", "wide -> rows", "rows -> inner.x", "inner.last_h -> @out.y"]
    cell = graph(steps, wires, inputs=("x",), outputs=("y",))
    project = run_over_time(cell, (900, 2))
    (found,) = _problems(msgspec.structs.replace(project, graphs={**project.graphs, "Reader": reader}))
    assert "Expected at most 3,000,000 layers in all steps together. Received 7,201,800" in found


def test_names_that_the_definition_lacks_are_told() -> None:
    (found,) = _problems(run_over_time(elman_cell(4), (6, 3), states="h: k"))
    assert found == (
        "rnn: Scan: states: Expected an output that becomes h of the definition (h). Received 'k'."
    )
    (found,) = _problems(run_over_time(elman_cell(4), (6, 3), constants="k"))
    assert "Expected an input that is no state of the definition (x). Received 'k'." in found


@pytest.mark.parametrize(
    ("layer", "params", "what"),
    [("noise", {"shape": [3]}, "a source of data"), ("mse", {}, "a layer for training or output (loss)")],
)
def test_what_does_not_compute_stands_outside(layer: str, params: dict[str, Any], what: str) -> None:
    ports = {"noise": [], "mse": ["@in.x -> odd.prediction", "@in.x -> odd.target"]}[layer]
    cell = elman_cell(4)
    odd = graph([("odd", layer, params)], ports)
    held = Graph({**cell.nodes, **odd.nodes}, (*cell.wires, *odd.wires), cell.inputs, cell.outputs)
    (found,) = [text for text in _problems(run_over_time(held, (6, 3))) if "outside" in text]
    assert found.startswith("rnn.odd: ")
    assert f"Received {what}." in found


def test_a_network_cannot_stand_inside() -> None:
    cell = graph([("net", "network", {"definition": "Net"})], ["@in.x -> net.x", "net.y -> @out.y"],
                 inputs=("x",), outputs=("y",))  # fmt: skip
    project = run_over_time(cell, (6, 3))
    net = definition([("linear", "linear", {"out_features": 2})])
    found = _problems(msgspec.structs.replace(project, graphs={**project.graphs, "Net": net}))
    assert "Received a layer of a network, whose weights are shared with what is outside." in found[0]


def test_a_definition_cannot_run_itself_over_time() -> None:
    cell = graph([("again", "scan", {"definition": "Cell"})], ["@in.x -> again.x", "again.y -> @out.y"],
                 inputs=("x",), outputs=("y",))  # fmt: skip
    (found,) = _problems(run_over_time(cell, (6, 3)))[:1]
    assert "Expected definitions that do not contain themselves" in found


def test_an_edit_inside_is_inferred_again() -> None:
    project = run_over_time(elman_cell(4), (6, 3))
    before = infer(project)
    wider = msgspec.structs.replace(project, graphs={**project.graphs, "Cell": elman_cell(9)})
    after = infer(wider, before)
    assert str(after.nodes["rnn"].outputs["h"]) == "N×6×9"
    assert after.nodes == infer(wider).nodes
    assert after.nodes["rnn.read"] == infer(wider).nodes["rnn.read"]
    assert MAIN in wider.graphs
