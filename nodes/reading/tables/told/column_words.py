"""Sentences and questions on single columns: numbers for no value, days of eight digits, words alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nodes.reading.look import Answer, Doubt
from nodes.reading.looking import alike_words
from nodes.reading.tables.choices import typed
from nodes.reading.tables.column import TableColumn
from nodes.reading.tables.dates import DIGITS, seconds
from nodes.reading.tables.name_lists import listed_names, quoted_name
from nodes.reading.tables.plan import TablePlan
from nodes.shown_text import listed, shown

LEAST_DATED = 20
"""Rows from which on it is asked whether the last by time validate."""


def warnings_of(column: TableColumn, *, has_classes: bool) -> Iterator[str]:
    """What of the cells of a column is read in one way, though some are written otherwise.

    What classes are alike is told of any set.
    """
    name = shown(column.name)
    if column.is_partly_marked and column.marks:
        yield (
            f"Column {name}: {shown(column.marks.unit)} stands behind some of its numbers and not behind "
            "others; it is taken away, and all are read as they stand."
        )
    if column.mixed_dates:
        yield (
            f"Column {name}: its dates are written in several forms, as {listed(column.examples[:2])}; "
            "they are read as words."
        )
    alike = () if column.is_number or has_classes else alike_words(column.levels)
    if alike:
        yield f"Column {name}: {listed(alike)} differ in small and capital letters or in spaces alone."


def doubts_of(chosen: TablePlan, column: TableColumn, where: str) -> Iterator[Doubt]:
    """Questions on a column of numbers that nobody has answered."""
    if not column.is_number or column.form:
        return
    name = shown(column.name)
    as_number = typed({**chosen.choice.types, column.name: "number"})
    kept = Answer("It is a number.", {"column_types": as_number})
    for far in column.far:
        lost = Answer("It is no value.", {"missing_words": missing_with(chosen, [far.word])})
        cells = f"{far.count:,} of {column.rows:,} cells {'is' if far.count == 1 else 'are'} {far.word}"
        why = f"{cells}; all others lie from {far.low:g} to {far.high:g}"
        yield Doubt(f"Does {far.word} stand for no value in {name}?", why, (kept, lost), 0, where)
    if _are_days(column):
        days: dict[str, Any] = {
            "column_types": typed({**chosen.choice.types, column.name: f"date, {DIGITS}"})
        }
        why = f"all its numbers could be days: year, month and day, as {shown(column.examples[0])}"
        yield Doubt(f"Is {name} a day or a number?", why, (kept, Answer("It is a day.", days)), 0, where)


def of_time(chosen: TablePlan) -> list[Doubt]:
    """Whether the last rows by time validate, where a column has another date in most rows."""
    columns = chosen.outline.columns
    dated = [columns[i] for i in chosen.inputs if columns[i].forms and _differ(columns[i])]
    if not dated or set(chosen.choice.roles) & {"order", "group", "split"}:
        return []
    name = shown(dated[0].name)
    answers = (
        Answer("Rows drawn at random.", {"order_column": ""}),
        Answer(f"The last by {name}.", {"order_column": quoted_name(dated[0].name)}),
    )
    why = (
        f"{name} has another date in most rows; rows that are near in time are alike, so that results on "
        "rows at random are too good"
    )
    return [Doubt("Which rows validate?", why, answers, 0, str(chosen.outline.path))]


def _differ(column: TableColumn) -> bool:
    """Whether a column has a date, not a time of day alone, and another one in most of many rows."""
    there = column.rows - column.missing
    different = there if column.words is None else len(column.words)
    return column.forms != ("time of day",) and there >= LEAST_DATED and 2 * different > there


def missing_with(chosen: TablePlan, words: Sequence[str]) -> str:
    """The words that stand for no value, and these."""
    given = chosen.outline.choice.missing_words
    if given is None:  # what stands for none among numbers goes on to do so
        found = (one.stand_ins for one in chosen.outline.columns if one.is_number)
        given = tuple(word for several in found for word, _ in several)
    return listed_names([*dict.fromkeys([*given, *words])])


def _are_days(column: TableColumn) -> bool:
    """Whether all numbers that are known of a column are days of eight digits."""
    if not column.is_whole or column.low is None or column.high is None or column.low < 19000101:
        return False
    known = [word for word, _ in column.words or ()][:1000] or list(column.examples)
    return column.high < 21000101 and all(seconds(word, DIGITS) is not None for word in known)
