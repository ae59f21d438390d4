"""The form of one check of a lesson, made from its declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from app.forms.form import ParamForm
from app.widgets.buttons import IconButton
from app.widgets.text import Label, body
from engine.lessons.registry import checks
from nodes.shown_text import quoted


class CheckEditor(QFrame):
    """The title of a check, its parameters, and a button that removes it."""

    edited = Signal(str, object, str)  # name, value (JSON), gesture
    reset = Signal(str)
    removed = Signal()

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.setProperty("role", "lesson-task")
        declared = checks().get(kind)
        title = Label(declared.title if declared is not None else quoted(kind))
        title.setProperty("role", "strong")
        away = IconButton("close", "Remove this check")
        away.clicked.connect(self.removed)
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(away)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 10)
        column.setSpacing(4)
        column.addLayout(head)
        self.form: ParamForm | None = None
        if declared is None:
            column.addWidget(body("No such check is installed. It stays in the file as it is."))
            return
        self._params = declared.params
        self.form = ParamForm(declared.params, lambda _param: [])
        self.form.edited.connect(self.edited)
        self.form.reset.connect(self.reset)
        column.addWidget(self.form)

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Show these values; a parameter that has none shows its default."""
        if self.form is None:
            return
        defaults = {name: param.to_json(param.default) for name, param in self._params.items()}
        known = {name: value for name, value in values.items() if name in defaults}
        self.form.show_values({**defaults, **known}, defaults)
