"""Cell: one output element and what made it, term by term."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from engine.lens.arrays import array, sample
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.param import Int
from nodes.spec import Layer, Role, TensorSpec

if TYPE_CHECKING:
    from torch import Tensor

SIDE, MOST = 128, 1 << 14
"""Rows of the output map that is sent, and values of it in all."""
_FURTHEST = 1 << 24


def _place(what: str) -> Int:
    text = f"The {what} of the element; −1: chosen by the lens. Beyond the last one, the last one."
    return Int(-1, min=-1, max=_FURTHEST, help=text)


class CellTerms(Lens):
    """Arrays: those of `engine.lens.cell.cell.Cell` and, of what slides, of `SlidingWindow`; `shape` and
    `index`, those of the output of the sample and of the element, (rank); `output` (rows, columns), the map
    that holds the element, which begins at `corner` (2) of a map of `size` (2); `seen`, the element itself.
    `key_tokens`, `row_tokens`: numbers of the tokens that the keys and the rows of the map are made of, of a
    text, with `key_of_target`, `row_of_target`.
    """

    kind = "cell_terms"
    title = "Cell"
    help = (
        "One value of the output and the numbers that made it: each term, their sum, and what follows. "
        "Click the output map to choose another value; it is of the pinned sample in evaluation mode."
    )
    reads = frozenset({Reads.OUTPUT, Reads.INPUTS, Reads.NETWORK, Reads.TOKENS})
    place = 25

    channel = _place("channel")
    depth = _place("slice")
    row = _place("row")
    column = _place("column")

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role is not Role.MODULE or report is None or not report.inputs or not report.outputs:
            return False
        entering = [spec for port in report.inputs.values() for spec in port]
        leaving = next(iter(report.outputs.values()))
        if not entering or not leaving.is_float or not 2 <= leaving.rank <= 5:
            return False
        if _is_in_table(layer):
            return True
        return layer.passes_gradients and any(_is_sample(spec) for spec in entering)

    def compute(self, seen: Seen) -> Arrays:
        from engine.lens.cell.registry import take_apart
        from engine.lens.cell.target import Target

        network, output, layer = seen.network, seen.output, seen.layer
        module = None if network is None else network.plan.modules.get(network.target)
        if network is None or module is None or output is None or layer is None:
            return {}
        shape = tuple(output.shape[1:])
        if not 1 <= len(shape) <= 4 or 0 in shape:
            return {}
        index = element(shape, seen.options)
        inputs = {port: held for port, held in seen.inputs.items() if held}
        taken = take_apart(Target(layer, module, inputs, output, index, network))
        if taken is None:
            return {}
        cell, window = taken
        found = cell.arrays() | ({} if window is None else window.arrays())
        found |= {"shape": np.array(shape), "index": np.array(index)} | _tokens(seen, shape)
        return found | {"seen": np.array(float(output[0][index]))} | _map(output[0], index)


def _tokens(seen: Seen, shape: tuple[int, ...]) -> Arrays:
    """What the keys of an attention and the rows of a sequence are made of, where it is a text."""
    held = {port: tokens for port, tokens in seen.tokens.items() if seen.inputs.get(port)}
    found: Arrays = {}
    for name, tokens in (
        ("key", held.get("key", held.get("query"))),
        ("row", next(iter(held.values()), None)),
    ):
        if tokens is None or len(shape) != 2:
            continue
        numbers = array(sample(tokens.numbers))
        if name == "key" or len(numbers) == shape[0]:
            found[f"{name}_tokens"], found[f"{name}_of_target"] = numbers, np.array(tokens.of_target)
    return found


def _is_in_table(layer: type[Layer]) -> bool:
    """Whether a function is declared for this layer; asked where torch is loaded anyway."""
    from engine.lens.cell.registry import function_of

    return function_of(layer) is not None


def _is_sample(spec: TensorSpec) -> bool:
    return spec.is_float and spec.rank > 0


def element(shape: tuple[int, ...], options: Mapping[str, int]) -> tuple[int, ...]:
    """The place in an output of this shape: what the options say, cut to what is there. By default the
    first channel or unit, in the middle of a map or sequence.
    """
    names = ("channel", "depth", "row", "column")
    axes = {1: names[3:], 2: names[2:], 3: (names[0], *names[2:]), 4: names}[len(shape)]
    found = []
    for axis, (name, size) in enumerate(zip(axes, shape, strict=True)):
        chosen = int(options.get(name, -1))
        own = 0 if axis == 0 and len(shape) != 2 else size // 2
        found.append(min(own if chosen < 0 else chosen, size - 1))
    return tuple(found)


def _map(output: Tensor, index: tuple[int, ...]) -> Arrays:
    """The rows and columns round the element, as many as are sent."""
    plane = output[None] if output.dim() == 1 else output[index[:-2]]
    place = (0, index[0]) if output.dim() == 1 else index[-2:]
    rows, columns = plane.shape
    top, high = _cut(place[0], rows, SIDE)
    left, right = _cut(place[1], columns, max(SIDE, MOST // (high - top)))
    return {
        "output": array(plane[top:high, left:right]),
        "corner": np.array((top, left)),
        "size": np.array((rows, columns)),
    }


def _cut(place: int, size: int, most: int) -> tuple[int, int]:
    """A range of at most so many places round this one."""
    start = max(0, min(place - most // 2, size - most))
    return start, min(size, start + most)
