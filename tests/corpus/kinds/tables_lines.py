"""Tables whose lines are not as they should be: broken, cut, without names, of another kind altogether."""

from __future__ import annotations

from tests.corpus.case import Case, Expected
from tests.corpus.kinds.tables_values import COLOURS, NUMBERED, ROWS, WORDS, X, Y, some, table, text


def _lines() -> list[Case]:
    body = [f"{x},{c},{y}" for x, c, y in zip(X, COLOURS, Y, strict=True)]
    lines = ["x,colour,y", *body]
    short, long = [*lines], [*lines]
    short[5], long[7] = "1.0,red", "1,red,2,3"
    iris = [f"{x},{y},Iris-{c}" for x, y, c in zip(X, Y, COLOURS, strict=True)]
    rule = "table lines"
    kept = [i for i in range(ROWS) if i != 6]
    all_of = Expected(samples=ROWS, shape=(4,), columns={"x": X}, targets=Y)
    counted = [f"{x},{y},{n},{i % 2}" for i, (x, y, n) in enumerate(zip(X, Y, NUMBERED, strict=True))]
    right, asked = "First row: left out .it says", "What is the first row"
    return [
        Case(
            rule,
            "a line of counts that are right",
            text("\n".join([f"{ROWS},3,no,yes", *counted])),
            Expected(samples=ROWS, classes=["0", "1"], told=[right]),
            is_quick=True,
        ),
        Case(
            rule,
            "a line of counts that are wrong",
            text("\n".join([f"{ROWS - 1},3,no,yes", *counted])),
            Expected(samples=ROWS, told=[asked]),
        ),
        Case(
            rule,
            "a line of counts with a class too few",
            text("\n".join([f"{ROWS},3,no,7", *counted])),
            Expected(or_told=asked, samples=ROWS, told=[asked]),
        ),
        Case(
            rule,
            "a line with too few cells",
            text("\n".join(short)),
            Expected(samples=ROWS - 1, told=["line 6"]),
            is_quick=True,
        ),
        Case(
            rule,
            "a line with too many cells",
            text("\n".join(long)),
            Expected(samples=ROWS - 1, told=["line 8"], columns={"x": [X[i] for i in kept]}),
        ),
        Case(rule, "no end of the last line", text("\n".join(lines)), all_of),
        Case(rule, "empty lines between", text("\n\n".join(lines)), all_of),
        Case(rule, "names alone", text("x,y\n"), Expected(refused="row|line|sample|empty")),
        Case(rule, "an empty file", text(""), Expected(refused="empty")),
        Case(rule, "spaces alone", text(" \n \n"), Expected(refused="t.csv")),
        Case(rule, "a table of NULs", text(b"\0" * 500), Expected(refused="t.csv")),
        Case(
            rule,
            "a picture called a table",
            text(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8),
            Expected(refused="t.csv"),
        ),
        Case(
            rule,
            "a web page called a table",
            text("<!DOCTYPE html>\n<html><body>\n<p>not here, sorry</p>\n</body></html>\n"),
            Expected(refused="t.csv"),
        ),
        Case(
            rule,
            "one column",
            text("x\n" + "\n".join(map(str, X))),
            Expected(refused="one column"),
        ),
        Case(
            rule,
            "the same name twice",
            table({"x": X, "x ": Y, "y": Y}),
            Expected(samples=ROWS, shape=(2,), told=["(?i)name|twice|x"], or_told="twice"),
        ),
        Case(
            rule,
            "the same number twice without names",
            text("\n".join(iris).replace(iris[0], "3.5,3.5,Iris-red", 1)),
            Expected(samples=ROWS, shape=(2,), classes=["Iris-blue", "Iris-green", "Iris-red"]),
        ),
        Case(
            rule,
            "no names above words and numbers",
            text("\n".join(iris), "iris.data"),
            Expected(samples=ROWS, shape=(2,), columns={0: X, 1: Y}, targets=[f"Iris-{c}" for c in COLOURS]),
        ),
        Case(
            rule,
            "names that are years",
            text("1990,2000,2010\n" + "\n".join(f"{x},{y},{x}" for x, y in zip(X, Y, strict=True))),
            Expected(samples=ROWS, columns={"1990": X, "2000": Y}, targets=X, or_told="1990|line 1|first"),
        ),
        Case(
            rule,
            "counts and classes before the data",
            text(
                "60,2,red,green,blue\n"
                + "\n".join(f"{x},{y},{n}" for x, y, n in zip(X, Y, NUMBERED, strict=True))
            ),
            Expected(
                samples=ROWS, shape=(2,), columns={0: X, 1: Y}, targets=NUMBERED, or_told="line 1|first"
            ),
        ),
        Case(
            rule,
            "a quote that is not closed",
            text("\n".join([*lines[:30], '1,"red,2', *lines[30:]])),
            Expected(
                refused="line 31|line 3",
            ),
        ),
        Case(
            rule,
            "a quote within a cell",
            table({"size": [f'{x}"' for x in range(ROWS)], "x": X, "y": Y}),
            Expected(samples=ROWS, columns={"x": X}, targets=Y, or_told="size"),
        ),
        Case(
            rule,
            "rows twice",
            text("\n".join([lines[0], *body, *body[:10]])),
            Expected(samples=ROWS + 10, told=["(?i)10.*(duplicate|same|twice)|(duplicate|same|twice).*10"]),
        ),
        Case(
            rule,
            "free text in a column",
            table(
                {
                    "note": [f"a note of house {i} " + "word " * (i % 7) for i in range(200)],
                    "x": some("x2", count=200),
                    "y": some("y2", count=200),
                }
            ),
            Expected(samples=200, shape=(1,), told=["note"]),
        ),
        Case(
            rule,
            "paths of pictures that are not there",
            table({"file": [f"pictures/{i}.png" for i in range(ROWS)], "label": COLOURS}),
            Expected(samples=ROWS, kinds={"file": "ignore"}, or_told=r"file|pictures/"),
        ),
        Case(
            rule,
            "two tables in one file",
            text("\n".join([*lines, "", "name,age", "Ann,3", "Bob,4"])),
            Expected(samples=ROWS, columns={"x": X}, targets=Y, told=["line 6[2-6]"]),
        ),
        Case(
            rule,
            "a target that stands first",
            table({"label": COLOURS, "x": X, "z": Y}),
            Expected(samples=ROWS, classes=sorted(WORDS), shape=(2,), or_told="label|target|predict"),
        ),
    ]


CASES = tuple(_lines())
