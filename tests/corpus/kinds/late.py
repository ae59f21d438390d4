"""Files that are as one thinks for a long time, and then are not: what a look at their beginning misses."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from tests.corpus import written
from tests.corpus.case import Case, Expected, chance
from tests.corpus.kinds.tables_values import text

ROWS = 60_000
LATE = ROWS - 7
"""The row, from 0, in which something is otherwise; it stands in line LATE + 2."""
RULE = "late in a table"
_X = np.round(chance("late").uniform(0, 9, ROWS), 2)
X, Y = [float(x) for x in _X], [float(y) for y in np.round(2 * _X + 1, 2)]
KEPT = [x for i, x in enumerate(X) if i != LATE]
HERE = rf"{LATE + 2:,}|{LATE + 2}"


def _lines(names: str, cells: Callable[[int], str]) -> str:
    return names + "\n" + "\n".join(map(cells, range(ROWS))) + "\n"


def _table(
    late: str, usual: Callable[[int], str] | None = None, names: str = "x,y"
) -> Callable[[Path], Path]:
    """Rows of x and y, of which one is otherwise."""
    plain = usual or (lambda i: f"{X[i]},{Y[i]}")

    def make(folder: Path) -> Path:
        return text(_lines(names, lambda i: late if i == LATE else plain(i)))(folder)

    return make


def _cells() -> list[Case]:
    left_out = Expected(
        samples=ROWS - 1,
        shape=(1,),
        columns={"x": KEPT},
        told=[HERE],
        or_told=rf"\bx\b.*{HERE}|{HERE}.*\bx\b",
    )
    classes = ["a" if i % 2 else "b" for i in range(ROWS)]
    return [
        Case(RULE, "a word among numbers", _table("broken,3"), left_out),
        Case(
            RULE,
            "no value",
            _table(",3"),
            Expected(samples=ROWS - 1, columns={"x": KEPT}, told=[r"\b1 (row|of|cell|value)"]),
        ),
        Case(RULE, "a decimal comma among decimal points", _table('"3,5",3'), left_out),
        Case(
            RULE,
            "a mark of thousands",
            _table('"3,500.25",3'),
            Expected(
                samples=ROWS,
                columns={"x": [3500.25 if i == LATE else x for i, x in enumerate(X)]},
                or_told=r"\bx\b",
            ),
        ),
        Case(
            RULE,
            "a cell too many",
            _table("1,2,3"),
            Expected(samples=ROWS - 1, columns={"x": KEPT}, told=[HERE]),
        ),
        Case(
            RULE, "a cell too few", _table("1"), Expected(samples=ROWS - 1, columns={"x": KEPT}, told=[HERE])
        ),
        Case(RULE, "a quote that is not closed", _table('"1,2'), Expected(told=[HERE], or_told=HERE)),
        Case(
            RULE,
            "the first number with a half",
            _table("3.5,3", lambda i: f"{int(X[i])},{Y[i]}"),
            Expected(samples=ROWS, columns={"x": [3.5 if i == LATE else int(x) for i, x in enumerate(X)]}),
        ),
        Case(
            RULE,
            "the first target with a half",
            _table("3,0.5", lambda i: f"{X[i]},{i % 2}"),
            Expected(samples=ROWS, target=(1,), targets=[0.5 if i == LATE else i % 2 for i in range(ROWS)]),
        ),
        Case(
            RULE,
            "a class that comes once",
            _table("3,rare", lambda i: f"{X[i]},{classes[i]}"),
            Expected(samples=ROWS, classes=["a", "b", "rare"]),
        ),
        Case(
            RULE,
            "a word that comes once",
            _table("rare,3", lambda i: f"{classes[i]},{Y[i]}", "c,y"),
            Expected(samples=ROWS, shape=(3,), told=["rare"]),
        ),
        Case(
            RULE,
            "no date among dates",
            _table("someday,3", lambda i: f"20{i % 20 + 10}-01-{i % 28 + 1:02},{Y[i]}", "day,y"),
            Expected(samples=ROWS - 1, told=[HERE], or_told=rf"day.*{HERE}|{HERE}.*day|day"),
        ),
        Case(
            RULE,
            "a day above 12 among days and months",
            _table("05/31/2020,3", lambda i: f"{i % 12 + 1:02}/{i % 11 + 1:02}/2020,{Y[i]}", "day,y"),
            Expected(samples=ROWS, told=["day"], or_told="day"),
        ),
        Case(RULE, "a number beyond single precision", _table("1e39,3"), Expected(refused="'x'")),
        Case(
            RULE,
            "infinity",
            _table("inf,3"),
            Expected(samples=ROWS - 1, columns={"x": KEPT}, told=[r"\b1 (row|of|cell|value)"]),
        ),
        Case(RULE, "the names again", _table("x,y"), left_out),
        Case(
            RULE,
            "an identifier with a zero before",
            _table("0012,3", lambda i: f"{i},{Y[i]}", "id,y"),
            Expected(samples=ROWS, told=[r"\bid\b"], or_told=r"\bid\b"),
        ),
        Case(
            RULE,
            "a byte that is no UTF-8",
            _bytes(b"caf\xe9,3"),
            Expected(samples=ROWS, classes=None, told=["(?i)encoding|1252|latin"], or_told=HERE),
        ),
        Case(
            RULE,
            "a zero character",
            _bytes(b"a\0b,3"),
            Expected(told=["(?i)zero|NUL|0x00"], or_told=rf"(?i)zero|NUL|0x00|{HERE}"),
        ),
    ]


def _bytes(late: bytes) -> Callable[[Path], Path]:
    """Rows of a word and y, one of which is these bytes."""

    def make(folder: Path) -> Path:
        lines = [late if i == LATE else f"{'ab'[i % 2]},{Y[i]}".encode() for i in range(ROWS)]
        (folder / "t.csv").write_bytes(b"c,y\n" + b"\n".join(lines) + b"\n")
        return folder / "t.csv"

    return make


def _formats() -> list[Case]:
    def json_of(late: str) -> Callable[[Path], Path]:
        def make(folder: Path) -> Path:
            lines = [late if i == LATE else json.dumps({"x": X[i], "y": Y[i]}) for i in range(ROWS)]
            (folder / "t.jsonl").write_text("\n".join(lines) + "\n")
            return folder / "t.jsonl"

        return make

    def columnar(values: Sequence[object]) -> Callable[[Path], Path]:
        return lambda folder: written.columnar(folder / "t.parquet", {"x": values, "y": Y})

    def database(folder: Path) -> Path:
        values = ["broken" if i == LATE else x for i, x in enumerate(X)]
        return written.database(folder / "t.db", {"t": {"x": values, "y": Y}})

    here = rf"{LATE + 1:,}|{LATE + 1}"
    told = Expected(samples=ROWS - 1, columns={"x": KEPT}, told=[r"\bx\b|" + here], or_told=r"\bx\b|" + here)
    gap = [None if i == LATE else x for i, x in enumerate(X)]
    nan = [float("nan") if i == LATE else x for i, x in enumerate(X)]
    return [
        Case(RULE, "JSON: a word among numbers", json_of('{"x": "broken", "y": 3}'), told),
        Case(
            RULE,
            "JSON: another key",
            json_of('{"x": 1, "z": 5, "y": 3}'),
            Expected(told=[r"\bz\b"], or_told=r"\bz\b|" + here),
        ),
        Case(
            RULE,
            "JSON: a broken line",
            json_of('{"x": 1, "y"'),
            Expected(samples=ROWS - 1, told=[here], or_told=here),
        ),
        Case(
            RULE,
            "JSON: an object",
            json_of('{"x": {"a": 1}, "y": 3}'),
            Expected(told=[r"\bx\b|" + here], or_told=r"\bx\b|" + here),
        ),
        Case(RULE, "Parquet: no value", columnar(gap), told),
        Case(RULE, "Parquet: no number", columnar(nan), told),
        Case(RULE, "SQLite: a word among numbers", database, told),
    ]


def _texts() -> list[Case]:
    plain = "It was the best of times, it was the worst of times.\n" * 8000
    german = "Über Größe läßt sich streiten.\n"

    def file(data: bytes) -> Callable[[Path], Path]:
        return text(data, "t.txt")

    alphabet = sorted({*plain, *german})
    rule = "late in a text"
    return [
        Case(
            rule,
            "the first letters that are not ASCII, in Windows-1252",
            file(plain.encode() + german.encode("cp1252")),
            Expected(kind="text", classes=alphabet, told=["(?i)encoding|1252|latin"], or_told="8,?001"),
        ),
        Case(
            rule,
            "the first letters that are not ASCII, in UTF-8",
            file(plain.encode() + german.encode()),
            Expected(kind="text", classes=alphabet),
        ),
        Case(
            rule,
            "one broken byte",
            file(plain.encode() + "Größe".encode() * 9 + b"\xff\n"),
            Expected(refused="8,?001", or_told="8,?001"),
        ),
        Case(
            rule,
            "a picture behind it",
            file(plain.encode() + bytes(range(256)) * 9),
            Expected(refused="t.txt", or_told="t.txt"),
        ),
    ]


def _pictures() -> list[Case]:
    def folder_of(save: Callable[[int], Image.Image], count: int = 400) -> Callable[[Path], Path]:
        def make(folder: Path) -> Path:
            for i in range(count):
                path = folder / "set" / ("cat" if i < count // 2 else "dog") / f"{i:04}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                save(i).save(path)
            return folder / "set"

        return make

    def plain(i: int, mode: str = "L", side: int = 6) -> Image.Image:
        return Image.new(mode, (side, side), i % 200 if mode == "L" else (i % 200, 0, 99))

    deep = Image.fromarray(np.full((6, 6), 40_000, np.uint16))
    broken = (np.arange(36).reshape(6, 6) * 7).astype(np.uint8)
    rule = "late in a folder"
    return [
        Case(
            rule,
            "the second class is in colour",
            folder_of(lambda i: plain(i, "L" if i < 200 else "RGB")),
            Expected(samples=400, told=["(?i)grey|colour"]),
        ),
        Case(
            rule,
            "the last picture is in colour",
            folder_of(lambda i: plain(i, "RGB" if i == 399 else "L")),
            Expected(samples=400, told=["(?i)grey|colour"]),
        ),
        Case(
            rule,
            "the second class is larger",
            folder_of(lambda i: plain(i, side=6 if i < 200 else 9)),
            Expected(samples=400, told=["(?i)size"]),
        ),
        Case(
            rule,
            "the last picture is larger",
            folder_of(lambda i: plain(i, side=9 if i == 399 else 6)),
            Expected(samples=400, told=["(?i)size"]),
        ),
        Case(
            rule,
            "the last picture has 16 bits",
            folder_of(lambda i: deep if i == 399 else plain(i)),
            Expected(samples=400, told=["(?i)16"]),
        ),
        Case(
            rule,
            "the last picture is seen through",
            folder_of(lambda i: Image.fromarray(np.dstack([broken] * 4)) if i == 399 else plain(i)),
            Expected(samples=400, told=["(?i)alpha|transparen|seen through|ground"]),
        ),
    ]


CASES = (
    *(replace(case, is_slow=True) for case in (*_cells(), *_formats(), *_pictures())),
    *_texts(),
)
