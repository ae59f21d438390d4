"""Finds the gestures: every class of this folder, and those of installed packages.

A package declares gestures in a module that it names in the entry point group `layerloom.gestures`.
"""

from __future__ import annotations

from functools import cache

from app.canvas.gestures.base import Canvas, Gesture, Press
from nodes.plug_ins import BrokenPlugIn, classes_in, modules_of, take_plug_ins

GROUP = "layerloom.gestures"
broken: list[BrokenPlugIn] = []
"""Plug-ins that could not be taken in; the others count."""


def gesture_for(canvas: Canvas, press: Press) -> Gesture | None:
    """What a press begins; None where it begins nothing."""
    begun = (kind.for_press(canvas, press) for kind in gestures())
    return next((gesture for gesture in begun if gesture is not None), None)


@cache
def gestures() -> tuple[type[Gesture], ...]:
    """Every class of gesture, in the order in which they are asked."""
    modules = modules_of("app.canvas.gestures", skip=("registry",))
    broken.clear()
    take_plug_ins(GROUP, modules.append, broken)
    found = (kind for module in modules for kind in classes_in(module, Gesture))
    return tuple(sorted(found, key=lambda kind: kind.order))
