"""The pictures of a card at several steps, for a moving picture."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QImage

from app.lens_cards import export
from app.lens_cards.card import LensCard
from app.lenses.moment import step_words
from app.lenses.painter import PaintedView
from engine.messages.events import LensFrame


def pictures_of(card: LensCard, frames: Iterable[LensFrame], density: float) -> list[QImage]:
    """A picture of each of these frames as the card shows them, all of one size."""
    if card.painter is None or card.view is None:
        return []
    view = card.painter.view()
    view.setParent(card)
    view.hide()
    if isinstance(view, PaintedView):
        view.fill()
    made = []
    for frame in frames:
        view.resize(card.view.size())
        if card.painter.show(view, frame.arrays, card.context.of(frame)):
            parts = (card.title.text(), card.pin.target, card.sample, step_words(frame))
            made.append(export.picture(view, " · ".join(part for part in parts if part), density))
    view.deleteLater()
    return export.of_one_size(made)
