"""Paints the size of updates over the steps: how far weights move, the gradient, and their length."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.lenses.fitted_view import FittedView, FrameHistory, KeptLook
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.layers.curves import StepCurve, height_for, paint_curves, paint_numbers, text_at
from app.lenses.room import Room
from app.style.theme import Theme
from app.widgets.numbers import grouped

HEALTHY = 1e-3
"""Of an update in proportion to the weights."""
_ROOM = Room(1, 1, 184.0, 42.0)
_KEPT = 240
_UPDATE = "change a step / ‖w‖"


class UpdateSizeView(FittedView):
    """`history` has the numbers of every look that is kept; `last` the weights of the last one."""

    def __init__(self) -> None:
        super().__init__(height_for(3, 268))
        self.history: FrameHistory[dict[str, float]] = FrameHistory(_KEPT)
        self.last: tuple[str, int, NDArray[np.generic]] | None = None
        self.steps = 0
        """Steps between the last two looks."""
        self.sent, self.count = 0, 0
        """Weights whose change is measured, and all weights of the layer."""


class UpdateSizePainter(Painter[UpdateSizeView]):
    """The lengths in the node; curves in the inspector."""

    kind = "update_size"
    empty = "Press Play to see how far the weights move."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        if "norm" not in arrays:
            return None
        curves = _curves([KeptLook(0, context.step, _numbers(arrays))])
        return picture(room, theme, partial(paint_numbers, curves[1:]))

    def view(self) -> UpdateSizeView:
        return UpdateSizeView()

    def show(self, view: UpdateSizeView, arrays: Arrays, context: Context) -> bool:
        if "norm" not in arrays:
            return False
        view.sent, view.count = arrays["weights"].size, int(np.asarray(arrays["count"]).item())
        numbers = _numbers(arrays) | _moved(view, arrays["weights"], context)
        curves = _curves(view.history.take(numbers, context))
        view.show_fitted(
            curves, partial(paint_curves, curves), partial(height_for, len(curves)), partial(text_at, curves)
        )
        return True

    def note(self, view: UpdateSizeView, moment: str, context: Context) -> str:
        parts = [f"{grouped(view.sent)} of {grouped(view.count)} weights"] if view.sent < view.count else []
        if view.steps > 1:
            parts.append(f"mean of {grouped(view.steps)} steps")
        return " · ".join([*parts, moment])


def _numbers(arrays: Arrays) -> dict[str, float]:
    return {name: float(np.asarray(arrays[name]).item()) for name in ("norm", "gradient") if name in arrays}


def _moved(view: UpdateSizeView, weights: NDArray[np.generic], context: Context) -> dict[str, float]:
    """How far the weights moved a step since the last look, in proportion to their length."""
    last, view.last = view.last, (context.target, context.step, weights)
    if last is None or last[0] != context.target or last[2].shape != weights.shape or last[1] > context.step:
        view.steps = 0
        return {}
    if last[1] == context.step:
        kept = view.history.kept[-1].value if view.history.kept else {}
        return {"update": kept["update"]} if "update" in kept else {}
    view.steps = context.step - last[1]
    moved = float(np.linalg.norm(np.asarray(weights, np.float64) - np.asarray(last[2], np.float64)))
    length = float(np.linalg.norm(np.asarray(last[2], np.float64)))
    return {"update": moved / view.steps / length} if length > 0 else {}


def _curves(kept: list[KeptLook[dict[str, float]]]) -> list[StepCurve]:
    def points(name: str) -> tuple[tuple[int, float], ...]:
        return tuple((each.step, each.value[name]) for each in kept if name in each.value)

    update = StepCurve(_UPDATE, points("update"), is_log=True, mark=HEALTHY)
    gradient = StepCurve("‖gradient‖ of the sample", points("gradient"), is_log=True)
    length = StepCurve("‖w‖", points("norm"))
    return [update, *([gradient] if gradient.points else []), length]
