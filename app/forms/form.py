"""A form made from declarations: one row per parameter, advanced ones folded, irrelevant ones hidden.

It shows values and emits what was changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import chain, pairwise
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QDrag, QEnterEvent, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.forms.choice import BoolField, ChoiceField
from app.forms.condition import Condition, ConditionField
from app.forms.field import AnyParam, Field
from app.forms.number import NumberField, SizeField
from app.forms.parts import PartsField, PerWireField, RatesField
from app.forms.text import FloatsField, ShapeField, Suggest, TextField
from app.style import theme
from app.widgets.buttons import WordButton
from app.widgets.menus import Menu
from app.widgets.text import ElidedLabel, Label
from engine.document.held_expressions import CONDITION, expressions_in
from nodes.param import Bool, Choice, Float, Floats, Int, Paths, Shape, Size, Text

LABEL_WIDTH = 100
PARAMETER_MIME = "application/x-layerloom-parameter"
"""What a dragged row carries: the id of its node and, below it, the name of the parameter."""
_NAMING: dict[str, type[PartsField] | type[RatesField]] = {"list": PartsField, "rates": RatesField}


def field_for(param: AnyParam, suggest: Suggest) -> Field:
    """The field that edits this kind of parameter."""
    if isinstance(param, Floats) and param.per:
        return PerWireField(param, suggest)
    if isinstance(param, Paths) and param.form in _NAMING:
        return _NAMING[param.form](param, suggest)
    kinds: tuple[tuple[type[AnyParam] | tuple[type[AnyParam], ...], type[Field]], ...] = (
        ((Int, Float), NumberField),
        (Size, SizeField),
        (Bool, BoolField),
        (Choice, ChoiceField),
        (Shape, ShapeField),
        (Floats, FloatsField),
        (Condition, ConditionField),
    )
    for kind, made in kinds:
        if isinstance(param, kind):
            return made(param)
    assert isinstance(param, Text), f"no field for {type(param).__name__}"
    return TextField(param, suggest)


class Row(QWidget):
    """Label and field, and below them what it refuses. Reset shows where the value is not the default.

    Where a `source` is set, the label can be dragged to the border of the definition on show.
    """

    reset = Signal(str)
    promoted = Signal(str)

    def __init__(self, name: str, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.field = name, field
        self.label = ElidedLabel(field.param.label, role="label")
        self.label.setFixedWidth(LABEL_WIDTH)
        self.label.setToolTip(field.toolTip())
        self.message = Label("")
        self.message.setWordWrap(True)
        self.message.setProperty("role", "bad")
        self.message.hide()
        self.undo = QToolButton(self.label)
        self.undo.setText("↺")
        self.undo.setCursor(Qt.CursorShape.PointingHandCursor)
        self.undo.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.undo.hide()
        self.undo.clicked.connect(lambda: self.reset.emit(name))
        self.is_default = True
        self.source = ""
        self._pressed: QPointF | None = None
        self.label.installEventFilter(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.label, 0, 0)
        if field.wide:
            grid.addWidget(field, 1, 0, 1, 2)
            grid.setVerticalSpacing(4)
        else:
            grid.addWidget(field, 0, 1)
        grid.addWidget(self.message, 2, 0, 1, 2)
        grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        grid.setColumnStretch(1, 1)
        field.refused.connect(self._refused)
        theme.changed.connect(self._dress)
        self._dress()

    def show_value(self, value: Any, *, is_default: bool) -> None:
        self.is_default = is_default
        self.field.show_value(value)
        param = self.field.param
        default = param.to_json(param.default)
        self.undo.setToolTip(
            f"Reset to {param.title_of(str(default)) if isinstance(param, Choice) else default}"
        )
        if is_default:
            self.undo.hide()

    def _refused(self, message: str) -> None:
        self.message.setText(message)
        self.message.setVisible(bool(message))

    def _dress(self) -> None:
        tokens = theme.current()
        self.label.setStyleSheet(f"color: {tokens.muted}; font-size: 12px;")
        self.message.setStyleSheet(f"color: {tokens.bad}; font-size: 11px;")
        self.undo.setStyleSheet(
            f"QToolButton {{ background: {tokens.panel}; border: none; color: {tokens.muted}; }}"
            f"QToolButton:hover {{ color: {tokens.accent}; }}"
        )

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        if not self.is_default:
            self.undo.setGeometry(self.label.width() - 18, 0, 18, self.label.height())
            self.undo.show()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.undo.hide()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = Menu(self)
        action = menu.add(self.undo.toolTip() or "Reset to default")
        action.setEnabled(not self.is_default)
        action.triggered.connect(lambda: self.reset.emit(self.name))
        if self.field.allows_expressions:
            menu.add("Write an expression", self.field.write_expression)
        if self.can_promote:
            menu.add("Make it a parameter of the block", lambda: self.promoted.emit(self.name))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

    @property
    def can_promote(self) -> bool:
        """Whether the value can become a parameter of the definition on show."""
        return bool(self.source) and self.field.allows_expressions and not expressions_in(self.field.value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and self.can_promote:
            if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
                self._pressed = event.position()
                return True
            if event.type() == QEvent.Type.MouseMove and self._pressed is not None:
                if (event.position() - self._pressed).manhattanLength() >= QApplication.startDragDistance():
                    self._pressed = None
                    self._drag()
                return True
        return super().eventFilter(watched, event)

    def _drag(self) -> None:
        drag, carried = QDrag(self), QMimeData()
        carried.setData(PARAMETER_MIME, QByteArray(f"{self.source}\n{self.name}".encode()))
        drag.setMimeData(carried)
        drag.setPixmap(self.label.grab())
        drag.exec(Qt.DropAction.CopyAction)


class Fold(WordButton):
    """The line that opens and closes what most people never need."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._text = text
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.toggled.connect(self._dress)
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        tokens = theme.current()
        self.setText(f"{'▾' if self.isChecked() else '▸'}  {self._text}")
        self.setStyleSheet(
            "QPushButton { background: transparent; border: none; padding: 2px 0; font-size: 12px;"
            f" color: {tokens.muted}; }} QPushButton:hover, QPushButton:focus {{ color: {tokens.text}; }}"
        )


class ParamForm(QWidget):
    """Rows for these parameters. `edited` tells name, value (JSON) and gesture key; `reset` tells a name."""

    edited = Signal(str, object, str)
    reset = Signal(str)
    promoted = Signal(str)

    def __init__(
        self,
        params: Mapping[str, AnyParam],
        suggest: Suggest,
        parent: QWidget | None = None,
        *,
        fold: str = "Advanced",
    ) -> None:
        super().__init__(parent)
        self.params = dict(params)
        self.rows: dict[str, Row] = {}
        self._suggest = suggest
        self._names: frozenset[str] | None = None
        self._source = ""
        self._values: dict[str, Any] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.fold = Fold(fold, self)
        self._folded = QWidget(self)
        inner = QVBoxLayout(self._folded)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        self._columns = (column, inner)
        self._make_rows(name for name, param in self.params.items() if param.visible_if is None)
        line = QHBoxLayout()
        line.addWidget(self.fold)
        line.addStretch(1)
        column.addLayout(line)
        column.addWidget(self._folded)
        self._folded.hide()
        self.fold.toggled.connect(self._folded.setVisible)

    def _make_rows(self, names: Iterable[str]) -> None:
        """Rows for these parameters, each at its place. Those that depend on another value come when they
        matter: a data node has a hundred, of which a data set wants five.
        """
        for name in names:
            param = self.params[name]
            self.rows[name] = row = Row(name, field := field_for(param, self._suggest))
            self._values.pop(name, None)  # it has shown nothing yet
            field.edited.connect(partial(self.edited.emit, name))
            row.reset.connect(self.reset)
            row.promoted.connect(self.promoted)
            self._dress_row(name, row)
        self.rows = {name: self.rows[name] for name in self.params if name in self.rows}
        for advanced, column in enumerate(self._columns):
            held = [row for name, row in self.rows.items() if self.params[name].advanced == bool(advanced)]
            for place, row in enumerate(held):
                if column.indexOf(row) < 0:
                    column.insertWidget(place, row)

    def _order_tabs(self) -> None:
        """The Tab key goes from row to row, whenever these were made."""
        rows = {bool(kind): list[QWidget]() for kind in (0, 1)}
        for name, row in self.rows.items():
            rows[self.params[name].advanced].append(row)
        order: list[QWidget] = []
        for widget in chain(rows[False], [self.fold], rows[True]):
            inside = [widget, *widget.findChildren(QWidget)]
            order += [one for one in inside if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
        for first, second in pairwise(order):
            QWidget.setTabOrder(first, second)

    def _dress_row(self, name: str, row: Row) -> None:
        row.field.allow_names(self._names)
        row.label.setToolTip(row.field.toolTip())
        row.source = self._source if name != CONDITION and not isinstance(row.field.param, Paths) else ""

    def allow_expressions(self, names: frozenset[str] | None) -> None:
        """Inside a definition a value may be an expression, "=…", over these names; None: nowhere."""
        self._names = names
        for name, row in self.rows.items():
            self._dress_row(name, row)

    def show_source(self, node: str) -> None:
        """Rows can be dragged as those of this node; empty: they cannot."""
        self._source = node
        for name, row in self.rows.items():
            self._dress_row(name, row)

    def renew(self) -> None:
        """Forget what was shown: the values to come belong to something else."""
        self._values = {}
        for row in self.rows.values():
            row.field.renew()

    def recall(self) -> None:
        """The drawing around has changed: what fields offer may be different."""
        for row in self.rows.values():
            row.field.recall()

    def show_values(self, values: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        """Show a value (JSON, an expression or MIXED) per parameter."""
        wanted = [name for name in self.params if name not in self.rows and self._matters(name, values)]
        if wanted:
            self._make_rows(wanted)
            self._order_tabs()
        for name, row in self.rows.items():
            if (
                name not in self._values
                or not _same(self._values[name], values[name])
                or row.field.box.is_invalid
            ):
                row.show_value(values[name], is_default=_same(values[name], defaults[name]))
        self._values = dict(values)
        self._arrange()

    def _arrange(self) -> None:
        """Hide what does not matter for the other values; an open fold that has nothing left goes too."""
        any_advanced = False
        for name, row in self.rows.items():
            shown = self._matters(name, self._values)
            row.setVisible(shown)
            any_advanced = any_advanced or (shown and self.params[name].advanced)
        self.fold.setVisible(any_advanced)
        self._folded.setVisible(any_advanced and self.fold.isChecked())

    def _matters(self, name: str, values: Mapping[str, Any]) -> bool:
        condition = self.params[name].visible_if
        return condition is None or values.get(condition[0]) in condition[1]


def _same(first: Any, second: Any) -> bool:
    return type(first) is type(second) and bool(first == second)
