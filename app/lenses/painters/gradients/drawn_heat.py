"""Which drawing fits a heat, how high it should be, and what is under the mouse, in words."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from app.lenses.painters.gradients.grown_view import GrownView
from app.lenses.painters.gradients.heat import COLUMNS, PICTURE, STEPS, Heat
from app.lenses.painters.gradients.heat_paint import (
    FOOT,
    GAP,
    HEAD,
    LINE,
    MOST_ROWS,
    ROW,
    cell_at,
    draw_columns,
    draw_picture,
    draw_steps,
    picture_boxes,
    rows_in,
    step_at,
)
from app.lenses.painters.gradients.token_paint import draw_tokens, lines_for, token_at
from app.lenses.prediction import visible
from app.style.theme import Theme
from app.widgets.numbers import number

_TALLEST = 420


def show_heat(view: GrownView, heat: Heat | None, *, over: bool) -> bool:
    """Show it in a view; `over`: a picture's heat lies over the picture. Whether there is anything."""
    if heat is None:
        return False
    draw = partial(draw_heat, heat, small=False, over=over)
    view.show_drawn(heat, draw, partial(height_for, heat), partial(text_at, heat))
    return True


def draw_heat(
    heat: Heat,
    painter: QPainter,
    area: QRectF,
    theme: Theme,
    mouse: QPointF | None = None,
    *,
    small: bool,
    over: bool,
) -> None:
    if heat.kind == PICTURE:
        draw_picture(painter, area, heat, theme, mouse, small=small, over=over)
        return
    drawing = {COLUMNS: draw_columns, STEPS: draw_steps}.get(heat.kind, draw_tokens)
    drawing(painter, area, heat, theme, mouse, small=small)


def height_for(heat: Heat, width: int) -> int:
    """Pixels that the drawing needs for this width."""
    if heat.kind == PICTURE:
        high, wide = heat.values.shape
        count = 1 if heat.under is None else 2
        return min(_TALLEST, int((width - GAP * (count - 1)) / count * high / wide + HEAD + FOOT))
    if heat.kind == COLUMNS:
        return int(HEAD + 4 + min(len(heat.values), MOST_ROWS) * ROW)
    if heat.kind == STEPS:
        return 190
    return min(_TALLEST, int(HEAD + FOOT + lines_for(heat, width) * LINE))


def text_at(heat: Heat, place: QPointF, area: QRectF) -> str:
    """The value under a point, as in `row 4, column 12 · 0.0131 · pixel 0.72`."""
    if heat.kind == PICTURE:
        found = cell_at(place, picture_boxes(area, heat, small=False), heat)
        if found is None:
            return ""
        words = f"{found[0]}, {found[1]} · {number(float(heat.values[found]))}"
        if heat.under is None:
            return words
        pixel = ", ".join(number(float(one)) for one in np.asarray(heat.under)[:, found[0], found[1]][:3])
        return f"{words} · pixel {pixel}"
    if heat.kind == COLUMNS:
        row = next((index for index, box in rows_in(area, heat, small=False) if box.contains(place)), None)
        if row is None:
            return ""
        words = f"{heat.names[row]} · {number(float(heat.values[row]))}"
        return words if heat.under is None else f"{words} · value {number(float(np.ravel(heat.under)[row]))}"
    if heat.kind == STEPS:
        step = step_at(place, area, heat)
        if step is None or heat.under is None:
            return ""
        value = number(float(np.asarray(heat.under)[step, 0]))
        return f"step {step + 1} · {number(float(heat.values[step]))} · value {value}"
    token = token_at(place, area, heat)
    if token is None:
        return ""
    return f"{visible(heat.names[token])} at {token + 1} · {number(float(heat.values[token]))}"
