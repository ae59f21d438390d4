"""Fields for one number and for one number per spatial dimension."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from app.forms.box import Box, LineEntry
from app.forms.field import MIXED, AnyParam, Field
from app.forms.steps import range_hint, read_items, read_list, read_number, stepped, written
from app.style import theme
from nodes.param import Size


class NumberBox(Box):
    """A box that keeps its hint clear of the number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = LineEntry(self, steps=True)
        self.row.addWidget(self.entry)

    def used_width(self) -> int:
        text = self.entry.text() or self.entry.placeholderText()
        return self.entry.fontMetrics().horizontalAdvance(text)


class NumberField(Field):
    """An `Int` or a `Float`: typed, stepped by arrow keys or the wheel, scrubbed by dragging sideways."""

    def __init__(self, param: AnyParam, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.entry = self._box().entry
        self.setFocusProxy(self.entry)
        self._say_zero(False)
        self.entry.committed.connect(self._typed)
        self.entry.stepped.connect(self._stepped)
        self.entry.gesture_began.connect(self.begin_gesture)
        self.entry.gesture_ended.connect(self.end_gesture)
        self.entry.textEdited.connect(self._edited)
        self.entry.reverted.connect(self.restore)

    def make_box(self) -> Box:
        return NumberBox(self)

    def _edited(self, text: str) -> None:
        self.refuse("")
        self._say_zero(read_number(text) == 0)

    def _say_zero(self, zero: bool) -> None:
        """At the right what 0 means, where it is no amount; the unit or the range else."""
        param = self.param
        self.box.set_hint((zero and param.zero) or param.unit or range_hint(param))

    def _box(self) -> NumberBox:
        assert isinstance(self.box, NumberBox)
        return self.box

    def present(self, value: Any) -> None:
        self.entry.setPlaceholderText("mixed" if value is MIXED else "")
        self.entry.show_text("" if value is MIXED else written(value))
        self._say_zero(value == 0)

    def _typed(self, text: str) -> None:
        if text.strip().startswith("="):
            self.offer(text.strip())
            return
        number = read_number(text)
        self.offer(text if number is None else number)
        self.begin_gesture()

    def _stepped(self, steps: int, coarse: bool) -> None:
        start = self.value if isinstance(self.value, int | float) else self.param.default
        self.offer(stepped(self.param, float(start), steps, coarse=coarse), gesture=True)


class LinkedToggle(QToolButton):
    """The word between the sizes: whether they move together."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._instead = ""
        self.setCheckable(True)
        self.setChecked(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggled.connect(self._dress)
        theme.changed.connect(self._dress)
        self._dress()

    def say(self, word: str) -> None:
        """A word in place of "linked", such as what 0 means; empty: none."""
        self._instead = word
        self._dress()

    def _dress(self) -> None:
        tokens = theme.current()
        linked = self.isChecked()
        self.setText((self._instead or "linked") if linked else "free")
        self.setToolTip("Click to set each size by itself" if linked else "Click to make all sizes equal")
        self.setStyleSheet(
            "QToolButton { background: transparent; border: none; padding: 0 2px;"
            ' font-family: "JetBrains Mono"; font-size: 11px;'
            f" color: {tokens.faint if linked else tokens.muted}; }}"
            f"QToolButton:hover, QToolButton:focus {{ color: {tokens.accent}; }}"
        )


class SizeField(Field):
    """A `Size`: an entry per dimension, linked while they are equal. `5, 3` in one entry sets both."""

    def __init__(self, param: AnyParam, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        assert isinstance(param, Size)
        self.entries = [self._make_entry(axis) for axis in range(param.dims)]
        self.link = LinkedToggle(self.box)
        self.box.row.addWidget(self.entries[0], 1)
        if param.dims > 1:
            self.box.row.addWidget(self.link)
        else:
            self.link.hide()
            self.box.set_hint(param.unit)
        for entry in self.entries[1:]:
            entry.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.box.row.addWidget(entry, 1)
        self.link.clicked.connect(self._link_clicked)
        self.setFocusProxy(self.entries[0])

    def _make_entry(self, axis: int) -> LineEntry:
        entry = LineEntry(self.box, steps=True)
        entry.committed.connect(lambda text: self._typed(axis, text))
        entry.stepped.connect(lambda steps, coarse: self._stepped(axis, steps, coarse))
        entry.gesture_began.connect(self.begin_gesture)
        entry.gesture_ended.connect(self.end_gesture)
        entry.textEdited.connect(lambda _: self.refuse(""))
        entry.reverted.connect(self.restore)
        return entry

    def renew(self) -> None:
        self.link.setChecked(True)

    def sizes(self) -> list[int | str]:
        """The present sizes, one per dimension, of which some may be expressions; the default where they
        differ or are one expression.
        """
        assert isinstance(self.param, Size)
        value = self.value
        if isinstance(value, int | float):
            return [int(value)] * self.param.dims
        if isinstance(value, list | tuple) and len(value) == self.param.dims:
            return [part if isinstance(part, str) else int(part) for part in value]
        return list(self.param.default)

    def present(self, value: Any) -> None:
        if value is MIXED or isinstance(value, str):
            texts = ["" if value is MIXED else str(value)] + [""] * (len(self.entries) - 1)
        else:
            texts = [written(part) for part in self.sizes()]
            if len(set(self.sizes())) > 1:
                self.link.setChecked(False)
        self.entries[0].setPlaceholderText("mixed" if value is MIXED else "")
        self.link.setVisible(len(self.entries) > 1 and not isinstance(value, str))
        zero = value is not MIXED and not isinstance(value, str) and not any(self.sizes())
        self.link.say(self.param.zero if zero else "")
        if len(self.entries) == 1:
            self.box.set_hint((zero and self.param.zero) or self.param.unit)
        for entry, text in zip(self.entries, texts, strict=True):
            entry.show_text(text)

    def _typed(self, axis: int, text: str) -> None:
        if "=" in text:
            items = read_items(text)
            one = items[0] if items is not None and len(items) == 1 else None
            self.offer(self._with(axis, one) if one is not None else text if items is None else items)
            return
        numbers = read_list(text)
        if numbers is None or len(numbers) > 1:
            self.offer(text if numbers is None else numbers)
        else:
            self.offer(self._with(axis, numbers[0] if numbers else text))
        self.begin_gesture()

    def _stepped(self, axis: int, steps: int, coarse: bool) -> None:
        size = self.sizes()[axis]
        if isinstance(size, str):
            return
        moved = stepped(self.param, size, steps, coarse=coarse)
        self.offer(self._with(axis, moved), gesture=True)

    def _with(self, axis: int, size: Any) -> Any:
        if self.link.isChecked():
            return size
        sizes: list[Any] = list(self.sizes())
        sizes[axis] = size
        return sizes

    def _link_clicked(self, linked: bool) -> None:
        if linked and len(set(self.sizes())) > 1:
            self.offer(self.sizes()[0])
