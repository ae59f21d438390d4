"""Edits around scans: what they are stays when ports of their definition are renamed or go."""

from __future__ import annotations

import pytest

from engine.document import edits, query
from engine.document.edits import border
from engine.document.edits.editing import EditError
from engine.document.edits.placement import kind_of, set_kind
from engine.document.project import INPUT, MAIN, OUTPUT, End, Project, Wire
from engine.document.storage.file import from_bytes, to_bytes
from engine.infer import infer
from tests.engine.cells import elman_cell, lstm_cell, run_over_time


def _drawn() -> Project:
    """An LSTM over time with a first state, and both last states read."""
    nodes = [("start", "noise", {"shape": [4]}), ("end", "output", {"name": "end"})]
    return run_over_time(lstm_cell(4), (6, 3), "start -> rnn.c", "rnn.last_c -> end", nodes=nodes)


def _shapes(project: Project) -> list[str]:
    report = infer(project)
    assert not report.errors
    return [str(spec) for spec in report.nodes["rnn"].outputs.values()]


@pytest.mark.parametrize(
    ("side", "old"), [(INPUT, "h"), (INPUT, "c"), (INPUT, "x"), (OUTPUT, "c"), (OUTPUT, "h")]
)
def test_a_renamed_port_leaves_what_is_computed(side: str, old: str) -> None:
    before = _drawn()
    after = border.rename_port(before, "Cell", side, old, "other")
    assert _shapes(after) == _shapes(before)
    assert len(after.main.wires) == len(before.main.wires)
    back = border.rename_port(after, "Cell", side, "other", old)
    assert _shapes(back) == _shapes(before)
    assert set(back.main.wires) == set(before.main.wires)


def test_a_new_port_of_the_border_takes_no_wire_away() -> None:
    project = border.add_port(_drawn(), "Cell", INPUT, "more")
    assert len(project.main.wires) == len(_drawn().main.wires)
    ports = query.input_ports(project, project.main.nodes["rnn"], project.main)
    assert [port.name for port in ports] == ["x", "more", "h", "c"]


def test_a_state_that_goes_takes_its_wires_along() -> None:
    project = border.remove_port(_drawn(), "Cell", INPUT, "c")
    ends = {wire.target for wire in project.main.wires} | {wire.source for wire in project.main.wires}
    assert End("rnn", "c") not in {wire.target for wire in project.main.wires}
    assert End("rnn", "last_c") not in ends


def test_kinds_of_placements() -> None:
    project = run_over_time(elman_cell(4), (6, 3), lengths=True, nodes=[("n", "data", {"dataset": "digits"})])
    wired = edits.connect(project, MAIN, End("n", "target"), End("rnn", "lengths"))
    assert kind_of(wired, "Cell") == "scan"
    block = set_kind(wired, MAIN, "rnn", "block")
    assert block.main.nodes["rnn"].params == {"definition": "Cell"}
    assert Wire(End("n", "target"), End("rnn", "lengths")) not in block.main.wires
    assert kind_of(block, "Cell") == "block"
    assert set_kind(block, MAIN, "rnn", "scan").main.nodes["rnn"].layer == "scan"
    repeated = edits.set_param(block, MAIN, "rnn", "repeat", 3)
    with pytest.raises(EditError, match="set its repeat to 1 first"):
        set_kind(repeated, MAIN, "rnn", "scan")


def test_a_file_with_a_scan_loads_as_it_was() -> None:
    project = _drawn()
    assert to_bytes(from_bytes(to_bytes(project))) == to_bytes(project)
    assert from_bytes(to_bytes(project)).main.nodes == project.main.nodes
