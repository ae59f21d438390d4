"""What the network says of the pinned sample, in the terms of its data: classes, values, a curve or text.

Turns the arrays of the prediction lens into plain values that a panel can draw; knows no widget.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import DataInfo

MOST_ROWS = 8
Array = NDArray[np.generic]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClassBars:
    """Shares of the likeliest classes, best first; `truth` is the name of the true one, or empty."""

    rows: tuple[tuple[str, float], ...]
    truth: str = ""


@dataclass(frozen=True)
class ValueRows:
    """Predicted values beside the true ones: (name, predicted, target or None)."""

    rows: tuple[tuple[str, float, float | None], ...]


@dataclass(frozen=True, eq=False)
class Forecast:
    """A curve that went in, and what should and does follow it; each a row of values, perhaps empty."""

    past: Floats
    target: Floats
    output: Floats


@dataclass(frozen=True)
class NextText:
    """A text that went in, and the likeliest symbols to follow it with their shares."""

    context: str
    rows: tuple[tuple[str, float], ...]
    truth: str = ""


Prediction = ClassBars | ValueRows | Forecast | NextText


def prediction(arrays: dict[str, Array], info: DataInfo | None) -> Prediction | None:
    """The reading of a prediction frame; None where there is no output in it."""
    output = arrays.get("output")
    if output is None or output.size == 0:
        return None
    values = np.asarray(output, np.float64)
    target, given = arrays.get("target"), arrays.get("input")
    classes = info.classes if info is not None else ()
    if info is not None and info.kind == "text" and classes and values.shape[-1] == len(classes):
        return _next_text(values, target, given, classes)
    if values.ndim == 1 and values.size > 1 and _is_class(target):
        return _class_bars(values, target, classes)
    wanted = np.empty(0) if target is None else _in_unit(target, arrays.get("target_unit"))
    if target is not None and values.shape == target.shape:
        values = _in_unit(values, arrays.get("target_unit"))
    if info is not None and info.kind == "series" and given is not None:
        past = _in_unit(given, arrays.get("input_unit"))
        return Forecast(past.reshape(len(past), -1)[:, 0], wanted.ravel(), values.ravel())
    return _value_rows(values.ravel(), wanted.ravel(), info)


def _in_unit(values: Array, unit: Array | None) -> Floats:
    """Scaled values in the unit of the data, where that is known and fits."""
    found = np.asarray(values, np.float64)
    if unit is None or (unit.shape[1] > 1 and found.shape[-1:] != unit.shape[1:]):
        return found
    result: Floats = found * unit[1].astype(np.float64) + unit[0].astype(np.float64)
    return result


def _is_class(target: Array | None) -> bool:
    return target is None or (target.size == 1 and np.issubdtype(target.dtype, np.integer))


def shares(scores: Floats) -> Floats:
    """Scores as shares of 1: as they are where they are such already, else by softmax."""
    if scores.min() >= 0.0 and abs(float(scores.sum()) - 1.0) < 1e-3:
        return scores
    raised = np.exp(scores - scores.max())
    result: Floats = raised / raised.sum()
    return result


def _best(scores: Floats, names: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    of = shares(np.nan_to_num(scores, nan=-1e30, posinf=1e30, neginf=-1e30))
    order = np.argsort(-of, kind="stable")[:MOST_ROWS]
    return tuple((_name(names, int(index)), float(of[index])) for index in order)


def _name(names: tuple[str, ...], index: int) -> str:
    return names[index] if 0 <= index < len(names) else str(index)


def _class_bars(scores: Floats, target: Array | None, classes: tuple[str, ...]) -> ClassBars:
    truth = _name(classes, int(np.ravel(target)[0])) if target is not None and target.size else ""
    return ClassBars(_best(scores, classes), truth)


def _next_text(
    values: Floats, target: Array | None, given: Array | None, classes: tuple[str, ...]
) -> NextText:
    scores = values.reshape(-1, values.shape[-1])[-1]
    context = "".join(_name(classes, int(token)) for token in np.ravel(given)) if given is not None else ""
    truth = _name(classes, int(np.ravel(target)[-1])) if target is not None and target.size else ""
    rows = tuple((visible(name), share) for name, share in _best(scores, classes))
    return NextText(context, rows, visible(truth))


def visible(symbol: str) -> str:
    """White space by signs that can be seen."""
    return {" ": "␣", "\n": "⏎", "\t": "⇥"}.get(symbol, symbol)


def _value_rows(values: Floats, wanted: Floats, info: DataInfo | None) -> ValueRows:
    columns = info.columns if info is not None else ()
    rows = []
    for index in range(min(values.size, MOST_ROWS)):
        name = columns[-values.size :][index] if len(columns) > values.size else f"value {index}"
        name = "value" if values.size == 1 else name
        rows.append((name, float(values[index]), float(wanted[index]) if index < wanted.size else None))
    return ValueRows(tuple(rows))
