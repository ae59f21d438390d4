"""Predictions that are classes: one for each sample, one for each place of a text or pixel of a picture, or
several labels that can hold at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.lens.lens import Arrays
from engine.lens.sets import class_figures
from engine.lens.sets.class_figures import Floats, Ints
from engine.lens.sets.compared import Compared
from engine.lens.sets.shown_samples import shown_samples
from nodes.modules.loss import is_one_of
from nodes.spec import UNCOUNTED
from nodes.training.loss import CrossEntropy, Dice, PerceptronCriterion

CURVE_CASES = 1 << 16
"""Of more cases, evenly spaced ones make the ROC curves and the calibration."""
WORST = 32
"""Samples that are sent because their loss is greatest; the others because of what they are confused with."""
MAPS, MAP_SIDE = 24, 48
"""Most samples of which a map of classes is sent, and the most pixels of its side."""


@dataclass(frozen=True)
class Cases:
    """Probabilities (n, places, classes) and true classes (n, places); where nothing counts the class is −1.

    `shape` is that of the places of a sample: () for one class per sample.
    """

    scores: Tensor
    labels: Tensor
    shape: tuple[int, ...]
    is_probable: bool = True


def cases_of_classes(found: Compared) -> Cases:
    """Scores of which the greatest is the class, with labels or shares."""
    layer, target = found.loss.layer, found.target
    scores = found.prediction.float()
    if layer.values.get("class_dim") == "channel" and scores.dim() > 2:
        scores = scores.movedim(1, -1)
        target = target.movedim(1, -1) if target.shape == found.prediction.shape else target
    shape = tuple(scores.shape[1:-1])
    labels = target.argmax(-1) if target.dim() == scores.dim() else target
    labels = _counted(found, labels.reshape(len(labels), -1).long(), scores.shape[-1])
    return Cases(scores.reshape(len(scores), -1, scores.shape[-1]).softmax(-1), labels, shape)


def cases_of_two(found: Compared) -> Cases:
    """Scores of yes and no: two classes at each place."""
    layer = found.loss.layer
    is_step = isinstance(layer, PerceptronCriterion)
    raw = found.prediction.float() - (float(layer.values["threshold"]) if is_step else 0.0)
    yes = raw.sigmoid().reshape(len(raw), -1)
    labels = (found.target.reshape(len(raw), -1) >= 0.5).long()
    shape = tuple(raw.shape[2:]) if raw.dim() > 3 and raw.shape[1] == 1 else tuple(raw.shape[1:])
    shape = () if yes.shape[1] == 1 else shape
    return Cases(torch.stack([1.0 - yes, yes], -1), _counted(found, labels, 2), shape, not is_step)


def _counted(found: Compared, labels: Tensor, classes: int) -> Tensor:
    """The labels, −1 where they count nowhere."""
    ignored = tuple(getattr(found.held.network.plan.modules[found.loss.path], "ignored", ()))
    left_out = (labels == UNCOUNTED) | (labels < 0) | (labels >= classes)
    if ignored:
        left_out = left_out | is_one_of(labels, ignored)
    if found.weight is not None and found.weight.numel() in (len(labels), labels.numel()):
        weight = found.weight.reshape(len(labels), -1)
        left_out = left_out | (weight == 0).expand(labels.shape)
    return labels.masked_fill(left_out, -1)


def of_classes(found: Compared, cases: Cases, bins: int, cell: tuple[int, int]) -> Arrays:
    """All figures of cases of which one class each is true, and the samples that are worth looking at."""
    counted = cases.labels >= 0
    said = cases.scores.argmax(-1)
    labels = _ints(cases.labels[counted])
    if not len(labels):
        return {}
    predicted, classes = _ints(said[counted]), cases.scores.shape[-1]
    arrays = {"classes": np.array(classes, np.int64), "shape": np.array(cases.shape, np.int64)}
    arrays |= class_figures.confused(labels, predicted, classes)
    arrays |= class_figures.by_class(labels, predicted, classes)
    thinned = counted.nonzero()[:: -(-len(labels) // CURVE_CASES)].T
    scores = cases.scores[thinned[0], thinned[1]].cpu().numpy()
    some = _ints(cases.labels[thinned[0], thinned[1]])
    arrays["cases"] = np.array((len(labels), len(some), int((labels == predicted).sum())), np.int64)
    arrays |= class_figures.one_vs_rest(scores, some, arrays["matrix_classes"])
    if cases.is_probable:
        best = scores.argmax(1)
        sure = scores[np.arange(len(scores)), best]
        arrays |= class_figures.calibration(sure, best == some, bins)
    return arrays | _samples(found, cases, said, cell)


def _samples(found: Compared, cases: Cases, said: Tensor, cell: tuple[int, int]) -> Arrays:
    """Of each sample its loss, and for a class each which it is; some of the samples themselves."""
    losses = found.losses
    if not cases.shape:
        true, guessed = _ints(cases.labels[:, 0]), _ints(said[:, 0])
        sure = cases.scores[:, 0].amax(-1).cpu().numpy()
        places = chosen(losses, true, guessed, cell)
        each = {"true": true.astype(np.int32), "predicted": guessed.astype(np.int32), "confidence": sure}
        return {"losses": losses, **each, **shown_samples(found.held, places)}
    counted = cases.labels >= 0
    right = ((said == cases.labels) & counted).sum(1) / counted.sum(1)
    places = _inside(cases, said, cell) if min(cell) >= 0 else np.arange(len(losses))
    places = places[_worst_first(losses[places])]
    is_map = len(cases.shape) == 2
    places = places[: MAPS if is_map else WORST]
    found_samples = shown_samples(found.held, places)
    rows = torch.from_numpy(places).to(said.device)
    both = {"true_places": cases.labels[rows], "predicted_places": said[rows]}
    sent = {name: _laid_out(values, cases.shape, is_map=is_map) for name, values in both.items()}
    return {"losses": losses, "right": right.float().cpu().numpy(), **found_samples, **sent}


def _inside(cases: Cases, said: Tensor, cell: tuple[int, int]) -> Ints:
    """The samples in which one class is taken for another somewhere."""
    return np.flatnonzero(((cases.labels == cell[0]) & (said == cell[1])).any(1).cpu().numpy())


def _laid_out(values: Tensor, shape: tuple[int, ...], *, is_map: bool) -> NDArray[Any]:
    """Classes at places (m, places) as maps (m, h, w) of few pixels, or rows (m, ≤ 64)."""
    found = values.cpu().numpy()
    if not is_map:
        return found[:, :64].astype(np.int32)
    found = found.reshape(len(found), *shape)
    step = max(1, -(-max(shape) // MAP_SIDE))
    return found[:, ::step, ::step].astype(np.int16)


def _ints(values: Tensor) -> Ints:
    found: Ints = values.cpu().numpy().astype(np.int64)
    return found


def chosen(losses: Floats, true: Ints, predicted: Ints, cell: tuple[int, int]) -> Ints:
    """Samples worth looking at: those of a cell that is asked for, the worst ones, then those of the cells of
    the confusion matrix in turn, the worst of each first; at most 64.
    """
    from engine.lens.sets.shown_samples import MOST

    order = _worst_first(losses)
    asked = order[(true[order] == cell[0]) & (predicted[order] == cell[1])]
    rank = np.zeros(len(order), np.int64)  # how many of the same cell are worse
    seen: dict[tuple[int, int], int] = {}
    for at, sample in enumerate(order.tolist()):
        key = int(true[sample]), int(predicted[sample])
        rank[at] = seen[key] = seen.get(key, -1) + 1
    by_cell = order[np.argsort(rank, kind="stable")]
    picked = dict.fromkeys([*asked[:MOST].tolist(), *order[:WORST].tolist(), *by_cell.tolist()])
    return np.array([*picked][:MOST], np.int64)


def _worst_first(losses: Floats) -> Ints:
    return np.argsort(-np.nan_to_num(losses, nan=np.inf), kind="stable")


def of_labels(found: Compared, bins: int) -> Arrays:
    """Figures of labels of which any number can hold: each is a question of its own."""
    raw = found.prediction.float()
    sure, true = raw.sigmoid().cpu().numpy(), (found.target >= 0.5).cpu().numpy()
    said = sure >= 0.5
    hits = (said & true).sum(0)
    count = sure.shape[1]
    arrays: Arrays = {
        "labels": np.array(count, np.int64),
        "listed": np.arange(count, dtype=np.int32)[: class_figures.MOST_LISTED],
        "figures": class_figures.figures(true.sum(0), said.sum(0), hits)[: class_figures.MOST_LISTED],
        "cases": np.array((true.size, true.size, int((said == true).sum())), np.int64),
    }
    asked = ((one, sure[:, one], true[:, one]) for one in range(min(count, class_figures.WHOLE)))
    arrays |= class_figures.curves(asked)
    if not isinstance(found.loss.layer, PerceptronCriterion):
        best = np.maximum(sure, 1.0 - sure).ravel()
        arrays |= class_figures.calibration(best, (said == true).ravel(), bins)
    places = _worst_first(found.losses)[:WORST]
    arrays |= {"losses": found.losses, "right": (said == true).mean(1).astype(np.float32)}
    arrays |= {"true_labels": true[places, :64], "predicted_labels": said[places, :64]}
    return arrays | shown_samples(found.held, places)


def is_of_classes(found: Compared) -> bool:
    """Whether the greatest score is the class."""
    layer, prediction, target = found.loss.layer, found.prediction, found.target
    if isinstance(layer, Dice):
        return target.dim() == prediction.dim() - 1
    return isinstance(layer, CrossEntropy)
