"""What a run has told so far, as the window keeps it."""

from __future__ import annotations

import numpy as np

from app.state.run_history import RunHistory, RunNote
from engine.messages.events import Progress
from engine.runs.archive import Curves


def test_a_run_that_goes_on_from_a_checkpoint_forgets_what_was_told_beyond_it():
    steps = np.arange(1, 9)
    curves = Curves(
        losses={"objective": (steps, steps / 10.0)},
        validation={"accuracy": (np.array([4, 8]), np.array([0.5, 0.9]))},
        messages=((3, "early"), (7, "late")),
    )
    history = RunHistory()
    history.load(curves, 5)
    assert history.goes_on
    assert history.losses["objective"].steps.tolist() == [1, 2, 3, 4, 5]
    assert history.metrics["accuracy"].values.tolist() == [0.5]
    assert history.notes == [RunNote(3, "early"), RunNote(5, "Resumed here.")]
    history.take(Progress(7, 1, [6, 7], {"objective": [1.6, 1.7]}, 0.0, 0.0, {}, {}, {}))
    assert history.losses["objective"].values.tolist() == [0.1, 0.2, 0.3, 0.4, 0.5, 1.6, 1.7]
