"""The parameters that give a column of a table another role."""

from __future__ import annotations

from typing import Any

from nodes.reading.error import DataError
from nodes.reading.labels.choices import AUTO, IN_COLUMNS
from nodes.reading.labels.table_labels import are_flags
from nodes.reading.look import ROLES
from nodes.reading.tables.name_lists import listed_names, quoted_name
from nodes.reading.tables.plan import TablePlan
from nodes.shown_text import quoted

_ONE = ("group", "split", "weight", "order")


def roles_of(chosen: TablePlan) -> tuple[str, ...]:
    """What each column of the table is for now."""
    named = {at: role for role, at in reversed(chosen.roles)}
    named |= dict.fromkeys(chosen.inputs, "input") | dict.fromkeys(chosen.targets, "target")
    return tuple(named.get(place, "ignore") for place in range(len(chosen.outline.columns)))


def values_for_role(chosen: TablePlan, name: str, role: str) -> dict[str, Any]:
    """The parameters that give a column this role; what had it before and can have it once only is ignored.

    A number, or a label of yes and no, to predict joins others that somebody chose to predict; else it takes
    their place. Raises `DataError` for a column that is not there, and where nothing would be left to predict
    or to go in.
    """
    if role not in ROLES:
        raise DataError(f"Expected a role of {', '.join(ROLES)}. Received {quoted(role)}.")
    table, choice = chosen.outline, chosen.choice
    place = table.find(name)
    inputs = [table.columns[i].name for i in chosen.inputs if i != place]
    targets = [table.columns[i].name for i in chosen.targets if i != place]
    ignored = [one for one in choice.ignored if one != name]
    roles = {one: at for one, at in choice.roles.items() if at != name}
    was_target = place in chosen.targets
    if role == "input":
        inputs.append(name)
    elif role == "ignore":
        ignored.append(name)
    elif role == "target":
        targets = [*targets, name] if choice.targets and _joins(chosen, place) else [name]
        inputs += [table.columns[i].name for i in chosen.targets if table.columns[i].name not in targets]
    else:
        roles[role] = name
    if was_target and role != "target" and not targets:
        targets = _next_target(chosen, place, name)
        inputs = [one for one in inputs if one not in targets]
    order = {column.name: i for i, column in enumerate(table.columns)}
    values: dict[str, Any] = {
        "input_columns": listed_names(sorted({*inputs}, key=order.__getitem__)),
        "target_columns": listed_names(targets),
        "ignored_columns": listed_names(ignored),
        **{f"{one}_column": quoted_name(roles[one]) if one in roles else "" for one in _ONE},
    }
    if not inputs:
        raise DataError(f"{table.path}: Expected a column that goes in. Received {quoted(name)} as {role}.")
    if not choice.inputs and role in ("ignore", *_ONE):
        values["input_columns"] = ""  # all that can but these, as before
    return values


def _joins(chosen: TablePlan, place: int) -> bool:
    """Whether a column to predict joins those that are: all are numbers, or each is a label by itself."""
    return _are_numbers(chosen, place) or _are_labels(chosen, place)


def _are_numbers(chosen: TablePlan, place: int) -> bool:
    return all(chosen.outline.columns[i].is_number for i in (*chosen.targets, place)) and not (
        chosen.is_classification
    )


def _are_labels(chosen: TablePlan, place: int) -> bool:
    """Whether each is in a column of yes and no, and labels are looked for."""
    columns = [chosen.outline.columns[i] for i in dict.fromkeys((*chosen.targets, place))]
    return chosen.choice.labels in (AUTO, IN_COLUMNS) and are_flags(columns)


def _next_target(chosen: TablePlan, place: int, name: str) -> list[str]:
    """Another column to predict: the last that goes in."""
    others = [i for i in chosen.inputs if i != place]
    if len(others) < 2:
        raise DataError(
            f"{chosen.outline.path}: Expected another column to predict first. Received {quoted(name)}, "
            "which is the only one that is predicted; give that role to another column."
        )
    return [chosen.outline.columns[others[-1]].name]
