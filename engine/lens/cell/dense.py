"""Dense layers, units with a threshold, and tables of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.lens.cell.activation import activated
from engine.lens.cell.cell import Cell, Group, listed, summed
from engine.lens.cell.convolution import weight_scale
from engine.lens.cell.target import Taken, Target, counted, number_at, numbers, parameter
from engine.lens.cell.wording import told

COLUMNS = ("x", "w", "x·w")


def linear(target: Target) -> Taken:
    """x·w over all inputs of a row, and the bias."""
    entering, weight = target.entering(), parameter(target.module, "weight")
    if entering is None or weight is None:
        return None
    unit = target.index[-1]
    x = numbers(entering[target.index[:-1]])
    w = numbers(weight[unit]) * weight_scale(target.module)
    bias = number_at(parameter(target.module, "bias"), unit)
    group = Group("inputs", counted(len(x)), np.stack((x, w, x * w), -1))
    return summed([group], COLUMNS, bias, str(target.layer.values["activation"]))


def threshold_unit(target: Target) -> Taken:
    """The weighted sum, and whether it reaches the threshold."""
    entering = target.entering()
    if entering is None:
        return None
    layer: Any = target.layer
    x, w = numbers(entering), np.array(layer.weights, np.float64)
    total = float((x * w).sum())
    value, line = activated("step", total, {"threshold": layer.threshold})
    group = Group("inputs", counted(len(x)), np.stack((x, w, x * w), -1))
    return listed([group], COLUMNS, value, (line,), total=total, adds="all")


def embedding(target: Target) -> Taken:
    """A value of the row that the index names."""
    entering, weight = target.entering(), parameter(target.module, "weight")
    if entering is None or weight is None:
        return None
    row = int(entering[target.index[:-1]])
    value = number_at(weight, (row, target.index[-1])) if 0 <= row < len(weight) else target.value
    return Cell(value, (f"row {row}, column {target.index[-1]} of the table = {told(value)}",))


def one_hot(target: Target) -> Taken:
    """1 at the place that the index names."""
    entering = target.entering()
    if entering is None:
        return None
    named, place = int(entering[target.index[:-1]]), target.index[-1]
    value = float(named == place)
    return Cell(value, (f"index {named} {'=' if value else '≠'} place {place}, so {told(value)}",))
