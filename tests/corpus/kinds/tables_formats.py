"""The same table as Parquet, Arrow, Excel, SQLite and JSON, and what these formats can hold besides."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.corpus import written
from tests.corpus.case import Case, Expected, counted
from tests.corpus.kinds.tables_values import COLOURS, NUMBERED, ROWS, WORDS, X, Y

Columns = Mapping[str, Sequence[object]]
Write = Callable[[Path, Columns], Path]

TABLE: Columns = {"x": X, "n": NUMBERED, "colour": COLOURS, "y": Y}
CLASSED: Columns = {"x": X, "y": Y, "colour": COLOURS}
DAYS = [date(2024, 1, 1) + timedelta(days=i) for i in range(ROWS)]


def _old_excel(folder: Path, columns: Columns) -> Path:
    return written.old_excel(folder / "t.xls", "Sheet1", written.rows_of(columns))


def _binary_excel(folder: Path, columns: Columns) -> Path:
    return written.binary_excel(folder / "t.xlsb", {"Sheet1": written.rows_of(columns)})


def _open_document(folder: Path, columns: Columns) -> Path:
    return written.open_document(folder / "t.ods", {"Sheet1": written.rows_of(columns)})


def _excel(folder: Path, columns: Columns) -> Path:
    return written.excel(folder / "t.xlsx", {"Sheet1": written.sheet(written.rows_of(columns))})


def _sqlite(folder: Path, columns: Columns) -> Path:
    return written.database(folder / "t.sqlite", {"houses": columns})


def _json(folder: Path, columns: Columns) -> Path:
    rows = [dict(zip(columns, row, strict=True)) for row in written.rows_of(columns)[1:]]
    (folder / "t.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder / "t.json"


def _json_columns(folder: Path, columns: Columns) -> Path:
    (folder / "t.json").write_text(json.dumps({name: list(values) for name, values in columns.items()}))
    return folder / "t.json"


FORMATS: dict[str, Write] = {
    "Parquet": lambda folder, columns: written.columnar(folder / "t.parquet", columns),
    "Arrow": lambda folder, columns: written.columnar(folder / "t.arrow", columns),
    "Feather": lambda folder, columns: written.columnar(folder / "t.feather", columns),
    "Excel": _excel,
    "Excel before 2007": _old_excel,
    "a binary workbook": _binary_excel,
    "OpenDocument": _open_document,
    "SQLite": _sqlite,
    "JSON lines": lambda folder, columns: written.json_lines(folder / "t.jsonl", columns),
    "JSON lines as .ndjson": lambda folder, columns: written.json_lines(folder / "t.ndjson", columns),
    "a JSON list": _json,
    "JSON columns": _json_columns,
}


def _case(name: str, write: Write, columns: Columns, want: Expected, **more: Any) -> Case:
    return Case("table formats", name, lambda folder: write(folder, columns), want, **more)


def _every() -> list[Case]:
    found = []
    right = Expected(
        kind="table",
        samples=ROWS,
        shape=(5,),
        target=(1,),
        columns={"x": X, "n": NUMBERED},
        targets=Y,
        told=["green"],
    )
    classed = Expected(
        kind="table",
        samples=ROWS,
        shape=(2,),
        classes=sorted(WORDS),
        columns={"x": X, "y": Y},
        targets=COLOURS,
    )
    gappy = {**TABLE, "x": [None if i % 10 == 0 else x for i, x in enumerate(X)]}
    told = [counted(6, r"\bx\b")]
    kept = [i for i in range(ROWS) if i % 10]
    gaps = Expected(
        samples=len(kept), columns={"x": [X[i] for i in kept]}, targets=[Y[i] for i in kept], told=told
    )
    none = {"x": X, "damage": ["None" if i % 3 else "Minor" for i in range(ROWS)]}
    words = Expected(samples=ROWS, classes=["Minor", "None"], balance={"Minor": 20, "None": 40})
    unicode = {"größe": X, "名前": COLOURS, "y": Y}
    named = Expected(samples=ROWS, columns={"größe": X}, targets=Y, told=["名前"])
    whole = {"x": X, "id": [9_007_199_254_740_993 + i for i in range(ROWS)], "y": Y}
    long = Expected(samples=ROWS, columns={"x": X}, targets=Y, told=[r"\bid\b"])
    for name, write in FORMATS.items():
        found += [
            _case(name, write, TABLE, right, is_quick=True),
            _case(f"{name}, a class to predict", write, CLASSED, classed),
            _case(f"{name}, gaps", write, gappy, gaps),
            _case(f"{name}, the class None", write, none, words),
            _case(f"{name}, names in other letters", write, unicode, named),
            _case(f"{name}, long whole numbers", write, whole, long),
        ]
    flags = {"x": X, "flag": [bool(i % 2) for i in range(ROWS)], "y": Y}
    for name in ("Parquet", "Arrow", "Excel", "JSON lines"):
        found.append(
            _case(
                f"{name}, true and false",
                FORMATS[name],
                flags,
                Expected(samples=ROWS, columns={"x": X}, targets=Y),
            )
        )
    for name in ("Parquet", "Arrow"):
        days = {"when": DAYS, "x": X, "y": Y}
        dated = Expected(samples=ROWS, columns={"x": X}, targets=Y, kinds={"when": "date|time"})
        found.append(_case(f"{name}, days", FORMATS[name], days, dated))
        inside = {"at": [{"x": x, "more": {"z": -x}} for x in X], "y": Y}
        columns = {"at.x": X, "at.more.z": [-x for x in X]}
        struct = Expected(samples=ROWS, columns=columns, targets=Y, told=[r"at.*name\.field"])
        found.append(_case(f"{name}, structures", FORMATS[name], inside, struct))
        lists = {"x": X, "list": [[1, 2]] * ROWS, "y": Y}
        found.append(
            _case(
                f"{name}, lists in cells",
                FORMATS[name],
                lists,
                Expected(samples=ROWS, columns={"x": X}, targets=Y, told=["list"], or_told="list"),
            )
        )
    return found


def _books() -> list[Case]:
    """Workbooks as people fill them."""
    rows = written.rows_of(TABLE)

    def book(name: str, sheets: Mapping[str, str], want: Expected, path: str = "t.xlsx", **more: Any) -> Case:
        return Case("workbooks", name, lambda folder: written.excel(folder / path, sheets), want, **more)

    right = Expected(samples=ROWS, columns={"x": X, "n": NUMBERED}, targets=Y)
    titled = [["Houses of the region"], [], *rows]
    aside = [[None, None, *row] for row in [[], [], *rows]]
    totals = [*rows, ["Total", sum(NUMBERED), None, sum(Y)]]
    words = [rows[0], *([str(row[0]).replace(".", ","), *row[1:]] for row in rows[1:])]
    serial = [["when", "x", "y"], *([45292 + i, X[i], Y[i]] for i in range(ROWS))]
    notes = written.sheet([["notes"], ["made by hand"]])
    errors = [rows[0], *(["#N/A", *row[1:]] if i == 3 else row for i, row in enumerate(rows[1:]))]
    return [
        book("a title above", {"Sheet1": written.sheet(titled)}, right),
        book("a table that does not begin at A1", {"Sheet1": written.sheet(aside)}, right),
        book(
            "a line of totals",
            {"Sheet1": written.sheet(totals)},
            Expected(samples=ROWS, told=["Total|62|61"], or_told="Total|62|61"),
        ),
        book(
            "two sheets with tables",
            {"first": written.sheet(rows), "second": written.sheet(rows[:30])},
            Expected(samples=ROWS, told=["second"], columns={"x": X}, targets=Y),
            is_quick=True,
        ),
        book(
            "notes first, then the table",
            {"notes": notes, "data": written.sheet(rows)},
            Expected(samples=ROWS, told=["notes"], or_told="notes"),
        ),
        book(
            "numbers written as words",
            {"Sheet1": written.sheet(words)},
            Expected(samples=ROWS, columns={"x": X}, targets=Y, or_told=r"\bx\b"),
        ),
        book(
            "days as numbers",
            {"Sheet1": written.sheet(serial)},
            Expected(samples=ROWS, columns={"x": X}, targets=Y),
        ),
        book(
            "an error in a cell",
            {"Sheet1": written.sheet(errors)},
            Expected(samples=ROWS - 1, told=[r"\bx\b"]),
        ),
        book("an empty sheet", {"Sheet1": written.sheet([])}, Expected(refused="t.xlsx")),
        Case("workbooks", "a zip that is no workbook", _no_book, Expected(refused="t.xlsx")),
        Case("workbooks", "an old workbook", _old_book, Expected(refused="t.xls")),
    ]


def _no_book(folder: Path) -> Path:
    import zipfile

    with zipfile.ZipFile(folder / "t.xlsx", "w") as archive:
        archive.writestr("words.txt", "no sheets here")
    return folder / "t.xlsx"


def _old_book(folder: Path) -> Path:
    (folder / "t.xls").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000))
    return folder / "t.xls"


def _databases() -> list[Case]:
    def made(
        name: str, tables: Mapping[str, Columns], want: Expected, script: str = "", path: str = "t.db"
    ) -> Case:
        return Case("databases", name, lambda folder: written.database(folder / path, tables, script), want)

    right = Expected(samples=ROWS, columns={"x": X}, targets=Y)
    small = {"a": [1, 2, 3], "b": [4, 5, 6]}
    return [
        made("one table, .db", {"houses": TABLE}, right),
        made("one table, .sqlite3", {"houses": TABLE}, right, path="t.sqlite3"),
        made(
            "two tables",
            {"houses": TABLE, "notes": small},
            Expected(samples=ROWS, told=["notes"], or_told="notes"),
        ),
        made(
            "a table and a view of it", {"houses": TABLE}, right, "CREATE VIEW v AS SELECT x, y FROM houses;"
        ),
        made(
            "an index and a trigger",
            {"houses": TABLE},
            right,
            "CREATE INDEX i ON houses(x); CREATE TRIGGER t AFTER INSERT ON houses BEGIN SELECT 1; END;",
        ),
        made("no table", {}, Expected(refused="t.db")),
        made(
            "numbers and words in one column",
            {"houses": {**TABLE, "x": ["many" if i == 5 else x for i, x in enumerate(X)]}},
            Expected(samples=ROWS, told=[r"\bx\b"], or_told=r"\bx\b"),
        ),
    ]


def _objects() -> list[Case]:
    """JSON that is not the same in every line."""

    def lines(name: str, rows: Sequence[object], want: Expected, path: str = "t.jsonl") -> Case:
        def make(folder: Path) -> Path:
            (folder / path).write_text(
                "\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows) + "\n"
            )
            return folder / path

        return Case("JSON", name, make, want)

    plain = [{"x": x, "y": y} for x, y in zip(X, Y, strict=True)]
    nested = [{"at": {"x": x, "z": -x}, "y": y} for x, y in zip(X, Y, strict=True)]
    late = [
        {"x": x, **({"extra": 1} if i > 50 else {}), "y": y}
        for i, (x, y) in enumerate(zip(X, Y, strict=True))
    ]
    right = Expected(samples=ROWS, columns={"x": X}, targets=Y)
    return [
        lines("a key that comes late", late, Expected(samples=ROWS, told=["extra"], or_told="extra")),
        lines(
            "objects in objects",
            nested,
            Expected(
                samples=ROWS,
                columns={"at.x": X, "at.z": [-x for x in X]},
                targets=Y,
                told=[r"at.*object\.key"],
            ),
        ),
        lines(
            "objects three deep, not in every row",
            [
                {"at": {"here": {"x": x}} if i != 5 else {}, "y": y}
                for i, (x, y) in enumerate(zip(X, Y, strict=True))
            ],
            Expected(
                columns={"at.here.x": X[:5] + X[6:]},
                targets=Y[:5] + Y[6:],
                told=[r"at\.here\.x", counted(1, ".*row")],
            ),
        ),
        lines(
            "two values of one name",
            [{"at": {"x": x}, "at.x": x, "y": y} for x, y in zip(X, Y, strict=True)],
            Expected(refused=r"Expected one value for 'at\.x'.*Received two"),
        ),
        lines(
            "keys in another order",
            [dict(reversed(one.items())) if i % 2 else one for i, one in enumerate(plain)],
            right,
        ),
        lines("an empty line", [*plain[:5], "", *plain[5:]], right),
        lines(
            "a broken line",
            [*plain[:5], '{"x": 3, "y"', *plain[5:]],
            Expected(samples=ROWS, told=["line 6"], or_told="line 6"),
        ),
        lines(
            "lists in lines",
            [[x, y] for x, y in zip(X, Y, strict=True)],
            Expected(samples=ROWS, or_told="t.jsonl"),
        ),
        lines("a bare word", ["word"], Expected(refused="t.json"), "t.json"),
        lines("an endless nest", ["[" * 100_000], Expected(refused="t.json"), "t.json"),
        lines(
            "an object of settings",
            [{"learning_rate": 0.1, "layers": [1, 2]}],
            Expected(refused="t.json"),
            "t.json",
        ),
        lines(
            "numbers as words",
            [{"x": str(x), "y": y} for x, y in zip(X, Y, strict=True)],
            Expected(samples=ROWS, targets=Y, columns={"x": X}, or_told=r"\bx\b"),
        ),
    ]


CASES = (*_every(), *_books(), *_databases(), *_objects())
