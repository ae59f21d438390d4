"""A layer whose ports follow a parameter, known to the registry while a test runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nodes.param import Int
from nodes.registry import REGISTRY
from nodes.spec import Family, Layer, Port


class Fan(Layer):
    """As many inputs and outputs as asked for."""

    type = "fan"
    family = Family.MATH
    ways = Int(2, min=1, max=8, help="Inputs and outputs.")

    def input_ports(self) -> tuple[Port, ...]:
        return tuple(Port(f"in{number}") for number in range(self.ways))

    def output_ports(self) -> tuple[Port, ...]:
        return tuple(Port(f"out{number}") for number in range(self.ways))


@pytest.fixture
def fan() -> Iterator[type[Layer]]:
    yield REGISTRY.add(Fan)
    REGISTRY.remove("fan")
