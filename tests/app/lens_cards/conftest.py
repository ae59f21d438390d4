"""A panel of lenses over a small network with known shapes, and frames as a run would send them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.lens_cards.card import LensCard
from app.lens_cards.card_edits import open_card
from app.lens_cards.cards_panel import LensCardsPanel
from app.state.run_controller import RunController
from app.state.session import Session
from engine.document.project import Project
from engine.infer import infer
from engine.messages.events import LensFrame
from engine.report import Report
from tests.drawings import mlp


@pytest.fixture(scope="module")
def known() -> tuple[Project, Report]:
    project = mlp("digits", 8)
    return project, infer(project)


@pytest.fixture
def panel(
    known: tuple[Project, Report], session: Session, controller: RunController, qtbot: QtBot
) -> Iterator[LensCardsPanel]:
    """The panel on screen, empty."""
    project, report = known
    session.open(project, None)
    session.set_report(report)
    made = LensCardsPanel(session, controller)
    made.resize(760, 560)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.menu.wait()
    made.hide()
    made.pins.reading.wait()
    controller.looks.cancel()
    controller.looks.wait()
    for window in made.windows.values():
        window.hide()


def opened(panel: LensCardsPanel, node: str, kind: str = "histogram") -> LensCard:
    """The card of a lens, opened as the list of lenses does it."""
    pin = open_card(panel.session, node, kind)
    assert pin is not None
    return next(card for card in panel.cards if card.pin == pin)


def tell(controller: RunController, node: str, step: int = 1) -> LensFrame:
    """The run sends what a histogram saw of a node."""
    counts = np.arange(1, 33, dtype=np.int64) * step
    edges = np.array([-1.0 - step, 1.0 + step])
    total = np.array([counts.sum(), 0, 0, counts.sum()], np.int64)
    arrays = {}
    for name in ("activations", "weights"):
        arrays |= {name: counts, f"{name}_range": edges, f"{name}_total": total}
    frame = LensFrame(step, "histogram", node, arrays)
    sample = controller.looks.sample_of(frame.lens, frame.pin)
    controller.moments.note(frame, controller.session.project, sample)
    controller.show_frame(frame, controller.session.project)
    return frame
