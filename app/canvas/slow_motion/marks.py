"""What is lit of the drawing at one moment of a step: nodes, the wires by which values or gradients flow, and
numbers beside the nodes. Lies over the canvas and takes no clicks.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.canvas.parts import CanvasParts
from app.style import theme
from engine.lens.step_moments import Moment, Stage

_DIM = 0.45
_PAD = 5.0


class StepMarks(QWidget):
    """Paints one moment over the view, at any zoom."""

    def __init__(self, view: CanvasParts) -> None:
        super().__init__(view.widget.viewport())
        self._view = view
        self.moment: Moment | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Lit nodes of a training step")
        view.camera.moved.connect(self.update)
        view.drawing.nodes_changed.connect(self.update)
        theme.changed.connect(self.update)
        self.hide()

    def show_moment(self, moment: Moment | None) -> None:
        """Light what this moment is about; None: nothing."""
        self.moment = moment
        self.setVisible(moment is not None)
        self.cover()
        self.update()

    def cover(self) -> None:
        """Lie over the whole view."""
        self.setGeometry(self._view.widget.viewport().rect())

    def lit(self) -> dict[str, str]:
        """The nodes of the graph on show that are lit, with their numbers; a placement for what is inside."""
        moment, prefix = self.moment, self._view.session.path_of("")
        found: dict[str, str] = {}
        for path in moment.nodes if moment is not None else ():
            key = path.removeprefix(prefix).split(".")[0] if path.startswith(prefix) else ""
            if moment is not None and key in self._view.drawing.nodes:
                words = moment.numbers.get(path, "")
                found[key] = words if key not in found or path == prefix + key else found[key]
        return found

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.moment is None:
            return
        painter, look = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = {Stage.BACK: look.warn, Stage.ERROR: look.bad}
        colour = theme.colour(colours.get(self.moment.stage, look.accent))
        lit = self.lit()
        ground = theme.colour(look.canvas)
        ground.setAlphaF(_DIM)
        painter.fillRect(self.rect(), ground)
        transform = self._view.widget.viewportTransform()
        prefix = self._view.session.path_of("")
        here = (path.removeprefix(prefix) for path in self.moment.within if path.startswith(prefix))
        within = {key.split(".")[0] for key in here}
        painter.setPen(QPen(colour, 3.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for wire, item in self._view.drawing.wires.items():
            end = wire.target.node if self.moment.into else wire.source.node
            if end in lit and {wire.source.node, wire.target.node} <= within:
                painter.drawPath(transform.map(item.path))
        for key, words in lit.items():
            box = transform.mapRect(QRectF(self._view.drawing.nodes[key].rect))
            painter.setPen(QPen(colour, 2.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(-_PAD, -_PAD, _PAD, _PAD), 10.0, 10.0)
            if words:
                self._paint_number(painter, box, words)
        painter.end()

    def _paint_number(self, painter: QPainter, box: QRectF, words: str) -> None:
        """A chip below the node, in the view for as much as there is room."""
        look = theme.current()
        painter.setFont(theme.mono(11))
        wide = painter.fontMetrics().horizontalAdvance(words) + 16.0
        chip = QRectF(box.center().x() - wide / 2, box.bottom() + 10.0, wide, 22.0)
        area = QRectF(self.rect()).adjusted(4, 4, -4, -4)
        chip.moveLeft(max(area.left(), min(chip.left(), area.right() - wide)))
        chip.moveTop(max(area.top(), min(chip.top(), area.bottom() - 22.0)))
        painter.setPen(QPen(theme.colour(look.hairline), 1.0))
        painter.setBrush(theme.colour(look.panel))
        painter.drawRoundedRect(chip, 6.0, 6.0)
        painter.setPen(theme.colour(look.text))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)

    def focus_point(self) -> QPointF | None:
        """The middle of what is lit on the scene; None where nothing of this graph is."""
        boxes = [QRectF(self._view.drawing.nodes[key].rect) for key in self.lit()]
        whole = QRectF()
        for box in boxes:
            whole = whole.united(box)
        return whole.center() if boxes else None
