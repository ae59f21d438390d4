"""The worker that keeps the report: newest project only, nothing for a mere move, gone when stopped."""

from __future__ import annotations

import threading

import pytest

from app.state import settings
from app.state.inference import InferenceWorker
from engine import infer as inference
from engine.document import edits
from engine.document.project import MAIN, Graph, Node, Project
from engine.document.storage import gallery
from engine.report import Report


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
