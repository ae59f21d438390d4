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
from engine.document.expression import ExpressionError, names_in
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
    wide = False
    """Whether it stands below its label, over the whole width."""

    def __init__(self, param: AnyParam, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.param = param
        self.value: Any = param.to_json(param.default)
        self.names: frozenset[str] | None = None
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

    def restore(self) -> None:
        """Escape: show the value again, and refuse nothing."""
        self.refuse("")
        self.present(self.value)

    def renew(self) -> None:
        """Another node: forget what is not in the value itself."""

    def recall(self) -> None:
        """The drawing around has changed: look again at what is offered."""

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
            if self._is_expression(value):
                self._check_expression(value)
            else:
                value = self.param.to_json(self.param.check(value))
        except (ParamError, ExpressionError) as error:
            self.refuse(f"Expected {error.expected}. Received {_received(error, value)}.")
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

    @property
    def allows_expressions(self) -> bool:
        """Whether "=…" is a value here; `names` are what it may read."""
        return self.names is not None

    def _check_expression(self, text: str) -> None:
        """Raises `ExpressionError` where it cannot be read, or reads what is not there."""
        known = self.names or frozenset()
        unknown = sorted(names_in(text) - known)
        if unknown:
            raise ExpressionError(f"names among {', '.join(sorted(known))}", unknown[0])

    def _is_expression(self, value: Any) -> bool:
        return self.allows_expressions and isinstance(value, str) and value.startswith("=")


def _received(error: ParamError | ExpressionError, value: Any) -> str:
    return error.received if isinstance(error, ExpressionError) else _plain(value)


def _plain(value: Any) -> str:
    text = str(value) if not isinstance(value, list | tuple) else ", ".join(str(part) for part in value)
    text = text if text else "nothing"
    return text if len(text) <= 40 else text[:39] + "…"
