"""What autoencoders must reach."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from tests.proofs.generative.course import Course

Verdict = tuple[bool, str]


def _held(course: Course, *paths: str) -> list[tuple[Tensor, dict[str, Tensor]]]:
    """Per validation batch: the images, and the values at these paths."""
    return [
        (next(value for end, value in values.items() if end.port == "input"), seen)
        for values, seen in course.values(*paths)
    ]


def elbo(course: Course) -> Verdict:
    """The evidence lower bound, in nats per image, beats a model that knows only the mean of each pixel."""
    bounds = [-event.losses["objective"] for event in course.validated]
    images = course.tables()[0]
    held = torch.cat([image for image, _ in _held(course)])
    mean = images.mean(0, keepdim=True).clamp(1e-4, 1 - 1e-4)
    naive = -float(F.binary_cross_entropy(mean.expand_as(held), held, reduction="sum")) / len(held)
    rises = bounds[-1] > bounds[0] and bounds[-1] > naive + 100
    return rises, f"ELBO {bounds[0]:.1f} after epoch 1, {bounds[-1]:.1f} at the end (mean image {naive:.1f})"


def reconstructs(course: Course) -> Verdict:
    """The error is below that of as many principal components, or of nothing, and falls."""
    images = course.tables()[0].flatten(1)
    held = _held(course, "decode", "encode")
    error = float(np.mean([float(F.mse_loss(seen["decode"], image)) for image, seen in held]))
    flat = torch.cat([image for image, _ in held]).flatten(1)
    mean = images.mean(0)
    code = held[0][1]["encode"].shape[1]
    _, _, basis = torch.pca_lowrank(images - mean, min(code, 32), niter=4)
    linear = float((((flat - mean) @ basis @ basis.T + mean - flat) ** 2).mean())
    nothing = float(((flat - mean) ** 2).mean())
    extra = _code_words(course, held)
    holds = error < 0.4 * nothing
    return holds, (
        f"squared error {error:.4f}; {basis.shape[1]} principal components {linear:.4f}, "
        f"mean image {nothing:.4f}{extra}"
    )


def _code_words(course: Course, held: list[tuple[Tensor, dict[str, Tensor]]]) -> str:
    code = torch.cat([seen["encode"] for _, seen in held])
    if "penalty" not in course.project.main.nodes:
        return ""
    active = float((code > 0.5).float().mean())
    return f"; mean activation of the code {float(code.mean()):.3f}, {active:.1%} of it above one half"


def denoises(course: Course) -> Verdict:
    """What comes out of noisy pictures is much nearer to the clean ones than what went in."""
    deviation = float(course.project.main.nodes["noise"].params["deviation"])
    from engine.lens.preview import Preview

    preview = Preview(course.project, course.weights())
    plan = preview.plan
    before, after = [], []
    torch.manual_seed(0)
    plan.eval()
    with torch.no_grad():
        for values, _ in course.values():
            end = next(end for end in values if end.port == "input")
            clean = values[end]
            noisy = clean + deviation * torch.randn_like(clean)
            made = plan.capture(["decode"])({**values, end: noisy})["decode"]
            before.append(float(F.mse_loss(noisy, clean)))
            after.append(float(F.mse_loss(made, clean)))
    preview.close()
    ratio = 10 * math.log10(np.mean(before) / np.mean(after))
    return ratio > 6, f"squared error {np.mean(before):.4f} → {np.mean(after):.4f}: {ratio:.1f} dB less noise"
