"""Norms: the mean and deviation that are taken, then scale and shift."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import nn

from engine.lens.cell.cell import Cell, Floats, Group, Ints, listed
from engine.lens.cell.target import Taken, Target, number_at, numbers, parameter, values_at
from engine.lens.cell.wording import factor, told

COLUMNS = ("x", "x − μ", "(x − μ)²")


def batch(target: Target) -> Taken:
    """By the statistics of training, or by those of the sample where none are kept."""
    entering, module = target.entering(), target.module
    mean, variance = parameter(module, "running_mean"), parameter(module, "running_var")
    if entering is None:
        return None
    own = target.index[0]
    if mean is None or variance is None:
        return _of_values(target, numbers(entering[own])[None], [own], own)
    mu, var = number_at(mean, own), number_at(variance, own)
    x = float(entering[target.index])
    value, lines = _normed(x, mu, var, module, own)
    origin = f"μ = {told(mu)} and σ² = {told(var)} are those of training"
    return Cell(value, (origin, *lines), total=x)


def trailing(target: Target) -> Taken:
    """Layer norm: the last dimensions of one place together."""
    entering = target.entering()
    if entering is None:
        return None
    count = int(target.layer.values["dimensions"])
    lead = target.index[: len(target.index) - count]
    return _of_values(target, numbers(entering[lead]), list(lead), target.index[len(lead) :])


def group(target: Target) -> Taken:
    """Groups of channels together."""
    entering = target.entering()
    if entering is None:
        return None
    each = entering.shape[0] // int(target.layer.values["num_groups"])
    first = target.index[0] // each * each
    return _of_values(target, numbers(entering[first : first + each]), None, target.index[0], first)


def instance(target: Target) -> Taken:
    """Each channel of a sample by itself."""
    entering = target.entering()
    if entering is None:
        return None
    own = target.index[0]
    return _of_values(target, numbers(entering[own])[None], [own], own)


def root_mean_square(target: Target) -> Taken:
    """Divided by the root of the mean square of the last dimensions."""
    entering = target.entering()
    if entering is None:
        return None
    count = int(target.layer.values["dimensions"])
    lead = target.index[: len(target.index) - count]
    values, own = numbers(entering[lead]), target.index[len(lead) :]
    epsilon = float(target.layer.values["eps"])
    return _by_root(values, _places(values, list(lead)), epsilon, parameter(target.module, "weight"), own)


def pixel(target: Target) -> Taken:
    """Divided by the root of the mean square over the channels."""
    entering = target.entering()
    if entering is None:
        return None
    values = values_at(entering, slice(None), *target.index[1:])
    return _by_root(values, np.arange(len(values))[:, None], 1e-8, None, target.index[:1])


def _by_root(values: Floats, places: Ints, epsilon: float, weight: Any, own: tuple[int, ...]) -> Cell:
    square = float((values**2).mean())
    root = float(np.sqrt(square + epsilon))
    x, gamma = float(values[own]), number_at(weight, own, 1.0)
    value = x / root * gamma
    scale = "" if weight is None else f"·{factor(gamma)}"
    lines = (
        f"mean of x² = {told(square)} over {values.size:,} values",
        f"x / √(mean + ε){'·γ' if scale else ''} = {told(x)} / {told(root)}{scale} = {told(value)}",
    )
    table = np.stack((values.ravel(), values.ravel() ** 2), -1)
    marked = int(np.ravel_multi_index(own, values.shape))
    return listed([Group("values", places, table)], ("x", "x²"), value, lines, total=x, marked=marked)


def _of_values(
    target: Target, values: Floats, lead: list[int] | None, own: int | tuple[int, ...], first: int = 0
) -> Cell:
    """Norm by the mean and deviation of these values, whose places begin with `lead`, or are counted from
    `first`; `own` is the place of scale and shift.
    """
    module = target.module
    mean, variance = float(values.mean()), float(values.var())
    assert target.all_inputs
    x = float(target.all_inputs[0][0][target.index])
    value, lines = _normed(x, mean, variance, module, own)
    flat = values.ravel()
    table = np.stack((flat, flat - mean, (flat - mean) ** 2), -1)
    of_group = lead is None
    inner = tuple(target.index)
    if of_group:
        inner = (target.index[0] - first, *target.index[1:])
    elif isinstance(own, tuple):
        inner = own
    else:
        inner = (0, *target.index[1:])
    marked = int(np.ravel_multi_index(inner, values.shape))
    begin = [] if of_group or not isinstance(own, tuple) else list(lead or [])
    places = _places(values, begin)
    if not begin and not isinstance(own, tuple):
        places = places + np.array([first if of_group else (lead or [0])[0], *[0] * (values.ndim - 1)])
    told_mean = f"μ = {told(mean)}, σ² = {told(variance)} over {flat.size:,} values"
    return listed(
        [Group("values", places, table)], COLUMNS, value, (told_mean, *lines), total=x, marked=marked
    )


def _places(values: Floats, lead: list[int]) -> Ints:
    grid = np.indices(values.shape).reshape(values.ndim, -1).T
    return np.concatenate((np.tile(np.array(lead, np.int64), (len(grid), 1)), grid), 1)


def _normed(
    x: float, mean: float, variance: float, module: nn.Module, own: int | tuple[int, ...]
) -> tuple[float, tuple[str, ...]]:
    """(x − μ) / √(σ² + ε)·γ + β with its numbers."""
    epsilon = float(module.eps)  # type: ignore[arg-type]
    deviation = float(np.sqrt(variance + epsilon))
    gamma, beta = parameter(module, "weight"), parameter(module, "bias")
    normed = (x - mean) / deviation
    line = f"(x − μ) / √(σ² + ε) = ({told(x)} − {factor(mean)}) / {told(deviation)} = {told(normed)}"
    if gamma is None:
        return normed, (line,)
    slope, shift = number_at(gamma, own, 1.0), number_at(beta, own)
    value = normed * slope + shift
    return value, (line, f"·γ + β: {factor(normed)}·{factor(slope)} + {factor(shift)} = {told(value)}")
