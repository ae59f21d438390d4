"""What all update rules share: which gradients are there, what is remembered, and the numbers of an update.

A replayed CUDA graph runs the kernels of one step again with the arguments of that step: a Python number
among them would never change. Where steps are to be replayed, the numbers that change from update to update
(rates, corrections) are written to the device before it, and the kernels of the update read them there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from nodes.torch_internals import foreach_add
from nodes.training.objective import Objective

Tensors = list[Tensor]
Number = float | Tensor
"""A number of an update: as Python has it, or as a scalar on the device."""


class DeviceScalars:
    """The numbers of the updates of one rule, as tensors of no dimension.

    `live` are the places of the parameters that the last update reached, `count` how many numbers it takes.
    `are_written` says that the numbers of the coming update are here already.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        # the fused kernels of CUDA read float32; elsewhere the numbers stay as exact as Python's
        self._dtype = torch.float32 if device.type == "cuda" else torch.float64
        self._held: list[Tensor] = []
        self._values: list[float] = []
        self.live: Sequence[int] = ()
        self.count = 0
        self.are_written = False

    def write(self, values: Sequence[float]) -> None:
        """Take these numbers. Only those that differ are written, each as the argument of a kernel: a copy
        from the memory of the CPU would wait for the device, or be overtaken by the next one.
        """
        while len(self._held) < len(values):
            self._held.append(torch.zeros((), dtype=self._dtype, device=self._device))
            self._values.append(math.nan)
        for i, value in enumerate(values):
            if value != self._values[i]:
                self._held[i].fill_(value)
                self._values[i] = value
        self.count = len(values)

    def read(self) -> list[Tensor]:
        """The numbers of the coming update."""
        return self._held[: self.count]


class RuleStep(NamedTuple):
    """One update: of the parameters at the places `live` among all of a rule's, each with its gradient and
    its moments. `numbers` are what the rule's `numbers` gave.
    """

    live: Sequence[int]
    parameters: Tensors
    gradients: Tensors
    moments: list[Tensors]
    numbers: Sequence[Number]


def restore(tensor: Tensor, kept: Tensor, name: str) -> None:
    """Copy what was kept under this name. Raises ValueError where it has another shape."""
    if kept.shape != tensor.shape:
        raise ValueError(f"{name} has the shape {tuple(kept.shape)} instead of {tuple(tensor.shape)}")
    tensor.copy_(kept)


class Rule:
    """Updates `parameters` (by name) from their `.grad`. `factor` is theirs of the learning rate.

    `moments` are what it remembers of every weight. `scalars` hold the numbers of an update on the device,
    where updates are to be replayed; None elsewhere.
    """

    remembers: tuple[str, ...] = ()

    def __init__(self, objective: Objective, parameters: dict[str, Tensor], factor: float = 1.0) -> None:
        self.factor = factor
        self.weight_decay: float = objective.weight_decay
        self.names = list(parameters)
        self.parameters = list(parameters.values())
        self.moments: dict[str, Tensors] = {
            name: [torch.zeros_like(p) for p in self.parameters] for name in self.remembers
        }
        self._moments = list(self.moments.values())
        self._all = range(len(self.parameters))
        self.scalars: DeviceScalars | None = None

    def step(self, rate: float) -> None:
        """One update of every parameter that has a gradient; the others keep their value and their moments,
        as in torch. Called without recording gradients.
        """
        gradients = [parameter.grad for parameter in self.parameters]
        present = [gradient for gradient in gradients if gradient is not None]
        live: Sequence[int] = self._all
        parameters, moments = self.parameters, self._moments
        if len(present) < len(gradients):
            live = [i for i, gradient in enumerate(gradients) if gradient is not None]
            parameters = [parameters[i] for i in live]
            moments = [[tensors[i] for i in live] for tensors in moments]
        if self.scalars is not None:
            numbers = self._on_device(self.scalars, live, rate)
        elif present:
            numbers = self.numbers(live, rate * self.factor)
        if present:
            self.update(RuleStep(live, parameters, present, moments, numbers))

    def _on_device(self, scalars: DeviceScalars, live: Sequence[int], rate: float) -> Sequence[Number]:
        if not scalars.are_written:
            self.prepare(live, rate)
        return scalars.read()

    def prepare(self, live: Sequence[int], rate: float) -> None:
        """Write the numbers of the coming update of the parameters at these places to the device."""
        assert self.scalars is not None
        self.scalars.live = live
        self.scalars.write(self.numbers(live, rate * self.factor) if live else ())

    def keep_on_device(self, device: torch.device) -> None:
        """From here on the numbers of an update are scalars on this device."""
        self.scalars = DeviceScalars(device)

    def numbers(self, live: Sequence[int], rate: float) -> Sequence[float]:  # noqa: ARG002
        """What changes from update to update: here the rate alone. Called once for every update."""
        return (rate,)

    def update(self, step: RuleStep) -> None:
        """Apply the rule."""
        raise NotImplementedError

    def _decayed(self, gradients: Tensors, parameters: Tensors) -> Tensors:
        """The gradients with those of the weight decay, for rules without a kernel that adds them."""
        if not self.weight_decay:
            return gradients
        return list(foreach_add(gradients, parameters, alpha=self.weight_decay))

    def state(self) -> dict[str, Tensor]:
        """Everything remembered, as `MOMENT/PARAMETER`."""
        return {
            f"{moment}/{name}": tensor
            for moment, tensors in self.moments.items()
            for name, tensor in zip(self.names, tensors, strict=True)
        }

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Take up what `state` gave; what is missing there starts anew."""
        for key, tensor in self.state().items():
            if key in state:
                restore(tensor, state[key], key)
            else:
                tensor.zero_()
