"""The samples, and the places in them, for which single units of a value are greatest."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.lens.access import Access
from engine.lens.lens import Arrays
from engine.lens.sets.held_back import HeldBack, held_back
from engine.lens.sets.shown_samples import MOST, shown_samples
from nodes.layers.convolution import Convolution
from nodes.layers.normalisation import BatchNorm
from nodes.layers.pooling import AvgPool, MaxPool
from nodes.layers.transposed import TransposedConvolution

EACH, UNITS = 9, 32
"""Samples of each unit, and most units of one look."""
AROUND = 8
"""Tokens on either side of the one that excites a unit."""
_CHANNELS_FIRST = (Convolution, TransposedConvolution, MaxPool, AvgPool, BatchNorm)
"""Layers whose channels come before their places in sequences too."""


def most_exciting(network: Access, unit: int, count: int) -> Arrays:
    """`units` (u), from `unit` on, of `unit_count`; of each the greatest `values` (u, 9), in which `samples`
    (u, 9) and at which `at` (u, 9), a place in `shape`; `figures` (u, 3): mean, deviation and share above 0
    over all samples and places. For tokens, `contexts` (u, 9, 17) around the place; −1 where there are none.
    """
    held = None if network.end is None else held_back(network, [network.end], count)
    if held is None:
        return {}
    value, shape = by_unit(network, held.read[0].float())
    total = value.shape[1]
    first = min(unit, total - 1)
    value = value[:, first : first + UNITS].nan_to_num(-torch.inf, torch.inf, -torch.inf)
    best, at = value.max(2)
    chosen = torch.argsort(best, dim=0, descending=True, stable=True)[:EACH].T
    kept = _fitting(chosen.cpu().numpy())
    samples = chosen[:kept]
    rows = torch.arange(kept, device=value.device)[:, None]
    where = at.T[rows, samples].cpu().numpy()
    finite = value[:, :kept].clamp(-3e38, 3e38)
    figures = (finite.mean((0, 2)), finite.std((0, 2), correction=0), (finite > 0).float().mean((0, 2)))
    taken = samples.cpu().numpy()
    arrays = held.told() | {
        "units": np.arange(first, first + kept, dtype=np.int32),
        "unit_count": np.array(total, np.int64),
        "values": best.T[rows, samples].cpu().numpy(),
        "samples": taken.astype(np.int32),
        "at": where.astype(np.int32),
        "shape": np.array(shape, np.int64),
        "figures": torch.stack(figures, 1).cpu().numpy(),
    }
    return arrays | shown_samples(held, np.unique(taken)) | _contexts(held, taken, where, shape)


def by_unit(network: Access, value: Tensor) -> tuple[Tensor, tuple[int, ...]]:
    """A value (n, units, places) and the shape of its places: channels of maps, features of rows and of the
    places of a sequence.
    """
    end = network.end
    node = None if end is None else network.plan.nodes.get(end.path)
    first = value.dim() > 3 or (node is not None and isinstance(node.layer, _CHANNELS_FIRST))
    if value.dim() > 2 and not first:
        value = value.movedim(-1, 1)
    return value.reshape(len(value), value.shape[1], -1), tuple(value.shape[2:])


def _fitting(chosen: NDArray[np.int64]) -> int:
    """How many units have no more than 64 samples together; one at least."""
    seen: set[int] = set()
    for place, samples in enumerate(chosen.tolist()):
        seen.update(samples)
        if len(seen) > MOST and place:
            return place
    return len(chosen)


def _contexts(
    held: HeldBack, samples: NDArray[np.int64], at: NDArray[np.int64], shape: tuple[int, ...]
) -> Arrays:
    """The tokens around each place, where a sample is a text with a token at each place."""
    tokens = held.of_data("input")
    if tokens is None or tokens.is_floating_point() or tuple(tokens.shape[1:]) != shape or len(shape) != 1:
        return {}
    padded = np.pad(tokens.cpu().numpy(), ((0, 0), (AROUND, AROUND)), constant_values=-1)
    spans = at[..., None] + np.arange(2 * AROUND + 1)
    return {"contexts": padded[samples[..., None], spans].astype(np.int32)}
