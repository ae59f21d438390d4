"""Qt's side of the actions: QActions made from the declarations, their menus, and which can be done now.

The declarations are in `action_list`, what they do in `commands`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from app.canvas.editing.text_fields import NoteField, RenameField
from app.commands.action_list import actions
from app.forms.box import LineEntry
from app.state.actions import MENUS, Action
from app.style import theme
from app.widgets.icons import icon
from app.widgets.menus import Menu
from app.widgets.text import literal

Condition = Callable[[], bool]


class ActionSet(QObject):
    """The actions of one window. `refresh` after anything that a condition reads has changed."""

    def __init__(
        self,
        window: QWidget,
        calls: Callable[[Action], Callable[..., None]],
        conditions: Mapping[str, Condition],
        labels: Mapping[str, Callable[[], str]],
    ) -> None:
        super().__init__(window)
        self._conditions, self._labels = conditions, labels
        self._declared = {declared.id: declared for declared in actions()}
        self.actions: dict[str, QAction] = {}
        self._calls: dict[str, Callable[[], None]] = {}
        for declared in self._declared.values():
            action = QAction(literal(declared.title), window)
            action.setObjectName(declared.id)
            action.setCheckable(bool(declared.state))
            if declared.shortcut:
                action.setShortcuts(_keys(declared))
                action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            self._calls[declared.id] = _caller(calls(declared), declared)
            action.triggered.connect(self._calls[declared.id])
            window.addAction(action)
            self.actions[declared.id] = action
        self.draw_icons()
        theme.changed.connect(self.draw_icons)

    def __getitem__(self, action_id: str) -> QAction:
        return self.actions[action_id]

    def draw_icons(self) -> None:
        for declared in self._declared.values():
            if declared.icon:
                self.actions[declared.id].setIcon(icon(declared.icon, theme.current().muted))

    def refresh(self) -> None:
        """Ask every condition again."""
        held = {name: condition() for name, condition in self._conditions.items()}
        for declared in self._declared.values():
            action = self.actions[declared.id]
            action.setEnabled(all(held[name] for name in declared.when))
            if declared.state:
                action.setChecked(held[declared.state])
            label = self._labels.get(declared.id)
            if label is not None:
                action.setText(literal(label()))

    def run(self, action_id: str) -> None:
        """Do this one if it can be done at this moment."""
        if self.is_enabled(self._declared[action_id]):
            self._calls[action_id]()

    def is_enabled(self, declared: Action) -> bool:
        return all(self._conditions[name]() for name in declared.when)

    def title(self, declared: Action) -> str:
        label = self._labels.get(declared.id)
        return label() if label is not None else declared.title

    def menus(self, parent: QWidget, recent: Menu) -> list[Menu]:
        """One menu per heading; `recent` goes into the first under "Open"."""
        return [self._menu(name, parent, recent) for name in MENUS]

    def _menu(self, name: str, parent: QWidget, recent: Menu) -> Menu:
        menu = Menu(parent, name)
        menu.setToolTipsVisible(True)
        submenus: dict[str, Menu] = {}
        for declared in self._declared.values():
            if declared.menu != name:
                continue
            if declared.opens and not menu.isEmpty():
                menu.addSeparator()
            home = menu
            if declared.submenu:
                if declared.submenu not in submenus:
                    submenus[declared.submenu] = menu.add_menu(declared.submenu)
                home = submenus[declared.submenu]
            home.addAction(self.actions[declared.id])
            if declared.id == "open":
                menu.addMenu(recent)
        menu.aboutToShow.connect(self.refresh)
        return menu


def _keys(declared: Action) -> list[QKeySequence]:
    return [QKeySequence(keys) for keys in (declared.shortcut, declared.also) if keys]


def _caller(method: Callable[..., None], action: Action) -> Callable[[], None]:
    """What triggers the command of an action; what is being typed is committed first."""

    def call() -> None:
        _finish_writing()
        if action.argument:
            method(action.argument)
        else:
            method()

    return call


def _finish_writing() -> None:
    """Take what is being typed in a field, so that an action (save, play) works on what is seen."""
    held = QApplication.focusWidget()
    if isinstance(held, LineEntry | RenameField | NoteField):
        held.commit()


def keys_text(declared: Action) -> str:
    """The keys side by side, e.g. "Ctrl Shift S"."""
    return shortcut_text(declared).replace("++", "+plus").replace("+", " ").replace("plus", "+")


def shortcut_text(declared: Action) -> str:
    """The keys as a person reads them, e.g. "Ctrl+Shift+S"."""
    return QKeySequence(declared.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
