"""Any other layer: which inputs an element depends on, and how much, by its gradient."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from engine.lens.cell.cell import NOWHERE, Cell, Floats, Group, summed
from engine.lens.cell.target import Target, numbers
from engine.lens.cell.wording import told

COLUMNS = ("x", "∂y/∂x", "x·∂y/∂x")


def by_gradient(target: Target) -> Cell | None:
    """Terms x·∂y/∂x. Of a layer that is linear in its inputs they add up to the value less a constant; of
    others, what remains is told. None where no gradient passes.
    """
    access = target.network
    own = access.end
    if own is None:
        return None
    ends = list(dict.fromkeys(end for port in access.inputs() for end in port))
    held = dict(zip(ends, access.read(ends), strict=True))
    with torch.enable_grad():
        *leaves, made = access.recorded([*ends, own], {**access.values, **held})
        element = made[0][target.index]
        floats = [(place, leaf) for place, leaf in enumerate(leaves) if leaf.requires_grad]
        if not floats or not element.requires_grad:
            return Cell(target.value, ("No gradient passes from it to what enters.",), total=target.value)
        given = torch.autograd.grad(element, [leaf for _, leaf in floats], allow_unused=True)
    names = _names(target)
    coordinates = max(leaf.dim() - 1 for _, leaf in floats)
    groups = []
    for (place, leaf), gradient in zip(floats, given, strict=True):
        if gradient is not None and leaf.dim():
            groups.append(_group(names[place], numbers(leaf[0]), numbers(gradient[0]), coordinates))
    value = float(element.detach())
    if not groups:
        return Cell(value, ("It depends on none of its inputs.",), total=value)
    total = sum(float(group.table[:, -1].sum()) for group in groups)
    remains = value - total
    if abs(remains) <= 1e-5 * max(1.0, abs(value), abs(total)):
        remains = 0.0
    count = sum(len(group.table) for group in groups)
    line = f"It depends on {count:,} input{'s' * (count != 1)}: Σ x·∂y/∂x = {told(total)}"
    if remains:
        line += f", and {told(remains)} that is not proportional to them"
    cell = summed(groups, COLUMNS, remains, of_bias="constant or curvature")
    return replace(cell, lines=(line, *cell.lines))


def _names(target: Target) -> list[str]:
    """The name of the port of each value that enters."""
    named: dict[object, str] = {}
    for port, ends in zip(target.layer.input_ports(), target.network.inputs(), strict=True):
        for number, end in enumerate(ends):
            named.setdefault(end, port.name if len(ends) == 1 else f"{port.name} {number + 1}")
    return list(named.values())


def _group(name: str, x: Floats, gradient: Floats, coordinates: int) -> Group:
    """The inputs on which the element depends."""
    where = np.argwhere(gradient)
    places = np.full((len(where), coordinates), NOWHERE)
    places[:, : where.shape[1]] = where
    kept = gradient != 0.0
    table = np.stack((x[kept], gradient[kept], x[kept] * gradient[kept]), -1)
    return Group(name, places, table)
