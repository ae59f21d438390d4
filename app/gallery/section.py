"""One section of the gallery: a heading over its cards; those that a search does not find are hidden."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.gallery.gallery_card import GalleryCard, title_of_data
from app.widgets.flow import FlowLayout
from app.widgets.text import caption, heading


class GallerySection(QWidget):
    """Cards under a common heading."""

    def __init__(self, title: str, cards: list[GalleryCard]) -> None:
        super().__init__()
        self.title, self.cards = title, cards
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 18)
        layout.setSpacing(10)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(heading(title))
        self.count = caption(str(len(cards)))
        row.addWidget(self.count)
        row.addStretch(1)
        layout.addLayout(row)
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
            held = " ".join(
                (about.name, about.title, about.description, about.data, title_of_data(about), self.title)
            ).lower()
            found = all(word in held for word in words)
            card.setVisible(found)
            shown += found
        self.setVisible(shown > 0)
        whole = len(self.cards)
        self.count.setText(str(whole) if shown == whole else f"{shown} of {whole}")
        self._body.updateGeometry()
        return shown
