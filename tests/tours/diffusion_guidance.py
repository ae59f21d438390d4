"""Diffusion Explainer: digits from noise, the noise with a condition and without, the guidance scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from tests.tours.card_windows import back, in_window, set_number
from tests.tours.studio import Studio

if TYPE_CHECKING:
    from app.lenses.painters.sequences.denoising import DenoisingView
    from app.lenses.painters.sequences.denoising_sheet import DenoisingSheet
    from app.lenses.painters.sequences.trajectory import TrajectoryView

STEPS, STEPS_OF_TRAINING = 50, 1500


def tour(studio: Studio) -> None:
    studio.open_gallery("diffusion-digits")
    studio.select("samples")
    for name, words in (("steps", str(STEPS)), ("guidance", "3")):
        set_number(studio, studio.window.workbench().inspector.page.form, name, words)
    studio.train(lambda: studio.step >= STEPS_OF_TRAINING, 1200.0)
    studio.pause()
    ways = studio.look("samples", "trajectory")
    studio.shown(ways)
    window = in_window(studio, ways, 720, 800)
    view = cast("TrajectoryView", ways.view)
    studio.take(
        "classes", "The ways of pictures in the plane of most variance, a colour for each digit.", window
    )
    assert view.read is not None
    studio.check(len(view.read.groups) > 1, f"colours tell {len(view.read.groups)} digits apart")
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
    seen = [drawn_with(studio, scale) for scale in ("0", "1", "7", "20")]
    studio.check(not np.allclose(seen[0], seen[1]), "with no condition the same noise leads elsewhere")
    studio.check(not np.allclose(seen[1], seen[2]), "a scale of 7 draws otherwise than one of 1")
    studio.check(not np.allclose(seen[2], seen[3]), "and one of 20 otherwise than one of 7")


def drawn_with(studio: Studio, scale: str) -> np.ndarray:
    """The samples of this guidance scale, drawn at once."""
    studio.select("samples")
    page, drawing = studio.window.workbench().inspector.page, studio.window.controller.drawing
    set_number(studio, page.form, "guidance", scale)
    samples = studio.window.workbench().inspector.page.samples
    studio.check(drawing.seen("samples", "samples").is_stale, "samples of another scale are marked")
    studio.click(samples.draw.button)
    studio.wait(lambda: not drawing.seen("samples", "samples").is_stale, what="the samples")
    studio.take(f"guidance-{scale}", f"Drawn with a guidance scale of {scale}, from the same noise.")
    return np.asarray(samples.view.sampled.values)


def adds_up(studio: Studio, view: DenoisingView) -> None:
    sheet = cast("DenoisingSheet", view.canvas.sheet)
    read = sheet.read
    mixed = read.values["without"] + read.guidance * (read.values["with"] - read.values["without"])
    studio.check(
        np.allclose(mixed, read.values["noise"], atol=1e-3), "guided noise = without + s·(with − without)"
    )
