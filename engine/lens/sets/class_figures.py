"""Figures of a classifier over a set, from probabilities and true classes: which classes are confused, how
exact each one is, how well one is told from the rest, and whether confidence can be trusted.

Pure functions of numpy arrays. A share of nothing is NaN.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.lens.lens import Arrays

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
WHOLE, KEPT = 32, 24
"""Classes of a confusion matrix that is shown whole, and those that are kept of more; the rest is pooled."""
MOST_LISTED, MOST_PAIRS = 1000, 64
"""Classes of the table, and pairs of classes that are listed as confused."""
CURVE = 96
"""Points of a ROC curve that are sent."""


def confused(labels: Ints, predicted: Ints, classes: int) -> Arrays:
    """`matrix` (k, k), rows of true and columns of predicted classes, of the classes `matrix_classes`; where
    there are more than 32, the 24 with most mistakes, and a last row and column for all others. `pairs`: the
    most frequent mistakes (≤ 64, 3): true class, predicted class, how often; `mistakes`: all of them.
    """
    kept = np.arange(classes)
    if classes > WHOLE:
        wrong = labels != predicted
        mistakes = _counts(labels[wrong], classes) + _counts(predicted[wrong], classes)
        kept = np.sort(np.argsort(-mistakes, kind="stable")[:KEPT])
    place = np.full(classes, len(kept), np.int64)
    place[kept] = np.arange(len(kept))
    side = len(kept) + (classes > WHOLE)
    matrix = np.bincount(place[labels] * side + place[predicted], minlength=side * side)
    pairs, counts = _pairs(labels, predicted, classes)
    return {
        "matrix": matrix.reshape(side, side),
        "matrix_classes": kept.astype(np.int32),
        "pairs": np.column_stack([pairs // classes, pairs % classes, counts])[:MOST_PAIRS],
        "mistakes": np.array(int(counts.sum()), np.int64),
    }


def _pairs(labels: Ints, predicted: Ints, classes: int) -> tuple[Ints, Ints]:
    wrong = labels != predicted
    pairs, counts = np.unique(labels[wrong] * classes + predicted[wrong], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return pairs[order].astype(np.int64), counts[order].astype(np.int64)


def _counts(of: Ints, classes: int) -> Ints:
    return np.bincount(of, minlength=classes).astype(np.int64)


def by_class(labels: Ints, predicted: Ints, classes: int) -> Arrays:
    """Of each class, the most frequent 1,000 of more: `listed` (k), its place, and `figures` (k, 6):
    precision, recall, F1, intersection over union, how often it is true and how often it is predicted.
    """
    true, said = _counts(labels, classes), _counts(predicted, classes)
    hits = _counts(labels[labels == predicted], classes)
    listed = np.arange(classes)
    if classes > MOST_LISTED:
        listed = np.sort(np.argsort(-true, kind="stable")[:MOST_LISTED])
    return {"listed": listed.astype(np.int32), "figures": figures(true, said, hits)[listed]}


def figures(true: Ints, said: Ints, hits: Ints) -> Floats:
    """The figures of classes from how often each is true, is predicted, and both (k) each; (k, 6)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = (hits / said, hits / true, 2 * hits / (true + said), hits / (true + said - hits))
    return np.column_stack([*shares, true, said]).astype(np.float32)


def roc(scores: Floats, positive: NDArray[np.bool_]) -> tuple[Floats, float] | None:
    """The ROC curve (p, 2) of false and true positive rates, and the area below it; None where all
    samples are positive, or none is. Samples of one score are taken together. The curve has at most
    96 points of its own; the area is that of all of them.
    """
    count = int(positive.sum())
    if count in (0, len(positive)):
        return None
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    true = np.cumsum(positive[order])[ends]
    rates = np.column_stack([(ends + 1 - true) / (len(positive) - count), true / count])
    rates = np.vstack([np.zeros((1, 2)), rates])
    area = float(np.trapezoid(rates[:, 1], rates[:, 0]))
    if len(rates) > CURVE:
        rates = rates[np.unique(np.linspace(0, len(rates) - 1, CURVE).round().astype(np.int64))]
    return rates.astype(np.float32), area


def one_vs_rest(scores: Floats, labels: Ints, kept: NDArray[Any]) -> Arrays:
    """`roc_classes` (k) that can be told from the rest, `auc` (k), and the curves `roc` (k, 96, 2), the ends
    of short ones repeated. Of two classes the second alone: that of the first is the same, mirrored.
    """
    asked = kept[1:] if scores.shape[1] == 2 else kept
    return curves((int(one), scores[:, one], labels == one) for one in asked)


def curves(asked: Iterable[tuple[int, Floats, NDArray[np.bool_]]]) -> Arrays:
    """The curves of some (class, scores (n), whether they are of it (n))."""
    found = [(one, curve) for one, values, is_it in asked if (curve := roc(values, is_it)) is not None]
    if not found:
        return {}
    padded = [np.pad(curve, ((0, CURVE - len(curve)), (0, 0)), mode="edge") for _, (curve, _) in found]
    return {
        "roc_classes": np.array([one for one, _ in found], np.int32),
        "auc": np.array([area for _, (_, area) in found], np.float32),
        "roc": np.stack(padded),
    }


def calibration(confidence: Floats, right: NDArray[np.bool_], bins: int) -> Arrays:
    """`bins` (b, 3): of each part of [0, 1] how many predictions are as sure as that, their mean
    confidence and the share that is right (NaN where there are none); `ece`: the expected calibration error,
    the mean of the difference over all predictions.
    """
    at = np.searchsorted(np.linspace(0.0, 1.0, bins + 1)[1:-1], confidence)
    counts = np.bincount(at, minlength=bins)
    sure = np.bincount(at, confidence.astype(np.float64), bins)
    hits = np.bincount(at, right.astype(np.float64), bins)
    with np.errstate(invalid="ignore", divide="ignore"):
        table = np.column_stack([counts, sure / counts, hits / counts])
    error = np.abs(sure - hits).sum() / max(1, counts.sum())
    return {"bins": table.astype(np.float32), "ece": np.array(error, np.float32)}
