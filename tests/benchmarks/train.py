"""Training speed: the engine against two hand-written loops, on the same data, batch size and number of
steps.

`plain` is what a tutorial says: DataLoader(TensorDataset, shuffle), Adam, images as they come. `tuned` has
every trick of the engine: resident data, channels last, a fused optimiser. All three take turns in one
process; a figure is the median over rounds of the ratio within a round, so that a noisy machine disturbs both
sides alike. Where there is a CUDA device, `_train_cuda` measures it instead.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from engine.compile import compile  # noqa: A004
from engine.document.project import Project
from engine.feed.sources import Sources
from engine.messages.events import Event
from engine.run.run import Run
from nodes.spec import Role
from tests.benchmarks._machine import Elsewhere
from tests.by_hand import adversaries_step, hand_discriminator, hand_generator, hand_lenet
from tests.drawings import convnet, dcgan, lenet5, lstm, mlp

ROUNDS = 7
SECONDS = 1.0
"""What a side trains for in one round, about."""
BATCH = 64
TARGETS = {
    "geomean_against_plain": 1.25,
    "each_against_plain": 1.0,
    "convolutions_against_plain": 1.35,
    "each_against_tuned": 0.97,
}
Loss = Callable[[Tensor, Tensor], Tensor]


class LastState(nn.Module):
    """An LSTM whose last step meets a linear layer."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.lstm, self.linear = nn.LSTM(1, hidden, batch_first=True), nn.Linear(hidden, 1)

    def forward(self, series: Tensor) -> Tensor:
        steps, _ = self.lstm(series)
        return self.linear(steps[:, -1])


def hand_convnet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.25),
        nn.Linear(32 * 49, 10),
    )


def hand_mlp() -> nn.Module:
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10)
    )


MODELS: dict[str, tuple[Callable[[], Project], Callable[[], nn.Module], Loss]] = {
    "lenet5": (lenet5, hand_lenet, F.cross_entropy),
    "convnet": (convnet, hand_convnet, F.cross_entropy),
    "mlp": (mlp, hand_mlp, F.cross_entropy),
    "lstm": (lstm, lambda: LastState(64), F.mse_loss),
}


Tables = tuple[Tensor, Tensor]
Side = Callable[[int], float]
Item = TypeVar("Item")


def dcgan_by_hand(tables: Tables, steps: int, *, knows_tricks: bool) -> float:
    """Seconds of the usual loop of two networks against each other, plain or with every trick."""
    torch.manual_seed(0)
    nets: list[nn.Module] = [hand_generator(), hand_discriminator()]
    if knows_tricks:
        nets = [net.to(memory_format=torch.channels_last) for net in nets]
    adam = [
        torch.optim.Adam(net.parameters(), 2e-4, (0.5, 0.999), fused=knows_tricks or None) for net in nets
    ]
    step = adversaries_step(*nets, (adam[1], adam[0]))
    start = perf_counter()
    for images, _ in _resident(tables, steps) if knows_tricks else _loaded(tables, steps):
        step(images, torch.randn(len(images), 64, 1, 1))
    return perf_counter() - start


def tables_of(project: Project) -> tuple[Tensor, Tensor]:
    """All training inputs and targets, finished and in the usual layout."""
    plan = compile(project)
    sources = Sources(plan)
    held = sources.training_tables()
    sources.close()
    return held[0].contiguous(), held[1].contiguous()


def endless(steps: int, make: Callable[[], Iterator[Item]]) -> Iterator[Item]:
    """So many items of iterators that are made one after the other."""
    while True:
        for batch in make():
            if steps == 0:
                return
            steps -= 1
            yield batch


def _loaded(tables: Tables, steps: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches as a tutorial makes them."""
    loader = DataLoader(TensorDataset(*tables), batch_size=BATCH, shuffle=True)
    return endless(steps, lambda: iter(loader))


def _resident(tables: Tables, steps: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches gathered from tables; images channels last without a copy, also where C is 1."""
    inputs, targets = tables
    images = inputs.dim() == 4
    if images:
        inputs = inputs.permute(0, 2, 3, 1).contiguous()

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        for rows in torch.randperm(len(inputs)).split(BATCH):
            batch = inputs.index_select(0, rows)
            yield batch.permute(0, 3, 1, 2) if images else batch, targets.index_select(0, rows)

    return endless(steps, batches)


def plain(build: Callable[[], nn.Module], loss_of: Loss, tables: Tables, steps: int) -> float:
    """Seconds of an eager loop as most people write it."""
    torch.manual_seed(0)
    model = build()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    start = perf_counter()
    for inputs, targets in _loaded(tables, steps):
        optimiser.zero_grad()
        loss = loss_of(model(inputs), targets)
        loss.backward()
        optimiser.step()
    return perf_counter() - start


def tuned(build: Callable[[], nn.Module], loss_of: Loss, tables: Tables, steps: int) -> float:
    """Seconds of a loop by somebody who knows every trick that the engine uses."""
    torch.manual_seed(0)
    model = build()
    if tables[0].dim() == 4:
        model = model.to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    start = perf_counter()
    for x, y in _resident(tables, steps):
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(model(x), y)
        loss.backward()
        optimiser.step()
    return perf_counter() - start


def engine(project: Project, steps: int) -> float:
    """Seconds of the same number of steps in the workbench, without its validation."""
    marks: list[tuple[str, float]] = []

    def note(event: Event) -> None:
        marks.append((type(event).__name__, perf_counter()))

    done = Run(project, steps=steps).execute(note)
    assert done.status == "completed", done.message
    seconds, since = 0.0, None
    for name, at in marks:  # a validation lies between the last progress of an epoch and its own event
        if name == "Started" or name == "Validated":
            since = at
        elif name == "Progress" and since is not None:
            seconds, since = seconds + at - since, at
    return seconds


def _by_hand(name: str, tables: Tables) -> dict[str, Side]:
    if name == "dcgan":
        return {
            "plain": lambda steps: dcgan_by_hand(tables, steps, knows_tricks=False),
            "tuned": lambda steps: dcgan_by_hand(tables, steps, knows_tricks=True),
        }
    _, build, loss_of = MODELS[name]
    return {
        "plain": lambda steps: plain(build, loss_of, tables, steps),
        "tuned": lambda steps: tuned(build, loss_of, tables, steps),
    }


def compare(name: str, rounds: int = ROUNDS, seconds: float = SECONDS) -> dict[str, float]:
    """Median milliseconds a step of each side, and how much faster the engine is."""
    project = dcgan() if name == "dcgan" else MODELS[name][0]()
    assert any(node.layer.role is Role.SOURCE for node in compile(project).nodes.values())
    sides = {**_by_hand(name, tables_of(project)), "engine": lambda steps: engine(project, steps)}
    for side in sides.values():
        side(30)
    steps = max(50, int(seconds / (sides["tuned"](100) / 100)))
    return taking_turns(sides, steps, rounds)


def taking_turns(sides: dict[str, Callable[[int], float]], steps: int, rounds: int) -> dict[str, float]:
    """Median milliseconds a step of each side, which are told how many steps to make and return seconds.

    The engine against every other hand-written side: the median of the ratios within a round.
    """
    times: dict[str, list[float]] = {side: [] for side in sides}
    for round_ in range(rounds):
        first = round_ % len(sides)
        for side in (*list(sides)[first:], *list(sides)[:first]):
            gc.collect()
            times[side].append(sides[side](steps) / steps * 1e3)
    found = {f"{side}_ms": round(median(values), 4) for side, values in times.items()}
    for other in [side for side in ("plain", "tuned", "graph") if side in sides]:
        ratios = [a / b for a, b in zip(times[other], times["engine"], strict=True)]
        found[f"against_{other}"] = round(median(ratios), 3)
    return found


def run() -> dict[str, object]:
    """The figures of this machine: of its CUDA device, where it has one."""
    if torch.cuda.is_available():
        from tests.benchmarks import _train_cuda

        return _train_cuda.run()
    elsewhere = Elsewhere()
    models = {name: compare(name) for name in (*MODELS, "dcgan")}
    result: dict[str, object] = {"threads": torch.get_num_threads(), "batch": BATCH, "models": models}
    result |= {"targets": TARGETS, "cores_busy_elsewhere": elsewhere.cores()}
    for other in ("plain", "tuned"):
        # of the single networks, as the target has always been
        logs = [math.log(models[name][f"against_{other}"]) for name in MODELS]
        result[f"geomean_against_{other}"] = round(math.exp(sum(logs) / len(logs)), 3)
    return result
