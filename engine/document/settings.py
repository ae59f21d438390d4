"""The settings of a project, declared with the same kinds of parameter as those of layers.

Forms and checks are derived from it.
"""

from __future__ import annotations

from typing import Any

from engine.document.project import Settings
from nodes.param import Bool, Choice, Int, Param, ParamError, Paths, Text
from nodes.shown_text import quoted

LONGEST_PATH = 4096
BEST_BY = "best_by"
"""Suggestions of a text that is the path of an objective or a metric."""


_NEW = Settings()
"""Those of a new project, from which every default comes."""


class SettingsForm:
    """One declaration per field of `Settings`, for checks and for forms."""

    epochs = Int(_NEW.epochs, min=1, max=1_000_000, help="Passes over the training samples.")
    batch_size = Int(_NEW.batch_size, min=1, max=1_048_576, unit="samples", help="Samples per training step.")
    seed = Int(_NEW.seed, help="Seed of all random numbers: the same seed gives the same run.")
    device = Text(
        _NEW.device, suggestions="devices", help="auto: CUDA, else MPS, else the CPU; or cpu, cuda:1, …"
    )
    precision = Choice(
        _NEW.precision,
        choices=("float32", "bfloat16", "tf32"),
        titles={"tf32": "TF32"},
        help="bfloat16 computes with mixed precision; TF32 rounds the inputs of matrix products, on CUDA "
        "only. Both are often faster; weights stay in float32.",
        advanced=True,
    )
    deterministic = Bool(
        _NEW.deterministic,
        help="Take operations that give the same bits every time. Off: faster ones on CUDA; then a run does "
        "not repeat, and one that goes on differs from one that was not stopped.",
        advanced=True,
    )
    cuda_graphs = Choice(
        _NEW.cuda_graphs,
        choices=("auto", "off"),
        label="CUDA graphs",
        help="auto: training steps are captured and replayed on CUDA, which is faster for small networks and "
        "takes more memory.",
        advanced=True,
    )
    early_stopping = Int(
        _NEW.early_stopping,
        min=0,
        max=1_000_000,
        unit="epochs",
        zero="off",
        help="Stop after this many epochs without a better validation loss (or Best by); 0: never.",
    )
    best_by = Paths(
        _NEW.best_by,
        form="one",
        suggestions=BEST_BY,
        empty="automatic",
        label="Best by",
        help="The objective or metric that chooses the best weights and controls early stopping. Empty: the "
        "validation loss; with several objectives none.",
    )
    run_in = Choice(
        _NEW.run_in,
        choices=("thread", "process"),
        titles={"thread": "a thread", "process": "a process"},
        label="Run in",
        help="A separate process keeps the window responsive, and a crash of the run does not end it.",
        advanced=True,
    )
    checkpoint_epochs = Int(
        _NEW.checkpoint_epochs,
        min=0,
        max=1_000_000,
        unit="epochs",
        zero="off",
        label="Keep by epochs",
        help="Keep an additional checkpoint every so many epochs; 0: none.",
        advanced=True,
    )
    checkpoint_steps = Int(
        _NEW.checkpoint_steps,
        min=0,
        max=1_000_000_000,
        unit="steps",
        zero="off",
        label="Keep by steps",
        help="Keep an additional checkpoint every so many steps; 0: none.",
        advanced=True,
    )
    tensorboard = Bool(
        _NEW.tensorboard,
        label="TensorBoard",
        help="Write event files for TensorBoard too; needs the package tensorboardX.",
        advanced=True,
    )


SETTINGS: dict[str, Param[Any]] = {
    name: value for name, value in vars(SettingsForm).items() if isinstance(value, Param)
}


OUTGROWN = {"precision": ("float16",)}
"""Former values that old files may hold: such a file opens, and the project has a problem."""


def check_setting(name: str, value: object) -> Any:
    """The value in normal form. Raises `ParamError`."""
    if name not in SETTINGS:
        raise ParamError(name, f"a setting ({', '.join(SETTINGS)})", quoted(name))
    if name == "device" and not (isinstance(value, str) and 0 < len(value) <= 32 and value.isprintable()):
        raise ParamError(name, "the name of a device such as auto, cpu or cuda:0", quoted(value))
    if name == "best_by" and not (
        isinstance(value, str) and len(value) <= LONGEST_PATH and value.isprintable()
    ):
        raise ParamError(name, "the path of an objective or a metric, or nothing", quoted(value))
    try:
        return SETTINGS[name].check(value)
    except ParamError as error:
        raise ParamError(name, error.expected, quoted(value)) from error


def stored_setting_problems(settings: Settings) -> list[tuple[str, str, str]]:
    """Name, expected and received, for every setting that is not valid in a file."""
    found = setting_problems(settings)
    return [fault for fault in found if getattr(settings, fault[0]) not in OUTGROWN.get(fault[0], ())]


def setting_problems(settings: Settings) -> list[tuple[str, str, str]]:
    """The same for every setting with which no run can start."""
    found = []
    for name in SETTINGS:
        try:
            check_setting(name, getattr(settings, name))
        except ParamError as error:
            found.append((name, error.expected, error.received))
    return found
