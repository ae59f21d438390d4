"""How a training loop carries out each command, between two steps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from typing import Any, Protocol

from engine.messages.commands import (
    Command,
    Draw,
    PinSample,
    PinSamples,
    RunCommand,
    SetLearningRate,
    Watch,
)
from engine.messages.lens_request import LensRequest
from engine.messages.pinned import HeldSample, Pinned


class Commanded(Protocol):
    """What commands may ask of a loop."""

    def set_learning_rate(self, objective: str, value: float) -> None: ...
    def watch_lenses(self, requests: frozenset[LensRequest]) -> None: ...
    def pin(self, samples: tuple[Pinned, ...]) -> None: ...
    def draw(self, sampler: str, changes: Mapping[str, Any]) -> None: ...


def carry_out(loop: Commanded, command: RunCommand) -> None:
    """Carry out one command that the queue handed over. Pausing and stopping are the queue's own."""
    _handle(command, loop)


@singledispatch
def _handle(command: Command, loop: Commanded) -> None:
    del loop
    raise TypeError(f"Expected a command that a loop carries out. Received {type(command).__name__}.")


@_handle.register
def _(command: SetLearningRate, loop: Commanded) -> None:
    loop.set_learning_rate(command.objective, command.value)


@_handle.register
def _(command: Watch, loop: Commanded) -> None:
    loop.watch_lenses(frozenset(command.requests))


@_handle.register
def _(command: PinSample, loop: Commanded) -> None:
    loop.pin((HeldSample(command.index),))


@_handle.register
def _(command: PinSamples, loop: Commanded) -> None:
    loop.pin(command.samples)


@_handle.register
def _(command: Draw, loop: Commanded) -> None:
    loop.draw(command.sampler, command.changes)
