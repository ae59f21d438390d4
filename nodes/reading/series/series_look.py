"""What is told of series: their columns, how many there are and how long, and what is in doubt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nodes.reading.look import Answer, DataLook, DataPart, Doubt, Fact
from nodes.reading.series.series_rows import SeriesChoice, order_note, series_rows
from nodes.reading.tables.column import TableColumn
from nodes.reading.tables.outline import TableOutline
from nodes.shown_text import listed, shown

MOST_SERIES = 1000
ROLES = ("input", "target", "group", "order", "ignore")


def look_at_series(base: DataLook, table: TableOutline, choice: SeriesChoice) -> DataLook:
    """The look at a set, with what is known of its series."""
    rows = series_rows(table, choice)
    lengths = np.diff(rows.sections, axis=1).ravel()
    names = list(dict.fromkeys(rows.groups))
    facts = [*table.facts, Fact("Rows", f"{table.rows:,}")]
    if choice.group is not None:
        facts.append(Fact("Series", f"{len(names):,}: {listed(names)}", "of their names in group_column"))
    if len(lengths):
        facts.append(Fact("Lengths", f"{int(lengths.min()):,} to {int(lengths.max()):,} rows"))
    parts = tuple(_part(one, i, choice) for i, one in enumerate(table.columns))
    doubts = (*base.doubts, *_doubts(table, choice))
    return replace(base, facts=(*facts, *base.facts), parts=parts, doubts=doubts, parts_are="columns")


def _part(column: TableColumn, place: int, choice: SeriesChoice) -> DataPart:
    roles = {choice.group: "group", choice.order: "order"}
    role = roles.get(place, "ignore")
    if place in choice.targets:
        role = "target"
    elif place in choice.inputs:
        role = "input"
    kind = (
        "number" if column.is_number else "date" if column.forms else "category" if column.words else "text"
    )
    return DataPart(
        column.name,
        "empty" if column.is_empty else kind,
        role,
        why="predicted from its own past" if place in choice.targets and place in choice.inputs else "",
        roles=ROLES,
        examples=tuple(shown(one) for one in column.examples),
        missing=column.missing,
        distinct=len(column.words) if column.words is not None else None,
        low=column.low,
        high=column.high,
        histogram=column.histogram,
    )


def _doubts(table: TableOutline, choice: SeriesChoice) -> list[Doubt]:
    found = []
    note = order_note(table, choice)
    dated = [one.name for one in table.columns if one.forms and not one.is_number]
    if note and len(dated) == 1:
        answers = (
            Answer("As they stand in the file", {"order_column": ""}),
            Answer(f"By {dated[0]}", {"order_column": dated[0]}),
        )
        found.append(Doubt("In which order do rows follow each other?", note, answers, where=table.path.name))
    names = [one.name for i, one in enumerate(table.columns) if _may_name_series(one, i, table, choice)]
    if choice.group is None and names:
        one = next(column for column in table.columns if column.name == names[0])
        ways = (
            Answer("One series", {"group_column": ""}),
            *(Answer(f"A series for each {name}", {"group_column": name}) for name in names[:3]),
        )
        why = f"column {names[0]!r} has {len(one.words or ()):,} words that come again"
        question = "Are the rows one series, or several below each other?"
        found.append(Doubt(question, why, ways, where=table.path.name))
    return found


def _may_name_series(column: TableColumn, place: int, table: TableOutline, choice: SeriesChoice) -> bool:
    """Whether a column has words, each in many rows."""
    if place in (*choice.inputs, *choice.targets, choice.order) or column.is_number or column.forms:
        return False
    count = len(column.words or ())
    return 1 < count <= min(MOST_SERIES, table.rows // 10)
