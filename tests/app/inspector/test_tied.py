"""Tying one layer to another in the inspector: chosen from a list, told where it does not fit, undone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.forms.text import TextField
from app.inspector.inspector import Inspector
from app.state.run_controller import RunController
from engine.infer import infer
from tests.drawings import chain


@pytest.fixture
def inspector(qapp, qtbot, controller: RunController) -> Inspector:
    steps = [
        ("embed", "embedding", {"embedding_dim": 8}),
        ("mix", "linear", {"out_features": 8}),
        ("head", "linear", {"out_features": 81}),
    ]
    session = controller.session
    session.apply(chain({"dataset": "moby-dick"}, steps), "Draw")
    session.set_report(infer(session.project))
    inspector = Inspector(session, controller)
    qtbot.addWidget(inspector)
    inspector.resize(320, 900)
    inspector.show()
    session.select(frozenset({"head"}))
    return inspector


def choose(inspector: Inspector, path: str) -> TextField:
    """Type a path into "Tied to" and confirm."""
    assert inspector.page is not None
    row = inspector.page.form.rows["tied_to"]
    field = row.field
    assert isinstance(field, TextField)
    field.entry.setFocus()
    QTest.keyClicks(field.entry, path)
    QTest.keyClick(field.entry, Qt.Key.Key_Return)
    inspector.session.set_report(infer(inspector.session.project))
    return field


def test_a_head_is_tied_to_the_embedding(inspector: Inspector) -> None:
    assert inspector.page is not None
    assert inspector.page._suggest("weighted") == ["embed", "mix"]
    before = inspector.session.report.parameters
    by_hand = inspector.page.form.rows["weights"].field
    assert isinstance(by_hand, TextField)
    assert by_hand.button is None  # rows of numbers: there is nothing to choose from
    choose(inspector, "embed")
    session = inspector.session
    assert session.project.main.nodes["head"].params["tied_to"] == "embed"
    assert session.report.parameters == before - 81 * 8
    assert inspector.page.cost.figures.values["Parameters"].text() == "81"
    assert inspector.page.weights is not None
    assert [*inspector.page.weights.shapes] == ["bias"]
    session.undo()
    assert "tied_to" not in session.project.main.nodes["head"].params


def test_a_layer_of_another_shape_is_told_with_a_way_back(inspector: Inspector) -> None:
    choose(inspector, "mix")
    assert inspector.page is not None
    (button,) = inspector.page.problems.buttons
    assert button.text() == "Give it weights of its own"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "tied_to" not in inspector.session.project.main.nodes["head"].params
