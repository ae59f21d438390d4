"""The training panel shows what a run says: states, progress, losses, metrics and a prediction."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.state import warmup
from app.state.run_controller import RunController
from app.state.run_history import RunHistory
from app.state.session import Session
from app.style import theme
from app.training.training import TrainingPanel
from app.training.training_header import clock
from engine.data import catalogue
from engine.document import edits
from engine.document.project import MAIN, Graph, Node, Project
from engine.document.storage import gallery
from engine.messages.events import Event, Finished, LensFrame, Progress, Started, Validated, Warned
from engine.messages.lens_request import LensRequest
from nodes.data.source import DataSource
from nodes.reading.picture.picture_files import PictureRows
from nodes.training.objective import Objective

STARTED = Started("CPU", 61706, 157, 10, 1570, 0)


def drawing(*more: Node) -> Project:
    nodes = [
        Node("data1", "data", {"dataset": "fashion-mnist"}),
        Node("objective1", "objective"),
        Node("accuracy1", "accuracy"),
        Node("output1", "output"),
        *more,
    ]
    return Project("test", {MAIN: Graph(nodes={node.id: node for node in nodes})})


@pytest.fixture
def session(qapp) -> Session:
    return Session(drawing())


@pytest.fixture
def panel(session: Session, controller: RunController, qtbot) -> TrainingPanel:
    made = TrainingPanel(session, controller)
    qtbot.addWidget(made)
    made.resize(940, 272)
    made.rest_ms = 0
    made.show()
    qtbot.waitUntil(made.isVisible)
    return made


def become(controller: RunController, state: str) -> None:
    controller.state = state
    controller.state_changed.emit()


def say(controller: RunController, *events: Event) -> None:
    """What the controller does on a drain."""
    for event in events:
        if isinstance(event, Started):
            controller.started, controller.history = event, RunHistory()
        elif isinstance(event, Progress):
            controller.progress = event
        elif isinstance(event, Finished):
            controller.finished = event
        controller.history.take(event)
    controller.events.emit(list(events))


def progress(first: int, last: int, rate: float = 2e-3, **losses: list[float]) -> Progress:
    steps = list(range(first, last + 1))
    given = losses or {"objective1": [2.0 / step for step in steps]}
    return Progress(last, last // 157, steps, given, 21480.4, 4.2, {"objective1": rate}, {"accuracy1": 0.5})


def begin(controller: RunController) -> None:
    say(controller, STARTED)
    become(controller, "running")


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """A folder of 400 pictures that take their time."""
    decode = PictureRows._decode

    def slowly(rows, index):
        time.sleep(0.02)
        return decode(rows, index)

    monkeypatch.setattr(PictureRows, "_decode", slowly)
    for number in range(400):
        folder = tmp_path / f"class{number % 2}"
        folder.mkdir(exist_ok=True)
        Image.new("L", (8, 8), number % 256).save(folder / f"{number}.png")
    return tmp_path


def test_it_says_how_far_the_reading_of_data_is_and_stop_calls_it_off(
    panel, session, controller, qtbot, pictures
):
    warmup.load_engine()
    project = gallery.make("cnn-digits")
    source = next(node.id for node in project.main.nodes.values() if node.layer == "data")
    for name, value in (("dataset", "image-folder"), ("path", str(pictures))):
        project = edits.set_param(project, MAIN, source, name, value)
    session.open(project, None)
    controller.play()
    words = re.compile(r"Reading 400 pictures … [1-9]\d? %")
    qtbot.waitUntil(lambda: words.search(panel.empty.hint.text()) is not None, timeout=10_000)
    controller.stop()
    qtbot.waitUntil(
        lambda: controller.state == "finished", timeout=4_000
    )  # all pictures would take 8 seconds
    assert panel.empty.isVisible()
    assert panel.empty.title.text() == "Stopped"


def test_before_a_run_it_says_what_to_do(panel, session):
    assert panel.empty.isVisible()
    assert "Press Play" in panel.empty.hint.text()
    session.open(Project(), None)
    assert "Objective" in panel.empty.hint.text()


def test_while_the_run_is_prepared_it_says_so(panel, controller):
    become(controller, "compiling")
    assert panel.empty.title.text() == "Preparing"


def test_progress_fills_the_header(panel, controller):
    begin(controller)
    say(controller, progress(1, 785))
    values = [(figure.name, figure.value) for figure in panel.header.figures()]
    assert values == [("Epoch", "6 / 10"), ("Step", "785"), ("Samples/s", "21,480"), ("Left", "0:04")]
    assert panel.progress.share == 0.5


def test_losses_become_a_curve_and_a_legend(panel, controller):
    begin(controller)
    say(controller, progress(1, 200))
    say(controller, progress(201, 400), Validated(400, 2, {"objective1": 0.366}, {"accuracy1": 0.863}))
    x, y = panel.loss.plot.curves["training objective1"].line.getData()
    assert (x[0], x[-1]) == (1, 400)
    assert y[-1] < y[0]
    assert panel.loss.legend.text().endswith("validation 0.366")
    assert panel.metric_charts["Accuracy"].legend.text().startswith("validation 86.3 %")
    assert (panel.header.best.name, panel.header.best.value) == ("Validation accuracy", "86.3 %")


def test_another_run_begins_with_empty_charts(panel, controller):
    begin(controller)
    say(controller, progress(1, 50))
    begin(controller)
    assert all(len(series) == 0 for series in panel.loss.series.values())
    say(controller, progress(1, 5))
    assert panel.loss.plot.curves["training objective1"].line.getData()[0][-1] == 5


def test_every_objective_has_curves_of_its_own_colours(panel, controller, session):
    session.open(drawing(Node("objective2", "objective")), None)
    begin(controller)
    say(controller, progress(1, 3, objective1=[1.0, 2.0, 3.0], objective2=[4.0, float("nan"), 6.0]))
    curves = panel.loss.plot.curves
    assert curves["training objective1"].name == "objective1"
    assert len({curve.colour() for curve in curves.values()}) == 4
    assert panel.loss.series["training objective2"].values.tolist() == [4.0, 6.0]


def test_the_terms_of_a_loss_are_thinner_curves_of_their_own(panel, controller):
    begin(controller)
    terms = {"objective1/reconstruction": [3.0, 2.0, 1.0], "objective1/divergence": [0.1, 0.2, 0.3]}
    say(controller, Progress(3, 0, [1, 2, 3], {"objective1": [3.1, 2.2, 1.3]}, 1.0, 1.0, {}, {}, terms))
    curves = panel.loss.plot.curves
    names = [curve.name for curve in curves.values()]
    assert names == ["training", "validation", "divergence", "reconstruction"]
    assert curves["term objective1/divergence"].width < curves["training objective1"].width
    assert panel.loss.series["term objective1/divergence"].values.tolist() == [0.1, 0.2, 0.3]
    assert len({curve.colour() for curve in curves.values()}) == 4


def test_terms_keep_their_colours_in_whatever_order_they_are_told(panel, controller):
    told = {"objective1/reconstruction": [3.0], "objective1/divergence": [0.1]}
    seen = []
    for terms in (told, dict(reversed(told.items()))):
        begin(controller)
        say(controller, Progress(1, 0, [1], {"objective1": [3.1]}, 1.0, 1.0, {}, {}, terms))
        curves = panel.loss.plot.curves
        seen.append([(curve.name, curve.colour()) for curve in curves.values()])
    assert seen[0] == seen[1]


def test_the_legend_names_every_objective_and_no_curve_that_has_no_values(panel, controller, session):
    more = (Node("discriminator_objective", "objective"), Node("generator_objective", "objective"))
    session.open(Project("test", {MAIN: Graph(nodes={node.id: node for node in more})}), None)
    begin(controller)
    losses = {"discriminator_objective": [1.0, 1.387], "generator_objective": [0.9, 0.693]}
    say(controller, progress(1, 2, **losses))
    assert panel.loss.legend.text() == "discriminator 1.387   generator 0.693"
    for path in losses:
        place = panel.loss.legend.place_of(f"training {path}")
        assert place is not None, "every objective has room"
        QTest.mouseClick(panel.loss.legend, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert panel.loss.hidden == {"training discriminator_objective"}, "the last curve stays"


def test_a_warning_is_marked_where_it_was_given(panel, controller):
    begin(controller)
    say(controller, progress(1, 400), Warned(0, "at the start"), Warned(200, "the gradient vanishes"))
    assert panel.loss.plot.notes == [(200, "the gradient vanishes")]


def test_losses_that_are_no_numbers_have_a_word_of_their_own(panel, controller):
    begin(controller)
    say(
        controller,
        Finished("diverged", 38, 0, 1.0, {}, "objective1: the loss is not a finite number at step 38."),
    )
    become(controller, "finished")
    assert panel.header.state.text() == "Diverged"


def test_the_learning_rate_is_changed_while_it_runs(panel, controller, monkeypatch):
    asked = []
    monkeypatch.setattr(controller, "set_learning_rate", lambda path, rate: not asked.append((path, rate)))
    begin(controller)
    say(controller, progress(1, 10))
    field = panel.header.rates["objective1"]
    assert field.isVisible()
    assert field.field.entry.text() == "0.002"
    QTest.mouseClick(field.field.entry, Qt.MouseButton.LeftButton)
    field.field.entry.selectAll()
    QTest.keyClicks(field.field.entry, "0.01")
    say(controller, progress(11, 20))
    assert field.field.entry.text() == "0.01"
    QTest.keyClick(field.field.entry, Qt.Key.Key_Return)
    assert asked == [("objective1", 0.01)]
    become(controller, "finished")
    assert not field.isVisible()


def test_a_learning_rate_may_be_what_an_objective_may_have(panel, controller):
    begin(controller)
    say(controller, progress(1, 10))
    field, declared = panel.header.rates["objective1"].field.param, Objective.params["learning_rate"]
    assert field.expected() == declared.expected()
    assert (field.default, field.log) == (declared.default, declared.log)


def test_a_pause_and_the_end_are_named(panel, controller):
    begin(controller)
    say(controller, progress(1, 10))
    become(controller, "paused")
    assert panel.header.state.text() == "Paused"
    say(controller, Finished("completed", 1570, 10, 8.2, {}))
    become(controller, "finished")
    assert panel.header.state.text() == "Finished"
    assert (panel.header.left.name, panel.header.left.value) == ("Took", "0:08")


def test_an_end_whose_validation_was_not_finite_is_no_plain_success(panel, controller):
    message = "The validation gave values that are not finite numbers in 2 of 10 epochs."
    say(controller, STARTED, progress(1, 3), Finished("completed", 3, 10, 1.0, {}, message, 2))
    become(controller, "finished")
    assert panel.header.state.text() == "Finished, validation not finite"
    assert theme.current().warn in panel.header.state.styleSheet()
    assert message in panel.header.message.text()


def test_a_failure_is_told_in_a_sentence(panel, controller):
    begin(controller)
    say(controller, progress(1, 10))
    say(
        controller,
        Finished("failed", 10, 0, 1.0, {}, "The loss is not a number at step 10: lower the learning rate."),
    )
    become(controller, "finished")
    assert panel.header.state.text() == "Failed"
    assert panel.header.message.isVisible()
    assert "lower the learning rate" in panel.header.message.text()


def test_the_prediction_of_the_pinned_sample_is_shown(panel, controller):
    catalogue.describe(DataSource(dataset="fashion-mnist"))  # as inference does
    begin(controller)
    assert controller.requests == {LensRequest("prediction", "output1")}
    scores = np.zeros(10, np.float32)
    scores[9] = 6.0
    arrays = {"output": scores, "target": np.array(9)}
    controller.frames[("prediction", "output1")] = LensFrame(10, "prediction", "output1", arrays)
    controller.frames_changed.emit({"output1"})
    assert panel.lens.picture.texts()[0] == "Boot 97.8"
    assert panel.lens.heading.note.text() == "8 of 10 classes · sample 0 · true: Boot"


def test_the_prediction_gives_way_to_the_charts_where_room_is_short(panel, controller, qtbot):
    begin(controller)
    assert panel.lens.isVisible()
    panel.resize(490, 400)
    qtbot.waitUntil(lambda: not panel.lens.isVisible(), timeout=2_000)
    charts = (panel.loss, *panel.metric_charts.values())
    assert all(chart.mapTo(panel, chart.rect().topRight()).x() < panel.width() for chart in charts)
    panel.resize(940, 400)
    qtbot.waitUntil(panel.lens.isVisible, timeout=2_000)


def test_a_hidden_panel_collects_but_watches_and_draws_nothing(panel, controller):
    begin(controller)
    say(controller, progress(1, 10))
    panel.hide()
    assert controller.requests == frozenset()
    say(controller, progress(11, 20))
    assert panel.loss.plot.curves["training objective1"].line.getData()[0][-1] == 10
    panel.show()
    assert panel.loss.plot.curves["training objective1"].line.getData()[0][-1] == 20


def test_charts_rest_between_two_repaints_and_miss_nothing(panel, controller, qtbot):
    begin(controller)
    panel.rest_ms = 80
    say(controller, progress(1, 10))
    say(controller, progress(11, 20))
    say(controller, progress(21, 30))
    line = panel.loss.plot.curves["training objective1"].line
    assert line.getData()[0][-1] < 30
    qtbot.waitUntil(lambda: line.getData()[0][-1] == 30, timeout=1000)


def test_a_long_run_costs_little_per_drain(panel, controller, qapp):
    begin(controller)
    for first in range(1, 300_000, 20_000):
        say(controller, progress(first, first + 19_999))
    start, drains = time.process_time(), 20
    for index in range(drains):
        say(controller, progress(300_001 + 10 * index, 300_010 + 10 * index))
        qapp.processEvents()
    assert (time.process_time() - start) / drains < 0.030


@pytest.mark.parametrize(("seconds", "text"), [(4.2, "0:04"), (3700, "1:01:40"), (float("inf"), "–")])
def test_times_are_written_as_on_a_clock(seconds, text):
    assert clock(seconds) == text


def test_a_narrow_panel_leaves_figures_out_and_cuts_none_off(panel, controller, qtbot):
    begin(controller)
    say(controller, progress(1, 99), Validated(99, 1, {"objective1": 0.3}, {"accuracy1": 0.881}))
    header = panel.header
    assert header.throughput.isVisible()
    panel.resize(560, 272)
    assert not header.throughput.isVisible()
    assert header.best.isVisible()
    shown = [header.best, *(figure for figure in header.figures() if figure.isVisible())]
    qtbot.waitUntil(lambda: all(header.rect().contains(part.geometry()) for part in shown), timeout=2_000)
    panel.resize(940, 272)
    assert header.throughput.isVisible()
    header.leave_room(118)  # as the names of the pages take
    panel.controller.history.goes_on = True
    become(controller, "running")
    panel.resize(670, 272)
    assert header.state.text() == "Resumed"
    assert header.epoch.isVisible(), "how far it is counts most"
    shown = [header.state, header.best, header.epoch, *header.rates.values()]

    def edges() -> list[tuple[int, int]]:
        lefts = [part.mapTo(header, QPoint(0, 0)).x() for part in shown]
        return sorted((left, left + part.width()) for left, part in zip(lefts, shown, strict=True))

    qtbot.waitUntil(lambda: edges()[-1][1] <= header.width(), timeout=2_000)
    assert all(right <= left for (_, right), (left, _) in pairwise(edges()))
    panel.resize(470, 272)
    assert header.epoch.isVisible(), "before a field whose name nobody can read"
    assert not any(rate.isVisible() for rate in header.rates.values())
    panel.controller.history.goes_on = False
    become(controller, "paused")
    become(controller, "running")
    panel.resize(530, 272)
    assert not any(rate.isVisible() for rate in header.rates.values())
    assert header.left.isVisible(), "in the room that they leave"
    panel.resize(940, 272)
    assert all(rate.isVisible() for rate in header.rates.values())
