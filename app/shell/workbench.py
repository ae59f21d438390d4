"""The drawing and its panels, each made from its declaration and put where that says.

Panels resize, hide and float, and are remembered. In a narrow window the inspector lies over the canvas.
Panels that cost time to load (plots) are made after the first paint.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from app.canvas.view import CanvasView
from app.commands.panel_registry import AnyPanel, docked_panels, lower_pages, note_failure
from app.inspector.panel import InspectorDeclaration
from app.lens_cards.card_edits import open_card
from app.lens_cards.panel import LensCardsDeclaration
from app.palette.panel import PaletteDeclaration
from app.panels.declaration import Panel, PanelContext, PanelPlace, PanelWidget
from app.runs.panel import RunsDeclaration
from app.samples.panel import SamplesDeclaration
from app.shell.canvas_overlay import CanvasOverlay
from app.shell.dock import PanelDock
from app.shell.dock_extents import DockExtents
from app.shell.failed_panel import FailedPanel
from app.shell.suited_panels import SuitedPanels
from app.state import settings
from app.state.run_controller import RunController
from app.state.run_list import RunList
from app.state.session import Session
from app.training.panel import TrainingDeclaration
from engine.document.project import IN_PANEL

if TYPE_CHECKING:
    from app.inspector.inspector import Inspector
    from app.palette.palette import Palette
    from app.runs.runs import RunsPanel
    from app.samples.samples_panel import SamplesPanel
    from app.shell.lower_area import LowerArea
    from app.training.training import TrainingPanel

NARROW = 1100
_FLOATING = (280, 620)
"""Least width, and height, of a panel that is taken out of the window."""
_LAYOUT_VERSION = 1
_UNNAMED = ["palette", "inspector", "training", "samples"]
"""The panels of layouts that were saved without their names, in order."""
_SIDE = {
    PanelPlace.LEFT: Qt.DockWidgetArea.LeftDockWidgetArea,
    PanelPlace.INNER_LEFT: Qt.DockWidgetArea.LeftDockWidgetArea,
    PanelPlace.RIGHT: Qt.DockWidgetArea.RightDockWidgetArea,
    PanelPlace.LOWER: Qt.DockWidgetArea.BottomDockWidgetArea,
    PanelPlace.LOWER_RIGHT: Qt.DockWidgetArea.BottomDockWidgetArea,
}


class Workbench(QMainWindow):
    """One drawing on show."""

    panels_changed = Signal()
    completed = Signal()  # the late panels are there
    data_wanted = Signal(str)  # the data node of the graph on show that is to be looked at

    def __init__(
        self,
        session: Session,
        controller: RunController,
        run_list: RunList,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._session, self._run_list = session, run_list
        self.canvas = CanvasView(session, controller)
        self.setCentralWidget(self.canvas)
        asked = (self.canvas.add_layer, self.canvas.setFocus, self.show_samples, self.data_wanted.emit)
        self._context = PanelContext(session, controller, run_list, *asked, self.show_lens)
        self.foot: LowerArea | None = None
        self._widgets: dict[str, QWidget] = {}
        self._panels = {panel.id: panel for panel in docked_panels()}
        self.docks = {
            name: PanelDock(name, panel.title, panel.extent, self) for name, panel in self._panels.items()
        }
        self._extents = DockExtents(self, self.docks, self._lower, self._panels)
        self._covering = next(panel for panel in self._panels.values() if panel.covers_canvas_when_narrow)
        self._overlay = CanvasOverlay(self, self.canvas, self._covering.extent)
        self._narrow = self._completing = False
        self._wanted_covering = True
        for name, panel in self._panels.items():
            self.docks[name].setWidget(_placeholder())
            if panel.made_at_once:
                self._fill(panel)
        self._dock_all()
        for name, panel in self._panels.items():
            if not panel.shown_at_first:
                self.docks[name].hide()
        self._restore()
        SuitedPanels(session, self._panels, self.docks, self)
        for dock in self.docks.values():
            dock.visibilityChanged.connect(lambda _shown: self.panels_changed.emit())
        session.selection_changed.connect(self._on_selection)
        self._listen_to_canvas()

    def _listen_to_canvas(self) -> None:
        self.canvas.live.samples_wanted.connect(self.show_samples)
        self.canvas.looking.wanted.connect(self.show_lens)

    # Making -----------------------------------------------------------------------------

    def complete(self) -> None:
        """Make the panels that take time to load, the first of them at once; call after the first paint."""
        if not self._completing:
            self._completing = True
            self._fill(next(panel for panel in self._panels.values() if not panel.made_at_once))
            QTimer.singleShot(0, self, self._complete_rest)

    def _complete_rest(self) -> None:
        for panel in self._panels.values():
            self._fill(panel)
        self.completed.emit()

    def _make(self, panel: AnyPanel) -> QWidget:
        """The widget of a panel, made when it is first asked for."""
        made = self._widgets.get(panel.id)
        if made is None:
            made = self._widgets[panel.id] = self._try_to_make(panel)
        return made

    def _try_to_make(self, panel: AnyPanel) -> QWidget:
        """A panel of a plug-in that fails is named in its place; the others are there all the same."""
        try:
            made = panel.make(self._context)
            if not isinstance(made, QWidget):
                raise TypeError(f"Expected a widget from `make`. Received {made!r}")
        except Exception as error:
            noted = note_failure(panel, error)
            if noted is None:
                raise
            self._session.notify(noted.sentence, "bad")
            return FailedPanel(noted.sentence)
        if made.property("role") is None:
            _dress(made)
        return made

    def made(self, panel: type[Panel[PanelWidget]]) -> PanelWidget | None:
        """The widget of one of our own panels, once it is made."""
        return self._widgets.get(panel.id)  # type: ignore[return-value]  # put there by `_make`

    def _fill(self, panel: AnyPanel) -> None:
        """Put the widget of a panel into its dock, if it is not there yet."""
        if panel.id in self._widgets:
            return
        dock, widget = self.docks[panel.id], self._make(panel)
        if not isinstance(widget, FailedPanel):
            dock.topLevelChanged.connect(partial(panel.floating_changed, widget))
            panel.floating_changed(widget, dock.isFloating())
        if panel is self._covering:
            self._put_covering()
        else:
            _put(dock, self._make_foot() if panel.place is PanelPlace.LOWER else widget)

    def _make_foot(self) -> QWidget:
        from app.shell.lower_area import LowerArea

        self.foot = LowerArea({page: self._make(page) for page in lower_pages()})
        self.foot.listen(self._run_list)
        self.foot.page_changed.connect(lambda _page: self.panels_changed.emit())
        return self.foot

    @property
    def palette_panel(self) -> Palette | None:
        return self.made(PaletteDeclaration)

    @property
    def inspector(self) -> Inspector | None:
        return self.made(InspectorDeclaration)

    @property
    def training(self) -> TrainingPanel | None:
        return self.made(TrainingDeclaration)

    @property
    def samples(self) -> SamplesPanel | None:
        return self.made(SamplesDeclaration)

    def runs_panel(self) -> RunsPanel:
        runs = self.made(RunsDeclaration)
        assert runs is not None, "asked for before the late panels are there"
        return runs

    def show_samples(self, path: str) -> None:
        """Show the samples of this sampler large: where its panel is, else floating over the window."""
        name = SamplesDeclaration.id
        self._fill(self._panels[name])
        panel, dock = self.made(SamplesDeclaration), self.docks[name]
        assert panel is not None
        if dock.isHidden():
            self.float_panel(name) if not dock.isFloating() else dock.setVisible(True)
        panel.look_at(path)
        dock.raise_()
        panel.view.canvas.setFocus()

    def show_lens(self, path: str, kind: str) -> None:
        """Look at the node at this path through this lens, in the Lenses panel."""
        name = LensCardsDeclaration.id
        self._fill(self._panels[name])
        panel, card = self.made(LensCardsDeclaration), open_card(self._session, path, kind)
        if panel is not None and card is not None:
            if card.place == IN_PANEL:
                self.docks[name].setVisible(True)
                self.docks[name].raise_()
            panel.reveal(card)

    # Panels ----------------------------------------------------------------------

    def is_shown(self, name: str) -> bool:
        if name not in self.docks:
            return self.foot is not None and self.is_shown(self._lower) and self.foot.page == name
        if name == self._covering.id and self._narrow:
            return not self._overlay.isHidden()
        return not self.docks[name].isHidden()

    def floats(self, name: str) -> bool:
        return name in self.docks and self.docks[name].isFloating()

    def toggle(self, name: str) -> None:
        """Show or hide a panel."""
        shown = not self.is_shown(name)
        if name not in self.docks:
            self._toggle_page(name, shown)
            return
        if name == self._covering.id:
            self._wanted_covering = shown
            if self._narrow:
                self._overlay.setVisible(shown)
                self._overlay.place()
                self.panels_changed.emit()
                return
        self.docks[name].setVisible(shown)

    def _toggle_page(self, name: str, shown: bool) -> None:
        """Open a tab of the lower area, with the keyboard on it, or go back to the first one."""
        self.show_lower(name if shown else self._lower)
        if shown and not isinstance(self._widgets.get(name), FailedPanel | None):
            panel = next(panel for panel in lower_pages() if panel.id == name)
            panel.opened(self._widgets[name])

    @property
    def _lower(self) -> str:
        """The name of the lower area's dock, which is that of its first page."""
        return lower_pages()[0].id

    def show_lower(self, page: str) -> None:
        """Bring a page of the lower area on show."""
        if self.foot is not None:
            self.docks[self._lower].setVisible(True)
            self.foot.show_page(page)

    def float_panel(self, name: str) -> None:
        """Take a panel out of the window, or put it back."""
        dock = self.docks[name]
        dock.setVisible(True)
        dock.setFloating(not dock.isFloating())
        if dock.isFloating():
            size = self._panels[name].floating_size or (max(dock.extent, _FLOATING[0]), _FLOATING[1])
            dock.resize(*size)
            room = dock.screen().availableGeometry()
            corner = room.bottomRight() - dock.rect().bottomRight()
            dock.move(max(room.left(), min(dock.x(), corner.x())), max(room.top(), min(dock.y(), corner.y())))
        self.panels_changed.emit()

    def reset_panels(self) -> None:
        """As on the first day."""
        for name, dock in self.docks.items():
            dock.setFloating(False)
            dock.setVisible(self._panels[name].shown_at_first)
        self._wanted_covering = True
        self._extents.reset()
        self._dock_all()
        self._set_narrow(self.width() < NARROW, force=True)
        self.panels_changed.emit()

    def remember(self) -> None:
        """Keep where the panels are for the next start."""
        if self._narrow:
            self._set_narrow(False, force=True)
        store = settings.settings()
        store.setValue("panels/state", self.saveState(_LAYOUT_VERSION))
        self._extents.note()
        store.setValue("panels/names", list(self._extents.kept))
        store.setValue("panels/extents", list(self._extents.kept.values()))
        store.setValue(f"panels/{self._covering.id}", self._wanted_covering)

    def put_away(self) -> None:
        """What stands in windows of its own goes with the window, while what it shows is still there."""
        for child in self.findChildren(QWidget):
            if child.isWindow():
                child.hide()

    def _dock_all(self) -> None:
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        for name, dock in self.docks.items():
            self.addDockWidget(_SIDE[self._panels[name].place], dock)
            beside = {PanelPlace.LOWER_RIGHT: [self._lower], PanelPlace.INNER_LEFT: self._at(PanelPlace.LEFT)}
            for other in beside.get(self._panels[name].place, ())[:1]:
                self.splitDockWidget(self.docks[other], dock, Qt.Orientation.Horizontal)
        side = [*self._at(PanelPlace.LEFT)[:1], *self._at(PanelPlace.RIGHT)[:1]]
        self._resize(side, Qt.Orientation.Horizontal)
        self._resize([self._lower], Qt.Orientation.Vertical)

    def _at(self, place: PanelPlace) -> list[str]:
        return [name for name, panel in self._panels.items() if panel.place is place]

    def _resize(self, names: list[str], way: Qt.Orientation) -> None:
        """Give these docks the extents of their declarations."""
        self.resizeDocks(
            [self.docks[name] for name in names], [self._panels[name].extent for name in names], way
        )

    def _restore(self) -> None:
        store = settings.settings()
        state = store.value("panels/state")
        if isinstance(state, QByteArray):
            self.restoreState(state, _LAYOUT_VERSION)
        extents = store.value("panels/extents")
        names = store.value("panels/names", _UNNAMED)
        if isinstance(extents, list) and isinstance(names, list):
            sizes = dict(zip(names, map(int, extents), strict=False))
            self._extents.take(sizes)
        self._wanted_covering = store.value(f"panels/{self._covering.id}", True, bool) is not False
        self.docks[self._covering.id].setVisible(self._wanted_covering)

    # Narrow windows ----------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._extents.note()
        super().resizeEvent(event)
        self._set_narrow(self.width() < NARROW)
        self._extents.keep()
        self._overlay.place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self, self._extents.settle)

    def _set_narrow(self, narrow: bool, *, force: bool = False) -> None:
        if narrow == self._narrow and not force:
            return
        self._narrow = narrow
        self._put_covering()
        dock = self.docks[self._covering.id]
        if not dock.isFloating():
            dock.setVisible(self._wanted_covering and not narrow)
        self._overlay.setVisible(narrow and bool(self._session.selection) and self._wanted_covering)
        self._overlay.place()
        self.panels_changed.emit()

    @property
    def is_narrow(self) -> bool:
        return self._narrow

    def _put_covering(self) -> None:
        """Into its dock, or into the overlay of a narrow window."""
        widget, dock = self._widgets.get(self._covering.id), self.docks[self._covering.id]
        if widget is not None and self._narrow and not dock.isFloating():
            self._overlay.take(widget)
        elif widget is not None and dock.widget() is not widget:
            _put(dock, widget)
            widget.show()

    def _on_selection(self) -> None:
        if self._narrow and not self.docks[self._covering.id].isFloating():
            self._overlay.setVisible(bool(self._session.selection) and self._wanted_covering)
            self._overlay.place()
            self.panels_changed.emit()


def _put(dock: PanelDock, widget: QWidget) -> None:
    """Put a widget into a dock; what was there goes."""
    old = dock.widget()
    dock.setWidget(widget)
    if old is not None:
        old.deleteLater()


def _placeholder() -> QWidget:
    widget = QWidget()
    _dress(widget)
    return widget


def _dress(widget: QWidget) -> None:
    """Give a widget the background of a panel."""
    widget.setProperty("role", "panel")
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
