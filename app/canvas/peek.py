"""A look inside a placement without entering it: its drawing in a box beside the card, live, read only.

The box holds a canvas of its own over a session that follows the one of the view: the same project and
report, another graph on show. Nothing that is pressed there reaches it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.canvas.parts import CanvasParts
from app.state.session import Session, View
from app.style import theme
from app.widgets.numbers import grouped
from app.widgets.text import ElidedLabel, heading
from engine.document.edits.editing import repeat_of
from engine.document.project import Project

_LARGEST, _LEAST, _GAP = QSize(760, 440), QSize(340, 210), 14
MakeCanvas = Callable[[Session], CanvasParts]


class PeekBox(QWidget):
    """The name of what is inside, what it comes to, and its drawing."""

    def __init__(self, outer: CanvasParts, make: MakeCanvas, key: str, view: View) -> None:
        super().__init__(outer.widget)
        self.key = key
        self._outer, self._view = outer.session, view
        self.session = Session(outer.session.project, self)
        self.session.show_graph(*outer.session.view_stack, view)
        self.session.set_report(outer.session.report)
        self.canvas = make(self.session)
        self.title, self.note = heading(view.graph), ElidedLabel("", role="faint")
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line = QHBoxLayout()
        line.setContentsMargins(10, 7, 10, 4)
        line.addWidget(self.title)
        line.addSpacing(10)
        line.addWidget(self.note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 1, 4, 4)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.canvas.widget, 1)
        held = self.canvas.widget
        held.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        held.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        held.setAcceptDrops(False)
        held.setAccessibleName(f"Inside {key}")
        self._outer.project_changed.connect(self._follow)
        self._outer.report_changed.connect(self._report)
        theme.changed.connect(self.update)
        self._tell()

    def _follow(self, _old: Project, new: Project) -> None:
        inside = self._outer.inside(self.key)
        if inside == self._view:
            self.session.apply(new, "Follow")
            self._tell()
        else:
            self.hide()

    def _report(self) -> None:
        self.session.set_report(self._outer.report)
        self._tell()

    def _tell(self) -> None:
        """What one copy and all copies come to."""
        graph, outer = self.session.graph, self._outer.graph
        copies = repeat_of(outer, outer.nodes[self.key])
        count = len(graph.nodes)
        words = [f"{copies} copies" if copies > 1 else "", f"{count} {'layer' if count == 1 else 'layers'}"]
        report = self._outer.report.nodes.get(self._outer.path_of(self.key))
        if report is not None and report.parameters:
            words.append(f"{grouped(report.parameters)} parameters")
        self.note.setText(" · ".join(word for word in (*words, "Enter opens it") if word))

    def wanted_size(self, room: QSize) -> QSize:
        """As large as the drawing is, within what there is."""
        content = self.canvas.drawing.hit_testing.content_rect().size().toSize()
        wanted = QSize(content.width() + 90, content.height() + 150).boundedTo(_LARGEST)
        return wanted.boundedTo(room).expandedTo(_LEAST)

    def paintEvent(self, _event: QPaintEvent) -> None:
        now, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour(now.accent), 1.0))
        painter.setBrush(theme.colour(now.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8.0, 8.0)
        painter.end()


class Peek(QObject):
    """At most one such box over one view. It goes by Escape, a press, a scroll, or another graph."""

    def __init__(self, view: CanvasParts, make: MakeCanvas) -> None:
        super().__init__(view.widget)
        self._view, self._make = view, make
        self.box: PeekBox | None = None
        view.session.view_changed.connect(self.close)

    def toggle(self, key: str) -> None:
        """Look inside this placement, or close the box that shows it."""
        if self.box is not None and self.box.isVisible() and self.box.key == key:
            self.close()
        else:
            self.open(key)

    def open(self, key: str) -> bool:
        """Look inside a placement; False for other nodes."""
        self.close()
        inside, item = self._view.session.inside(key), self._view.drawing.nodes.get(key)
        if inside is None or item is None:
            return False
        widget = self._view.widget
        self.box = box = PeekBox(self._view, self._make, key, inside)
        card = widget.mapFromScene(item.rect).boundingRect()
        above, below = card.top() - 2 * _GAP, widget.height() - card.bottom() - 2 * _GAP
        box.resize(box.wanted_size(QSize(widget.width() - 2 * _GAP, max(above, below))))
        y = card.bottom() + _GAP if below >= above else card.top() - _GAP - box.height()
        most = QPoint(widget.width() - box.width() - _GAP, widget.height() - box.height() - _GAP)
        box.move(max(_GAP, min(card.left(), most.x())), max(_GAP, min(y, most.y())))
        box.show()
        box.raise_()
        box.canvas.camera.fit()
        for watched in (widget, widget.viewport()):
            watched.installEventFilter(self)
        return True

    def close(self) -> None:
        """Look no more."""
        box, self.box = self.box, None
        if box is not None:
            for watched in (self._view.widget, self._view.widget.viewport()):
                watched.removeEventFilter(self)
            box.hide()
            box.deleteLater()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
                self.close()
                return True
        elif event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.Resize):
            self.close()
        return False
