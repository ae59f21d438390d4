"""The canvas: shows the scene, turns mouse and keys into gestures and commands, and paints what is far away.

Each press makes one gesture object, which acts until its release; the view itself keeps no mode. What it can
be asked to do is in `commands`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView, QToolTip

from app.canvas import keys, menu
from app.canvas.chrome import Chrome
from app.canvas.drops import Drops
from app.canvas.editing import border_edits, decorating
from app.canvas.editing.commands import CanvasCommands
from app.canvas.editing.search import SearchBox
from app.canvas.gestures.base import Gesture, Modifiers
from app.canvas.gestures.box_select import BoxSelect
from app.canvas.gestures.draw_wire import DrawWire
from app.canvas.gestures.move_frame import MoveFrame
from app.canvas.gestures.move_row import MoveRow
from app.canvas.gestures.move_selection import MoveSelection
from app.canvas.gestures.pan import Pan
from app.canvas.gestures.zoom import Zoom
from app.canvas.items.background import DotGround
from app.canvas.items.border import port_row
from app.canvas.items.measures import Level
from app.canvas.items.motion import Slide
from app.canvas.items.node_item import ADD_PORT, PortAt
from app.canvas.items.scene import CanvasScene
from app.canvas.live_pictures import LiveFeed
from app.canvas.tooltips import tooltip_at
from app.state.session import Session
from app.style import theme

if TYPE_CHECKING:
    from app.state.run_controller import RunBridge

_FAR = 1e7


class CanvasView(CanvasCommands, Drops):
    """The drawing of the graph on show."""

    def __init__(self, session: Session, bridge: RunBridge) -> None:
        self._ready = False
        super().__init__(CanvasScene(session))
        self.gesture: Gesture | None = None
        self.search_box: SearchBox | None = None
        self._space = False
        self._painted = QRectF()
        self._ground = DotGround()
        self._still, self._still_key = QPixmap(), cast(tuple[object, ...], ())
        self._mouse: QPoint | None = None
        self._shown_stack, self._shown_graph = session.view_stack, session.graph
        self._prepare()
        self.slide = Slide(self.canvas)
        self.chrome = Chrome(self)
        self.live = LiveFeed(self, bridge)
        self._ready = True
        self.canvas.rebuilt.connect(self._rebuilt)
        self.canvas.nodes_changed.connect(self._note_graph)
        self.canvas.looks_changed.connect(self._looks_changed)
        self.session.reveal_wanted.connect(self.reveal)
        theme.changed.connect(self.viewport().update)

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
        self.centre(QPointF(0.0, 0.0))

    # Overlays --------------------------------------------------------------------------------

    @property
    def minimap_shown(self) -> bool:
        return self.chrome.minimap.isVisibleTo(self)

    def set_minimap(self, shown: bool) -> None:
        self.chrome.minimap.setVisible(shown)
        self.chrome.place()

    def cursor_place(self) -> QPointF:
        """The mouse on the scene; the middle of the view where it is elsewhere."""
        at = self._mouse if self._mouse is not None else self.viewport().mapFromGlobal(QCursor.pos())
        inside = self.viewport().rect().contains(at)
        return self.mapToScene(at) if inside else self.visible_rect().center()

    def sight_changed(self) -> None:
        if self._ready:
            self.live.settle()
            self.chrome.minimap.refresh()

    def _rebuilt(self) -> None:
        """Another graph is on show: look at it as it was left, or whole. One that is only renamed stays."""
        self.cancel_gesture()
        self.slide.stop()
        before, now, was = self._shown_stack[-1].graph, self.session.view.graph, self._shown_graph
        if self.session.view_stack != self._shown_stack:
            self._shown_stack = self.session.view_stack
            if was.nodes != self.session.graph.nodes:
                self.look_from(before, now)
        self.viewport().update()

    def _note_graph(self) -> None:
        self._shown_graph = self.session.graph

    # Painting --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.level is Level.FULL:
            super().paintEvent(event)
            return
        painter = QPainter(self.viewport())
        painter.drawPixmap(0, 0, self._still_picture())
        painter.setTransform(self.viewportTransform())
        self.drawForeground(painter, QRectF())
        painter.end()

    def _looks_changed(self) -> None:
        """From afar Qt does not know what it painted where, and so not what to paint over."""
        if self.level is not Level.FULL:
            self.viewport().update()

    def _still_picture(self) -> QPixmap:
        """All but the gesture, from afar: painted anew only when it looks different."""
        viewport, transform = self.viewport(), self.viewportTransform()
        ratio = viewport.devicePixelRatioF()
        key = (self.canvas.overview.revision, transform, viewport.size(), ratio, theme.current().name)
        if key != self._still_key:
            self._still_key = key
            size = viewport.size() * ratio
            if self._still.size() != size:
                self._still = QPixmap(size)
                self._still.setDevicePixelRatio(ratio)
            painter = QPainter(self._still)
            self._paint_ground(painter)
            painter.setTransform(transform)
            self.canvas.overview.paint(painter, self.visible_rect(), self.zoom, self.level)
            painter.end()
        return self._still

    def drawBackground(self, painter: QPainter, _rect: QRectF | QRect) -> None:
        painter.save()
        painter.resetTransform()
        self._paint_ground(painter)
        painter.restore()

    def _paint_ground(self, painter: QPainter) -> None:
        viewport = self.viewport()
        origin = self.viewportTransform().map(QPointF(0.0, 0.0))
        ratio = viewport.devicePixelRatioF()
        self._ground.paint(painter, viewport.rect(), viewport.size(), self.zoom, origin, ratio)

    def drawForeground(self, painter: QPainter, _rect: QRectF | QRect) -> None:
        if self.gesture is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.gesture.paint(painter)

    def _refresh_gesture(self) -> None:
        """Repaint what the gesture covered and covers."""
        extent = self.gesture.extent() if self.gesture is not None else QRectF()
        if self.level is not Level.FULL:
            self.viewport().update()
        else:
            for rect in (self._painted, extent):
                if not rect.isNull():
                    self.viewport().update(self.mapFromScene(rect).boundingRect().adjusted(-3, -3, 3, 3))
        self._painted = extent

    # Gestures --------------------------------------------------------------------------------

    def begin(self, gesture: Gesture, at: QPointF, modifiers: Modifiers) -> None:
        """Make this the gesture that the mouse goes on with."""
        self.cancel_gesture()
        self.slide.stop()
        self.gesture = gesture
        gesture.start(at, modifiers)
        if gesture.cursor is not None:
            self.viewport().setCursor(gesture.cursor)
        self._refresh_gesture()

    def cancel_gesture(self) -> bool:
        """Esc: leave no trace. Returns whether there was one."""
        gesture, self.gesture = self.gesture, None
        if gesture is None:
            return False
        gesture.cancel()
        self._after_gesture()
        return True

    def _end_gesture(self, at: QPointF) -> None:
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            gesture.end(at)
            self._after_gesture()

    def _after_gesture(self) -> None:
        self._refresh_gesture()
        self.viewport().setCursor(
            Qt.CursorShape.OpenHandCursor if self._space else Qt.CursorShape.ArrowCursor
        )

    def _gesture_for(self, button: Qt.MouseButton, at: QPointF, modifiers: Modifiers) -> Gesture | None:
        """What a press here begins."""
        left = button == Qt.MouseButton.LeftButton
        if button == Qt.MouseButton.MiddleButton or (left and self._space):
            return Pan(self)
        if not left:
            return None
        spot = self.canvas.port_at(at) if self.level is not Level.BLOCKS else None
        if spot is not None:
            return DrawWire(self, spot)
        item = self.canvas.node_at(at)
        if item is not None:
            self._choose(item.card.id, modifiers)
            port = port_row(item, at) if item.card.border else None
            if port is not None and port != ADD_PORT:
                return MoveRow(self, item, port)
            return MoveSelection(self, item.card.id)
        wire = self.canvas.wire_at(at, 6.0 / min(1.0, self.zoom))
        if wire is not None:
            self.session.select(frozenset())
            self.canvas.choose_wires(frozenset({wire.wire}))
            return None
        back = self.canvas.back_at(at)
        if back is None and not self.session.selection:
            self.session.set_spotlight("")
        return MoveFrame(self, back) if back is not None else BoxSelect(self)

    def _choose(self, key: str, modifiers: Modifiers) -> None:
        """A press on a node: choose it alone, or add it, or keep the choice it belongs to."""
        chosen = self.session.selection
        adds = modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
        self.canvas.choose_wires(frozenset())
        if key not in self.canvas.graph.nodes:
            self.session.select(frozenset())
        elif adds:
            self.session.select(chosen ^ {key})
        elif key not in chosen:
            self.session.select(frozenset({key}))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        at = self.scene_point(event.position())
        if self.gesture is None:
            gesture = self._gesture_for(event.button(), at, event.modifiers())
            if gesture is not None:
                self.begin(gesture, at, event.modifiers())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position().toPoint()
        at = self.scene_point(event.position())
        if self.gesture is not None:
            self.gesture.update(at)
            self._refresh_gesture()
        elif not self._space:
            under = self.canvas.node_at(at)
            self.canvas.spotlight.hover(under.card.id if under is not None else "")
            over_port = self.level is Level.FULL and self.canvas.port_at(at) is not None
            shape = Qt.CursorShape.CrossCursor if over_port else Qt.CursorShape.ArrowCursor
            if self.viewport().cursor().shape() != shape:
                self.viewport().setCursor(shape)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._end_gesture(self.scene_point(event.position()))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = self.scene_point(event.position())
        item = self.canvas.node_at(at)
        back = self.canvas.back_at(at) if item is None else None
        if item is not None and item.card.border:
            border_edits.write_at(self, item, at)
        elif back is not None:
            decorating.write(self, back)
        elif item is None and self.canvas.port_at(at) is None and self.canvas.wire_at(at) is None:
            self.open_search(at)
        elif item is not None and not self.enter(item.card.id) and not self.live.enlarge(item):
            self._choose(item.card.id, event.modifiers())

    def zooming(self, at: QPointF, modifiers: Modifiers) -> Zoom:
        zoom = Zoom(self)
        zoom.start(at, modifiers)
        return zoom

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            return self.pinch(event)
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = tooltip_at(self.canvas, self.mapToScene(event.pos()))
            if text:
                QToolTip.showText(event.globalPos(), text, self.viewport())
            else:
                QToolTip.hideText()
            return True
        if event.type() == QEvent.Type.Leave:
            self._mouse = None
            self.canvas.spotlight.hover("")
        return super().viewportEvent(event)

    # Keys, menu, coming and going -------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.hold_space(True)
        elif not keys.press(self, event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.hold_space(False)
        else:
            event.ignore()

    def hold_space(self, held: bool) -> None:
        """With space held, the left button pans."""
        self._space = held
        if self.gesture is None:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor if held else Qt.CursorShape.ArrowCursor)

    def focusNextPrevChild(self, forward: bool) -> bool:
        # Qt asks this too when a field on the canvas goes; then nobody pressed Tab here.
        return (self.hasFocus() and keys.walk(self, forward)) or super().focusNextPrevChild(forward)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.gesture is None:
            self._mouse = event.pos()
            menu.open_menu(self, self.scene_point(QPointF(event.pos())), event.globalPos())
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.chrome.place()
        self.live.settle()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.chrome.place()
        self.live.settle()

    def hideEvent(self, event: QHideEvent) -> None:
        self.cancel_gesture()
        self.slide.stop()
        self._space = False
        if self.search_box is not None:
            self.search_box.close_box()
        self.live.rest()
        super().hideEvent(event)

    def port_in_sight(self, node: str, port: str, *, output: bool) -> PortAt | None:
        """A port by name, with its place; for keyboards and tests."""
        item = self.canvas.nodes.get(node)
        ports = item.ports() if item is not None else []
        return next((p for p in ports if p.output == output and p.port.name == port), None)
