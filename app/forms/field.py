"""The base of every field: shows a parameter's value, takes what a person does, and says what it refuses.

A field speaks in values as the file stores them. It checks them with the parameter's own declaration and
emits those that pass; it knows nothing of projects or nodes.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.forms.box import Box, LineEntry
from app.forms.completing import CompletingNames
from app.forms.expression_entry import ExpressionEntry
from engine.document.expression import ExpressionError, names_in
from engine.document.held_expressions import expressions_in, replaced
from nodes.param import Param, ParamError

AnyParam = Param[Any]
ONLY_INSIDE = "Expressions that start with = may stand inside blocks only, where there are names to read."
_gestures = count(1)


class Mixed:
    """Stands for the value of several nodes that differ."""


MIXED = Mixed()


class Field(QWidget):
    """One value. `edited` carries it as JSON and a gesture key: edits with one key are one gesture."""

    edited = Signal(object, str)
    refused = Signal(str)  # a sentence; empty: all is well again
    is_bare = False
    """Whether what is written is an expression though no = stands before it."""
    explains = True
    """Whether the tooltip says what may be written here."""
    completes_names = True
    """Whether its entries offer those names while "=…" is written."""
    wide = False
    """Whether it stands below its label, over the whole width."""

    def __init__(self, param: AnyParam, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.param = param
        self.value: Any = param.to_json(param.default)
        self.names: frozenset[str] | None = None
        self._entries: list[LineEntry] | None = None
        self._gesture = ""
        self.box = self.make_box()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.box)
        self.setToolTip(self._tip())

    def make_box(self) -> Box:
        return Box(self)

    def allow_names(self, names: frozenset[str] | None) -> None:
        """Inside a definition a value may be an expression over these names; None: nowhere."""
        self.names = names
        if names is not None and self._entries is None:
            self._entries = self.findChildren(LineEntry)
            for entry in self._entries if self.completes_names else ():
                CompletingNames(entry, lambda: self.names or (), bare=self.is_bare)
        if self.explains:
            self.setToolTip(self._tip())

    def _tip(self) -> str:
        param = self.param
        words = f"{param.help}\n{param.expected()[:1].upper()}{param.expected()[1:]}."
        if self.names is None:
            return words
        known = ", ".join(sorted(self.names))
        return f"{words}\nOr an expression: = and then arithmetic over {known}, as in =2 * i + 1."

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

    def write_expression(self) -> bool:
        """Have an expression written here; False where none may stand."""
        if not self.allows_expressions:
            return False
        held = expressions_in(self.value)
        text = held[0] if held and isinstance(self.value, str) else "="
        if self._entries:
            entry = self._entries[0]
            entry.setFocus()
            entry.setText(text)
            entry.setModified(True)
            entry.textEdited.emit(text)
            return True
        over = ExpressionEntry(self.box, text, lambda: self.names or ())
        over.written.connect(self._written)
        return True

    def _written(self, text: str) -> None:
        """What was written over a switch or a choice; nothing there means the default again."""
        self.offer(text if text.strip("= ") else self.param.to_json(self.param.default))

    @property
    def is_expression(self) -> bool:
        """Whether the value is an expression."""
        return isinstance(self.value, str) and bool(expressions_in(self.value))

    def begin_gesture(self) -> None:
        """What follows until `end_gesture` is one undoable step."""
        self._gesture = str(next(_gestures))

    def end_gesture(self) -> None:
        self._gesture = ""

    def offer(self, value: Any, *, gesture: bool = False) -> bool:
        """Check a value and, where it may be, make it the field's. Returns whether it was taken."""
        try:
            if self.allows_expressions and expressions_in(value):
                self._check_expressions(value)
            else:
                value = self.param.to_json(self.param.check(value))
        except (ParamError, ExpressionError) as error:
            words = f"Expected {error.expected}. Received {_received(error, value)}."
            misplaced = expressions_in(value) and not self.allows_expressions
            self.refuse(f"{words} {ONLY_INSIDE}" if misplaced else words)
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

    def _check_expressions(self, value: Any) -> None:
        """Raises `ExpressionError` where one cannot be read, or reads what is not there."""
        known = self.names or frozenset()
        for text in expressions_in(value):
            unknown = sorted(names_in(text) - known)
            if unknown:
                raise ExpressionError(f"names among {', '.join(sorted(known))}", unknown[0])
        if not isinstance(value, str):
            self.param.check(replaced(value, lambda _: getattr(self.param, "min", 0)))


def _received(error: ParamError | ExpressionError, value: Any) -> str:
    return error.received if isinstance(error, ExpressionError) else _plain(value)


def _plain(value: Any) -> str:
    text = str(value) if not isinstance(value, list | tuple) else ", ".join(str(part) for part in value)
    text = text if text else "nothing"
    return text if len(text) <= 40 else text[:39] + "…"
