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
from app.style import theme
from app.training.training import TrainingPanel
from engine.document import edits
from engine.document.storage import file
from engine.infer import infer
from engine.runs.curves import curves_of
from tests.engine.train.test_nonfinite import drawing as drawing_with_nan
from tests.engine.train.test_nonfinite import look_through_no_array


@pytest.fixture
def session(qapp) -> Session:
    project = file.load(resources.PROJECTS / "cnn-digits.loom")
    session = Session(edits.set_settings(project, epochs=50))
    session.set_report(infer(session.project))
    return session


def test_a_run_fills_the_panels(session: Session, controller: RunController, qtbot):
    warmup.load_engine()
    inspector, training = Inspector(session, controller), TrainingPanel(session, controller)
    for panel in (inspector, training):
        qtbot.addWidget(panel)
        panel.show()
    nodes = session.project.main.nodes
    conv = next(node.id for node in nodes.values() if node.layer == "conv2d")
    objective = next(node.id for node in nodes.values() if node.layer == "objective")
    session.select(frozenset({conv}))
    controller.play()
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
    qtbot.waitUntil(lambda: controller.progress.learning_rates[objective] <= 0.0005, timeout=15000)

    marks = [text for _, text in training.loss.plot.notes]
    assert f"Learning rate of {objective} set to 0.0005." in marks

    controller.stop()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=15000)
    assert training.header.state.text() == "Stopped"
    assert inspector.page.parts["feature_maps"].view.isVisible()


@pytest.fixture
def training(session, controller, qtbot, tmp_path):
    """The panel beside a run with a cosine schedule that is going; its folder is `tmp_path / "run"`."""
    warmup.load_engine()
    controller.place = lambda: tmp_path / "run"
    cosine = edits.set_param(session.project, "main", objective_of(session), "schedule", "cosine")
    session.open(edits.set_settings(cosine, epochs=60), None)
    panel = TrainingPanel(session, controller)
    qtbot.addWidget(panel)
    panel.resize(940, 272)
    panel.show()
    controller.play()
    qtbot.waitUntil(lambda: controller.progress is not None and controller.progress.step > 20, timeout=20_000)
    return panel


def objective_of(session: Session) -> str:
    return next(node.id for node in session.project.main.nodes.values() if node.layer == "objective")


def rate_field(training: TrainingPanel):
    return training.header.rates[objective_of(training.session)]


def type_rate(training: TrainingPanel, text: str) -> None:
    entry = rate_field(training).field.entry
    QTest.mouseClick(entry, Qt.MouseButton.LeftButton)
    entry.selectAll()
    QTest.keyClicks(entry, text)
    QTest.keyClick(entry, Qt.Key.Key_Return)


def pause(training: TrainingPanel, qtbot) -> None:
    training.controller.pause()
    qtbot.waitUntil(lambda: training.controller.state == "paused", timeout=20_000)


def test_a_schedule_leaves_a_learning_rate_alone_that_is_being_typed(training, controller, qtbot):
    field, entry = rate_field(training), rate_field(training).field.entry

    def falls() -> None:
        """Until the schedule has moved the rate on."""
        start = controller.progress.learning_rates[field.path]
        qtbot.waitUntil(lambda: controller.progress.learning_rates[field.path] < 0.99 * start, timeout=20_000)
        training._refresh()

    QTest.mouseClick(entry, Qt.MouseButton.LeftButton)
    entry.selectAll()
    shown = entry.text()
    falls()
    assert (entry.text(), entry.selectedText()) == (shown, shown)
    QTest.keyClicks(entry, "0.0")
    falls()
    assert entry.text() == "0.0"
    QTest.keyClicks(entry, "007")
    QTest.keyClick(entry, Qt.Key.Key_Escape)
    falls()
    assert 0.0007 < float(entry.text()) < float(shown), "given up, it shows what the schedule does again"


def test_a_learning_rate_typed_while_paused_stays_and_is_pending_until_it_is_taken(
    training, controller, qtbot
):
    pause(training, qtbot)
    field, asked = rate_field(training), []
    field.changed.connect(lambda _, rate: asked.append((rate, field.pending, field.name.text())))
    type_rate(training, "0.0007")
    assert asked == [(0.0007, 0.0007, "Learning rate (pending)")]
    qtbot.waitUntil(lambda: field.pending is None, timeout=20_000)
    training._refresh()
    field.field.entry.clearFocus()
    assert field.field.entry.text() == "0.0007"
    assert "(pending)" not in field.name.text()


def test_a_changed_learning_rate_leaves_a_mark_on_the_curve_and_in_the_run(
    training, controller, qtbot, tmp_path
):
    type_rate(training, "0.0007")
    told = f"Learning rate of {objective_of(training.session)} set to 0.0007."
    qtbot.waitUntil(lambda: told in [text for _, text in training.loss.plot.notes], timeout=20_000)
    controller.stop()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=20_000)
    assert told in [text for _, text in curves_of(tmp_path / "run").messages]


def test_a_run_whose_validation_is_not_finite_ends_as_no_plain_success(
    session, controller, qtbot, tmp_path, monkeypatch
):
    """One NaN among the rows that are held back; early stopping waits for finite losses."""
    look_through_no_array(monkeypatch)
    warmup.load_engine()
    session.open(drawing_with_nan(tmp_path, 3, epochs=4, early_stopping=2), None)
    panel = TrainingPanel(session, controller)
    qtbot.addWidget(panel)
    panel.show()
    controller.play()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=30_000)
    state = panel.header.state
    assert state.text() == "Finished, validation not finite"
    assert theme.current().warn in state.styleSheet()
    assert theme.current().good not in state.styleSheet()
    assert controller.finished.epoch == 4
    assert "not finite numbers in 4 of 4 epochs" in panel.header.message.text()


def test_a_run_of_another_program_that_is_paused_says_so(training, controller, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.run.follow.CHECK_SECONDS", 0.05)
    session = Session(training.session.project)
    watching = RunController(session)
    panel = TrainingPanel(session, watching)
    qtbot.addWidget(panel)
    panel.show()
    watching.follow(tmp_path / "run", session.project)
    qtbot.waitUntil(lambda: panel.header.state.text() == "Following", timeout=20_000)
    pause(training, qtbot)
    qtbot.waitUntil(lambda: panel.header.state.text() == "Paused", timeout=20_000)
    controller.play()
    qtbot.waitUntil(lambda: panel.header.state.text() == "Following", timeout=20_000)
    watching.shutdown()
