"""The settings of a run, chosen by mouse and keys."""

from __future__ import annotations

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.state import warmup
from app.state.device_words import device_menu
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


def test_the_devices_of_this_machine_are_offered(inspector, session, qtbot, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"H200 number {device.index}")
    monkeypatch.setattr(warmup, "is_loaded", lambda: True)
    session.open(mlp("digits", 8), None)
    field = row(inspector, "device").field
    assert offered(qtbot, field)[:4] == ["auto", "cuda:0", "cuda:1", "cpu"]
    menu = device_menu(session, inspector)
    words = [action.text() for action in menu.actions()]
    assert words[1:3] == ["CUDA:0 · H200 number 0", "CUDA:1 · H200 number 1"]
    menu.actions()[2].trigger()
    assert session.project.settings.device == "cuda:1"


def test_graphs_and_determinism_are_turned_off(inspector, session):
    inspector.summary.settings.form.fold.click()
    field = row(inspector, "cuda_graphs").field
    field.box.setFocus()
    QTest.keyClick(field.box, Qt.Key.Key_Down)
    assert session.project.settings.cuda_graphs == "off"
    QTest.mouseClick(row(inspector, "deterministic").field.box, Qt.MouseButton.LeftButton)
    assert session.project.settings.deterministic is False
