"""The room of lenses in a window of 1440×900: several cards in sight, and the drawing above them."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.lens_cards.card_edits import open_card
from app.lens_cards.panel import LensCardsDeclaration
from app.panels.declaration import PanelPlace


def test_two_cards_stand_side_by_side_and_the_drawing_stays_in_sight(lenet, qtbot):
    workbench, canvas = lenet.workbench(), lenet.workbench().canvas
    canvas.camera.fit()
    training, lenses = workbench.docks["training"], workbench.docks["lenses"]
    before = training.height()
    for node, kind in (("conv1", "kernels"), ("conv1", "histogram"), ("linear3", "histogram")):
        workbench.show_lens(node, kind)
    panel = workbench.made(LensCardsDeclaration)
    qtbot.waitUntil(lambda: lenses.width() == LensCardsDeclaration.extent, timeout=5_000)
    first, second, third = panel.cards
    assert LensCardsDeclaration.place is PanelPlace.LOWER_RIGHT
    qtbot.waitUntil(lambda: all(card.frame is not None for card in panel.cards), timeout=20_000)
    assert first.y() == second.y(), "the first two stand side by side"
    assert second.x() > first.geometry().right()
    assert training.height() == lenses.height() > before
    assert training.width() >= training.minimumSizeHint().width()

    def in_sight() -> bool:
        top = third.mapTo(panel.area.viewport(), QPoint(0, 0)).y()
        return 0 <= top < panel.area.viewport().height() - 60

    qtbot.waitUntil(in_sight, timeout=2_000)  # the one that was asked for last, though others have grown
    seen = canvas.camera.visible_rect()
    assert all(seen.contains(item.rect.center()) for item in canvas.drawing.nodes.values())
    for _ in range(2):  # hidden and shown again, nothing has become smaller
        QTest.keyClick(canvas, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda: training.height() == before, timeout=5_000)
        QTest.keyClick(canvas, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda: lenses.width() == LensCardsDeclaration.extent, timeout=5_000)
        qtbot.waitUntil(lambda: training.height() > before, timeout=5_000)


def test_heights_with_and_without_lenses_are_kept_apart(lenet, qtbot):
    workbench = lenet.workbench()
    training = workbench.docks["training"]
    before = training.height()
    open_card(workbench._session, "conv1", "kernels")
    workbench.toggle("lenses")
    qtbot.waitUntil(lambda: training.height() > before, timeout=5_000)
    workbench.resizeDocks([training], [350], Qt.Orientation.Vertical)
    qtbot.waitUntil(lambda: training.height() == 350, timeout=5_000)
    workbench.toggle("lenses")
    qtbot.waitUntil(lambda: training.height() == before, timeout=5_000)
    workbench.toggle("lenses")
    qtbot.waitUntil(lambda: training.height() == 350, timeout=5_000)
    assert workbench._extents.kept["the lower area, raised"] == 350
