"""What is wrong is said once: no layer's name again below its heading, no sentence in two places."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel

from app.inspector.inspector import Inspector
from app.problems.problems import ProblemList
from app.state.session import Session
from engine.document.project import MAIN, Graph, Node, Project
from engine.report import Problem, Report


@pytest.fixture
def session(qapp) -> Session:
    nodes = (Node("data1", "data", {"dataset": "csv-file"}), Node("conv1", "conv2d"))
    return Session(Project("test", {MAIN: Graph(nodes={node.id: node for node in nodes})}))


def texts(widget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]


def test_the_list_names_the_layer_once(session, qtbot):
    session.set_report(Report(problems=(Problem(MAIN, "conv1", "conv1", "Conv2d: Expected a picture."),)))
    made = ProblemList(session)
    qtbot.addWidget(made)
    assert "Conv2d" in texts(made)
    assert "Expected a picture." in texts(made)


def test_the_inspector_says_once_that_data_cannot_be_read(session, controller, qtbot):
    made = Inspector(session, controller)
    qtbot.addWidget(made)
    made.show()
    session.select(frozenset({"data1"}))
    qtbot.waitUntil(lambda: "Expected" in made.page.data.message.text(), timeout=10_000)
    said = made.page.data.message.text()
    session.set_report(Report(problems=(Problem(MAIN, "data1", "data1", f"Data set: {said}"),)))
    assert texts(made).count(said) == 1
    assert made.page.data.message.isHidden()
    session.set_report(Report())
    assert texts(made).count(said) == 1
    assert not made.page.data.message.isHidden()
