"""The base of every field: shows a parameter's value, takes what a person does, and says what it refuses.

A field speaks in values as the file stores them. It checks them with the parameter's own declaration and
emits those that pass; it knows nothing of projects or nodes.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.forms.box import Box
from nodes.param import Param, ParamError

AnyParam = Param[Any]
_gestures = count(1)


class Mixed:
    """Stands for the value of several nodes that differ."""


MIXED = Mixed()


class Field(QWidget):
    """One value. `edited` carries it as JSON and a gesture key: edits with one key are one gesture."""

    edited = Signal(object, str)
    refused = Signal(str)  # a sentence; empty: all is well again

    def __init__(self, param: AnyParam, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.param = param
        self.value: Any = param.to_json(param.default)
        self.allows_expressions = False
        self._gesture = ""
        self.box = self.make_box()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.box)
        self.setToolTip(f"{param.help}\n{param.expected()[:1].upper()}{param.expected()[1:]}.")

    def make_box(self) -> Box:
        return Box(self)

    def show_value(self, value: Any) -> None:
        """Show a value of the file: JSON, an expression, or `MIXED`."""
        self.value = value
        self.refuse("")
        self.present(value)

    def present(self, value: Any) -> None:
        """Put the value on screen; kinds of field implement it."""
        raise NotImplementedError

    def begin_gesture(self) -> None:
        """What follows until `end_gesture` is one undoable step."""
        self._gesture = str(next(_gestures))

    def end_gesture(self) -> None:
        self._gesture = ""

    def offer(self, value: Any, *, gesture: bool = False) -> bool:
        """Check a value and, where it may be, make it the field's. Returns whether it was taken."""
        try:
            if not self._is_expression(value):
                value = self.param.to_json(self.param.check(value))
        except ParamError as error:
            self.refuse(f"Expected {error.expected}. Received {_plain(value)}.")
            return False
        self.refuse("")
        if value != self.value or type(value) is not type(self.value):
            self.value = value
            self.edited.emit(value, self._gesture if gesture else "")
        self.present(value)
        return True

    def refuse(self, message: str) -> None:
        """Mark the field and say why; an empty message takes it back."""
        self.box.set_invalid(bool(message))
        self.refused.emit(message)

    def _is_expression(self, value: Any) -> bool:
        return self.allows_expressions and isinstance(value, str) and value.startswith("=")


def _plain(value: Any) -> str:
    text = str(value) if not isinstance(value, list | tuple) else ", ".join(str(part) for part in value)
    text = text if text else "nothing"
    return text if len(text) <= 40 else text[:39] + "…"
