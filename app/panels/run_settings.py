"""The settings of a run as a form: how long, how much at once, where, and what is kept.

They are a part of the project and are saved and undone with it.
"""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtWidgets import QWidget

from app.forms.declared import suggestions
from app.forms.field import AnyParam
from app.forms.form import ParamForm
from app.panels.section import Heading, Section
from app.session import Session
from engine.document import edits
from engine.document.project import Settings
from nodes.param import Bool, Choice, Int, Param, Text


class _Declared:
    """The fields of `Settings` as parameters, so that the same form edits them."""

    epochs = Int(10, min=1, max=1_000_000, help="Passes over the training samples.")
    batch_size = Int(64, min=1, max=1 << 20, unit="samples", help="Samples that make one training step.")
    seed = Int(0, min=0, help="Start of all random numbers: the same seed gives the same run.")
    device = Text(
        "auto", suggestions="devices", help="auto takes CUDA, then MPS, then the processor; or cpu, cuda:1, …"
    )
    early_stopping = Int(
        0,
        min=0,
        max=1_000_000,
        unit="epochs",
        zero="off",
        help="End after this many epochs without a better validation loss; 0: never.",
    )
    run_in = Choice(
        "thread",
        choices=("thread", "process"),
        titles={"thread": "a thread", "process": "its own process"},
        label="Run in",
        help="A process of its own leaves the window free of the run, and alive should it die.",
        advanced=True,
    )
    checkpoint_epochs = Int(
        0,
        min=0,
        max=1_000_000,
        unit="epochs",
        zero="off",
        label="Keep every",
        help="Keep a checkpoint of its own every so many epochs, beside the last and the best; 0: none.",
        advanced=True,
    )
    checkpoint_steps = Int(
        0,
        min=0,
        max=1_000_000_000,
        unit="steps",
        zero="off",
        label="Keep every",
        help="Keep a checkpoint of its own every so many steps; 0: none.",
        advanced=True,
    )
    tensorboard = Bool(
        False,
        label="TensorBoard",
        help="Write event files for TensorBoard beside the run's own; needs the package tensorboardX.",
        advanced=True,
    )


_PARAMS: dict[str, AnyParam] = {
    name: value for name, value in vars(_Declared).items() if isinstance(value, Param)
}


class RunSettings(Section):
    """The form over the project's settings."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__()
        self._session = session
        self.setParent(parent)
        self.form = ParamForm(_PARAMS, lambda kind: suggestions(session.project, kind))
        self._defaults = _values(Settings())
        self.add(Heading("Run"))
        self.add(self.form)
        self.form.edited.connect(self._edited)
        self.form.reset.connect(lambda name: self._edited(name, self._defaults[name], ""))
        session.project_changed.connect(self.show_settings)
        self.show_settings()

    def show_settings(self) -> None:
        self.form.show_values(_values(self._session.project.settings), self._defaults)

    def _edited(self, name: str, value: Any, gesture: str) -> None:
        label = f"Set {_PARAMS[name].in_sentence}"
        merge = f"settings.{name}.{gesture}" if gesture else None
        self._session.apply(edits.set_settings(self._session.project, **{name: value}), label, merge)


def _values(settings: Settings) -> dict[str, Any]:
    held: dict[str, Any] = msgspec.structs.asdict(settings)
    return {name: held[name] for name in _PARAMS}
