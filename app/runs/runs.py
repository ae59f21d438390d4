"""The page of runs: the list with its search, the curves of those that are chosen, and two compared.

It shows the list and tells what is asked for; what is done with a run is in `app.commands.run_commands`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.runs.overlay_chart import OverlayChart, ShownRun, colours
from app.runs.run_columns import all_tags, name_of
from app.runs.run_compare import ComparePage
from app.runs.runs_table import RunsModel, RunsTable
from app.state import settings
from app.state.run_list import RunList
from app.state.session import Session
from app.style import theme
from app.widgets.buttons import IconButton, QuietButton
from app.widgets.file_drops import LineField
from app.widgets.menus import Menu
from app.widgets.text import EmptyState, caption
from engine.document.project import Project
from engine.runs.archive import ArchiveError, Comparison, compare, project_of

_ROOM_FOR_CHART = 620
"""Pixels of width below which the list stands alone."""
_ROOM_FOR_BUTTONS = 480
_BUTTONS = ("resume", "open", "compare")
_EMPTY = ("No runs yet", "Press Play: every run of this project is kept and listed here, with its curves.")
_CHOOSE = "Choose runs in the list: their curves appear here, one over the other."
_MEASURED_NOTHING = "Nothing has been measured here: there are no curves to show."
_NONE_FOUND = ("No run matches", "Search for words of the name, the note or the status; #word searches tags.")


class RunsPanel(QWidget):
    """The page. `asked` names an action of a run; `edited` carries what was typed on one."""

    asked = Signal(str)
    edited = Signal(object, str, object)  # Path, "name", "note" or "tags", the value

    def __init__(self, session: Session, run_list: RunList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.run_list = session, run_list
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.menu_actions: Callable[[], list[QAction]] = list
        """Gives the actions of the context menu, as they can be done now."""
        self.colours: dict[Path, str] = {}
        self.model = RunsModel()
        self.table = RunsTable(self.model)
        self.chart = OverlayChart()
        self.compare_page = ComparePage()
        self.empty = EmptyState(*_EMPTY)
        self.hint = EmptyState("", _CHOOSE)
        self.pair: tuple[Path, Path] | None = None
        self._make_head()
        self._lay_out()
        self._listen()
        self._show_records()

    # Building ----------------------------------------------------------------------------------

    def _make_head(self) -> None:
        self.search = LineField()
        self.search.setProperty("role", "search")
        self.search.setPlaceholderText("Search runs, #tag")
        self.search.setAccessibleName("Search runs")
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(240)
        self.search.setMinimumWidth(96)
        self.tags = IconButton("tag-outline", "Show the runs with a tag")
        self.count = caption("")
        self.buttons = {name: QuietButton(name.capitalize()) for name in _BUTTONS}
        self.curves = IconButton("chart-line", "Show the curves beside the list")
        self.curves.setCheckable(True)
        self.curves.setChecked(settings.settings().value("runs/curves", True, bool) is not False)
        self.more = IconButton("dots-horizontal", "All that can be done with a run")
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        for widget in (self.search, self.tags, self.count):
            self.head.addWidget(widget)
        self.head.addStretch(1)
        for button in self.buttons.values():
            button.setFixedHeight(26)
            self.head.addWidget(button)
        self.head.addWidget(self.curves)
        self.head.addWidget(self.more)

    def _lay_out(self) -> None:
        right, inner = QWidget(), QWidget()
        self._right = QStackedLayout(inner)
        self._right.addWidget(self.hint)
        self._right.addWidget(self.chart)
        beside = QHBoxLayout(right)
        beside.setContentsMargins(16, 0, 0, 0)
        beside.addWidget(inner)
        left = QWidget()
        self._left = QStackedLayout(left)
        self._left.addWidget(self.table)
        self._left.addWidget(self.empty)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.splitter.addWidget(left)
        self.splitter.addWidget(right)
        self.splitter.setStretchFactor(0, 58)
        self.splitter.setStretchFactor(1, 42)
        self.splitter.setSizes([580, 420])
        listing = QWidget()
        column = QVBoxLayout(listing)
        column.setContentsMargins(16, 6, 16, 8)
        column.setSpacing(6)
        column.addLayout(self.head)
        column.addWidget(self.splitter, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(listing)
        self._stack.addWidget(self.compare_page)
        self._chart_side = right

    def _listen(self) -> None:
        self.search.textChanged.connect(self._find)
        self.tags.clicked.connect(lambda: self._pop(self.tag_menu(), self.tags))
        self.curves.toggled.connect(self._curves_toggled)
        self.more.clicked.connect(lambda: self._pop(self.run_menu(), self.more))
        for name, button in self.buttons.items():
            button.clicked.connect(partial(self.asked.emit, name))
        self.model.edited.connect(self.edited)
        self.table.asked.connect(self.asked)
        self.table.chosen.connect(lambda folders: self.run_list.choose(tuple(folders)))
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(
            lambda place: self.run_menu().popup(self.table.viewport().mapToGlobal(place))
        )
        self.compare_page.left.connect(self.show_list)
        self.compare_page.copied.connect(lambda text: self.session.notify(text, "good"))
        for chart in (self.chart, self.compare_page.chart):
            chart.failed.connect(lambda text: self.session.notify(text, "bad"))
            chart.exported.connect(lambda text: self.session.notify(text, "good"))
        self.run_list.changed.connect(self._show_records)
        self.run_list.chosen_changed.connect(self._show_chosen)
        self.run_list.curves_changed.connect(self._curves_changed)
        self.session.project_changed.connect(self._show_records)
        theme.changed.connect(self.table.viewport().update)

    # The list ----------------------------------------------------------------------------------

    def _show_records(self) -> None:
        if not self.isVisible() and self.model.shown:
            return
        self.model.show_records(self.run_list.records, self.session.project)
        self._after_arranging()
        self._show_chosen()

    def _find(self, text: str) -> None:
        self.model.find(text)
        self._after_arranging()

    def _after_arranging(self) -> None:
        total, shown = len(self.run_list.records), len(self.model.shown)
        self.count.setText(f"{shown} of {total}" if shown != total else f"{total}" if total else "")
        self.empty.set_text(*(_NONE_FOUND if total else _EMPTY))
        self._left.setCurrentIndex(0 if shown else 1)
        self.tags.setVisible(bool(all_tags(self.run_list.records)))
        self.table.arrange()
        self._let_go()

    def _let_go(self) -> None:
        """A run that the search hides is no longer chosen: nothing is done to what nobody sees."""
        seen = {record.folder for record in self.model.shown}
        self.run_list.choose(tuple(folder for folder in self.run_list.chosen if folder in seen))

    def _show_chosen(self) -> None:
        self.colours = colours(self.run_list.chosen, self.colours)
        self.table.delegate.colours = self.colours
        if tuple(sorted(self.table.folders())) != tuple(sorted(self.run_list.chosen)):
            self.table.choose(self.run_list.chosen)
        self.table.viewport().update()
        self._show_buttons()
        self._draw()

    def _show_buttons(self) -> None:
        """What is done most with as many runs as are chosen; all else is in the menu."""
        records, room = self.run_list.chosen_records(), self.width() >= _ROOM_FOR_BUTTONS
        self.buttons["resume"].setVisible(room and len(records) == 1 and records[0].resumable)
        self.buttons["open"].setVisible(room and len(records) == 1)
        self.buttons["compare"].setVisible(room and len(records) == 2)

    def show_run(self, folder: Path) -> None:
        """The list with this run chosen, whatever was compared or searched for."""
        self.search.clear()
        self.show_list()
        self.run_list.choose((folder,))

    def focus_list(self) -> None:
        """Give the list the keyboard."""
        self.show_list()
        self.table.setFocus()
        if self.model.shown and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))

    def edit(self, column: str) -> None:
        """Type a name, a note or tags for the run that is chosen."""
        self.show_list()
        self.table.setFocus()
        if self.run_list.chosen:
            row = self.model.row_of(self.run_list.chosen[0])
            if row is not None and self.table.currentIndex().row() != row:
                self.table.setCurrentIndex(self.model.index(row, 0))
        self.table.edit_cell(column)

    # Curves ------------------------------------------------------------------------------------

    def _curves_changed(self, folder: Path) -> None:
        if folder in self.run_list.chosen or (self.pair is not None and folder in self.pair):
            self._draw()

    def _runs(self, folders: tuple[Path, ...]) -> dict[Path, ShownRun]:
        """Those whose curves are there; the others are asked for and come later."""
        found = {}
        for folder in folders:
            record, read = self.run_list.record(folder), self.run_list.curves(folder)
            if record is not None and read is not None:
                found[folder] = ShownRun(name_of(record), self.colours.get(folder, ""), read)
        return found

    def _draw(self) -> None:
        if not self.isVisible():
            return
        if self.pair is not None:
            self.compare_page.show_curves(self._runs(self.pair))
            return
        runs = self._runs(self.run_list.chosen)
        self.chart.show_runs(runs, self.session.project)
        nothing = len(runs) == len(self.run_list.chosen) and not self.chart.known()
        self.hint.set_text("", _MEASURED_NOTHING if self.run_list.chosen else _CHOOSE)
        self._right.setCurrentIndex(0 if nothing else 1)

    def _show_chart_side(self) -> None:
        """Curves stand beside the list, or the list has all the room: as one wants it."""
        self._chart_side.setVisible(self.width() >= _ROOM_FOR_CHART and self.curves.isChecked())

    def _curves_toggled(self, shown: bool) -> None:
        settings.settings().setValue("runs/curves", shown)
        self._show_chart_side()

    # Two compared ------------------------------------------------------------------------------

    def show_comparison(self, first: Path, second: Path) -> None:
        """Both beside each other, in place of the list."""
        found: Comparison | str
        project = Project()
        try:
            found, project = compare(first, second), project_of(first)
        except ArchiveError as error:
            found = str(error)
        self.pair = (first, second)
        self.colours = colours((first, second), self.colours)
        self.compare_page.show_comparison(found, project, self.colours)
        self._stack.setCurrentIndex(1)
        self.compare_page.back.setFocus(Qt.FocusReason.OtherFocusReason)
        self._draw()

    def show_list(self) -> None:
        self.pair = None
        self._stack.setCurrentIndex(0)
        self._draw()

    # Menus -------------------------------------------------------------------------------------

    def run_menu(self) -> Menu:
        """All that can be done with the chosen runs."""
        menu = Menu(self)
        menu.addActions(self.menu_actions())
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def tag_menu(self) -> Menu:
        menu = Menu(self)
        wanted = {word for word in self.search.text().split() if word.startswith("#")}
        for tag in all_tags(self.run_list.records):
            action = menu.add(f"#{tag}")
            action.setCheckable(True)
            action.setChecked(f"#{tag}" in wanted)
            action.triggered.connect(partial(self.toggle_tag, tag))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def toggle_tag(self, tag: str) -> None:
        """Add a tag to the search, or take it out."""
        words = self.search.text().split()
        word = f"#{tag}"
        kept = [other for other in words if other != word]
        self.search.setText(" ".join(kept if word in words else [*kept, word]))

    @staticmethod
    def _pop(menu: Menu, button: QWidget) -> None:
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 2)))

    # The keyboard ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leads back: from two compared, from a search. Down and Enter lead from it into the list."""
        back = event.key() == Qt.Key.Key_Escape and (self.pair is not None or bool(self.search.text()))
        into = event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if back and self.pair is None:
            self.search.clear()
        if back or (into and self.search.hasFocus()):
            self.focus_list()
        else:
            super().keyPressEvent(event)

    # Room --------------------------------------------------------------------------------------

    def leave_room(self, width: int) -> None:
        """Pixels at the left of the first line that something else takes."""
        self.head.setContentsMargins(width, 0, 0, 0)
        self.compare_page.head.setContentsMargins(width, 0, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_chart_side()
        self.count.setVisible(self.width() >= _ROOM_FOR_BUTTONS)
        self._show_buttons()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.run_list.watch(True)
        self._show_records()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.run_list.watch(False)
