"""Keys, clipboard, menu and the commands that the window's actions call."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas import menu
from app.canvas.editing.text_fields import RenameField
from app.canvas.view import CanvasView
from app.state.session import Session
from engine.document.project import End, Point, Wire
from tests.app.canvas.conftest import Hand, mirrors

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_K = Qt.Key


def test_delete_takes_the_chosen_nodes_and_their_wires(hand: Hand, session: Session) -> None:
    session.select(frozenset({"relu1"}))
    hand.key(_K.Key_Delete)
    assert "relu1" not in session.graph.nodes
    assert session.graph.wires == ()
    assert session.undo_label == "Delete ReLU"
    assert mirrors(hand.view)
    session.undo()
    assert mirrors(hand.view)


def test_delete_with_ctrl_heals_the_wire(hand: Hand, session: Session) -> None:
    session.select(frozenset({"relu1"}))
    hand.key(_K.Key_Delete, CTRL)
    assert session.graph.wires == (Wire(End("conv1", "output"), End("conv2", "input")),)
    assert mirrors(hand.view)


def test_arrows_nudge_and_nudges_are_one_step(hand: Hand, session: Session) -> None:
    session.select(frozenset({"conv1"}))
    for _ in range(3):
        hand.key(_K.Key_Right)
    hand.key(_K.Key_Down, SHIFT)
    assert session.graph.layout.positions["conv1"] == Point(24.0, 40.0)
    session.undo()
    assert session.graph.layout.positions["conv1"] == Point(0.0, 0.0)
    assert mirrors(hand.view)


def test_tab_walks_along_the_flow(hand: Hand, session: Session) -> None:
    seen = []
    for _ in range(len(session.graph.nodes)):
        hand.key(_K.Key_Tab)
        seen += sorted(session.selection)
    assert sorted(seen) == sorted(session.graph.nodes)
    assert seen.index("conv1") < seen.index("relu1") < seen.index("conv2")
    hand.key(_K.Key_Backtab)
    assert session.selection == {seen[-2]}


def test_tab_past_the_last_node_goes_to_the_first_and_back(hand: Hand, session: Session) -> None:
    hand.key(_K.Key_Tab)
    (first,) = session.selection
    hand.key(_K.Key_Backtab)
    (last,) = session.selection
    assert last != first
    assert hand.view.drawing.nodes[last].chosen
    hand.key(_K.Key_Tab)
    assert session.selection == {first}
    assert hand.view.hasFocus()


def test_tab_in_a_definition_goes_round_its_nodes_only(gan: Session, hand: Hand) -> None:
    gan.show_tab("judge")
    hand.view.setFocus()
    seen = []
    for _ in range(len(gan.graph.nodes) + 1):
        hand.key(_K.Key_Tab)
        seen += sorted(gan.selection)
    assert set(seen) == gan.graph.nodes.keys()
    assert seen[-1] == seen[0]


def test_ctrl_and_arrows_go_to_the_next_node_that_way(hand: Hand, session: Session) -> None:
    session.select(frozenset({"conv1"}))
    hand.key(_K.Key_Right, CTRL)
    assert session.selection == {"relu1"}
    hand.key(_K.Key_Right, CTRL)
    assert session.selection == {"conv2"}
    hand.key(_K.Key_Down, CTRL)
    assert session.selection == {"linear1"}


def test_copy_and_paste_put_copies_under_the_mouse(hand: Hand, session: Session) -> None:
    session.select(frozenset({"conv1", "relu1"}))
    hand.key(_K.Key_C, CTRL)
    assert "conv2d" in QGuiApplication.clipboard().text()
    place = QPointF(500.0, 120.0)
    hand.move(place)
    hand.key(_K.Key_V, CTRL)
    assert len(session.graph.nodes) == 8
    assert len(session.graph.wires) == 3
    left = min(hand.view.drawing.nodes[key].x() for key in session.selection)
    right = max(hand.view.drawing.nodes[key].box[2] for key in session.selection)
    assert left < place.x() < right
    assert mirrors(hand.view)


def test_cut_is_one_step_and_comes_back_by_paste(hand: Hand, session: Session) -> None:
    session.select(frozenset({"conv2"}))
    hand.key(_K.Key_X, CTRL)
    assert "conv2" not in session.graph.nodes
    assert session.undo_label == "Cut Conv2d"
    hand.key(_K.Key_V, CTRL)
    assert next(iter(session.selection)) in session.graph.nodes
    assert mirrors(hand.view)


def test_other_text_on_the_clipboard_is_refused_with_a_sentence(hand: Hand, session: Session) -> None:
    said: list[str] = []
    session.notified.connect(lambda message, _kind: said.append(message))
    before = session.project
    QGuiApplication.clipboard().setText("not a drawing")
    hand.key(_K.Key_V, CTRL)
    assert session.project is before
    assert said
    assert said[0].startswith("Expected a copied part of a drawing.")


def test_duplicate_and_select_all(hand: Hand, session: Session) -> None:
    hand.key(_K.Key_A, CTRL)
    assert session.selection == frozenset(session.graph.nodes)
    hand.key(_K.Key_D, CTRL)
    assert len(session.graph.nodes) == 12
    assert mirrors(hand.view)


def test_f2_renames_in_place(hand: Hand, view: CanvasView, session: Session) -> None:
    session.select(frozenset({"conv2"}))
    hand.key(_K.Key_F2)
    field = view.findChild(RenameField)
    assert field is not None
    field.setText("encoder")
    QTest.keyClick(field, _K.Key_Return)
    assert "encoder" in session.graph.nodes
    assert session.selection == {"encoder"}
    assert view.drawing.nodes["encoder"].card.alias == "encoder", "a name that was given is shown"
    assert view.drawing.nodes["conv1"].card.alias == "", "one that was made up is not"
    assert mirrors(view)


def test_a_name_that_is_taken_is_refused(hand: Hand, view: CanvasView, session: Session) -> None:
    said: list[str] = []
    session.notified.connect(lambda message, _kind: said.append(message))
    session.select(frozenset({"conv2"}))
    hand.key(_K.Key_F2)
    field = view.findChild(RenameField)
    assert field is not None
    field.setText("conv1")
    QTest.keyClick(field, _K.Key_Return)
    assert said
    assert "conv2" in session.graph.nodes


def test_the_menu_bypasses_and_freezes(view: CanvasView, hand: Hand, session: Session) -> None:
    def choose(words: str) -> None:
        found = [entry for entry in menu.entries(view, hand.middle("conv1")) if entry and entry[0] == words]
        found[0][2]()

    choose("Bypass")
    assert session.graph.nodes["conv1"].bypassed
    assert view.drawing.nodes["conv1"].card.bypassed
    choose("Use again")
    assert not session.graph.nodes["conv1"].bypassed
    choose("Freeze weights")
    assert session.graph.nodes["conv1"].frozen
    assert mirrors(view)


def test_add_layer_follows_the_chosen_node(view: CanvasView, session: Session) -> None:
    session.select(frozenset({"conv2"}))
    added = view.add_layer("relu")
    assert added is not None
    assert Wire(End("conv2", "output"), End(added, "input")) in session.graph.wires
    item, before = view.drawing.nodes[added], view.drawing.nodes["conv2"]
    assert item.x() > before.box[2]
    assert item.place("input", output=False).y() == before.place("output", output=True).y(), "ports in line"
    assert mirrors(view)


def search_and_add(view: CanvasView, words: str) -> str:
    """Open the search by key, type, Enter; gives what is selected then."""
    QTest.keyClick(view, _K.Key_Slash)
    assert view.search.box is not None
    QTest.keyClicks(view.search.box.field, words)
    QTest.keyClick(view.search.box.field, _K.Key_Return)
    QApplication.processEvents()
    (added,) = view.session.selection
    return added


def covers_none(view: CanvasView) -> bool:
    boxes = [item.rect for item in view.drawing.nodes.values()]
    return not any(a.intersects(b) for at, a in enumerate(boxes) for b in boxes[:at])


def test_layers_added_from_the_search_form_a_chain_without_overlap(
    view: CanvasView, session: Session
) -> None:
    session.select(frozenset({"conv2"}))
    chain = ["conv2"]
    for words in ("relu", "batch norm", "dropout", "relu"):
        chain.append(search_and_add(view, words))
        for before, after in pairwise(chain):
            assert is_wired(session, before, after), f"{after} follows {before}"
        assert covers_none(view)
        assert view.camera.visible_rect().contains(view.drawing.nodes[chain[-1]].rect), (
            "what comes is in sight"
        )
    for before, after in pairwise(chain):
        assert view.drawing.nodes[after].x() > view.drawing.nodes[before].box[2]
    assert mirrors(view)


def is_wired(session: Session, source: str, target: str) -> bool:
    return any((w.source.node, w.target.node) == (source, target) for w in session.graph.wires)


def test_layers_added_from_the_search_with_nothing_selected_cover_no_other(
    view: CanvasView, session: Session
) -> None:
    for _ in range(4):
        session.select(frozenset())
        search_and_add(view, "relu")
        assert covers_none(view)


def test_a_double_click_beside_a_node_adds_a_layer_that_covers_none(view: CanvasView, hand: Hand) -> None:
    rect = view.drawing.nodes["linear1"].rect
    hand.double_click(rect.topLeft() - QPointF(24.0, 0.0))
    assert view.search.box is not None
    QTest.keyClicks(view.search.box.field, "relu")
    QTest.keyClick(view.search.box.field, _K.Key_Return)
    assert covers_none(view)


def test_a_node_finds_free_room_in_a_crowded_drawing(view: CanvasView, session: Session) -> None:
    for _ in range(60):
        session.select(frozenset())
        search_and_add(view, "relu")
    assert covers_none(view)


def test_add_layer_where_nothing_fits_stands_free(view: CanvasView, session: Session) -> None:
    session.select(frozenset({"noise1"}))
    wires = session.graph.wires
    added = view.add_layer("conv2d")
    assert added is not None
    assert session.graph.wires == wires
    boxes = [item.rect for key, item in view.drawing.nodes.items() if key != added]
    assert not any(view.drawing.nodes[added].rect.intersects(box) for box in boxes)


@pytest.mark.parametrize("zoom", [0.1, 0.3, 1.0, 3.0])
def test_fit_shows_the_whole_drawing(view: CanvasView, zoom: float) -> None:
    view.camera.zoom_to(zoom)
    view.camera.centre(QPointF(5000.0, 5000.0))
    view.camera.fit()
    assert view.camera.visible_rect().contains(view.drawing.hit_testing.content_rect())
    assert view.camera.zoom <= 1.0


def test_reveal_chooses_and_brings_into_sight(view: CanvasView, session: Session) -> None:
    view.camera.centre(QPointF(9000.0, 0.0))
    view.reveal("loss")
    assert session.selection == {"loss"}
    assert view.camera.visible_rect().contains(view.drawing.nodes["loss"].rect)


def test_the_chips_show_the_zoom_and_set_it(view: CanvasView) -> None:
    view.camera.zoom_to(0.5)
    assert view.chrome.zoom_chip.text() == "50 %"
    QTest.mouseClick(view.chrome.zoom_chip, Qt.MouseButton.LeftButton)
    assert view.camera.zoom == 1.0
    view.camera.zoom_to(3.0)
    QTest.mouseClick(view.chrome.fit_chip, Qt.MouseButton.LeftButton)
    assert view.camera.visible_rect().contains(view.drawing.hit_testing.content_rect())


def test_the_minimap_goes_where_it_is_pressed(view: CanvasView) -> None:
    assert not view.minimap_shown
    view.set_minimap(True)
    assert view.minimap_shown
    view.camera.centre(QPointF(4000.0, 4000.0))
    view.chrome.minimap.grab()
    QTest.mouseClick(view.chrome.minimap, Qt.MouseButton.LeftButton, pos=view.chrome.minimap.rect().center())
    centre, content = view.camera.visible_rect().center(), view.drawing.hit_testing.content_rect().center()
    assert (centre - content).manhattanLength() < 10.0
    view.set_minimap(False)
    assert not view.minimap_shown


def test_an_empty_canvas_says_what_to_do(view: CanvasView, session: Session) -> None:
    assert not view.chrome.empty.isVisible()
    view.editor.select_all()
    view.editor.delete()
    assert view.chrome.empty.isVisible()
    assert "Drag a layer" in view.chrome.empty.hint.text()
    session.undo()
    assert not view.chrome.empty.isVisible()
