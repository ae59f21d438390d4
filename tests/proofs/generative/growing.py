"""What a progressive GAN must reach: pictures of 7×7, 14×14 and 28×28 pixels in turn, ever better."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from tests.proofs.generative.course import Course
from tests.proofs.generative.figures import classifier, feature_distance

STAGES = {2: 4, 4: 2, 6: 1}
"""Epochs at whose end a stage is complete, and the pixels along a side that are alike then."""


def is_made_of_blocks(pictures: NDArray[np.float32], side: int) -> bool:
    """Whether pictures `(n, 1, 28, 28)` are made of squares of one value with this side."""
    whole = 28 // side * side
    pictures = pictures[:, :, :whole, :whole]
    coarse = pictures[:, :, ::side, ::side].repeat(side, 2).repeat(side, 3)
    return bool(np.allclose(coarse, pictures, atol=1e-4))


def grows(course: Course) -> tuple[bool, str]:
    """Each stage has its size of blocks, and features come nearer to the data's from stage to stage."""
    images, labels = course.tables()
    images, model = images[:, :1], classifier(images, labels)
    drawn = {epoch: course.draw(epoch=epoch, count=1000, seed=99)["samples"] for epoch in (0, *STAGES)}
    far = {
        epoch: feature_distance(model, torch.from_numpy(samples), images) for epoch, samples in drawn.items()
    }
    sized = all(
        is_made_of_blocks(drawn[epoch], side) and not is_made_of_blocks(drawn[epoch], 2 * side)
        for epoch, side in STAGES.items()
    )
    half = len(images) // 2
    floor = feature_distance(model, images[:half], images[half:])
    order = list(far.values())
    said = ", ".join(f"{distance:.1f} after epoch {epoch}" for epoch, distance in far.items())
    holds = sized and order[1] > order[2] > order[3] and order[3] <= 0.3 * order[0]
    return holds, f"blocks of 4, 2 and 1 pixels: {sized}; feature distance {said} (two halves {floor:.2f})"
