"""How one part of data is drawn: its name and kind, its roles, examples, counts, and how its values spread.

Paints into given rectangles; which part stands where is the list's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen

from app.style import theme
from app.style.theme import Theme
from app.widgets.numbers import grouped, of_kind
from nodes.reading.look import DataPart, ValueCounts
from nodes.shown_text import shown

LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
CENTRE = int(Qt.AlignmentFlag.AlignCenter)
SEGMENT = 60.0
"""Width of one role."""
SHOWN_ROLES = 3
"""Roles that stand side by side; the others are in the menu behind the last segment."""
_LINE = 16.0
_LEAST_NAME = 160.0
_ROOMS = ((True, 106.0, 200.0), (False, 106.0, 200.0), (False, 0.0, 200.0), (False, 0.0, 130.0))
"""Whether there are examples, and the widths of counts and distribution, from a wide list to a narrow one."""
_COUNT = 44.0


class ListColumns(NamedTuple):
    """Where the columns of the list begin and how wide they are; a width of 0: there is no room for it."""

    name: tuple[float, float]
    roles: tuple[float, float]
    examples: tuple[float, float]
    counts: tuple[float, float]
    spread: tuple[float, float]


def columns_for(width: float, parts: Sequence[DataPart]) -> ListColumns:
    """ListColumns for a list of this width: of a narrow one, examples go first, then counts.

    What no part has takes no room.
    """
    inner, gap, roles = width - 24.0, 16.0, SEGMENT * (SHOWN_ROLES + 0.5)
    has_examples, has_counts = any(part.examples for part in parts), any(map(_is_counted, parts))
    name = examples = counts = spread = 0.0
    for with_examples, counts, spread in _ROOMS:
        counts = counts if has_counts else 0.0
        left = inner - roles - spread - gap * 2 - (counts + gap if counts else 0.0)
        examples = min(320.0, left * 0.45) if with_examples and has_examples else 0.0
        name = left - (examples + gap if examples else 0.0)
        if name >= _LEAST_NAME:
            break
    at = 12.0
    found = []
    for wide in (name, roles, examples, counts, spread):
        found.append((at, wide))
        at += wide + gap if wide else 0.0
    return ListColumns(*found)


def _is_counted(part: DataPart) -> bool:
    """Whether its values were counted, as those of a column are and those of pictures are not."""
    return part.distinct is not None or part.missing > 0 or bool(part.examples)


def segments(part: DataPart, area: QRectF) -> list[tuple[str, QRectF]]:
    """The roles that can be clicked and where each stands; "…" opens the menu of the others."""
    roles = list(part.roles)
    if len(roles) > SHOWN_ROLES:
        roles = roles[:SHOWN_ROLES]
        if part.role not in roles:
            roles[-1] = part.role
        roles.append("…")
    top, left = area.center().y() - 12.0, area.left()
    made = []
    for role in roles:
        wide = SEGMENT if role != "…" else SEGMENT / 2
        made.append((role, QRectF(left, top, wide, 24.0)))
        left += wide
    return made


def paint_name(
    painter: QPainter, part: DataPart, area: QRectF, tokens: Theme, *, with_missing: bool = False
) -> None:
    """The name, and below it the kind with the reason; where counts have no column, what is missing."""
    is_out = part.role == "ignore"
    top, bottom = _two_lines(area)
    _text(painter, top, shown(part.name) or "(no name)", theme.sans(13, QFont.Weight.DemiBold),
          tokens.muted if is_out else tokens.text)  # fmt: skip
    kind = part.kind
    _text(painter, bottom, kind, theme.sans(11), tokens.muted)
    told = f"{grouped(part.missing)} missing" if with_missing and part.missing else shown(part.why)
    if told:
        taken = QFontMetrics(theme.sans(11)).horizontalAdvance(kind) + 8
        is_missing = with_missing and part.missing > 0
        colour = tokens.warn if is_missing else tokens.faint
        _text(painter, bottom.adjusted(taken, 0, 0, 0), told, theme.sans(11), colour)


def paint_roles(
    painter: QPainter, part: DataPart, area: QRectF, hovered: str, tokens: Theme, *, enabled: bool
) -> None:
    """The roles as one row of segments, the present one on the accent."""
    made = segments(part, area)
    if len(made) < 2:
        _text(painter, area, part.role, theme.sans(12), tokens.muted)
        return
    whole = made[0][1].united(made[-1][1])
    painter.setPen(QPen(theme.colour(tokens.hairline), 1))
    painter.setBrush(theme.colour(tokens.raised))
    painter.drawRoundedRect(whole.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
    painter.setFont(theme.sans(12))
    for role, rect in made:
        is_on = role == part.role
        if is_on:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(tokens.accent if role != "ignore" else _quiet(tokens)))
            painter.drawRoundedRect(rect.adjusted(2, 2, -2, -2), 4, 4)
        plain = tokens.text if role == hovered and enabled else tokens.muted
        painter.setPen(theme.colour(tokens.on_accent if is_on else plain))
        painter.drawText(rect, CENTRE, role)


def _quiet(tokens: Theme) -> str:
    """The ground of a role that leaves a part out, dark enough for white words in both themes."""
    return min(tokens.muted, tokens.faint, key=lambda one: theme.colour(one).lightness())


def paint_examples(painter: QPainter, part: DataPart, area: QRectF, tokens: Theme) -> None:
    """The first values, one after the other, on two lines where one is not enough."""
    font, lines = theme.mono(11), [""]
    metrics = QFontMetrics(font)
    for example in part.examples[:12]:
        word = shown(example, 40) or "(empty)"
        longer = f"{lines[-1]}, {word}" if lines[-1] else word
        if lines[-1] and (part.kind == "text" or metrics.horizontalAdvance(longer) > area.width()):
            if len(lines) == 2:
                lines[-1] += "" if part.kind == "text" else ", …"
                break
            lines.append(word)
        else:
            lines[-1] = longer
    if len(lines) == 1:
        _text(painter, area, lines[0], font, tokens.muted)
        return
    for rect, line in zip(_two_lines(area), lines, strict=True):
        _text(painter, rect, line, font, tokens.muted)


def paint_counts(painter: QPainter, part: DataPart, area: QRectF, tokens: Theme) -> None:
    """How many values are missing, in the colour of a warning, and how many are different."""
    if not _is_counted(part):
        return
    top, bottom = _two_lines(area)
    missing = f"{grouped(part.missing)} missing" if part.missing else "none missing"
    _text(painter, top, missing, theme.mono(11), tokens.warn if part.missing else tokens.muted, RIGHT)
    if part.distinct is not None:
        _text(painter, bottom, f"{grouped(part.distinct)} distinct", theme.mono(11), tokens.muted, RIGHT)


def paint_spread(painter: QPainter, part: DataPart, area: QRectF, tokens: Theme) -> None:
    """A histogram between the least and the greatest value, or bars of the most common values."""
    if part.histogram is not None and any(part.histogram.counts):
        _histogram(painter, part, part.histogram, area, tokens)
    elif part.common:
        _common(painter, part.common, area, tokens, faint=part.role == "ignore")
    elif part.low is not None and part.high is not None:
        _text(
            painter,
            area,
            f"{of_kind(part.low, part.kind)} … {of_kind(part.high, part.kind)}",
            theme.mono(11),
            tokens.muted,
        )


def bar_colour(tokens: Theme, *, faint: bool) -> str:
    return tokens.faint if faint else tokens.accent


def ends_of(part: DataPart, values: ValueCounts) -> tuple[str, str]:
    """What stands below the ends of a histogram: the least and the greatest value, with their unit.

    Bins of whole numbers end above the greatest value, so the value itself is told where it is known. Of
    dates on two different days the times are not told.
    """
    low, high = values.edges[0], values.edges[-1]
    if part.kind == "channel":  # the whole range that a pixel can have, whatever these have
        low, high = 0.0, 255.0
    elif part.high is not None and values.edges[-2] <= part.high < high:
        high = part.high
    unit = {"text": "tokens", "sound": "s"}.get(part.kind, "")
    words = [f"{of_kind(one, part.kind)} {unit}".rstrip() for one in (low, high)]
    days = [one[:10] for one in words]
    if part.kind.startswith("date") and days[0] != days[1]:
        words = days
    return words[0], words[1]


def _histogram(painter: QPainter, part: DataPart, values: ValueCounts, area: QRectF, tokens: Theme) -> None:
    plot = QRectF(area.left(), area.top() + 6, area.width(), area.height() - 26)
    count, most = len(values.counts), max(values.counts)
    wide = plot.width() / count
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(bar_colour(tokens, faint=part.role == "ignore"), 0.85))
    for at, many in enumerate(values.counts):
        if many:
            high = max(1.5, plot.height() * many / most)
            gap = 1.0 if wide > 3 else 0.0
            painter.drawRect(QRectF(plot.left() + at * wide, plot.bottom() - high, wide - gap, high))
    painter.setBrush(theme.colour(tokens.hairline))
    painter.drawRect(QRectF(plot.left(), plot.bottom(), plot.width(), 1))
    below = QRectF(area.left(), plot.bottom() + 2, area.width(), 16)
    least, greatest = ends_of(part, values)
    if least == greatest:
        _text(painter, below, f"all {least}", theme.mono(11), tokens.muted)
        return
    _text(painter, below, least, theme.mono(11), tokens.muted)
    _text(painter, below, greatest, theme.mono(11), tokens.muted, RIGHT)


def _common(
    painter: QPainter, common: Sequence[tuple[str, int]], area: QRectF, tokens: Theme, *, faint: bool
) -> None:
    rows = common[:3]
    top = area.center().y() - _LINE * len(rows) / 2
    for at, (value, count) in enumerate(rows):
        line = QRectF(area.left(), top + at * _LINE, area.width(), _LINE)
        paint_bar(painter, line, shown(value, 40), count, rows[0][1], tokens, faint=faint)


def paint_bar(
    painter: QPainter, line: QRectF, name: str, count: int, most: int, tokens: Theme, *, faint: bool = False,
    label: float = 0.4,
) -> None:  # fmt: skip
    """A name, a bar as long as its share of the most, and its number in mono at the right edge."""
    words = QRectF(line.left(), line.top(), line.width() * label - 8, line.height())
    _text(painter, words, name or "(empty)", theme.sans(11), tokens.muted)
    number_room = max(_COUNT, QFontMetrics(theme.mono(11)).horizontalAdvance(grouped(most)) + 8.0)
    room = QRectF(line.left() + line.width() * label, line.center().y() - 4, 0, 8)
    room.setRight(line.right() - number_room)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(tokens.raised))
    painter.drawRoundedRect(room, 2, 2)
    if count:
        painter.setBrush(theme.colour(bar_colour(tokens, faint=faint), 0.85))
        room.setWidth(max(2.0, room.width() * count / max(1, most)))
        painter.drawRoundedRect(room, 2, 2)
    _text(painter, line, grouped(count), theme.mono(11), tokens.muted, RIGHT)


def _two_lines(area: QRectF) -> tuple[QRectF, QRectF]:
    middle = area.center().y()
    return (
        QRectF(area.left(), middle - 19, area.width(), 19),
        QRectF(area.left(), middle + 1, area.width(), 17),
    )


def _text(painter: QPainter, area: QRectF, words: str, font: QFont, colour: str, align: int = LEFT) -> None:
    if area.width() <= 4:
        return
    painter.setFont(font)
    painter.setPen(theme.colour(colour))
    cut = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, int(area.width()))
    painter.drawText(area, align, cut)
