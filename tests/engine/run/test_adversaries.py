"""Two networks against each other, drawn and by hand: equal losses, with and without a gradient penalty."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from engine.compile import Plan, compile  # noqa: A004
from engine.expand.flat import FlatEnd
from engine.run.sources import Sources
from engine.run.stepper import Stepper
from tests.by_hand import adversaries_step, hand_discriminator, hand_generator
from tests.drawings import dcgan

STEPS = 50
WIDTH = 8
"""Of the nets here; a benchmark trains the full ones."""


def drawn(plan: Plan, sources: Sources, steps: int) -> list[list[float]]:
    """The losses of the engine, step by step."""
    stepper = Stepper(plan, steps)
    plan.train()
    rows = [stepper.step(sources.next(), step, 0) for step in range(steps)]
    return [[float(loss) for loss in row if loss is not None] for row in rows]


@pytest.mark.parametrize("channels_last", [False, True])
def test_a_drawn_dcgan_equals_one_by_hand_over_50_steps(channels_last: bool) -> None:
    plan = compile(dcgan(WIDTH), "cpu", seed=3, channels_last=channels_last)
    batches = [Sources(plan), Sources(plan)]
    torch.manual_seed(3)
    nets = hand_generator(WIDTH), hand_discriminator(WIDTH)
    for net in nets if channels_last else ():
        net.to(memory_format=torch.channels_last)
    generator, discriminator = nets
    adam = [torch.optim.Adam(net.parameters(), 2e-4, betas=(0.5, 0.999), fused=True) for net in nets]
    step = adversaries_step(generator, discriminator, (adam[1], adam[0]))
    for found in drawn(plan, batches[0], STEPS):
        values = batches[1].next()
        expected = step(values[FlatEnd("data", "input")], values[FlatEnd("noise", "output")])
        assert found[:2] == pytest.approx([float(loss) for loss in expected], rel=1e-6)
    state = plan.model.state_dict()
    same(state, "generator", generator)
    same(state, "discriminator", discriminator)
    for each in batches:
        each.close()


def same(state: dict[str, Tensor], name: str, net: nn.Module) -> None:
    """Weights and running statistics, in the order of the layers."""
    own = [tensor for key, tensor in state.items() if key.startswith(f"{name}.")]
    for mine, theirs in zip(own, net.state_dict().values(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-5, atol=1e-6)
