"""The progressive GAN of the gallery grows: pictures of 7×7, of 14×14, then of 28×28 pixels."""

from __future__ import annotations

from pathlib import Path

from engine.document import edits
from engine.document.project import MAIN
from engine.document.storage import gallery
from engine.run.run import Run
from engine.sample.history import SampleHistory
from tests.proofs.generative.growing import is_made_of_blocks

STEPS = 2
"""Steps of an epoch here; the schedules count steps, and in the project an epoch has 313."""


def test_each_stage_has_pixels_of_its_size(tmp_path: Path) -> None:
    project = gallery.make("progressive-gan")
    for name in ("share14", "share28"):
        schedule = project.main.nodes[name].params
        for param in ("length", "delay"):
            project = edits.set_param(project, MAIN, name, param, schedule[param] * STEPS // 313)
    project = edits.set_param(project, MAIN, "data", "samples", 5)
    project = edits.set_param(project, MAIN, "samples", "count", 2)
    project = edits.set_settings(project, batch_size=2)
    finished = Run(project, folder=tmp_path / "run", seed=0).execute(lambda _: None)
    assert finished.status == "completed", finished.message
    history = SampleHistory(tmp_path / "run" / "samples")
    found = [history.load("samples", step) for step in history.steps("samples")]
    drawn = {int(arrays["epoch"]): arrays["samples"] for arrays in found}
    for epoch, side in {2: 4, 4: 2, 6: 1}.items():
        assert is_made_of_blocks(drawn[epoch], side), epoch
        assert not is_made_of_blocks(drawn[epoch], 2 * side), epoch
