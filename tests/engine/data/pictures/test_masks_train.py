"""From a dropped folder of pictures and masks, or of pairs, to a network that learns from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from engine.data import catalogue
from engine.data.first_drawing import first_drawing
from engine.messages.events import Progress, Validated
from engine.run.run import Run
from nodes.data.source import DataSource


def write(folder: Path, second: str) -> Path:
    """Grey pictures with a bright square, and its mask with an ignored line, or the negative."""
    rng = np.random.default_rng(0)
    for name in ("input", second):
        (folder / name).mkdir()
    for i in range(20):
        picture = rng.integers(20, 60, (8, 8)).astype(np.uint8)
        top, left = rng.integers(0, 5, 2)
        picture[top : top + 4, left : left + 4] += 150
        mask = (picture > 100).astype(np.uint8) * 2
        mask[0] = 255
        Image.fromarray(picture).save(folder / "input" / f"{i}.png")
        Image.fromarray(mask if second == "masks" else 255 - picture).save(folder / second / f"{i}.png")
    return folder


def losses(folder: Path) -> tuple[list[float], dict[str, float]]:
    """The losses of a first network by drop alone, and its metrics after the last epoch."""
    match = catalogue.recognised(folder)[0]
    one = DataSource(dataset=match.dataset, **match.recognised.values)
    events: list[object] = []
    project = first_drawing(one, catalogue.describe(one))
    assert Run(project, steps=40, device="cpu").execute(events.append).status == "completed"
    found = [loss for event in events if isinstance(event, Progress) for loss in event.losses["objective"]]
    ended = [event for event in events if isinstance(event, Validated)]
    return found, dict(ended[-1].metrics)


def test_masks_are_learned_and_their_overlap_is_measured(tmp_path: Path) -> None:
    found, metrics = losses(write(tmp_path, "masks"))
    assert np.isfinite(found).all()
    assert found[-1] < 0.7 * found[0]
    assert {"accuracy", "iou"} <= set(metrics)


def test_pictures_are_made_from_pictures(tmp_path: Path) -> None:
    found, _ = losses(write(tmp_path, "target"))
    assert found[-1] < 0.7 * found[0]
