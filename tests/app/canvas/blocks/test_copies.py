"""Arrows in the breadcrumb go from copy to copy of a block that is repeated."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.canvas.view import CanvasView
from app.state.run_controller import RunController
from app.state.session import Session
from app.widgets.buttons import IconButton
from engine.document import edits
from engine.document.project import MAIN
from tests.app.canvas.test_scene import nested_project


@pytest.fixture
def inside(controller: RunController, session: Session) -> Iterator[CanvasView]:
    session.open(nested_project(), None)
    view = CanvasView(session, controller)
    view.resize(800, 600)
    view.show()
    view.editor.enter("body")
    yield view
    view.close()
    view.deleteLater()


def words(view: CanvasView) -> str:
    labels = view.chrome.breadcrumb.findChildren(QLabel)
    return [label.text() for label in labels if label.isVisible()][-1]


def arrow(view: CanvasView, name: str) -> IconButton:
    found = view.chrome.breadcrumb.findChildren(IconButton)
    return next(one for one in found if one.isVisible() and one.accessibleName() == name)


def test_arrows_show_the_copies_one_after_another(inside: CanvasView, session: Session) -> None:
    assert words(inside) == "body.0 · 1 of 3"
    assert not arrow(inside, "Show the copy before").isEnabled()
    for number in (1, 2):
        QTest.mouseClick(arrow(inside, "Show the next copy"), Qt.MouseButton.LeftButton)
        assert (session.view.graph, session.view.path) == ("stage", f"body.{number}")
        assert words(inside) == f"body.{number} · {number + 1} of 3"
        assert session.path_of("conv1") == f"body.{number}.conv1"
    assert not arrow(inside, "Show the next copy").isEnabled()
    QTest.mouseClick(arrow(inside, "Show the copy before"), Qt.MouseButton.LeftButton)
    assert session.view.path == "body.1"
    crumb = inside.chrome.breadcrumb
    assert crumb.childrenRect().right() <= crumb.width()


def test_a_block_that_stands_once_has_no_arrows(inside: CanvasView, session: Session) -> None:
    session.show_graph()
    session.apply(edits.set_param(session.project, MAIN, "body", "repeat", 1), "Once")
    session.show_tab(MAIN)
    inside.editor.enter("body")
    assert session.view.path == "body"
    assert words(inside) == "stage"
