"""Distances between samples and data: coverage of two-dimensional sets, features of a small classifier."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

Floats = NDArray[np.float64]
BLOBS = ((0.35, 0.75), (0.75, 0.6), (0.45, 0.35))
GAUSSIANS = (((0.3, 0.7), (0.1, 0.1)), ((0.7, 0.4), (0.05, 0.2)))
"""Centres and standard deviations of the two Gaussians."""


def coverage(dataset: str, points: Floats, drawn: str = "") -> tuple[float, list[float]]:
    """Share of points `(n, 2)` within 3 σ of the set, and the share that each of its modes holds.

    The ring's and the line's modes are eighths of their length; so are those of a set that was drawn, as
    "x y; x y; …".
    """
    if dataset == "two-gaussians":
        away = np.stack([_scaled(points, *one) for one in GAUSSIANS])
        return _inside(away, 3.0)
    if dataset == "blobs":
        away = np.stack([_scaled(points, centre, (0.025, 0.025)) for centre in BLOBS])
        return _inside(away, 3.0)
    curve, deviation = (_points(drawn), 0.02) if drawn else _curve(dataset)
    apart = np.linalg.norm(points[:, None] - curve[None], axis=2)
    near = apart.argmin(axis=1)
    shares = np.bincount(near * 8 // len(curve), minlength=8) / len(points)
    return float((apart.min(axis=1) <= 3 * deviation).mean()), shares.tolist()


def _scaled(points: Floats, centre: tuple[float, float], deviation: tuple[float, float]) -> Floats:
    return np.linalg.norm((points - np.array(centre)) / np.array(deviation), axis=1)


def _inside(away: Floats, most: float) -> tuple[float, list[float]]:
    shares = np.bincount(away.argmin(axis=0), minlength=len(away)) / away.shape[1]
    return float((away.min(axis=0) <= most).mean()), shares.tolist()


def _points(drawn: str) -> Floats:
    return np.array([[float(number) for number in pair.split()] for pair in drawn.split(";")])


def _curve(dataset: str) -> tuple[Floats, float]:
    along = np.linspace(0.0, 1.0, 1600, endpoint=False)
    if dataset == "ring":
        turn = 2 * math.pi * along
        return np.stack([0.5 + 0.3 * np.cos(turn), 0.45 + 0.25 * np.sin(turn)], axis=1), 0.025
    if dataset == "line":
        return np.stack([0.8 - 0.75 * along, 0.6 + 0.3 * along], axis=1), 0.01
    raise KeyError(dataset)


def classifier(images: Tensor, labels: Tensor, epochs: int = 3) -> nn.Sequential:
    """A small network that tells the classes apart; all but its last layer make features."""
    torch.manual_seed(1)
    side, channels = images.shape[-1] // 4, images.shape[1]
    model = nn.Sequential(
        nn.Conv2d(channels, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * side * side, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )
    optimiser = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(epochs):
        for rows in torch.randperm(len(images)).split(64):
            loss = F.cross_entropy(model(images[rows]), labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model.eval()


def accuracy(model: nn.Sequential, images: Tensor, labels: Tensor) -> float:
    """Share of images `(n, C, H, W)` that the classifier takes for these labels."""
    with torch.no_grad():
        return float((model(images).argmax(1) == labels).float().mean())


def feature_distance(model: nn.Sequential, first: Tensor, second: Tensor) -> float:
    """Fréchet distance between the features of two sets of images (after Heusel et al., 2017)."""
    with torch.no_grad():
        a, b = (model[:-1](images).double() for images in (first, second))
    cov_a, cov_b = torch.cov(a.T), torch.cov(b.T)
    root = torch.linalg.eigvals(cov_a @ cov_b).real.clamp(min=0).sqrt().sum()
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + cov_a.trace() + cov_b.trace() - 2 * root)
