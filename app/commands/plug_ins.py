"""All plug-ins, those of the window too: which cannot be used, and what is told of them at the start."""

from __future__ import annotations

from app.canvas.gestures import registry as gestures
from app.commands import panel_registry as panels
from app.lenses import registry as painters
from engine import plug_ins as of_engine
from nodes.plug_ins import BrokenPlugIn

GROUPS = (*of_engine.GROUPS, painters.GROUP, gestures.GROUP, panels.GROUP)


def broken() -> list[BrokenPlugIn]:
    """Those that cannot be used, in the order of `GROUPS`. Loads what is not loaded yet."""
    gestures.gestures()
    panels.panels()
    return [*of_engine.broken(), *painters.PAINTERS.broken, *gestures.broken, *panels.broken]


def warning() -> str:
    """A sentence or two about those that cannot be used; "" where all can. Shown as plain text."""
    found = broken()
    if len(found) < 2:
        return "".join(one.sentence for one in found)
    return f"{len(found)} plug-ins cannot be used; Help, Plug-ins lists them. The first: {found[0].sentence}"


def installed() -> list[of_engine.Listed]:
    """Every plug-in with what is wrong with it."""
    return of_engine.listed(GROUPS, broken())
