"""Many numbers of each sample as a place in the plane: principal components, and t-SNE by its library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.expand.flat import FlatEnd
from engine.lens.access import Access
from engine.lens.arrays import PART, is_all_finite
from engine.lens.lens import Arrays
from engine.lens.sets.held_back import HeldBack, held_back
from engine.lens.sets.shown_samples import in_unit, shown_samples

NEIGHBOURS = 5
SHARES, BEFORE = 10, 50
"""Components of which the share is told, and those that t-SNE begins with."""
EXACT = 8192
"""Numbers of a sample up to which products are summed in double precision."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Components:
    """Coordinates along principal components (n, k), the greatest variance first, their shares of all
    variance (k), and the squared distances between samples (n, n).
    """

    places: Floats
    shares: Floats
    distances: Floats


def components(values: Tensor, count: int) -> Components:
    """The first `count` principal components of rows (n, d); without sign, which is chance, the greatest
    magnitude of each is positive.
    """
    of_rows = values.shape[1] >= len(values)
    if values.shape[1] <= EXACT:
        rows = values.double() - values.double().mean(0)
        gram = rows @ rows.T
    else:
        rows, gram = values, _products(values)
    powers, axes = torch.linalg.eigh(gram if of_rows else rows.T @ rows)
    powers, axes = powers.flip(0).clamp(min=0).double(), axes.flip(1)
    places = axes[:, :count] * powers[:count].sqrt() if of_rows else rows @ axes[:, :count]
    found = places.double().cpu().numpy()
    missing = count - found.shape[1]
    if missing > 0:
        found = np.pad(found, ((0, 0), (0, missing)))
    most = found[np.abs(found).argmax(0), np.arange(count)]
    found = found * np.where(most < 0, -1.0, 1.0)
    total = float(powers.sum()) or 1.0
    shares = np.pad((powers[:count] / total).cpu().numpy(), (0, max(0, missing)))
    sizes = gram.diagonal()
    distances = (sizes[:, None] + sizes[None] - 2 * gram).clamp(min=0)
    return Components(found, shares, distances.cpu().numpy())


def _products(values: Tensor) -> Tensor:
    """The products of rows (n, d) about their mean (n, n), from some columns at a time: a copy of all numbers
    would cost more than the products.
    """
    found = values.new_zeros((len(values), len(values)), dtype=torch.float64)
    for part in values.chunk(-(-values.numel() // PART), dim=1):
        centred = part - part.mean(0)
        found += (centred @ centred.T).double()
    return found


def projection(network: Access, count: int) -> tuple[HeldBack, Components, Arrays] | None:
    """The components of the value that is looked at, and the arrays that tell of them; None: there are none.

    `places` (n, 2) along the first two, `shares` (10) of the variance, `neighbours` (n, 5) in the full space
    with their `distances` (n, 5); `numbers` of a sample, `lost`: how many are not finite and count as 0.
    """
    held = None if network.end is None else held_back(network, [network.end], count)
    if held is None or not len(held):
        return None
    flat = _rows(held.read[0][: len(held)])
    is_sound = is_all_finite(flat)
    lost = 0 if is_sound else int((~flat.isfinite()).sum())
    found = components(flat if is_sound else flat.nan_to_num(0.0, 0.0, 0.0), max(SHARES, BEFORE))
    far = found.distances + np.diag(np.full(len(held), np.inf))
    near = np.argsort(far, axis=1, kind="stable")[:, : min(NEIGHBOURS, len(held) - 1)]
    arrays = held.told() | {
        "places": found.places[:, :2].astype(np.float32),
        "shares": found.shares[:SHARES].astype(np.float32),
        "neighbours": near.astype(np.int16),
        "distances": np.sqrt(np.take_along_axis(far, near, 1)).astype(np.float32),
        "numbers": np.array(flat.shape[1], np.int64),
        "lost": np.array(lost, np.int64),
    }
    return held, found, arrays | labels(held, near) | shown_samples(held, np.arange(len(held)))


def _rows(values: Tensor) -> Tensor:
    """The numbers of each sample in a row (n, d), in the order in which they lie in memory: components and
    distances do not depend on it, and nothing is copied.
    """
    order = sorted(range(1, values.dim()), key=values.stride, reverse=True)
    return values.permute(0, *order).reshape(len(values), -1).float()


def labels(held: HeldBack, near: NDArray[np.int64]) -> Arrays:
    """`label` (n): a class, with `classes` and `agreement`, the share of neighbours of the same class;
    or a number in the unit of the data. Nothing where a target is neither.
    """
    target = held.of_data("target")
    if target is None or target.numel() != len(target):
        return {}
    flat = target.reshape(-1).cpu().numpy()
    if target.is_floating_point():
        unit = held.network.feeds.units.get(FlatEnd(held.source, "target"))
        return {"label": in_unit(flat[:, None], unit)[:, 0].astype(np.float32)}
    spec = held.network.plan.specs.get(FlatEnd(held.source, "target"))
    classes = spec.classes if spec is not None and spec.classes is not None else int(flat.max()) + 1
    found: Arrays = {"label": flat.astype(np.int32), "classes": np.array(classes, np.int64)}
    if not near.size:
        return found
    same = (flat[near] == flat[:, None]).mean()
    return found | {"agreement": np.array(same, np.float32)}


def tsne(found: Components, perplexity: float) -> Floats | None:
    """The samples placed by t-SNE (n, 2), turned as their principal components lie; None without its library,
    or where there are too few. It begins at random places.
    """
    try:
        import tapkee  # an extra: projection
    except ImportError:
        return None
    rows = found.places / (np.abs(found.places).max() or 1.0)
    used = rows[:, np.abs(rows).max(0) > 0]
    if len(rows) < 8 or not used.shape[1]:
        return None
    perplexity = min(perplexity, (len(rows) - 1) / 3 - 0.5)
    made = tapkee.embed(np.asfortranarray(used.T), method="t-sne", sne_perplexity=perplexity, sne_theta=0.5)
    return turned(np.asarray(made, np.float64), found.places[:, :2])


def turned(places: Floats, like: Floats) -> Floats:
    """Places turned and mirrored about their middle to lie as others do (orthogonal Procrustes)."""
    places = places - places.mean(0)
    left, _, right = np.linalg.svd(places.T @ (like - like.mean(0)))
    result: Floats = places @ (left @ right)
    return result
