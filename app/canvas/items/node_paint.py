"""How a card, a pill, a port and a shadow look. Functions that paint; they hold no state but cached shapes.

A node is painted whole, in the coordinates of its own card.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QPixmap

from app.canvas.items import measures as m
from app.canvas.items.border_paint import paint_loop, paint_rows
from app.canvas.items.card import Card
from app.lenses.room import TILE_GAP, Room
from app.style.theme import Theme, colour


class Shapes(NamedTuple):
    """Outlines of a card of one size, made once."""

    body: QPainterPath
    edge: QPainterPath
    ring: QPainterPath
    """The selection, 2 px away."""


@lru_cache(maxsize=1024)
def shapes(width: float, height: float, pill: bool) -> Shapes:
    radius = min(m.PILL_HEIGHT / 2, height / 2) if pill else m.RADIUS
    body, cut, ring = QPainterPath(), QPainterPath(), QPainterPath()
    body.addRoundedRect(QRectF(0, 0, width, height), radius, radius)
    cut.addRoundedRect(QRectF(m.EDGE, 0, width, height), radius, radius)
    ring.addRoundedRect(QRectF(-3, -3, width + 6, height + 6), radius + 3, radius + 3)
    return Shapes(body, body.subtracted(cut), ring)


class Inks(NamedTuple):
    """Pens and brushes of a theme, made once: making them anew for every node would be half the frame."""

    panel: QBrush
    hairline: QPen
    text: QPen
    muted: QPen
    faint: QPen
    wire: QPen
    accent: QPen
    raised: QBrush
    bad: QColor
    bad_pen: QPen
    warn: QColor
    accent_brush: QBrush
    families: dict[str, QBrush]
    family_pens: dict[str, QPen]
    updated: QPen
    tint: QBrush
    constant: QPen
    linked: QPen


@lru_cache(maxsize=8)
def inks(theme: Theme) -> Inks:
    from app.style.theme import FAMILY_COLOURS

    def pen(value: str, width: float = 1.0) -> QPen:
        return QPen(QColor(value), width)

    def dashed(value: str) -> QPen:
        made = pen(value, 1.5)
        made.setDashPattern([3.0, 2.5])
        return made

    return Inks(
        QBrush(QColor(theme.panel)), pen(theme.hairline), pen(theme.text), pen(theme.muted), pen(theme.faint),
        pen(theme.wire, 2.0), pen(theme.accent, 2.0), QBrush(QColor(theme.raised)), QColor(theme.bad),
        pen(theme.bad, 2.0), QColor(theme.warn), QBrush(QColor(theme.accent)),
        {name: QBrush(QColor(value)) for name, value in FAMILY_COLOURS.items()},
        {name: pen(value, 2.0) for name, value in FAMILY_COLOURS.items()},
        pen(FAMILY_COLOURS["objective"], 2.0), QBrush(colour(FAMILY_COLOURS["objective"], 0.10)),
        dashed(FAMILY_COLOURS["objective"]), dashed(theme.accent),
    )  # fmt: skip


_REACH, _DROP = 16, 3.0
OLDER = "older"
"""Beside a number of another drawing; the tooltip says it in a sentence."""
"""How far a shadow reaches beyond its card, and how far it falls."""


@lru_cache(maxsize=8)
def shadow(corner: int, dark: bool) -> QPixmap:
    """The soft shadow of a small card, to be cut in nine and stretched to any size."""
    side, steps = 2 * (corner + _REACH) + 8, 7
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour("#000000" if dark else "#1c2129", (0.40 if dark else 0.10) / steps))
    for step in range(steps):
        grow = 11.0 - step * 2.5
        box = QRectF(image.rect()).adjusted(_REACH - grow, _REACH - grow, grow - _REACH, grow - _REACH)
        painter.drawRoundedRect(box, max(2.0, corner + grow), max(2.0, corner + grow))
    painter.end()
    return QPixmap.fromImage(image)


def paint_shadow(painter: QPainter, card: Card, dark: bool) -> None:
    """All but the middle, which the card covers."""
    corner = int(m.PILL_HEIGHT / 2 if card.pill else m.RADIUS)
    pixmap = shadow(corner, dark)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, painter.deviceTransform().m11() > 1.05)
    for target, source in _shadow_pieces(card.width, card.height, corner, pixmap.width()):
        painter.drawPixmap(target, pixmap, source)


@lru_cache(maxsize=1024)
def _shadow_pieces(width: float, height: float, corner: int, side: int) -> tuple[tuple[QRectF, QRectF], ...]:
    """Where each of the eight outer pieces goes and where it is cut from."""
    cut = corner + _REACH
    into = min(cut, height / 2 + _REACH)

    def spans(start: float, length: float, end: float) -> tuple[tuple[float, float, float, float], ...]:
        return (
            (start, end, 0.0, end),
            (start + end, length - 2 * end, cut, side - 2 * cut),
            (start + length - end, end, side - end, end),
        )

    columns = spans(-_REACH, width + 2 * _REACH, cut)
    rows = spans(_DROP - _REACH, height + 2 * _REACH, into)
    return tuple(
        (QRectF(x, y, w, h), QRectF(sx, sy, sw, sh))
        for i, (x, w, sx, sw) in enumerate(columns)
        for j, (y, h, sy, sh) in enumerate(rows)
        if (i, j) != (1, 1) and w > 0 and h > 0
    )


def paint_card(painter: QPainter, card: Card, ink: Inks, selected: bool) -> None:
    """Ground, family edge, hairline; behind it, the cards of a stack; round it, the selection."""
    form = shapes(card.width, card.height, card.pill)
    if card.copies > 1 or card.placement:
        for step in (2, 1) if card.copies > 1 or card.over_time else (1,):
            painter.setPen(ink.hairline)
            painter.setBrush(ink.raised)
            painter.translate(4.0 * step, 4.0 * step)
            painter.drawPath(form.body)
            painter.translate(-4.0 * step, -4.0 * step)
    painter.setPen(ink.hairline)
    painter.setBrush(ink.panel)
    painter.drawPath(form.body)
    painter.fillPath(form.edge, ink.families[card.family])
    if card.unknown:
        pen = QPen(ink.faint)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.strokePath(form.body, pen)
    if selected:
        painter.strokePath(form.ring, ink.accent)


def paint_updated(painter: QPainter, card: Card, ink: Inks, *, ring: bool) -> None:
    """What an objective updates: its colour over the card and round it."""
    form = shapes(card.width, card.height, card.pill)
    painter.fillPath(form.body, ink.tint)
    if ring:
        painter.strokePath(form.ring, ink.updated)


def paint_ring(painter: QPainter, card: Card, pen: QPen) -> None:
    """A dashed ring, where the selection's would be."""
    painter.strokePath(shapes(card.width, card.height, card.pill).ring, pen)


def paint_words(painter: QPainter, card: Card, ink: Inks, live: str, *, is_stale: bool = False) -> None:
    """Name, id where it was renamed, label line, output shape and ×n."""
    if card.pill:
        painter.setPen(ink.text)
        title = m.elided("pill", card.title, m.MAX_TEXT)
        painter.setFont(m.font("pill"))
        text = m.static_text("pill", title)
        top = m.PILL_HEIGHT / 2 - text.size().height() / 2
        painter.drawStaticText(QPointF(16.0, top), text)
        _alias(painter, card, ink, 16.0 + m.text_width("pill", title) + 8.0, m.PILL_HEIGHT / 2 - 7.0)
        return
    title = m.elided("title", card.title, m.MAX_TEXT)
    painter.setPen(ink.text)
    painter.setFont(m.font("title"))
    painter.drawStaticText(QPointF(m.PAD, 7.5), m.static_text("title", title))
    _alias(painter, card, ink, m.PAD + m.text_width("title", title) + 8.0, 8.5)
    if card.border:
        paint_rows(painter, card, ink.muted)
        return
    label = live or card.label
    painter.setFont(m.font("mono"))
    if live and is_stale:
        _paint_stale_value(painter, card, live, ink)
    elif label:
        painter.setPen(ink.muted)
        shown = m.elided("mono", label, max(m.MAX_TEXT, card.width - 2 * m.PAD))
        painter.drawStaticText(QPointF(m.PAD, 24.0), m.static_text("mono", shown))
    if card.shape:
        painter.setPen(ink.faint)
        width = m.text_width("mono", card.shape)
        painter.drawStaticText(
            QPointF(card.width - m.PAD + 1.0 - width, card.height - 21.0), m.static_text("mono", card.shape)
        )
    left = m.PAD
    if card.over_time:
        paint_loop(painter, QPointF(left + 5.0, card.height - 13.5), ink.muted)
        left += 15.0
    if card.copies > 1:
        painter.setPen(ink.muted)
        painter.drawStaticText(QPointF(left, card.height - 21.0), m.static_text("mono", f"×{card.copies}"))


def _paint_stale_value(painter: QPainter, card: Card, live: str, ink: Inks) -> None:
    """A number of another drawing: dimmed, and named as older at the right."""
    left = card.width - m.PAD - m.text_width("mono", OLDER)
    painter.setPen(ink.muted)
    painter.drawStaticText(QPointF(left, 24.0), m.static_text("mono", OLDER))
    painter.setPen(ink.faint)
    shown = m.elided("mono", live, left - m.PAD)
    painter.drawStaticText(QPointF(m.PAD, 24.0), m.static_text("mono", shown))


def _alias(painter: QPainter, card: Card, ink: Inks, x: float, y: float) -> None:
    if card.alias:
        painter.setPen(ink.muted)
        painter.setFont(m.font("alias"))
        painter.drawStaticText(QPointF(x, y), m.static_text("alias", card.alias))


def paint_port(painter: QPainter, x: float, y: float, pen: QPen, fill: QBrush) -> None:
    painter.setPen(pen)
    painter.setBrush(fill)
    painter.drawEllipse(QPointF(x, y), m.RING - 0.5, m.RING - 0.5)


def paint_add(painter: QPainter, x: float, y: float, pen: QPen, fill: QBrush) -> None:
    """The place of a port that is not there yet: a fainter ring with a plus."""
    painter.setPen(QPen(pen.color(), 1.2, Qt.PenStyle.DotLine))
    painter.setBrush(fill)
    painter.drawEllipse(QPointF(x, y), m.RING + 2.5, m.RING + 2.5)
    painter.setPen(QPen(pen.color(), 1.5))
    painter.drawLine(QPointF(x - 3.0, y), QPointF(x + 3.0, y))
    painter.drawLine(QPointF(x, y - 3.0), QPointF(x, y + 3.0))


def paint_badge(painter: QPainter, card: Card, ink: Inks, ground: QColor) -> None:
    """The mark of a problem, on the top right corner."""
    centre = QPointF(card.width - 2.0, 2.0)
    painter.setPen(QPen(ground, 2.0))
    painter.setBrush(ink.bad if card.severity == "error" else ink.warn)
    painter.drawEllipse(centre, 8.0, 8.0)
    painter.setPen(QPen(QColor("#ffffff"), 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(QPointF(centre.x(), centre.y() - 3.8), QPointF(centre.x(), centre.y() + 0.6))
    painter.drawPoint(QPointF(centre.x(), centre.y() + 3.8))


def paint_tiles(painter: QPainter, card: Card, sheet: QImage) -> None:
    """The live picture in its place. `sheet` holds the tiles in rows and columns without gaps."""
    picture = card.picture
    assert picture is not None
    if picture.strip:
        room = card.width - 2 * m.PAD - m.text_width("mono", card.shape) - 10.0
        if room >= 12.0:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(QRectF(m.PAD, card.height - 17.0, room, picture.height), sheet)
        return
    zoom = painter.deviceTransform().m11()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(QPointF(m.PAD, m.PICTURE_TOP), _composed(sheet, picture, zoom))


def paint_stale(painter: QPainter, card: Card, sheet: QImage, ink: Inks) -> None:
    """A picture of another drawing: dimmed, and whole, since it may have more tiles or fewer."""
    picture, opacity = card.picture, painter.opacity()
    assert picture is not None
    painter.setOpacity(opacity * 0.3)
    if picture.strip:
        paint_tiles(painter, card, sheet)
        painter.setOpacity(opacity)
        return
    scale = min(picture.total_width / sheet.width(), picture.total_height / sheet.height())
    box = QRectF(m.PAD, m.PICTURE_TOP, sheet.width() * scale, sheet.height() * scale)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not picture.crisp)
    painter.drawImage(box, sheet)
    painter.setOpacity(opacity)
    room = QRectF(m.PAD, m.PICTURE_TOP, card.width - 2 * m.PAD, picture.total_height)
    width = m.text_width("mono", "older drawing")
    label = QRectF(room.left(), room.bottom() - 18, min(width + 12, room.width()), 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.panel)
    painter.drawRoundedRect(label, 4, 4)
    painter.setPen(ink.text)
    painter.setFont(m.font("mono"))
    painter.drawText(label, Qt.AlignmentFlag.AlignCenter, m.elided("mono", "older drawing", label.width()))


_KEPT_BYTES = 24 << 20
_kept: dict[tuple[int, Room, float], QImage] = {}


def _composed(sheet: QImage, picture: Room, zoom: float) -> QImage:
    """The tiles as large as they are on screen, kept for the next frames of a drag.

    By bytes, not by number: while a network trains, every frame brings new ones, and near by they are large.
    """
    key = (sheet.cacheKey(), picture, zoom)
    found = _kept.pop(key, None)
    if found is None:
        found = _compose(sheet, picture, zoom)
        held = found.sizeInBytes() + sum(image.sizeInBytes() for image in _kept.values())
        while held > _KEPT_BYTES and _kept:
            held -= _kept.pop(next(iter(_kept))).sizeInBytes()
    _kept[key] = found
    return found


def _compose(sheet: QImage, picture: Room, zoom: float) -> QImage:
    """Round corners, where they can be seen, are cut out by a kept mask.

    Filling round shapes with scaled pictures takes three times as long.
    """
    wide, high = sheet.width() // picture.columns, sheet.height() // picture.rows
    image = _blank(picture, zoom)
    painter = QPainter(image)
    shrinking = wide > picture.width * zoom * 1.01
    smooth = shrinking or not picture.crisp
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    for place, column, row in _places(picture):
        at = place.translated(-m.PAD, -m.PICTURE_TOP)
        painter.drawImage(at, sheet, QRectF(column * wide, row * high, wide, high))
    if zoom >= 0.95:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
        painter.drawImage(0, 0, _mask(picture, zoom))
    painter.end()
    return image


def _blank(picture: Room, zoom: float) -> QImage:
    width = picture.columns * (picture.width + TILE_GAP)
    height = picture.rows * (picture.height + TILE_GAP)
    image = QImage(ceil(width * zoom), ceil(height * zoom), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(zoom)
    image.fill(Qt.GlobalColor.transparent)
    return image


@lru_cache(maxsize=64)
def _mask(picture: Room, zoom: float) -> QImage:
    image = _blank(picture, zoom)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.black)
    for place, _, _ in _places(picture):
        painter.drawRoundedRect(place.translated(-m.PAD, -m.PICTURE_TOP), 2.0, 2.0)
    painter.end()
    return image


@lru_cache(maxsize=256)
def _places(picture: Room) -> tuple[tuple[QRectF, int, int], ...]:
    """Where each tile goes, with its column and row."""
    found = []
    for index in range(picture.count):
        row, column = divmod(index, picture.columns)
        x = m.PAD + column * (picture.width + TILE_GAP)
        y = m.PICTURE_TOP + row * (picture.height + TILE_GAP)
        found.append((QRectF(x, y, picture.width, picture.height), column, row))
    return tuple(found)


def paint_empty_tiles(painter: QPainter, card: Card, ink: Inks) -> None:
    """Where pictures will be, before anything has run."""
    picture = card.picture
    assert picture is not None
    if picture.strip:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.raised)
    for place, _, _ in _places(picture):
        painter.drawRoundedRect(place, 2.0, 2.0)
