"""Predictions that are numbers or pictures: how far they are from what is true, in the unit of the data."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from engine.lens.lens import Arrays
from engine.lens.sets.compared import Compared
from engine.lens.sets.shown_samples import MOST, in_unit, is_picture, pictures, shown_samples

POINTS = 2000
"""Most pairs of a predicted and a true number that are sent; of more, evenly spaced ones."""
COLUMNS = 32
"""Most columns with figures of their own."""
WORST = 32
PICTURES = 24


def of_numbers(found: Compared) -> Arrays:
    """`points` (p, 2), predicted and true; `columns` (p), which number of the sample each is, and `samples`
    (p), of which one; `errors` (k, 4) of the first columns and, last, of all numbers: mean absolute error,
    root of the mean square, R² and bias; `numbers`: how many a sample has; `values`: pairs there are.
    """
    unit = None if found.against is None else found.held.network.feeds.units.get(found.against)
    raw = found.prediction.float()
    raw = raw.sigmoid() if found.loss.layer.type == "bce_with_logits" else raw
    rank, shape = raw.dim(), tuple(raw.shape[1:])
    said = _in_unit(raw.reshape(len(raw), -1), unit, rank)
    true = _in_unit(found.target.reshape(len(raw), -1), unit, rank)
    columns = said.shape[1]
    step = max(1, -(-said.size // POINTS))
    at = np.arange(0, said.size, step)
    if columns > 1 and step > 1 and columns % step == 0:  # not the same columns again and again
        at = np.sort(np.random.default_rng(0).permutation(said.size)[:POINTS])
    arrays: Arrays = {
        "points": np.column_stack([said.ravel()[at], true.ravel()[at]]).astype(np.float32),
        "columns": (at % columns).astype(np.int32),
        "samples": (at // columns).astype(np.int32),
        "errors": _errors(said, true),
        "numbers": np.array(columns, np.int64),
        "values": np.array(said.size, np.int64),
        "losses": found.losses,
    }
    order = np.argsort(-np.nan_to_num(found.losses, nan=np.inf), kind="stable")
    if not is_picture(shape):
        places = order[:MOST]
        both = {"predicted_row": said[places, :COLUMNS], "true_row": true[places, :COLUMNS]}
        rows = {name: values.astype(np.float32) for name, values in both.items()}
        return arrays | rows | shown_samples(found.held, places)
    places = order[:PICTURES]
    rows_at = torch.from_numpy(places).to(raw.device)
    both_pictures = torch.cat([raw[rows_at], found.target[rows_at].to(raw.dtype)])
    shown = pictures(both_pictures, unit)  # on one scale
    made = {"predicted_pictures": shown[: len(places)], "true_pictures": shown[len(places) :]}
    return arrays | made | shown_samples(found.held, places)


def _in_unit(values: torch.Tensor, unit: NDArray[np.float64] | None, rank: int) -> NDArray[np.float64]:
    """Rows in the unit of the data; of pictures only where all channels have one unit."""
    fits = unit is not None and (unit.shape[1] == 1 or rank == 2)
    return in_unit(values, unit if fits else None)


def _errors(said: NDArray[np.float64], true: NDArray[np.float64]) -> NDArray[np.float32]:
    columns = [(said[:, one], true[:, one]) for one in range(min(COLUMNS, said.shape[1]))]
    return np.array([_error(*pair) for pair in [*columns, (said.ravel(), true.ravel())]], np.float32)


def _error(said: NDArray[np.float64], true: NDArray[np.float64]) -> tuple[float, float, float, float]:
    off = said - true
    spread = float(np.square(true - true.mean()).sum())
    explained = 1.0 - float(np.square(off).sum()) / spread if spread else float("nan")
    return float(np.abs(off).mean()), float(np.sqrt(np.square(off).mean())), explained, float(off.mean())
