"""Weights that other programs trained: files of torch, whose names are those of another program.

Where no name is one of the drawing, the tensors are taken in their order, as far as every shape agrees; which
went where is told. Nothing of such a file is run: `nodes.reading.weights.torch_file` looks at it only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from nodes.reading.weights.torch_file import tensors_of

SUFFIXES = (".pth", ".pt", ".bin")
"""What names of such files end with."""


def is_foreign(path: Path) -> bool:
    """Whether a file is one of torch, by its name."""
    return path.suffix.lower() in SUFFIXES


def read_foreign(path: Path) -> dict[str, Tensor]:
    """The tensors of a file of torch by name, in its order. Raises `DataError`."""
    return {name: torch.from_numpy(array) for name, array in tensors_of(path).items()}


def in_order(own: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> dict[str, str]:
    """The names of `given` by those of `own`, one after the other, up to the first whose shape differs.

    Counters (whole numbers) are left out: those of running statistics begin anew.
    """
    left = [(name, tensor.shape) for name, tensor in own.items() if tensor.is_floating_point()]
    right = [(name, tensor.shape) for name, tensor in given.items() if tensor.is_floating_point()]
    found: dict[str, str] = {}
    for (name, shape), (other, theirs) in zip(left, right, strict=False):
        if shape != theirs:
            break
        found[name] = other
    return found
