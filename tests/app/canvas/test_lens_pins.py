"""A lens is pinned to a node from its menu, shows in the node, and is saved with the project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.canvas.view import CanvasView
from app.state.run_controller import RunController
from app.state.session import Session
from engine.document import edits
from engine.document.edits.extract import extract
from engine.document.lens_pins import pinned_lens
from engine.document.project import MAIN, LensPin
from engine.document.storage.file import load, save
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest
from engine.report import NodeReport, Report
from tests.app.canvas.conftest import Hand, small_report

Menu = Callable[[str], QMenu]


@pytest.fixture
def submenu(view: CanvasView, hand: Hand, session: Session) -> Menu:
    """Opens the menu of a node by the mouse and then its lenses."""
    known = dict(small_report().nodes)
    known["conv1"] = NodeReport({}, known["conv1"].outputs, 40)
    session.set_report(Report(nodes=known))

    def opened(node: str) -> QMenu:
        at = hand.at(hand.middle(node))
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.viewport().mapToGlobal(at))
        QApplication.sendEvent(view.viewport(), event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        (line,) = [action for action in menu.actions() if action.text() == "Show in node"]
        click(menu, line)
        inner = line.menu()
        assert isinstance(inner, QMenu)
        inner.popup(QPoint(10, 10))
        return inner

    return opened


def click(menu: QMenu, action: object) -> None:
    place = menu.actionGeometry(action).center()  # type: ignore[arg-type]
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)


def choose(menu: QMenu, words: str) -> None:
    (line,) = [action for action in menu.actions() if action.text() == words]
    click(menu, line)
    for popup in iter(QApplication.activePopupWidget, None):
        popup.close()


def checked(menu: QMenu) -> list[str]:
    found = [action.text() for action in menu.actions() if action.isChecked()]
    for popup in iter(QApplication.activePopupWidget, None):
        popup.close()
    return found


def test_a_lens_is_pinned_and_taken_off_by_the_same_line(
    submenu: Menu, view: CanvasView, session: Session, controller: RunController
) -> None:
    before = session.project
    choose(submenu("conv1"), "Weights")
    assert session.graph.lenses == (LensPin("kernels", "conv1"),)
    item = view.drawing.nodes["conv1"]
    assert item.card.lens == "kernels"
    assert item.card.picture != view.drawing.nodes["conv2"].card.picture
    view.live.watch()
    assert LensRequest("kernels", "conv1") in controller.requests
    assert LensRequest("feature_maps", "conv1") not in controller.requests
    assert checked(submenu("conv1")) == ["Weights"]
    choose(submenu("conv1"), "Weights")
    assert session.graph.lenses == ()
    assert item.card.lens == "feature_maps"
    assert session.undo_label == "Hide weights in conv1"
    session.undo()
    session.undo()
    assert session.project is before


def test_a_node_shows_the_picture_of_its_pinned_lens(
    submenu: Menu, view: CanvasView, controller: RunController
) -> None:
    maps = LensFrame(3, "feature_maps", "conv1", {"output": np.ones((4, 8, 8), np.float32)})
    weights = LensFrame(3, "kernels", "conv1", {"weight": np.full((4, 1, 3, 3), 1.0, np.float32)})
    for frame in (maps, weights):
        controller.frames[frame.lens, frame.target] = frame
    controller.frames_changed.emit({"conv1"})
    item = view.drawing.nodes["conv1"]
    default = item.sheet
    choose(submenu("conv1"), "Weights")
    assert item.sheet is not None
    assert default is not None
    assert item.sheet.size() != default.size()
    blue = item.sheet.pixelColor(item.sheet.rect().center() - QPoint(6, 6))
    assert blue.blue() > blue.red(), "all weights are positive"


def test_another_lens_takes_the_place_of_the_first(submenu: Menu, session: Session) -> None:
    choose(submenu("conv1"), "Weights")
    choose(submenu("conv1"), "Feature maps")
    assert session.graph.lenses == (LensPin("feature_maps", "conv1"),)


def test_a_pill_becomes_a_card_for_a_pinned_lens(submenu: Menu, view: CanvasView, session: Session) -> None:
    assert view.drawing.nodes["relu1"].card.pill
    choose(submenu("relu1"), "Feature maps")
    card = view.drawing.nodes["relu1"].card
    assert not card.pill
    assert card.picture is not None
    session.undo()
    assert view.drawing.nodes["relu1"].card.pill


def test_pins_are_saved_and_follow_renaming_deleting_and_grouping(
    submenu: Menu, session: Session, tmp_path: Path
) -> None:
    choose(submenu("conv1"), "Weights")
    save(session.project, tmp_path / "net.loom")
    assert load(tmp_path / "net.loom").main.lenses == (LensPin("kernels", "conv1"),)
    renamed = edits.rename_node(session.project, MAIN, "conv1", "first")
    assert pinned_lens(renamed.main, "first") == "kernels"
    assert edits.remove_nodes(renamed, MAIN, ["first"]).main.lenses == ()
    grouped, key = extract(session.project, MAIN, ["conv1", "relu1"], "Front")
    assert grouped.main.lenses == ()
    assert pinned_lens(grouped.graphs["Front"], "conv1") == "kernels"
    session.apply(grouped, "Make block")
    assert key in session.graph.nodes


def test_a_node_inside_a_definition_shows_what_is_pinned_there(
    submenu: Menu, view: CanvasView, session: Session, controller: RunController
) -> None:
    grouped, key = extract(session.project, MAIN, ["conv1", "relu1"], "Front")
    session.apply(grouped, "Make block")
    view.editor.enter(key)
    view.camera.fit()
    report = NodeReport({}, small_report().nodes["conv1"].outputs, 40)
    known = Report(nodes={f"{key}.conv1": report})
    session.set_report(known)
    menu = submenu_of(view, "conv1")
    choose(menu, "Weights")
    assert session.project.graphs["Front"].lenses == (LensPin("kernels", "conv1"),)
    assert view.drawing.nodes["conv1"].card.lens == "kernels"
    view.live.watch()
    assert LensRequest("kernels", f"{key}.conv1") in controller.requests


def submenu_of(view: CanvasView, node: str) -> QMenu:
    from app.canvas import menu

    at = view.drawing.nodes[node].rect.center() + QPointF(0.0, 8.0)
    opened = menu.open_menu(view, at, QPoint(10, 10))
    (line,) = [action for action in opened.actions() if action.text() == "Show in node"]
    inner = line.menu()
    assert isinstance(inner, QMenu)
    inner.popup(QPoint(10, 10))
    return inner


def test_a_pin_of_a_lens_that_is_not_installed_stays_and_can_be_taken_off(
    submenu: Menu, view: CanvasView, session: Session
) -> None:
    session.apply(edits.pin_lens(session.project, MAIN, LensPin("spectrum", "conv1")), "Load")
    assert view.drawing.nodes["conv1"].card.lens == "feature_maps"
    choose(submenu("conv1"), "spectrum (not installed)")
    assert session.graph.lenses == ()
