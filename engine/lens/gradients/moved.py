"""Weights moved along directions for a moment: how a loss looks around them.

The tensors that train are not written to: parameters point to copies meanwhile, and back at the end whatever
happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Direction = Mapping[str, Tensor]
"""By the name of a weight, of its shape."""


def filter_normalised(weights: Mapping[str, Tensor], seed: int) -> dict[str, Tensor]:
    """A random direction in which each filter is as long as that of the weights.

    A filter is what leads to one output: the first index of a weight of two or more dimensions. Biases and
    scales stay. From Li et al. (2018), Visualizing the loss landscape of neural nets.
    """
    chance = torch.Generator().manual_seed(seed)
    found = {}
    for name, weight in weights.items():
        drawn = torch.randn(weight.shape, generator=chance).to(weight)
        if weight.dim() < 2:
            found[name] = torch.zeros_like(weight)
            continue
        own, other = weight.flatten(1).norm(dim=1), drawn.flatten(1).norm(dim=1)
        scale = own / other.clamp(min=1e-12)
        found[name] = drawn * scale.reshape(-1, *[1] * (weight.dim() - 1))
    return found


def main_directions(
    weights: Mapping[str, Tensor], moments: Sequence[Mapping[str, Tensor]]
) -> tuple[list[Direction], NDArray[np.float64], NDArray[np.float64]]:
    """The two orthonormal directions in which a way of weights extends most around where they are now.

    Also the places of the moments along them, (k, 2), and the share of all squared distances that lies in
    each, (2). By the eigenvectors of the products of the k differences, so that nothing of the size of all
    weights squared is made.
    """
    names = list(weights)
    differences = [[(one[n] - weights[n]).flatten().float() for n in names] for one in moments]
    away = torch.stack([torch.cat(parts) for parts in differences])
    products = (away @ away.T).double().cpu()
    values, vectors = torch.linalg.eigh(products)
    values, vectors = values.flip(0)[:2].clamp(min=0.0), vectors.flip(1)[:, :2]
    places = (vectors * values.sqrt()).numpy()
    lengths = values.sqrt().clamp(min=1e-30)
    flat = ((vectors / lengths).T.to(away) @ away).split([weights[n].numel() for n in names], dim=1)
    axes: list[Direction] = [
        {n: part[axis].reshape(weights[n].shape).to(weights[n]) for n, part in zip(names, flat, strict=True)}
        for axis in (0, 1)
    ]
    share = (values / products.diagonal().sum().clamp(min=1e-30)).numpy()
    return axes, places, share


@contextmanager
def movable(
    weights: Mapping[str, Tensor], directions: Sequence[Direction]
) -> Iterator[Callable[[Sequence[float]], None]]:
    """A function that moves the weights by so much along each direction; all are back afterwards."""
    own = {name: weight.data for name, weight in weights.items()}

    def move(amounts: Sequence[float]) -> None:
        with torch.no_grad():
            for name, weight in weights.items():
                moved = own[name].clone()
                for amount, direction in zip(amounts, directions, strict=True):
                    if name in direction:
                        moved += amount * direction[name]
                weight.data = moved

    try:
        yield move
    finally:
        for name, weight in weights.items():
            weight.data = own[name]
