"""The heading of the data page: what is looked at, which data set reads it, and what can be done with it.

While data are read again it says how far that is and has a button that ends it; a quick one shows neither.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.training.training_header import ProgressLine
from app.widgets.buttons import IconButton, QuietButton
from app.widgets.lines import hairline
from app.widgets.menus import Menu
from app.widgets.text import ElidedLabel, Label, caption
from nodes.reading.look import DataMatch
from nodes.shown_text import shown

_BUTTON = 30
_QUICK_MS = 300
"""A reading that takes no longer than this says nothing but by its line."""


def keep_room(widget: QWidget) -> None:
    """Let nothing move where this comes and goes."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


class PageHeader(QWidget):
    """Title and data set at the left, the two things to do at the right, progress along the lower edge."""

    back_wanted = Signal()
    add_wanted = Signal()
    new_wanted = Signal()
    match_chosen = Signal(object)  # DataMatch
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("topbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.matches: tuple[DataMatch, ...] = ()
        self.match: DataMatch | None = None
        self.back = IconButton("arrow-left", "Back (Esc)")
        self.back.clicked.connect(self.back_wanted)
        self.title = ElidedLabel("", role="title")
        self.title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.reader = QuietButton("", "chevron-down")
        self.reader.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.reader.clicked.connect(self._open_menu)
        self.reader_name = Label()
        self.reader_name.setProperty("role", "strong")
        self.reader_name.setStyleSheet("font-size: 12px;")
        self.why = ElidedLabel("", role="caption")
        self.new = QuietButton("New drawing that fits", "auto-fix")
        self.add = QuietButton("Add to drawing", "plus")
        self.new.clicked.connect(self.new_wanted)
        self.add.clicked.connect(self.add_wanted)
        self.cancel = QuietButton("Cancel", "close")
        self.cancel.setToolTip("End the reading and keep what is shown (Esc)")
        self.cancel.clicked.connect(self.cancelled)
        self.cancel.hide()
        self._why = self._told = ""
        self._long = QTimer(self, singleShot=True, interval=_QUICK_MS)
        self._long.timeout.connect(self._show_long)
        self.progress = ProgressLine()
        self.progress.setFixedHeight(2)
        keep_room(self.progress)
        self.progress.hide()
        self._arrange()

    def _arrange(self) -> None:
        for button in (self.cancel, self.new, self.add):
            button.setFixedHeight(_BUTTON)
        self.reader.setFixedHeight(26)
        self.reader.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.read_as = caption("Read as")
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.read_as)
        below.addWidget(self.reader)
        below.addWidget(self.reader_name)
        below.addWidget(self.why, 1)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.title)
        words.addLayout(below)
        line = QHBoxLayout()
        line.setContentsMargins(14, 12, 20, 12)
        line.setSpacing(10)
        line.addWidget(self.back, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        line.addWidget(self.cancel)
        line.addWidget(self.new)
        line.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.progress)
        column.addWidget(hairline())

    def show_data(self, title: str, matches: Sequence[DataMatch], match: DataMatch | None) -> None:
        """Name the data and the set that reads them; None: nobody does."""
        self.title.setText(title)
        self.matches, self.match = tuple(matches), match
        self.reader.setText(match.title if match is not None else "")
        self.reader_name.setText(match.title if match is not None else "")
        several = len(matches) > 1
        for widget in (self.read_as, self.why):
            widget.setVisible(match is not None)
        self.reader.setVisible(match is not None and several)
        self.reader_name.setVisible(match is not None and not several)
        self.reader.setToolTip("Choose what reads it")
        self.reader.setAccessibleName(f"Read as {self.reader.text()}")
        if match is not None:
            self._why = f"because {match.recognised.why}"
            self.why.setText(self._why)

    def make_primary(self, which: str) -> None:
        """Give one of "add" and "new" the accent: what most people want to do here."""
        for name, button in (("add", self.add), ("new", self.new)):
            role = "primary" if name == which else "quiet"
            button.set_role(role)

    def show_progress(self, words: str, share: float | None) -> None:
        """A reading goes on behind what is shown: what is read, and the share that is done."""
        percent = "" if share is None else f" · {share:.0%}"
        self._told = f"{words}{percent}"
        self.progress.setVisible(True)
        self.progress.show_share(share or 0.04)
        if not self.cancel.isHidden():
            self.why.setText(self._told)
        elif not self._long.isActive():
            self._long.start()

    def end_progress(self) -> None:
        """Nothing is read any more."""
        self._long.stop()
        self.progress.setVisible(False)
        if not self.cancel.isHidden():
            self.cancel.hide()
            self.why.setText(self._why)

    def _show_long(self) -> None:
        self.cancel.show()
        self.why.setText(self._told)
        self.why.show()

    def make_menu(self) -> Menu:
        """The sets that can read the data, the present one ticked."""
        menu, several = Menu(self), len({match.paths for match in self.matches}) > 1
        for match in self.matches:
            place = f"{shown(match.paths[0].name)} as " if several and match.paths else ""
            action = menu.add(f"{place}{match.title}\t{shown(match.recognised.why)}")
            action.setCheckable(True)
            action.setChecked(match is self.match)
            action.triggered.connect(lambda _=False, chosen=match: self.match_chosen.emit(chosen))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _open_menu(self) -> None:
        self.make_menu().popup(self.reader.mapToGlobal(QPoint(0, self.reader.height() + 2)))
