"""Pictures of samples: on cards, in the inspector and large; pictures, dots and texts, scrubbed; the pad.

What samplers draw is made up here (data that come out of noise), so that no picture waits for training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.data import catalogue
from engine.document import edits
from engine.document.project import End, Node, Point, Project
from engine.messages.events import LensFrame, Started
from engine.sample.history import SampleHistory
from nodes.data.source import DataSource
from tests.kept_samples import Kept

if TYPE_CHECKING:
    from tests.looks import Studio

LAST, EVERY = 1170, 117
PROMPT = "Call me Ishmael."
WRITTEN = (
    " Some years ago, never mind how long precisely, having little or no money in my purse, and nothing"
    " particular to interest me on shore, I thought I would sail about a little and see the watery part.",
    " It is a way I have of driving off the spleen and regulating the circulation. Whenever I find myself"
    " growing grim about the mouth, it is high time to get to sea as soon as I can.",
    " There now is your insular city of the Manhattoes, belted round by wharves as Indian isles by reefs.",
    " Circumambulate the city of a dreamy Sabbath afternoon. Go from Corlears Hook to Coenties Slip.",
)
Arrays = dict[str, np.ndarray]


def _pictures() -> np.ndarray:
    images = catalogue.preview(DataSource(dataset="fashion-mnist"), 64).images
    assert images is not None
    return images.astype(np.float32) / 255.0


class Made:
    """What three samplers and a walk draw at a step."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)
        self.pictures = _pictures()
        self.noise = self.rng.random(self.pictures.shape).astype(np.float32)
        real = catalogue.preview(DataSource(dataset="two-gaussians")).points
        assert real is not None
        self.real = real[:450].astype(np.float32)
        self.start = self.rng.random((400, 2)).astype(np.float32)

    def at(self, path: str, step: int) -> Arrays:
        share = min(1.0, step / (LAST * 0.8))
        if path == "pictures":
            return {"samples": self.pictures * share + self.noise * (1 - share)}
        if path == "cloud":
            ends = self.real[:400] + self.rng.normal(0, 0.01, (400, 2))
            return {
                "samples": (ends * share + self.start * (1 - share)).astype(np.float32),
                "real": self.real,
            }
        if path == "denoised":
            ways = np.linspace(0.0, share, 21)[:, None, None, None, None]
            trail = (self.pictures[:16] * ways + self.noise[:16] * (1 - ways)).astype(np.float32)
            return {"samples": trail[-1], "trail": trail}
        kept = [PROMPT + text[: max(8, round(len(text) * share))] for text in WRITTEN]
        return {"text": np.array(kept)}


def drawing() -> Project:
    """Noise becomes pictures, dots and texts; nothing is trained."""
    project = Project("samples")
    nodes: dict[str, tuple[str, dict[str, Any], tuple[int, int]]] = {
        "noise": ("noise", {"shape": [1, 28, 28]}, (0, 0)),
        "pictures": ("samples", {"count": 64}, (200, -80)),
        "denoised": ("samples", {"count": 16}, (440, -80)),
        "data": ("data", {"dataset": "two-gaussians"}, (0, 240)),
        "points": ("noise", {"shape": [2]}, (160, 280)),
        "cloud": ("samples", {"count": 400}, (320, 240)),
        "book": ("data", {"dataset": "moby-dick"}, (560, 200)),
        "embed": ("embedding", {"embedding_dim": 81}, (720, 120)),
        "text": ("generate_text", {"prompt": PROMPT}, (880, 240)),
    }
    for name, (layer, params, place) in nodes.items():
        project = edits.add_node(project, "main", Node(name, layer, params), Point(*place))
    for wire in (
        "noise.output pictures.value",
        "noise.output denoised.value",
        "points.output cloud.value",
        "data.input cloud.real",
        "book.input embed.input",
        "book.input text.tokens",
        "embed.output text.logits",
    ):
        start, end = (End(*part.split(".")) for part in wire.split())
        project = edits.connect(project, "main", start, end)
    return project


def sample_screens(studio: Studio) -> None:
    """Every kind of samples, everywhere."""
    window = studio.window
    controller, session = window.controller, window.session
    controller.shutdown()
    session.open(drawing(), None)
    window.files.is_open = True
    window.show_drawing()
    workbench = window.workbench()
    studio.wait(lambda: workbench.samples is not None and "cloud" in session.report.nodes)
    made, history = Made(), SampleHistory()
    paths = ("pictures", "cloud", "denoised", "text")
    for epoch, step in enumerate(range(0, LAST, EVERY)):
        for path in paths:
            history.keep(path, step, epoch, made.at(path, step))
    controller.run, controller.state, controller.project = Kept(history), "running", session.project
    controller.started = Started("CPU", 61_706, EVERY, 10, LAST, 0)
    for path in paths:
        controller.frames["samples", path] = LensFrame(LAST, "samples", path, made.at(path, LAST))
    controller.frames_changed.emit(set(paths))
    controller.state_changed.emit()
    _large(studio)
    _of_an_older_drawing(studio)
    _floating(studio)
    controller.run = None
    controller.forget()
    _pad(studio)


def _of_an_older_drawing(studio: Studio) -> None:
    """The samplers draw more points now than the run does."""
    session, workbench = studio.window.session, studio.window.workbench()
    workbench.docks["samples"].setVisible(True)
    session.select(frozenset({"cloud"}))
    workbench.samples.look_at("cloud")
    session.apply(edits.set_param(session.project, "main", "points", "shape", [3]), "Set shape")
    studio.wait(workbench.samples.view.outdated.isVisible)
    studio.settle()
    studio.take("samples-older-drawing")
    workbench.docks["samples"].setVisible(False)
    session.undo()


def _large(studio: Studio) -> None:
    """Beside the training panel, with the inspector on the same sampler."""
    window = studio.window
    workbench = window.workbench()
    workbench.docks["samples"].setVisible(True)
    for path in ("pictures", "cloud", "denoised", "text"):
        window.session.select(frozenset({path}))
        workbench.samples.look_at(path)
        workbench.canvas.camera.fit()
        studio.settle()
        studio.take(f"samples-{path}")
    workbench.docks["samples"].setVisible(False)


def _floating(studio: Studio) -> None:
    """Large over the window, turned back through the run and to a stage."""
    workbench = studio.window.workbench()
    for path, moment in (("pictures", 3), ("cloud", 4), ("denoised", 9), ("text", 5)):
        workbench.show_samples(path)
        view = workbench.samples.view
        view.run_reel.timeline.setFocus()
        view.run_reel.timeline._choose(moment)
        if path == "denoised":
            view.trail_reel.timeline._choose(12)
        if path == "cloud":
            view.canvas.set_density(True)
        studio.settle()
        studio.take(f"samples-large-{path}", workbench.docks["samples"])
    workbench.docks["samples"].setFloating(False)
    workbench.docks["samples"].setVisible(False)


def _pad(studio: Studio) -> None:
    """Points drawn by hand in the inspector, and a truth table."""
    from app.lenses import drawn_points

    session = studio.window.session
    for name, params in (
        ("pad-empty", {"dataset": "drawn-points"}),
        ("pad", {"dataset": "drawn-points", "points": drawn_points.written(drawn_points.shape("Ring"))}),
        ("truth-table", {"dataset": "xor-table"}),
        ("cloud-set", {"dataset": "blobs"}),
    ):
        project = edits.add_node(Project(), "main", Node("data", "data", params), Point(0, 0))
        session.open(project, None)
        session.select(frozenset({"data"}))
        studio.settle(0.8)
        studio.take(name)
