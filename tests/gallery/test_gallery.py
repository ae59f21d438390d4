"""The gallery: every project opens without problems and trains, those that fit ever better."""

from __future__ import annotations

import math

import pytest

import resources
from engine.document import edits
from engine.document.project import MAIN, Project
from engine.document.storage import gallery
from engine.document.storage.file import load, to_bytes
from engine.messages.events import Event, Progress
from engine.run.run import Run
from tests.gallery.held import FULL_SIZE, NAMES, objectives, project, report

COURSE = (
    *("Units", "Convolution", "Architectures", "Sequences", "Attention", "Generative"),
    "Representation",
    "Lessons",
)
FITTING = (
    *("lenet5-fashion", "mlp-spiral", "cnn-digits", "lstm-sunspots", "attention-moby", "linear-table"),
    *("perceptron-and", "perceptron-or"),
)
"""Those whose loss falls from the first steps on; in others several play against each other, or none can."""

LARGE = (
    *("fashion-mnist", "moby-dick", "scene-masks", "scene-captions", "fashion-captions"),
    "definitions",
)
"""Data sets whose validation takes longer than forty steps."""
LARGEST_FILE = 20_000
"""Bytes of a project of the gallery: one screen of the differences that an edit makes."""

TRAINED = tuple(name for name in NAMES if objectives(name) and name not in FULL_SIZE)


def test_the_gallery_is_complete() -> None:
    sections = tuple(dict.fromkeys(template.section for template in gallery.templates()))
    assert sections == COURSE
    assert len(set(NAMES)) == len(NAMES)
    assert {path.stem for path in resources.PROJECTS.glob("*.loom")} == set(NAMES)
    assert len({template.title for template in gallery.templates()}) == len(NAMES)


@pytest.mark.parametrize("template", gallery.templates(), ids=lambda template: template.name)
def test_it_opens_without_problems_and_is_as_announced(template: gallery.Template) -> None:
    drawing, found = project(template.name), report(template.name)
    assert found.problems == ()
    assert found.parameters == template.parameters
    sources = [node for node in drawing.main.nodes.values() if node.layer == "data"]
    noise = {"noise"} if not sources else set()
    assert template.data in {node.params.get("dataset", "fashion-mnist") for node in sources} | noise
    assert found.outputs
    assert drawing.name == template.name


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_canonical(name: str) -> None:
    path = resources.PROJECTS / f"{name}.loom"
    assert to_bytes(load(path)) == path.read_bytes()
    assert path.stat().st_size <= LARGEST_FILE


def made_small(name: str) -> Project:
    """The project on some hundred samples of a large set, with short texts and few drawn samples; where no
    loss need fall, in small batches.
    """
    made = project(name)
    for node in made.main.nodes.values():
        if node.layer == "data" and node.params.get("dataset", "fashion-mnist") in LARGE:
            made = edits.set_param(made, MAIN, node.id, "samples", 640)
        if node.layer == "generate_text":
            made = edits.set_param(made, MAIN, node.id, "length", 10)
        if node.layer == "diffusion_sampler":
            made = edits.set_param(made, MAIN, node.id, "count", 4)
        if node.layer == "data" and node.params.get("dataset") == "emoji":
            made = edits.set_param(made, MAIN, node.id, "size", (32, 32))
            made = edits.set_param(made, MAIN, node.id, "samples", 100)
    if name in FITTING:
        return made
    return edits.set_settings(made, batch_size=min(8, made.settings.batch_size))


@pytest.mark.parametrize("name", TRAINED)
def test_it_trains(name: str) -> None:
    losses: dict[str, list[float]] = {}

    def sink(event: Event) -> None:
        if isinstance(event, Progress):
            for path, values in event.losses.items():
                losses.setdefault(path, []).extend(values)

    finished = Run(made_small(name), steps=40, device="cpu").execute(sink)
    assert finished.status == "completed", finished.message
    assert sorted(losses) == sorted(objectives(name))
    for values in losses.values():
        assert len(values) == 40
        acted = [loss for loss in values if not math.isnan(loss)]  # who does not act at a step has no loss
        assert acted
        assert all(math.isfinite(loss) for loss in acted)
        if name in FITTING:
            assert len(acted) == 40
            assert sum(acted[-10:]) < sum(acted[:10])
