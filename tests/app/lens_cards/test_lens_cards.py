"""Cards by the mouse: what they show, where they stand, what is saved of them, the files that they write."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from app.lens_cards.card import SIZES, LensCard
from app.lens_cards.card_window import in_sight
from engine.document import edits
from engine.document.lens_pins import lens_cards, pinned_lens
from engine.document.project import MAIN, LensPin, PixelSize
from engine.document.storage.file import load, save
from engine.lens.lens import Lens
from engine.lens.registry import LENSES
from engine.messages.lens_request import LensRequest
from tests.app.lens_cards.conftest import opened, tell

LEFT = Qt.MouseButton.LeftButton


def click(button) -> None:
    QTest.mouseClick(button, LEFT)


def choose(card: LensCard, words: str) -> None:
    """An entry of the menu of a card."""
    click(card.more)
    menu = QApplication.activePopupWidget()
    (action,) = [one for one in menu.actions() if one.text() == words]
    assert action.isEnabled()
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


def test_an_empty_panel_says_what_to_do(panel):
    assert panel._body.empty.isVisible()
    assert "press L" in panel._body.empty.hint.text()


def test_a_card_shows_the_frame_its_step_and_what_it_is(panel, controller):
    card = opened(panel, "linear1")
    assert card.empty.isVisible()
    assert card.empty.text() == card.painter.empty
    tell(controller, "linear1", 1_234)
    assert card.view.isVisible()
    assert not card.empty.isVisible()
    assert "step 1,234" in card.note.text()
    assert card.view.accessibleName() == "Histogram of linear1"
    assert "activations: 32, from 1234 to" in card.view.accessibleDescription()
    QTest.mouseMove(card.view, card.view.rect().center() - QPoint(0, 20))
    click(card.about)
    assert card.explanation.isVisible()
    assert card.explanation.text() == card.lens.help
    click(card.about)
    assert not card.explanation.isVisible()


def test_a_frame_of_another_drawing_is_dimmed_and_named(panel, controller, session):
    card = opened(panel, "linear1")
    tell(controller, "linear1")
    assert card.view.graphicsEffect() is None
    session.apply(edits.set_param(session.project, MAIN, "linear1", "out_features", 5), "Change")
    panel.feed.refresh()
    assert card.view.graphicsEffect() is not None
    assert card.note.text().endswith("of an older drawing")
    session.undo()
    panel.feed.refresh()
    assert card.view.graphicsEffect() is None


def test_cards_follow_a_new_name_and_say_that_a_node_is_gone(panel, session):
    opened(panel, "linear1")
    session.apply(edits.rename_node(session.project, MAIN, "linear1", "first"), "Rename")
    (card,) = panel.cards
    assert card.node.text() == "first"
    assert card.accessibleName() == "Histogram of first"
    click(card.node)
    assert session.selection == {"first"}
    session.apply(edits.remove_nodes(session.project, MAIN, ["first"]), "Delete")
    assert panel.cards == []
    session.undo()
    assert [card.node.text() for card in panel.cards] == ["first"]
    for pin in (LensPin("histogram", "no.where", place="panel"), LensPin("spectrum", "first", place="panel")):
        session.apply(edits.add_card(session.project, pin), "Add")
    QApplication.processEvents()
    panel.feed.refresh()
    assert panel.cards[1].empty.text().startswith("no.where is not in the drawing any more. Close this card")
    assert panel.cards[2].empty.text() == "The lens spectrum is not installed."
    assert panel.cards[2].title.text() == "spectrum (not installed)"
    click(panel.cards[1].close_button)
    assert len(panel.cards) == 2


def test_a_card_follows_its_node_into_a_block_and_out(panel, session):
    from engine.document.edits.extract import extract
    from engine.document.edits.unpack import unpack

    opened(panel, "linear1")
    grouped, key = extract(session.project, MAIN, ["linear1", "relu1"], "Front")
    session.apply(grouped, "Make block")
    (card,) = panel.cards
    assert card.pin.target == f"{key}.linear1"
    assert session.project.graphs["Front"].lenses == ()
    click(card.node)
    assert session.view.graph == "Front"
    assert session.selection == {"linear1"}
    session.apply(unpack(session.project, MAIN, key)[0], "Unpack")
    assert panel.cards == [card]
    assert card.pin.target == "linear1"


def test_opening_a_lens_twice_shows_the_card_that_is_there(panel, session):
    first = opened(panel, "linear1")
    before = session.project
    assert opened(panel, "linear1") is first
    assert session.project is before
    panel.reveal(first.pin)
    assert first.property("state") == "shown"


def test_a_corner_is_dragged_and_the_size_is_undone(panel, session, qtbot):
    card = opened(panel, "linear1")
    corner, before = card.corner, card.size()
    at = corner.rect().center()
    QTest.mousePress(corner, LEFT, pos=at)
    QTest.mouseMove(corner, at + QPoint(60, 40))
    qtbot.waitUntil(lambda: card.width() > before.width() + 40, timeout=2_000)
    QTest.mouseRelease(corner, LEFT, pos=corner.rect().center())
    assert lens_cards(session.project)[0].size.width == card.width()
    assert session.undo_label == "Resize histogram of linear1"
    session.undo()
    qtbot.waitUntil(lambda: card.size() == before, timeout=2_000)
    sizes = next(a.menu() for a in panel.menu.make(card, card).actions() if a.text() == "Size")
    next(action for action in sizes.actions() if action.text() == "Large").trigger()
    assert QRect(QPoint(), SIZES["Large"]).size().toTuple() == tuple(card.pin.size)


def test_order_size_and_windows_are_saved(panel, session, tmp_path):
    card = opened(panel, "linear1")
    opened(panel, "linear2")
    choose(card, "Move back")
    assert [one.pin.target for one in panel.cards] == ["linear2", "linear1"]
    session.apply(edits.change_card(session.project, card.pin, size=PixelSize(420, 330)), "Resize")
    click(card.float_button)
    window = panel.windows[card]
    assert window.isVisible()
    assert window.isWindow()
    assert (window.width(), window.height()) == (420, 330)
    save(session.project, tmp_path / "net.loom")
    kept = load(tmp_path / "net.loom")
    assert [(one.target, one.place) for one in lens_cards(kept)] == [
        ("linear2", "panel"),
        ("linear1", "window"),
    ]
    assert lens_cards(kept)[1].size == (420, 330)
    session.open(kept, None)
    assert [one.pin.place for one in panel.cards] == ["panel", "window"]
    floating = panel.cards[1]
    click(floating.float_button)
    assert panel.windows == {}
    assert floating.window() is panel.window()
    assert lens_cards(session.project)[1].place == "panel"


def test_a_window_that_is_moved_is_kept_and_closing_it_closes_the_card(panel, session, qtbot):
    card = opened(panel, "linear1")
    click(card.float_button)
    window = panel.windows[card]
    window.move(40, 60)
    qtbot.waitUntil(lambda: lens_cards(session.project)[0].corner == (40, 60), timeout=3_000)
    window.close()
    assert panel.windows == {}
    assert lens_cards(session.project) == ()
    session.undo()
    assert [one.isVisible() for one in panel.windows.values()] == [True]
    session.undo()
    session.undo()
    assert panel.windows == {}
    assert len(panel.cards) == 1


def test_a_window_on_a_screen_that_is_gone_comes_into_sight(qapp):
    room = QGuiApplication.primaryScreen().availableGeometry()
    found = in_sight(QRect(room.right() + 4000, -900, 400, 300))
    assert room.contains(found)
    seen = QRect(room.left() + 10, room.top() + 10, 300, 200)
    assert in_sight(seen) == seen


def test_the_node_itself_shows_the_lens_of_a_card(panel, session):
    card = opened(panel, "linear1")
    panel.feed.refresh()
    click(card.pin_button)
    assert pinned_lens(session.graph, "linear1") == "histogram"
    assert card.pin_button.isChecked()
    assert panel.cards == [card]
    click(card.pin_button)
    assert pinned_lens(session.graph, "linear1") == ""


def test_close_all_is_one_step(panel, session):
    for node in ("linear1", "linear2"):
        opened(panel, node)
    click(panel.close_all)
    assert panel.cards == []
    session.undo()
    assert len(panel.cards) == 2


@pytest.fixture
def with_options(monkeypatch: pytest.MonkeyPatch) -> Lens:
    """The histogram has a parameter."""
    from nodes.param import Int

    lens = LENSES["histogram"]
    bins = Int(32, min=2, max=64, help="How many bars.")
    bins.__set_name__(type(lens), "bars")
    monkeypatch.setattr(type(lens), "params", {"bars": bins})
    return lens


def test_options_are_set_on_a_card_asked_for_and_saved(with_options, panel, session, controller, tmp_path):
    card = opened(panel, "linear1")
    assert card.form is not None
    assert not card.form.isVisible()
    click(card.options)
    assert card.form.isVisible()
    card.form.rows["bars"].field.offer(8)
    assert card.pin.options == {"bars": 8}
    assert card.request() == LensRequest("histogram", "linear1", (("bars", 8),))
    assert session.undo_label == "Set bars of histogram of linear1"
    save(session.project, tmp_path / "net.loom")
    assert lens_cards(load(tmp_path / "net.loom"))[0].options == {"bars": 8}
    card.form.reset.emit("bars")
    assert card.pin.options == {}
    choose(card, "Open a second card")
    assert len(panel.cards) == 2
    panel.cards[1].form.rows["bars"].field.offer(4)
    assert [one.request().options for one in panel.cards] == [(), (("bars", 4),)]


def test_what_is_chosen_in_a_picture_is_an_option_of_its_card(with_options, panel, session, controller):
    card = opened(panel, "linear1")
    tell(controller, "linear1")
    card.options_chosen.emit({"bars": 16})
    assert card.pin.options == {"bars": 16}
    panel.feed.refresh()
    assert card.view.isVisible(), "the picture stays until the next one comes"
    card.options_chosen.emit({"bars": 32})
    assert card.pin.options == {}
    session.undo()
    assert card.pin.options == {}, "one choice after the other is one step"


def test_options_that_a_lens_cannot_take_are_told(with_options, panel, session):
    for options in ({"bars": 9000}, {"colour": "red"}, {"bars": [1, 2]}):
        pin = LensPin("histogram", "linear1", options, place="panel")
        session.apply(edits.add_card(session.project, pin), "Add")
        card = panel.cards[-1]
        assert card.request() is None
        assert card.problem()
        session.undo()


def test_a_card_is_written_as_pictures_and_numbers(panel, controller, session, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda _p, _t, name, _f: (str(tmp_path / name), ""))
    card = opened(panel, "linear1")
    for step in (1, 2, 3):
        frame = tell(controller, "linear1", step)
    for kind in ("PNG", "SVG"):
        choose(card, f"Save as {kind}…")
    for kind in ("CSV", "NPZ"):
        choose(card, f"Save the numbers as {kind}…")
    with Image.open(tmp_path / "linear1-histogram.png") as saved:
        assert saved.width >= 2 * card.view.width()
        assert len(saved.convert("RGB").getcolors(1 << 20)) > 20
    svg = (tmp_path / "linear1-histogram.svg").read_text("utf-8")
    assert "Histogram · linear1" in svg
    assert "step 3" in svg
    with np.load(tmp_path / "linear1-histogram.npz") as held:
        assert set(held) == set(frame.arrays)
        for name, array in frame.arrays.items():
            np.testing.assert_array_equal(held[name], array)
    rows = (tmp_path / "linear1-histogram.csv").read_text().splitlines()
    assert rows[0] == "array,axis 0,value"
    assert rows[1] == "activations,0,3"
    assert len(rows) == 1 + sum(array.size for array in frame.arrays.values())
    with qtbot.waitSignal(session.notified, timeout=10_000) as told:
        choose(card, "Save the steps seen as GIF…")
    assert told.args == ["Saved linear1-histogram.gif: 3 pictures", "good"]
    with Image.open(tmp_path / "linear1-histogram.gif") as moving:
        assert moving.n_frames == 3
    choose(card, "Copy the picture")
    assert QGuiApplication.clipboard().image().width() >= 2 * card.view.width()
    choose(card, "Copy what it says as text")
    words = QGuiApplication.clipboard().text()
    assert words.startswith("Histogram · linear1")
    assert "weights: 32, from 3 to 96" in words


def test_a_file_that_cannot_be_written_is_told(panel, controller, session, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "gone" / "a.png"), ""))
    card = opened(panel, "linear1")
    tell(controller, "linear1")
    told = []
    session.notified.connect(lambda words, kind: told.append((words, kind)))
    choose(card, "Save as PNG…")
    assert "cannot be written" in told[0][0]
    assert told[0][1] == "bad"
