"""Paints the flow through one node: curves of deviation, mean, zeros and gradient norm over the steps."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtGui import QImage

from app.lenses.fitted_view import FittedView, FrameHistory, KeptLook
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.layers.curves import StepCurve, height_for, paint_curves, paint_numbers, text_at
from app.lenses.room import Room
from app.style.theme import Theme
from app.widgets.numbers import percent

_ROOM = Room(1, 1, 184.0, 74.0)
_KEPT = 240
_NAMES = {"deviation": "deviation", "gradient": "gradient norm", "mean": "mean", "zeros": "zeros"}


class FlowView(FittedView):
    """`history` has the numbers of every look that is kept."""

    def __init__(self) -> None:
        super().__init__(height_for(len(_NAMES), 268))
        self.history: FrameHistory[dict[str, float]] = FrameHistory(_KEPT)


class FlowPainter(Painter[FlowView]):
    """The numbers in the node; curves in the inspector."""

    kind = "flow"
    empty = "Press Play to see how large values and gradients are here."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        if "deviation" not in arrays:
            return None
        curves = _curves([KeptLook(0, context.step, _numbers(arrays))])
        return picture(room, theme, partial(paint_numbers, curves))

    def view(self) -> FlowView:
        return FlowView()

    def show(self, view: FlowView, arrays: Arrays, context: Context) -> bool:
        if "deviation" not in arrays:
            return False
        curves = _curves(view.history.take(_numbers(arrays), context))
        view.show_fitted(
            curves, partial(paint_curves, curves), partial(height_for, len(curves)), partial(text_at, curves)
        )
        return True

    def note(self, view: FlowView, moment: str, context: Context) -> str:
        kept = view.history.kept
        lost = kept[-1].value.get("lost", 0.0) if kept else 0.0
        return f"{percent(lost)} not finite · {moment}" if lost else moment


def _numbers(arrays: Arrays) -> dict[str, float]:
    return {name: float(np.asarray(value).item()) for name, value in arrays.items()}


def _curves(kept: list[KeptLook[dict[str, float]]]) -> list[StepCurve]:
    """A curve for each number that was seen in the last look."""
    found = []
    for name, title in _NAMES.items():
        if name in kept[-1].value:
            points = tuple((each.step, each.value[name]) for each in kept if name in each.value)
            is_log = name in ("deviation", "gradient")
            found.append(StepCurve(title, points, is_log=is_log, is_share=name == "zeros"))
    return found
