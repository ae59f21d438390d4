"""The drawing and its panels: palette left, canvas in the middle, inspector right, training below.

Panels resize, hide and float, and are remembered. In a narrow window the inspector lies over the canvas.
Panels that cost time to load (plots) are made after the first paint.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QMainWindow, QVBoxLayout, QWidget

from app.canvas.view import CanvasView
from app.palette.palette import Palette
from app.shell.dock import PanelDock
from app.state import settings
from app.state.run_controller import RunController
from app.state.run_list import RunShelf
from app.state.session import Session
from nodes.param import JSON

if TYPE_CHECKING:
    from app.runs.runs import RunsPanel
    from app.samples.samples_panel import SamplesPanel
    from app.shell.lower_area import LowerArea

NARROW = 1100
PALETTE, INSPECTOR, TRAINING, SAMPLES = 208, 300, 272, 380
LARGE_SAMPLES = (760, 700)
SMALLEST_TRAINING = 360
_LAYOUT_VERSION = 1
_SIDE = {
    "palette": Qt.DockWidgetArea.LeftDockWidgetArea,
    "inspector": Qt.DockWidgetArea.RightDockWidgetArea,
    "training": Qt.DockWidgetArea.BottomDockWidgetArea,
    "samples": Qt.DockWidgetArea.BottomDockWidgetArea,
}
_EXTENTS = {"palette": PALETTE, "inspector": INSPECTOR, "training": TRAINING, "samples": SAMPLES}


class Workbench(QMainWindow):
    """One drawing on show."""

    panels_changed = Signal()
    completed = Signal()  # the late panels are there

    def __init__(
        self, session: Session, bridge: RunController, shelf: RunShelf, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._session, self._bridge, self._shelf = session, bridge, shelf
        self.canvas = CanvasView(session, bridge)
        self.setCentralWidget(self.canvas)
        self.palette_panel = Palette(session)
        self.inspector: QWidget | None = None
        self.training: QWidget | None = None
        self.samples: SamplesPanel | None = None
        self.foot: LowerArea | None = None
        self.docks = {
            name: PanelDock(name, name.capitalize(), extent, self) for name, extent in _EXTENTS.items()
        }
        self._extents = dict(_EXTENTS)
        self._overlay = InspectorOverlay(self)
        self._narrow = self._settled = False
        self._wanted_inspector = True
        self.docks["palette"].setWidget(self.palette_panel)
        for name in ("inspector", "training", "samples"):
            self.docks[name].setWidget(_placeholder())
        self._dock_all()
        self.docks["samples"].hide()
        self._restore()
        for dock in self.docks.values():
            dock.visibilityChanged.connect(lambda _shown: self.panels_changed.emit())
        self.palette_panel.chosen.connect(self._add)
        session.selection_changed.connect(self._on_selection)
        self.canvas.live.samples_wanted.connect(self.show_samples)

    def _add(self, layer_type: str, params: Mapping[str, JSON]) -> None:
        self.canvas.add_layer(layer_type, params)

    # Late panels ----------------------------------------------------------------------

    def complete(self) -> None:
        """Make the panels that take time to load; call after the first paint."""
        if self.inspector is None:
            from app.inspector.inspector import Inspector

            self.inspector = Inspector(self._session, self._bridge)
            self.inspector.samples_wanted.connect(self.show_samples)
            self.inspector.keys_free.connect(self.canvas.setFocus)
            self._put_inspector()
            QTimer.singleShot(0, self, self._complete_training)

    def _complete_training(self) -> None:
        if self.training is None:
            from app.runs.runs import RunsPanel
            from app.shell.lower_area import LowerArea
            from app.training.training import TrainingPanel

            self.training = TrainingPanel(self._session, self._bridge)
            self.foot = LowerArea(self.training, RunsPanel(self._session, self._shelf))
            self.foot.listen(self._shelf)
            self.foot.page_changed.connect(lambda _page: self.panels_changed.emit())
            old = self.docks["training"].widget()
            self.foot.setMinimumWidth(SMALLEST_TRAINING)  # its charts shrink before the palette does
            self.docks["training"].setWidget(self.foot)
            if old is not None:
                old.deleteLater()
            self._complete_samples()
            self.completed.emit()

    @property
    def shows_runs(self) -> bool:
        """Whether the list of runs is on show."""
        return self.foot is not None and self.is_shown("training") and self.foot.page == "runs"

    def show_lower(self, page: str) -> None:
        """Bring a page of the lower area on show: "training" or "runs"."""
        if self.foot is not None:
            self.docks["training"].setVisible(True)
            self.foot.show_page(page)

    def toggle_runs(self) -> None:
        """The list of runs with the keyboard on it, or the run that goes."""
        shows = self.shows_runs
        self.show_lower("training" if shows else "runs")
        if self.foot is not None and not shows:
            self.foot.runs.focus_list()

    def runs_panel(self) -> RunsPanel:
        assert self.foot is not None, "asked for before the late panels are there"
        return self.foot.runs

    def _complete_samples(self) -> SamplesPanel:
        """The panel of samples, made when the other late panels are there or when it is first asked for."""
        if self.samples is None:
            from app.samples.samples_panel import SamplesPanel

            self.samples = SamplesPanel(self._session, self._bridge)
            self.docks["samples"].topLevelChanged.connect(self.samples.set_floats)
            self.samples.set_floats(self.docks["samples"].isFloating())
            old = self.docks["samples"].widget()
            self.docks["samples"].setWidget(self.samples)
            if old is not None:
                old.deleteLater()
        return self.samples

    def show_samples(self, path: str) -> None:
        """Show the samples of this sampler large: where its panel is, else floating over the window."""
        panel, dock = self._complete_samples(), self.docks["samples"]
        if dock.isHidden():
            self.float_panel("samples") if not dock.isFloating() else dock.setVisible(True)
        panel.look_at(path)
        dock.raise_()
        panel.view.canvas.setFocus()

    # Panels ----------------------------------------------------------------------

    def is_shown(self, name: str) -> bool:
        if name == "inspector" and self._narrow:
            return not self._overlay.isHidden()
        return not self.docks[name].isHidden()

    def floats(self, name: str) -> bool:
        return self.docks[name].isFloating()

    def toggle(self, name: str) -> None:
        """Show or hide a panel."""
        shown = not self.is_shown(name)
        if name == "inspector":
            self._wanted_inspector = shown
            if self._narrow:
                self._overlay.setVisible(shown)
                self._overlay.place()
                self.panels_changed.emit()
                return
        self.docks[name].setVisible(shown)

    def float_panel(self, name: str) -> None:
        """Take a panel out of the window, or put it back."""
        dock = self.docks[name]
        dock.setVisible(True)
        dock.setFloating(not dock.isFloating())
        if dock.isFloating():
            sizes = {"training": (900, 320), "samples": LARGE_SAMPLES}
            dock.resize(*sizes.get(name, (max(dock.extent, 280), 620)))
            room = dock.screen().availableGeometry()
            corner = room.bottomRight() - dock.rect().bottomRight()
            dock.move(max(room.left(), min(dock.x(), corner.x())), max(room.top(), min(dock.y(), corner.y())))
        self.panels_changed.emit()

    def reset_panels(self) -> None:
        """As on the first day."""
        for name, dock in self.docks.items():
            dock.setFloating(False)
            dock.setVisible(name != "samples")
        self._wanted_inspector = True
        self._extents = dict(_EXTENTS)
        self._dock_all()
        self._set_narrow(self.width() < NARROW, force=True)
        self.panels_changed.emit()

    def remember(self) -> None:
        """Keep where the panels are for the next start."""
        if self._narrow:
            self._set_narrow(False, force=True)
        store = settings.settings()
        store.setValue("panels/state", self.saveState(_LAYOUT_VERSION))
        self._note_extents()
        store.setValue("panels/extents", [self._extents[name] for name in self.docks])
        store.setValue("panels/inspector", self._wanted_inspector)

    def put_away(self) -> None:
        """Panels that float go with the window, while what they show is still there."""
        for dock in self.docks.values():
            if dock.isFloating():
                dock.hide()

    def _dock_all(self) -> None:
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        for name, dock in self.docks.items():
            self.addDockWidget(_SIDE[name], dock)
        self.splitDockWidget(self.docks["training"], self.docks["samples"], Qt.Orientation.Horizontal)
        side = [self.docks["palette"], self.docks["inspector"]]
        self.resizeDocks(side, [PALETTE, INSPECTOR], Qt.Orientation.Horizontal)
        self.resizeDocks([self.docks["training"]], [TRAINING], Qt.Orientation.Vertical)

    def _restore(self) -> None:
        store = settings.settings()
        state = store.value("panels/state")
        if isinstance(state, QByteArray):
            self.restoreState(state, _LAYOUT_VERSION)
        extents = store.value("panels/extents")
        if isinstance(extents, list) and len(extents) == len(self.docks):
            self._extents = {name: int(size) for name, size in zip(self.docks, extents, strict=True)}
        self._wanted_inspector = store.value("panels/inspector", True, bool) is not False
        self.docks["inspector"].setVisible(self._wanted_inspector)

    # Narrow windows ----------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._note_extents()
        super().resizeEvent(event)
        self._set_narrow(self.width() < NARROW)
        self._keep()
        self._overlay.place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self, self._settle)

    def _settle(self) -> None:
        """The first layout is done: from here on a panel's size is the user's."""
        if not self._settled:
            self._keep()
            self._settled = True

    def _note_extents(self) -> None:
        for name, dock in self.docks.items():
            if self._settled and not dock.isHidden() and not dock.isFloating():
                self._extents[name] = dock.height() if name == "training" else dock.width()

    def _keep(self) -> None:
        """The canvas takes what the window gains and gives what it loses; panels stay as they are."""
        sizes = self._extents
        for name, dock in self.docks.items():
            if not dock.isHidden() and not dock.isFloating():
                way = Qt.Orientation.Vertical if name == "training" else Qt.Orientation.Horizontal
                self.resizeDocks([dock], [sizes[name]], way)

    def _set_narrow(self, narrow: bool, *, force: bool = False) -> None:
        if narrow == self._narrow and not force:
            return
        self._narrow = narrow
        self._put_inspector()
        dock = self.docks["inspector"]
        if not dock.isFloating():
            dock.setVisible(self._wanted_inspector and not narrow)
        self._overlay.setVisible(narrow and bool(self._session.selection) and self._wanted_inspector)
        self._overlay.place()
        self.panels_changed.emit()

    @property
    def is_narrow(self) -> bool:
        return self._narrow

    def _put_inspector(self) -> None:
        """Into its dock, or into the overlay of a narrow window."""
        if self.inspector is None:
            return
        dock = self.docks["inspector"]
        if self._narrow and not dock.isFloating():
            self._overlay.take(self.inspector)
        elif dock.widget() is not self.inspector:
            old = dock.widget()
            dock.setWidget(self.inspector)
            self.inspector.show()
            if old is not None:
                old.deleteLater()

    def _on_selection(self) -> None:
        if self._narrow and not self.docks["inspector"].isFloating():
            self._overlay.setVisible(bool(self._session.selection) and self._wanted_inspector)
            self._overlay.place()
            self.panels_changed.emit()


class InspectorOverlay(QFrame):
    """The inspector over the right of the canvas."""

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench)
        self.setProperty("role", "overlay")
        self._home = workbench
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(1, 0, 0, 0)
        workbench.canvas.installEventFilter(self)
        self.hide()

    def take(self, inspector: QWidget) -> None:
        self._body.addWidget(inspector)
        inspector.show()

    def place(self) -> None:
        if self.isHidden():
            return
        over = self._home.canvas.geometry()
        self.setGeometry(over.right() + 1 - INSPECTOR, over.top(), INSPECTOR, over.height())
        self.raise_()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._home.canvas.camera.covered = INSPECTOR

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._home.canvas.camera.covered = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return super().eventFilter(watched, event)


def _placeholder() -> QWidget:
    widget = QWidget()
    widget.setProperty("role", "panel")
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return widget
