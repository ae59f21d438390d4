"""The settings of a run as a form: how long, how much at once, where, and what is kept.

They are a part of the project and are saved and undone with it.
"""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtWidgets import QWidget

from app.forms.declared import suggestions
from app.forms.form import ParamForm
from app.state.session import Session
from app.widgets.section import Heading, Section
from engine.document import edits
from engine.document.project import Settings
from engine.document.settings import SETTINGS


class RunSettings(Section):
    """The form over the project's settings."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__()
        self._session = session
        self.setParent(parent)
        self.form = ParamForm(SETTINGS, lambda kind: suggestions(session.project, kind))
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
        label = f"Set {SETTINGS[name].in_sentence}"
        merge = f"settings.{name}.{gesture}" if gesture else None
        self._session.apply(edits.set_settings(self._session.project, **{name: value}), label, merge)


def _values(settings: Settings) -> dict[str, Any]:
    return msgspec.structs.asdict(settings)
