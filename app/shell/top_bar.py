"""The bar at the top: menu, mark, project, graphs, and the controls of training.

It shows the session and the controller and triggers actions; what they do is elsewhere.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.canvas.tabs import GraphTabs
from app.commands.action_set import ActionSet, keys_text, shortcut_text
from app.problems.problems import summary
from app.state.actions import by_id
from app.state.device_words import device_words
from app.state.run_controller import RunController
from app.state.session import Session
from app.style import theme
from app.widgets.buttons import Chip, IconButton, PrimaryButton, QuietButton
from app.widgets.logo import LogoMark
from app.widgets.menus import Menu
from app.widgets.text import ElidedLabel
from nodes.shown_text import LINE, shown

HEIGHT = 44


class DotChip(Chip):
    """A chip with a coloured dot before its words."""

    def __init__(self, text: str, tint: str, parent: QWidget | None = None) -> None:
        super().__init__(text, "", parent)
        self._tint_name = tint
        self.setStyleSheet("padding-left: 20px;")
        theme.changed.connect(self.update)

    def set_tint(self, tint: str) -> None:
        self._tint_name = tint
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(getattr(theme.current(), self._tint_name)))
        painter.drawEllipse(QRectF(9, self.height() / 2 - 3.5, 7, 7))
        painter.end()


class SearchChip(Chip):
    """ "Search  Ctrl K", the keys in mono."""

    def __init__(self, keys: str) -> None:
        super().__init__("Search")
        self._keys = keys
        self.setAccessibleName("Search everything")
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(118, 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, look = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour(look.accent) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(look.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 11.5, 11.5)
        painter.setPen(theme.colour(look.text if self.underMouse() else look.muted))
        painter.setFont(theme.sans(12))
        painter.drawText(self.rect().adjusted(11, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), "Search")
        painter.setFont(theme.mono(11))
        right = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        painter.drawText(self.rect().adjusted(0, 0, -11, 0), right, self._keys)
        painter.end()


class TopBar(QWidget):
    """The whole bar. `show_drawing` says whether a drawing (or the gallery) is below it."""

    def __init__(
        self, session: Session, controller: RunController, actions: ActionSet, menus: list[Menu]
    ) -> None:
        super().__init__()
        self._session, self._controller, self._actions = session, controller, actions
        self.setObjectName("topbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self._make_left(menus)
        self._make_right()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 12, 0)
        layout.setSpacing(8)
        left: tuple[QWidget, ...] = (self.menu_button, self.mark, self.project, self.tabs)
        right = (self.problems, self.play, self.stop, self.step, self.device, self.search)
        for widget in left:
            layout.addWidget(widget)
        layout.addStretch(1)
        for widget in right:
            layout.addWidget(widget)
        session.project_changed.connect(self._on_project)
        session.file_changed.connect(self._on_project)
        session.report_changed.connect(self._on_report)
        controller.state_changed.connect(self._on_run)
        controller.events.connect(lambda _events: self._on_device())
        self._on_project()
        self._on_report()
        self._on_run()

    def show_drawing(self, shown: bool) -> None:
        for widget in (self.tabs, self.play, self.stop, self.step, self.device):
            widget.setVisible(shown)
        self._drawing = shown
        self._on_project()
        self._on_report()

    def open_menu(self) -> None:
        self.menu_button.showMenu()

    def _make_left(self, menus: list[Menu]) -> None:
        self.menu_button = IconButton("menu", f"Menu ({shortcut_text(by_id('open_menu'))})")
        self.menu_button.setObjectName("menu")
        whole = Menu(self)
        for menu in menus:
            whole.addMenu(menu)
        self.menu_button.setMenu(whole)
        self.menu_button.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        self.mark = LogoMark(20)
        self.project = ElidedLabel()
        self.project.setObjectName("project")
        self.project.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.tabs = GraphTabs(self._session)
        self._drawing = True

    def _make_right(self) -> None:
        self.problems = DotChip("", "bad")
        self.problems.setObjectName("problems")
        self.problems.clicked.connect(partial(self._run, "problems"))
        self.play = PrimaryButton("Play", "play")
        self.play.setObjectName("play")
        self.play.clicked.connect(self._play_or_pause)
        self.stop = QuietButton("Stop", "stop")
        self.stop.clicked.connect(partial(self._run, "stop"))
        self.step = QuietButton("Step")
        self.step.clicked.connect(partial(self._run, "step"))
        for button, action in ((self.play, "play"), (self.stop, "stop"), (self.step, "step")):
            declared = by_id(action)
            button.setToolTip(f"{declared.title} ({shortcut_text(declared)})")
            button.setFixedHeight(28)
        self.device = DotChip("", "good")
        self.device.setObjectName("device")
        self.device.setToolTip("Where training runs")
        self.device.clicked.connect(self._actions_menu)
        self.search = SearchChip(keys_text(by_id("command_palette")))
        self.search.clicked.connect(partial(self._run, "command_palette"))

    def _actions_menu(self) -> None:
        from app.state.device_words import device_menu

        menu = device_menu(self._session, self)
        menu.exec(self.device.mapToGlobal(self.device.rect().bottomLeft()))
        menu.deleteLater()

    def _play_or_pause(self) -> None:
        self._run("pause" if self._controller.state in ("running", "compiling") else "play")

    def _run(self, action: str, _checked: bool = False) -> None:
        self._actions.run(action)

    def _on_project(self) -> None:
        name = self._session.project.name if self._drawing else "Layerloom"
        star = " •" if self._drawing and self._session.is_modified else ""
        self.project.setText(name + star)
        self.project.ensurePolished()
        font = theme.sans(13, QFont.Weight.DemiBold)
        self.project.setFont(font)
        wanted = self.project.fontMetrics().horizontalAdvance(name + star) + 4
        self.project.setFixedWidth(min(wanted, 240))
        self.project.setToolTip(
            shown(str(self._session.path or "Not saved yet"), LINE) if self._drawing else ""
        )
        self._on_device()

    def _on_report(self) -> None:
        problems = self._session.report.problems
        self.problems.setVisible(bool(problems) and self._drawing)
        self.problems.setText(summary(self._session.report.problem_count))
        self.problems.set_tint("bad" if self._session.report.errors else "warn")

    def _on_run(self) -> None:
        going = self._controller.state in ("running", "compiling")
        self.play.setText("Pause" if going else "Resume" if self._controller.state == "paused" else "Play")
        self.play.set_icon("pause" if going else "play")
        self.stop.setEnabled(self._controller.is_active)
        self.step.setEnabled(not going)
        self._on_device()

    def _on_device(self) -> None:
        words = device_words(self._session.project.settings.device, self._controller.started)
        if words != self.device.text():
            self.device.setText(words)
