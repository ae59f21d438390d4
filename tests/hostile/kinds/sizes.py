"""Small projects whose layers would take endless time or memory: sizes of inputs, passes, numbers."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.hostile.case import Case
from tests.hostile.kinds.projects import project, wire
from tests.hostile.kinds.projects_values import written

Raw = dict[str, Any]
_HUGE = 2**31 - 1


def _fed(shape: list[int], layer: str, params: Raw, ports: tuple[str, ...]) -> Raw:
    """A source of noise into every one of these ports of one layer."""
    nodes = {
        "source": {"layer": "noise", "params": {"shape": shape}},
        "layer": {"layer": layer, "params": params},
    }
    return project(nodes, [wire("source", f"layer.{port}") for port in ports])


_INPUT = ("input",)
_FOUND: dict[str, tuple[list[int], str, Raw, tuple[str, ...], str]] = {
    "a unit of two thousand million inputs": (
        [_HUGE],
        "threshold_unit",
        {},
        _INPUT,
        "Expected 2147483647 weights",
    ),
    "a unit of a hundred million inputs": (
        [10**8],
        "threshold_unit",
        {},
        _INPUT,
        "Expected 100000000 weights",
    ),
    "a million backward passes": (
        [10**6],
        "contractive_penalty",
        {},
        ("code", "input"),
        "Expected a code of at most 1,024 units",
    ),
    "a tensor that no memory can hold": ([_HUGE] * 3, "relu", {}, _INPUT, "whose values a memory can hold"),
    "padding that no memory can hold": (
        [1, 2, 2, 2],
        "conv3d",
        {"padding": 65536},
        _INPUT,
        "whose values a memory can hold",
    ),
    "a number beyond float32": (
        [4],
        "hardtanh",
        {"max_val": 1e39},
        _INPUT,
        r"Expected a number that float32 can hold .* Received 1e\+39",
    ),
}
CASES = tuple(
    Case("sizes", name, written(partial(_fed, shape, layer, params, ports)), answer, exits=(0, 2))
    for name, (shape, layer, params, ports, answer) in _FOUND.items()
)
