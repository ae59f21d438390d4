"""What a person chose of the columns of a table, and the columns as they are read then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nodes.reading.error import DataError
from nodes.reading.tables.column import TableColumn
from nodes.reading.tables.dates import DATE_FORMS
from nodes.reading.tables.name_lists import names_in, parted, quoted_name
from nodes.reading.tables.outline import TableOutline
from nodes.shown_text import quoted

NUMBER, CATEGORY, DATE = "number", "category", "date"
UNUSED = ("text", "identifier", "ignore")
"""Types of columns that do not go in unless they are named."""
TYPES = (NUMBER, CATEGORY, DATE, *(f"date, {form}" for form in DATE_FORMS), *UNUSED)
_ALSO = {"whole number": NUMBER, "words": CATEGORY, "class": CATEGORY, "time": "date, time of day"}


@dataclass(frozen=True)
class ColumnChoice:
    """Which columns are for what, by their names; empty: as suits the table.

    `task` is "auto", "classification" or "regression"; `dates` "words", "number", "cyclic" or "ignore";
    `gaps` "leave out" or "fill". `types` has the type of columns, of `TYPES`.
    """

    inputs: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    task: str = "auto"
    types: Mapping[str, str] = field(default_factory=dict)
    dates: str = "words"
    gaps: str = "leave out"
    group: str = ""
    split: str = ""
    weight: str = ""
    order: str = ""
    labels: str = "no"
    """Whether several labels can hold of a row: a word of `labels.joined.CHOICES`."""
    by_name: bool = False
    """Whether a column whose name says so is predicted where no target is named, and has classes then."""

    @property
    def roles(self) -> dict[str, str]:
        """The columns that have a role besides going in and being predicted, by the role."""
        found = {"group": self.group, "split": self.split, "weight": self.weight, "order": self.order}
        return {role: name for role, name in found.items() if name}


def types_in(text: str) -> dict[str, str]:
    """The types of columns out of `code = category, when = date`. Raises `DataError`."""
    found = {}
    for part in _joined_forms(parted(text, ",")):
        if not part.strip():
            continue
        name, sign, kind = part.rpartition("=")
        kind = " ".join(kind.split()).lower()
        kind = _ALSO.get(kind, kind)
        if not sign or kind not in TYPES:
            raise DataError(
                f"column_types: Expected a column, = and one of {'; '.join(TYPES)}. "
                f"Received {quoted(part.strip())}."
            )
        found[names_in(name)[0] if names_in(name) else ""] = kind
    return found


def _joined_forms(parts: Sequence[str]) -> list[str]:
    """`when = date, day first` has a comma of its own."""
    joined: list[str] = []
    for part in parts:
        if joined and part.strip().lower() in DATE_FORMS:
            joined[-1] = f"{joined[-1].rstrip()},{part}"
        else:
            joined.append(part)
    return joined


def typed(types: Mapping[str, str]) -> str:
    """The text from which `types_in` makes these types."""
    return ", ".join(f"{quoted_name(name)} = {kind}" for name, kind in types.items())


def chosen_columns(table: TableOutline, choice: ColumnChoice) -> TableOutline:
    """The table with its columns read as they are chosen. Raises `DataError`."""
    columns = list(table.columns)
    for i, column in enumerate(columns):
        kind = choice.types.get(column.name)
        is_moment = choice.dates in ("number", "cyclic") or column.name == choice.order
        if kind is None and column.forms and is_moment:
            columns[i] = column.as_dates(column.forms[0])
        elif kind == CATEGORY:
            columns[i] = column.as_words()
        elif kind == NUMBER:
            columns[i] = column.as_numbers()
        elif kind is not None and kind.startswith(DATE):
            columns[i] = _date(table, column, kind)
    for name in (*choice.types, *choice.ignored):
        table.find(name)
    return table.with_columns(columns)


def _date(table: TableOutline, column: TableColumn, kind: str) -> TableColumn:
    form = kind.removeprefix("date, ") if kind != DATE else (column.forms or ("",))[0]
    if not form:
        forms = "; ".join(one for one in TYPES if one.startswith("date,"))
        raise DataError(
            f"{table.path}: Expected dates in column {column.name!r}. "
            f"Received {quoted(column.examples[:1])}; say how they are written: {forms}."
        )
    return column.as_dates(form)
