"""The compiled LeNet-5 and one written by hand have equal losses, step for step."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from engine.data import catalogue
from engine.messages.events import Event, Progress
from engine.run.run import Run
from nodes.data.source import DataSource
from tests.by_hand import hand_lenet
from tests.drawings import lenet5

STEPS, BATCH = 100, 64


def by_hand(seed: int) -> list[float]:
    """LeNet-5 as one writes it, on the batches that the engine says it uses."""
    data = catalogue.load(DataSource(dataset="fashion-mnist"), seed=0).train
    assert data.input_scaling is not None
    assert data.target is not None
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(seed))[: STEPS * BATCH]
    pixels = torch.from_numpy(data.input.fetch(order.numpy())).float()
    scaling = data.input_scaling
    images = (pixels / scaling.divisor - scaling.mean[0]) / scaling.deviation[0]
    # the strides of channels last, which `.to` leaves out where there is a single channel
    images = images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
    labels = torch.from_numpy(data.target.fetch(order.numpy()))
    torch.manual_seed(seed)
    net = hand_lenet().to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
    losses = []
    for pictures, classes in zip(images.split(BATCH), labels.split(BATCH), strict=True):
        loss = F.cross_entropy(net(pictures), classes)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_the_compiled_lenet5_equals_the_hand_written_one_over_100_steps(seed: int) -> None:
    told: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, Progress):
            told.extend(event.losses["objective"])

    Run(lenet5(), device="cpu", seed=seed, steps=STEPS).execute(note)
    expected = by_hand(seed)
    assert len(told) == STEPS
    assert told == pytest.approx(expected, rel=1e-6)
