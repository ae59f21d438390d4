"""GAN Lab: dots real and made, the discriminator's field, the bent noise, arrows, KL and JS."""

from __future__ import annotations

import numpy as np

from engine.lens.step_moments import Stage
from tests.tours.studio import Studio


def tour(studio: Studio) -> None:
    studio.open_gallery("gan-2d-gaussians")
    nodes = studio.canvas.drawing.nodes
    studio.wait(lambda: nodes["judge_fake"].sheet is not None, what="the field of the discriminator")
    studio.take("drawing", "Before training: the generator's dots in a heap, the discriminator's field even.")
    studio.train(lambda: studio.step > 250)
    studio.take("training", "250 steps: dots move to the data, each objective has its curve.")
    studio.wait(lambda: studio.step > 1500, 240.0)
    studio.pause()
    studio.take("trained", "1,500 steps: the dots of the generator lie over the two clouds.")
    _layers(studio)
    _slow_motion(studio)


def _layers(studio: Studio) -> None:
    """The layers of GAN Lab's one picture, each on a card."""
    field = studio.look("judge_fake", "field")
    studio.shown(field)
    studio.check(float(np.ptp(field.view.shown.values)) > 0, "the field of the discriminator is not blank")
    cloud = studio.look("generate", "cloud")
    studio.shown(cloud)
    studio.take("field-and-cloud", "The discriminator's field with real and made dots; the cloud of dots.")
    warp = studio.look("generate", "warp")
    studio.shown(warp)
    arrows = studio.look("generate", "arrows")
    studio.shown(arrows)
    studio.check(arrows.view.shown.longest > 0, "the arrows of the gradient have a length")
    studio.take(
        "warp-and-arrows", "The bent grid of the noise; arrows: where the gradient pulls each made dot."
    )
    _morph(studio, warp)
    divergence = studio.look("generate", "KL and JS")
    studio.shown(divergence)
    begun = studio.step
    studio.train(lambda: studio.step > begun + 200, 240.0)
    studio.pause()
    studio.take("kl-js", "KL and JS between what is made and the data, as curves over the run.")
    for card in studio.lenses.cards:
        studio.shown(card)
    studio.press("Ctrl+Shift+L", on=studio.canvas)
    studio.settle(2.0)
    dock = studio.window.workbench().docks["lenses"]
    studio.take("all-layers", "Ctrl+Shift+L: all five side by side in a window of their own.", dock)
    studio.press("Ctrl+Shift+L", on=studio.canvas)
    studio.settle(1.0)


def _morph(studio: Studio, card: object) -> None:
    """From noise to output, half of the way."""
    view = card.view
    whole = view.share
    studio.lenses.reveal(card.pin)
    studio.settle(0.3)
    view.set_share(0.5)
    studio.check(view.share != whole, "the grid can be moved between noise and output")
    studio.take("morph", "Half of the way from the noise to what is made of it.")
    view.set_share(1.0)


def _slow_motion(studio: Studio) -> None:
    """One step, taken apart: the discriminator first, then the generator."""
    slow = studio.canvas.slow_motion
    studio.canvas.setFocus()
    studio.press("Ctrl+L", "F", "Shift+F10", on=studio.canvas)
    studio.wait(lambda: bool(slow.moments), what="the moments of a step")
    order = list(dict.fromkeys(moment.objective for moment in slow.moments))
    studio.check(
        order == ["discriminator_objective", "generator_objective"], f"the order is {' then '.join(order)}"
    )
    seen: set[tuple[str, Stage]] = set()
    while True:
        moment = slow.moments[slow.place]
        if (moment.objective, moment.stage) not in seen:
            seen.add((moment.objective, moment.stage))
            of = "D" if moment.objective.startswith("disc") else "G"
            studio.check(bool(slow.marks.lit()), f"something is lit at {slow.place + 1}")
            words = f"Slow motion, {of}, {moment.stage.value.lower()}: {moment.sentence}"
            studio.take(f"slow-{of}-{moment.stage.name.lower()}", words)
        if slow.place == len(slow.moments) - 1:
            break
        studio.press("Right", on=studio.canvas)
    studio.check(len(seen) >= 6, f"{len(seen)} stages were seen, of both networks")
    studio.press("Escape", on=studio.canvas)
