"""Which columns of a table a plan has to read, and how."""

from __future__ import annotations

from dataclasses import dataclass

from nodes.reading.tables.plan import TablePlan


@dataclass(frozen=True)
class AskedColumns:
    """The places of the columns to read; those that are `coded` as places among their levels, and those whose
    `gaps` are kept."""

    places: tuple[int, ...]
    coded: frozenset[int]
    gaps: frozenset[int]


def asked_of(chosen: TablePlan) -> AskedColumns:
    """The columns of a plan: inputs, targets, then those of roles that are neither."""
    columns, roles = chosen.outline.columns, dict(chosen.roles)
    marks = [place for role, place in roles.items() if not columns[place].is_number or role == "split"]
    words = frozenset((*chosen.words, *(chosen.targets if chosen.is_coded else ())))
    places = list(dict.fromkeys([*chosen.inputs, *chosen.targets]))
    asked = dict.fromkeys([*places, *roles.values()])
    coded = words | {place for place in marks if place not in places}
    gaps = frozenset(chosen.inputs) if chosen.choice.gaps == "fill" else frozenset[int]()
    return AskedColumns(tuple(asked), coded, gaps)
