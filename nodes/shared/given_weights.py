"""Weights that a drawing gives: numbers by the name of the tensor, as text in parameters of a layer.

`weight: 1 0; 0 1 | bias: 0 0` are two tensors; rows are apart by `;` and run along the last dimension.
Layers with a parameter for each tensor (`weights`, `biases`) hold the rows there alone. Knows text, names and
shapes; `nodes.modules.values.given` fills a module.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from nodes.param import Param, Text
from nodes.shared import manual_weights
from nodes.shared.card_label import by
from nodes.spec import LayerError

GIVEN = "given"
PARAM_OF = {"weight": "weights", "bias": "biases", "value": "numbers"}
"""The parameter that holds a tensor alone, in layers that have one."""
LONGEST = 100_000
"""The most characters of the numbers of one layer: what a parameter of a drawing can hold."""
Numbers = dict[str, tuple[float, ...]]
Shapes = Mapping[str, Sequence[int]]


def given_param() -> Text:
    """The parameter `given`; each declaration needs its own."""
    help_ = "Numbers before training by name, `weight: 1 0; 0 1 | bias: 0 0`; what is left out is random."
    return Text("", advanced=True, label="Weights by hand", suggestions=manual_weights.MATRIX, help=help_)


def can_be_given(params: Mapping[str, Param[Any]]) -> bool:
    """Whether a layer with these parameters takes weights by hand."""
    return any(_is_matrix(params.get(name)) for name in (GIVEN, *PARAM_OF.values()))


def parsed(text: str) -> dict[str, manual_weights.Rows]:
    """The rows of every tensor in a text. Raises `LayerError`."""
    found: dict[str, manual_weights.Rows] = {}
    for piece in text.split("|"):
        name, colon, rows = piece.partition(":")
        if not piece.strip():
            continue
        if not colon or name.strip() in found:
            expected = "the name of each tensor once, as in `weight: 1 0; 0 1 | bias: 0 0`"
            raise LayerError(expected, repr(piece.strip()[:40]))
        found[name.strip()] = manual_weights.rows_of(rows, name.strip())
    return found


def fitting(rows: manual_weights.Rows, shape: Sequence[int], name: str) -> tuple[float, ...]:
    """The numbers of a tensor of this shape in their order. Raises `LayerError` where they are too few or too
    many.
    """
    length = shape[-1] if shape else 1
    manual_weights.check_rows(rows, math.prod(shape) // max(length, 1), length, f"for {name} of {by(shape)}")
    return tuple(number for row in rows for number in row)


def held(params: Mapping[str, Any], declared: Mapping[str, Param[Any]], shapes: Shapes) -> Numbers:
    """The numbers that a node gives, by name of the tensor. Raises `LayerError` where some do not fit.

    `params` are the values of its parameters, `declared` those that its layer has. Rows of one kernel stand
    for every kernel.
    """
    rows = parsed(str(params.get(GIVEN, ""))) if _is_matrix(declared.get(GIVEN)) else {}
    for name, param in PARAM_OF.items():
        if _is_matrix(declared.get(param)) and str(params.get(param, "")).strip():
            rows[name] = manual_weights.rows_of(str(params[param]), param)
    found: Numbers = {}
    for name, given in rows.items():
        if name not in shapes:
            raise LayerError(f"the name of a weight ({', '.join(shapes) or 'there are none'})", repr(name))
        shape = tuple(shapes[name])
        alike = len(shape) > 2 and len(given) == shape[-2] != math.prod(shape[:-1])
        if len(shape) == 1 and sum(map(len, given)) == shape[0]:
            given = (tuple(number for row in given for number in row),)
        found[name] = fitting(given * math.prod(shape[:-2]) if alike else given, shape, name)
    return found


def written(numbers: Numbers, declared: Mapping[str, Param[Any]], shapes: Shapes) -> dict[str, str]:
    """The parameters that give these numbers and no others. Raises `LayerError` where they are too long."""
    texts: dict[str, str] = {}
    named = []
    for name, param in PARAM_OF.items():
        if _is_matrix(declared.get(param)):
            texts[param] = rows_text(numbers[name], shapes[name]) if name in numbers else ""
    for name in numbers:
        if PARAM_OF.get(name) not in texts:
            named.append(f"{name}: {rows_text(numbers[name], shapes[name])}")
    if _is_matrix(declared.get(GIVEN)):
        texts[GIVEN] = " | ".join(named)
    if "numbers" in texts:  # of a tensor of its own, which says how it starts
        texts["start"] = "values" if numbers else str(declared["start"].default)
    length = max(map(len, texts.values()), default=0)
    if length > LONGEST:
        raise LayerError(
            f"at most {LONGEST:,} characters of numbers in one layer, about 9,000 weights", f"{length:,}"
        )
    return texts


def rows_text(numbers: Sequence[float], shape: Sequence[int]) -> str:
    """Rows apart by `;`. Kernels that are all alike are written once."""
    length = max(shape[-1] if shape else 1, 1)
    rows = [numbers[start : start + length] for start in range(0, len(numbers), length)]
    if len(shape) > 2:
        one = rows[: shape[-2]]
        rows = one if one * (len(rows) // len(one)) == rows else rows
    return "; ".join(" ".join(number_text(number) for number in row) for row in rows)


def number_text(number: float) -> str:
    """The shortest text that reads as this number."""
    return repr(float(number)).removesuffix(".0")


def _is_matrix(param: Param[Any] | None) -> bool:
    return isinstance(param, Text) and param.suggestions == manual_weights.MATRIX
