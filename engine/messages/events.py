"""What a run tells the outside: frozen events, the same for the window, the command line and files."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from engine.messages.lens_request import LensKey, Options, lens_key


class Event(msgspec.Struct, frozen=True, tag_field="event"):
    """Base of all events."""


def _whole(event: Event, name: str) -> None:
    """Make a text one that can be written: names of files need not be characters."""
    text = getattr(event, name)
    if not text.isascii():
        msgspec.structs.force_setattr(event, name, text.encode("utf-8", "replace").decode())


class Reading(Event, frozen=True, tag="reading"):
    """Data are being read, before the run starts. `share` is how much is done, in [0, 1]; None: unknown."""

    what: str
    share: float | None = None

    def __post_init__(self) -> None:
        _whole(self, "what")


class CurveInfo(msgspec.Struct, frozen=True):
    """An objective or a metric of a run: its node path, a title for people, and the unit of its values.

    `unit` is "share" for values in [0, 1], else "".
    """

    path: str
    title: str
    unit: str = ""


class Started(Event, frozen=True, tag="started"):
    """The plan is compiled and the first step is about to run. `epochs` or `steps` bound the run.

    `objectives` and `metrics` are all that the run will report, those inside definitions included; empty in
    runs recorded before these fields existed.
    """

    device: str
    parameters: int
    steps_per_epoch: int
    epochs: int
    total_steps: int
    seed: int
    objectives: tuple[CurveInfo, ...] = ()
    metrics: tuple[CurveInfo, ...] = ()


class Progress(Event, frozen=True, tag="progress"):
    """A batch of finished training steps: `steps` and, per objective node path, its losses at those steps.

    A loss is NaN where the objective did not act at that step. `metrics` are measured on the newest training
    batch. `terms` are what the loss of an objective is made of, by "objective path/loss node path", at the
    same steps; empty where a loss has one term. `rates` are (step, objective path, learning rate), noted at
    fixed steps. `measured` are the `metrics` of several reports that were joined, each with its step.
    """

    step: int
    epoch: int
    steps: list[int]
    losses: dict[str, list[float]]
    samples_per_second: float
    seconds_left: float
    learning_rates: dict[str, float]
    metrics: dict[str, float] = {}
    terms: dict[str, list[float]] = {}
    rates: list[tuple[int, str, float]] = []
    measured: list[tuple[int, dict[str, float]]] = []


class Validated(Event, frozen=True, tag="validated"):
    """Validation at the end of an epoch: losses per objective path, metrics per metric node path."""

    step: int
    epoch: int
    losses: dict[str, float]
    metrics: dict[str, float]


FRESH = -1
"""The step of frames of weights that nobody trained."""


class LensFrame(Event, frozen=True, tag="lens"):
    """What a lens saw: small CPU arrays by name (see the lens' own module).

    `step` is that of the weights, or `FRESH`. `partly`: of these weights some that count here are fresh.
    `changes`: values of parameters with which a sampler drew other than in the drawing of the run.
    """

    step: int
    lens: str
    target: str
    arrays: dict[str, Any]
    options: Options = ()
    pin: int = 0
    partly: bool = False
    changes: dict[str, Any] = {}

    @property
    def key(self) -> LensKey:
        """That of the request that this answers."""
        return lens_key(self.lens, self.target, self.options, self.pin)


class Warned(Event, frozen=True, tag="warning"):
    """Something a person should know; the run goes on."""

    step: int
    message: str

    def __post_init__(self) -> None:
        _whole(self, "message")


class LearningRateSet(Event, frozen=True, tag="learning_rate_set"):
    """A command has changed the learning rate of an objective (a node path), after `step` steps."""

    step: int
    objective: str
    value: float

    @property
    def message(self) -> str:
        return f"Learning rate of {self.objective} set to {self.value:g}."


class Paused(Event, frozen=True, tag="paused"):
    """The run waits between two steps."""

    step: int


class Resumed(Event, frozen=True, tag="resumed"):
    """The run goes on."""

    step: int


FinishReason = Literal["completed", "early_stopped", "stopped", "diverged", "failed"]
"""Why a run ended. "early_stopped": by the rule of its settings; "stopped": by a person."""
Status = Literal["completed", "stopped", "failed"]
STATUSES: dict[FinishReason, Status] = {
    "completed": "completed",
    "early_stopped": "completed",
    "stopped": "stopped",
    "diverged": "failed",
    "failed": "failed",
}


class Finished(Event, frozen=True, tag="finished"):
    """The end of a run, and why. `message` explains the reason in one sentence; it is for people only.

    `nonfinite_epochs` counts the epochs whose validation gave values that are not finite.
    """

    reason: FinishReason
    step: int
    epoch: int
    seconds: float
    metrics: dict[str, float]
    message: str = ""
    nonfinite_epochs: int = 0

    @property
    def status(self) -> Status:
        """The reason as lists of runs show it."""
        return STATUSES[self.reason]

    def __post_init__(self) -> None:
        _whole(self, "message")
