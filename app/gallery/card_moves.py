"""Which of several cards the arrow keys lead to; the cards stand in rows, wherever their rows end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

Card = TypeVar("Card", bound=QWidget)
KEYS = {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End}


def neighbour(cards: Sequence[Card], current: Card, key: int, room: QWidget) -> Card | None:
    """The card beside, above or below `current`, of those that are shown in `room`; None at the edge."""
    shown = [card for card in cards if card.isVisible()]
    if current not in shown:
        return shown[0] if shown else None
    at = shown.index(current)
    if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        return shown[0 if key == Qt.Key.Key_Home else -1]
    if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        beside = at + (1 if key == Qt.Key.Key_Right else -1)
        return shown[beside] if 0 <= beside < len(shown) else None
    places = {card: card.mapTo(room, QPoint(card.width() // 2, 0)) for card in shown}
    here, down = places[current], key == Qt.Key.Key_Down
    beyond = [
        card for card in shown if (places[card].y() > here.y() if down else places[card].y() < here.y())
    ]
    if not beyond:
        return None
    return min(beyond, key=lambda card: (abs(places[card].y() - here.y()), abs(places[card].x() - here.x())))
