"""Outputs: values that a drawing names for the outside world."""

from __future__ import annotations

from nodes.param import Text
from nodes.spec import Family, Layer, Port, Role


class Output(Layer):
    """Names a value of the network: what it predicts, what is exported and what prediction panels show."""

    family = Family.DATA
    role = Role.OUTPUT
    aliases = ("result", "prediction")
    inputs = (Port("input", "any tensor", dtype="any"),)
    outputs = ()

    name = Text("prediction", help="The name by which the value is known outside.")

    def card_label(self) -> str:
        return self.name
