"""The worker that keeps the report: newest project only, nothing for a mere move, gone when stopped."""

from __future__ import annotations

import threading
import time

import pytest

from app.state import settings
from app.state.inference import InferenceWorker
from engine import infer as inference
from engine.data import catalogue
from engine.document import edits
from engine.document.project import MAIN, Graph, Node, Point, Project
from engine.document.storage import gallery
from engine.infer import source as source_outcomes
from engine.report import Report
from nodes.reading import progress


@pytest.fixture
def worker(session):
    worker = InferenceWorker(session)
    yield worker
    worker.stop()


def test_a_project_gets_its_report(qtbot, session, worker):
    session.open(gallery.make("lenet5-fashion"), None)
    with qtbot.waitSignal(session.report_changed, timeout=20_000):
        worker.start()
    qtbot.waitUntil(lambda: session.report.parameters == 61_706, timeout=5_000)
    assert not session.report.problems


def test_an_edit_is_looked_at_again(qtbot, session, worker):
    session.open(gallery.make("lenet5-fashion"), None)
    worker.start()
    qtbot.waitUntil(lambda: session.report.parameters == 61_706, timeout=20_000)
    conv = next(node.id for node in session.project.main.nodes.values() if node.layer == "conv2d")
    session.apply(edits.set_param(session.project, MAIN, conv, "out_channels", 8), "Set channels")
    qtbot.waitUntil(lambda: session.report.parameters not in (0, 61_706), timeout=5_000)


def test_a_stale_report_is_dropped(session, worker):
    old = session.project
    session.open(gallery.make("lenet5-fashion"), None)
    before = session.report
    worker._take(old, Report(parameters=7))
    assert session.report is before


def test_stopping_leaves_no_thread(qtbot, session, worker):
    with qtbot.waitSignal(worker.engine_ready, timeout=20_000):
        worker.start()
    worker.stop()
    assert "layerloom-inference" not in [thread.name for thread in threading.enumerate()]


def test_a_data_set_that_arrives_is_seen_when_asked_again(qtbot, session, worker, tmp_path):
    file = tmp_path / "table.csv"
    source = Node("data", "data", {"dataset": "csv-file", "path": str(file)})
    session.open(Project(graphs={MAIN: Graph({"data": source})}), None)
    worker.start()
    qtbot.waitUntil(lambda: bool(session.report.errors), timeout=20_000)
    file.write_text("a,b,y\n" + "".join(f"{k},{k * 2},{k * 3}\n" for k in range(40)))
    with qtbot.waitSignal(session.report_changed, timeout=5_000):
        session.recheck()
    assert not session.report.errors


def test_an_unexpected_error_is_told_with_a_report_and_the_next_project_is_looked_at(
    qtbot, session, worker, tmp_path, monkeypatch
):
    monkeypatch.setattr(settings, "state_folder", lambda: tmp_path)
    right, refused = inference.infer, gallery.make("lenet5-fashion")

    def broken(project, previous=None):
        if project is refused:
            raise KeyError("no such thing")
        return right(project, previous)

    monkeypatch.setattr(inference, "infer", broken)
    session.open(refused, None)
    with qtbot.waitSignal(worker.failed, timeout=20_000) as told:
        worker.start()
    (report,) = (tmp_path / "reports").iterdir()
    assert str(report) in told.args[0]
    assert "KeyError: 'no such thing'" in told.args[0]
    text = report.read_text()
    assert "Traceback" in text
    assert "torch " in text
    assert "main/conv1: conv2d" in text
    session.open(gallery.make("lenet5-fashion"), None)
    qtbot.waitUntil(lambda: session.report.parameters == 61_706, timeout=20_000)


def test_a_paired_data_node_without_a_file_leaves_the_rest_known(qtbot, session, worker):
    nodes = [
        Node("one", "data", {"dataset": "csv-file"}),
        Node("two", "data", {"dataset": "circle", "paired_with": "one"}),
    ]
    session.open(Project(graphs={MAIN: Graph({node.id: node for node in nodes})}), None)
    worker.start()
    qtbot.waitUntil(lambda: bool(session.report.errors), timeout=20_000)
    assert [problem.node for problem in session.report.errors] == ["one"]
    session.open(gallery.make("lenet5-fashion"), None)
    qtbot.waitUntil(lambda: session.report.parameters == 61_706, timeout=20_000)


def test_what_is_wrong_is_a_problem_of_the_drawing_too_and_told_again_after_a_sound_one(
    qtbot, session, worker, tmp_path, monkeypatch
):
    monkeypatch.setattr(settings, "state_folder", lambda: tmp_path)
    right, refused = inference.infer, [gallery.make("mlp-spiral"), gallery.make("mlp-spiral")]

    class PanicError(BaseException):
        """What a library of another language may raise."""

    def broken(project, previous=None):
        if any(project is bad for bad in refused):
            raise PanicError("no such thing")
        return right(project, previous)

    monkeypatch.setattr(inference, "infer", broken)
    told: list[str] = []
    worker.failed.connect(told.append)
    worker.start()
    for bad in refused:
        session.open(bad, None)
        qtbot.waitUntil(lambda: "PanicError" in str(session.report.problems), timeout=20_000)
        session.open(gallery.make("lenet5-fashion"), None)
        qtbot.waitUntil(lambda: session.report.parameters == 61_706, timeout=20_000)
    assert len(told) == 2


@pytest.fixture
def slow_reading(monkeypatch):
    """Every description of a data set takes for ever, until it is called off; the list says which were."""
    events: list[str] = []

    def describe(source):
        events.append(f"reads {source.dataset}")
        try:
            while source.dataset == "circle":
                progress.tell("Reading data")
                time.sleep(0.005)
        except progress.CalledOffError:
            events.append("called off")
            raise
        return catalogue_describe(source)

    catalogue_describe = catalogue.describe
    for module in (source_outcomes, catalogue):
        monkeypatch.setattr(module, "describe", describe)
    return events


def test_an_edit_calls_off_a_reading_that_it_makes_useless_and_no_other(qtbot, session, worker, slow_reading):
    session.open(Project(graphs={MAIN: Graph({"data": Node("data", "data", {"dataset": "circle"})})}), None)
    worker.start()
    qtbot.waitUntil(lambda: slow_reading == ["reads circle"], timeout=20_000)
    session.apply(edits.add_node(session.project, MAIN, Node("relu", "relu"), Point(0.0, 0.0)), "Add")
    qtbot.wait(100)
    assert slow_reading == ["reads circle"], "the next inference needs the same data"
    session.apply(edits.set_param(session.project, MAIN, "data", "dataset", "wine"), "Choose")
    qtbot.waitUntil(lambda: "data" in session.report.nodes, timeout=5_000)
    assert slow_reading[1] == "called off"
    assert session.report.nodes["data"].data.title == "Wine"


def test_a_window_that_closes_calls_off_what_is_read(qtbot, session, worker, slow_reading):
    session.open(Project(graphs={MAIN: Graph({"data": Node("data", "data", {"dataset": "circle"})})}), None)
    worker.start()
    qtbot.waitUntil(lambda: slow_reading == ["reads circle"], timeout=20_000)
    worker.stop()
    assert slow_reading[-1] == "called off"
