"""Both panels beside a real run: losses, maps and a prediction come, and a rate set by hand arrives."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

import resources
from app.inspector.inspector import Inspector
from app.state import warmup
from app.state.run_controller import RunController
from app.state.session import Session
from app.training.training import TrainingPanel
from engine.document import edits
from engine.document.storage import file
from engine.infer import infer
from engine.runs.curves import curves_of


@pytest.fixture
def session(qapp) -> Session:
    project = file.load(resources.PROJECTS / "cnn-digits.loom")
    session = Session(edits.set_settings(project, epochs=50))
    session.set_report(infer(session.project))
    return session


def test_a_run_fills_the_panels(session: Session, bridge: RunController, qtbot):
    warmup.load_engine()
    inspector, training = Inspector(session, bridge), TrainingPanel(session, bridge)
    for panel in (inspector, training):
        qtbot.addWidget(panel)
        panel.show()
    nodes = session.project.main.nodes
    conv = next(node.id for node in nodes.values() if node.layer == "conv2d")
    objective = next(node.id for node in nodes.values() if node.layer == "objective")
    session.select(frozenset({conv}))
    bridge.play()
    qtbot.waitUntil(lambda: len(training.loss.series.get(f"training {objective}", ())) > 5, timeout=15000)
    qtbot.waitUntil(inspector.page.parts["feature_maps"].view.isVisible, timeout=15000)
    qtbot.waitUntil(lambda: training.lens.picture.prediction is not None, timeout=15000)
    assert inspector.page.parts["kernels"].view.isVisible()
    assert inspector.page.parts["feature_maps"].view.count == nodes[conv].params.get("out_channels", 16)
    assert len(training.lens.picture.texts()) == 8

    entry = training.header.rates[objective].field.entry
    QTest.mouseClick(entry, Qt.MouseButton.LeftButton)
    entry.selectAll()
    QTest.keyClicks(entry, "0.0005")
    QTest.keyClick(entry, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bridge.progress.learning_rates[objective] <= 0.0005, timeout=15000)

    marks = [text for _, text in training.loss.plot.notes]
    assert f"Learning rate of {objective} set to 0.0005." in marks

    bridge.stop()
    qtbot.waitUntil(lambda: bridge.state == "finished", timeout=15000)
    assert training.header.state.text() == "Stopped"
    assert inspector.page.parts["feature_maps"].view.isVisible()


def test_a_learning_rate_is_typed_beside_a_schedule_and_while_paused(session, bridge, qtbot, tmp_path):
    """A field being edited is never overwritten; what was entered is pending until the run confirms it."""
    warmup.load_engine()
    bridge.place = lambda: tmp_path / "run"
    objective = next(node.id for node in session.project.main.nodes.values() if node.layer == "objective")
    cosine = edits.set_param(session.project, "main", objective, "schedule", "cosine")
    session.open(edits.set_settings(cosine, epochs=200), None)
    training = TrainingPanel(session, bridge)
    qtbot.addWidget(training)
    training.resize(940, 272)
    training.show()
    bridge.play()
    qtbot.waitUntil(lambda: bridge.progress is not None and bridge.progress.step > 20, timeout=20_000)
    field = training.header.rates[objective]
    entry = field.field.entry
    QTest.mouseClick(entry, Qt.MouseButton.LeftButton)
    entry.selectAll()
    before, shown = bridge.progress.step, entry.text()
    qtbot.waitUntil(lambda: bridge.progress.step > before + 300, timeout=20_000)
    assert (entry.text(), entry.selectedText()) == (shown, shown), "the schedule leaves the field alone"

    bridge.pause()
    qtbot.waitUntil(lambda: bridge.state == "paused", timeout=20_000)
    asked = []
    field.changed.connect(lambda _, rate: asked.append((rate, field.pending, field.name.text())))
    QTest.keyClicks(entry, "0.0007")
    QTest.keyClick(entry, Qt.Key.Key_Return)
    assert asked == [(0.0007, 0.0007, "Learning rate (pending)")]
    qtbot.waitUntil(lambda: field.pending is None, timeout=20_000)
    training._refresh()
    entry.clearFocus()
    assert entry.text() == "0.0007"
    assert "(pending)" not in field.name.text()
    bridge.stop()
    qtbot.waitUntil(lambda: bridge.state == "finished", timeout=20_000)
    stored = [text for _, text in curves_of(tmp_path / "run").messages]
    assert f"Learning rate of {objective} set to 0.0007." in stored
