"""Sources: where values enter a drawing. The engine feeds their outputs at every step."""

from __future__ import annotations

from nodes.param import Choice, Float, Shape, Text
from nodes.spec import Family, Layer, Port, Role


class DataSource(Layer):
    """A data set: hands out samples and their targets, batch by batch.

    `input` and `target` come from the same samples. Training and validation parts are split once, by the project's
    seed.
    """

    title = "Data set"
    type = "data"
    family = Family.DATA
    role = Role.SOURCE
    aliases = ("dataset", "input", "images", "csv", "mnist")
    inputs = ()
    outputs = (
        Port("input", "what the network sees", dtype="any"),
        Port("target", "labels or values to predict", dtype="any", side=True),
    )

    dataset = Text("fashion-mnist", suggestions="datasets", help="Name of a data set that comes with Layerloom.")


class Noise(Layer):
    """Random numbers, fresh for every sample of every step."""

    family = Family.DATA
    role = Role.SOURCE
    aliases = ("random", "latent", "z")
    inputs = ()
    outputs = (Port("output"),)

    shape = Shape((64,), min=1, min_length=1, help="Shape of one sample, without the batch dimension.")
    distribution = Choice("normal", choices=("normal", "uniform"), help="Normal (0, 1) or uniform on [−1, 1].")
    scale = Float(1.0, min=0.0, help="The numbers are multiplied by this.")
