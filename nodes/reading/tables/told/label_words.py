"""What is told of targets that are several labels, or could be."""

from __future__ import annotations

from nodes.reading.labels.choices import IN_COLUMNS, NO
from nodes.reading.labels.doubt import doubt
from nodes.reading.labels.table_labels import are_flags, in_cells
from nodes.reading.look import Answer, Doubt, Fact
from nodes.reading.tables.plan import TablePlan
from nodes.shown_text import listed, shown


def fact(chosen: TablePlan, names: str) -> Fact:
    """That labels are predicted, and why."""
    assert chosen.labels is not None
    count = len(chosen.labels.names)
    in_columns = chosen.labels.how == IN_COLUMNS
    why = "each column has yes and no alone" if in_columns else "its cells have several"
    return Fact("Predicted", names, f"as {count:,} labels, any number of which holds of a row: {why}")


def doubts(chosen: TablePlan) -> list[Doubt]:
    """Whether columns of yes and no are labels, or whether a cell has several; none where nothing says so."""
    columns = [chosen.outline.columns[i] for i in chosen.targets]
    path = str(chosen.outline.path)
    if are_flags(columns):
        return [_of_columns(chosen, path)] if all(column.is_number for column in columns) else []
    found = in_cells(columns[0]) if len(columns) == 1 else None
    if found is None or chosen.choice.task == "regression":
        return []
    where = f"{path}, column {shown(columns[0].name)}"
    return [doubt(found, columns[0].name, taken=chosen.labels is not None, where=where)]


def _of_columns(chosen: TablePlan, path: str) -> Doubt:
    columns = [chosen.outline.columns[i] for i in chosen.targets]
    yes = Answer(
        f"Yes: each label by itself ({len(columns):,} labels)", {"several_labels": IN_COLUMNS, "task": "auto"}
    )
    answers = (yes, Answer("No: each is a number", {"several_labels": NO}))
    names = listed(column.name for column in columns)
    why = "each of these columns has yes and no, or 1 and 0, alone"
    taken = 0 if chosen.labels is not None else 1
    return Doubt(f"Are {names} labels, of which several can hold?", why, answers, taken, path)
