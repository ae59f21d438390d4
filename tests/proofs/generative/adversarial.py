"""What networks that learn against each other must reach."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch

from tests.proofs.generative.course import Course
from tests.proofs.generative.figures import accuracy, classifier, coverage, feature_distance

EPOCHS = (0, 1, 5, 20)
Verdict = tuple[bool, str]
MOST_SECONDS = 60.0


def covers(course: Course) -> Verdict:
    """At least 85 % of the samples within 3 σ of the data; of few modes each holds its share; in time."""
    params = course.project.main.nodes["data"].params
    dataset, drawn = str(params["dataset"]), str(params.get("points", ""))
    points = course.draw(count=4096, seed=99)["samples"].astype(np.float64)
    inside, shares = coverage(dataset, points, drawn)
    least = {2: 0.15, 3: 0.1}.get(len(shares), 0.03)
    seconds = course.finished.seconds
    holds = inside >= 0.85 and min(shares) >= least and seconds <= MOST_SECONDS
    modes = " ".join(f"{share:.3f}" for share in shares)
    return holds, f"{inside:.3f} within 3σ (at least 0.85), modes {modes} (at least {least}), {seconds:.0f} s"


def nears(course: Course) -> Verdict:
    """The features of the samples come nearer to those of the data from each of `EPOCHS` to the next."""
    images, labels = course.tables()
    model = classifier(images, labels)
    far = [distance(course, model, images, epoch) for epoch in EPOCHS]
    words = ", ".join(f"epoch {epoch}: {value:.1f}" for epoch, value in zip(EPOCHS, far, strict=True))
    floor = feature_distance(model, images[:5000], images[5000:])
    falls = all(after < before for before, after in pairwise(far))
    return falls, f"feature distance {words} (two halves of the data: {floor:.1f})"


def distance(course: Course, model: torch.nn.Sequential, images: torch.Tensor, epoch: int) -> float:
    made = torch.from_numpy(course.draw(epoch=epoch, count=2048, seed=99)["samples"])
    return feature_distance(model, made, images[:5000])


def estimates(course: Course) -> Verdict:
    """The critic's estimate of the distance shrinks, and so does the distance between features."""
    falls, words = nears(course)
    terms = course.curves().terms
    score = {verdict: _values(terms, verdict) for verdict in ("told_real", "told_fake")}
    estimate = -(score["told_real"] + score["told_fake"])  # −E f(real) + E f(fake), turned round
    parts = [float(part.mean()) for part in np.array_split(estimate, 10)]
    shrinks = parts[-1] < 0.5 * max(parts[:3])
    shown = " ".join(f"{part:.2f}" for part in parts)
    return falls and shrinks, f"critic's estimate by tenths of the run {shown}; {words}"


def _values(terms: object, name: str) -> np.ndarray:
    assert isinstance(terms, dict)
    found: Sequence[np.ndarray] = [
        series[1] for key, series in terms.items() if re.search(rf"\b{name}$", key)
    ]
    assert len(found) == 1, f"{name} in {list(terms)}"
    return found[0]


def conditioned(course: Course) -> Verdict:
    """A classifier takes at least 90 % of the samples for the class that was asked for."""
    images, labels = course.tables()
    model = classifier(images, labels, 30)
    held = course.values()
    known = [values for values, _ in held]
    right = [accuracy(model, *_pair(values)) for values in known]
    found = course.draw(count=1000, seed=99)
    asked = torch.arange(1000) % 10
    hits = accuracy(model, torch.from_numpy(found["samples"]), asked)
    return (
        hits >= 0.9,
        f"{hits:.3f} of 1,000 samples taken for their class (of real digits {np.mean(right):.3f})",
    )


def _pair(values: dict) -> tuple[torch.Tensor, torch.Tensor]:  # type: ignore[type-arg]
    image = next(value for end, value in values.items() if end.port == "input")
    return image, next(value for end, value in values.items() if end.port == "target")


def cycles(course: Course) -> Verdict:
    """There and back again costs little, and what is between is the negative, though no pair was shown."""
    back, away, same = [], [], []
    for values, seen in course.values("invert", "back"):
        digits = next(value for end, value in values.items() if end.path == "digits" and end.port == "input")
        back.append(float((seen["back"] - digits).abs().mean()))
        away.append(float((seen["invert"] - (1 - digits)).abs().mean()))
        same.append(float((seen["invert"] - digits).abs().mean()))
    cycle, error = float(np.mean(back)), float(np.mean(away))
    return cycle <= 0.06 and error <= 0.06, (
        f"mean absolute error of the cycle {cycle:.4f}, of the translation {error:.4f} (both at most 0.06), "
        f"of leaving digits as they are {np.mean(same):.3f}"
    )
