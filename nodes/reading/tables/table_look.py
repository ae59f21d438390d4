"""The look at a table: each column with its kind, role and why; doubts as questions; what is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from nodes.reading.csv_columns import FEW
from nodes.reading.dataset import DataSet
from nodes.reading.look import Answer, DataLook, DataPart, Doubt, Fact
from nodes.reading.looking import look_at
from nodes.reading.tables.choices import typed
from nodes.reading.tables.column import TableColumn
from nodes.reading.tables.name_lists import listed_names
from nodes.reading.tables.plan import WORDY, TablePlan
from nodes.reading.tables.roles import roles_of
from nodes.reading.tables.targets import are_classes, is_naming, may_be_classes, says_so
from nodes.reading.tables.told import column_words, label_words
from nodes.shown_text import listed, quoted, shown

MOST_COMMON = 100
LOST = 0.2
"""Share of rows without a value from which on it is asked what to do."""
_ROLES = ("input", "target", "ignore", "group", "split", "weight", "order")
_NAMES_OF_ROWS = ("id", "index", "no", "nr", "number", "row", "rownames", "unnamed: 0", "key", "uuid", "#")
_LISTED = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".wav")


def look_at_table(chosen: TablePlan, data: DataSet, can_choose: bool) -> DataLook:
    """All that is known of a table before anybody trains on it."""
    table = chosen.outline
    plain = look_at(data.info, data)
    facts = [Fact("Rows", f"{table.rows:,}"), Fact("Columns", f"{len(table.columns):,}"), *table.facts]
    facts.append(_task(chosen))
    if len(chosen.names) != len(chosen.inputs):
        facts.append(
            Fact("Columns that go in", f"{len(chosen.names):,}", "each word has a column of its own")
        )
    return replace(
        plain,
        facts=tuple(facts),
        parts=tuple(map(partial(_part, can_choose), table.columns, roles_of(chosen))),
        parts_are="columns",
        doubts=_doubts(chosen) if can_choose else (),
        warnings=(*plain.warnings, *_warnings(chosen)),
    )


def _task(chosen: TablePlan) -> Fact:
    columns = [chosen.outline.columns[i] for i in chosen.targets]
    names = listed(column.name for column in columns)
    if chosen.labels is not None:
        return label_words.fact(chosen, names)
    if chosen.choice.task != "auto":
        return Fact("Predicted", names, f"as {chosen.choice.task}, as it is chosen")
    if not chosen.is_classification:
        why = "there are several columns" if len(columns) > 1 else "it has numbers"
        return Fact("Predicted", names, f"as a number: {why}")
    words = not columns[0].is_number
    count = len(columns[0].levels)
    why = "it has words" if words else f"it has {count} different whole numbers, at most {FEW}"
    why = "its name says so" if not words and count > FEW else why
    return Fact("Predicted", names, f"as a class: {why}")


def _part(can_choose: bool, column: TableColumn, role: str) -> DataPart:
    kind, why = _kind(column)
    words = sorted(column.words or (), key=lambda one: (-one[1], one[0]))
    low, high = (None, None) if not column.is_number else (column.low, column.high)
    return DataPart(
        column.name,
        kind,
        role,
        why,
        _ROLES if can_choose else (role,),
        tuple(shown(example) for example in column.examples),
        column.missing,
        None if column.words is None and not column.is_empty else _distinct(column),
        low,
        high,
        tuple((shown(word), count) for word, count in words[:MOST_COMMON]) if _has_common(column) else (),
        column.histogram,
    )


def _distinct(column: TableColumn) -> int:
    return len(column.levels) if column.levels else len(column.words or ())


def _has_common(column: TableColumn) -> bool:
    return not column.is_number or 0 < len(column.levels) <= FEW


def _kind(column: TableColumn) -> tuple[str, str]:
    """A word for what a column has, and why it is taken for that."""
    if column.is_empty:
        return "empty", "there is no value"
    if column.form == "time of day" or column.forms == ("time of day",):
        return "time", "all cells are times of the day"
    if column.form or column.forms:
        form = column.form or column.forms[0]
        return "date", f"all cells are dates, {form}"
    if column.marks:
        return "number", column.marks.words
    if column.mixed:
        return "number", "cells that are no numbers have no value"
    if column.is_number:
        return _number_kind(column)
    if is_naming(column):
        lists = all(example.lower().endswith(_LISTED) for example in column.examples)
        return "identifier", "each row has another" + (" name of a file" if lists else " word")
    if 0 < len(column.levels) <= WORDY:
        return "category", f"there are {len(column.levels):,} different words"
    if column.levels:
        return "text", f"there are {len(column.levels):,} different words, more than {WORDY}"
    return "text", "there are too many different words, or long ones"


def _number_kind(column: TableColumn) -> tuple[str, str]:
    if not column.is_whole:
        return "number", "all cells are numbers"
    if column.is_count:
        return "whole number", "it counts the rows"
    if column.leading_zeros:
        return "whole number", f"all cells are whole numbers, {column.leading_zeros:,} with a zero before"
    return "whole number", "all cells are whole numbers"


def _warnings(chosen: TablePlan) -> list[str]:
    table = chosen.outline
    found = []
    if table.alike:
        rows = "row is" if table.alike == 1 else "rows are"
        among = f" of the first {table.compared:,}" if table.compared < table.rows else ""
        found.append(f"{table.alike:,} {rows} the same as another{among}.")
    groups = [table.columns[at] for role, at in chosen.roles if role == "group"]
    found += [one for group in groups for one in column_words.warnings_of(group, has_classes=False)]
    for i in (*chosen.inputs, *chosen.targets):
        column = table.columns[i]
        found += column_words.warnings_of(column, has_classes=i in chosen.targets)
        if column.has_zeros:
            found.append(f"Column {shown(column.name)} has zero characters: the file is damaged, or no text.")
        is_one = column.low is not None and column.low == column.high and column.is_number
        if is_one or len(column.levels) == 1:
            value = column.examples[0] if column.examples else ""
            found.append(
                f"Column {shown(column.name)} has one value alone, {shown(value)}: it tells nothing."
            )
    return found


def _doubts(chosen: TablePlan) -> tuple[Doubt, ...]:
    table = chosen.outline
    found = [*table.doubts, *_target_doubts(chosen)]
    inputs = frozenset(chosen.inputs)
    for i, (column, role) in enumerate(zip(table.columns, roles_of(chosen), strict=True)):
        if column.name in chosen.choice.types:
            continue
        if role in ("input", "target"):
            found += _column_doubts(chosen, column, is_input=i in inputs)
        elif role == "order" and len(column.forms) > 1:
            found.append(_form_doubt(chosen, column))
    return (*found, *_gap_doubts(chosen), *column_words.of_time(chosen))


def _target_doubts(chosen: TablePlan) -> list[Doubt]:
    columns = [chosen.outline.columns[i] for i in chosen.targets]
    if asked := label_words.doubts(chosen):
        return [*_which(chosen), *asked]
    if chosen.choice.task != "auto":
        return _which(chosen)
    taken = are_classes(columns, by_name=chosen.choice.by_name)
    if taken or may_be_classes(columns):
        name = shown(columns[0].name)
        count = len(columns[0].levels)
        answers = (
            Answer("A class.", {"task": "classification"}),
            Answer("A number.", {"task": "regression"}),
        )
        if not taken:
            answers = (answers[1], answers[0])
        why = f"it has {count} different whole numbers"
        return [
            *_which(chosen),
            Doubt(f"Is {name} a class or a number?", why, answers, 0, _where(chosen, name)),
        ]
    return _which(chosen)


def _which(chosen: TablePlan) -> list[Doubt]:
    """What is predicted, where nobody said it: the last column, or another that could be."""
    if chosen.choice.targets:
        return []
    columns = chosen.outline.columns
    taken = chosen.targets[0]
    names = ("output", "kind", "category")
    likely = [i for i in chosen.inputs if says_so(columns[i]) or columns[i].name.strip().lower() in names]
    others = [*likely, *(i for i in (*chosen.inputs[:1], *chosen.inputs[-1:]) if i not in likely)]
    others = [i for i in others if columns[i].is_number or len(columns[i].levels) > 1]
    places = list(dict.fromkeys([taken, *others]))[:5]
    named = [columns[i].name for i in places]
    answers = tuple(Answer(f"{shown(name)}.", {"target_columns": listed_names([name])}) for name in named)
    if len(answers) < 2:
        return []
    last = "it is the last column that can be predicted; nothing says which one is meant"
    is_named = chosen.choice.by_name and says_so(columns[taken])
    why = "its name says so; others could be meant" if is_named else last
    return [Doubt("Which column is to be predicted?", why, answers, 0, str(chosen.outline.path))]


def _form_doubt(chosen: TablePlan, column: TableColumn) -> Doubt:
    kinds = [f"date, {form}" for form in column.forms]
    why = f"all its cells could be read so, as {quoted(column.examples[0])}"
    return _typed_doubt(chosen, f"How are the dates of {shown(column.name)} written?", why, column, *kinds)


def _column_doubts(chosen: TablePlan, column: TableColumn, *, is_input: bool) -> list[Doubt]:
    name, where = shown(column.name), _where(chosen, column.name)
    found = []
    standing = sum(count for _, count in column.stand_ins)
    if standing:
        found.append(_stand_in_doubt(chosen, column, standing))
    if column.is_count and column.rows > 2 and is_input:
        found.append(_identifier_doubt(chosen, column, "it counts the rows"))
    elif _names_rows(column) and is_input:
        found.append(_identifier_doubt(chosen, column, "its name says so"))
    elif column.is_number and column.leading_zeros:
        why = f"{column.leading_zeros:,} of its different numbers begin with a zero"
        example = next((one for one in column.examples if one.startswith("0") and len(one) > 1), "")
        why += f", as in {shown(example)}" if example else ""
        found.append(
            _typed_doubt(chosen, f"Is {name} a number or a category?", why, column, "number", "category")
        )
    if len(column.forms) > 1 and column.form:
        found.append(_form_doubt(chosen, column))
    elif column.forms and not column.form:
        answers = (Answer("As words.", {"dates": "words"}), Answer("As times.", {"dates": "cyclic"}))
        why = f"all its cells are dates, as {quoted(column.examples[0])}"
        found.append(Doubt(f"How do the dates of {name} go in?", why, answers, 0, where))
    if column.marks and column.other_marks:
        why = f"{quoted(column.examples[0])} has one comma before three digits"
        parting = Answer("It parts thousands.", {"decimal": "point"})
        decimal = Answer("It stands before decimals.", {"decimal": "comma"})
        found.append(Doubt(f"Does the comma part thousands in {name}?", why, (parting, decimal), 0, where))
    found += column_words.doubts_of(chosen, column, where)
    if column.mixed_words and not column.forms:
        found.append(_mixed_doubt(chosen, column))
    return found


def _names_rows(column: TableColumn) -> bool:
    bare = column.name.strip().lower()
    is_id = bare in _NAMES_OF_ROWS or bare.endswith(("_id", " id"))
    return is_id and column.is_whole and len(column.levels) in (0, column.rows - column.missing)


def _identifier_doubt(chosen: TablePlan, column: TableColumn, why: str) -> Doubt:
    question = f"Does {shown(column.name)} tell something, or does it name the rows?"
    return _typed_doubt(chosen, question, why, column, "number", "identifier")


_ANSWERS = {
    "number": "It is a number.",
    "category": "It is a category.",
    "identifier": "It names the rows: it does not go in.",
}


def _typed_doubt(chosen: TablePlan, question: str, why: str, column: TableColumn, *kinds: str) -> Doubt:
    answers = tuple(
        Answer(
            _ANSWERS.get(kind, kind.removeprefix("date, ").capitalize() + "."),
            {"column_types": typed({**chosen.choice.types, column.name: kind})},
        )
        for kind in kinds
    )
    return Doubt(question, why, answers, 0, _where(chosen, column.name))


def _stand_in_doubt(chosen: TablePlan, column: TableColumn, count: int) -> Doubt:
    words = [word for word, _ in column.stand_ins]
    name = shown(column.name)
    what = "is" if count == 1 else "are"
    rows = f"{count:,} of {column.rows:,} cells {what} {listed(words)}"
    question = f"Does {listed(words)} stand for no value in {name}?"
    kept = Answer(
        "It is a word like others.", {"column_types": typed({**chosen.choice.types, column.name: "category"})}
    )
    lost = Answer("It is no value.", {"missing_words": column_words.missing_with(chosen, words)})
    if column.is_number:
        return Doubt(
            question, f"{rows}; all others are numbers", (lost, kept), 0, _where(chosen, column.name)
        )
    return Doubt(question, f"{rows}; others are words too", (kept, lost), 0, _where(chosen, column.name))


def _mixed_doubt(chosen: TablePlan, column: TableColumn) -> Doubt:
    words = listed(word for word, _ in column.mixed_words)
    count = sum(count for _, count in column.mixed_words)
    why = f"{count:,} of {column.rows:,} cells are no numbers: {words}"
    kinds = ("number", "category") if column.is_number else ("category", "number")
    return _typed_doubt(chosen, f"Is {shown(column.name)} a number?", why, column, *kinds)


def _gap_doubts(chosen: TablePlan) -> list[Doubt]:
    table = chosen.outline
    if chosen.choice.gaps == "fill":
        return []
    lost = [
        (table.columns[i].missing, table.columns[i].name) for i in chosen.inputs if table.columns[i].missing
    ]
    worst = max(lost, default=(0, ""))
    if not table.rows or worst[0] < LOST * table.rows:
        return []
    answers = (
        Answer("Leave out the rows.", {"gaps": "leave out"}),
        Answer("Fill in the mean of the training part.", {"gaps": "fill"}),
        Answer(f"Ignore {shown(worst[1])}.", {"ignored_columns": _with(chosen.choice.ignored, worst[1])}),
    )
    why = f"{worst[0]:,} of {table.rows:,} rows have no value in {shown(worst[1])}"
    return [Doubt("What of rows that lack a value?", why, answers, 0, _where(chosen, worst[1]))]


def _with(names: tuple[str, ...], name: str) -> str:
    return listed_names([*names, name])


def _where(chosen: TablePlan, name: str) -> str:
    return f"{chosen.outline.path}, column {shown(name)}"


def _day(seconds: float) -> str:
    """A time as people write it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(sep=" ").removesuffix("+00:00")
