"""What a frame costs a panel of cards: only the card that it is for is shown anew."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.lens_cards.card import LensCard
from app.lens_cards.cards_panel import LensCardsPanel
from app.state.run_controller import RunController
from tests.app.lens_cards.conftest import opened, tell


def test_a_frame_shows_its_own_card_alone(
    panel: LensCardsPanel, controller: RunController, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [name for name in panel.session.graph.nodes if name.startswith("linear")][:2]
    cards = opened(panel, first), opened(panel, second)
    qtbot.waitUntil(lambda: all(card.isVisible() for card in cards))
    frames = [tell(controller, node, 1) for node in (first, second)]
    controller.frames_changed.emit({first, second})
    qtbot.waitUntil(lambda: [card.frame for card in cards] == frames)
    shown: list[str] = []
    plain = LensCard.show_frame

    def counted(self: LensCard, *args: object, **named: object) -> None:
        shown.append(self.pin.target)
        plain(self, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(LensCard, "show_frame", counted)
    controller.frames_changed.emit({first, second})
    assert shown == [], "nothing new, so nothing is shown again"
    newest = tell(controller, first, 2)
    shown.clear()
    assert cards[0].frame is newest
    controller.frames_changed.emit({first, second})
    assert shown == []
