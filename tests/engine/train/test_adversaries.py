"""Two networks against each other, drawn and by hand: equal losses, with and without a gradient penalty."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from engine.compile import Plan, compile  # noqa: A004
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.train.stepper import Stepper
from tests.by_hand import adversaries_step, hand_discriminator, hand_generator
from tests.drawings import dcgan, wgan_gp

STEPS = 50
WIDTH = 4
"""Of the nets here; a benchmark trains the full ones."""


def drawn(plan: Plan, sources: Sources, steps: int) -> list[list[float]]:
    """The losses of the engine, step by step."""
    stepper = Stepper(plan, steps)
    plan.train()
    rows = [stepper.step(sources.next(), step, 0) for step in range(steps)]
    return [[float(loss) for loss in row if loss is not None] for row in rows]


def test_a_drawn_dcgan_equals_one_by_hand_over_50_steps() -> None:
    plan = compile(dcgan(WIDTH), "cpu", seed=3)
    batches = [Sources(plan), Sources(plan)]
    torch.manual_seed(3)
    nets = hand_generator(WIDTH), hand_discriminator(WIDTH)
    for net in nets:
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


# With a gradient penalty ----------------------------------------------------------------------------------


def hand_nets(seed: int) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(seed)
    generator = nn.Sequential(
        nn.ConvTranspose2d(8, 4, 7), nn.ReLU(), nn.ConvTranspose2d(4, 1, 4, stride=4), nn.Sigmoid()
    )
    critic = nn.Sequential(
        *(nn.Conv2d(1, 4, 4, stride=2), nn.SiLU(), nn.Conv2d(4, 8, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(200, 1)),
    )
    return generator, critic


def slope_penalty(critic: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    share = torch.rand(len(real), 1, 1, 1)
    between = (share * real + (1 - share) * fake).detach().requires_grad_()
    slope = torch.autograd.grad(critic(between).sum(), between, create_graph=True)[0]
    return (slope.flatten(1).norm(dim=1) - 1).square().mean()


def penalised_losses(
    nets: tuple[nn.Module, nn.Module], batches: Sources, steps: int, times: int
) -> list[list[float]]:
    """The loop of Gulrajani et al. (2017): the critic at every step, the generator at every `times`-th."""
    generator, critic = nets
    adam = [torch.optim.Adam(net.parameters(), 1e-3, betas=(0.5, 0.9), fused=True) for net in nets]
    found = []
    for step in range(steps):
        values = batches.next()
        real, noise = values[FlatEnd("data", "input")], values[FlatEnd("noise", "output")]
        fake = generator(noise)
        terms = [
            -critic(real).mean(),
            critic(fake.detach()).mean(),
            slope_penalty(critic, real, fake.detach()),
        ]
        loss = terms[0] + terms[1] + 10 * terms[2]
        critic.zero_grad()
        loss.backward()
        adam[1].step()
        row = [loss]
        if step % times == times - 1:
            fooling = -critic(fake).mean()
            generator.zero_grad()
            fooling.backward()
            adam[0].step()
            row.append(fooling)
        found.append([float(value.detach()) for value in (*row, *terms)])
    return found


@pytest.mark.parametrize("channels_last", [False, True])
def test_a_critic_with_a_gradient_penalty_equals_one_by_hand(channels_last: bool) -> None:
    plan = compile(wgan_gp(2), "cpu", seed=5, channels_last=channels_last)
    batches = [Sources(plan), Sources(plan)]
    torch.manual_seed(0)  # the mixes are drawn in the forward pass
    found = drawn(plan, batches[0], 20)
    nets = hand_nets(5)
    for net in nets if channels_last else ():
        net.to(memory_format=torch.channels_last)
    torch.manual_seed(0)
    expected = penalised_losses(nets, batches[1], 20, 2)
    for row, other in zip(found, expected, strict=True):
        assert row == pytest.approx(other, rel=1e-6, abs=1e-7)
    same(plan.model.state_dict(), "generator", nets[0])
    same(plan.model.state_dict(), "critic", nets[1])


@pytest.mark.parametrize("recording", [False, True])
def test_a_gradient_penalty_is_measured_where_nobody_trains(recording: bool) -> None:
    plan = compile(wgan_gp(), "cpu", seed=5)
    values = Sources(plan).next()
    _, critic = hand_nets(5)
    plan.eval()
    with torch.set_grad_enabled(recording):
        torch.manual_seed(0)
        losses, _, _ = plan.evaluation(values)
        assert torch.is_grad_enabled() is recording
        torch.manual_seed(0)
        seen = plan.capture(["penalty", "generate"])(values)
        assert torch.is_grad_enabled() is recording
    torch.manual_seed(0)
    real, fake = values[FlatEnd("data", "input")], seen["generate"]
    penalty = slope_penalty(critic, real, fake.detach()).detach()
    expected = critic(fake).mean() - critic(real).mean() + 10 * penalty
    assert float(seen["penalty"]) == pytest.approx(float(penalty), rel=1e-5)
    assert float(losses[0]) == pytest.approx(float(expected.detach()), rel=1e-5)
    assert not seen["penalty"].requires_grad
    assert all(parameter.grad is None for parameter in plan.model.parameters())
