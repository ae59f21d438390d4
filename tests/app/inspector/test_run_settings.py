"""The settings of a run, chosen by mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.state.session import Session
from tests.drawings import gan, mlp, with_settings


@pytest.fixture
def session(qapp) -> Session:
    return Session(mlp("digits", 8))


def row(inspector, name: str):
    return inspector.summary.settings.form.rows[name]


def offered(qtbot, field) -> list[str]:
    """What the list under a field shows once its button is pressed."""
    QTest.mouseClick(field.button, Qt.MouseButton.LeftButton)
    popup = field.entry.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    model = popup.model()
    return [model.index(at, 0).data() for at in range(model.rowCount())]


def test_best_by_offers_the_objectives_and_metrics_of_the_drawing(inspector, session, qtbot):
    field = row(inspector, "best_by").field
    assert offered(qtbot, field) == ["objective", "accuracy"]
    popup = field.entry.completer().popup()
    where = popup.visualRect(popup.model().index(1, 0)).center()
    QTest.mouseClick(popup.viewport(), Qt.MouseButton.LeftButton, pos=where)
    qtbot.waitUntil(lambda: session.project.settings.best_by == "accuracy")
    assert session.undo_label == "Set best by"
    assert field.entry.text() == "accuracy"
    session.undo()
    assert session.project.settings.best_by == ""
    session.open(gan(), None)
    assert offered(qtbot, field) == ["judging", "making"]


def test_best_by_is_typed_and_emptied(inspector, session):
    entry = row(inspector, "best_by").field.entry
    QTest.mouseClick(entry, Qt.MouseButton.LeftButton)
    QTest.keyClicks(entry, "objective")
    QTest.keyClick(entry, Qt.Key.Key_Return)
    assert session.project.settings.best_by == "objective"
    entry.selectAll()
    QTest.keyClick(entry, Qt.Key.Key_Delete)
    QTest.keyClick(entry, Qt.Key.Key_Return)
    assert session.project.settings.best_by == ""


def test_every_setting_has_a_name_of_its_own(inspector):
    names = [row.label.text() for row in inspector.summary.settings.form.rows.values()]
    assert len(set(names)) == len(names)


def test_precision_is_chosen_and_one_of_before_is_shown(inspector, session):
    inspector.summary.settings.form.fold.click()
    field = row(inspector, "precision").field
    field.box.setFocus()
    QTest.keyClick(field.box, Qt.Key.Key_Down)
    assert session.project.settings.precision == "bfloat16"
    assert field.box.word == "bfloat16"
    session.open(with_settings(mlp("digits", 8), precision="float16"), None)
    assert field.box.word == "float16"
    QTest.keyClick(field.box, Qt.Key.Key_Down)
    assert session.project.settings.precision in ("float32", "bfloat16")
