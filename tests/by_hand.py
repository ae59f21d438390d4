"""Networks as one writes them in torch, for what the engine makes of a drawing to be held against."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


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


def hand_generator(width: int = 64) -> nn.Module:
    """`(N, 64, 1, 1)` to images `(N, 1, 28, 28)` in [0, 1]."""
    return nn.Sequential(
        nn.ConvTranspose2d(64, 2 * width, 7),
        nn.BatchNorm2d(2 * width),
        nn.ReLU(),
        nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.ConvTranspose2d(width, 1, 4, stride=2, padding=1),
        nn.Sigmoid(),
    )


def hand_discriminator(width: int = 64) -> nn.Module:
    """Images `(N, 1, 28, 28)` to scores `(N, 1)`."""
    return nn.Sequential(
        nn.Conv2d(1, width, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(width, 2 * width, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(2 * width),
        nn.LeakyReLU(0.2),
        nn.Conv2d(2 * width, 1, 7),
        nn.Flatten(),
    )


def adversaries_step(
    generator: nn.Module,
    discriminator: nn.Module,
    optimisers: tuple[torch.optim.Optimizer, torch.optim.Optimizer],
) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """The usual step of a DCGAN: the discriminator learns on real and fake images, then the generator."""

    def verdict(score: Tensor, real: bool) -> Tensor:
        wanted = torch.ones_like(score) if real else torch.zeros_like(score)
        return F.binary_cross_entropy_with_logits(score, wanted)

    def step(images: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        fake = generator(noise)
        judging = verdict(discriminator(images), real=True) + verdict(
            discriminator(fake.detach()), real=False
        )
        optimisers[0].zero_grad()
        judging.backward()
        optimisers[0].step()
        making = verdict(discriminator(fake), real=True)
        optimisers[1].zero_grad()
        making.backward()
        optimisers[1].step()
        return judging.detach(), making.detach()

    return step
