"""The samples large: a panel beside the training panel, or floating, for any sampler of the drawing.

Stays on its sampler whatever is selected; tabs choose another one.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.samples.draw_button import DrawButton
from app.samples.sample_menu import SampleActions
from app.samples.samples_view import SamplesView
from app.state.run_controller import RunController
from app.state.sample_draws import samplers_of
from app.state.session import Session
from app.widgets.buttons import Chip, IconButton, WordButton
from app.widgets.menus import Menu
from app.widgets.text import ElidedLabel, EmptyState, heading
from engine.document.project import MAIN
from engine.lens.lens import Reads
from engine.lens.registry import LENSES
from engine.messages.lens_request import LensRequest

_NARROW = 520


class SamplesPanel(QWidget):
    """One view of samples, as large as there is room."""

    def __init__(self, session: Session, controller: RunController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.controller = session, controller
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumSize(260, 176)
        self.view = SamplesView(controller, compact=False)
        self.actions_ = SampleActions(self.view)
        self.empty = EmptyState("", "")
        self.tabs: dict[str, WordButton] = {}
        self.chooser = Chip("")
        self.chooser.setToolTip("Choose a sampler")
        self.floats = False
        self._kind = LENSES.reading(Reads.SAMPLER)[0].kind
        self._choice = QButtonGroup(self)
        self.note = ElidedLabel("", role="faint")
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.zoom = Chip("100 %")
        self.zoom.setToolTip("Show all of it again")
        self.draw = DrawButton(controller.draws)
        self.more = IconButton("dots-horizontal", "Save or change the samples")
        self._lay_out()
        self._listen()
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(420, 272)

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.setSpacing(4)
        self.heading = heading("Samples")
        self._head.addWidget(self.heading)
        self._tabs = QHBoxLayout()
        self._tabs.setSpacing(2)
        self._head.addSpacing(6)
        self._head.addLayout(self._tabs)
        self._head.addWidget(self.chooser)
        self._head.addWidget(self.note, 1)
        self._head.addSpacing(6)
        self._head.addWidget(self.zoom)
        self._head.addWidget(self.draw)
        self._head.addWidget(self.more)
        inner = QWidget()
        self._stack = QStackedLayout(inner)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 10)
        column.setSpacing(8)
        column.addLayout(self._head)
        column.addWidget(inner, 1)

    def _listen(self) -> None:
        self.more.clicked.connect(self._open_menu)
        self.chooser.clicked.connect(self._open_choice)
        self.zoom.clicked.connect(self.view.canvas.reset_view)
        self.view.canvas.zoom_changed.connect(self._show_zoom)
        self.view.canvas.pointed.connect(self._write)
        self.view.shown_changed.connect(self._write)
        self.controller.draws.changed.connect(self._write)
        self.actions_.told.connect(self.session.notify)
        self.session.project_changed.connect(self.refresh)
        self.controller.frames_changed.connect(self._frames_changed)
        self.controller.state_changed.connect(self._show_frame)
        self.controller.drawing.changed.connect(self._show_frame, Qt.ConnectionType.QueuedConnection)

    # Which sampler ----------------------------------------------------------------------------

    @property
    def target(self) -> str:
        return self.view.target

    def look_at(self, path: str) -> None:
        """Show the samples of this sampler."""
        self._turn_to(path)
        self.refresh()

    def refresh(self) -> None:
        """The samplers of the drawing as tabs; one that is gone gives way to the first."""
        known = samplers_of(self.session.project)
        if self.target not in known and "." not in self.target:
            self._turn_to(next(iter(known), ""))
        else:
            self._turn_to(self.target)
        if list(known) != list(self.tabs):
            self._make_tabs(known)
        if self.target in self.tabs:
            self.tabs[self.target].setChecked(True)
        self._write()

    def _make_tabs(self, known: dict[str, str]) -> None:
        for button in self.tabs.values():
            self._choice.removeButton(button)
            self._tabs.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.tabs = {}
        for path, words in known.items():
            button = WordButton(words)
            button.setProperty("role", "tab")
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _=False, chosen=path: self.look_at(chosen))
            self._choice.addButton(button)
            self._tabs.addWidget(button)
            self.tabs[path] = button

    def _turn_to(self, path: str) -> None:
        node = self.session.project.graphs[MAIN].nodes.get(path)
        prompt = str(node.params.get("prompt", "")) if node is not None else ""
        self.actions_.name = path.rpartition(".")[2] or "samples"
        self.view.look_at(path, prompt)
        self.draw.look_at(path)
        self._watch()
        self._show_frame()

    # The run ----------------------------------------------------------------------------

    def _watch(self) -> None:
        wanted = self.target if self.isVisible() else ""
        self.controller.watch(self, frozenset({LensRequest(self._kind, wanted)} if wanted else ()))

    def _frames_changed(self, targets: Iterable[str]) -> None:
        if self.isVisible() and self.target in set(targets):
            self._show_frame()

    def _show_frame(self) -> None:
        live = self.controller.state in ("running", "paused")
        frame, is_stale = self.controller.drawing.seen(self._kind, self.target)
        self.view.show_frame(frame, live=live, is_stale=is_stale)
        self._write()

    def _show_zoom(self, zoom: float) -> None:
        self.zoom.setText(f"{zoom * 100:.0f} %")
        self.zoom.setVisible(zoom > 1.0)

    # Words ----------------------------------------------------------------------------

    def _write(self, pointed: str = "") -> None:
        shown = self.view.canvas.sampled is not None
        self._stack.setCurrentIndex(0 if shown else 1)
        self.zoom.setVisible(shown and self.view.canvas.zoom > 1.0)
        self.more.setVisible(shown)
        if not shown:
            self._arrange_head()
            self._write_empty()
            self.note.setText("")
            return
        self._arrange_head()
        moment = self.view.words if self.view.tells_no_moment else ""
        self.note.setText(pointed or self._fitting(self.view.counts(), moment))

    def _fitting(self, counts: str, moment: str) -> str:
        """As much of both as there is room for, the step of the run last of all to go."""
        self._head.activate()
        whole = " · ".join(part for part in (counts, moment) if part)
        short = moment.rpartition(" · ")[2] or counts
        told, room = self.note.fontMetrics(), self.note.width()
        return next((text for text in (whole, moment, short) if told.horizontalAdvance(text) <= room), short)

    def _arrange_head(self) -> None:
        """A tab for each sampler where there is room, else one chip with a menu."""
        narrow, several = self.width() < _NARROW, len(self.tabs) > 1
        wanted = sum(button.sizeHint().width() + 2 for button in self.tabs.values())
        as_tabs = several and wanted < self.width() - (150 if narrow else 330)
        self.draw.set_compact(narrow)
        self.heading.setVisible(not self.floats and (not narrow or not several))
        for button in self.tabs.values():
            button.setVisible(as_tabs)
        self.chooser.setVisible(several and not as_tabs)
        self.chooser.setText(f"{self.target} ▾")

    def choice_menu(self) -> Menu:
        """The samplers of the drawing."""
        menu = Menu(self)
        for path, button in self.tabs.items():
            action = menu.add(button.text())
            action.setCheckable(True)
            action.setChecked(path == self.target)
            action.triggered.connect(lambda _=False, chosen=path: self.look_at(chosen))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _open_choice(self) -> None:
        self.choice_menu().popup(self.chooser.mapToGlobal(self.chooser.rect().bottomLeft()))

    def set_floats(self, floats: bool) -> None:
        """A floating panel has its name in its bar."""
        self.floats = floats
        self._write()

    def _write_empty(self) -> None:
        if self.draw.draws_now:
            self.empty.set_text("Drawing", "The first time takes a moment: what draws is loaded.")
        elif self.target:
            self.empty.set_text(
                "No samples yet",
                "Press Play to see them while it learns, or draw now with the weights as they are.",
            )
        else:
            self.empty.set_text(
                "No sampler yet",
                "Put a Samples node on the canvas and wire into it what is generated.",
            )

    def _open_menu(self) -> None:
        menu = self.actions_.make_menu(self)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._write()

    # Visibility ----------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._watch()
        self._show_frame()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.controller.watch(self, frozenset())
