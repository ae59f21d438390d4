"""The canvas from afar: below 60 % nodes and wires are painted in batches, by patches of the plane.

Ten thousand items painted one by one would take longer than a frame. A patch keeps its outlines until
something in it changes. Knows items, not projects; it also paints the minimap.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Protocol

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, SignalInstance
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPixmap, QTransform

from app.canvas.items import measures as m
from app.canvas.items import node_paint as paint
from app.canvas.items.back_items import FrameItem, NoteItem
from app.canvas.items.card import Card
from app.canvas.items.grid import PORT_Y
from app.canvas.items.measures import Level
from app.canvas.items.node_item import Look, NodeItem
from app.canvas.items.objective_marks import Mark
from app.canvas.items.wire_item import WireItem
from app.canvas.items.wire_layout import Plane
from app.style import theme
from engine.document.project import Wire

_PATCH = 1024.0
_ROUND = 0.4
"""Zoom from which corners are seen to be round."""
_FEW = 4
"""Chosen nodes of a patch that get round outlines; many are drawn at once."""
_Place = tuple[int, int]


class SceneItems(Protocol):
    """The items of a scene, as they are painted from afar."""

    nodes: dict[str, NodeItem]
    wires: dict[Wire, WireItem]
    frames: dict[str, FrameItem]
    notes: dict[str, NoteItem]
    plane: Plane[str]
    look: Look

    @property
    def looks_changed(self) -> SignalInstance: ...


class _Patch:
    """What stands in one square of the plane (wires belong to the square in which they start)."""

    def __init__(self) -> None:
        self.nodes: set[str] = set()
        self.wires: set[WireItem] = set()
        self.stale = True
        self.bounds = QRectF()
        self.blocks: dict[str, list[QRectF]] = {}
        self.chosen: list[QRectF] = []
        self.badges: dict[str, list[QRectF]] = {}
        self.rings: dict[str, list[QRectF]] = {}
        self.veiled: list[QRectF] = []
        self.tinted: dict[str, list[QRectF]] = {}
        self._bodies: QPainterPath | None = None
        self.edges: dict[str, list[QRectF]] = {}
        self.courses: dict[str, QPainterPath] = {}

    def refresh(self, scene: SceneItems) -> None:
        self.blocks, self.chosen, self.badges, self.edges, self.courses = {}, [], {}, {}, {}
        self.rings, self.veiled, self.tinted = {}, [], {}
        self._bodies = None
        self.bounds = QRectF()
        for item in sorted((scene.nodes[key] for key in self.nodes), key=NodeItem.zValue):
            self._take_node(item)
        if scene.look.marks is not None or scene.look.linked:
            self._take_marks(scene)
        for key in self.nodes & scene.look.tints.keys():
            self.tinted.setdefault(scene.look.tints[key].colour, []).append(scene.nodes[key].rect)
        for wire in sorted(self.wires, key=WireItem.zValue):
            if wire.route is not None:
                path = self.courses.setdefault(_ink_of(wire), QPainterPath())
                path.addPath(wire.path)
                self.bounds = self.bounds.united(wire.boundingRect())
        self.stale = False

    def bodies(self, scene: SceneItems) -> QPainterPath:
        """The round outlines of all cards, made when they are first asked for."""
        if self._bodies is None:
            self._bodies = QPainterPath()
            self._bodies.setFillRule(Qt.FillRule.WindingFill)
            for key in self.nodes:
                item = scene.nodes[key]
                form = paint.shapes(item.card.width, item.card.height, item.card.pill)
                self._bodies.addPath(form.body.translated(item.pos()))
        return self._bodies

    def _take_node(self, item: NodeItem) -> None:
        card, rect = item.card, item.rect
        self.blocks.setdefault(card.family, []).append(rect)
        edge = QRectF(rect.x(), rect.y() + 2, 7.0, card.height - 4)
        self.edges.setdefault(card.family, []).append(edge)
        if item.chosen:
            self.chosen.append(rect.adjusted(-5, -5, 5, 5))
        if card.problem:
            badge = QRectF(rect.right() - 12, rect.top() - 8, 20, 20)
            self.badges.setdefault(card.severity, []).append(badge)
        self.bounds = self.bounds.united(rect)

    def _take_marks(self, scene: SceneItems) -> None:
        """What nodes are to the objective in the light, or to another placement."""
        look = scene.look
        for key in self.nodes:
            item = scene.nodes[key]
            mark = (look.marks or {}).get(key)
            if look.stands_back(key):
                self.veiled.append(item.rect.adjusted(-1, -1, 1, 1))
            elif mark in (Mark.UPDATED, Mark.CONSTANT) and not item.chosen:
                name = "objective" if mark is Mark.UPDATED else "objective dashed"
                self.rings.setdefault(name, []).append(item.rect.adjusted(-5, -5, 5, 5))
            elif key in look.linked:
                self.rings.setdefault("accent dashed", []).append(item.rect.adjusted(-5, -5, 5, 5))


def _ink_of(wire: WireItem) -> str:
    if wire.chosen or wire.aimed:
        return "accent"
    return "bad" if wire.bad else wire.side_family or "wire"


class Overview:
    """Paints a scene in batches."""

    def __init__(self, scene: SceneItems) -> None:
        self._scene = scene
        self._patches: dict[_Place, _Patch] = {}
        self._homes: dict[str | WireItem, _Place] = {}
        self._whole = False
        self._names: dict[tuple[str, float, float, bool], tuple[QPixmap, float]] = {}
        self._names_key: tuple[float, float, str] | None = None
        self.revision = 0
        """Grows with every change: whoever keeps a picture asks whether it is still true."""

    def forget(self) -> None:
        self._patches.clear()
        self._homes.clear()
        self._whole = False
        self._count()

    def mark(self, nodes: Iterable[str], wires: Iterable[WireItem]) -> None:
        """These changed, came, or are about to go."""
        self._count()
        if not self._whole:
            return
        scene = self._scene
        for key in nodes:
            item = scene.nodes.get(key)
            self._settle(key, _place(item.x(), item.y()) if item is not None and item.scene() else None)
        for wire in wires:
            alive = wire.wire in scene.wires and wire.route is not None
            self._settle(wire, _place(*wire.route.points[0]) if alive and wire.route else None)

    def _count(self) -> None:
        self.revision += 1
        self._scene.looks_changed.emit()

    def _settle(self, key: str | WireItem, place: _Place | None) -> None:
        before = self._homes.pop(key, None)
        for at in {before, place} - {None}:
            assert at is not None
            patch = self._patches.setdefault(at, _Patch())
            patch.stale = True
            held: set[Any] = patch.nodes if isinstance(key, str) else patch.wires
            held.discard(key)
            if at == place:
                held.add(key)
        if place is not None:
            self._homes[key] = place

    def _gather(self) -> None:
        self._whole = True
        for key, item in self._scene.nodes.items():
            self._settle(key, _place(item.x(), item.y()))
        for wire in self._scene.wires.values():
            if wire.route is not None:
                self._settle(wire, _place(*wire.route.points[0]))

    def _patches_in(self, area: QRectF) -> list[_Patch]:
        if not self._whole:
            self._gather()
        found = []
        for _, patch in sorted(self._patches.items()):
            if patch.stale:
                patch.nodes &= self._scene.nodes.keys()
                patch.refresh(self._scene)
            if patch.bounds.intersects(area):
                found.append(patch)
        return found

    def paint(self, painter: QPainter, area: QRectF, zoom: float, level: Level) -> None:
        """Paint what meets `area` (scene coordinates; the painter is set to them)."""
        patches = self._patches_in(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        backs: list[FrameItem | NoteItem] = [*self._scene.frames.values(), *self._scene.notes.values()]
        for back in backs:
            if back.rect.intersects(area):
                painter.translate(back.pos())
                back.paint(painter, None)
                painter.translate(-back.pos())
        self._paint_wires(painter, patches, level)
        if level is Level.BLOCKS:
            self._paint_blocks(painter, patches)
        else:
            self._paint_cards(painter, patches, zoom)
            self._paint_names(painter, area, zoom)
        self._paint_marks(painter, patches)

    def _paint_wires(self, painter: QPainter, patches: list[_Patch], level: Level) -> None:
        now = theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, level is Level.NAMES)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for patch in patches:
            for name, path in patch.courses.items():
                value = {"wire": now.wire, "accent": now.accent, "bad": now.bad}.get(name) or now.family(name)
                pen = QPen(QColor(value), 0.0)
                painter.setPen(pen)
                painter.drawPath(path)

    def _paint_blocks(self, painter: QPainter, patches: list[_Patch]) -> None:
        ink = self._scene.look.ink
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        for patch in patches:
            for family, rects in patch.blocks.items():
                painter.setBrush(ink.families[family])
                painter.drawRects(rects)

    def _paint_cards(self, painter: QPainter, patches: list[_Patch], zoom: float) -> None:
        ink = self._scene.look.ink
        outline = QPen(ink.hairline)
        outline.setCosmetic(True)
        for patch in patches:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, zoom >= _ROUND)
            painter.setPen(outline)
            painter.setBrush(ink.panel)
            if zoom >= _ROUND:
                painter.drawPath(patch.bodies(self._scene))
            else:
                for rects in patch.blocks.values():
                    painter.drawRects(rects)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(Qt.PenStyle.NoPen)
            for family, edges in patch.edges.items():
                painter.setBrush(ink.families[family])
                painter.drawRects(edges)

    def _paint_names(self, painter: QPainter, area: QRectF, zoom: float) -> None:
        """Names at a size that can be read, whatever the zoom, cut to the card."""
        scene = self._scene
        ratio = painter.device().devicePixelRatioF()
        key = (zoom, ratio, scene.look.ink.text.color().name())
        if key != self._names_key:
            self._names_key = key
            self._names.clear()
        transform = painter.transform()
        painter.setTransform(QTransform())
        dx, dy, names = transform.dx() + 6.0 + 3.0 * zoom, transform.dy(), self._names
        for name in scene.plane.within((area.left(), area.top(), area.right(), area.bottom())):
            item = scene.nodes[name]
            card, at = item.card, item.pos()
            form = (card.title, card.width, card.height, card.pill)
            if form not in names:
                names[form] = self._name(card, zoom, ratio)
            pixmap, down = names[form]
            x, y = at.x() * zoom + dx, at.y() * zoom + dy + down
            painter.drawPixmap(QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio), pixmap)
        painter.setTransform(transform)

    def _name(self, card: Card, zoom: float, ratio: float) -> tuple[QPixmap, float]:
        """The picture of a name, and how far below the top of its card it is drawn."""
        room = max(8.0, (card.width * zoom - (8.0 if card.pill else 11.0)) // 2 * 2)
        fitting = 13.0 * room / m.text_width("title", card.title)
        size = int(2 * max(13.0 * zoom, 6.0, min(8.5, fitting))) / 2
        pixmap = name_picture(card.title, size, room, self._scene.look.ink.text.color().name(), ratio)
        middle = card.height if card.pill or card.height * zoom < 40.0 else 2 * PORT_Y
        return pixmap, middle / 2 * zoom - pixmap.height() / ratio / 2

    def _paint_marks(self, painter: QPainter, patches: list[_Patch]) -> None:
        now = theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for patch in patches:
            self._paint_light(painter, patch)
            if patch.chosen:
                pen = QPen(theme.colour(now.accent), 2.0)
                pen.setCosmetic(True)
                painter.setPen(pen)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                if len(patch.chosen) > _FEW:
                    painter.drawRects(patch.chosen)
                else:
                    for rect in patch.chosen:
                        painter.drawRoundedRect(rect, m.RADIUS, m.RADIUS)
            painter.setPen(Qt.PenStyle.NoPen)
            for severity, badges in patch.badges.items():
                painter.setBrush(theme.colour(now.bad if severity == "error" else now.warn))
                for rect in badges:
                    painter.drawEllipse(rect)

    def _paint_light(self, painter: QPainter, patch: _Patch) -> None:
        """Colours over nodes, a veil over what stands back, rings round what takes part."""
        now = theme.current()
        painter.setPen(Qt.PenStyle.NoPen)
        for value, rects in patch.tinted.items():
            painter.setBrush(theme.colour(value, 0.6))
            painter.drawRects(rects)
        if patch.veiled:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(now.canvas, 0.6))
            painter.drawRects(patch.veiled)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for name, rects in patch.rings.items():
            family, _, dashed = name.partition(" ")
            value = now.accent if family == "accent" else now.family(family)
            pen = QPen(theme.colour(value), 1.5 if dashed else 2.0)
            pen.setCosmetic(True)
            if dashed:
                pen.setDashPattern([3.0, 2.5])
            painter.setPen(pen)
            for rect in rects:
                painter.drawRoundedRect(rect, m.RADIUS, m.RADIUS)


def _place(x: float, y: float) -> _Place:
    return int(x // _PATCH), int(y // _PATCH)


@lru_cache(maxsize=2048)
def name_picture(title: str, size: float, room: float, value: str, ratio: float) -> QPixmap:
    """A name, painted once: most nodes share theirs with many others."""
    font = QFont(m.font("title"))
    font.setPixelSize(max(1, round(size * ratio)))
    from PySide6.QtGui import QFontMetricsF

    metrics = QFontMetricsF(font)
    shown = metrics.elidedText(title, Qt.TextElideMode.ElideRight, room * ratio)
    area = QSizeF(max(1.0, metrics.horizontalAdvance(shown) + 2.0), metrics.height()).toSize()
    pixmap = QPixmap(area)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setFont(font)
    painter.setPen(QColor(value))
    painter.drawText(QPointF(0.0, metrics.ascent()), shown)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
