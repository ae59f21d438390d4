"""Prediction: what the network says of the pinned sample, beside the sample and its target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.lens.arrays import ROW, array, sample
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.spec import Layer, Role

if TYPE_CHECKING:
    from torch import Tensor

SIDE = 160
"""Longest side of a picture that is sent, in pixels: none is painted larger."""


class Prediction(Lens):
    """Arrays: `output`, `input` and `target` of the pinned sample and, of data that were scaled,
    `input_unit` and `target_unit`: offsets and factors back to the unit of the data, (2, 1) or (2, columns).

    No more is sent than is shown. Pictures have at most `SIDE` pixels a side. Where the output has scores of
    a class at each place, (T, V) of a text or (C, H, W) of a picture, `said` has the likeliest class of each,
    and `output` the scores of the last one. Of more than `ROW` numbers the first of the output and of its
    target and the last of the input are sent, of as many scores of one sample the largest, each with its
    `class`; `total` says how many numbers or places the output has.
    """

    kind = "prediction"
    title = "Prediction"
    help = "What the network says of the pinned sample, in the terms of its data."
    reads = frozenset({Reads.OUTPUT, Reads.DATA})
    place = 40

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        return layer.role is Role.OUTPUT

    def compute(self, seen: Seen) -> Arrays:
        if seen.output is None:
            return {}
        data = {port: sample(value) for port, value in seen.data.items()}
        found = _answer(sample(seen.output), data.get("target"))
        if "input" in data:
            found["input"] = array(_last(_thinned(data["input"])))
        if "target" in data:
            found["target"] = array(_first(_thinned(data["target"])))
        return found | {f"{port}_unit": _unit(port, unit, found) for port, unit in seen.units.items()}


def _answer(output: Tensor, target: Tensor | None) -> Arrays:
    """The output, no more of it than is shown."""
    found: Arrays = {"total": np.array(output.numel())}
    is_whole = target is not None and target.numel() > 0 and not target.is_floating_point()
    classes = target if is_whole else None
    if target is None and output.dim() == 2 and output.numel() > ROW:
        return found | {"output": array(output[-1])}  # the place that follows what was given
    if classes is not None and output.dim() == 2 and classes.shape == output.shape[:1]:
        said = output[:ROW].argmax(1)
        return {"output": array(output[-1]), "said": array(said), "total": np.array(len(output))}
    if classes is not None and output.dim() == 3 and classes.shape == output.shape[1:]:
        scores = _thinned(output)
        said = scores.argmax(0) if len(scores) > 1 else (scores[0] > 0).long()
        shown = scores if len(scores) in (1, 3) else output[:, -1, -1]
        return found | {"output": array(shown), "said": array(said)}
    if classes is not None and classes.numel() == 1 and output.dim() == 1 and len(output) > ROW:
        largest, places = output.topk(ROW)
        return found | {"output": array(largest), "class": array(places)}
    return found | {"output": array(_first(_thinned(output)))}


def _unit(port: str, unit: NDArray[np.float64], found: Arrays) -> NDArray[np.float64]:
    """The offsets and factors of the columns that are sent."""
    count = found[port].shape[-1] if port in found and found[port].ndim else unit.shape[1]
    if count >= unit.shape[1]:
        return unit
    return unit[:, -count:] if port == "input" else unit[:, :count]


def _thinned(value: Tensor) -> Tensor:
    """A picture (C, H, W) or the classes of its pixels (H, W) with at most so many pixels a side."""
    is_picture = value.dim() == 3 or (value.dim() == 2 and not value.is_floating_point())
    step = max(1, *(-(-side // SIDE) for side in value.shape[-2:])) if is_picture else 1
    return value[..., ::step, ::step] if step > 1 else value


def _first(value: Tensor) -> Tensor:
    return value[: _most(value)] if value.dim() in (1, 2) else value


def _last(value: Tensor) -> Tensor:
    return value[-_most(value) :] if value.dim() in (1, 2) else value


def _most(value: Tensor) -> int:
    """How many of its rows have at most about `ROW` numbers; pictures of classes are small by now."""
    each = value.shape[1] if value.dim() == 2 and value.is_floating_point() else 1
    return max(1, ROW // max(1, each))
