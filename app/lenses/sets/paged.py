"""A view of several pages, of which one is shown: headings that are chosen, and a painted page below them.

A page paints itself in the room it is given and says what is under the mouse; what is too high is scrolled.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.style import theme
from app.style.theme import Theme
from app.widgets.buttons import Chip
from app.widgets.flow import ChipFlow

LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
MIDDLE = Qt.AlignmentFlag.AlignCenter
LINE = 18.0
"""Height of a line of small text, in pixels."""
_LEAST, _MOST = 160, 330
"""Height of a page that nobody gives more room, in pixels; what is higher is scrolled."""


class Page(ABC):
    """One page. `title` is its heading; `area` begins at the top of the page, wherever it is scrolled to."""

    title: str

    @abstractmethod
    def height(self, width: float) -> float:
        """How high it likes to be at this width, in pixels."""

    @abstractmethod
    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None: ...

    def text_at(self, place: QPointF, area: QRectF) -> str:
        """What is at this place, in words; empty: nothing."""
        return ""

    def click(self, place: QPointF, area: QRectF) -> str | None:
        """Something at this place is chosen: the title of the page to show then; None: nothing was there."""
        return None

    @property
    def stretches(self) -> bool:
        """Whether it uses all the height it is given."""
        return True


class PagedView(QWidget):
    """`pointed` tells what is under the mouse, `options_chosen` which options of the lens were chosen."""

    pointed = Signal(str)
    options_chosen = Signal(dict)

    def __init__(self) -> None:
        super().__init__()
        self.pages: tuple[Page, ...] = ()
        self.page: Page | None = None
        self.state: dict[str, Any] = {}
        """What a person has chosen, kept from frame to frame."""
        self._headings = QWidget()
        flow = ChipFlow(self._headings, 4)
        self._flow = flow
        self._chips: list[Chip] = []
        self.canvas = PageCanvas(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._headings)
        column.addWidget(self.canvas, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_pages(self, pages: Sequence[Page]) -> None:
        """Show these; the page of the same title as before stays on show."""
        before = self.page.title if self.page is not None else ""
        titles = [page.title for page in self.pages]
        self.pages = tuple(pages)
        if titles != [page.title for page in pages]:
            self._make_headings()
        self.page = next((page for page in pages if page.title == before), next(iter(pages), None))
        self._mark()
        self.canvas.renew()

    def choose(self, title: str) -> None:
        """Show the page of this title."""
        found = next((page for page in self.pages if page.title == title), None)
        if found is not None:
            self.page = found
            self._mark()
            self.canvas.scroll_to(0.0)
            self.canvas.renew()

    def _make_headings(self) -> None:
        for chip in self._chips:
            self._flow.removeWidget(chip)
            chip.deleteLater()
        self._chips = []
        for page in self.pages:
            chip = Chip(page.title)
            chip.setCheckable(True)
            chip.clicked.connect(lambda _=False, title=page.title: self.choose(title))
            self._flow.addWidget(chip)
            self._chips.append(chip)
        self._headings.setVisible(len(self.pages) > 1)

    def _mark(self) -> None:
        for chip in self._chips:
            chip.setChecked(self.page is not None and chip.text() == self.page.title)


class PageCanvas(QWidget):
    """Paints the page of a view, scrolled, and hands the mouse on to it."""

    def __init__(self, view: PagedView) -> None:
        super().__init__(view)
        self._view, self._offset = view, 0.0
        self._mouse: QPointF | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(268, self.minimumHeight())

    def renew(self) -> None:
        """The page is another one, or has other contents."""
        page = self._view.page
        high = page.height(float(self.width())) if page is not None else 0.0
        self.setMinimumHeight(round(min(_MOST, max(_LEAST if high > LINE * 2 else LINE, high))))
        self.scroll_to(self._offset)
        if self._mouse is not None:
            self._point(self._mouse)
        self.update()

    def scroll_to(self, offset: float) -> None:
        self._offset = max(0.0, min(offset, self.area().height() - self.height()))
        self.update()

    def area(self) -> QRectF:
        """Where the whole page is, beyond what is seen of it."""
        page = self._view.page
        high = page.height(float(self.width())) if page is not None else 0.0
        if page is not None and page.stretches:
            high = max(high, float(self.height()))
        return QRectF(0.0, -self._offset, float(self.width()), high)

    def paintEvent(self, _event: QPaintEvent) -> None:
        page, area = self._view.page, self.area()
        if page is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        page.paint(painter, area, theme.current())
        if area.height() > self.height() + 1:
            share = self.height() / area.height()
            bar = QRectF(self.width() - 3.0, self._offset * share, 3.0, self.height() * share)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(theme.current().faint, 0.6))
            painter.drawRoundedRect(bar, 1.5, 1.5)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.renew()

    def wheelEvent(self, event: QWheelEvent) -> None:
        before = self._offset
        self.scroll_to(before - event.angleDelta().y() / 2)
        if self._offset == before:
            event.ignore()
        else:
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        self._point(self._mouse)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._mouse = None
        self._view.state.pop("mouse", None)
        self._view.pointed.emit("")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        page = self._view.page
        if page is None or event.button() != Qt.MouseButton.LeftButton:
            return
        following = page.click(event.position(), self.area())
        if following:
            self._view.choose(following)
        self.renew()

    def _point(self, place: QPointF) -> None:
        page, area = self._view.page, self.area()
        self._view.state["mouse"] = place - area.topLeft()
        self._view.pointed.emit(page.text_at(place, area) if page is not None else "")


def elided(painter: QPainter, words: str, width: float) -> str:
    """The words as far as there is room."""
    return painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, max(0, int(width)))


def paint_head(painter: QPainter, area: QRectF, words: str, tokens: Theme) -> QRectF:
    """The first line of a page, and where it is."""
    line = QRectF(area.left(), area.top(), area.width(), LINE)
    painter.setFont(theme.sans(11))
    painter.setPen(theme.colour(tokens.muted))
    painter.drawText(line, LEFT, elided(painter, words, line.width()))
    return line


def width_of(words: Sequence[str], size: int) -> int:
    """Width of the widest of these words in small text of this size."""
    told = QFontMetrics(theme.sans(size))
    return max((told.horizontalAdvance(one) for one in words), default=0)


class Sentence(Page):
    """A page of words alone."""

    def __init__(self, title: str, words: str) -> None:
        self.title, self.words = title, words

    def height(self, width: float) -> float:
        told = QFontMetrics(theme.sans(12))
        room = QRectF(0, 0, max(60.0, width), 2000.0).toRect()
        return told.boundingRect(room, int(Qt.TextFlag.TextWordWrap), self.words).height() + 8.0

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        painter.setFont(theme.sans(12))
        painter.setPen(theme.colour(tokens.muted))
        painter.drawText(area, int(Qt.TextFlag.TextWordWrap), self.words)
