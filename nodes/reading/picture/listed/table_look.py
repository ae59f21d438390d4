"""What is told of the columns of a list of pictures, and how another role is given to one."""

from __future__ import annotations

from collections import Counter
from typing import Any

from nodes.reading.error import DataError
from nodes.reading.labels.choices import IN_COLUMNS, NO
from nodes.reading.labels.doubt import doubt
from nodes.reading.look import Answer, DataPart, Doubt
from nodes.reading.picture.listed.picture_table import PictureTable
from nodes.reading.picture.listed.table_targets import TableRoles, TargetRules, joined_cells, roles
from nodes.shown_text import shown

ROLES = ("target", "ignore", "split", "group")
"""What a column that names no files can be for."""


def column_parts(table: PictureTable, chosen: TableRoles) -> list[DataPart]:
    """A part for each column, with its most common cells."""
    found = []
    for column, name in enumerate(table.names):
        role = chosen.of(table, column)
        counts = Counter(table.values(column))
        missing = counts.pop("", 0)
        is_category = chosen.is_classes or chosen.labels not in (NO, IN_COLUMNS)
        kind = "category" if is_category or role != "target" else "number"
        common = () if role == "input" else tuple((shown(cell), n) for cell, n in counts.most_common(100))
        found.append(
            DataPart(
                shown(name),
                "files" if role == "input" else kind,
                role,
                roles=("input",) if role == "input" else ROLES,
                examples=tuple(shown(cell) for cell in list(counts)[:3]),
                missing=missing,
                distinct=len(counts),
                common=common,
            )
        )
    return found


def target_doubts(table: PictureTable, chosen: TableRoles) -> list[Doubt]:
    """Whether whole numbers are classes, and which column is to be predicted."""
    told: list[Doubt] = []
    answers: tuple[Answer, ...]
    if len(chosen.targets) == 1:
        column = chosen.targets[0]
        cells = {cell for cell in table.values(column) if cell}
        found = joined_cells(table, chosen.targets)
        if found is not None:
            where = f"{table.path.name}, column {shown(table.names[column])}"
            told.append(doubt(found, table.names[column], taken=chosen.labels != NO, where=where))
        if all(cell.lstrip("+-").isdigit() for cell in cells):
            answers = (
                Answer("classes", {"task": "classification"}),
                Answer("numbers", {"task": "regression"}),
            )
            why = f"it has {len(cells):,} different whole numbers"
            taken = 0 if chosen.is_classes else 1
            told.append(
                Doubt(f"Are the numbers in {shown(table.names[column])} classes?", why, answers, taken)
            )
    others = [
        column for column in range(len(table.names)) if chosen.of(table, column) in ("target", "ignore")
    ]
    if len(others) > 1 and len(chosen.targets) == 1:
        order = [chosen.targets[0], *(column for column in others if column not in chosen.targets)]
        answers = tuple(
            Answer(shown(table.names[column]), {"target_columns": table.names[column]})
            for column in order[:5]
        )
        told.append(Doubt("Which column is to be predicted?", "several could be", answers))
    return told


def values_for_role(table: PictureTable, rules: TargetRules, part: str, role: str) -> dict[str, Any]:
    """The parameters that give a column this role. Raises `DataError`."""
    column = table.column(part)
    if column in table.file_columns or role not in ROLES:
        raise DataError(
            f"{shown(table.path.name, 60)}: Expected a column that names no files, as {', '.join(ROLES)}. "
            f"Received {shown(part)!r} as {role}."
        )
    now = roles(table, rules)
    targets = [i for i in now.targets if i != column] + [column] * (role == "target")
    return {
        "target_columns": ", ".join(table.names[i] for i in targets),
        "split_column": part if role == "split" else "" if rules.split_column == part else rules.split_column,
        "group_column": part if role == "group" else "" if rules.group_column == part else rules.group_column,
    }
