"""Metrics of segmentation: how well predicted regions overlap with the true ones.

Sums are taken over all that was seen, so that the size of a batch changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from nodes.param import Choice
from nodes.shared.targets import (
    SCORES,
    check_labels,
    check_place_weight,
    check_shares,
    class_dim_param,
    ignored_labels,
    ignored_param,
    weighted_param,
    with_example,
    with_weight,
)
from nodes.spec import Inputs, N, Port, TensorSpec
from nodes.training.metric import Metric

if TYPE_CHECKING:
    from torch import nn


class OverlapMetric(Metric):
    """What metrics of the overlap of regions share."""

    abstract = True
    inputs = (SCORES, Port("label", "class indices, or a mask like the scores", "any", side=True))
    is_share = True
    measure: ClassVar[str] = ""

    class_dim = class_dim_param("channel")
    average = Choice(
        "classes",
        choices=("classes", "pixels"),
        advanced=True,
        help="Every class counts alike (those that neither are nor are predicted do not), or every pixel.",
    )
    ignore_index = ignored_param()
    weighted = weighted_param()

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def build(self, logits: TensorSpec, label: TensorSpec, _weight: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.metric import Overlap

        ignored = ignored_labels(self.ignore_index, label)
        is_mask = label.shape == logits.shape
        return Overlap(
            self.measure, self.class_dim == "channel", self.average == "pixels", ignored, is_mask=is_mask
        )

    def check(self, logits: TensorSpec, label: TensorSpec, weight: TensorSpec | None = None) -> None:
        check_place_weight(logits, weight, self.class_dim)
        if label.is_float or label.shape == logits.shape:
            check_shares(logits, label, self.class_dim)
        else:
            check_labels(logits, label, self.class_dim)

    def example_inputs(self) -> Inputs:
        shape = (N, 3, 8, 8) if self.class_dim == "channel" else (N, 8, 8, 3)
        return with_example(
            (TensorSpec(shape), TensorSpec((N, 8, 8), "int64", classes=3)), weighted=self.weighted
        )

    def card_label(self) -> str:
        return "" if self.average == "classes" else "by pixels"


class IntersectionOverUnion(OverlapMetric):
    """How well regions overlap: pixels that are rightly of a class over those that are or should be, 0 to 1.

    Logits `(N, classes, H, W)` with labels `(N, H, W)`; or logits and a mask of one shape, where logits
    from 0 on are a yes. The mean over classes, also called mIoU or the Jaccard index (Jaccard, 1912).
    """

    title = "IoU"
    type = "iou"
    aliases = ("intersection over union", "jaccard", "miou", "segmentation", "overlap", "mask")
    measure = "iou"


class DiceScore(OverlapMetric):
    """How well regions overlap: 2 · rightly of a class / (predicted + true), 0 to 1; the F1 of pixels.

    Logits `(N, classes, H, W)` with labels `(N, H, W)`; or logits and a mask of one shape, where logits
    from 0 on are a yes. The mean over classes (Dice, 1945). Dice loss is what is trained by.
    """

    title = "Dice score"
    type = "dice_score"
    aliases = ("f1", "sørensen", "sorensen", "segmentation", "overlap", "mask", "dice coefficient")
    measure = "dice"
