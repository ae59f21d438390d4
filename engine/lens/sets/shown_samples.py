"""Some samples of a set as they travel to the window: small pictures, tokens or rows of numbers.

At most a few ten kilobytes: pictures are pooled to few pixels, texts and rows are cut. What was left out is
told by the sizes that go along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.expand.flat import FlatEnd
from engine.lens.lens import Arrays
from engine.lens.sets.held_back import HeldBack

if TYPE_CHECKING:
    from torch import Tensor

MOST = 64
"""Most samples that are sent at their largest size."""
SIDE, LEAST_SIDE = 32, 8
"""Most pixels of the side of a picture, and the fewest where many are sent."""
BYTES = 150_000
"""Of all pictures together."""
TOKENS, NUMBERS = 64, 32
"""Most tokens of a text and numbers of a row."""


def shown_samples(held: HeldBack, places: NDArray[np.int64]) -> Arrays:
    """`shown`, the places of samples in the set (m), and what their data node hands out as `input`: one of
    `pictures` (m, h, w, 1 or 3) as bytes, `tokens` (m, T) and `rows` (m, K) in the unit of the data; with
    `input_size`, how many tokens or numbers a whole sample has. Nothing where they come from no data.
    """
    given = held.of_data("input")
    if given is None or not len(places):
        return {"shown": places.astype(np.int32)}
    chosen = given[_index(places, given)]
    found: Arrays = {"shown": places.astype(np.int32)}
    if chosen.dim() == 4 and chosen.is_floating_point() and is_picture(tuple(chosen.shape[1:])):
        unit = held.network.feeds.units.get(FlatEnd(held.source, "input"))
        return found | {"pictures": pictures(chosen, unit)}
    flat = chosen.reshape(len(chosen), -1)
    size = {"input_size": np.array(flat.shape[1], np.int64)}
    if not chosen.is_floating_point():
        return found | size | {"tokens": flat[:, :TOKENS].cpu().numpy().astype(np.int32)}
    rows = in_unit(flat, held.network.feeds.units.get(FlatEnd(held.source, "input")))
    return found | size | {"rows": rows[:, :NUMBERS].astype(np.float32)}


def is_picture(shape: tuple[int, ...]) -> bool:
    """Whether values (C, H, W) are a picture in grey or colour."""
    return len(shape) == 3 and shape[0] in (1, 3) and min(shape[1:]) >= 4


def pictures(values: Tensor, unit: NDArray[np.float64] | None = None) -> NDArray[np.uint8]:
    """Pictures (m, C, H, W) as bytes (m, h, w, C), pooled to a side that leaves room for all of them."""
    from torch.nn import functional as F

    values = values.float()
    height, width = values.shape[-2:]
    room = int((BYTES / (max(MOST, len(values)) * values.shape[1])) ** 0.5)
    side = max(LEAST_SIDE, min(SIDE, room))
    if max(height, width) > side:
        scale = side / max(height, width)
        values = F.adaptive_avg_pool2d(values, (max(1, round(height * scale)), max(1, round(width * scale))))
    found = np.moveaxis(values.cpu().numpy(), 1, -1).astype(np.float64)
    if unit is not None:
        found = found * unit[1] + unit[0]
    return _as_bytes(found)


def _as_bytes(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """From black to white: bytes, [0, 1] and [−1, 1] as they are, others from their least to greatest."""
    values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    if low >= -1e-3 and 1.05 < high <= 255.5:
        scaled = values
    elif low >= -1e-3 and high <= 1.05:
        scaled = values * 255.0
    elif low >= -1.05 and high <= 1.05:
        scaled = (values + 1.0) * 127.5
    else:
        scaled = (values - low) * (255.0 / ((high - low) or 1.0))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def in_unit(values: Tensor | NDArray[Any], unit: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Rows (m, K) in the unit of the data, where it is known and fits."""
    found = np.asarray(values if isinstance(values, np.ndarray) else values.cpu().numpy(), np.float64)
    if unit is None or (unit.shape[1] > 1 and found.shape[-1] % unit.shape[1]):
        return found
    repeats = found.shape[-1] // unit.shape[1]
    offsets, factors = np.tile(unit, repeats)
    result: NDArray[np.float64] = found * factors + offsets
    return result


def _index(places: NDArray[np.int64], beside: Tensor) -> Tensor:
    import torch

    return torch.from_numpy(np.ascontiguousarray(places, np.int64)).to(beside.device)
