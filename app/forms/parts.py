"""Fields that speak of other parts of the drawing: a number per wire, the parts that are meant, their rates.

What there is comes from a function that is given to them; they know no project. Their values are plain texts
and lists of numbers, as the file has them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.forms.box import Box, LineEntry
from app.forms.completing import Completing
from app.forms.field import MIXED, AnyParam, Field
from app.forms.number import NumberField
from app.forms.steps import written
from app.forms.text import Suggest, TextField
from app.style import theme
from app.widgets.buttons import Chip, IconButton, LinkButton
from app.widgets.flow import ChipFlow
from app.widgets.text import ElidedLabel, caption
from nodes.param import Float, Floats, Paths, Text, paths_in

_NUMBER_WIDTH = 84
ALL = "all upstream"
PATHS = "paths"
"""What a list of suggestions is asked for: the parts, and the layers with weights inside them."""


class WideField(Field):
    """A field of several lines below its label. `labels` are what it offers, asked for at each showing."""

    wide = True

    def __init__(self, param: AnyParam, suggest: Suggest, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self._suggest, self._kind = suggest, kind
        self.labels: list[str] = []
        self.lines = QVBoxLayout()
        self.lines.setContentsMargins(0, 0, 0, 0)
        self.lines.setSpacing(4)
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        column.addLayout(self.lines)
        self.box.hide()

    def present(self, value: Any) -> None:
        self.labels = self._suggest(self._kind)
        self.build(value)

    def recall(self) -> None:
        """What the drawing offers may be different now."""
        if self._suggest(self._kind) != self.labels:
            self.present(self.value)

    def build(self, value: Any) -> None:
        """Make the lines for a value."""
        raise NotImplementedError


def _drop(widget: QWidget) -> None:
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()


class PerWireField(WideField):
    """A `Floats` with a number for each wire into a port, named by what the wire comes from."""

    def __init__(self, param: AnyParam, suggest: Suggest, parent: QWidget | None = None) -> None:
        assert isinstance(param, Floats)
        super().__init__(param, suggest, f"wires:{param.per}", parent)
        self._missing = param.missing
        self._one = Float(param.missing, help=param.help)
        self._one.__set_name__(Float, "factor")
        self.fields: list[NumberField] = []
        self.titles: list[ElidedLabel] = []
        self._rows: list[QWidget] = []
        self.nothing = caption("Wire a loss to it first.")
        self.lines.addWidget(self.nothing)

    def build(self, value: Any) -> None:
        if len(self._rows) != len(self.labels):
            for row in self._rows:
                _drop(row)
            self._rows, self.fields, self.titles = [], [], []
            for place in range(len(self.labels)):
                self._add_row(place)
        self.nothing.setVisible(not self.labels)
        for place, (field, title, label) in enumerate(
            zip(self.fields, self.titles, self.labels, strict=True)
        ):
            title.setText(label)
            field.setAccessibleName(f"Factor of {label}")
            field.show_value(MIXED if value is MIXED else self._at(value, place))

    def _at(self, value: Any, place: int) -> float:
        held = value if isinstance(value, list | tuple) else []
        return float(held[place]) if place < len(held) else self._missing

    def _add_row(self, place: int) -> None:
        row = QWidget(self)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        title, field = ElidedLabel("", role="body"), NumberField(self._one)
        field.setFixedWidth(_NUMBER_WIDTH)
        field.edited.connect(partial(self._edited, place))
        line.addWidget(title, 1)
        line.addWidget(field)
        self.lines.addWidget(row)
        row.show()
        self._rows.append(row)
        self.fields.append(field)
        self.titles.append(title)

    def _edited(self, place: int, value: float, gesture: str) -> None:
        numbers = [self._at(self.value, at) for at in range(len(self.labels))]
        numbers[place] = value
        plain = [] if all(number == self._missing for number in numbers) else numbers
        self._gesture = gesture
        self.offer(plain, gesture=bool(gesture))
        self._gesture = ""


class PartChip(Chip):
    """One part: filled where it is meant."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, "", parent)
        self.setCheckable(True)
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        now = theme.current()
        fill = theme.colour(now.accent, 0.16)
        ground = f"rgba({fill.red()}, {fill.green()}, {fill.blue()}, {fill.alpha()})"
        self.setStyleSheet(
            f"QPushButton:checked {{ background: {ground}; color: {now.accent};"
            f" border-color: {now.accent}; }}"
        )


class PartsField(WideField):
    """A list of paths as chips: those that there are, and those that were typed."""

    def __init__(self, param: AnyParam, suggest: Suggest, parent: QWidget | None = None) -> None:
        assert isinstance(param, Paths)
        super().__init__(param, suggest, param.suggestions, parent)
        self.all = param.empty or ALL
        self.chips: dict[str, PartChip] = {}
        self._home = QWidget(self)
        self._flow = ChipFlow(self._home)
        self.lines.addWidget(self._home)
        self.entry_box = Box(self)
        self.entry = LineEntry(self.entry_box)
        self.entry.setPlaceholderText("another path, such as encoder.conv1")
        self.entry.setAccessibleName("Another path")
        self.entry_box.row.addWidget(self.entry)
        self.lines.addWidget(self.entry_box)
        self.entry.committed.connect(self._typed)
        self.entry.reverted.connect(self.restore)
        self._list = Completing(self.entry, lambda: suggest(PATHS), self._typed)

    def build(self, value: Any) -> None:
        meant = [] if value is MIXED else paths_in(str(value))
        names = [self.all, *self.labels, *(path for path in meant if path not in self.labels)]
        if names != list(self.chips):
            for chip in self.chips.values():
                self._flow.removeWidget(chip)
                _drop(chip)
            self.chips = {name: self._make_chip(name) for name in names}
            self._home.updateGeometry()
        for name, chip in self.chips.items():
            chip.setChecked(value is not MIXED and (name in meant if name != self.all else not meant))

    def _make_chip(self, name: str) -> PartChip:
        chip = PartChip(name, self._home)
        if self.all == ALL:
            chip.setToolTip("Every weight that the loss depends on" if name == ALL else f"Update {name}")
        chip.clicked.connect(lambda on: self._toggle(name, on))
        self._flow.addWidget(chip)
        chip.show()
        return chip

    def _toggle(self, name: str, on: bool) -> None:
        meant = [] if self.value is MIXED or name == self.all else paths_in(str(self.value))
        if name != self.all:
            meant = [*meant, name] if on else [path for path in meant if path != name]
        self.offer(", ".join(meant))

    def _typed(self, text: str) -> None:
        meant = [] if self.value is MIXED else paths_in(str(self.value))
        self.entry.show_text("")
        self.offer(", ".join(dict.fromkeys((*meant, *paths_in(text)))))


class RatesField(WideField):
    """Lines of a part and the factor of its learning rate, and one more to be had."""

    def __init__(self, param: AnyParam, suggest: Suggest, parent: QWidget | None = None) -> None:
        assert isinstance(param, Paths)
        super().__init__(param, suggest, param.suggestions, parent)
        self._path = Text("", suggestions=PATHS, help="The part.")
        self._factor = Float(
            1.0, min=0.0, max=1e6, log=True, help="Its rate is the learning rate times this."
        )
        self._path.__set_name__(Text, "part")
        self._factor.__set_name__(Float, "factor")
        self.rows: list[tuple[TextField, NumberField, QWidget]] = []
        self._drafts = 0
        self.more = LinkButton("Add a part")
        self.more.clicked.connect(self._add_draft)
        self.lines.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    def renew(self) -> None:
        self._drafts = 0

    def build(self, value: Any) -> None:
        held = [] if value is MIXED else split_rates(str(value))
        self._drafts = max(0, self._drafts)
        count = len(held) + self._drafts
        while len(self.rows) > count:
            _drop(self.rows.pop()[2])
        while len(self.rows) < count:
            self._add_row(len(self.rows))
        for place, (path, factor, _) in enumerate(self.rows):
            name, number = held[place] if place < len(held) else ("", 1.0)
            if place < len(held) or not path.entry.isModified():
                path.show_value(name)
                factor.show_value(number)

    def _add_row(self, place: int) -> None:
        row = QWidget(self)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        path, factor = TextField(self._path, self._suggest), NumberField(self._factor)
        path.placeholder = "part"
        factor.setFixedWidth(_NUMBER_WIDTH)
        gone = IconButton("close", "Take this rate away")
        gone.clicked.connect(partial(self._remove, place))
        path.edited.connect(partial(self._edited, place, self._with_path))
        factor.edited.connect(partial(self._edited, place, self._with_factor))
        line.addWidget(path, 1)
        line.addWidget(factor)
        line.addWidget(gone)
        self.lines.insertWidget(self.lines.count() - 1, row)
        row.show()
        self.rows.append((path, factor, row))

    def _add_draft(self) -> None:
        self._drafts += 1
        self.build(self.value)
        self.rows[-1][0].entry.setFocus()

    @staticmethod
    def _with_path(_path: str, factor: float, value: Any) -> tuple[str, float]:
        return str(value).strip(), factor

    @staticmethod
    def _with_factor(path: str, _factor: float, value: Any) -> tuple[str, float]:
        return path, float(value)

    def _edited(
        self, place: int, put: Callable[[str, float, Any], tuple[str, float]], value: Any, gesture: str
    ) -> None:
        path, factor, _ = self.rows[place]
        entry = put(str(path.value or ""), float(factor.value or 0.0), value)
        held = [] if self.value is MIXED else split_rates(str(self.value))
        if place < len(held):
            held[place] = entry
        elif entry[0]:
            held.append(entry)
            self._drafts -= 1
        else:
            return
        self._gesture = gesture
        self.offer(joined_rates(held), gesture=bool(gesture))
        self._gesture = ""

    def _remove(self, place: int) -> None:
        held = [] if self.value is MIXED else split_rates(str(self.value))
        if place < len(held):
            del held[place]
            self.offer(joined_rates(held))
        else:
            self._drafts -= 1
            self.build(self.value)


def split_rates(text: str) -> list[tuple[str, float]]:
    """`a: 0.5, b: 2` as pairs; what is no number counts as 1."""
    found = []
    for piece in text.split(","):
        path, _, factor = piece.partition(":")
        if path.strip():
            try:
                number = float(factor)
            except ValueError:
                number = 1.0
            found.append((path.strip(), number))
    return found


def joined_rates(rates: list[tuple[str, float]]) -> str:
    return ", ".join(f"{path}: {written(factor)}" for path, factor in rates if path)
