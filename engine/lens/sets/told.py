"""Which figures tell how good predictions are: those of classes, of labels or of numbers."""

from __future__ import annotations

from engine.lens.lens import Arrays
from engine.lens.sets.as_classes import cases_of_classes, cases_of_two, is_of_classes, of_classes, of_labels
from engine.lens.sets.as_numbers import of_numbers
from engine.lens.sets.compared import Compared
from nodes.training.loss import Distance


def told(found: Compared, bins: int, cell: tuple[int, int]) -> Arrays:
    """All that is known of these predictions; `cell`: the true and the predicted class to look at, or −1."""
    if is_of_classes(found):
        return of_classes(found, cases_of_classes(found), bins, cell)
    lights = found.prediction.dim() == 4 and found.against is not None and found.against.port == "input"
    if isinstance(found.loss.layer, Distance) or lights:  # how light each pixel is, is a number
        return of_numbers(found)
    if found.prediction.dim() == 2 and found.prediction.shape[1] > 1:
        return of_labels(found, bins)
    return of_classes(found, cases_of_two(found), bins, cell)
