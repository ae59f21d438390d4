"""The panel of samples: pages, parts, search, what is seen, the worst first, excluding; by mouse and keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.browse.browse_panel import BrowsePanel
from app.browse.panel import BrowseDeclaration
from app.state.run_controller import RunController
from app.state.run_list import RunList
from app.state.session import Session
from engine.document.project import MAIN, Project
from engine.document.storage.file import load
from engine.lens.given import SampleReader
from engine.messages.pinned import HeldSample
from engine.runs.places import runs_of
from tests.drawings import Step, chain
from tests.engine.predict import trained_runs as runs


def of_pictures(folder: Path, count: int = 6) -> Project:
    runs.pictures(folder / "pictures", count)
    steps: list[Step] = [
        ("flip", "random_flip", {"horizontal": 1.0}),
        ("flatten", "flatten"),
        ("linear1", "linear", {"out_features": 2}),
    ]
    data = {"dataset": "image-folder", "path": str(folder / "pictures"), "size": [8, 8]}
    return chain(data, steps)


def opened(session: Session, controller: RunController, file: Path, qtbot) -> BrowsePanel:
    run_list = RunList(session, controller, lambda: runs_of(file), controller)
    panel = BrowsePanel(session, controller, run_list)
    qtbot.addWidget(panel)
    panel.resize(1000, 320)
    panel.show()
    answered(panel, qtbot)
    return panel


def answered(panel: BrowsePanel, qtbot) -> None:
    qtbot.waitUntil(lambda: not panel._soon.isActive() and not panel.browsing.is_busy, timeout=20_000)
    panel.browsing.wait()


def click(panel: BrowsePanel, qtbot, button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    answered(panel, qtbot)


def choose(panel: BrowsePanel, row: int) -> None:
    """Click on a sample."""
    place = panel.list.visualRect(panel.model.index(row)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


@pytest.fixture
def panel(session: Session, controller: RunController, tmp_path: Path, qtbot) -> BrowsePanel:
    session.open(of_pictures(tmp_path), None)
    return opened(session, controller, tmp_path / "p.loom", qtbot)


def test_both_parts_are_seen_and_found_by_class(panel: BrowsePanel, qtbot) -> None:
    assert panel.list.isVisible()
    assert panel.model.rowCount() == 10
    assert panel.note.text() == "1–10 of 10"
    click(panel, qtbot, panel.part_buttons["validation"])
    assert panel.model.rowCount() == 2
    click(panel, qtbot, panel.part_buttons["training"])
    QTest.keyClicks(panel.search, "dark")
    answered(panel, qtbot)
    assert {panel.model.label(row) for row in range(panel.model.rowCount())} == {"dark"}
    QTest.keyClick(panel.search, Qt.Key.Key_Escape)
    QTest.keyClicks(panel.search, "xyz")
    answered(panel, qtbot)
    assert panel.empty.title.text() == "No sample matches"


def test_what_the_network_sees_is_mirrored_and_stored_is_not(panel: BrowsePanel, qtbot) -> None:
    stored = panel.model.images[0].copy()
    click(panel, qtbot, panel.seen)
    seen = panel.model.images[0]
    assert seen != stored
    left = [stored.pixelColor(0, y).red() for y in range(8)]
    right = [seen.pixelColor(7, y).red() for y in range(8)]
    order = sorted(range(8), key=left.__getitem__)
    assert sorted(range(8), key=right.__getitem__) == order
    click(panel, qtbot, panel.seen)
    assert panel.model.images[0] == stored


def test_a_sample_is_excluded_by_a_key_and_taken_in_again(
    panel: BrowsePanel, session: Session, qtbot
) -> None:
    choose(panel, 2)
    place = int(panel.model.places[2])
    assert panel.exclude.isEnabled()
    QTest.keyClick(panel.list, Qt.Key.Key_X)
    answered(panel, qtbot)
    assert session.project.graphs[MAIN].nodes["data"].params["excluded"] == str(place + 1)
    assert session.undo_label == "Exclude sample"
    assert panel.model.is_excluded(2)
    assert panel.note.text() == "1–10 of 10 · 1 excluded"
    assert panel.list.chosen() == [2]
    assert panel.exclude.text() == "Take in"
    QTest.mouseClick(panel.exclude, Qt.MouseButton.LeftButton)
    answered(panel, qtbot)
    assert not panel.model.is_excluded(2)
    session.undo()
    answered(panel, qtbot)
    assert panel.model.is_excluded(2)
    session.undo()
    answered(panel, qtbot)
    assert "excluded" not in session.project.graphs[MAIN].nodes["data"].params


def test_pages_are_turned_by_keys(session: Session, controller: RunController, tmp_path: Path, qtbot) -> None:
    session.open(of_pictures(tmp_path, 80), None)
    panel = opened(session, controller, tmp_path / "p.loom", qtbot)
    assert (panel.model.rowCount(), panel.model.answer.total) == (60, 128)
    first = panel.model.places.tolist()
    for key, words in (
        (Qt.Key.Key_PageDown, "61–120 of 128"),
        (Qt.Key.Key_PageDown, "121–128 of 128"),
        (Qt.Key.Key_PageDown, "121–128 of 128"),
        (Qt.Key.Key_PageUp, "61–120 of 128"),
    ):
        QTest.keyClick(panel.list, key)
        answered(panel, qtbot)
        assert panel.note.text() == words
    click(panel, qtbot, panel.back)
    assert panel.model.places.tolist() == first


def test_the_worst_come_first_after_training(
    session: Session, controller: RunController, tmp_path: Path, qtbot
) -> None:
    file, _ = runs.classifier(tmp_path)
    session.open(load(file), file)
    panel = opened(session, controller, file, qtbot)
    panel.run_list.refresh()
    qtbot.waitUntil(lambda: bool(panel.run_list.records), timeout=10_000)
    click(panel, qtbot, panel.worst)
    losses = panel.model.answer.losses
    assert losses is not None
    assert (losses[:-1] >= losses[1:]).all()
    assert losses[0] > losses[-1]
    assert float(panel.model.loss(0)) == pytest.approx(losses[0], rel=5e-3)
    seen = [(panel.model.label(row), panel.model.said(row)) for row in range(panel.model.rowCount())]
    assert {said for _, said in seen} <= {"yes", "no"}
    wrong = losses > np.log(2)  # of two classes: where the probability of the label is below a half
    assert [panel.model.is_wrong(row) for row in range(len(seen))] == wrong.tolist()
    assert [label != said for label, said in seen] == wrong.tolist()
    order = panel.model.places.tolist()
    choose(panel, 0)
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    answered(panel, qtbot)
    assert panel.model.is_excluded(0)
    assert panel.model.places.tolist() == order  # the losses of the run stay what they are


def test_without_a_run_the_worst_are_not_known(panel: BrowsePanel, session: Session, qtbot) -> None:
    told: list[str] = []
    session.notified.connect(lambda words, _kind: told.append(words))
    click(panel, qtbot, panel.worst)
    assert told == ["Nothing is trained yet. Press Play first."]
    assert not panel.worst.isChecked()


def test_data_that_cannot_be_read_are_told(
    session: Session, controller: RunController, tmp_path: Path, qtbot
) -> None:
    session.open(
        chain({"dataset": "csv-file", "path": str(tmp_path / "none.csv")}, [("linear1", "linear")]), None
    )
    panel = opened(session, controller, tmp_path / "p.loom", qtbot)
    assert panel.empty.title.text() == "These data cannot be read"
    session.open(Project(), None)
    panel.look()
    assert panel.empty.title.text() == "No data yet"


def test_the_key_opens_it_in_the_window(lenet, qtbot) -> None:
    QTest.keyClick(lenet, Qt.Key.Key_8, Qt.KeyboardModifier.ControlModifier)
    panel = lenet.workbench().made(BrowseDeclaration)
    assert panel.isVisible()
    answered(panel, qtbot)
    assert panel.model.rowCount() == 60
    lenet.session.select(frozenset({"conv1"}))
    choose(panel, 0)
    place = int(panel.model.places[0])
    assert panel.list.hasFocus()
    QTest.keyClick(lenet.windowHandle(), Qt.Key.Key_Delete)  # of the list, not of the canvas
    answered(panel, qtbot)
    nodes = lenet.session.project.graphs[MAIN].nodes
    assert "conv1" in nodes
    assert nodes["data"].params["excluded"] == str(place + 1)


def test_chosen_samples_are_pinned_as_a_run_numbers_them(
    panel: BrowsePanel, controller: RunController, qtbot
) -> None:
    choose(panel, 3)
    QTest.mouseClick(
        panel.list.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ControlModifier,
        panel.list.visualRect(panel.model.index(5)).center(),
    )
    click(panel, qtbot, panel.pin)
    assert controller.pins.samples == (HeldSample(3, training=True), HeldSample(5, training=True))
    controller.pins.clear()
    choose(panel, 1)
    click(panel, qtbot, panel.exclude)
    assert not panel.pin.isEnabled(), "a run does without it"
    choose(panel, 3)
    QTest.keyClick(panel.list, Qt.Key.Key_P)
    assert controller.pins.samples == (HeldSample(2, training=True),), "the samples after it move up"
    picture = panel.model.answer.page.pictures[3]
    reader = SampleReader(panel.session.project)
    assert np.array_equal(reader.row(controller.pins.samples[0])[0], picture)
