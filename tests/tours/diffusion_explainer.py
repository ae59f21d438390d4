"""Diffusion Explainer: fifty steps from noise to data in the plane, and the ways of the samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPointF, QRectF

from tests.tours.card_windows import back, in_window, point
from tests.tours.studio import Studio

if TYPE_CHECKING:
    from app.lenses.painters.sequences.trajectory import TrajectoryView

STEPS = 50


def tour(studio: Studio) -> None:
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
