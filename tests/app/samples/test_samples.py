"""Samples on screen: on the card, in the inspector and large; back through the run, copied and saved."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.inspector.samples_part import SamplesPart
from app.lenses import sample_paint
from app.samples.samples_panel import SamplesPanel
from app.state.run_controller import RunController
from app.state.session import Session
from app.widgets.dimming import is_dimmed
from engine.document import edits
from engine.document.project import End, Node, Point, Project
from engine.lens.registry import LENSES
from engine.messages.events import LensFrame, Started
from engine.sample.history import SampleHistory
from tests.app.lenses.test_sampled import SIZE, dots, images, trail
from tests.kept_samples import Kept


def drawing() -> Project:
    project = edits.add_node(Project(), "main", Node("noise", "noise", {"shape": [1, 8, 8]}), Point(0, 0))
    project = edits.add_node(project, "main", Node("samples", "samples", {"count": 16}), Point(200, 0))
    return edits.connect(project, "main", End("noise", "output"), End("samples", "value"))


@pytest.fixture
def session(qapp) -> Session:
    return Session(drawing())


@pytest.fixture
def history() -> SampleHistory:
    held = SampleHistory()
    for epoch, step in enumerate((0, 20, 40, 60, 80)):
        held.keep("samples", step, epoch, images(step))
    return held


@pytest.fixture
def run(session: Session, controller: RunController, history: SampleHistory):
    """The controller shows a run that goes on and has kept five sets."""
    controller.run = Kept(history)
    controller.started = Started("CPU", 1, 20, 10, 200, 0)
    controller.state = "running"
    yield controller
    controller.run = None


def come(controller: RunController, step: int, arrays: dict[str, np.ndarray]) -> None:
    """A frame arrives."""
    controller.frames[("samples", "samples")] = LensFrame(step, "samples", "samples", arrays)
    controller.frames_changed.emit({"samples"})


@pytest.fixture
def panel(session: Session, run: RunController, qtbot) -> SamplesPanel:
    panel = SamplesPanel(session, run)
    qtbot.addWidget(panel)
    panel.resize(640, 520)
    panel.show()
    come(run, 90, images(90))
    return panel


def level(panel: SamplesPanel) -> int:
    """How bright the picture in the middle of what is shown is."""
    canvas = panel.view.canvas
    picture = canvas.grab().toImage()
    at = canvas.place_of(5).toPoint()
    return picture.pixelColor(at).red()


# Reading --------------------------------------------------------------------------------------------------


def test_what_comes_is_seen_at_the_live_end(panel: SamplesPanel, run: RunController):
    assert level(panel) == 230
    assert panel.view.run_reel.words.text() == "live · step 90"
    come(run, 100, images(100))
    assert level(panel) == 255
    assert panel.view.is_live


def test_the_slider_turns_back_through_the_run(panel: SamplesPanel, run: RunController):
    timeline = panel.view.run_reel.timeline
    y = timeline.height() // 2
    QTest.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=QPoint(round(timeline.x_of(2)), y))
    assert level(panel) == round(0.4 * 255)
    assert panel.view.run_reel.words.text() == "epoch 2 · step 40"
    come(run, 100, images(100))  # what is new does not push away what is looked at
    assert level(panel) == round(0.4 * 255)
    QTest.mousePress(timeline, Qt.MouseButton.LeftButton, pos=QPoint(round(timeline.x_of(2)), y))
    QTest.mouseMove(timeline, QPoint(round(timeline.x_of(3)), y))
    QTest.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=QPoint(round(timeline.x_of(3)), y))
    assert level(panel) == round(0.6 * 255)
    for key, seen, words in (
        (Qt.Key.Key_Home, 0.0, "before training"),
        (Qt.Key.Key_Right, 0.2, "epoch 1 · step 20"),
        (Qt.Key.Key_Left, 0.0, "before training"),
        (Qt.Key.Key_End, 1.0, "live · step 100"),
    ):
        QTest.keyClick(timeline, key)
        assert level(panel) == round(seen * 255), words
        assert panel.view.run_reel.words.text() == words


def test_kept_sets_are_taken_up_while_it_trains(
    panel: SamplesPanel, run: RunController, history: SampleHistory
):
    panel.view.run_reel.timeline.setFocus()
    QTest.keyClick(panel.view.run_reel.timeline, Qt.Key.Key_Home)
    history.keep("samples", 100, 5, images(100))
    panel.view.kept.refresh()
    assert panel.view.run_reel.timeline.count == 7  # six kept ones, and the present
    assert panel.view.run_reel.index == 0
    assert level(panel) == 0


def test_a_run_that_is_over_ends_with_its_last_set(panel: SamplesPanel, run: RunController):
    come(run, 80, images(80))
    run.state = "finished"
    run.state_changed.emit()
    assert panel.view.run_reel.timeline.count == 5
    assert not panel.view.run_reel.timeline.live
    assert panel.view.run_reel.words.text() == "epoch 4 · step 80"


def test_play_goes_through_the_run_and_stops_at_its_end(panel: SamplesPanel, qtbot):
    reel, seen = panel.view.run_reel, []
    reel.moved.connect(seen.append)
    QTest.mouseClick(reel.play, Qt.MouseButton.LeftButton)
    assert reel.is_playing
    assert level(panel) == 0
    qtbot.waitUntil(lambda: not reel.is_playing, timeout=5000)
    assert seen == [0, 1, 2, 3, 4, 5]
    assert level(panel) == 230
    QTest.keyClick(reel.timeline, Qt.Key.Key_Space)
    assert reel.is_playing
    QTest.keyClick(reel.timeline, Qt.Key.Key_Space)
    assert not reel.is_playing


def test_stages_from_noise_to_sample(panel: SamplesPanel, run: RunController):
    assert not panel.view.trail_reel.isVisible()
    come(run, 100, trail())
    timeline = panel.view.trail_reel.timeline
    assert panel.view.trail_reel.isVisible()
    assert level(panel) == 255
    QTest.keyClick(timeline, Qt.Key.Key_Home)
    assert (level(panel), panel.view.trail_reel.words.text()) == (0, "noise")
    QTest.keyClick(timeline, Qt.Key.Key_Right)
    assert (level(panel), panel.view.trail_reel.words.text()) == (64, "stage 1 / 4")
    QTest.keyClick(timeline, Qt.Key.Key_End)
    assert (level(panel), panel.view.trail_reel.words.text()) == (255, "sample")


def test_two_ways_back_are_told_apart(panel: SamplesPanel, run: RunController):
    reels = panel.view.run_reel, panel.view.trail_reel
    assert not reels[0].brief.isVisible()
    come(run, 100, trail())
    assert [reel.brief.text() for reel in reels if reel.brief.isVisible()] == ["run", "noise"]
    assert [reel.play.toolTip() for reel in reels] == ["Play through the run", "Play from noise to sample"]
    assert reels[0].timeline.x() == reels[1].timeline.x()
    for reel in reels:
        assert reel.brief.sizeHint().width() <= reel.brief.width()
    come(run, 120, images(120))
    assert not reels[0].brief.isVisible()


def test_a_walk_plays_as_a_film_and_can_be_seen_whole(panel: SamplesPanel, run: RunController, qtbot):
    walk = np.random.default_rng(0).random((2 * 6, 1, 4, 4)).astype(np.float32)
    film = {"samples": walk, "trail": walk.reshape(2, 6, 1, 4, 4).swapaxes(0, 1), "columns": np.array(6)}
    come(run, 100, film)
    canvas, reel = panel.view.canvas, panel.view.trail_reel
    assert (canvas.sampled.count, canvas.grid().columns) == (12, 6)
    assert (reel.brief.text(), reel.play.toolTip()) == ("walk", "Play the walk")
    QTest.mouseClick(reel.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: reel.index == 2, timeout=5000)
    assert canvas.sampled.count == 2
    QTest.mouseClick(panel.view.strip, Qt.MouseButton.LeftButton)
    assert not reel.is_playing
    assert canvas.sampled.count == 12


def test_zoom_by_wheel_and_keys_and_back(panel: SamplesPanel, qtbot):
    canvas = panel.view.canvas
    before = canvas.grid().wide
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.grid().wide > 2 * before
    assert panel.zoom.isVisible()
    start = canvas.place_of(5)
    centre = canvas.rect().center()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=centre)
    QTest.mouseMove(canvas, centre + QPoint(20, 12))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=centre + QPoint(20, 12))
    assert canvas.place_of(5) - start == QPointF(20, 12)
    QTest.mouseClick(panel.zoom, Qt.MouseButton.LeftButton)
    assert canvas.grid().wide == before
    assert not panel.zoom.isVisible()
    QTest.mouseMove(canvas, canvas.place_of(3).toPoint())
    assert panel.note.text() == "sample 3"


def test_pictures_grow_by_whole_pixels(panel: SamplesPanel):
    grid = panel.view.canvas.grid()
    assert grid.wide % SIZE == 0
    assert grid.columns == 4
    assert grid.place(0).left() == round(grid.place(0).left())


def test_dots_stand_over_the_data_and_say_how_many_are_outside(panel: SamplesPanel, run: RunController):
    come(run, 100, dots())
    canvas = panel.view.canvas
    assert panel.note.text() == "50 of the data · 21 generated · 1 outside"
    seen = canvas.grab().toImage().pixelColor(canvas.place_of(4).toPoint())
    wanted = QColor(sample_paint.GENERATED)
    assert abs(seen.red() - wanted.red()) < 30
    assert abs(seen.blue() - wanted.blue()) < 60
    QTest.mouseMove(canvas, canvas.place_of(4).toPoint())
    assert panel.note.text().startswith("sample ")


def test_without_a_sampler_it_says_what_to_do(qapp, controller: RunController, qtbot):
    session = Session()
    panel = SamplesPanel(session, controller)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.empty.title.text() == "No sampler yet"
    session.apply(drawing(), "Draw")
    assert panel.target == "samples"
    assert panel.empty.title.text() == "No samples yet"


def test_several_samplers_are_tabs(panel: SamplesPanel, session: Session):
    assert not panel.tabs["samples"].isVisible()
    project = edits.add_node(session.project, "main", Node("other", "samples"), Point(0, 200))
    session.apply(project, "Add")
    QTest.mouseClick(panel.tabs["other"], Qt.MouseButton.LeftButton)
    assert panel.target == "other"
    assert panel.empty.isVisible()
    QTest.mouseClick(panel.tabs["samples"], Qt.MouseButton.LeftButton)
    assert level(panel) == 230
    assert not panel.chooser.isVisible()


def test_where_there_is_no_room_for_tabs_a_menu_chooses(panel: SamplesPanel, session: Session):
    project = session.project
    for name in ("interpolated", "reconstructed", "generated"):
        project = edits.add_node(project, "main", Node(name, "samples"), Point(0, 200))
    session.apply(project, "Add")
    panel.resize(360, 300)
    assert panel.chooser.text() == "samples ▾"
    assert not any(tab.isVisible() for tab in panel.tabs.values())
    menu = panel.choice_menu()
    next(action for action in menu.actions() if action.text() == "generated").trigger()
    assert panel.target == "generated"
    assert panel.chooser.text() == "generated ▾"


# Saving and copying ---------------------------------------------------------------------------------------


def choose(panel: SamplesPanel, *words: str) -> None:
    """Choose from the menu of the panel, by its words."""
    menu = panel.actions_.make_menu(panel)
    for word in words[:-1]:
        menu = next(action for action in menu.actions() if action.text() == word).menu()
    action = next(action for action in menu.actions() if action.text().startswith(words[-1]))
    assert action.isEnabled()
    action.trigger()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """The file dialog answers with a file in the test's folder."""

    def answer(_parent: object, _title: str, name: str, _filter: str) -> tuple[str, str]:
        return str(tmp_path / name), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    return tmp_path


def test_saved_as_png_at_its_own_resolution_and_larger(panel: SamplesPanel, session: Session, answers):
    told = []
    session.notified.connect(lambda words, kind: told.append((words, kind)))
    for scale in (1, 4):
        choose(panel, "Save as PNG", f"{scale}×")
        with Image.open(answers / "samples.png") as saved:
            side = 4 * SIZE + 5 * panel.view.canvas.gap
            assert saved.size == (scale * side, scale * side)
            assert saved.convert("L").getpixel((scale * 6, scale * 6)) == 230
    assert told[-1] == ("Saved samples.png", "good")


def test_saved_as_gif_through_the_run(panel: SamplesPanel, session: Session, answers, qtbot):
    with qtbot.waitSignal(session.notified, timeout=10_000) as told:
        choose(panel, "Save as GIF", "Through the run")
    assert told.args == ["Saved samples.gif", "good"]
    with Image.open(answers / "samples.gif") as saved:
        assert saved.n_frames == 5
        levels = []
        for frame in range(5):
            saved.seek(frame)
            levels.append(saved.convert("L").getpixel((24, 24)))
    assert levels == sorted(levels)
    assert levels[0] < 10


def test_the_trail_as_gif(panel: SamplesPanel, session: Session, run: RunController, answers, qtbot):
    come(run, 100, trail())
    with qtbot.waitSignal(session.notified, timeout=10_000):
        choose(panel, "Save as GIF", "From noise to sample")
    with Image.open(answers / "samples.gif") as saved:
        assert saved.n_frames == 5


def test_a_file_that_cannot_be_written_is_told(panel: SamplesPanel, session: Session, tmp_path, qtbot):
    with qtbot.waitSignal(session.notified, timeout=10_000) as told:
        panel.actions_.save_gif(tmp_path / "missing" / "x.gif", panel.actions_.run_moments())
    assert told.args[1] == "bad"
    with qtbot.waitSignal(session.notified, timeout=10_000) as told:
        panel.actions_.save_png(tmp_path / "missing" / "x.png", 1)
    assert told.args[1] == "bad"


def test_copied_as_a_picture(panel: SamplesPanel):
    choose(panel, "Copy picture")
    copied = QGuiApplication.clipboard().image()
    assert copied.width() >= 300
    assert copied.pixelColor(60, 60).red() == 230
    QGuiApplication.clipboard().clear()


def test_spacing_is_chosen_in_the_menu(panel: SamplesPanel):
    choose(panel, "Space between pictures", "Wide")
    assert panel.view.canvas.grid().gap == 6


# The inspector --------------------------------------------------------------------------------------------


def test_the_part_in_the_inspector_is_as_high_as_its_pictures(session, run, qtbot):
    part = SamplesPart(run, LENSES["samples"])
    qtbot.addWidget(part)
    part.resize(300, 400)
    part.show()
    assert part.empty.isVisible()
    part.look_at("samples")
    assert part.heading.note.text() == "epoch 4 · step 80"
    part.show_frame(LensFrame(90, "samples", "samples", images(90)), live=True)
    assert not part.empty.isVisible()
    assert part.heading.note.text() == "live · step 90"
    assert abs(part.view.canvas.height() - part.view.canvas.grid().height) < 2
    QTest.keyClick(part.view.run_reel.timeline, Qt.Key.Key_Home)
    assert part.heading.note.text() == "before training"
    with qtbot.waitSignal(part.enlarge) as asked:
        QTest.mouseDClick(part.view.canvas, Qt.MouseButton.LeftButton)
    assert asked.args == ["samples"]


# Another drawing --------------------------------------------------------------------------------------------


def test_samples_of_an_older_drawing_are_dimmed_and_say_so(panel: SamplesPanel, session: Session, qtbot):
    view = panel.view
    assert not view.outdated.isVisible()
    session.apply(edits.set_param(session.project, "main", "noise", "shape", [1, 4, 4]), "Set shape")
    qtbot.waitUntil(view.outdated.isVisible, timeout=2_000)
    assert view.outdated.text.text() == "This run trains an older drawing."
    assert is_dimmed(view.canvas)
    QTest.keyClick(view.run_reel.timeline, Qt.Key.Key_Home)
    assert is_dimmed(view.canvas), "what the run has kept is of its drawing too"
    session.undo()
    qtbot.waitUntil(lambda: not view.outdated.isVisible(), timeout=2_000)
    assert not is_dimmed(view.canvas)


def test_samples_drawn_with_changed_values_are_of_the_present_drawing(
    panel: SamplesPanel, session: Session, run: RunController, qtbot
):
    session.apply(edits.set_param(session.project, "main", "samples", "count", 4), "Set count")
    qtbot.waitUntil(panel.view.outdated.isVisible, timeout=2_000)
    run.draws.draw(["samples"])
    run.drawing.note(LensFrame(90, "samples", "samples", images(90)))
    assert run.drawing.seen("samples", "samples").is_stale, "it was begun before the values were changed"
    run.drawing.note(LensFrame(91, "samples", "samples", images(91), changes={"count": 4}))
    come(run, 91, images(91))
    assert not run.drawing.seen("samples", "samples").is_stale
    qtbot.waitUntil(lambda: not panel.view.outdated.isVisible(), timeout=2_000)
