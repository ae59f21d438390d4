"""The canvas: shows the graph on show and hands mouse, keys and drops to its parts.

The view keeps no mode: each press makes one gesture, which acts until its release.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QHideEvent,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsView, QToolTip

from app.canvas import keys, menu
from app.canvas.backdrop import Backdrop
from app.canvas.camera import Camera
from app.canvas.chrome import Chrome
from app.canvas.clipboard import CanvasClipboard
from app.canvas.drop_target import DropTarget
from app.canvas.editing.drawing_editor import DrawingEditor
from app.canvas.flow.overlay import FlowOverlay
from app.canvas.gesture_runner import GestureRunner
from app.canvas.gestures.choosing import choose
from app.canvas.gestures.zoom import Pinch, Zoom
from app.canvas.items.measures import Level
from app.canvas.items.motion import Slide
from app.canvas.items.node_item import PortAt
from app.canvas.items.scene import CanvasScene
from app.canvas.layer_search import LayerSearch
from app.canvas.live_pictures import LiveFeed
from app.canvas.looking import Looking
from app.canvas.name_fields import NameFields
from app.canvas.peek import Peek
from app.canvas.scene_geometry import SceneGeometry
from app.canvas.slow_motion.slow_motion import SlowMotion
from app.canvas.time.time_bar import TimeBar
from app.canvas.tooltips import tooltip_at
from app.state.run_controller import RunController
from app.state.session import Session
from app.style import theme
from engine.document.project import Point
from nodes.param import JSON

_FAR = 1e7


class CanvasView(QGraphicsView):
    """The drawing of the graph on show."""

    def __init__(self, session: Session, controller: RunController) -> None:
        self.session, self.drawing = session, CanvasScene(session)
        self._is_ready = False
        super().__init__(self.drawing)
        self.camera = Camera(self, self.drawing.hit_testing.content_rect)
        self.editor = DrawingEditor(session, SceneGeometry(self.drawing))
        self.slide = Slide(self.drawing)
        self.names = NameFields(self, self.drawing, self.camera, self.editor)
        self.search = LayerSearch(self, self.camera, self.editor, self.reveal)
        self.looking = Looking(self, self.drawing, session)
        self.clipboard = CanvasClipboard(self.editor, self.cursor_place)
        self.gestures = GestureRunner(self, self, self.slide.stop)
        self._drops = DropTarget(self, self.gestures)
        self.peek = Peek(self, lambda inner: _bare(inner, controller))
        self._backdrop = Backdrop(self, self.drawing, self.camera)
        self._pinch = Pinch(self)
        self._mouse: QPoint | None = None
        self.drawing.drawn.completed.connect(self.camera.fit_if_unmoved)
        self._shown_stack, self._shown_graph = session.view_stack, session.graph
        self._prepare()
        self.chrome = Chrome(self)
        self.live = LiveFeed(self, controller)
        self.slow_motion = SlowMotion(self, controller)
        self.time_bar = TimeBar(self, controller)
        self.chrome.chips_end.connect(self.time_bar.keep_right_of)
        self.flow = FlowOverlay(self, controller, self.chrome.flow)
        self._is_ready = True
        self._connect()

    def _prepare(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSceneRect(QRectF(-_FAR, -_FAR, 2 * _FAR, 2 * _FAR))
        for policy in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName("Canvas")
        self.camera.centre(QPointF(0.0, 0.0))

    def _connect(self) -> None:
        self.camera.moved.connect(self._moved)
        self.drawing.rebuilt.connect(self._rebuilt)
        self.drawing.nodes_changed.connect(self._note_graph)
        self.drawing.looks_changed.connect(self._looks_changed)
        self.session.reveal_wanted.connect(self.reveal)
        theme.changed.connect(self.viewport().update)

    # What the window asks -----------------------------------------------------------------------------------

    @property
    def widget(self) -> QGraphicsView:
        return self

    @property
    def minimap_shown(self) -> bool:
        return self.chrome.minimap.isVisibleTo(self)

    def set_minimap(self, shown: bool) -> None:
        self.chrome.minimap.setVisible(shown)
        self.chrome.place()

    def cursor_place(self) -> QPointF:
        """The mouse on the scene; the middle of the view where it is elsewhere."""
        at = self._mouse if self._mouse is not None else self.viewport().mapFromGlobal(QCursor.pos())
        is_inside = self.viewport().rect().contains(at)
        return self.mapToScene(at) if is_inside else self.camera.visible_rect().center()

    def reveal(self, node: str) -> None:
        """Select a node and scroll to it where it is not seen."""
        item = self.drawing.nodes.get(node)
        if item is None:
            return
        self.session.select(frozenset({node}))
        if self.camera.level is Level.BLOCKS:
            self.camera.zoom_to(1.0)
        if not self.camera.visible_rect().adjusted(20, 20, -20, -20).contains(item.rect):
            self.camera.centre(item.rect.center())

    def add_layer(self, layer: str, params: Mapping[str, JSON] | None = None) -> str | None:
        """Add a layer behind the selected node, or in the middle of the view; returns its id."""
        middle = self.camera.visible_rect().center()
        return self.editor.add_layer(layer, params, middle=Point(middle.x(), middle.y()))

    def open_search(self, at: QPointF | None = None, wire_from: PortAt | None = None) -> None:
        """Open the search for a layer at a place of the scene; see `LayerSearch.open`."""
        self.search.open(at, wire_from)

    def add_port(self, side: str) -> None:
        """Add an input or output to the definition on show; its name is to be written next."""
        self.names.add_port(side)

    def rename(self) -> None:
        """A field over the name of the one selected node."""
        chosen = self.editor.selected
        if len(chosen) == 1:
            key = next(iter(chosen))
            self.reveal(key)
            self.names.rename_node(key)

    def port_on_show(self, node: str, port: str, *, output: bool) -> PortAt | None:
        """A port by name, with its place on the scene."""
        item = self.drawing.nodes.get(node)
        ports = item.ports() if item is not None else []
        return next((p for p in ports if p.output == output and p.port.name == port), None)

    # Following the session ----------------------------------------------------------------------------------

    def _moved(self) -> None:
        self.live.settle()
        self.flow.settle()
        self.chrome.minimap.refresh()

    def _rebuilt(self) -> None:
        """Another graph is on show: show it where it was last seen, or whole. One only renamed stays."""
        self.gestures.cancel()
        self.slide.stop()
        before, now, was = self._shown_stack[-1].graph, self.session.view.graph, self._shown_graph
        if self.session.view_stack != self._shown_stack:
            self._shown_stack = self.session.view_stack
            if was.nodes != self.session.graph.nodes:
                self.camera.show_graph_from(before, now)
        self.viewport().update()

    def _note_graph(self) -> None:
        self._shown_graph = self.session.graph

    def _looks_changed(self) -> None:
        """From afar Qt does not know what it painted where, and so not what to paint over."""
        if self.camera.level is not Level.FULL:
            self.viewport().update()

    # Painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.camera.level is Level.FULL:
            super().paintEvent(event)
            return
        painter = QPainter(self.viewport())
        painter.drawPixmap(0, 0, self._backdrop.picture())
        painter.setTransform(self.viewportTransform())
        self.gestures.paint(painter)
        painter.end()

    def drawBackground(self, painter: QPainter, _rect: QRectF | QRect) -> None:
        painter.save()
        painter.resetTransform()
        self._backdrop.paint_ground(painter)
        painter.restore()

    def drawForeground(self, painter: QPainter, _rect: QRectF | QRect) -> None:
        self.gestures.paint(painter)

    # Mouse --------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.gestures.press(event.button(), self.camera.scene_point(event.position()), event.modifiers())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position().toPoint()
        at = self.camera.scene_point(event.position())
        if self.gestures.current is not None:
            self.gestures.update(at)
        elif not self.gestures.is_space_held:
            self._hover(at)
        event.accept()

    def _hover(self, at: QPointF) -> None:
        """The mouse moves without a button."""
        hit = self.drawing.hit_testing
        under = hit.node_at(at)
        self.drawing.spotlight.hover(under.card.id if under is not None else "")
        is_on_port = self.camera.level is Level.FULL and hit.port_at(at) is not None
        shape = Qt.CursorShape.CrossCursor if is_on_port else Qt.CursorShape.ArrowCursor
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self.gestures.end(self.camera.scene_point(event.position()))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at, hit = self.camera.scene_point(event.position()), self.drawing.hit_testing
        item = hit.node_at(at)
        annotation = hit.back_at(at) if item is None else None
        if item is not None and item.card.border:
            self.names.rename_port_at(item, at)
        elif annotation is not None:
            self.names.edit_annotation(annotation)
        elif item is None and hit.port_at(at) is None and hit.wire_at(at) is None:
            self.open_search(at)
        elif item is not None and not self.editor.enter(item.card.id) and not self.live.enlarge(item):
            choose(self, item.card.id, event.modifiers())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        is_pad = event.pointingDevice().type() == QInputDevice.DeviceType.TouchPad
        if is_pad and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.camera.scroll_by(-QPointF(event.pixelDelta()))
            return
        zoom = Zoom(self)
        zoom.start(self.camera.scene_point(event.position()), event.modifiers())
        zoom.turn(event.angleDelta().y() or event.angleDelta().x())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._drops.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._drops.move(event)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._drops.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self._mouse = event.position().toPoint()
        if self._drops.drop(event):
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            self._pinch.take(event, self.camera.scene_point(event.position()))
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            if QApplication.keyboardModifiers() & Qt.KeyboardModifier.AltModifier and self._peek_under(event):
                return True
            text = tooltip_at(self.drawing, self.mapToScene(event.pos()))
            if text:
                QToolTip.showText(event.globalPos(), text, self.viewport())
            else:
                QToolTip.hideText()
            return True
        if event.type() == QEvent.Type.Leave and self._is_ready:
            self._mouse = None
            self.drawing.spotlight.hover("")
        return super().viewportEvent(event)

    def _peek_under(self, event: QHelpEvent) -> bool:
        """With Alt held, a mouse that rests on a placement looks inside."""
        item = self.drawing.hit_testing.node_at(self.mapToScene(event.pos()))
        return item is not None and self.peek.open(item.card.id)

    # Keys, menu, size ---------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.gestures.hold_space(True)
        elif not keys.press(self, event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.gestures.hold_space(False)
        else:
            event.ignore()

    def focusNextPrevChild(self, forward: bool) -> bool:
        # Qt asks this too when a field on the canvas goes; then nobody pressed Tab here.
        return (self.hasFocus() and keys.walk(self, forward)) or super().focusNextPrevChild(forward)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.gestures.current is None:
            self._mouse = event.pos()
            at = self.camera.scene_point(QPointF(event.pos()))
            menu.open_menu(self, at, event.globalPos())
        event.accept()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if self._is_ready:
            self.camera.moved.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        fitted = self.camera.is_fitted and self.isVisible()
        super().resizeEvent(event)
        if fitted:
            self.camera.fit_again()  # a panel came on show or went: the whole drawing stays in sight
        self.chrome.place()
        self.live.settle()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.chrome.place()
        self.live.settle()
        self.flow.settle()

    def hideEvent(self, event: QHideEvent) -> None:
        self.gestures.cancel()
        self.slide.stop()
        self.gestures.is_space_held = False
        self.search.close()
        self.looking.close()
        self.peek.close()
        self.live.rest()
        self.flow.rest()
        super().hideEvent(event)


def _bare(session: Session, controller: RunController) -> CanvasView:
    """A canvas without its overlays, to be looked at."""
    view = CanvasView(session, controller)
    view.chrome.leave_bare()
    view.time_bar.is_bare = True
    view.time_bar.hide()
    return view
