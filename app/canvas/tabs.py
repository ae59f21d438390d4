"""The tabs of the graphs: main and every open definition, and + for one more.

They show the session and call it; what is done to definitions is in `grouping`.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QTabBar, QToolButton, QWidget

from app.canvas.editing import definition_edits
from app.canvas.editing.text_fields import RenameField
from app.state.actions import by_id
from app.state.session import Session
from app.style import theme
from app.widgets.buttons import IconButton
from app.widgets.icons import icon
from app.widgets.menus import Menu
from engine.document.building_blocks import building_blocks
from engine.document.edits.placement import kind_of
from engine.document.project import MAIN, Project

WIDEST, NARROWEST = 180, 112
_ICONS = {"network": "link-variant", "scan": "replay", "block": "cube-outline", "": "cube-off-outline"}
_KINDS = {
    "network": "A network: one set of weights, wherever it stands",
    "scan": "A scan: run step by step over time, its states wired back",
    "block": "A block: every placement has weights of its own",
    "": "Not placed yet: drag it from the palette",
}
_SCROLLERS = {
    "ScrollLeftButton": ("chevron-left", "Show earlier tabs"),
    "ScrollRightButton": ("chevron-right", "Show later tabs"),
}


class TabBar(QTabBar):
    """One tab per open graph; the names are the tabs' data."""

    closing = Signal(str)
    naming = Signal(str)
    menu_wanted = Signal(str, QPoint)

    def __init__(self) -> None:
        self._scrollers: dict[str, QToolButton] = {}
        super().__init__()
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setMovable(True)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setIconSize(QSize(14, 14))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Graphs")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def tabLayoutChange(self) -> None:
        """Qt makes the two buttons that scroll tabs when there is no room, and gives them arrows again."""
        super().tabLayoutChange()
        for name, words in _SCROLLERS.items():
            button = self.findChild(QToolButton, name)
            if button is None:
                continue
            button.setArrowType(Qt.ArrowType.NoArrow)
            if name not in self._scrollers:
                self._scrollers[name] = button
                button.setToolTip(words[1])
                button.setIconSize(QSize(14, 14))
                button.setCursor(Qt.CursorShape.ArrowCursor)
                self.dress()

    def dress(self) -> None:
        """Give the scroll buttons the icons and colours of the theme."""
        now = theme.current()
        for name, button in self._scrollers.items():
            button.setIcon(icon(_SCROLLERS[name][0], now.muted))
            button.setStyleSheet(
                f"QToolButton {{ background: {now.panel}; border: none; border-radius: 5px; }}"
                f"QToolButton:hover, QToolButton:pressed {{ background: {now.raised}; }}"
                f"QToolButton:disabled {{ background: {now.panel}; }}"
            )

    def name_at(self, index: int) -> str:
        return str(self.tabData(index) or "")

    def index_of(self, name: str) -> int:
        return next((at for at in range(self.count()) if self.tabData(at) == name), -1)

    def tabSizeHint(self, index: int) -> QSize:
        hint = super().tabSizeHint(index)
        return QSize(min(hint.width(), WIDEST), hint.height())

    def minimumSizeHint(self) -> QSize:
        """Qt leaves room for scroll buttons; few tabs want less, and the + stands right behind them."""
        hint, wanted = super().minimumSizeHint(), self.sizeHint()
        return QSize(min(hint.width(), wanted.width()), hint.height())

    def minimumTabSizeHint(self, index: int) -> QSize:
        hint = super().tabSizeHint(index)
        return QSize(min(hint.width(), NARROWEST), hint.height())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        name = self.name_at(self.tabAt(event.position().toPoint()))
        if event.button() == Qt.MouseButton.MiddleButton and name not in ("", MAIN):
            self.closing.emit(name)
        elif event.button() == Qt.MouseButton.RightButton and name:
            self.menu_wanted.emit(name, event.globalPosition().toPoint())
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        name = self.name_at(self.tabAt(event.position().toPoint()))
        if event.button() == Qt.MouseButton.LeftButton and name not in ("", MAIN):
            self.naming.emit(name)


class GraphTabs(QWidget):
    """The bar and the + behind it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._showing = False
        self.bar = TabBar()
        self.more = IconButton("plus", "Add a definition: a block or a network of your own")
        self.more.clicked.connect(self.open_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.bar)
        row.addWidget(self.more)
        self.bar.currentChanged.connect(self._chosen)
        self.bar.tabMoved.connect(self._moved)
        self.bar.closing.connect(session.close_tab)
        self.bar.naming.connect(self.rename)
        self.bar.menu_wanted.connect(self._open_tab_menu)
        session.tabs_changed.connect(self.refresh)
        session.view_changed.connect(self.refresh)
        session.project_changed.connect(self._on_project)
        theme.changed.connect(self._dress)
        self.refresh()

    # Showing --------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the session's tabs, in their order."""
        names, bar = list(self._session.open_graphs), self.bar
        self._showing = True
        for at in reversed(range(bar.count())):
            if bar.name_at(at) not in names:
                bar.removeTab(at)
        for place, name in enumerate(names):
            at = bar.index_of(name)
            if at < 0:
                bar.insertTab(place, "Main" if name == MAIN else name)
                bar.setTabData(place, name)
                self._add_closer(place, name)
            elif at != place:
                bar.moveTab(at, place)
        self._take_room()
        bar.setCurrentIndex(max(0, bar.index_of(self._session.view.graph)))
        self._showing = False
        self._dress()

    def _take_room(self) -> None:
        """Get the room that the tabs want at once: else they scroll beside free space for a while."""
        self.bar.updateGeometry()
        home = self.parentWidget()
        for widget in (self, home):
            held = widget.layout() if widget is not None else None
            if held is not None:
                held.invalidate()
        if home is not None and (around := home.layout()) is not None:
            around.activate()
        if (own := self.layout()) is not None:
            own.activate()

    def _add_closer(self, place: int, name: str) -> None:
        if name == MAIN:
            return
        closer = IconButton("close", f"Close the tab of {name}", self.bar)
        closer.setFixedSize(18, 18)
        closer.setIconSize(QSize(12, 12))
        closer.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        closer.clicked.connect(partial(self._close, closer))
        self.bar.setTabButton(place, QTabBar.ButtonPosition.RightSide, closer)

    def _close(self, closer: IconButton, _checked: bool = False) -> None:
        side = QTabBar.ButtonPosition.RightSide
        at = next((i for i in range(self.bar.count()) if self.bar.tabButton(i, side) is closer), -1)
        if at > 0:
            self._session.close_tab(self.bar.name_at(at))

    def _on_project(self, old: Project, new: Project) -> None:
        if old.graphs is not new.graphs:
            self._dress()

    def _dress(self) -> None:
        """Icons and tooltips: a tab tells whether its definition is a network or a block."""
        self.bar.dress()
        project, tint = self._session.project, theme.current().muted
        for at in range(self.bar.count()):
            name = self.bar.name_at(at)
            if name == MAIN or name not in project.graphs:
                continue
            kind = kind_of(project, name)
            self.bar.setTabIcon(at, icon_of(kind, tint))
            self.bar.setTabToolTip(at, f"{name}\n{_KINDS[kind]}")

    # Acting --------------------------------------------------------------------------------

    def _chosen(self, index: int) -> None:
        if not self._showing and index >= 0:
            self._session.show_tab(self.bar.name_at(index))

    def _moved(self, _start: int, _end: int) -> None:
        """The mouse put a tab elsewhere; main goes back to the front."""
        if self._showing:
            return
        for place in range(self.bar.count()):
            self._session.move_tab(self.bar.name_at(place), place)
        if self.bar.index_of(MAIN) != 0:
            self.refresh()

    def rename(self, name: str) -> None:
        """A field over the tab of a definition."""
        at = self.bar.index_of(name)
        if at < 0 or name == MAIN:
            return
        rect = self.bar.tabRect(at)
        corner = self.bar.mapTo(self, rect.topLeft())
        field = RenameField(self, name, QRect(corner, QSize(max(110, rect.width()), rect.height())))
        field.setAccessibleName("Name of the definition")
        field.renamed.connect(lambda new: definition_edits.rename(self._session, name, new))

    def open_menu(self) -> None:
        """What + offers: an empty definition, a part to start from, one whose tab is closed."""
        menu = self.make_menu()
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 4)))
        menu.setActiveAction(menu.actions()[0])

    def make_menu(self) -> Menu:
        session = self._session
        menu = Menu(self)
        menu.add("Empty definition", partial(definition_edits.new_definition, session))
        menu.addSeparator()
        for part in building_blocks():
            action = menu.add(part.title, partial(definition_edits.new_definition, session, part))
            action.setToolTip(part.summary)
        closed = [name for name in session.project.graphs if name not in session.open_graphs]
        if closed:
            menu.addSeparator()
            for name in closed:
                menu.add(f"Open {name}", partial(session.show_tab, name))
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _open_tab_menu(self, name: str, at: QPoint) -> None:
        menu = self.tab_menu(name)
        menu.popup(at)

    def tab_menu(self, name: str) -> Menu:
        """What can be done with the definition of a tab."""
        session, menu = self._session, Menu(self)
        if name != MAIN:
            menu.add(_words("rename_graph"), partial(self.rename, name))
            menu.add(_words("duplicate_graph"), partial(definition_edits.duplicate, session, name))
            menu.addSeparator()
            menu.add(_words("close_graph"), partial(session.close_tab, name))
        others = [other for other in session.open_graphs if other not in (MAIN, name)]
        closing = menu.add("Close the others", lambda: self._close_all(others))
        closing.setEnabled(bool(others))
        if name != MAIN:
            menu.addSeparator()
            delete = menu.add(_words("delete_graph"), partial(definition_edits.delete, session, name))
            delete.setEnabled(not kind_of(session.project, name))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _close_all(self, names: list[str]) -> None:
        for name in names:
            self._session.close_tab(name)


def _words(action_id: str) -> str:
    """Title and keys of a declared action, as a menu shows them."""
    declared = by_id(action_id)
    return f"{declared.title}\t{declared.shortcut}"


def icon_of(kind: str, tint: str) -> QIcon:
    """The sign of a network (shared), a block, or of what is not placed yet."""
    return icon(_ICONS[kind], tint)
