"""A training plan that is in no template: two generators, one critic and one encoder, drawn and by hand.

Each generator makes its own half of the noise-to-data map; one critic judges both against the data; one
encoder learns to find the noise again in what either generator made, and both generators help it. Nothing in
the engine knows of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import engine.compile
import engine.run
import engine.runs
from engine.compile import Plan, compile  # noqa: A004
from engine.document.project import MAIN, Project, Settings
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.train.stepper import Stepper
from tests.drawings import Step, definition, graph, wire

NETS = {"up": (4, 2), "down": (4, 2), "critic": (2, 1), "encoder": (2, 4)}
"""Sizes in and out; the generators are called up and down."""
STEPS, TIMES = 400, 2
RATES = {"judging": 2e-3, "making_up": 1e-3, "making_down": 1e-3, "encoding": 2e-3}
HELP = 0.1
"""Weight of the encoder's error in what the generators make smaller."""


def net(out: int) -> list[Step]:
    return [
        ("first", "linear", {"out_features": 32}),
        ("relu", "leaky_relu", {"negative_slope": 0.2}),
        ("last", "linear", {"out_features": out}),
    ]


def drawing() -> Project:
    """Noise enters both generators; the critic sees data and both fakes, the encoder both fakes."""
    main: list[Step] = [
        ("noise", "noise", {"shape": [4]}),
        ("data", "data", {"dataset": "circle"}),
        *((name, "network", {"definition": name}) for name in ("up", "down")),
        *((name, "network", {"definition": "critic"}) for name in ("real", "on_up", "on_down")),
        *((name, "network", {"definition": "encoder"}) for name in ("back_up", "back_down")),
        *((name, "real_or_fake", {"form": "least squares"}) for name in ("is_real", "fool_up", "fool_down")),
        *(
            (name, "real_or_fake", {"form": "least squares", "verdict": "fake"})
            for name in ("is_up", "is_down")
        ),
        *((name, "mse") for name in ("found_up", "found_down")),
    ]
    wires = ["noise -> up.x", "noise -> down.x", "data.input -> real.x", "real.y -> is_real.score"]
    for name in ("up", "down"):
        wires += [f"{name}.y -> on_{name}.x", f"{name}.y -> back_{name}.x"]
        wires += [f"on_{name}.y -> is_{name}.score", f"on_{name}.y -> fool_{name}.score"]
        wires += [f"back_{name}.y -> found_{name}.prediction", f"noise -> found_{name}.target"]
    objectives = {
        "judging": ("critic", [("is_real", 1.0), ("is_up", 0.5), ("is_down", 0.5)], TIMES),
        "making_up": ("up", [("fool_up", 1.0), ("found_up", HELP)], 1),
        "making_down": ("down", [("fool_down", 1.0), ("found_down", HELP)], 1),
        "encoding": ("encoder", [("found_up", 1.0), ("found_down", 1.0)], 1),
    }
    summed = []
    for order, (name, (updates, losses, times)) in enumerate(objectives.items()):
        about = {"updates": updates, "order": order, "times": times, "learning_rate": RATES[name]}
        main.append((name, "objective", {**about, "weights": [weight for _, weight in losses]}))
        summed += [wire(f"{loss}.loss -> {name}.loss", order=i) for i, (loss, _) in enumerate(losses)]
    drawn = graph(main, wires)
    drawn = msgspec.structs.replace(drawn, wires=(*drawn.wires, *summed))
    nets = {name: definition(net(sizes[1])) for name, sizes in NETS.items()}
    return Project(graphs={MAIN: drawn, **nets}, settings=Settings(batch_size=64))


class ByHand:
    """The same as one would write it."""

    def __init__(self, plan: Plan) -> None:
        state = plan.model.state_dict()
        self.nets = {name: self._net(state, name, *sizes) for name, sizes in NETS.items()}
        owners = {"judging": "critic", "making_up": "up", "making_down": "down", "encoding": "encoder"}
        self.adam = {
            aim: torch.optim.Adam(self.nets[owner].parameters(), RATES[aim], fused=True)
            for aim, owner in owners.items()
        }

    def _net(self, state: dict[str, Tensor], name: str, inputs: int, outputs: int) -> nn.Module:
        net = nn.Sequential(nn.Linear(inputs, 32), nn.LeakyReLU(0.2), nn.Linear(32, outputs))
        keys = [f"{name}.{part}" for part in ("first.weight", "first.bias", "last.weight", "last.bias")]
        net.load_state_dict(dict(zip(net.state_dict(), (state[key].clone() for key in keys), strict=True)))
        return net

    def step(self, real: Tensor, noise: Tensor, step: int) -> list[float]:
        up, down, critic, encoder = self.nets.values()
        made = [up(noise), down(noise)]
        judging = (critic(real) - 1).square().mean()
        judging = judging + sum(0.5 * critic(fake.detach()).square().mean() for fake in made)
        losses = [self._update("judging", judging)]
        if step % TIMES < TIMES - 1:
            return losses
        for aim, fake in zip(("making_up", "making_down"), made, strict=True):
            fooling = (critic(fake) - 1).square().mean() + HELP * F.mse_loss(encoder(fake), noise)
            losses.append(self._update(aim, fooling))
        again = [up(noise).detach(), down(noise).detach()]  # both have changed meanwhile
        encoding = F.mse_loss(encoder(again[0]), noise) + F.mse_loss(encoder(again[1]), noise)
        return [*losses, self._update("encoding", encoding)]

    def _update(self, aim: str, loss: Tensor) -> float:
        for each in self.nets.values():
            each.zero_grad()
        loss.backward()
        self.adam[aim].step()
        return float(loss.detach())


def test_it_trains_as_by_hand_and_learns() -> None:
    plan = compile(drawing(), "cpu", seed=2)
    hand = ByHand(plan)
    stepper, sources = Stepper(plan, STEPS), Sources(plan)
    objectives = len(plan.objectives)
    plan.train()
    found: list[list[float]] = []
    for step in range(STEPS):
        values = sources.next()
        row = [float(loss) for loss in stepper.step(values, step, 0)[:objectives] if loss is not None]
        if step < 60:
            real, noise = values[FlatEnd("data", "input")], values[FlatEnd("noise", "output")]
            assert row == pytest.approx(hand.step(real, noise, step), rel=1e-4, abs=1e-6)
        found.append(row)
    errors = [row[3] for row in found if len(row) == objectives]
    assert mean(errors[-20:]) < 0.75 * mean(errors[:20])  # the encoder finds the noise in what was made
    before, after = apart(compile(drawing(), "cpu", seed=2), sources), apart(plan, sources)
    assert after < 0.1 * before, (before, after)


def apart(plan: Plan, sources: Sources) -> float:
    """Energy distance between what both generators make and the data (Székely and Rizzo, 2013)."""
    batches = [sources.next() for _ in range(8)]
    ends = FlatEnd("data", "input"), FlatEnd("noise", "output")
    values = {end: torch.cat([batch[end] for batch in batches]) for end in ends}
    with torch.no_grad():
        made = torch.cat([*plan.capture(["up", "down"])(values).values()])
    real = values[ends[0]]
    return float(
        2 * torch.cdist(made, real).mean() - torch.cdist(made, made).mean() - torch.cdist(real, real).mean()
    )


def mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)


def test_no_plan_is_known_by_name() -> None:
    words = re.compile(r"gan|vae|diffusion|cyclegan|autoencoder", re.IGNORECASE)
    for package in (engine.run, engine.runs, engine.compile):
        for path in Path(str(package.__file__)).parent.glob("**/*.py"):
            found = [word for word in re.findall(r"[A-Za-z]+", path.read_text()) if words.fullmatch(word)]
            parts = re.findall(r"GAN|VAE|[Dd]iffusion", path.read_text())
            assert not found, f"{path.name} knows {found}"
            assert not parts, f"{path.name} knows {parts}"
