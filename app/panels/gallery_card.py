"""A card of the gallery: a small picture of a drawing, what it does, on which data, how large it is.

The picture is painted from the project itself, so it is always the drawing that opens.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app import theme
from app.widgets.text import ElidedLabel
from engine.document.project import Graph, Node, Project
from engine.gallery import Template
from nodes.registry import REGISTRY

WIDTH, PICTURE = 280, 148
_CARD, _PILL = (118.0, 78.0), (84.0, 34.0)


def node_rect(graph: Graph, node: Node) -> QRectF:
    """About where a node's card stands on the canvas."""
    x, y = graph.layout.positions.get(node.id, (0.0, 0.0))
    params = REGISTRY[node.layer].params if node.layer in REGISTRY else {"": None}
    width, height = _CARD if params else _PILL
    return QRectF(x, y, width, height)


def family_of(node: Node) -> str:
    return REGISTRY[node.layer].family.value if node.layer in REGISTRY else "structure"


def paint_drawing(painter: QPainter, graph: Graph, room: QRectF) -> None:
    """The whole graph, small, fitted into `room`."""
    rects = {name: node_rect(graph, node) for name, node in graph.nodes.items()}
    if not rects:
        return
    whole = QRectF()
    for rect in rects.values():
        whole = whole.united(rect)
    scale = min(room.width() / whole.width(), room.height() / whole.height(), 0.5)
    look = theme.current()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(room.center())
    painter.scale(scale, scale)
    painter.translate(-whole.center())
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour(look.wire), 1.2 / scale))
    for wire in graph.wires:
        if wire.source.node in rects and wire.target.node in rects:
            painter.drawPath(_curve(rects[wire.source.node], rects[wire.target.node]))
    for name, rect in rects.items():
        _paint_node(painter, rect, look.family(family_of(graph.nodes[name])), scale)
    painter.restore()


def _curve(source: QRectF, target: QRectF) -> QPainterPath:
    start, end = QPointF(source.right(), source.center().y()), QPointF(target.left(), target.center().y())
    reach = max(24.0, abs(end.x() - start.x()) * 0.5)
    path = QPainterPath(start)
    path.cubicTo(start + QPointF(reach, 0), end - QPointF(reach, 0), end)
    return path


def _paint_node(painter: QPainter, rect: QRectF, colour: str, scale: float) -> None:
    look, radius = theme.current(), 3 / scale
    painter.setPen(QPen(theme.colour(look.hairline), 1 / scale))
    painter.setBrush(theme.colour(look.panel))
    painter.drawRoundedRect(rect, radius, radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(colour, 0.22))
    painter.drawRoundedRect(rect, radius, radius)
    painter.setBrush(theme.colour(colour))
    painter.drawRoundedRect(QRectF(rect.left(), rect.top(), 3 / scale, rect.height()), 1 / scale, 1 / scale)


class Picture(QWidget):
    """The drawing of a project, small, on the canvas' dots."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project: Project | None = None
        self.setFixedHeight(PICTURE)
        theme.changed.connect(self.update)

    def show_project(self, project: Project) -> None:
        self.project = project
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, look = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()).adjusted(0, 0, 0, 12), 7, 7)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), theme.colour(look.canvas))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(look.dots))
        for x in range(12, self.width(), 16):
            for y in range(12, self.height(), 16):
                painter.drawEllipse(QPointF(x, y), 0.8, 0.8)
        if self.project is not None:
            paint_drawing(painter, self.project.main, QRectF(self.rect()).adjusted(18, 16, -18, -16))
        painter.setPen(theme.colour(look.hairline))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        painter.end()


class GalleryCard(QFrame):
    """One project of the gallery; a click or Enter opens it."""

    chosen = Signal(str)

    def __init__(self, template: Template) -> None:
        super().__init__()
        self.template = template
        self.setObjectName(template.name)
        self.setProperty("role", "gallery-card")
        self.setMinimumWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"Open {template.title}")
        self.picture = Picture()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 12)
        layout.setSpacing(0)
        layout.addWidget(self.picture)
        words = QVBoxLayout()
        words.setContentsMargins(14, 12, 14, 2)
        words.setSpacing(4)
        title = QLabel(template.title)
        title.setProperty("role", "heading")
        words.addWidget(title)
        about = QLabel(template.description)
        about.setProperty("role", "body")
        about.setWordWrap(True)
        about.setAlignment(Qt.AlignmentFlag.AlignTop)
        about.setMinimumHeight(48)
        about.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
        words.addWidget(about, 1)
        words.addSpacing(4)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(ElidedLabel(template.data, "caption"), 1)
        count = QLabel(f"{template.parameters:,} parameters")
        count.setProperty("role", "mono")
        foot.addWidget(count)
        words.addLayout(foot)
        layout.addLayout(words, 1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self.template.name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.template.name)
        else:
            super().keyPressEvent(event)
