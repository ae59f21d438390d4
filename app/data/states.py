"""The data page without data: where to drop some, how far a reading is, and what to do where one fails."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.data.header import keep_room
from app.data.settings_part import SettingsPart
from app.style import theme
from app.training.training_header import ProgressLine
from app.widgets.buttons import PrimaryButton, QuietButton
from app.widgets.flow import ChipFlow
from app.widgets.lines import hairline
from app.widgets.side_scroll import SideScroll
from app.widgets.text import ElidedLabel, Label, body, caption
from nodes.data.source import DataSource
from nodes.data_sets.declaration import DataSetDeclaration
from nodes.data_sets.registry import data_sets
from nodes.reading.look import DataMatch
from nodes.shown_text import shown, shown_lines

_WIDE, SIDE = 560, 320
_SORTS = {
    "images": "Pictures",
    **dict.fromkeys(("table", "series"), "Tables, arrays, sequences"),
    **dict.fromkeys(("text", "texts"), "Texts"),
    "sounds": "Sounds",
}


def kinds_read() -> dict[str, str]:
    """The titles of the data sets that read files, by their sort; a sort of one set is described."""
    own = [one for one in data_sets().values() if "path" in one.params and one.licence == "yours"]
    sorts: dict[str, list[type[DataSetDeclaration]]] = {}
    for one in own:
        sorts.setdefault(_SORTS.get(one.kind, "Other"), []).append(one)
    return {
        sort: ", ".join(one.title for one in sets) if len(sets) > 1 else sets[0].description.rstrip(".")
        for sort, sets in sorts.items()
    }


class KindsList(QWidget):
    """What can be read: the sorts of data at the left, beside each what it can be."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[Label] = []
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, (sort, words) in enumerate(kinds_read().items()):
            name, told = caption(sort), caption(words)
            told.setWordWrap(True)
            self.words.append(told)
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(told, row, 1)


class _Middle(QWidget):
    """One column in the middle of the page, or of a part of it."""

    def __init__(self, room: QWidget | None = None) -> None:
        super().__init__()
        self.box = QWidget()
        self.box.setMaximumWidth(_WIDE)
        self.column = QVBoxLayout(self.box)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(10)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self.box, 12)
        line.addStretch(1)
        outer = QVBoxLayout(room or self)
        outer.setContentsMargins(24, 24, 24, 24)
        outer.addStretch(2)
        outer.addLayout(line)
        outer.addStretch(3)

    def add_title(self, words: str) -> Label:
        title = Label(words)
        title.setProperty("role", "title")
        title.setWordWrap(True)
        self.column.addWidget(title)
        return title


class DropView(_Middle):
    """Nothing was dropped yet: where to, two buttons instead, and what can be read."""

    files_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.column.setContentsMargins(40, 40, 40, 36)
        title = self.add_title("Drop a file or a folder here")
        words = body("Layerloom looks at it, shows how it was understood, and lets you correct it.")
        self.files = PrimaryButton("Choose files…", "file-plus-outline")
        self.folder = QuietButton("Choose a folder…", "folder-outline")
        self.files.clicked.connect(self.files_wanted)
        self.folder.clicked.connect(self.folder_wanted)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.files)
        buttons.addWidget(self.folder)
        buttons.addStretch(1)
        for label in (title, words):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.column.addWidget(words)
        self.column.addSpacing(10)
        self.column.addLayout(buttons)
        self.column.addSpacing(16)
        self.column.addWidget(KindsList())
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.colour(tokens.wire), 1.5)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.setBrush(theme.colour(tokens.panel))
        painter.drawRoundedRect(QRectF(self.box.geometry()).adjusted(0.75, 0.75, -0.75, -0.75), 12, 12)
        painter.end()


class ReadingView(_Middle):
    """What is being read, how far it is, and a way to end it."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = ElidedLabel("", role="title")
        self.column.addWidget(self.title)
        self.progress = ProgressLine()
        keep_room(self.progress)
        self.words = ElidedLabel("", role="body", mode=Qt.TextElideMode.ElideMiddle)
        self.cancel = QuietButton("Cancel")
        self.cancel.clicked.connect(self.cancelled)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(self.words, 1)
        line.addWidget(self.cancel)
        self.column.addWidget(self.progress)
        self.column.addLayout(line)

    def begin(self, name: str) -> None:
        """A reading has begun."""
        self.title.setText(f"Reading {name} …")
        self.show_progress("Looking at it", None)

    def show_progress(self, what: str, share: float | None) -> None:
        """What is being read now; `share` is None where nobody knows how much there is."""
        percent = "" if share is None else f"{share * 100:.0f} %"
        parts = ("" if f"{what} …" == self.title.text() else what, percent)
        self.words.setText(" · ".join(part for part in parts if part))
        self.progress.setVisible(share is not None)
        self.progress.show_share(share)


class FailedView(_Middle):
    """A reading failed: the sentence, and what can be done: read again, as something else, or other data.

    Where a data set tried, its parameters are at the right: most failures are corrected there.
    """

    again_wanted = Signal()
    other_wanted = Signal()
    match_chosen = Signal(object)  # DataMatch
    edited = Signal(str, object)

    def __init__(self) -> None:
        room = QWidget()
        super().__init__(room)
        self.settings = SettingsPart()
        self.settings.edited.connect(self.edited)
        self.side = SideScroll(self.settings)
        self.side.setProperty("role", "panel")
        self.side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.side.setFixedWidth(SIDE)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(0)
        columns.addWidget(room, 1)
        self.line = hairline(Qt.Orientation.Vertical)
        columns.addWidget(self.line)
        columns.addWidget(self.side)
        self.title = self.add_title("")
        self.words = Label()
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hint = KindsList()
        self.again = PrimaryButton("Read again")
        self.other = QuietButton("Choose other data…")
        self.again.clicked.connect(self.again_wanted)
        self.other.clicked.connect(self.other_wanted)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.again)
        buttons.addWidget(self.other)
        buttons.addStretch(1)
        self.ways = QWidget()
        self._flow = ChipFlow(self.ways, 8)
        self.column.addWidget(self.words)
        self.column.addWidget(self.hint)
        self.column.addSpacing(6)
        self.column.addWidget(self.ways)
        self.column.addLayout(buttons)

    def show_failure(
        self, name: str, message: str, matches: Sequence[DataMatch], source: DataSource | None = None
    ) -> None:
        """Say why; offer the other sets that might read it."""
        self.title.setText(f"{shown(name)} cannot be read")
        self.words.setText(shown_lines(message))
        tried = source.dataset if source is not None else ""
        others = [match for match in matches if match.dataset != tried]
        if source is not None:
            self.settings.show_source(source, None)
        self.line.setVisible(source is not None)
        self.side.setVisible(source is not None)
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for match in others:
            button = QuietButton(f"Read as {match.title}")
            button.clicked.connect(lambda _=False, chosen=match: self.match_chosen.emit(chosen))
            self._flow.addWidget(button)
        self.ways.setVisible(bool(others))
        self.hint.setVisible(not matches)
        self.again.set_role("primary" if matches else "quiet")
        self.other.set_role("quiet" if matches else "primary")
