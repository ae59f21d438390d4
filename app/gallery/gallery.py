"""The start page: finished projects to start from, what was open before, and what a crash left.

It emits what was chosen and opens nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.gallery import course_progress
from app.gallery.card_moves import KEYS, neighbour
from app.gallery.continue_here import ContinueHere
from app.gallery.gallery_card import GalleryCard
from app.gallery.recent_files import RecentFiles
from app.gallery.section import GallerySection
from app.widgets.buttons import Chip, PrimaryButton, QuietButton, WordButton
from app.widgets.file_drops import LineField
from app.widgets.flow import ChipFlow
from app.widgets.lines import hairline
from app.widgets.logo import LogoMark
from app.widgets.text import ElidedLabel, Label, body, caption, heading
from engine.document.storage import gallery
from nodes.shown_text import LINE, shown

_SIDE = 288


class RecentRow(WordButton):
    """A project that was open before: its name, and its folder below."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.setProperty("role", "recent")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(shown(str(path), LINE))
        self.setAccessibleName(f"Open {path.name}")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(0)
        name = ElidedLabel(path.stem)
        where = ElidedLabel(str(path.parent), "caption", Qt.TextElideMode.ElideMiddle)
        for label in (name, where):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(label)
        self.setFixedHeight(46)


class RecoveryNotice(QFrame):
    """What a crash left: what it is, and the two things that can be done with it."""

    recover = Signal(object)
    discard = Signal(object)

    def __init__(self, title: str, when: str, token: object) -> None:
        super().__init__()
        self.token = token
        self.setProperty("role", "notice")
        words = QVBoxLayout()
        words.setSpacing(2)
        self.title = heading(f"Recover “{title}”?")
        words.addWidget(self.title)
        words.addWidget(body(f"Layerloom ended without saving it. The last edit was {when}."))
        self.take, self.drop = PrimaryButton("Recover"), QuietButton("Discard")
        self.take.clicked.connect(lambda: self.recover.emit(self.token))
        self.drop.clicked.connect(lambda: self.discard.emit(self.token))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addLayout(words, 1)
        layout.addWidget(self.drop)
        layout.addWidget(self.take)


class Gallery(QWidget):
    """The page. Call `refresh` when recent files or recoverable projects may have changed."""

    template_chosen = Signal(str)
    file_chosen = Signal(object)  # Path
    new_wanted = Signal()
    open_wanted = Signal()
    data_wanted = Signal()
    return_wanted = Signal()
    recover = Signal(object)
    discard = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.cards = [GalleryCard(template) for template in gallery.templates()]
        self.recent = RecentFiles(self)
        self._waiting = list(self.cards)
        self._draw = QTimer(self, interval=0)
        self._draw.timeout.connect(self._draw_next)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_side())
        layout.addWidget(hairline(Qt.Orientation.Vertical))
        page = QVBoxLayout()
        layout.addLayout(page, 1)
        self._fill_page(page)
        self.recent.changed.connect(self._show_recent)
        self.refresh()

    def refresh(self, recoverable: Sequence[tuple[str, str, object]] = ()) -> None:
        """Read the recent files again; offer what can be recovered as (title, when, token)."""
        self.recent.check()
        self._show_progress()
        self._show_recent()
        _empty(self._notices)
        for title, when, token in recoverable:
            notice = RecoveryNotice(title, when, token)
            notice.recover.connect(self.recover)
            notice.discard.connect(self.discard)
            self._notices.addWidget(notice)
        self._notices.setContentsMargins(0, 0, 0, 20 if recoverable else 0)

    def _show_recent(self) -> None:
        _empty(self._recent)
        paths = self.recent.paths()
        for path in paths:
            row = RecentRow(path)
            row.clicked.connect(lambda _=False, chosen=path: self.file_chosen.emit(chosen))
            self._recent.addWidget(row)
        if not paths:
            hint = caption("Projects that you save or open are listed here.")
            hint.setWordWrap(True)
            self._recent.addWidget(hint)

    def recent_rows(self) -> list[RecentRow]:
        return [row for row in _widgets(self._recent) if isinstance(row, RecentRow)]

    def notices(self) -> list[RecoveryNotice]:
        return [notice for notice in _widgets(self._notices) if isinstance(notice, RecoveryNotice)]

    def show_return(self, name: str | None) -> None:
        """Offer the way back to the project that is open."""
        self.back.setVisible(name is not None)
        self.back.setText(f"Back to {name}")

    def _show_progress(self) -> None:
        """What was opened and trained, on the cards and in where to go on."""
        held = course_progress.progress()
        for card in self.cards:
            name = card.template.name
            card.show_state("Trained" if name in held.trained else "Opened" if name in held.opened else "")
        self.continue_here.refresh()

    def note(self, name: str, *, trained: bool = False) -> None:
        """Remember that this project was opened, or trained to its end, if it is one of the gallery."""
        if any(card.template.name == name for card in self.cards):
            (course_progress.note_trained if trained else course_progress.note_opened)(name)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_progress()
        self._draw.start()

    @property
    def is_drawing(self) -> bool:
        """Whether pictures of cards that are in sight are still to be drawn."""
        return self._draw.isActive()

    def _draw_next(self) -> None:
        """One picture at a time, of the cards in sight, so that the page is there at once and scrolls."""
        height = self.area.viewport().height()
        for card in self._waiting:
            top = card.mapTo(self.area.viewport(), QPoint(0, 0)).y()
            if card.isVisible() and -card.height() <= top <= height:
                self._waiting.remove(card)
                card.picture.show_template(card.template.name)
                return
        self._draw.stop()

    def _make_side(self) -> QWidget:
        side = QFrame()
        side.setProperty("role", "panel")
        side.setFixedWidth(_SIDE)
        layout = QVBoxLayout(side)
        layout.setContentsMargins(20, 28, 20, 16)
        layout.setSpacing(8)
        layout.addWidget(LogoMark(40))
        layout.addSpacing(4)
        title = Label("Layerloom")
        title.setProperty("role", "title")
        layout.addWidget(title)
        layout.addWidget(
            body("Draw a network; the drawing is the program. Train it on real data and watch it learn.")
        )
        layout.addSpacing(12)
        new = _button(PrimaryButton("New project", "plus"), self.new_wanted.emit)
        open_ = _button(QuietButton("Open a project…", "folder-open-outline"), self.open_wanted.emit)
        self.add_data = _button(QuietButton("Add data…", "table-plus"), self.data_wanted.emit)
        self.back = _button(QuietButton("", "arrow-left"), self.return_wanted.emit)
        self.back.hide()
        for button in (new, open_, self.add_data, self.back):
            layout.addWidget(button)
        layout.addSpacing(20)
        layout.addWidget(heading("Recent"))
        inner = QWidget()
        inner.setProperty("role", "scrolled")
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        holder = QVBoxLayout(inner)
        holder.setContentsMargins(0, 0, 0, 0)
        holder.addLayout(self._recent)
        holder.addStretch(1)
        area = _scroll(inner)
        area.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area, 1)
        return side

    def _fill_page(self, column: QVBoxLayout) -> None:
        """What stays in sight, over the sections."""
        for card in self.cards:
            card.chosen.connect(self.template_chosen)
            card.key_pressed.connect(self.keyPressEvent)
        titles = dict.fromkeys(card.template.section for card in self.cards)
        self.sections = [
            GallerySection(title, [card for card in self.cards if card.template.section == title])
            for title in titles
        ]
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._make_top())
        column.addWidget(hairline())
        inner = QWidget()
        inner.setProperty("role", "scrolled")
        self.area = _scroll(inner)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        bar = self.area.verticalScrollBar()
        for moved in (bar.valueChanged, bar.rangeChanged):
            moved.connect(lambda *_: self._draw.start())
        column.addWidget(self.area, 1)
        self._fill_area(inner)

    def _fill_area(self, inner: QWidget) -> None:
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(32, 20, 32, 20)
        layout.setSpacing(6)
        self._notices = QVBoxLayout()
        self._notices.setSpacing(8)
        self._notices.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._notices)
        self.continue_here = ContinueHere([card.template for card in self.cards])
        self.continue_here.chosen.connect(self.template_chosen)
        layout.addWidget(self.continue_here)
        layout.addSpacing(8)
        for section in self.sections:
            layout.addWidget(section)
        self._nothing = body("")
        self._nothing.hide()
        layout.addWidget(self._nothing)
        layout.addStretch(1)

    def _make_top(self) -> QVBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(heading("Start from a finished project"))
        words.addWidget(
            body("From one neuron to transformers. Each opens ready, with its data; change anything.")
        )
        self.search = LineField()
        self.search.setPlaceholderText("Search projects")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(220)
        self.search.setAccessibleName("Search projects")
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._open_first)
        self.search.installEventFilter(self)
        top = QHBoxLayout()
        top.addLayout(words, 1)
        top.addWidget(self.search, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setContentsMargins(32, 28, 32, 14)
        column.setSpacing(12)
        column.addLayout(top)
        chips = QWidget()
        flow = ChipFlow(chips, 6)
        self.chips = []
        for section in self.sections:
            chip = Chip(section.title)
            chip.clicked.connect(lambda _=False, to=section: self._go_to(to))
            flow.addWidget(chip)
            self.chips.append(chip)
        column.addWidget(chips)
        return column

    def _go_to(self, section: GallerySection) -> None:
        """Bring this section to the top, with the keyboard on its first card."""
        self.search.clear()
        section.cards[0].setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.area.verticalScrollBar().setValue(section.y() - 12)

    def _filter(self, text: str) -> None:
        found = sum([section.filter(text) for section in self.sections])
        self._nothing.setText(f"No project has “{text.strip()}”. Try fewer words.")
        self._nothing.setVisible(not found)
        self._draw.start()

    # The keyboard ----------------------------------------------------------------------------

    def _open_first(self) -> None:
        """Enter in the search opens what was found first."""
        found = [card for card in self.cards if card.isVisible()]
        if found and self.search.text().strip():
            self.template_chosen.emit(found[0].template.name)

    def _move(self, key: int) -> None:
        current = next((card for card in self.cards if card.hasFocus()), None)
        shown = [card for card in self.cards if card.isVisible()]
        to = neighbour(self.cards, current, key, self) if current is not None else next(iter(shown), None)
        if to is not None:
            to.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.area.ensureWidgetVisible(to, 0, 48)
        elif current is not None and key == Qt.Key.Key_Up:
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from card to card; letters are searched for, wherever the keyboard is on the page."""
        held = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if event.key() in KEYS and not held:
            self._move(event.key())
        elif event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        elif event.text().isprintable() and event.text().strip() and not held:
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.search.insert(event.text())
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self._move(event.key())
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.search.clear()
                self.setFocus()
                return True
        return super().eventFilter(watched, event)


def _button(button: WordButton, then: Callable[[], object]) -> WordButton:
    button.clicked.connect(lambda _checked: then())
    button.setFixedHeight(32)
    return button


def _scroll(inner: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    return area


def _widgets(layout: QVBoxLayout) -> list[QWidget]:
    items = (layout.itemAt(at) for at in range(layout.count()))
    return [widget for item in items if item is not None and (widget := item.widget()) is not None]


def _empty(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
