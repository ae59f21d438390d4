"""TensorFlow Playground: the spiral, a field in every neuron, wires by weight, a weight typed by hand."""

from __future__ import annotations

from tests.tours.studio import Studio


def tour(studio: Studio) -> None:
    studio.open_gallery("mlp-spiral")
    studio.take("drawing", "The network as it opens, before any training.")
    card = studio.look("linear2", "diagram")
    studio.shown(card)
    studio.take("diagram", "The network diagram, fresh weights.")
    studio.train(lambda: studio.step > 300)
    studio.pause()
    studio.take("trained", "The network diagram after 300 steps.")
