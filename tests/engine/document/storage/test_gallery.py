"""The gallery: every project opens without problems, stands tidily and trains, those that fit ever better."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

import pytest

import resources
from app.canvas.items import card
from app.style import theme
from engine.document import edits
from engine.document.project import MAIN, Project
from engine.document.storage import gallery
from engine.document.storage.file import load, to_bytes
from engine.infer import infer
from engine.messages.events import Event, Progress
from engine.run.run import Run

NAMES = tuple(template.name for template in gallery.templates())
FIRST = ("lenet5-fashion", "mlp-spiral", "cnn-digits", "lstm-sunspots", "attention-moby", "linear-table")
FITTING = (*FIRST, "perceptron-and", "perceptron-or")
"""Those whose loss falls from the first steps on; in others several play against each other, or none can."""

LARGE = ("fashion-mnist", "moby-dick")
"""Data sets whose validation takes longer than forty steps."""


def objectives(project: Project) -> list[str]:
    return [name for name, node in project.main.nodes.items() if node.layer == "objective"]


TRAINED = tuple(name for name in NAMES if objectives(gallery.make(name)))


def test_the_gallery_is_complete() -> None:
    assert NAMES[: len(FIRST)] == FIRST
    assert len(set(NAMES)) == len(NAMES)
    assert {path.stem for path in resources.PROJECTS.glob("*.loom")} == set(NAMES)
    assert len({template.title for template in gallery.templates()}) == len(NAMES)


@pytest.mark.parametrize("template", gallery.templates(), ids=lambda template: template.name)
def test_it_opens_without_problems_and_is_as_announced(template: gallery.Template) -> None:
    project = gallery.make(template.name)
    report = infer(project)
    assert report.problems == ()
    assert report.parameters == template.parameters
    sets = {
        n.params.get("dataset", "fashion-mnist") for n in project.main.nodes.values() if n.layer == "data"
    }
    assert template.data in sets
    assert report.outputs
    assert project.name == template.name


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_canonical(name: str) -> None:
    path = resources.PROJECTS / f"{name}.loom"
    assert to_bytes(load(path)) == path.read_bytes()


@pytest.fixture
def fonts(qapp: object) -> None:
    """The product's fonts: sizes of cards follow them."""
    theme.load_fonts()


def cards(project: Project) -> dict[str, tuple[float, float, float, float]]:
    """Left, top, right and bottom of every node."""
    report = infer(project)
    found = {}
    for name, node in project.main.nodes.items():
        drawn = card.describe(project, project.graphs[MAIN], node, report.nodes.get(name), ())
        x, y = project.main.layout.positions[name]
        found[name] = (x, y, x + drawn.width, y + drawn.height)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_nothing_overlaps_and_frames_hold_what_they_touch(name: str, fonts: None) -> None:
    project = gallery.make(name)
    places = cards(project)
    assert set(places) == set(project.main.nodes)
    for first, (left, top, right, bottom) in places.items():
        for second, other in places.items():
            apart = (
                right + 12 <= other[0]
                or other[2] + 12 <= left
                or bottom + 12 <= other[1]
                or other[3] + 12 <= top
            )
            assert first == second or apart, f"{first} and {second} are too close"
        for frame in project.main.layout.frames.values():
            end, foot = frame.x + frame.width, frame.y + frame.height
            inside = frame.x <= left and right <= end and frame.y <= top and bottom <= foot
            outside = right <= frame.x or end <= left or bottom <= frame.y or foot <= top
            assert inside or outside, f"{first} stands across {frame.title}"


@pytest.mark.parametrize("name", [name for name in NAMES if len(gallery.make(name).graphs) > 1])
def test_nothing_overlaps_in_definitions(name: str, fonts: None) -> None:
    project = gallery.make(name)
    report = infer(project)
    for graph_name, graph in project.graphs.items():
        inside = next((path for path in placements(project, MAIN, "") if path[0] == graph_name), None)
        assert inside is not None, f"{graph_name} is placed nowhere"
        boxes = {}
        for key, node in graph.nodes.items():
            drawn = card.describe(project, graph, node, report.nodes.get(inside[1] + key), ())
            x, y = graph.layout.positions[key]
            boxes[key] = (x, y, x + drawn.width, y + drawn.height)
        for (first, one), (second, other) in combinations(boxes.items(), 2):
            beside = one[2] + 8 <= other[0] or other[2] + 8 <= one[0]
            assert beside or one[3] + 8 <= other[1] or other[3] + 8 <= one[1], f"{first}, {second}"


def placements(project: Project, graph: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Every graph with the prefix of the paths inside of it."""
    yield graph, prefix
    for key, node in project.graphs[graph].nodes.items():
        definition = node.params.get("definition")
        if isinstance(definition, str):
            yield from placements(project, definition, f"{prefix}{key}.")


@pytest.mark.parametrize("name", NAMES)
def test_wires_run_from_left_to_right_within_a_row(name: str) -> None:
    project = gallery.make(name)
    places = project.main.layout.positions
    for wire in project.main.wires:
        source, target = places[wire.source.node], places[wire.target.node]
        if abs(source.y - target.y) < 40:
            assert source.x < target.x, f"{wire.source.node} → {wire.target.node} runs back"


def made_small(name: str) -> Project:
    """The project on some hundred samples of a large set; where the loss need not fall, in small batches."""
    project = gallery.make(name)
    for node in project.main.nodes.values():
        if node.layer == "data" and node.params.get("dataset", "fashion-mnist") in LARGE:
            project = edits.set_param(project, MAIN, node.id, "samples", 640)
    if name in FITTING:
        return project
    return edits.set_settings(project, batch_size=min(8, project.settings.batch_size))


@pytest.mark.parametrize("name", TRAINED)
def test_it_trains(name: str) -> None:
    losses: dict[str, list[float]] = {}

    def sink(event: Event) -> None:
        if isinstance(event, Progress):
            for path, values in event.losses.items():
                losses.setdefault(path, []).extend(values)

    project = made_small(name)
    finished = Run(project, steps=40, device="cpu").execute(sink)
    assert finished.status == "completed", finished.message
    assert sorted(losses) == sorted(objectives(project))
    for values in losses.values():
        assert len(values) == 40
        acted = [loss for loss in values if not math.isnan(loss)]  # who does not act at a step has no loss
        assert acted
        assert all(math.isfinite(loss) for loss in acted)
        if name in FITTING:
            assert len(acted) == 40
            assert sum(acted[-10:]) < sum(acted[:10])


def test_a_copy_is_an_ordinary_project() -> None:
    assert gallery.make("mlp-spiral") == gallery.make("mlp-spiral")


def test_a_near_miss_is_offered() -> None:
    with pytest.raises(
        gallery.UnknownTemplateError, match="unknown template 'lenet5-fashon'; did you mean lenet5-fashion"
    ):
        gallery.make("lenet5-fashon")
    with pytest.raises(gallery.UnknownTemplateError, match="there are lenet5-fashion, mlp-spiral"):
        gallery.make("qqq")
