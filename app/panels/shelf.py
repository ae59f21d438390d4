"""One shelf of the gallery: a heading over its cards; those that a search does not find are hidden."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.panels.gallery_card import GalleryCard
from app.widgets.flow import FlowLayout
from app.widgets.text import heading


class Shelf(QWidget):
    """Cards under a common heading."""

    def __init__(self, title: str, cards: list[GalleryCard]) -> None:
        super().__init__()
        self.title, self.cards = title, cards
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 14, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(heading(title))
        self._body = QWidget()
        flow = FlowLayout(self._body, 16)
        for card in cards:
            flow.addWidget(card)
        layout.addWidget(self._body)

    def filter(self, text: str) -> int:
        """Show the cards that have every one of these words; how many there are."""
        words = text.lower().split()
        shown = 0
        for card in self.cards:
            about = card.template
            held = " ".join((about.name, about.title, about.description, about.data, self.title)).lower()
            found = all(word in held for word in words)
            card.setVisible(found)
            shown += found
        self.setVisible(shown > 0)
        self._body.updateGeometry()
        return shown
