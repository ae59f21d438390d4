"""Weights that are written down: rows of numbers as text, and whether they fit a layer.

`1 1; 1 1` are two rows of two numbers; commas may stand between numbers, too. Knows text and shapes; the
module is filled in `nodes.modules.manual_weights`.
"""

from __future__ import annotations

import math

from nodes.param import Text
from nodes.shared.card_label import by
from nodes.spec import LayerError, SetParam

MATRIX = "matrix"
"""Suggestions of a text that is rows of numbers: a form edits it as a matrix."""
Rows = tuple[tuple[float, ...], ...]


def weights_param(help_: str) -> Text:
    """The parameter `weights`."""
    return Text("", advanced=True, label="Weights by hand", suggestions=MATRIX, help=help_)


def biases_param() -> Text:
    """The parameter `biases`."""
    help_ = "A number for each output, such as `0 -1`, before training; empty: at random."
    return Text("", advanced=True, label="Biases by hand", suggestions=MATRIX, help=help_)


def rows_of(text: str, name: str) -> Rows:
    """The rows in a text. Raises `LayerError` where something in it is no finite number."""
    rows = []
    for line in text.replace("\n", ";").split(";"):
        words = line.replace(",", " ").split()
        if words:
            rows.append(tuple(_number(word, name) for word in words))
    return tuple(rows)


def _number(word: str, name: str) -> float:
    try:
        number = float(word.replace("−", "-"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise LayerError(f"numbers in {name}, rows apart by ; as in `1 1; 1 -1`", repr(word))
    return number


def check_rows(rows: Rows, count: int, length: int, what: str) -> None:
    """Refuse rows unless there are `count`, each of `length` numbers."""
    lengths = {len(row) for row in rows}
    if rows and (len(rows) != count or lengths != {length}):
        numbers = ", ".join(str(size) for size in sorted(lengths))
        expected = f"{count} row{'s' * (count != 1)} of {length} weight{'s' * (length != 1)}, {what}"
        raise LayerError(expected, f"{len(rows)} of {numbers}")


def check_biases(values: tuple[float, ...], count: int, has_bias: bool) -> None:
    """Refuse biases unless there is one for each output, and a place for them."""
    if values and not has_bias:
        raise LayerError(
            "a layer with a bias, because biases are given", "one without", fixes=(SetParam("bias", True),)
        )
    if values and len(values) != count:
        raise LayerError(f"{count} bias{'es' * (count != 1)}, one for each output", str(len(values)))


def kernel_rows(rows: Rows, kernel: tuple[int, ...], kernels: int) -> Rows:
    """The rows of every kernel, where they are given once for all or for each; refuses others."""
    height, width = kernel
    if len(rows) == height * kernels:
        check_rows(rows, height * kernels, width, f"{height} for each of {kernels} kernels")
        return rows
    check_rows(
        rows, height, width, f"for kernels of {by(kernel)} (or {height * kernels} rows, for each its own)"
    )
    return rows * kernels
