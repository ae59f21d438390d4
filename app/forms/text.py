"""Fields for text, with suggestions and a file browser, and for lists of numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.forms.box import LineEntry
from app.forms.completing import Completing
from app.forms.field import MIXED, AnyParam, Field
from app.forms.steps import read_items, read_list
from app.widgets.buttons import IconButton
from app.widgets.menus import Menu
from nodes.param import Text
from nodes.shared.manual_weights import MATRIX

Suggest = Callable[[str], list[str]]


class TextField(Field):
    """A `Text`: completes what its suggestions know; `path` also gets a button that browses."""

    def __init__(self, param: AnyParam, suggest: Suggest, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.placeholder = param.empty if isinstance(param, Text) else ""
        self.kind = param.suggestions if isinstance(param, Text) and param.suggestions != MATRIX else ""
        self.entry = LineEntry(self.box)
        self.box.row.addWidget(self.entry)
        self.setFocusProxy(self.entry)
        self.entry.committed.connect(lambda text: self.offer(text.strip() if self.kind else text))
        self.entry.textEdited.connect(lambda _: self.refuse(""))
        self.entry.reverted.connect(self.restore)
        self.button: IconButton | None = None
        if self.kind == "path":
            self.button = self._add_button("folder-outline", "Browse for a file or a folder", self.browse)
        elif self.kind:
            self.button = self._add_button("chevron-down", "Show what there is", self.show_suggestions)
            self.completes_names = False  # it offers what there is
            self._list = Completing(self.entry, lambda: suggest(self.kind), self.offer)

    def _add_button(self, icon: str, tip: str, act: Callable[[], None]) -> IconButton:
        button = IconButton(icon, tip, self.box)
        button.setFixedSize(22, 22)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(act)
        self.box.row.setContentsMargins(8, 0, 4, 0)
        self.box.row.addWidget(button)
        return button

    def present(self, value: Any) -> None:
        self.entry.setPlaceholderText("mixed" if value is MIXED else self.placeholder)
        self.entry.show_text("" if value is MIXED else str(value))
        self.entry.setToolTip("" if value is MIXED else str(value))

    def show_suggestions(self) -> None:
        """Open the whole list under the field."""
        self.entry.setFocus()
        self._list.open()

    def browse(self) -> None:
        """Ask whether a file or a folder is meant, then let the user point at it."""
        menu = Menu(self)
        menu.add("Choose a file …", self._choose_file)
        menu.add("Choose a folder …", self._choose_folder)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Choose a file", str(self.value or ""))
        if chosen:
            self.offer(chosen)

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Choose a folder", str(self.value or ""))
        if chosen:
            self.offer(chosen)


class ShapeField(Field):
    """A `Shape`: whole numbers set apart by ×, commas or spaces."""

    between = " × "

    def __init__(self, param: AnyParam, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.entry = LineEntry(self.box)
        self.box.row.addWidget(self.entry)
        self.setFocusProxy(self.entry)
        self.entry.committed.connect(self._typed)
        self.entry.textEdited.connect(lambda _: self.refuse(""))
        self.entry.reverted.connect(self.restore)

    def present(self, value: Any) -> None:
        self.entry.setPlaceholderText("mixed" if value is MIXED else "")
        if value is MIXED or isinstance(value, str):
            self.entry.show_text("" if value is MIXED else str(value))
        else:
            parts = value if isinstance(value, list | tuple) else [value]
            self.entry.show_text(
                self.between.join(f"{part:g}" if isinstance(part, float) else str(part) for part in parts)
            )

    def _typed(self, text: str) -> None:
        if "=" in text:
            items = read_items(text)
            self.offer(text if items is None else items if len(items) > 1 else items[0])
            return
        numbers = read_list(text)
        self.offer(text if numbers is None else numbers)


class FloatsField(ShapeField):
    """A `Floats`: numbers set apart by commas or spaces."""

    between = ", "
