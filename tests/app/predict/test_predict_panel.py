"""The panel of predictions: data are dropped on it, looked at and saved."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.predict.panel import PredictDeclaration
from app.predict.predict_panel import PredictPanel
from app.state.run_controller import RunController
from app.state.run_list import RunList
from app.state.session import Session
from app.style import theme
from engine.data import catalogue
from engine.data.first_drawing import first_drawing
from engine.document.project import Project
from engine.document.storage.file import load
from engine.runs.places import runs_of
from nodes.data.source import DataSource
from tests.drawings import Step, chain
from tests.engine.predict import trained_runs as runs


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return runs.classifier(tmp_path)[0]


@pytest.fixture
def panel(session: Session, controller: RunController, file: Path, qtbot) -> PredictPanel:
    session.open(load(file), file)
    return opened(session, controller, file, qtbot)


def opened(session: Session, controller: RunController, file: Path, qtbot) -> PredictPanel:
    run_list = RunList(session, controller, lambda: runs_of(file), controller)
    panel = PredictPanel(session, controller, run_list)
    qtbot.addWidget(panel)
    panel.resize(900, 320)
    panel.show()
    run_list.refresh()
    qtbot.waitUntil(lambda: panel.record() is not None, timeout=10_000)
    return panel


def drop(panel: PredictPanel, path: Path) -> bool:
    """Drop a file on the panel as a person does; whether it is taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place, actions = QPoint(200, 150), Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(place, actions, data, buttons, keys)
    entering.ignore()
    panel.dragEnterEvent(entering)
    if entering.isAccepted():
        panel.dropEvent(QDropEvent(place.toPointF(), actions, data, buttons, keys))
        assert not panel.findChildren(type(None))
    return entering.isAccepted()


def answered(panel: PredictPanel, qtbot) -> None:
    qtbot.waitUntil(lambda: not panel.predicting.is_busy, timeout=20_000)
    panel.predicting.wait()


def test_dropped_data_are_predicted_for(panel: PredictPanel, tmp_path: Path, qtbot) -> None:
    unseen = runs.people(30, target=False)
    unseen[3][1] = "purple"
    assert panel.empty.isVisible()
    assert panel.empty.title.text() == "Drop data here"
    assert drop(panel, runs.table(tmp_path / "new.csv", unseen, runs.NAMES))
    assert panel.cancel_button.isVisible()
    answered(panel, qtbot)
    assert panel.model.answer.failed == ""
    assert panel.table.isVisible()
    assert panel.model.rowCount() == 29
    assert panel.model.answer.headings[:2] == ["line", "prediction"]
    assert panel.note.text() == "new.csv · 29 rows · best weights, step 8"
    assert "1 row is left out. Line 5: column 'colour'" in panel.warning.text()
    assert panel.warning.isVisible()
    shares = [panel.model.share(panel.model.index(0, column)) for column in range(5)]
    assert shares[:2] == [None, None]
    assert sum(shares[3:]) == pytest.approx(1.0, abs=1e-5)
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    assert panel.table.currentIndex().row() == 1


def test_the_bar_of_a_share_is_as_long_as_it(panel: PredictPanel, tmp_path: Path, qtbot) -> None:
    drop(panel, runs.table(tmp_path / "new.csv", runs.people(30, target=False), runs.NAMES))
    answered(panel, qtbot)
    index = panel.model.index(4, 3)
    area, picture = panel.table.visualRect(index), panel.table.viewport().grab().toImage()
    ratio = picture.devicePixelRatio()
    y = round((area.bottom() - 2) * ratio)
    row = [picture.pixelColor(round((area.left() + x) * ratio), y) for x in range(9, area.width() - 8)]
    filled = sum(one == theme.colour(theme.current().accent) for one in row)
    assert filled / len(row) == pytest.approx(panel.model.share(index), abs=0.06)


def test_all_rows_are_saved_by_a_click(
    panel: PredictPanel, session: Session, tmp_path: Path, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    session.notified.connect(lambda words, _kind: told.append(words))
    drop(panel, runs.table(tmp_path / "new.csv", runs.people(700, target=False), runs.NAMES))
    answered(panel, qtbot)
    assert panel.model.rowCount() == 500
    assert "the first 500 rows" in panel.note.text()
    chosen = str(tmp_path / "saved")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chosen, ""))
    QTest.mouseClick(panel.save_button, Qt.MouseButton.LeftButton)
    answered(panel, qtbot)
    assert told == ["Saved 700 rows as saved.csv."]
    with (tmp_path / "saved.csv").open() as table:
        saved = list(csv.reader(table))
    assert tuple(saved[1]) == panel.model.answer.rows[0]
    assert len(saved) == 701


def test_predictions_stay_when_the_project_is_saved_and_go_with_it(
    panel: PredictPanel, session: Session, file: Path, tmp_path: Path, qtbot
) -> None:
    drop(panel, runs.table(tmp_path / "new.csv", runs.people(3, target=False), runs.NAMES))
    answered(panel, qtbot)
    session.mark_saved(session.project, file)
    assert panel.model.rowCount() == 3
    session.open(Project(), None)
    assert panel.model.rowCount() == 0
    assert panel.data is None


def test_what_cannot_be_read_is_told_in_the_panel(panel: PredictPanel, tmp_path: Path, qtbot) -> None:
    other = tmp_path / "other.csv"
    other.write_text("age,income\n1,2\n")
    drop(panel, other)
    answered(panel, qtbot)
    assert panel.empty.isVisible()
    assert panel.empty.title.text() == "Nothing was predicted for other.csv"
    assert "Received a table without colour" in panel.empty.hint.text()
    assert not panel.save_button.isVisible()


def test_nothing_is_predicted_while_a_run_goes(
    panel: PredictPanel, session: Session, tmp_path: Path, controller: RunController
) -> None:
    told: list[str] = []
    session.notified.connect(lambda words, _kind: told.append(words))
    controller.state = "running"
    drop(panel, runs.table(tmp_path / "new.csv", runs.people(3, target=False), runs.NAMES))
    controller.state = "idle"
    assert not panel.predicting.is_busy
    assert told == ["A run is going. Predict when it has ended, or stop it first."]


def test_a_run_that_is_to_begin_calls_predictions_off_and_waits_for_them(
    panel: PredictPanel, controller: RunController, tmp_path: Path, qtbot
) -> None:
    drop(panel, runs.table(tmp_path / "new.csv", runs.people(3, target=False), runs.NAMES))
    assert controller.draws.holds_engine
    controller.draws.cancel()
    assert not panel.predicting.is_busy
    panel.predicting.wait()
    qtbot.waitUntil(lambda: not controller.draws.holds_engine, timeout=10_000)
    assert panel.model.rowCount() == 0


def test_pictures_are_seen_beside_what_is_said_of_them(
    session: Session, controller: RunController, tmp_path: Path, qtbot
) -> None:
    steps: list[Step] = [("flatten", "flatten"), ("linear1", "linear", {"out_features": 2})]
    file, _ = runs.ran(tmp_path, chain(runs.picture_data(tmp_path), steps))
    session.open(load(file), file)
    panel = opened(session, controller, file, qtbot)
    drop(panel, runs.pictures(tmp_path / "new", 2))
    answered(panel, qtbot)
    image = panel.model.image(panel.model.index(0, 0))
    assert image is not None
    assert (image.width(), image.height()) == (8, 8)
    assert panel.model.text(panel.model.index(0, 0)) == "dark/0.png"


def test_the_key_asks_for_a_file_and_shows_the_panel(
    window, tmp_path: Path, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, _ = runs.classifier(tmp_path)
    data = runs.table(tmp_path / "new.csv", runs.people(4, target=False), runs.NAMES)
    window.files.open_path(file)
    qtbot.waitUntil(lambda: window.workbench().made(PredictDeclaration) is not None, timeout=10_000)
    panel = window.workbench().made(PredictDeclaration)
    qtbot.waitUntil(lambda: panel.record() is not None, timeout=10_000)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(data), ""))
    QTest.keyClick(window, Qt.Key.Key_F7)
    answered(panel, qtbot)
    assert panel.isVisible()
    assert panel.model.rowCount() == 4


def test_texts_are_seen_beside_what_is_said_of_them(
    session: Session, controller: RunController, tmp_path: Path, qtbot
) -> None:
    words = {"good": ("great", "fine"), "bad": ("sad", "poor")}
    rows = [(f"a {words[name][at % 2]} film {at}", name) for at in range(24) for name in words]
    path = runs.table(tmp_path / "train.csv", rows, ("text", "label"))
    source = DataSource(dataset="texts", path=str(path), text_column="text", label_column="label")
    file, _ = runs.ran(tmp_path, first_drawing(source, catalogue.describe(source)))
    session.open(load(file), file)
    panel = opened(session, controller, file, qtbot)
    (tmp_path / "new.txt").write_text("a great unheard film\na sad one\n")
    drop(panel, tmp_path / "new.txt")
    answered(panel, qtbot)
    answer = panel.model.answer
    assert answer.failed == ""
    assert answer.headings[:2] == ["source", "text"]
    assert [row[:2] for row in answer.rows] == [("line 1", "a great unheard film"), ("line 2", "a sad one")]
    shares = [panel.model.share(panel.model.index(0, column)) for column in range(len(answer.headings))]
    assert shares[:3] == [None, None, None]
    assert sum(shares[4:]) == pytest.approx(1.0, abs=1e-5)
