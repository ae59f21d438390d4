"""Fields for what is on or off and for one of a few names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.forms.box import Box
from app.forms.field import MIXED, AnyParam, Field
from app.style import theme
from app.widgets.menus import Menu
from nodes.param import Choice


class WordBox(Box):
    """A box that can have the focus and shows one word."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.word = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_word(self, word: str) -> None:
        self.word = word
        self.setAccessibleName(word)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.mono(11))
        painter.setPen(theme.colour(tokens.text))
        area = self.rect().adjusted(8, 0, -30, 0)
        word = painter.fontMetrics().elidedText(self.word, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, word)
        self.paint_mark(painter, tokens)
        painter.end()

    def paint_mark(self, painter: QPainter, tokens: theme.Theme) -> None:
        """Draw at the right what tells the kind of field."""


class SwitchBox(WordBox):
    """The word and a small switch."""

    is_on = False

    def paint_mark(self, painter: QPainter, tokens: theme.Theme) -> None:
        track = QRectF(self.width() - 32, self.height() / 2 - 6, 22, 12)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(tokens.accent if self.is_on else tokens.hairline))
        painter.drawRoundedRect(track, 6, 6)
        painter.setBrush(theme.colour(tokens.on_accent if self.is_on else tokens.muted))
        centre = track.right() - 6 if self.is_on else track.left() + 6
        painter.drawEllipse(QRectF(centre - 4, track.center().y() - 4, 8, 8))


class ChevronBox(WordBox):
    """The word and the sign that more are behind it."""

    def paint_mark(self, painter: QPainter, tokens: theme.Theme) -> None:
        painter.setPen(QPen(theme.colour(tokens.muted), 1.4))
        x, y = self.width() - 16.0, self.height() / 2.0
        painter.drawPolyline([QPoint(int(x) - 4, int(y) - 2), QPoint(int(x), int(y) + 2)])
        painter.drawPolyline([QPoint(int(x), int(y) + 2), QPoint(int(x) + 4, int(y) - 2)])


class BoolField(Field):
    """On or off: a click, Space or Enter turns it; the arrow keys choose."""

    def __init__(self, param: AnyParam, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.setFocusProxy(self.box)
        self.box.installEventFilter(self)

    def make_box(self) -> Box:
        return SwitchBox(self)

    def present(self, value: Any) -> None:
        box = self.box
        assert isinstance(box, SwitchBox)
        box.is_on = value is True
        box.show_word("mixed" if value is MIXED else "on" if value is True else "off")
        if isinstance(value, str):
            box.show_word(value)

    def toggle(self) -> None:
        self.offer(self.value is not True)

    def eventFilter(self, watched: object, event: object) -> bool:
        if watched is not self.box:
            return False
        if isinstance(event, QMouseEvent) and event.type() == event.Type.MouseButtonRelease:
            inside = self.box.rect().contains(event.position().toPoint())
            if event.button() == Qt.MouseButton.LeftButton and inside:
                if not (self.is_expression and self.write_expression()):
                    self.toggle()
                return True
        elif isinstance(event, QKeyEvent) and event.type() == event.Type.KeyPress:
            if event.text() == "=" and self.write_expression():
                return True
            if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.toggle()
                return True
            if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
                self.offer(event.key() == Qt.Key.Key_Right)
                return True
        return False


class ChoiceField(Field):
    """One of a few names: a click opens the list; arrow keys, the wheel and first letters step."""

    def __init__(self, param: AnyParam, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        assert isinstance(param, Choice)
        self.choices, self._title = param.choices, param.title_of
        if param.titles:  # the names of the file would say nothing here
            self.setToolTip(param.help)
            self.explains = False
        self.setFocusProxy(self.box)
        self.box.installEventFilter(self)

    def make_box(self) -> Box:
        return ChevronBox(self)

    def present(self, value: Any) -> None:
        assert isinstance(self.box, ChevronBox)
        self.box.show_word("mixed" if value is MIXED else self._title(str(value)))

    def make_menu(self) -> Menu:
        """The list of names, the present one ticked."""
        menu = Menu(self)
        for choice in self.choices:
            action = menu.add(self._title(choice))
            action.setCheckable(True)
            action.setChecked(choice == self.value)
            action.triggered.connect(lambda _=False, name=choice: self.offer(name))
        menu.setMinimumWidth(self.box.width())
        menu.installEventFilter(self)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def open_menu(self) -> None:
        menu = self.make_menu()
        menu.popup(self.box.mapToGlobal(QPoint(0, self.box.height() + 2)))
        ticked = next((action for action in menu.actions() if action.isChecked()), None)
        if ticked is not None:
            menu.setActiveAction(ticked)  # arrow keys go on from here

    def step(self, steps: int) -> None:
        at = self.choices.index(self.value) if self.value in self.choices else 0
        self.offer(self.choices[min(max(at + steps, 0), len(self.choices) - 1)], gesture=True)

    def eventFilter(self, watched: object, event: object) -> bool:
        if isinstance(watched, Menu) and isinstance(event, QKeyEvent):
            return event.type() == event.Type.KeyPress and _go_to(watched, event.text().lower())
        if watched is not self.box:
            return False
        if isinstance(event, QMouseEvent) and event.type() == event.Type.MouseButtonPress:
            self.box.setFocus(Qt.FocusReason.MouseFocusReason)
            if not (self.is_expression and self.write_expression()):
                self.open_menu()
            return True
        if isinstance(event, QWheelEvent) and self.box.hasFocus():
            self.step(-1 if event.angleDelta().y() > 0 else 1)
            return True
        if isinstance(event, QKeyEvent) and event.type() == event.Type.KeyPress:
            return (event.text() == "=" and self.write_expression()) or self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_menu()
        else:
            return self._letter(event.text().lower())
        return True

    def _letter(self, letter: str) -> bool:
        """The next name with this first letter, after the last one the first again."""
        at = self.choices.index(self.value) + 1 if self.value in self.choices else 0
        found = _next_of([self._title(name) for name in self.choices], at, letter)
        if found is not None:
            self.offer(self.choices[found])
        return found is not None


def _next_of(titles: Sequence[str], at: int, letter: str) -> int | None:
    """Which of these has this first letter, from `at` on, after the last one the first again."""
    places = (*range(at, len(titles)), *range(at))
    return next((place for place in places if letter and titles[place].lower().startswith(letter)), None)


def _go_to(menu: Menu, letter: str) -> bool:
    """Bring the open list to the next name with this first letter."""
    actions = menu.actions()
    now = menu.activeAction()
    at = actions.index(now) + 1 if now in actions else 0
    found = _next_of([action.text() for action in actions], at, letter) if letter.strip() else None
    if found is not None:
        menu.setActiveAction(actions[found])
    return found is not None
