"""Looking changes nothing: weights after 300 steps with every lens on every node equal those of a headless
run.

Convolutions with batch norm and dropout, LeNet-5, a two-objective drawing and a scan; lenses at the usual
rate and as often as they can. Exits with 1 where a single bit differs.
"""

from __future__ import annotations

import json

import torch

from engine.document.project import Project
from engine.lens import watcher
from engine.lens.registry import LENSES
from engine.messages.commands import Watch
from engine.messages.events import Event, LensFrame
from engine.messages.lens_request import LensRequest
from engine.run.run import Run
from tests.drawings import convnet, gan, lenet5
from tests.resuming import scanned

STEPS = 300
DRAWINGS = {"convnet": convnet, "lenet5": lenet5, "gan": gan, "scan": scanned}
RATES = {"usual": (watcher.RATE, watcher.SHARE), "flat out": (1e9, 1e9)}


def weights(project: Project, lenses: bool) -> tuple[dict[str, torch.Tensor], int]:
    """The weights after a run, and how many frames it sent."""
    frames = 0

    def note(event: Event) -> None:
        nonlocal frames
        frames += isinstance(event, LensFrame)

    run = Run(project, steps=STEPS, seed=0)
    if lenses:
        run.send(Watch(tuple(LensRequest(kind, node) for node in project.main.nodes for kind in LENSES)))
    finished = run.execute(note)
    assert finished.status == "completed", finished.message
    assert run.plan is not None
    return dict(run.plan.model.state_dict()), frames


def main(_arguments: list[str]) -> int:
    """Prints what was compared; 0 where all is identical."""
    results, good = {}, True
    for name, draw in DRAWINGS.items():
        headless, _ = weights(draw(), lenses=False)
        for rate, (watcher.RATE, watcher.SHARE) in RATES.items():
            watched, frames = weights(draw(), lenses=True)
            same = all(torch.equal(headless[key], watched[key]) for key in headless)
            results[f"{name}, {rate}"] = {"identical": same, "frames": frames}
            good = good and same and frames > 0
    print(json.dumps(results, indent=2))
    return 0 if good else 1
