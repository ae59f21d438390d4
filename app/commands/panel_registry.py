"""Finds the panels: what each `panel.py` of the rooms of `app` declares, and what installed packages declare.

A package declares panels in a module that it names in the entry point group `layerloom.panels`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from PySide6.QtGui import QKeySequence

from app.panels.declaration import Panel, PanelPlace
from app.state.actions import ACTIONS, MENUS
from nodes.plug_ins import (
    BrokenPlugIn,
    broken_plug_in,
    classes_in,
    modules_named,
    plug_ins,
    take_plug_ins,
)
from nodes.user_error import UserError

GROUP = "layerloom.panels"
AnyPanel = Panel[Any]
broken: list[BrokenPlugIn] = []
"""Plug-ins that could not be taken in; the others count."""


class PanelError(UserError, ValueError):
    """A panel that cannot be among the others. The message is a sentence."""


@cache
def panels() -> tuple[AnyPanel, ...]:
    """Every panel: those of the product in their order, then those of plug-ins in theirs."""
    own = [kind() for module in modules_named("panel", "app") for kind in _declared(module)]
    others: list[AnyPanel] = []

    def take(module: ModuleType) -> None:
        for kind in _declared(module):
            panel = kind()
            _check(panel, [*own, *others])
            others.append(panel)

    broken.clear()
    take_plug_ins(GROUP, take, broken)
    return (*_in_order(own), *_in_order(others))


def note_failure(panel: AnyPanel, error: Exception) -> BrokenPlugIn | None:
    """Note that a panel of a plug-in could not be made; None where it is one of the product's own."""
    module = type(panel).__module__
    plug_in = next((one for one in plug_ins(GROUP) if one.module == module), None)
    if plug_in is None:
        return None
    noted = broken_plug_in(plug_in, error)
    broken.append(noted)
    return noted


def lower_pages() -> tuple[AnyPanel, ...]:
    """The panels that are tabs of the area below the canvas. The first one names its dock."""
    return tuple(panel for panel in panels() if panel.place is PanelPlace.LOWER)


def docked_panels() -> tuple[AnyPanel, ...]:
    """The panels that have a dock: all but the tabs after the first."""
    tabs = lower_pages()[1:]
    return tuple(panel for panel in panels() if panel not in tabs)


def _declared(module: ModuleType) -> Iterator[type[AnyPanel]]:
    return classes_in(module, Panel)  # type: ignore[type-abstract]


def _in_order(found: list[AnyPanel]) -> list[AnyPanel]:
    return sorted(found, key=lambda panel: panel.order)


def _check(panel: AnyPanel, present: list[AnyPanel]) -> None:
    """Refuse a panel of a plug-in that takes the id or the keys of something else."""
    if panel.id in {other.id for other in present}:
        raise PanelError(f"Expected an id that no other panel has. Received {panel.id!r}.")
    if panel.menu not in MENUS:
        raise PanelError(f"Expected a menu of {', '.join(MENUS)}. Received {panel.menu!r}.")
    taken = {_keys(keys): action.title for action in ACTIONS for keys in (action.shortcut, action.also)}
    for other in present:
        taken[_keys(other.shortcut)] = f"Show {other.called}"
        taken[_keys(other.floating_shortcut)] = f"Float {other.called}"
    for keys in (panel.shortcut, panel.floating_shortcut):
        if not _keys(panel.shortcut):
            raise PanelError(f"Expected a shortcut. Received {panel.shortcut!r}.")
        if _keys(keys) in taken:
            raise PanelError(
                f"Expected keys that nothing else has. Received {keys}, the keys of “{taken[_keys(keys)]}”."
            )


def _keys(shortcut: str) -> str:
    """One spelling of the same keys; "" where they are none."""
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.PortableText)
