"""A double-click on a weight in the inspector's picture types it: the drawing begins with it, undoable."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.inspector.inspector import Inspector
from app.lenses.painters.typed_grid import TypedGrid
from app.state.run_controller import RunController
from app.state.session import Session
from engine.infer import infer
from engine.messages.events import LensFrame
from tests.drawings import convnet
from tests.gallery.held import project as of_gallery

KIND = "kernels"
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session(qapp) -> Session:
    session = Session(of_gallery("xor-by-hand"))
    session.set_report(infer(session.project))
    return session


def seen(inspector: Inspector, controller: RunController, node: str, **arrays: np.ndarray) -> TypedGrid:
    """The picture of these weights in the inspector."""
    inspector.session.select(frozenset({node}))
    controller.frames[KIND, node] = LensFrame(7, KIND, node, arrays)
    controller.frames_changed.emit({node})
    view = inspector.page.parts[KIND].view
    assert isinstance(view, TypedGrid)
    assert view.isVisible()
    return view


def cell(view: TypedGrid, tile: int, row: int, column: int) -> QPoint:
    box, (high, wide) = view.tile_rect(tile), view.tiles.values.shape[1:]
    return QPoint(
        round(box.x() + (column + 0.5) * box.width() / wide),
        round(box.y() + (row + 0.5) * box.height() / high),
    )


def double_click(view: TypedGrid, place: QPoint) -> None:
    """As a mouse does: a click, then the second one."""
    QTest.mouseClick(view, LEFT, pos=place)
    QTest.mouseDClick(view, LEFT, pos=place)


def test_a_weight_of_a_matrix_is_typed_and_undone(inspector, session, controller, qtbot):
    weight, bias = np.array([[1, 1], [1, 1]], np.float32), np.array([0, -1], np.float32)
    view = seen(inspector, controller, "hidden", weight=weight, bias=bias)
    before = session.project
    double_click(view, cell(view, 0, 1, 0))
    assert view.entry.isVisible()
    assert view.entry.text() == "1"
    view.entry.setText("3,5")
    qtbot.keyClick(view.entry, Qt.Key.Key_Return)
    assert not view.entry.isVisible()
    assert session.project.main.nodes["hidden"].params["weights"] == "1 1; 3.5 1"
    session.undo()
    assert session.project == before


def test_what_is_no_number_is_refused_and_escape_leaves_it(inspector, session, controller, qtbot):
    weight, bias = np.array([[1, 1], [1, 1]], np.float32), np.array([0, -1], np.float32)
    view = seen(inspector, controller, "hidden", weight=weight, bias=bias)
    before = session.project
    double_click(view, cell(view, 0, 0, 0))
    view.entry.setText("much")
    qtbot.keyClick(view.entry, Qt.Key.Key_Return)
    assert "Received 'much'" in inspector.page.parts[KIND].heading.note.text()
    double_click(view, cell(view, 0, 0, 0))
    qtbot.keyClick(view.entry, Qt.Key.Key_Escape)
    assert not view.entry.isVisible()
    assert session.project is before


def test_the_first_click_says_which_weight_of_which_kernel(inspector, session, controller, qtbot):
    session.open(convnet("digits"), None)
    session.set_report(infer(session.project))
    shapes = dict(session.report.nodes["conv1"].weights)
    arrays = {
        name: np.arange(np.prod(shape), dtype=np.float32).reshape(shape) for name, shape in shapes.items()
    }
    view = seen(inspector, controller, "conv1", **arrays)
    assert view.count > 1
    double_click(view, cell(view, 2, 1, 2))
    assert view.enlarged is None, "the second click leaves the tiles as they were"
    high, wide = shapes["weight"][-2:]
    assert view.entry.text() == f"{2 * high * wide + wide + 2}"
    view.entry.setText("-9")
    qtbot.keyClick(view.entry, Qt.Key.Key_Return)
    held = session.project.main.nodes["conv1"].params["weights"].replace(";", " ").split()
    assert held.index("-9") == 2 * high * wide + wide + 2
