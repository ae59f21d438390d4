"""One element that is to be taken apart: its layer, its module, what enters, and which element it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor, nn

from engine.lens.access import Access
from engine.lens.cell.cell import Cell, Floats
from engine.lens.cell.window import SlidingWindow
from nodes.spec import Layer

Taken = Cell | SlidingWindow | None
"""A cell, a window that gives one at any position, or None: this one cannot be taken apart here."""


@dataclass(frozen=True, eq=False)
class Target:
    """`inputs` are batches of one by port, `output` is (1, ...), `index` a place in output[0].

    It is looked at in evaluation mode.
    """

    layer: Layer
    module: nn.Module
    inputs: Mapping[str, tuple[Tensor, ...]]
    output: Tensor
    index: tuple[int, ...]
    network: Access

    @property
    def all_inputs(self) -> list[Tensor]:
        """What enters, over all ports in their order."""
        return [tensor for port in self.inputs.values() for tensor in port]

    def entering(self, port: str = "") -> Tensor | None:
        """What enters at a port, without the batch; by default at the first one."""
        held = self.inputs.get(port or next(iter(self.inputs), ""), ())
        return held[0][0] if held else None

    def connected(self, port: str) -> bool:
        return bool(self.inputs.get(port))

    @property
    def value(self) -> float:
        """The element itself."""
        return float(self.output[0][self.index])


Explain = Callable[[Target], Taken]


def numbers(tensor: Tensor) -> Floats:
    """The values on the CPU in double precision."""
    found: Floats = tensor.detach().cpu().double().numpy()
    return found


def parameter(module: nn.Module, name: str) -> Tensor | None:
    """A weight or buffer of a module; None where it has none."""
    found: Any = getattr(module, name, None)
    return found.detach() if isinstance(found, Tensor) else None


def values_at(tensor: Tensor, *place: Any) -> Floats:
    """The values at this place, which may have ranges in it."""
    return numbers(tensor[place])


def number_at(tensor: Tensor | None, place: int | tuple[int, ...], default: float = 0.0) -> float:
    return default if tensor is None else float(tensor[place])


def counted(count: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Places 0 … count − 1 of a row, (count, 1)."""
    return np.arange(count)[:, None]
