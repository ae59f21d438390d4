"""The palette: what it lists, how it is searched, and what a drag of a row carries."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QWidget

from app.palette import palette as palette_module
from app.palette.palette import MIME, Palette
from app.palette.palette_model import FamilyHeading, Offer, offer_of
from nodes.registry import REGISTRY
from nodes.spec import Family, Layer
from tests.drawings import gan


@pytest.fixture
def palette(qtbot, session):
    widget = Palette(session)
    qtbot.addWidget(widget)
    widget.resize(208, 700)
    widget.show()
    return widget


def shown(palette: Palette) -> list[str]:
    return [row.title for row in palette.model.rows]


def centre(palette: Palette, layer_type: str) -> QPoint:
    index = palette.list.row_of(layer_type)
    palette.list.scrollTo(index)
    return palette.list.visualRect(index).center()


def test_every_layer_stands_under_its_family(palette):
    rows = palette.model.rows
    for at, row in enumerate(rows):
        if isinstance(row, Offer):
            above = next(r for r in reversed(rows[:at]) if isinstance(r, FamilyHeading))
            assert row.family == above.key
    listed = {row.layer for row in rows if isinstance(row, Offer)}
    assert listed == {layer.type for layer in REGISTRY.values() if layer.family is not Family.STRUCTURE}


def test_typing_finds_layers_by_name_and_alias(palette, qtbot):
    qtbot.keyClicks(palette.search, "mnist")
    assert shown(palette) == ["Data set"]
    palette.search.clear()
    qtbot.keyClicks(palette.search, "conv2d")
    assert shown(palette)[0] == "Conv2d"


def test_enter_adds_the_first_found_layer(palette, qtbot):
    qtbot.keyClicks(palette.search, "relu")
    with qtbot.waitSignal(palette.chosen) as told:
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert told.args == [REGISTRY.search("relu")[0].type, {}]


def test_arrows_in_the_search_move_the_choice(palette, qtbot):
    qtbot.keyClicks(palette.search, "pool")
    second = palette.model.rows[1]
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.chosen) as told:
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert isinstance(second, Offer)
    assert told.args == [second.layer, {}]


def test_nothing_found_says_what_to_do(palette, qtbot):
    qtbot.keyClicks(palette.search, "zzzz")
    assert palette.stack.currentWidget() is palette.empty
    assert palette.empty.isVisible()
    qtbot.keyClick(palette.search, Qt.Key.Key_Escape)
    assert palette.stack.currentWidget() is palette.list
    assert palette.search.text() == ""


def test_a_click_on_a_family_folds_it_and_is_remembered(palette, qtbot, session):
    at = shown(palette).index("Convolution")
    place = palette.list.visualRect(palette.model.index(at)).center()
    qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert "Conv2d" not in shown(palette)
    again = Palette(session)
    qtbot.addWidget(again)
    assert "Conv2d" not in shown(again)
    assert "Convolution" in shown(again)


def test_a_drag_carries_the_type_of_the_layer(palette, qtbot, monkeypatch):
    carried = []

    def run(drag, *_):
        carried.append(bytes(drag.mimeData().data(MIME).data()).decode())
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", run)
    start = centre(palette, "conv2d")
    qtbot.mousePress(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 6):
        qtbot.mouseMove(palette.list.viewport(), start + QPoint(12 * step, 0))
    palette.list.startDrag(Qt.DropAction.CopyAction)
    qtbot.mouseRelease(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=start)
    assert "conv2d" in carried


class Seen(QObject):
    """The kinds of events that a widget gets."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.kinds: list[QEvent.Type] = []
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.kinds.append(event.type())
        return False


def test_no_row_stays_lit_after_a_drag(palette, qtbot, monkeypatch):
    """The drag swallows the event that the mouse left, and Qt would go on showing where it was."""
    monkeypatch.setattr(QDrag, "exec", lambda *_: Qt.DropAction.CopyAction)
    rows = palette.list
    rows.setCurrentIndex(rows.row_of("conv2d"))
    seen = Seen(rows.viewport())
    rows.startDrag(Qt.DropAction.CopyAction)
    assert not rows.selectionModel().hasSelection()
    qtbot.waitUntil(lambda: QEvent.Type.Leave in seen.kinds)


def test_hovering_explains_a_layer(palette):
    index = palette.list.row_of("conv2d")
    layer = REGISTRY["conv2d"]
    assert index.data(Qt.ItemDataRole.ToolTipRole) == f"{layer.title}\n{layer.summary()}", (
        "tips are plain text"
    )


def test_a_new_declaration_appears_by_itself(palette):
    class Doubling(Layer):
        """Adds a value to itself."""

        family = Family.MATH

    REGISTRY.add(Doubling)
    try:
        palette.model.rebuild()
        assert "Doubling" in shown(palette)
        assert palette_module.drag_picture(offer_of(Doubling), 2.0).devicePixelRatio() == 2.0
    finally:
        REGISTRY.remove(Doubling.type)


def test_the_definitions_of_the_project_stand_first_and_are_placed_as_they_are(palette, qtbot, session):
    assert "This project" not in shown(palette)
    session.open(gan(), None)
    assert shown(palette)[:3] == ["This project", "maker", "judge"]
    palette.list.setCurrentIndex(palette.list.row_of("judge"))
    with qtbot.waitSignal(palette.chosen) as told:
        qtbot.keyClick(palette.list, Qt.Key.Key_Return)
    assert told.args == ["network", {"definition": "judge"}]
    qtbot.keyClicks(palette.search, "judge")
    assert shown(palette)[0] == "judge"
    palette.search.clear()
    session.show_tab("judge")  # what cannot contain itself is not offered inside
    assert shown(palette)[:2] == ["This project", "maker"]
