"""Weights by hand in the inspector: typed, pasted, from a kernel and from a run; each is one step to undo."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from app.inspector.inspector import Inspector
from app.inspector.weights_part import WeightsPart
from app.state.run_controller import RunController
from app.widgets.menus import Menu
from engine.compile import compile  # noqa: A004
from engine.document import edits
from engine.document.project import MAIN, Project
from engine.infer import infer
from engine.run.run import Run
from engine.weights.checkpoint import read
from tests.drawings import Step, graph, with_settings

LEFT = Qt.MouseButton.LeftButton


def drawing() -> Project:
    nodes: list[Step] = [
        ("data", "data", {"dataset": "digits"}),
        ("conv", "conv2d", {"out_channels": 2, "kernel_size": 3}),
        ("flat", "flatten"),
        ("dense", "linear", {"out_features": 10}),
        ("wide", "linear", {"out_features": 10}),
        ("loss", "cross_entropy"),
        ("objective", "objective"),
    ]
    wires = [
        "data.input -> conv",
        "conv -> flat",
        "flat -> wide",
        "wide -> dense",
        "dense -> loss.logits",
        "data.target -> loss.label",
        "loss.loss -> objective.loss",
    ]
    return with_settings(Project(graphs={MAIN: graph(nodes, wires)}), epochs=1, batch_size=256)


@pytest.fixture
def inspector(qapp, qtbot, controller: RunController) -> Inspector:
    session = controller.session
    session.apply(drawing(), "Draw")
    session.set_report(infer(session.project))
    inspector = Inspector(session, controller)
    qtbot.addWidget(inspector)
    inspector.resize(320, 900)
    inspector.show()
    return inspector


def part_of(inspector: Inspector, node: str) -> WeightsPart:
    """The weights of a node, unfolded with the mouse."""
    inspector.session.select(frozenset({node}))
    assert inspector.page is not None
    part = inspector.page.weights
    assert part is not None
    if not part.is_unfolded:
        QTest.mouseClick(part.open, LEFT)
    return part


def params(inspector: Inspector, node: str) -> dict[str, object]:
    return inspector.session.project.main.nodes[node].params


def cell(part: WeightsPart, row: int, column: int) -> str:
    model = part.grid.held
    return str(model.data(model.index(row, column)))


def go_to(part: WeightsPart, row: int, column: int) -> None:
    """Click on a cell."""
    model = part.grid.held
    part.grid.setFocus()
    QTest.mouseClick(part.grid.viewport(), LEFT, pos=part.grid.visualRect(model.index(row, column)).center())


def type_number(part: WeightsPart, text: str) -> None:
    """Begin to type in the current cell, and confirm."""
    QTest.keyClick(part.grid, text[0])
    editor = part.grid.findChildren(QLineEdit)[-1]
    QTest.keyClicks(editor, text[1:])
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()


def test_numbers_are_typed_each_is_a_step_to_undo_and_others_are_refused(inspector: Inspector) -> None:
    part = part_of(inspector, "conv")
    assert part.heading.note.text() == "20 · random"
    assert (part.grid.held.rows, part.grid.held.columns) == (3, 3)
    assert cell(part, 0, 0) == "·"
    go_to(part, 1, 1)
    type_number(part, "-2.5")
    assert params(inspector, "conv")["weights"] == "0 0 0; 0 -2.5 0; 0 0 0; 0 0 0; 0 0 0; 0 0 0"
    assert cell(part, 1, 1) == "−2.5"
    go_to(part, 0, 0)
    QTest.keyClick(part.grid, Qt.Key.Key_Right)
    type_number(part, "7")
    assert str(params(inspector, "conv")["weights"]).startswith("0 7 0; 0 -2.5 0;")
    inspector.session.undo()
    assert str(params(inspector, "conv")["weights"]).startswith("0 0 0; 0 -2.5 0;")
    inspector.session.undo()
    assert "weights" not in params(inspector, "conv")
    assert cell(part, 1, 1) == "·"
    go_to(part, 0, 0)
    type_number(part, "1x")
    assert part.message.text() == "Expected a number. Received 1x."
    assert "weights" not in params(inspector, "conv")


def test_a_kernel_is_put_in_and_given_to_all(inspector: Inspector) -> None:
    part = part_of(inspector, "conv")
    QTest.mouseClick(part.kernels, LEFT)
    menu = part.findChild(Menu)
    assert [action.text() for action in menu.actions()][:4] == ["Identity", "Gaussian", "Sharpen", "Edges"]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert str(params(inspector, "conv")["weights"]).startswith("0.0625 0.125 0.0625; 0.125 0.25 0.125;")
    assert part.where.text() == "Matrix 1 of 2 · [0, 0]"
    QTest.mouseClick(part.after, LEFT)
    assert part.where.text() == "Matrix 2 of 2 · [1, 0]"
    assert cell(part, 1, 1) == "0"
    QTest.mouseClick(part.before, LEFT)
    QTest.mouseClick(part.alike, LEFT)
    assert (
        params(inspector, "conv")["weights"] == "0.0625 0.125 0.0625; 0.125 0.25 0.125; 0.0625 0.125 0.0625"
    )
    assert infer(inspector.session.project).problems == ()
    QTest.mouseClick(part.random, LEFT)
    assert "weights" not in params(inspector, "conv")


def test_rows_of_a_spreadsheet_are_pasted_and_copied(inspector: Inspector) -> None:
    part = part_of(inspector, "dense")
    go_to(part, 0, 0)
    QGuiApplication.clipboard().setText("1\t2\t3\n4,5\t6")
    QTest.keyClick(part.grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    rows = str(params(inspector, "dense")["weights"]).split("; ")
    assert rows[0].startswith("1 2 3 0")
    assert rows[1].startswith("4 5 6 0")
    head = part.grid.verticalHeader()
    QTest.mouseClick(head.viewport(), LEFT, pos=QPoint(5, head.sectionViewportPosition(1) + 5))
    QTest.keyClick(part.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("4\t5\t6\t0")
    QTest.keyClick(part.grid, Qt.Key.Key_Delete)
    assert str(params(inspector, "dense")["weights"]).split("; ")[1] == " ".join(["0"] * 10)
    go_to(part, 9, 0)
    QGuiApplication.clipboard().setText("1 2\n3 4")
    QTest.keyClick(part.grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert part.message.text() == "Expected at most 1×10 numbers from this cell on. Received 2×2."
    QTest.mouseClick(part.chips["bias"], LEFT)
    assert (part.grid.held.rows, part.grid.held.columns) == (1, 10)
    go_to(part, 0, 3)
    type_number(part, "1e-3")
    assert params(inspector, "dense")["biases"] == "0 0 0 0.001 0 0 0 0 0 0"
    assert part.heading.note.text() == "110 · weight, bias by hand"


def test_the_weights_of_the_run_are_taken(inspector: Inspector, tmp_path: Path, qtbot) -> None:
    run = Run(inspector.session.project, folder=tmp_path / "run")
    assert run.execute(lambda event: None).status == "completed"
    inspector.controller.past = tmp_path / "run"
    inspector.session.set_report(infer(inspector.session.project))
    part = part_of(inspector, "conv")
    QTest.mouseClick(part.take, LEFT)
    qtbot.waitUntil(lambda: "biases" in params(inspector, "conv"))
    state = compile(inspector.session.project).model.state_dict()
    kept, _ = read(tmp_path / "run" / "checkpoints" / "last.safetensors")
    assert state["conv.weight"].equal(kept["conv.weight"])
    assert state["conv.bias"].equal(kept["conv.bias"])
    inspector.session.undo()
    assert "weights" not in params(inspector, "conv")


def test_a_layer_with_too_many_weights_says_so(inspector: Inspector) -> None:
    wide = edits.set_param(inspector.session.project, MAIN, "conv", "out_channels", 200)
    inspector.session.apply(wide, "Widen")
    inspector.session.set_report(infer(wide))
    inspector.session.select(frozenset({"wide"}))
    assert inspector.page is not None
    part = inspector.page.weights
    assert part is not None
    assert part.heading.note.text().endswith("too many to write down")
    assert not part.open.isVisible()
