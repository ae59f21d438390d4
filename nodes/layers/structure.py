"""Placements of definitions. Their ports are the border of the definition, which the engine looks up."""

from __future__ import annotations

from typing import ClassVar

from nodes.param import Int, Text
from nodes.spec import Family, Layer, Role


class Placement(Layer):
    """What places a definition: its ports are the definition's border."""

    abstract = True
    family = Family.STRUCTURE
    role = Role.PLACEMENT
    inputs = ()
    outputs = ()
    shares_weights: ClassVar[bool] = False
    """Whether every placement of a definition has the same weights."""

    definition = Text("", suggestions="definitions", help="Name of the graph that is placed.")


class Block(Placement):
    """A definition placed with weights of its own; `repeat` stacks it that many times.

    The definition's parameters are set as further parameters of the placement. Repeated 0 times, it is left
    out: its first input passes through (a shortcut that projects only in the first copy of a residual
    block).
    """

    aliases = ("group", "module", "subgraph", "repeat")

    repeat = Int(
        1,
        min=0,
        max=10000,
        help="How many times it stands in a row, each with its own weights; 0: passed by.",
    )


class Network(Placement):
    """A definition with one set of weights for the whole project, however often it is placed."""

    aliases = ("shared", "siamese", "discriminator", "generator")
    shares_weights = True
