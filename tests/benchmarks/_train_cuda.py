"""Training speed on a CUDA device: the engine against two hand-written loops, as `train` compares them on a
CPU.

`plain` is what a tutorial says: DataLoader with pinned memory, eager steps, Adam. `graph` knows every trick:
data resident on the device, channels last, a fused optimiser, and the whole step captured as one CUDA graph.
All sides compute in float32 without TF32; `engine` takes the fastest kernels as they do, `deterministic`
those that repeat.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from engine.document.edits.decoration import set_settings
from engine.document.project import Project
from engine.system.numerics import numerics
from tests.benchmarks.train import (
    BATCH,
    MODELS,
    ROUNDS,
    SECONDS,
    Tables,
    endless,
    engine,
    tables_of,
    taking_turns,
)
from tests.by_hand import adversaries_step, hand_discriminator, hand_generator
from tests.drawings import dcgan

Step = Callable[[Tensor, Tensor], object]
Capture = Callable[[Callable[[], object]], Callable[[], object]]
WARM_UPS = 11
"""Eager steps before a capture, as torch's documentation has it."""


def captured(call: Callable[[], object]) -> Callable[[], None]:
    """The call as one CUDA graph."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(WARM_UPS):
            call()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        call()
    return graph.replay


class ByHand:
    """The hand-written sides of one drawing on a device; `capture` makes a graph of a step."""

    def __init__(self, name: str, project: Project, device: torch.device, capture: Capture) -> None:
        self._name, self._device, self._capture = name, device, capture
        self._tables = tables_of(project)

    def _step(self, knows_tricks: bool) -> Step:
        """One step of these networks on images and targets, from fresh weights."""
        torch.manual_seed(0)
        tricks = {"fused": True, "capturable": self._device.type == "cuda"} if knows_tricks else {}
        if self._name == "dcgan":
            nets = [self._placed(net, knows_tricks) for net in (hand_generator(), hand_discriminator())]
            adam = [torch.optim.Adam(net.parameters(), 2e-4, (0.5, 0.999), **tricks) for net in nets]
            play = adversaries_step(*nets, (adam[1], adam[0]))
            return lambda x, _: play(x, torch.randn(len(x), 64, 1, 1, device=self._device))
        _, build, loss_of = MODELS[self._name]
        model = self._placed(build(), knows_tricks)
        optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, **tricks)

        def step(x: Tensor, y: Tensor) -> None:
            optimiser.zero_grad(set_to_none=True)
            loss_of(model(x), y).backward()
            optimiser.step()

        return step

    def _placed(self, net: nn.Module, knows_tricks: bool) -> nn.Module:
        net = net.to(self._device)
        is_image = self._tables[0].dim() == 4
        return net.to(memory_format=torch.channels_last) if knows_tricks and is_image else net

    def plain(self, steps: int) -> float:
        """Seconds of an eager loop as most people write it."""
        pins = self._device.type == "cuda"
        step = self._step(knows_tricks=False)
        data = TensorDataset(*self._tables)
        loader = DataLoader(data, batch_size=BATCH, shuffle=True, pin_memory=pins)
        start = self._now()
        for x, y in endless(steps, lambda: iter(loader)):
            step(x.to(self._device, non_blocking=True), y.to(self._device, non_blocking=True))
        return self._now() - start

    def graph(self, steps: int) -> float:
        """Seconds of a loop that replays one graph, its inputs gathered on the device."""
        inputs, targets = self._resident()
        x, y = inputs[:BATCH].clone(), targets[:BATCH].clone()
        step = self._step(knows_tricks=True)
        replay = self._capture(lambda: step(x, y))
        start = self._now()
        whole = len(inputs) // BATCH * BATCH
        for rows in endless(steps, lambda: iter(self._order(len(inputs))[:whole].split(BATCH))):
            x.copy_(inputs.index_select(0, rows))
            y.copy_(targets.index_select(0, rows))
            replay()
        return self._now() - start

    def _order(self, count: int) -> Tensor:
        return torch.randperm(count, device=self._device)

    def _resident(self) -> Tables:
        inputs, targets = (table.to(self._device) for table in self._tables)
        if inputs.dim() == 4:
            inputs = inputs.to(memory_format=torch.channels_last)
        return inputs, targets

    def _now(self) -> float:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        return perf_counter()


def compare(
    name: str,
    device: torch.device,
    capture: Capture = captured,
    *,
    rounds: int = ROUNDS,
    seconds: float = SECONDS,
    warm_up: int = 200,
) -> dict[str, float]:
    """Median milliseconds a step of each side, and how much faster the engine is."""
    project = set_settings(dcgan() if name == "dcgan" else MODELS[name][0](), device=str(device))
    fast = set_settings(project, deterministic=False)
    by_hand = ByHand(name, project, device, capture)
    sides: dict[str, Callable[[int], float]] = {
        "plain": by_hand.plain,
        "graph": by_hand.graph,
        "engine": lambda steps: engine(fast, steps),
        "deterministic": lambda steps: engine(project, steps),
    }
    with numerics(device, precision="float32", deterministic=False, tell=print):
        for side in sides.values():
            side(warm_up)
        steps = max(warm_up, int(seconds / (sides["graph"](warm_up) / warm_up)))
        return taking_turns(sides, steps, rounds)


def run() -> dict[str, object]:
    """The figures of every drawing, and the device."""
    device = torch.device("cuda", torch.cuda.current_device())
    models = {name: compare(name, device) for name in (*MODELS, "dcgan")}
    return {"device": torch.cuda.get_device_name(device), "batch": BATCH, "models": models}
