"""What lies below the canvas: the run that goes, the list of all runs and other panels, one page at a time.

The names of the pages stand in the first line of each page, so that they take no room of their own. A bar
over the pages offers to go on with what was interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.commands.action_list import show_action
from app.commands.action_set import shortcut_text
from app.commands.panel_registry import AnyPanel
from app.panels.declaration import Panel
from app.runs.run_columns import name_of, when
from app.shell.failed_panel import FailedPanel
from app.state.run_list import INTERRUPTED, RunList
from app.widgets.buttons import IconButton, LinkButton, WordButton
from app.widgets.text import ElidedLabel
from engine.runs.archive import RunRecord

SMALLEST = (360, 176)
"""Least width and height: its charts shrink before the palette does."""


class InterruptedBar(QFrame):
    """One line that says what was interrupted, and what can be done about it."""

    resume = Signal(object)  # Path
    shown = Signal(object)  # Path

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "raised")
        self.record: RunRecord | None = None
        self.words = ElidedLabel("")
        self.go = LinkButton("Resume", "play")
        self.look = LinkButton("Show it")
        self.close_button = IconButton("close", "Leave it as it is")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 2, 8, 2)
        row.setSpacing(16)
        row.addWidget(self.words, 1)
        for button in (self.go, self.look, self.close_button):
            row.addWidget(button)
        self.setFixedHeight(32)
        self.go.clicked.connect(lambda: self._choose(self.resume))
        self.look.clicked.connect(lambda: self._choose(self.shown))
        self.close_button.clicked.connect(self.hide)
        self.hide()

    def offer(self, record: RunRecord) -> None:
        self.record = record
        unnamed = name_of(record) != record.name
        began = when(record.created) or name_of(record)
        self.words.setText(
            f"{f'The run of {began}' if unnamed else f'“{record.name}”'} was interrupted at step "
            f"{record.step:,}; it can go on from step {record.resumes or 0:,}."
        )
        self.show()

    def check(self, records: tuple[RunRecord, ...]) -> None:
        """Go where the run is no longer there, or goes on."""
        folders = {record.folder for record in records if record.status == INTERRUPTED}
        if self.record is not None and self.record.folder not in folders:
            self.hide()

    def _choose(self, signal: object) -> None:
        if self.record is not None:
            self.hide()
            signal.emit(self.record.folder)  # type: ignore[attr-defined]


class LowerArea(QWidget):
    """One page per panel, in their order; `page_changed` tells the id of the one on show."""

    page_changed = Signal(str)

    def __init__(self, pages: Mapping[AnyPanel, QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widgets = dict(pages)
        self.bar = InterruptedBar()
        self._pages = QStackedWidget()
        self.tabs = {panel.id: _tab(panel) for panel in pages}
        self._strip = QWidget(self._pages)
        row = QHBoxLayout(self._strip)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        group = QButtonGroup(self)
        for name, tab in self.tabs.items():
            group.addButton(tab)
            row.addWidget(tab)
            tab.clicked.connect(lambda _=False, page=name: self.show_page(page))
        for widget in pages.values():  # after the names: Tab leads from these into the page
            self._pages.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._pages, 1)
        self.setMinimumSize(*SMALLEST)
        self.show_page(next(iter(self.tabs)))

    @property
    def page(self) -> str:
        """The id of the panel on show."""
        return list(self.tabs)[self._pages.currentIndex()]

    def show_page(self, name: str) -> None:
        self.tabs[name].setChecked(True)
        self._pages.setCurrentIndex(list(self.tabs).index(name))
        self._strip.raise_()
        self.page_changed.emit(name)

    def listen(self, run_list: RunList) -> None:
        """Offer what this list of runs finds interrupted, or has found before there was anybody to listen."""
        run_list.interrupted.connect(self.bar.offer)
        run_list.changed.connect(lambda: self.bar.check(run_list.records))
        if run_list.offered is not None:
            self.bar.offer(run_list.offered)
        self.bar.check(run_list.records)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_tabs()

    def _place_tabs(self) -> None:
        size = self._strip.sizeHint()
        self._strip.setGeometry(11, 7, size.width(), size.height())
        for panel, widget in self._widgets.items():
            leave = Panel.leave_room if isinstance(widget, FailedPanel) else type(panel).leave_room
            leave(panel, widget, size.width() + 8)


def _tab(panel: AnyPanel) -> WordButton:
    tab = WordButton(panel.title)
    shown = show_action(panel)
    tab.setToolTip(f"{shown.title} ({shortcut_text(shown)})")
    tab.setProperty("role", "tab")
    tab.setCheckable(True)
    tab.setFixedHeight(26)
    tab.setStyleSheet("padding: 2px 9px; font-size: 12px;")
    return tab
