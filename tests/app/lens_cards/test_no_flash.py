"""Nothing of a card is ever a window of its own for a moment: the canvas would lose the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from app.lens_cards.card import SIZES, LensCard
from engine.document.project import IN_PANEL, LensPin, PixelSize
from engine.lens.registry import LENSES


class ShownWindows(QObject):
    """The names of the widgets that were shown as windows."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.names.append(f"{type(watched).__name__} {watched.accessibleName()}")
        return False


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", sorted(LENSES))
def test_a_card_that_is_made_shows_no_window(qapp: QApplication, kind: str, size: str) -> None:
    watch, wished = ShownWindows(), SIZES[size]
    qapp.installEventFilter(watch)
    card = LensCard(LensPin(kind, "linear1", place=IN_PANEL, size=PixelSize(wished.width(), wished.height())))
    qapp.removeEventFilter(watch)
    assert watch.names == []
    if card.form is not None:
        assert card.form.isVisibleTo(card) == card.options.isChecked()
    card.deleteLater()
