"""Plug-ins of layers, data sets and the engine: what is installed, what of it cannot be used, in words.

The words of a plug-in are a stranger's: whoever shows them shows plain text.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.exchange import registry as exchange
from engine.lens import registry as lenses
from engine.lessons import registry as lessons
from nodes import registry as layers
from nodes.data_sets import registry as sets
from nodes.plug_ins import BrokenPlugIn, PlugIn, plug_ins

GROUPS = (layers.GROUP, sets.GROUP, lenses.GROUP, exchange.EXPORTERS, exchange.IMPORTERS, lessons.GROUP)
Listed = tuple[PlugIn, str]
"""A plug-in and what is wrong with it; "" where it is in use."""


def broken() -> list[BrokenPlugIn]:
    """Those that cannot be used, in the order of `GROUPS`."""
    of_nodes = (*layers.REGISTRY.broken, *sets.data_sets().broken)
    lessons.checks()
    return [*of_nodes, *lenses.LENSES.broken, *exchange.discover().broken, *lessons.broken]


def listed(groups: Sequence[str], unusable: Sequence[BrokenPlugIn]) -> list[Listed]:
    """Every plug-in that is installed in these groups."""
    wrong = {one.plug_in: one.problem for one in unusable}
    return [(one, wrong.get(one, "")) for group in groups for one in plug_ins(group)]


def summary(found: Sequence[Listed]) -> str:
    """How many there are, and what to do about those that cannot be used."""
    if not found:
        return "No plug-ins are installed."
    wrong = sum(1 for _, problem in found if problem)
    count = f"{len(found)} plug-in{'s' if len(found) > 1 else ''} installed"
    advice = "Update or uninstall what is named below."
    return f"{count}; {wrong} cannot be used. {advice}" if wrong else f"{count}."


def line(plug_in: PlugIn, problem: str) -> str:
    """One line of the list."""
    said = " ".join((problem or "in use").split())
    return f"{plug_in.group}  {plug_in}  {plug_in.module}  {said}"
