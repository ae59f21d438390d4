"""Networks as one writes them in torch, for what the engine makes of a drawing to be held against."""

from __future__ import annotations

from torch import nn


def hand_lenet() -> nn.Module:
    """LeNet-5 of the gallery: `(N, 1, 28, 28)` to `(N, 10)`, layers in the order of the drawing."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.Tanh(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.Tanh(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.Tanh(),
        nn.Linear(120, 84),
        nn.Tanh(),
        nn.Linear(84, 10),
    )
