"""Every action of the window: those of `app.state.actions`, and those that follow from the panels."""

from __future__ import annotations

from collections.abc import Iterator

from app.commands.panel_registry import AnyPanel, docked_panels, panels
from app.state.actions import ACTIONS, MENUS, PANELS_BEFORE, PANELS_OPEN, Action


def actions() -> tuple[Action, ...]:
    """All of them, in the order of the menus."""
    found = list(ACTIONS)
    for menu in MENUS:
        ids = [action.id for action in found]
        at = ids.index(PANELS_BEFORE[menu]) if menu in PANELS_BEFORE else len(ids)
        found[at:at] = _of_panels(menu)
    return tuple(found)


def show_action(panel: AnyPanel, *, opens: bool = False) -> Action:
    """The action that shows a panel or hides it."""
    return Action(
        f"show_{panel.id}", f"Show {panel.called}", panel.menu, panel.shortcut, panel.icon, ("drawing",),
        f"{panel.id}_shown", "toggle_panel", panel.id, words=panel.search_words, opens=opens, panel=panel.id,
    )  # fmt: skip


def _of_panels(menu: str) -> Iterator[Action]:
    shown = [panel for panel in panels() if panel.menu == menu]
    for panel in shown:
        yield show_action(panel, opens=menu in PANELS_OPEN and panel is shown[0])
    for panel in shown:
        if panel in docked_panels():
            yield _float_action(panel)


def _float_action(panel: AnyPanel) -> Action:
    return Action(
        f"float_{panel.id}", f"Float {panel.called}", panel.menu, panel.floating_shortcut,
        when=("drawing", "wide"), state=f"{panel.id}_floats", method="float_panel", argument=panel.id,
        submenu="Float a panel", words="detach window", panel=panel.id,
    )  # fmt: skip
