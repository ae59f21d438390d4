"""What the network says of the pinned sample, in the terms of its data: classes, values, a curve, text or a
picture.

Turns the arrays of the prediction lens into plain values that a panel can draw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import DataInfo
from nodes.reading.texts.vocabulary import PADDING

MOST_ROWS = 8
MOST_TOKENS = 64
Array = NDArray[np.generic]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClassBars:
    """Shares of the likeliest classes, best first; `truth` is the name of the true one, or empty."""

    rows: tuple[tuple[str, float], ...]
    truth: str = ""
    total: int = 0
    """How many classes there are, where not all have a row."""


@dataclass(frozen=True)
class ValueRows:
    """Predicted values beside the true ones: (name, predicted, target or None)."""

    rows: tuple[tuple[str, float, float | None], ...]
    total: int = 0
    """How many values there are, where not all have a row."""


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
    total: int = 0
    """How many symbols there are, where not all have a row."""


@dataclass(frozen=True, eq=False)
class Pictured:
    """A picture that was made, the one that went in, and what should have been made, where there are such;
    (C, H, W) in [0, 1]. Pixels of classes have the colours of their classes.
    """

    made: Floats
    given: Floats | None = None
    truth: Floats | None = None


@dataclass(frozen=True)
class TokenTexts:
    """Tokens that were predicted and the true ones, place by place, without filling; `right` of `count`."""

    rows: tuple[tuple[str, str], ...]
    right: int
    count: int
    total: int = 0
    """Places of the whole output, where not all were counted or have a row."""


Prediction = ClassBars | ValueRows | Forecast | NextText | Pictured | TokenTexts


def prediction(
    arrays: dict[str, Array], info: DataInfo | None, *, of_data: bool = True, taught: bool = True
) -> Prediction | None:
    """The reading of a prediction frame; None where there is no output in it.

    An output that is made of noise alone (not `of_data`) says nothing of the sample, so it stands alone; one
    that was not `taught` the targets of the data is not compared with them.
    """
    output = arrays.get("output")
    if output is None or output.size == 0:
        return None
    values = np.asarray(output, np.float64)
    target, given = (arrays.get("target"), arrays.get("input")) if of_data else (None, None)
    if not taught:
        target = None
    said = arrays.get("said") if target is not None else None
    pictured = _pictured(values, said, target, given)
    if pictured is not None:
        return pictured
    classes = info.classes if info is not None else ()
    if info is not None and info.kind == "text" and classes and values.shape[-1] == len(classes):
        return _next_text(values, target, given, classes)
    if said is not None and target is not None and said.ndim == 1 and len(said) > 1:
        return _token_texts(said, target, info, int(arrays["total"]))
    named = not classes or values.size <= len(classes)
    if values.ndim == 1 and values.size > 1 and of_data and taught and named and _is_class(target):
        return _class_bars(values, target, classes, arrays)
    wanted = np.empty(0) if target is None else _in_unit(target, arrays.get("target_unit"))
    if target is not None and values.shape == target.shape:
        values = _in_unit(values, arrays.get("target_unit"))
    if info is not None and info.kind == "series" and given is not None:
        past = _in_unit(given, arrays.get("input_unit"))
        return Forecast(past.reshape(len(past), -1)[:, 0], wanted.ravel(), values.ravel())
    if wanted.size != values.size:
        wanted = np.empty(0)  # a class beside values is no true value of theirs
    total = max(values.size, int(arrays.get("total", 0)))
    return _value_rows(values.ravel(), wanted.ravel(), info, total)


def _pictured(
    values: Floats, said: Array | None, target: Array | None, given: Array | None
) -> Pictured | None:
    """A picture, or a class for each pixel, beside what went in and what is true; None: it is neither."""
    shown = None if given is None or not _is_picture(given) else _as_picture(given)
    if said is not None and target is not None and said.ndim == 2:
        return Pictured(_coloured(said), shown, _coloured(target))
    if not _is_picture(values):
        return None
    truth = target if target is not None and target.shape == values.shape else None
    return Pictured(_as_picture(values), shown, None if truth is None else _as_picture(truth))


def _coloured(classes: Array) -> Floats:
    """The colours of classes (H, W), as in pictures that are predicted; what counts nowhere is grey."""
    from engine.predict.cells import palette

    numbers = np.asarray(classes, np.int64)
    found = palette()[np.clip(numbers, 0, 255)].astype(np.float64) / 255.0
    found[(numbers < 0) | (numbers > 255)] = 0.5
    return np.moveaxis(found, -1, 0)


def _is_picture(values: Array) -> bool:
    return values.ndim == 3 and values.shape[0] in (1, 3) and min(values.shape[1:]) >= 4


def _as_picture(values: Array) -> Floats:
    """From black to white: [0, 1] or [-1, 1] as they are, anything else from its least to its greatest."""
    found = np.nan_to_num(np.asarray(values, np.float64))
    low, high = float(found.min()), float(found.max())
    if low < -1.05 or high > 1.05:
        result: Floats = (found - low) / ((high - low) or 1.0)
    else:
        result = (found + 1.0) / 2.0 if low < -1e-3 else found
    return result.clip(0.0, 1.0)


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


def _best(
    scores: Floats, names: tuple[str, ...], classes: Array | None = None
) -> tuple[tuple[str, float], ...]:
    """The names and shares of the best; `classes`: which class each score is of, where some are left out."""
    of = shares(np.nan_to_num(scores, nan=-1e30, posinf=1e30, neginf=-1e30))
    order = np.argsort(-of, kind="stable")[:MOST_ROWS]
    found = order if classes is None else classes[order]
    return tuple((_name(names, int(one)), float(of[at])) for one, at in zip(found, order, strict=True))


def _name(names: tuple[str, ...], index: int) -> str:
    return names[index] if 0 <= index < len(names) else str(index)


def _class_bars(
    scores: Floats, target: Array | None, classes: tuple[str, ...], arrays: dict[str, Array]
) -> ClassBars:
    truth = _name(classes, int(np.ravel(target)[0])) if target is not None and target.size else ""
    rows = _best(scores, classes, arrays.get("class"))
    return ClassBars(rows, truth, _more(len(rows), max(scores.size, int(arrays.get("total", 0)))))


def _more(shown: int, total: int) -> int:
    """How many there are, 0 where all are shown."""
    return total if shown < total else 0


def _next_text(
    values: Floats, target: Array | None, given: Array | None, classes: tuple[str, ...]
) -> NextText:
    scores = values.reshape(-1, values.shape[-1])[-1]
    context = "".join(_name(classes, int(token)) for token in np.ravel(given)) if given is not None else ""
    truth = _name(classes, int(np.ravel(target)[-1])) if target is not None and target.size else ""
    rows = tuple((visible(name), share) for name, share in _best(scores, classes))
    return NextText(context, rows, visible(truth), _more(len(rows), len(classes)))


def _token_texts(answers: Array, target: Array, info: DataInfo | None, total: int) -> TokenTexts:
    """The likeliest tokens beside the true ones; places that are filled or count nowhere are left out."""
    words = None if info is None else info.target_vocabulary or info.vocabulary
    names = info.classes if words is None and info is not None else ()
    names = words.shown if words is not None else names
    truth = target.astype(np.int64)
    filling = PADDING if words is not None and words.cutting.specials else -1
    counts = (truth >= 0) & (truth != filling)
    said, true = answers[counts], truth[counts]
    pairs = zip(said[:MOST_TOKENS].tolist(), true[:MOST_TOKENS].tolist(), strict=True)
    rows = tuple((visible(_name(names, a)), visible(_name(names, b))) for a, b in pairs)
    more = total if len(answers) < total else _more(len(rows), len(true))
    return TokenTexts(rows, int((said == true).sum()), len(true), more)


def visible(symbol: str) -> str:
    """White space by signs that can be seen."""
    return {" ": "␣", "\n": "⏎", "\t": "⇥"}.get(symbol, symbol)


def _value_rows(values: Floats, wanted: Floats, info: DataInfo | None, total: int) -> ValueRows:
    columns = info.columns if info is not None else ()
    labels = info.labels if info is not None and values.size == len(info.labels) == wanted.size else ()
    rows: list[tuple[str, float, float | None]] = []
    for index in range(min(values.size, MOST_ROWS)):
        if labels:
            rows.append((labels[index], float(values[index]), float(wanted[index])))
            continue
        name = columns[-total:][index] if len(columns) > total else f"value {index}"
        name = "value" if values.size == 1 else name
        rows.append((name, float(values[index]), float(wanted[index]) if index < wanted.size else None))
    return ValueRows(tuple(rows), _more(len(rows), total))
