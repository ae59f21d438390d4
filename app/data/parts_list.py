"""The parts of data as a list of cards: columns of a table, arrays of a file, channels of pictures.

Painted row by row, only what is in sight, so that thousands of columns cost no more than ten. A click on a
role, or the arrow keys, asks for another; the list changes nothing itself.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.data import part_paint as paint
from app.style import theme
from app.widgets.enter_keys import ENTER
from app.widgets.menus import Menu
from nodes.reading.look import DataPart
from nodes.shown_text import shown_lines

ROW, GAP, HEAD = 60, 6, 22
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}


class PartsList(QWidget):
    """Cards of these parts. `role_chosen` tells the name of a part and the role that is wanted for it."""

    role_chosen = Signal(str, str)
    reached = Signal(QRect)  # where the row is on which the keyboard is now

    def __init__(self) -> None:
        super().__init__()
        self.parts: tuple[DataPart, ...] = ()
        self.current = 0
        self.is_busy = False
        self._hovered: tuple[int, str] | None = None
        self._columns_key = (-1, -1)
        self._kept_columns = paint.columns_for(0, ())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(480)
        self.setAccessibleName("Columns")
        theme.changed.connect(self.update)

    def show_parts(self, parts: tuple[DataPart, ...]) -> None:
        """Show these; the keyboard stays on the part of the same name."""
        name = self.parts[self.current].name if self.current < len(self.parts) else ""
        self.parts = parts
        self.current = next((at for at, part in enumerate(parts) if part.name == name), 0)
        self.setFixedHeight(self.sizeHint().height())
        self.setAccessibleDescription(self._said())
        self.update()

    @property
    def _columns(self) -> paint.ListColumns:
        key = (self.width(), id(self.parts))
        if key != self._columns_key:
            self._columns_key = key
            self._kept_columns = paint.columns_for(self.width(), self.parts)
        return self._kept_columns

    def sizeHint(self) -> QSize:
        return QSize(900, HEAD + len(self.parts) * (ROW + GAP))

    def row_rect(self, at: int) -> QRectF:
        """Where the card of a part stands."""
        return QRectF(0, HEAD + at * (ROW + GAP), self.width(), ROW)

    def role_place(self, name: str, role: str) -> QPoint:
        """The middle of the segment by which a part gets this role; of "…" where it is in the menu."""
        at = next(at for at, part in enumerate(self.parts) if part.name == name)
        places = dict(paint.segments(self.parts[at], self._roles_area(at)))
        return places[role if role in places else "…"].center().toPoint()

    # Painting ----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = self._columns
        if event.rect().top() < HEAD:
            self._paint_head(painter, columns)
        first = max(0, (event.rect().top() - HEAD) // (ROW + GAP))
        last = (event.rect().bottom() - HEAD) // (ROW + GAP)
        for at in range(first, min(len(self.parts), last + 1)):
            self._paint_row(painter, at, columns, tokens)
        painter.end()

    def _paint_head(self, painter: QPainter, columns: paint.ListColumns) -> None:
        painter.setFont(theme.sans(11))
        painter.setPen(theme.colour(theme.current().muted))
        heads = (
            ("Name", columns.name, paint.LEFT),
            ("Role", columns.roles, paint.LEFT),
            ("Examples", columns.examples, paint.LEFT),
            ("Values", columns.counts, paint.RIGHT),
            ("Distribution", columns.spread, paint.LEFT),
        )
        for words, (left, wide), align in heads:
            if wide:
                painter.drawText(QRectF(left, 0, wide, HEAD - 4), align, words)

    def _paint_row(self, painter: QPainter, at: int, columns: paint.ListColumns, tokens: theme.Theme) -> None:
        part, card = self.parts[at], self.row_rect(at)
        is_current = self.hasFocus() and at == self.current
        painter.setPen(QPen(theme.colour(tokens.accent if is_current else tokens.hairline), 1))
        painter.setBrush(theme.colour(tokens.panel))
        painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        areas = [QRectF(left, card.top(), wide, card.height()) for left, wide in columns]
        hovered = self._hovered[1] if self._hovered is not None and self._hovered[0] == at else ""
        paint.paint_name(painter, part, areas[0], tokens, with_missing=not columns.counts[1])
        paint.paint_roles(painter, part, areas[1], hovered, tokens, enabled=not self.is_busy)
        if columns.examples[1]:
            paint.paint_examples(painter, part, areas[2], tokens)
        if columns.counts[1]:
            paint.paint_counts(painter, part, areas[3], tokens)
        paint.paint_spread(painter, part, areas[4], tokens)

    # Mouse -------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hovered = self._segment_at(event.position())
        if hovered != self._hovered:
            self._hovered = hovered
            self.setCursor(Qt.CursorShape.PointingHandCursor if hovered else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hovered = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        row, found = self._row_at(event.position()), self._segment_at(event.position())
        if row is not None:
            self.current = row
            self.update()
        if found is not None:
            self._ask(*found)

    def _row_at(self, place: QPointF) -> int | None:
        at, within = divmod(int(place.y()) - HEAD, ROW + GAP)
        return at if 0 <= at < len(self.parts) and within < ROW else None

    def _segment_at(self, place: QPointF) -> tuple[int, str] | None:
        at = self._row_at(place)
        if at is None:
            return None
        made = paint.segments(self.parts[at], self._roles_area(at))
        held = next((role for role, rect in made if rect.contains(place)), None)
        return (at, held) if held is not None and len(made) > 1 else None

    def _roles_area(self, at: int) -> QRectF:
        left, wide = self._columns.roles
        card = self.row_rect(at)
        return QRectF(left, card.top(), wide, card.height())

    def _ask(self, at: int, role: str) -> None:
        part = self.parts[at]
        if role == "…":
            self.open_menu(at)
        elif role != part.role:
            self.role_chosen.emit(part.name, role)

    def open_menu(self, at: int) -> None:
        """All roles that a part can have, the present one ticked."""
        part = self.parts[at]
        if len(part.roles) < 2:
            return
        menu = Menu(self)
        for role in part.roles:
            action = menu.add(role)
            action.setCheckable(True)
            action.setChecked(role == part.role)
            action.triggered.connect(lambda _=False, wanted=role: self._ask(at, wanted))
        menu.aboutToHide.connect(menu.deleteLater)
        corner = self._roles_area(at).bottomLeft().toPoint() - QPoint(0, 16)
        menu.popup(self.mapToGlobal(corner))

    # Keys --------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if not self.parts or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        elif key in _STEPS or key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            to = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self.parts) - 1}
            self._go_to(to.get(Qt.Key(key), self.current + _STEPS.get(Qt.Key(key), 0)))
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            roles = self.parts[self.current].roles
            at = roles.index(self.parts[self.current].role) if self.parts[self.current].role in roles else 0
            at += 1 if key == Qt.Key.Key_Right else -1
            if 0 <= at < len(roles):
                self._ask(self.current, roles[at])
        elif key in (*ENTER, Qt.Key.Key_Space):
            self.open_menu(self.current)
        else:
            super().keyPressEvent(event)

    def _go_to(self, at: int) -> None:
        self.current = min(max(at, 0), len(self.parts) - 1)
        self.reached.emit(self.row_rect(self.current).toRect())
        self.setAccessibleDescription(self._said())
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()
        tabs = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if self.parts and event.reason() in tabs:
            self.reached.emit(self.row_rect(self.current).toRect())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # Words -------------------------------------------------------------------------------------------------

    def _said(self) -> str:
        """The row on which the keyboard is, for whoever hears the page."""
        if self.current >= len(self.parts):
            return ""
        part = self.parts[self.current]
        return shown_lines(f"{part.name}, {part.kind}, {part.role}")

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = self._row_at(QPointF(event.pos()))
            words = self._tooltip(at) if at is not None else ""
            QToolTip.showText(event.globalPos(), words, self) if words else QToolTip.hideText()
            return True
        return super().event(event)

    def _tooltip(self, at: int) -> str:
        part = self.parts[at]
        lines = [f"{part.name}: {part.kind}"]
        if part.why:
            lines.append(f"because {part.why}")
        if part.examples:
            lines.append(f"Examples: {', '.join(part.examples[:8])}")
        lines += [f"{value}: {count:,}" for value, count in part.common[:12]]
        return shown_lines("\n".join(lines))
