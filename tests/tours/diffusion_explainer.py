"""Diffusion Explainer: fifty steps from noise to data, the ways of samples, the noise that is taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from tests.tours.card_windows import back, in_window, point, set_number
from tests.tours.studio import Studio

if TYPE_CHECKING:
    from app.lenses.painters.sequences.denoising import DenoisingView
    from app.lenses.painters.sequences.denoising_sheet import DenoisingSheet
    from app.lenses.painters.sequences.trajectory import TrajectoryView

STEPS = 50


def tour(studio: Studio) -> None:
    points(studio)
    studio.window.controller.shutdown()
    pictures(studio)


def points(studio: Studio) -> None:
    studio.open_gallery("diffusion-two-gaussians")
    studio.take("drawing", "A diffusion model of points in the plane, as the gallery opens it.")
    studio.train(lambda: studio.step >= 500)
    studio.pause()
    card = studio.look("samples", "trajectory")
    studio.shown(card)
    studio.take(
        "docked", "The samples in the node and in the inspector, their ways on a card, after 500 steps."
    )
    window = in_window(studio, card, 720, 800)
    view = cast("TrajectoryView", card.view)
    studio.take("ways", "The ways of 64 samples from noise to data; small dots are the data.", window)
    read = view.read
    assert read is not None
    studio.check(read.steps.tolist() == list(range(STEPS + 1)), "the noise and all 50 steps are there")
    studio.press("Home", on=view.timeline)
    studio.take("noise", "Step 0: noise alone.", window)
    studio.check(view.words.text() == "noise", "the slider says noise")
    for _ in range(25):
        studio.press("Right", on=view.timeline)
    studio.check(view.words.text() == "step 25 of 50", "25 steps on the slider says step 25 of 50")
    places = view.canvas.sheet.places(QRectF(view.canvas.rect()))  # type: ignore[union-attr]
    point(studio, view.canvas, QPointF(*places[3, 25]))
    studio.take("half-way", "Half way, with the whole way of the sample under the mouse.", window)
    back(studio, card)


def pictures(studio: Studio) -> None:
    studio.open_gallery("diffusion-digits")
    studio.select("samples")
    for name, words in (("steps", str(STEPS)), ("guidance", "3")):
        set_number(studio, studio.window.workbench().inspector.page.form, name, words)
    studio.train(lambda: studio.step >= 200)
    studio.pause()
    ways = studio.look("samples", "trajectory")
    studio.shown(ways)
    window = in_window(studio, ways, 720, 800)
    view = cast("TrajectoryView", ways.view)
    studio.take(
        "classes", "The ways of pictures in the plane of most variance, a colour for each digit.", window
    )
    studio.check(view.read is not None and view.read.groups == tuple("0123456789"), "each digit has a colour")
    back(studio, ways)
    card = studio.look("samples", "denoising")
    studio.shown(card)
    window = in_window(studio, card, 900, 620)
    steps = cast("DenoisingView", card.view)
    studio.take("step", "One step: the noise without and with the condition, and what follows of it.", window)
    adds_up(studio, steps)
    studio.click(steps.samples.next)
    for _ in range(12):
        studio.press("Right", on=steps.timeline)
    studio.take("step-later", "A later step of another sample.", window)
    back(studio, card)
    guidance(studio)


def guidance(studio: Studio) -> None:
    """The same noise with other guidance scales: drawn at once with the weights of the paused run."""
    studio.press("Escape", on=studio.canvas)
    seen = [drawn_with(studio, scale) for scale in ("0", "1", "7")]
    studio.check(not np.allclose(seen[0], seen[1]), "with no condition the same noise leads elsewhere")
    studio.check(not np.allclose(seen[1], seen[2]), "a scale of 7 draws otherwise than one of 1")


def drawn_with(studio: Studio, scale: str) -> np.ndarray:
    """The samples of this guidance scale, drawn at once."""
    studio.select("samples")
    page = studio.window.workbench().inspector.page
    set_number(studio, page.form, "guidance", scale)
    samples = studio.window.workbench().inspector.page.samples
    before = samples.view.sampled
    studio.click(samples.draw.button)
    studio.wait(lambda: samples.view.sampled is not before, what="the samples")
    studio.take(f"guidance-{scale}", f"Drawn with a guidance scale of {scale}, from the same noise.")
    return np.asarray(samples.view.sampled.values)


def adds_up(studio: Studio, view: DenoisingView) -> None:
    sheet = cast("DenoisingSheet", view.canvas.sheet)
    read = sheet.read
    mixed = read.values["without"] + read.guidance * (read.values["with"] - read.values["without"])
    studio.check(
        np.allclose(mixed, read.values["noise"], atol=1e-3), "guided noise = without + s·(with − without)"
    )
