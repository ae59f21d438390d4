"""Cards of lenses in windows of their own, as tours look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from app.forms.form import ParamForm
    from app.lens_cards.card import LensCard
    from tests.tours.studio import Studio


def in_window(studio: Studio, card: LensCard, wide: int, high: int) -> QWidget:
    """Put the card into a window of its own, by its button."""
    studio.click(card.float_button)
    window = studio.lenses.windows[card]
    window.resize(wide, high)
    studio.settle(0.6)
    return window


def back(studio: Studio, card: LensCard) -> None:
    """Put it back into the panel; the keys belong to the main window again."""
    studio.click(card.float_button)
    studio.window.activateWindow()
    studio.settle()


def point(studio: Studio, widget: QWidget, at: QPointF) -> None:
    """Let the mouse stand over a place of a widget, whichever window has the pointer of the platform."""
    none = Qt.MouseButton.NoButton
    for place in (at + QPointF(1.0, 1.0), at):
        on_screen = QPointF(widget.mapToGlobal(place.toPoint()))
        event = QMouseEvent(
            QEvent.Type.MouseMove, place, on_screen, none, none, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(widget, event)
    studio.settle(0.2)


def set_number(studio: Studio, form: ParamForm, name: str, words: str) -> None:
    """Type a number into a field of a form."""
    entry = form.rows[name].field.entry  # type: ignore[attr-defined]  # of fields of numbers
    entry.setFocus()
    entry.selectAll()
    studio.type(words, on=entry)
    studio.press("Return", on=entry)
    studio.settle(0.4)
