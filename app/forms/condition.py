"""The row that says when a node of a definition is there: an expression, such as `i == 0`.

Nothing written: always. It is no parameter of a layer, and stands below them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtWidgets import QWidget

from app.forms.box import LineEntry
from app.forms.field import MIXED, AnyParam, Field
from engine.document.held_expressions import CONDITION
from engine.document.project import Node
from nodes.param import Text


class Condition(Text):
    """An expression that is true where the node is there; empty: always."""

    def expected(self) -> str:
        return "a condition over the parameters of the block, as in i == 0"


def condition_param() -> Condition:
    """The parameter of the row, as a form needs it."""
    made = Condition("", label="Only if", help="Where this is false, values pass by the node unchanged.")
    made.__set_name__(Node, CONDITION)
    return made


def condition_of(nodes: Iterable[Node]) -> Any:
    """The common condition of these nodes; `MIXED` where they differ."""
    found = {node.when for node in nodes}
    return found.pop() if len(found) == 1 else MIXED


class ConditionField(Field):
    """One line; the = before it need not be written."""

    is_bare = True

    def __init__(self, param: AnyParam, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.entry = LineEntry(self.box)
        self.box.row.addWidget(self.entry)
        self.setFocusProxy(self.entry)
        self.entry.committed.connect(self._typed)
        self.entry.textEdited.connect(lambda _: self.refuse(""))
        self.entry.reverted.connect(self.restore)

    def present(self, value: Any) -> None:
        self.entry.setPlaceholderText("mixed" if value is MIXED else "always")
        self.entry.show_text("" if value is MIXED else str(value))

    def _typed(self, text: str) -> None:
        bare = text.strip().removeprefix("=").strip()
        self.offer(f"={bare}" if bare else "")
