"""The objective: which loss is made smaller, by changing which weights, with which optimiser, how often."""

from __future__ import annotations

from nodes.param import Bool, Choice, Float, Int, Text
from nodes.spec import Family, Layer, Port, Role


class Objective(Layer):
    """Makes a loss smaller by updating weights. Several wires into `loss` are added up.

    By default it updates every weight upstream of its loss; what it does not update is held constant while
    gradients flow through it. Objectives act in the order of `order` within each step.
    """

    family = Family.OBJECTIVE
    role = Role.OBJECTIVE
    aliases = ("train", "optimizer", "optimiser", "minimise", "adam", "sgd", "learning rate")
    inputs = (Port("loss", "scalar to be minimised", ranks=(0,), variadic=True),)
    outputs = ()

    optimiser = Choice("adam", choices=("sgd", "adam", "adamw", "rmsprop"), help="How gradients become updates.")
    learning_rate = Float(1e-3, min=0.0, max=1e3, log=True, help="Size of each update.")
    momentum = Float(
        0.9, min=0.0, max=1.0, help="Share of the last update that is kept.", visible_if=("optimiser", ("sgd", "rmsprop"))
    )
    nesterov = Bool(False, advanced=True, help="Look ahead along the momentum.", visible_if=("optimiser", ("sgd",)))
    weight_decay = Float(0.0, min=0.0, max=10.0, help="Pull of every weight towards zero.")
    clip_norm = Float(0.0, min=0.0, help="Longest gradient allowed (global norm); 0: no limit.")
    schedule = Choice(
        "constant",
        choices=("constant", "step", "cosine", "one_cycle", "plateau"),
        help="How the learning rate changes during the run.",
    )
    step_epochs = Int(
        10, min=1, help="Epochs between two reductions, or of patience.", visible_if=("schedule", ("step", "plateau"))
    )
    gamma = Float(
        0.1, min=0.0, max=1.0, help="Factor of each reduction.", visible_if=("schedule", ("step", "plateau"))
    )
    updates = Text("", advanced=True, help="Paths it updates, separated by commas; empty: all upstream.")
    every = Int(1, min=1, advanced=True, help="Acts at every n-th step.")
    order = Int(0, min=-1000, max=1000, advanced=True, help="Lower acts earlier within a step.")

    def telling(self) -> str:
        return f"{self.optimiser.capitalize()} · {self.learning_rate:g}"
