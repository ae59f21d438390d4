"""What was understood of data, as lines of text: sections, aligned columns, counts of what is left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.widgets.numbers import of_kind
from nodes.reading.look import DataLook, DataMatch, DataPart, Doubt
from nodes.shown_text import LINE, LINES, more_of, shown, shown_lines

_NAME, _KIND, _VALUES = 32, 22, 48
_CLASSES = 10
"""Classes that are listed; of more, the largest and the smallest."""


def lines_of(path: Path, match: DataMatch, others: Sequence[DataMatch], look: DataLook) -> Iterator[str]:
    """Everything that a person reads of a look."""
    yield f"{path}: {match.title}, as {match.recognised.why}"
    if others:
        yield f"could also be read --as {', '.join(dict.fromkeys(one.dataset for one in others))}"
    yield ""
    whole = look.training + look.validation
    yield f"samples     {whole:,}: {look.training:,} to train, {look.validation:,} to validate"
    yield _cut(f"split       {look.division}")
    yield _cut(f"scaling     {look.scaling}")
    yield from _section("How it was read", [_fact(one.name, one.value, one.why) for one in look.facts])
    yield from _parts(look.parts, look.parts_are)
    yield from _classes(look.balance, are_labels=bool(look.info.labels))
    yield from _section(f"Worth knowing ({len(look.warnings):,})", [_item(one) for one in look.warnings])
    yield from _doubts(look.doubts)


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield title
        yield from lines[:LINES]
        if len(lines) > LINES:
            yield f"  {more_of(len(lines) - LINES)}"


def _fact(name: str, value: str, why: str) -> str:
    reason = f"  ({shown_lines(why)})" if why else ""
    return _cut(f"  {shown(name, 20):20}  {shown(value)}{reason}")


def _item(sentence: str) -> str:
    return f"  - {shown_lines(sentence)}"


# Columns --------------------------------------------------------------------------------------------------


def _parts(parts: Sequence[DataPart], called: str) -> Iterator[str]:
    """A table with a line for each column, array or channel."""
    if not parts:
        return
    counts: dict[str, int] = {}
    for part in parts:
        counts[part.role] = counts.get(part.role, 0) + 1
    roles = ", ".join(f"{count:,} {role}" for role, count in counts.items())
    rows = [_row(part) for part in parts[:LINES]]
    heads = ("role", "name", "kind", "missing", "distinct", "values")
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    yield ""
    yield f"{called.capitalize()} ({len(parts):,}: {roles})"
    for row in (heads, *rows):
        cells = [
            cell.rjust(wide) if at in (3, 4) else cell.ljust(wide)
            for at, (cell, wide) in enumerate(zip(row, widths, strict=True))
        ]
        yield f"  {'  '.join(cells)}".rstrip()
    if len(parts) > LINES:
        yield f"  {more_of(len(parts) - LINES)}"


def _row(part: DataPart) -> tuple[str, ...]:
    distinct = f"{part.distinct:,}" if part.distinct is not None else "-"
    kind = shown(part.kind, _KIND)
    return part.role, shown(part.name, _NAME), kind, f"{part.missing:,}", distinct, _values(part)


def _values(part: DataPart) -> str:
    """The range of numbers, the most common words, or examples."""
    if part.low is not None and part.high is not None:
        return f"{of_kind(part.low, part.kind)} … {of_kind(part.high, part.kind)}"
    if part.common:
        return _as_fit([f"{shown(word, 20)} ({count:,})" for word, count in part.common[:4]])
    return _as_fit([shown(example, 20) for example in part.examples[:4]])


def _as_fit(words: Sequence[str]) -> str:
    """As many of these as find room on the line."""
    told = ""
    for word in words:
        longer = f"{told}, {word}" if told else word
        if len(longer) > _VALUES:
            break
        told = longer
    return told


# Classes and questions ------------------------------------------------------------------------------------


def _classes(balance: Sequence[tuple[str, int]], *, are_labels: bool) -> Iterator[str]:
    """The training samples of each class or label, as bars."""
    if not balance:
        return
    most = max(count for _name, count in balance)
    rows = list(balance)
    if len(rows) > 2 * _CLASSES:
        ranked = sorted(rows, key=lambda one: -one[1])
        rows = [*ranked[:_CLASSES], ("", -1), *ranked[-_CLASSES:]]
    wide = max(len(shown(name, _NAME)) for name, _count in rows)
    digits = len(f"{most:,}")
    yield ""
    many = "Labels" if are_labels else "Classes"
    yield f"{many} ({len(balance):,}), samples to train"
    for name, count in rows:
        if count < 0:
            yield f"  … {len(balance) - 2 * _CLASSES:,} {many.lower()} between"
        else:
            bar = "█" * round(24 * count / max(1, most))
            yield f"  {shown(name, _NAME):{wide}}  {count:>{digits},}  {bar}".rstrip()


def _doubts(doubts: Sequence[Doubt]) -> Iterator[str]:
    """Each question with what is taken, and the options that choose otherwise."""
    if not doubts:
        return
    yield ""
    yield f"Please check ({len(doubts):,})"
    for doubt in doubts[:LINES]:
        where = f" ({shown(doubt.where, LINE)})" if doubt.where else ""
        yield _cut(f"  ? {shown_lines(doubt.question)}{where}")
        if doubt.why:
            yield _cut(f"    because {shown_lines(doubt.why)}")
        for at, answer in enumerate(doubt.answers[:LINES]):
            taken = at == doubt.taken
            how = "" if taken else f"  {options_of(answer.values)}"
            yield _cut(f"    {'taken' if taken else 'or':5}  {shown(answer.title.rstrip('.'))}{how}")
    if len(doubts) > LINES:
        yield f"  {more_of(len(doubts) - LINES)}"


def options_of(values: Mapping[str, Any]) -> str:
    """The options of the command line that set these parameters: `--set name=value`."""
    return " ".join(f"--set {_quoted(f'{name}={_written(value)}')}" for name, value in values.items())


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _quoted(word: str) -> str:
    """A word as a shell takes it whole."""
    plain = all(sign.isalnum() or sign in "_=-.,/:" for sign in word)
    return word if plain else "'" + word.replace("'", "'\\''") + "'"


def _cut(line: str) -> str:
    return shown(line, LINE)
