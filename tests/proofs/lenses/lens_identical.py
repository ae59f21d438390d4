"""Looking changes nothing: weights after 500 steps with every lens open equal those of a headless run.

Convolutions with batch norm and dropout, LeNet-5, an LSTM, a scan, a GAN and a diffusion model; lenses at the
usual rate and as often as they can, in a thread and in a process. What takes seconds is looked at too: the
runs pause in the middle. Exits with 1 where a single bit differs.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from time import sleep

import torch
from safetensors.torch import load_file

from engine.document.project import Project
from engine.lens import watcher
from engine.lens.lens import Reads
from engine.lens.registry import LENSES
from engine.messages.commands import Pause, Resume, Watch
from engine.messages.events import Event, LensFrame, Paused, Warned
from engine.messages.lens_request import LensRequest
from engine.run.process import ProcessRun
from engine.run.run import Run
from tests.drawings import convnet, gan, lenet5, lstm
from tests.engine.sample.drawings import diffusion
from tests.gallery.every_lens import every_lens
from tests.resuming import scanned

STEPS = 500
DRAWINGS: dict[str, Callable[[], Project]] = {
    "convnet": convnet,
    "lenet5": lenet5,
    "lstm": lstm,
    "scan": scanned,
    "gan": gan,
    "diffusion": diffusion,
}
RATES = {"usual": (watcher.RATE, watcher.SHARE), "flat out": (1e9, 1e9)}


class Seen:
    """What a watched run told."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.frames = 0
        self.warnings: list[str] = []

    def note(self, event: Event) -> None:
        if isinstance(event, LensFrame):
            self.frames += 1
            self.kinds.add(event.lens)
        if isinstance(event, Warned):
            self.warnings.append(event.message)


def weights(project: Project, requests: Iterable[LensRequest], seen: Seen) -> dict[str, torch.Tensor]:
    """The weights after a run in this thread, which pauses at its beginning where it is watched."""
    run, asked = Run(project, steps=STEPS, seed=0), tuple(requests)
    if asked:
        run.send(Watch(asked))
        run.send(Pause())

    def note(event: Event) -> None:
        seen.note(event)
        if isinstance(event, Paused):
            run.send(Resume())

    finished = run.execute(note)
    assert finished.status == "completed", finished.message
    assert run.plan is not None
    return dict(run.plan.model.state_dict())


def weights_of_process(
    project: Project, requests: Iterable[LensRequest], seen: Seen
) -> dict[str, torch.Tensor]:
    """The weights that a run in a process of its own kept at its end."""
    with tempfile.TemporaryDirectory() as folder:
        run = ProcessRun(project, folder=Path(folder) / "p.runs" / "run", steps=STEPS, seed=0)
        run.send(Watch(tuple(requests)))
        run.start()
        while not run.join(0):
            for event in run.mailbox.drain():
                seen.note(event)
            sleep(0.02)
        for event in run.mailbox.drain():
            seen.note(event)
        assert run.finished is not None
        assert run.finished.status == "completed", run.finished.message
        return load_file(Path(folder) / "p.runs" / "run" / "checkpoints" / "last.safetensors")


def main(arguments: list[str]) -> int:
    """Prints what was compared; 0 where all is identical."""
    results, good = {}, True
    for name in arguments or DRAWINGS:
        project = DRAWINGS[name]()
        asked = every_lens(project)
        expected = {request.kind for request in asked if Reads.SAMPLER not in LENSES[request.kind].reads}
        headless = weights(project, (), Seen())
        for rate, (watcher.RATE, watcher.SHARE) in RATES.items():
            seen = Seen()
            watched = weights(project, asked, seen)
            same = all(torch.equal(headless[key], watched[key]) for key in headless)
            results[f"{name}, {rate}"] = _told(same, seen, expected)
            good = good and same and expected <= seen.kinds and not seen.warnings
        watcher.RATE, watcher.SHARE = RATES["usual"]
        seen = Seen()
        kept = weights_of_process(project, asked, seen)
        same = all(torch.equal(value.cpu(), kept[key]) for key, value in headless.items() if key in kept)
        same = same and len(headless.keys() & kept.keys()) == len(headless)
        results[f"{name}, process"] = _told(same, seen, set())
        good = good and same and seen.frames > 0
    print(json.dumps(results, indent=2))
    return 0 if good else 1


def _told(same: bool, seen: Seen, expected: set[str]) -> dict[str, object]:
    """What was seen of one run."""
    unseen, warnings = sorted(expected - seen.kinds), seen.warnings[:5]
    return {"identical": same, "frames": seen.frames, "never seen": unseen, "warnings": warnings}
