"""What diffusion models must reach."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from tests.proofs.generative.course import Course
from tests.proofs.generative.figures import accuracy, classifier, coverage, feature_distance

Verdict = tuple[bool, str]
Floats = NDArray[np.float64]
COUNT = 2000


def sliced_distance(first: Floats, second: Floats, directions: int = 64) -> float:
    """Sliced Wasserstein-1 distance of two clouds `(n, 2)` of one size (Bonneel et al., 2015)."""
    turns = np.pi * np.arange(directions) / directions
    lines = np.stack([np.cos(turns), np.sin(turns)])
    return float(np.abs(np.sort(first @ lines, axis=0) - np.sort(second @ lines, axis=0)).mean())


def _in_data(course: Course, points: NDArray[np.float32]) -> Floats:
    """Points as the sampler has them, in the unit square of the data again."""
    scale = course.project.main.nodes["scale"].params
    found: Floats = (points.astype(np.float64) - scale["offset"]) / scale["factor"]
    return found


def returns(course: Course) -> Verdict:
    """At least 85 % of the samples within 3 σ, every mode held, and far nearer to the data than noise is."""
    dataset = str(course.project.main.nodes["data"].params["dataset"])
    drawn = course.draw(count=COUNT, seed=99)
    points, real = _in_data(course, drawn["samples"]), _in_data(course, drawn["real"])
    noise = _in_data(course, drawn["trail"][0])
    inside, shares = coverage(dataset, points)
    least = {2: 0.15, 3: 0.1}.get(len(shares), 0.03)
    far, before = sliced_distance(points, real), sliced_distance(noise, real)
    floor = sliced_distance(real[: COUNT // 2], real[COUNT // 2 :])
    holds = inside >= 0.85 and min(shares) >= least and far <= 0.15 * before
    modes = " ".join(f"{share:.3f}" for share in shares)
    return holds, (
        f"{inside:.3f} within 3σ (at least 0.85), modes {modes} (at least {least}), sliced Wasserstein "
        f"{far:.4f} (noise {before:.4f}, two halves of the data {floor:.4f})"
    )


def draws_digits(course: Course) -> Verdict:
    """A classifier takes at least 90 % of the samples for their class; their features are near the data's."""
    images, labels = course.tables()
    model = classifier(images, labels, 30)
    drawn = course.draw(count=1000, seed=99)
    made, asked = torch.from_numpy(drawn["samples"]), torch.from_numpy(drawn["label"])
    hits = accuracy(model, made, asked)
    plain = course.draw(count=1000, seed=99, guidance=1.0)
    unpushed = accuracy(model, torch.from_numpy(plain["samples"]), torch.from_numpy(plain["label"]))
    half = len(images) // 2
    far = feature_distance(model, torch.from_numpy(plain["samples"]), images)
    noise = feature_distance(model, torch.from_numpy(drawn["trail"][0]), images)
    floor = feature_distance(model, images[:half], images[half:])
    return hits >= 0.9 and far <= 0.1 * noise, (
        f"{hits:.3f} of 1,000 samples taken for their class ({unpushed:.3f} with guidance 1), feature "
        f"distance {far:.2f} (noise {noise:.1f}, two halves of the data {floor:.2f})"
    )
