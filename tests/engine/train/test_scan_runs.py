"""Runs of drawings with scans: they learn, and they go on to the same bits."""

from __future__ import annotations

from engine.messages.events import Event, Validated
from engine.run.run import Run
from tests.drawings import with_settings
from tests.engine.cells import CELLS, over_time


def test_a_drawn_lstm_learns_the_sunspots() -> None:
    seen: list[Event] = []
    project = with_settings(over_time(CELLS["lstm"](24)), epochs=8, batch_size=32)
    assert Run(project).execute(seen.append).status == "completed"
    losses = [event.losses["objective"] for event in seen if isinstance(event, Validated)]
    assert losses[-1] < 0.4 < losses[0], losses
