"""Layers that combine tensors value by value or as matrices, and layers that only move values."""

from __future__ import annotations

from math import prod

import numpy as np
import torch
from torch import Tensor

from engine.lens.cell.cell import Cell, Group, summed
from engine.lens.cell.target import Taken, Target, counted, values_at
from engine.lens.cell.wording import factor, told

SIGNS = {"add": " + ", "multiply": "·", "subtract": " − ", "divide": " / "}


def _stretched(target: Target) -> list[tuple[float, tuple[int, ...]]]:
    """The values that meet in the element, each with its place; sizes of 1 stretch."""
    found = []
    shape = target.output.shape
    whole = (0, *target.index)
    for tensor in target.all_inputs:
        lead = len(shape) - tensor.dim()
        place = tuple(0 if size == 1 else whole[lead + axis] for axis, size in enumerate(tensor.shape))
        found.append((float(tensor[place]), place[1:] if lead == 0 else place))
    return found


def combined(target: Target) -> Taken:
    """Sums, products, differences and quotients of values at one place."""
    kind = target.layer.type
    values = [value for value, _ in _stretched(target)]
    if not values:
        return None
    if kind == "add":
        made = sum(values)
    elif kind == "multiply":
        made = prod(values)
    elif kind == "subtract":
        made = values[0] - values[1]
    else:
        divisor = values[1] + float(target.layer.values["epsilon"])
        made = values[0] / divisor if divisor else float("nan")
        values = [values[0], divisor]
    return Cell(made, (f"{SIGNS[kind].join(map(factor, values))} = {told(made)}",), total=made)


def product_of_matrices(target: Target) -> Taken:
    """A row of a with a column of b."""
    a, b = target.all_inputs[0][0], target.all_inputs[1][0]
    if a.shape[:-2] != b.shape[:-2]:
        return None
    lead, (row, column) = target.index[:-2], target.index[-2:]
    left = values_at(a, *lead, row)
    turned = (column,) if target.layer.values["transpose"] else (slice(None), column)
    right = values_at(b, *lead, *turned)
    table = np.stack((left, right, left * right), -1)
    return summed([Group("row · column", counted(len(left)), table)], ("a", "b", "a·b"))


def moved(target: Target) -> Taken:
    """A value that comes from one place of one input: found by sending numbered places through the layer."""
    numbered: list[Tensor] = []
    begin = 0
    for tensor in target.all_inputs:
        count = tensor.numel()
        numbered.append(torch.arange(begin, begin + count, dtype=torch.float64).reshape(tensor.shape))
        begin += count
    made = target.module(*numbered) if not _weighs(target) else None
    if made is None:
        return None
    first = made[0] if isinstance(made, tuple) else made
    place = round(float(first[0][target.index]))
    port, inner = _named(target, place)
    value = float(target.all_inputs[port].reshape(-1)[inner])
    where = np.unravel_index(inner, target.all_inputs[port].shape)
    name = "input" if len(target.all_inputs) == 1 else f"input {port + 1}"
    at, own = (", ".join(map(str, map(int, each))) for each in (where[1:], target.index))
    return Cell(value, (f"output[{own}] = {name}[{at}] = {told(value)}",), total=value)


def _weighs(target: Target) -> bool:
    """Whether the module has values of its own, so that it cannot be sent numbers of places."""
    return any(True for _ in target.module.parameters()) or any(True for _ in target.module.buffers())


def _named(target: Target, place: int) -> tuple[int, int]:
    """The input that holds a numbered place, and where in it."""
    for port, tensor in enumerate(target.all_inputs):
        if place < tensor.numel():
            return port, place
        place -= tensor.numel()
    raise IndexError(place)
