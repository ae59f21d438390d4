"""Tables as a program or a field has the habit to write them: R, pandas, instruments, surveys."""

from __future__ import annotations

from collections.abc import Sequence

from tests.corpus.case import Case, Expected, counted
from tests.corpus.kinds.tables_values import COLOURS, NUMBERED, ROWS, X, Y, some, table, text

RULE = "table habits"
ALL = Expected(samples=ROWS, shape=(4,), columns={"x": X}, targets=Y)
"""What is right of a table of x, colour and y."""


def _joined(rows: Sequence[Sequence[object]], separator: str = ",") -> str:
    return "\n".join(separator.join(map(str, row)) for row in rows) + "\n"


def _rows() -> list[tuple[float, str, float]]:
    return list(zip(X, COLOURS, Y, strict=True))


def _programs() -> list[Case]:
    names, rows = ("x", "colour", "y"), _rows()
    numbered = [("", *names), *((i, *row) for i, row in enumerate(rows))]
    short = [names, *((f'"{i + 1}"', *row) for i, row in enumerate(rows))]
    quoted = [
        [f'"{name}"' for name in names],
        *((f'"{i + 1}"', x, f'"{c}"', y) for i, (x, c, y) in enumerate(rows)),
    ]
    columns = [f"{x:10.3f} {c:>7} {y:10.3f}" for x, c, y in rows]
    titled = [f"{names[0]:>10} {names[1]:>7} {names[2]:>10}", *columns]
    mixed = "".join(
        ",".join(map(str, row)) + ("\r\n" if i % 2 else "\n") for i, row in enumerate([names, *rows])
    )
    semicolons = "x;colour;y\n" + "\n".join(f"{x},{c},{y}" for x, c, y in rows)
    told = r"(?i)name|line 1|row|first"
    return [
        Case(
            RULE,
            "a column of row numbers without a name",
            text(_joined(numbered)),
            Expected(samples=ROWS, columns={"x": X}, targets=Y, or_told="column 1"),
            is_quick=True,
        ),
        Case(
            RULE,
            "R: one name fewer than cells",
            text(_joined(short)),
            Expected(samples=ROWS, columns={"x": X}, targets=Y, or_told=told),
        ),
        Case(
            RULE,
            "R: quoted, parted by spaces",
            text(_joined(quoted, " "), "t.txt"),
            Expected(kind="table", samples=ROWS, columns={"x": X}, targets=Y, or_told=told),
        ),
        Case(RULE, "columns of spaces", text("\n".join(titled) + "\n"), ALL, is_quick=True),
        Case(
            RULE,
            "columns of spaces without names",
            text("\n".join(columns) + "\n"),
            Expected(samples=ROWS, shape=(4,), columns={0: X}, targets=Y),
        ),
        Case(RULE, "both ends of lines", text(mixed), ALL),
        Case(
            RULE,
            "other separators in the line of names",
            text(semicolons),
            Expected(samples=ROWS, or_told="t.csv|line 1"),
        ),
        Case(
            RULE,
            "TRUE and FALSE to predict",
            table({"x": X, "ill": ["TRUE" if x > 5 else "FALSE" for x in X]}),
            Expected(samples=ROWS, classes=["FALSE", "TRUE"]),
        ),
        Case(
            RULE,
            "points without a zero before",
            table({"x": [f"{x:.3f}"[1:] if x < 1 else x for x in X], "y": Y}),
            Expected(samples=ROWS, columns={"x": X}, targets=Y),
        ),
    ]


def _instruments() -> list[Case]:
    names, rows = ("x", "colour", "y"), _rows()
    units = [names, ("mm", "", "kg"), *rows]
    hashed = f"#{','.join(names)}\n" + _joined(rows)
    settings = "Instrument: A-7\nGain;3.5;1\nOperator,Ann\n\n" + _joined([names, *rows])
    notes = _joined([names, *rows]) + "\n* provisional values\nSource: the office of numbers, 2024\n"
    spaced = table({"x": [f"{1000 * x:,.1f}".replace(",", "\u202f") for x in X], "y": Y})
    wide = {f"c{i}": some("wide", i) for i in range(300)}
    return [
        Case(
            RULE,
            "a line of units below the names",
            text(_joined(units)),
            Expected(
                samples=ROWS,
                columns={"x": X},
                targets=Y,
                or_told=r"(unit|word).*\bx\b|\bx\b.*(unit|word|mm)|'mm'",
            ),
            is_quick=True,
        ),
        Case(RULE, "names behind a #", text(hashed), Expected(samples=ROWS, targets=Y, or_told=r"#|line 1")),
        Case(
            RULE,
            "settings of an instrument before",
            text(settings),
            Expected(samples=ROWS, columns={"x": X}, targets=Y, told=["(?i)line|before|first"]),
        ),
        Case(
            RULE,
            "footnotes",
            text(notes),
            Expected(samples=ROWS, columns={"x": X}, targets=Y, told=["line 6"]),
        ),
        Case(
            RULE,
            "thin spaces between thousands",
            spaced,
            Expected(
                samples=ROWS, columns={"x": [round(1000 * x, 1) for x in X]}, targets=Y, or_told=r"\bx\b"
            ),
        ),
        Case(
            RULE,
            "300 columns",
            table({**wide, "y": Y}),
            Expected(samples=ROWS, shape=(300,), columns={"c7": wide["c7"]}, targets=Y),
        ),
    ]


def _surveys() -> list[Case]:
    comments = ["late" if i % 15 == 0 else "" for i in range(ROWS)]
    colours = [("#ff0000", "#00ff00", "#0000ff")[i % 3] for i in range(ROWS)]
    ranges = [("18-25", "26-40", "41-65")[i % 3] for i in range(ROWS)]
    versions = [("1.2.3", "1.10.0", "2.0.1")[i % 3] for i in range(ROWS)]
    years = [1950 + i for i in range(ROWS)]
    ages = [18 + (7 * i) % 45 for i in range(ROWS)]
    codes = [99 if i % 10 == 0 else i % 5 + 1 for i in range(ROWS)]
    faces = [("🙂", "🙁", "😐")[i % 3] for i in range(ROWS)]
    split = ["train" if i % 4 else "test" for i in range(ROWS)]
    weights = [0.5 + (i % 3) for i in range(ROWS)]
    word_gaps = ["" if i % 10 == 0 else one for i, one in enumerate(COLOURS)]
    plain = Expected(samples=ROWS, columns={"x": X}, targets=Y)
    return [
        Case(
            RULE,
            "remarks in few rows",
            table({"x": X, "remark": comments, "y": Y}),
            Expected(samples=ROWS, columns={"x": X}, targets=Y, told=["remark"]),
            is_quick=True,
        ),
        Case(
            RULE,
            "no word in six rows",
            table({"x": X, "colour": word_gaps, "y": Y}),
            Expected(samples=ROWS - 6, told=[counted(6, "colour")], or_told="colour"),
        ),
        Case(
            RULE,
            "colours that begin with #",
            table({"colour": colours, "x": X, "y": Y}),
            Expected(samples=ROWS, shape=(4,), columns={"x": X}, targets=Y),
            is_quick=True,
        ),
        Case(
            RULE,
            "ranges",
            table({"age": ranges, "x": X, "y": Y}),
            Expected(samples=ROWS, shape=(4,), columns={"x": X}),
        ),
        Case(
            RULE,
            "versions",
            table({"version": versions, "x": X, "y": Y}),
            Expected(samples=ROWS, shape=(4,), columns={"x": X}),
        ),
        Case(
            RULE,
            "a different year in each row to predict",
            table({"x": X, "year": years}),
            Expected(samples=ROWS, target=(1,), targets=years),
        ),
        Case(
            RULE,
            "16 years in 16 rows",
            table({"x": X[:16], "year": years[:16]}),
            Expected(samples=16, target=(1,), or_told="year"),
        ),
        Case(
            RULE,
            "ages to predict",
            table({"x": X, "age": ages}),
            Expected(samples=ROWS, target=(1,), targets=ages),
        ),
        Case(
            RULE,
            "99 for no answer",
            table({"x": X, "answer": codes, "y": Y}),
            Expected(samples=ROWS, columns={"x": X, "answer": codes}),
        ),
        Case(
            RULE,
            "faces as classes",
            table({"x": X, "face": faces}),
            Expected(samples=ROWS, classes=sorted({*faces})),
        ),
        Case(
            RULE,
            "a column of parts",
            table({"x": X, "split": split, "y": Y}),
            Expected(samples=ROWS, validation=15, or_told="split"),
        ),
        Case(
            RULE,
            "a column of weights",
            table({"x": X, "weight": weights, "y": Y}),
            Expected(samples=ROWS, columns={"x": X}, or_told="weight"),
        ),
        Case(
            RULE,
            "people who come again",
            table({"patient": [f"p{i // 4}" for i in range(ROWS)], "x": X, "y": Y}),
            Expected(samples=ROWS, told=["patient"]),
        ),
        Case(
            RULE,
            "several columns of classes",
            table({"x": X, "sort": COLOURS, "grade": NUMBERED}),
            Expected(samples=ROWS, classes=["0", "1", "2"]),
        ),
        Case(
            RULE,
            "a target with one rare class",
            table({"x": X, "c": ["b" if i == 7 else "a" for i in range(ROWS)]}),
            Expected(samples=ROWS, classes=["a", "b"], balance={"a": ROWS - 1, "b": 1}),
        ),
        Case(
            RULE,
            "a name with a line within",
            text('"x\nin mm",colour,y\n' + _joined(_rows())),
            Expected(samples=ROWS, shape=(4,), targets=Y, columns={0: X}),
        ),
        Case(
            RULE,
            "counts and names of classes above more columns",
            text(
                f"{ROWS},4,ill,well\n"
                + _joined(
                    [(x, y, 2 * x, y - x, x + y, i % 2) for i, (x, y) in enumerate(zip(X, Y, strict=True))]
                )
            ),
            Expected(samples=ROWS, shape=(5,), classes=["0", "1"], columns={0: X, 1: Y}, told=["1 line"]),
        ),
        Case(
            RULE,
            "two columns of many names",
            table(
                {
                    "from": [f"a{i % 70}" for i in range(200)],
                    "to": [f"b{i % 66}" for i in range(200)],
                    "y": some("many", count=200),
                }
            ),
            Expected(samples=200, shape=(136,), target=(1,)),
        ),
        Case(
            RULE,
            "a last column of one word",
            table({"x": X, "y": Y, "kind": ["flat"] * ROWS}),
            Expected(samples=ROWS, target=(1,), targets=Y, told=["kind.*one value"]),
        ),
        Case(
            RULE,
            "12 different whole numbers in 12 rows",
            table({"x": X[:12], "index": range(12)}),
            Expected(samples=12, target=(1,)),
        ),
        Case(
            RULE,
            "a table of two rows",
            table({"x": X[:2], "y": Y[:2]}),
            Expected(samples=2, columns={"x": X[:2]}),
        ),
        Case(
            RULE,
            "words in the middle of numbers",
            table({"x": ["error" if i == 30 else x for i, x in enumerate(X)], "y": Y}),
            Expected(
                samples=ROWS - 1,
                columns={"x": [x for i, x in enumerate(X) if i != 30]},
                told=["line 32|error"],
                or_told=r"\bx\b",
            ),
        ),
        Case(
            RULE,
            "the sum of both in one column",
            table({"x": X, "y": Y, "copy of y": Y, "z": [a + b for a, b in zip(X, Y, strict=True)]}),
            Expected(samples=ROWS, shape=(3,)),
        ),
        Case(
            RULE,
            "numbers with a unit",
            table({"size": [f"{x} mm" for x in X], "x": X, "y": Y}),
            Expected(samples=ROWS, columns={"x": X}, targets=Y, or_told="size"),
        ),
        Case(
            RULE,
            "quoted numbers alone",
            text("x,y\n" + "\n".join(f'"{x}","{y}"' for x, y in zip(X, Y, strict=True))),
            plain,
        ),
    ]


CASES = (*_programs(), *_instruments(), *_surveys())
