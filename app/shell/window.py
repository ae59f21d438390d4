"""The window: the top bar over the gallery or the workbench, and everything that floats over them.

It puts parts together and remembers the geometry. The workbench is made when the first drawing is shown;
torch and the plots are loaded after the first paint.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QByteArray, QEvent, QPoint, QRect, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.commands import plug_ins
from app.commands.action_list import actions
from app.commands.action_set import ActionSet
from app.commands.commands import Commands
from app.gallery.gallery import Gallery
from app.runs.panel import RunsDeclaration
from app.shell.data_opening import DataOpening, accept_copy, dropped_paths, is_project
from app.shell.drop_overlay import DropOverlay
from app.shell.toast import Toasts
from app.shell.top_bar import TopBar
from app.shell.workbench import Workbench
from app.state import settings
from app.state.appearance import Appearance
from app.state.files import ProjectFiles
from app.state.inference import CLOSING_SECONDS, InferenceWorker
from app.state.recovery import RecoveryWriter
from app.state.run_controller import RunController
from app.state.run_list import RunList
from app.state.session import Session
from app.widgets.background_task import BackgroundTask, end_all
from app.widgets.lines import hairline
from app.widgets.logo import app_icon
from app.widgets.menus import Menu
from app.widgets.text import set_title
from engine.document.storage.recovery import Recovered
from nodes.shown_text import LINE, shown

FIRST_SIZE = (1440, 900)
SMALLEST = (760, 520)


class Window(QWidget):
    """One window with one project."""

    ready = Signal()  # painted, answers the mouse; nothing heavy is loaded yet

    def __init__(self, appearance: Appearance, *, load_engine: bool = True) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(*SMALLEST)
        self.setAcceptDrops(True)
        self.appearance = appearance
        self.session = Session(parent=self)
        self.controller = RunController(self.session, self)
        self.inference = InferenceWorker(self.session, self)
        self.inference.engine_ready.connect(self.controller.engine_ready)
        self.inference.failed.connect(lambda message: self.session.notify(message, "bad"))
        self.inference.panels_ready.connect(self._on_panels_loaded)
        self._loads_engine = load_engine
        self._panels_loaded = False
        self.recovery_writer = RecoveryWriter(self.session, self)
        self.files = ProjectFiles(self.session, self.controller, self.recovery_writer, self)
        self.files.opened.connect(self.show_drawing)
        self.run_list = RunList(self.session, self.controller, self.files.runs_folder, self)
        self.files.opened.connect(self.run_list.opened)
        self._workbench: Workbench | None = None
        self._problems: QWidget | None = None
        self._command_palette: QWidget | None = None
        self._shown_once = False
        self.commands = Commands(self)
        self.actions_ = ActionSet(
            self, self.commands.call, self.commands.conditions(), self.commands.labels()
        )
        self._build()
        self._listen()
        self._restore_geometry()
        self.show_gallery()

    # What is shown ----------------------------------------------------------------------

    @property
    def widget(self) -> QWidget:
        return self

    @property
    def shows_drawing(self) -> bool:
        return self._workbench is not None and self._stack.currentWidget() is self._workbench

    def workbench(self) -> Workbench:
        """The drawing and its panels, made when first asked for."""
        if self._workbench is None:
            self._workbench = Workbench(self.session, self.controller, self.run_list, self._stack)
            self._workbench.completed.connect(self._connect_runs)
            self._workbench.panels_changed.connect(self._refresh_soon)
            self._workbench.data_wanted.connect(self.data.show_node)
            self._stack.addWidget(self._workbench)
            self.toasts.follow(self._workbench.canvas)
            if self._panels_loaded:
                QTimer.singleShot(0, self._workbench, self._workbench.complete)
        return self._workbench

    def _connect_runs(self) -> None:
        """The page of runs is there: what is asked there is done here."""
        workbench, done = self.workbench(), self.commands.runs
        assert workbench.foot is not None
        assert workbench.training is not None
        panel, bar = workbench.runs_panel(), workbench.foot.bar
        panel.menu_actions = lambda: [
            self.actions_[declared.id] for declared in actions() if declared.call == "on_run"
        ]
        panel.asked.connect(done.do)
        panel.edited.connect(done.edited)
        bar.resume.connect(done.resume)
        bar.shown.connect(self._show_run)
        workbench.training.resume_wanted.connect(done.resume)

    def _show_run(self, folder: Path) -> None:
        self.workbench().show_lower(RunsDeclaration.id)
        self.workbench().runs_panel().show_run(folder)

    def show_gallery(self) -> None:
        self.refresh_gallery()
        self._stack.setCurrentWidget(self.gallery)
        self.gallery.setFocus()
        self.topbar.show_drawing(False)
        self._on_title()
        self._refresh_soon()

    def show_drawing(self) -> None:
        workbench = self.workbench()
        self._stack.setCurrentWidget(workbench)
        self.topbar.show_drawing(True)
        self._on_title()
        self._refresh_soon()
        workbench.canvas.setFocus()
        QTimer.singleShot(0, workbench.canvas, workbench.canvas.camera.reset)

    def show_data(self, paths: tuple[Path, ...] = ()) -> None:
        """Look at files and folders of data; without any, ask for some."""
        self.data.show(paths)

    def _data_shown(self) -> None:
        self.topbar.show_drawing(False)
        self._refresh_soon()

    def refresh_gallery(self) -> None:
        self.gallery.refresh(self.recovery_writer.recoverable())
        self.gallery.show_return(self.session.project.name if self.files.is_open else None)

    def open_problems(self) -> None:
        from app.problems.problems import ProblemsPopover

        if self._problems is None:
            popover = ProblemsPopover(self.session, self)
            popover.list.chosen.connect(self.commands.training.show_problem)
            self._problems = popover
        assert isinstance(self._problems, ProblemsPopover)
        anchor = self.topbar.problems if self.topbar.problems.isVisible() else self.topbar.play
        self._problems.pop_up(anchor, 12)

    def open_command_palette(self) -> None:
        from app.commands.command_palette import CommandPalette
        from app.commands.find import entries

        if self._command_palette is None:
            self._command_palette = CommandPalette(self)
        assert isinstance(self._command_palette, CommandPalette)
        self._command_palette.open_with(entries(self))

    # Building ----------------------------------------------------------------------

    def _build(self) -> None:
        self.recent_menu = Menu(self, "Open recent")
        self.recent_menu.aboutToShow.connect(self._fill_recent)
        menus = self.actions_.menus(self, self.recent_menu)
        self.topbar = TopBar(self.session, self.controller, self.actions_, menus)
        self._stack = QStackedWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self.topbar, hairline(), self._stack):
            layout.addWidget(widget)
        # in its place before it is filled: Qt applies the style sheet anew to whatever is moved
        self.gallery = Gallery(self._stack)
        self._stack.addWidget(self.gallery)
        self.data = DataOpening(self, self._stack, self._data_shown)
        self.toasts = Toasts(self, self._toast_room)
        self.drop_overlay = DropOverlay(self)
        self._refresh = QTimer(self, singleShot=True, interval=0)
        self._refresh.timeout.connect(self.actions_.refresh)

    def _toast_room(self) -> QRect:
        if self._workbench is None or not self.shows_drawing:
            return self.rect()
        canvas = self._workbench.canvas
        return QRect(canvas.mapTo(self, QPoint(0, 0)), canvas.size())

    def _listen(self) -> None:
        session, gallery = self.session, self.gallery
        session.notified.connect(self.toasts.tell)
        for signal in (self.run_list.changed, self.run_list.chosen_changed):
            signal.connect(self._refresh_soon)
        for signal in (session.history_changed, session.selection_changed, session.view_changed):
            signal.connect(self._refresh_soon)
        for signal in (session.report_changed, self.controller.state_changed, session.file_changed):
            signal.connect(self._refresh_soon)
        self.controller.state_changed.connect(self._note_end)
        self.files.opened.connect(self._note_opened)
        self.controller.drawing.restart_wanted.connect(self.commands.runs.restart)
        self.controller.drawing.show_wanted.connect(self.commands.runs.show_trained)
        session.file_changed.connect(self._on_title)
        session.project_changed.connect(self._on_title)
        gallery.new_wanted.connect(self.files.new)
        gallery.open_wanted.connect(self.files.open)
        gallery.data_wanted.connect(self.data.show)
        gallery.file_chosen.connect(self.files.open_path)
        self.files.recent_dropped.connect(gallery.recent.changed)
        gallery.template_chosen.connect(self.files.open_template)
        gallery.return_wanted.connect(self.show_drawing)
        gallery.recover.connect(self._recover)
        gallery.discard.connect(self._discard)

    def _note_end(self) -> None:
        """The gallery remembers runs of its projects that came to their end."""
        ended = self.controller.finished
        if ended is not None and ended.status == "completed":
            self.gallery.note(self.session.project.name, trained=True)

    def _note_opened(self) -> None:
        """The gallery remembers which of its projects were opened."""
        if self.session.path is None:
            self.gallery.note(self.session.project.name)

    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        for path in self.gallery.recent.paths():
            action = self.recent_menu.add(path.stem)
            action.setToolTip(shown(str(path), LINE))
            action.triggered.connect(lambda _=False, chosen=path: self.files.open_path(chosen))
        if self.recent_menu.isEmpty():
            self.recent_menu.add("Nothing yet").setEnabled(False)

    # Events ----------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._shown_once:
            self._shown_once = True
            QTimer.singleShot(0, self, self._after_first_paint)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_leave():
            event.ignore()
            return
        self._remember()
        self.hide()
        self.files.close()
        if self._workbench is not None:
            self._workbench.put_away()
        self.run_list.close()
        until = monotonic() + CLOSING_SECONDS
        self.inference.call_off()
        end_all(self.findChildren(BackgroundTask), CLOSING_SECONDS)
        self.inference.stop(max(0.0, until - monotonic()))
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        paths = dropped_paths(event)
        if paths:
            accept_copy(event)
            self.drop_overlay.offer(paths)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self.drop_overlay.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """A project is opened, anything else looked at, once the program that it comes from is free again."""
        self.drop_overlay.hide()
        paths = dropped_paths(event)
        if paths:
            accept_copy(event)
            QTimer.singleShot(0, self, partial(self._take, paths))

    def _take(self, paths: tuple[Path, ...]) -> None:
        if is_project(paths):
            self.files.open_path(paths[0])
        else:
            self.show_data(paths)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._refresh_soon()

    def _after_first_paint(self) -> None:
        self.ready.emit()
        if self._loads_engine:
            self.inference.start()
        else:
            self._on_panels_loaded()

    def _on_panels_loaded(self) -> None:
        self._panels_loaded = True
        if warning := plug_ins.warning():
            self.session.notify(warning, "bad")
        if self._workbench is not None:
            self._workbench.complete()

    def _recover(self, left: Recovered) -> None:
        if not self.files.open_recovered(left):
            self.refresh_gallery()

    def _discard(self, left: Recovered) -> None:
        self.recovery_writer.discard(left)
        self.refresh_gallery()

    def _refresh_soon(self) -> None:
        self._refresh.start()

    def _on_title(self) -> None:
        if self.shows_drawing:
            star = "*" if self.session.is_modified else ""
            set_title(self, f"{self.session.project.name}{star} – Layerloom")
        else:
            set_title(self, "Layerloom")

    # Geometry ----------------------------------------------------------------------

    def _restore_geometry(self) -> None:
        geometry = settings.settings().value("window/geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            room = self.screen().availableGeometry()
            self.resize(min(FIRST_SIZE[0], room.width()), min(FIRST_SIZE[1], room.height()))

    def _remember(self) -> None:
        settings.settings().setValue("window/geometry", self.saveGeometry())
        if self._workbench is not None:
            self._workbench.remember()
