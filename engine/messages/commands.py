"""What a run can be told while it goes: one frozen class per command, the same for every kind of run.

They travel to a run in another process as they are. A new command is one class here and its handling in
`engine.train.command_handling`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from engine.messages.lens_request import LensRequest
from engine.messages.pinned import GivenSample, HeldSample


class Command(msgspec.Struct, frozen=True, tag_field="command"):
    """Base of all commands. They act between two steps."""

    @property
    def subject(self) -> tuple[str, ...]:
        """Of several waiting commands of one class and subject, only the newest is carried out."""
        return ()


class Pause(Command, frozen=True, tag="pause"):
    """Wait after the present step."""


class Resume(Command, frozen=True, tag="resume"):
    """Go on after a pause."""


class StepOnce(Command, frozen=True, tag="step"):
    """Make one step, then pause."""


class Stop(Command, frozen=True, tag="stop"):
    """End after the present step."""


class SetLearningRate(Command, frozen=True, tag="set_learning_rate"):
    """Use this rate from the next step on; a schedule continues from it. `objective` is a node path."""

    objective: str
    value: float

    @property
    def subject(self) -> tuple[str, ...]:
        return (self.objective,)


class Watch(Command, frozen=True, tag="watch"):
    """Send frames of these lenses, and of no others, from now on."""

    requests: tuple[LensRequest, ...] = ()


class PinSample(Command, frozen=True, tag="pin_sample"):
    """Show this sample of the validation data in the lenses."""

    index: int


class PinSamples(Command, frozen=True, tag="pin_samples"):
    """Show these samples in the lenses, each at the place that requests name: the first at pin 0."""

    samples: tuple[HeldSample | GivenSample, ...]


class Draw(Command, frozen=True, tag="draw"):
    """Let this sampler draw at once; `changes` are values of its parameters for what is shown from now on.

    Samples that the run keeps are drawn with the parameters of its drawing.
    """

    sampler: str
    changes: dict[str, Any] = {}

    @property
    def subject(self) -> tuple[str, ...]:
        return (self.sampler,)


RunCommand = Pause | Resume | StepOnce | Stop | SetLearningRate | Watch | PinSample | PinSamples | Draw
"""Every command."""
