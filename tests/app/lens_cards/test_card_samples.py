"""Which pinned sample a card shows, and two moments beside each other, by mouse and keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.document.lens_pins import lens_cards
from engine.messages.pinned import HeldSample
from tests.app.lens_cards.conftest import opened, tell
from tests.app.lens_cards.test_lens_cards import choose, click


def by_keys(down: int) -> None:
    """Go down in the menu that is open, and take the entry."""
    menu = QApplication.activePopupWidget()
    for _ in range(down):
        QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)


def test_pinned_samples_stand_above_the_cards_and_a_card_shows_one_of_its_own(panel, controller, session):
    card = opened(panel, "linear1")
    panel.feed.refresh()
    assert not panel.pins.isVisible()
    click(panel.samples)
    assert panel.pins.isVisible()
    assert panel.pins.none.isVisible(), "says how to pin"
    click(card.samples)
    menu = QApplication.activePopupWidget()
    assert [one.isEnabled() for one in menu.actions()] == [True, False]
    menu.close()
    panel.pins.add((HeldSample(3), HeldSample(12)))
    assert panel.samples.text() == "Samples · 2 pinned"
    assert card.samples.text() == "sample 12"
    click(card.samples)
    by_keys(down=2)
    assert card.pin.sample == 1
    assert lens_cards(session.project)[0].sample == 1
    assert card.request().pin == 1
    assert card.samples.text() == "sample 3"
    QTest.keyClick(panel.pins.row, Qt.Key.Key_Left)
    QTest.keyClick(panel.pins.row, Qt.Key.Key_Right)
    assert controller.pins.shown == HeldSample(12)
    assert card.samples.text() == "sample 3", "whatever the others show"
    session.undo()
    assert card.samples.text() == "sample 12"
    session.redo()
    QTest.keyClick(panel.pins.row, Qt.Key.Key_Left)
    QTest.keyClick(panel.pins.row, Qt.Key.Key_Delete)
    assert card.pin.sample == 0, "it was taken off: what all show"
    session.undo()
    session.undo()
    click(panel.samples)
    assert not panel.pins.isVisible()


def test_a_card_of_a_later_sample_stays_with_it_when_one_before_is_taken_off(panel, controller, session):
    card = opened(panel, "linear1")
    controller.pins.add((HeldSample(3), HeldSample(12)))
    click(card.samples)
    by_keys(down=3)
    assert card.samples.text() == "sample 12"
    controller.pins.remove(HeldSample(3))
    assert card.pin.sample == 1
    assert card.samples.text() == "sample 12"
    controller.pins.clear()
    panel.feed.refresh()
    assert card.empty.text() == "Pin a sample, or choose another one: pinned sample 1 is not there."


def test_a_picture_is_kept_beside_the_one_that_goes_on(panel, controller, session):
    card = opened(panel, "linear1")
    first = tell(controller, "linear1", 7)
    QApplication.processEvents()
    assert card.view.width() == card.beside.width(), "it stands alone"
    click(card.more)
    menu = QApplication.activePopupWidget()
    words = [one.text() for one in menu.actions() if one.isEnabled() and not one.isSeparator()]
    by_keys(down=1 + words.index("Keep this picture beside"))
    assert card.beside.frame is first
    tell(controller, "linear1", 40)
    assert card.beside.kept.isVisible()
    assert "step 7" in card.beside.left.text()
    assert "step 40" in card.beside.right.text()
    assert card.beside.kept.geometry().right() < card.view.geometry().left()
    assert card.picture is card.beside
    choose(card, "Let the kept picture go")
    assert card.beside.frame is None
    assert not card.beside.left.isVisible()
    QApplication.processEvents()
    assert card.view.width() == card.beside.width()
    assert "step 40" in card.note.text()
