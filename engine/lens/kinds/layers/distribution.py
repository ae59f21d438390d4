"""Distribution: the scores of all classes or tokens, and how they become probabilities."""

from __future__ import annotations

import numpy as np

from engine.lens.arrays import array
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.spec import Layer, Role

MOST = 1 << 16
"""Scores that are sent, the largest ones."""


class Distribution(Lens):
    """Arrays: `logits` (n) in the order of `classes` (n), the n largest of `total`; `target`, the true class
    or −1; `position`, of a sequence the place that is shown and how many there are, (2); `normalised`,
    whether the output has shares already, whose logarithms the logits then are.
    """

    kind = "distribution"
    title = "Distribution"
    help = (
        "How scores become probabilities: divided by a temperature, the best ones kept, and softmax. Of a "
        "sequence it is the last position. Temperature, top-k and top-p here change the picture alone."
    )
    reads = frozenset({Reads.OUTPUT, Reads.DATA})
    place = 41

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role is not Role.OUTPUT or report is None or not report.has_classes:
            return False
        entering = [spec for port in report.inputs.values() for spec in port]
        if not entering or not entering[0].is_float or entering[0].rank not in (2, 3):
            return False
        last = entering[0].shape[-1]
        return isinstance(last, int) and last > 1

    def compute(self, seen: Seen) -> Arrays:
        output, target = seen.output, seen.data.get("target")
        if output is None or output.dim() not in (2, 3):
            return {}
        true = -1
        if target is not None:  # what a person typed or drew has none
            fits = target.dim() == output.dim() - 1 and target.shape[1:] == output.shape[1:-1]
            if target.is_floating_point() or not fits:
                return {}
            true = int(target.reshape(-1)[-1])
        scores = array(output[0].reshape(-1, output.shape[-1])[-1]).astype(np.float64)
        if true >= len(scores):
            return {}
        normalised = bool(scores.min() >= 0.0 and abs(scores.sum() - 1.0) < 1e-3)
        if normalised:
            scores = np.log(np.maximum(scores, np.finfo(np.float32).tiny))
        order = np.arange(len(scores))
        if len(scores) > MOST:
            order = np.sort(np.argsort(-scores, kind="stable")[:MOST])
        length = output.shape[1] if output.dim() == 3 else 1
        return {
            "logits": scores[order].astype(np.float32),
            "classes": order.astype(np.int32),
            "total": np.array(len(scores)),
            "target": np.array(true if true >= 0 else -1),
            "position": np.array((length - 1, length)),
            "normalised": np.array(normalised),
        }
