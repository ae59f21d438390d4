"""Blocks of one's own: saved by the menu, dragged into another project, updated when they change."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.canvas import keeping
from app.canvas.menu import entries
from app.canvas.view import CanvasView
from app.inspector.inspector import Inspector
from app.palette.palette import Palette
from app.state.session import Session
from engine.document import edits
from engine.document.edits.extract import extract
from engine.document.project import MAIN, Project
from engine.document.storage.library import blocks_folder, origin_of, write_block
from tests.app.canvas.conftest import Hand


@pytest.fixture
def block(session: Session) -> str:
    made, key = extract(session.project, MAIN, ("conv1", "relu1"), "Part")
    session.apply(made, "Make block")
    session.select(frozenset({key}))
    return key


@pytest.fixture
def palette(qtbot, session: Session) -> Palette:
    made = Palette(session)
    qtbot.addWidget(made)
    made.resize(208, 600)
    made.show()
    return made


def choose(view: CanvasView, hand: Hand, key: str, words: str) -> None:
    entry = next(found for found in entries(view, hand.middle(key)) if found and found[0] == words)
    entry[2]()


def rows(palette: Palette) -> list[str]:
    shown = [row.title for row in palette.model.rows]
    if "My blocks" not in shown:
        return []
    start = shown.index("My blocks") + 1
    return shown[start : shown.index("Data")]


def told_by(session: Session) -> list[str]:
    found: list[str] = []
    session.notified.connect(lambda text, *_: found.append(text))
    return found


def test_saved_by_the_menu_it_stands_in_the_palette(hand, view, session, block, palette) -> None:
    told = told_by(session)
    assert rows(palette) == []
    choose(view, hand, block, "Save to My blocks")
    assert rows(palette) == ["Part"]
    assert (blocks_folder() / "Part.loom").is_file()
    assert told == ["Part is in the palette under My blocks now, for every project."]
    assert session.undo_label == "Save Part to My blocks"
    assert origin_of(session.project.graphs["Part"]) is not None


def test_another_project_gets_it_with_one_undoable_drop(hand, view, session, block) -> None:
    write_block(blocks_folder(), session.project, "Part")
    session.open(Project(), None)
    hand.drop('block\n{"library": "Part"}', view.mapToScene(200, 200))
    assert set(session.project.graphs) == {MAIN, "Part"}
    (node,) = session.graph.nodes.values()
    assert node.params == {"definition": "Part"}
    assert session.selection == {node.id}
    assert session.undo_label == "Add Part from My blocks"
    session.undo()
    assert set(session.project.graphs) == {MAIN}


def test_enter_in_the_palette_puts_it_into_the_middle(hand, view, session, block, palette) -> None:
    write_block(blocks_folder(), session.project, "Part")
    session.open(Project(), None)
    palette.chosen.connect(view.add_layer)
    QTest.keyClicks(palette.search, "part")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert [node.params["definition"] for node in session.graph.nodes.values()] == ["Part"]


def test_a_file_that_is_no_block_is_told_in_plain_words(view, session, palette) -> None:
    folder = blocks_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "<b>bold.loom").write_text("{")
    told, before = told_by(session), session.project
    palette._on_project()
    assert rows(palette) == ["<b>bold"]
    view.add_layer("block", {"library": "<b>bold"})
    assert session.project is before
    assert told[0].startswith("My blocks: ")


def test_a_change_in_the_folder_is_told_and_taken_over_by_one_click(
    hand, view, session, block, controller, qtbot
) -> None:
    inspector = Inspector(session, controller)
    qtbot.addWidget(inspector)
    inspector.show()
    choose(view, hand, block, "Save to My blocks")
    assert inspector.page.library.buttons == {}
    changed = edits.set_param(session.project, "Part", "conv1", "out_channels", 9)
    write_block(blocks_folder(), changed, "Part")
    session.select(frozenset())
    assert list(inspector.summary.library.buttons) == ["Part"]
    session.select(frozenset({block}))
    session.report_changed.emit()
    button = inspector.page.library.buttons["Part"]
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.project.graphs["Part"].nodes["conv1"].params["out_channels"] == 9
    assert session.undo_label == "Update Part from My blocks"
    assert inspector.page.library.buttons == {}
    session.undo()
    assert session.project.graphs["Part"].nodes["conv1"].params["out_channels"] == 4
    assert list(inspector.page.library.buttons) == ["Part"]


@pytest.mark.parametrize("answer", ["replace", ""])
def test_another_block_of_that_name_is_replaced_only_where_one_says_so(
    hand, view, session, block, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    other = edits.set_param(session.project, "Part", "conv1", "out_channels", 9)
    write_block(blocks_folder(), other, "Part")
    before = (blocks_folder() / "Part.loom").read_bytes()
    asked: list[str] = []
    monkeypatch.setattr(keeping, "ask", lambda _parent, title, *_: asked.append(title) or answer)
    choose(view, hand, block, "Save to My blocks")
    assert asked == ["Replace Part in My blocks?"]
    assert ((blocks_folder() / "Part.loom").read_bytes() == before) is (answer == "")
    choose(view, hand, block, "Save to My blocks")
    assert len(asked) == (1 if answer else 2)  # what is there already is not asked about again
