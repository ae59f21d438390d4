"""A card of the gallery: a small picture of a drawing, what it does, on which data, how large it is.

The picture is painted from the project itself, so it is always the drawing that opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.canvas.items.scene import CanvasScene
from app.state.session import Session
from app.style import theme
from app.widgets.text import ElidedLabel, Label
from engine.document.project import Project
from engine.document.storage import gallery
from engine.document.storage.gallery import Template
from nodes.data_sets.registry import data_sets
from nodes.registry import REGISTRY

WIDTH, PICTURE = 280, 148


@dataclass(frozen=True)
class CardOutline:
    """What a small picture needs of a drawing: cards with their families, wires as routed there, frames."""

    cards: tuple[tuple[QRectF, str, bool], ...]  # place, family, whether it is a pill
    wires: tuple[tuple[QPainterPath, str], ...]  # course, family of what is not the main flow
    frames: tuple[QRectF, ...]

    @property
    def bounds(self) -> QRectF:
        whole = QRectF()
        for rect in (
            *(card[0] for card in self.cards),
            *self.frames,
            *(w[0].boundingRect() for w in self.wires),
        ):
            whole = whole.united(rect)
        return whole


def outline(project: Project) -> CardOutline:
    """Lay a project out as the canvas does."""
    session = Session(project)
    scene = CanvasScene(session)
    found = CardOutline(
        tuple((item.rect, item.card.family, item.card.pill) for item in scene.nodes.values()),
        tuple((QPainterPath(item.path), item.side_family or "") for item in scene.wires.values()),
        tuple(QRectF(item.rect) for item in scene.frames.values()),
    )
    scene.deleteLater()
    session.deleteLater()
    return found


@cache
def outline_of_template(name: str) -> CardOutline:
    """The outline of a project of the gallery, laid out once: these files stay as they are."""
    return outline(gallery.make(name))


def paint_outline(painter: QPainter, drawing: CardOutline, room: QRectF) -> None:
    """The whole drawing, small, fitted into `room`."""
    whole, look = drawing.bounds, theme.current()
    if whole.isEmpty():
        return
    scale = min(room.width() / whole.width(), room.height() / whole.height(), 0.45)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(room.center())
    painter.scale(scale, scale)
    painter.translate(-whole.center())
    for frame in drawing.frames:
        painter.setPen(QPen(theme.colour(look.hairline), 1 / scale))
        painter.setBrush(theme.colour(look.accent, 0.05))
        painter.drawRoundedRect(frame, 12, 12)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for course, family in drawing.wires:
        painter.setPen(QPen(theme.colour(look.family(family) if family else look.wire), 1.2 / scale))
        painter.drawPath(course)
    for rect, family, pill in drawing.cards:
        _paint_card(painter, rect, look.family(family), pill, scale)
    painter.restore()


def _paint_card(painter: QPainter, rect: QRectF, colour: str, pill: bool, scale: float) -> None:
    look, radius = theme.current(), rect.height() / 2 if pill else 3 / scale
    shape = QPainterPath()
    shape.addRoundedRect(rect, radius, radius)
    painter.setPen(QPen(theme.colour(look.hairline), 1 / scale))
    painter.setBrush(theme.colour(look.panel))
    painter.drawPath(shape)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(colour, 0.22))
    painter.drawPath(shape)
    painter.save()
    painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
    painter.fillRect(QRectF(rect.left(), rect.top(), 3 / scale, rect.height()), theme.colour(colour))
    painter.restore()


class Picture(QWidget):
    """The drawing of a project, small, on the canvas' dots."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.drawing: CardOutline | None = None
        self.setFixedHeight(PICTURE)
        theme.changed.connect(self.update)

    def show_template(self, name: str) -> None:
        self.drawing = outline_of_template(name)
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
        if self.drawing is not None:
            paint_outline(painter, self.drawing, QRectF(self.rect()).adjusted(16, 14, -16, -14))
        painter.setPen(theme.colour(look.hairline))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        painter.end()


class GalleryCard(QFrame):
    """One project of the gallery; a click or Enter opens it. Arrows and letters are for the page."""

    chosen = Signal(str)
    key_pressed = Signal(object)  # QKeyEvent that is not the card's

    def __init__(self, template: Template) -> None:
        super().__init__()
        self.template = template
        self.setObjectName(template.name)
        self.setProperty("role", "gallery-card")
        self.setMinimumWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"Open {template.title}")
        self.setAccessibleDescription(f"{template.description} {' · '.join(_figures(template))}")
        self.picture = Picture()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 12)
        layout.setSpacing(0)
        layout.addWidget(self.picture)
        words = QVBoxLayout()
        words.setContentsMargins(14, 12, 14, 2)
        words.setSpacing(4)
        self.state = Label("")
        self.state.setProperty("role", "caption")
        title = ElidedLabel(template.title, "heading")
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(title, 1)
        top.addWidget(self.state)
        words.addLayout(top)
        about = _lines(template.description, "body", 34)
        about.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
        words.addWidget(about, 1)
        words.addSpacing(4)
        words.addLayout(_foot(template))
        words.addWidget(_lines(" · ".join(_figures(template)[2:]), "caption", 30))
        layout.addLayout(words, 1)

    def show_state(self, state: str) -> None:
        """Say in a word how far the user was with it; "": not opened yet."""
        self.state.setText(state)
        self.setAccessibleName(f"Open {self.template.title}" + (f" ({state.lower()})" if state else ""))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self.template.name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.template.name)
        else:
            event.accept()
            self.key_pressed.emit(event)


def _lines(words: str, role: str, least: int) -> Label:
    """Words in as many lines as they need, in a room of at least so many pixels."""
    label = Label(words)
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    label.setMinimumHeight(least)
    return label


def title_of_data(template: Template) -> str:
    """What its data set is called; the layer that draws its data, where there is none."""
    if template.data in data_sets():
        return data_sets()[template.data].title
    return REGISTRY.title_of(template.data)


def _foot(template: Template) -> QHBoxLayout:
    """The data at the left, the parameters at the right."""
    foot = QHBoxLayout()
    foot.setSpacing(8)
    foot.addWidget(ElidedLabel(title_of_data(template), "caption"), 1)
    count = Label(f"{template.parameters:,} parameters")
    count.setProperty("role", "mono")
    foot.addWidget(count)
    return foot


def _figures(template: Template) -> list[str]:
    """Data, parameters, and what training takes and reaches, where it is known."""
    found = [title_of_data(template), f"{template.parameters:,} parameters"]
    if template.seconds:
        found.append(f"{_in_words(template.seconds)} to train")
    return [*found, template.reaches] if template.reaches else found


def _in_words(seconds: int) -> str:
    return f"{seconds} s" if seconds < 90 else f"{round(seconds / 60)} min"
