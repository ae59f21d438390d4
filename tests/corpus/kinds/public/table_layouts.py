"""Tables as programs lay them out: names in two rows, totals, quotes of all kinds, other formats."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.corpus.case import Case, Expected
from tests.corpus.kinds.public.writing import N, columns, lines, tree
from tests.corpus.kinds.tables_values import COLOURS, X, Y, text

_ROWS = "x,y\n" + "".join(f"{x},{y}\n" for x, y in zip(X, Y, strict=True))


def _zipped(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "train.csv.zip", "w") as archive:
        archive.writestr("train.csv", _ROWS)
    return folder / "train.csv.zip"


CASES = (
    Case(
        "public layouts",
        "two header rows",
        lines([["size", "size", "shape"], ["x", "z", "kind"], *zip(X, Y, COLOURS, strict=True)]),
        Expected(samples=N, columns={0: X}, or_told="(?i)line 2|'x'|first row|names"),
    ),
    Case(
        "public layouts",
        "pandas multiindex with gap row",
        lines([["", "size", "size"], ["", "x", "z"], ["id", "", ""], *zip(range(N), X, Y, strict=True)]),
        Expected(samples=N, or_told="(?i)line 2|line 3|first row|names"),
    ),
    Case(
        "public layouts",
        "two header rows, merged",
        lines([["Patient", "", "Result"], ["x", "z", "kind"], *zip(X, Y, COLOURS, strict=True)]),
        Expected(samples=N, columns={0: X}, or_told="(?i)line 2|'x'|first row"),
    ),
    Case(
        "public layouts",
        "total row with empty",
        lines(
            [
                ["n", "x", "y"],
                *[[f"r{i}", x, y] for i, (x, y) in enumerate(zip(X, Y, strict=True))],
                ["Total", round(sum(X), 3), round(sum(Y), 3)],
            ]
        ),
        Expected(told=["(?i)total"]),
    ),
    Case(
        "public layouts",
        "total row words Summe; classes",
        lines(
            [
                ["art", "x", "y"],
                *[[c, x, y] for c, x, y in zip(COLOURS, X, Y, strict=True)],
                ["Summe", round(sum(X), 3), round(sum(Y), 3)],
            ]
        ),
        Expected(told=["(?i)summe"]),
    ),
    Case(
        "public layouts",
        "total row unlabelled",
        lines(
            [
                ["art", "x", "y"],
                *[[c, x, y] for c, x, y in zip(COLOURS, X, Y, strict=True)],
                ["", round(sum(X), 3), round(sum(Y), 3)],
            ]
        ),
        Expected(samples=N, columns={"x": X}),
    ),
    Case(
        "public layouts",
        "semicolon tsv",
        columns({"x": X, "c": COLOURS, "y": Y}, ";", "t.tsv"),
        Expected(samples=N, columns={"x": X}, targets=Y),
    ),
    Case(
        "public layouts",
        "comma tsv",
        columns({"x": X, "c": COLOURS, "y": Y}, ",", "t.tsv"),
        Expected(samples=N, columns={"x": X}, targets=Y),
    ),
    Case(
        "public layouts",
        "tab csv",
        columns({"x": X, "c": COLOURS, "y": Y}, "\t"),
        Expected(samples=N, columns={"x": X}, targets=Y),
    ),
    Case(
        "public layouts",
        "single quotes",
        lines([["x", "c", "y"], *[[x, f"'{c}, light'", y] for x, c, y in zip(X, COLOURS, Y, strict=True)]]),
        Expected(samples=N, columns={"x": X}, targets=Y, or_told="cells|quote"),
    ),
    Case(
        "public layouts",
        "single quotes no comma",
        lines([["'x'", "'c'", "'y'"], *[[x, f"'{c}'", y] for x, c, y in zip(X, COLOURS, Y, strict=True)]]),
        Expected(samples=N, columns={"x": X}, targets=Y, or_told="quote"),
    ),
    Case(
        "public layouts",
        "backslash quotes",
        lines(
            [["x", "c", "y"], *[[x, f'"so \\"{c}\\", ok"', y] for x, c, y in zip(X, COLOURS, Y, strict=True)]]
        ),
        Expected(samples=N, columns={"x": X}, targets=Y),
    ),
    Case(
        "public layouts",
        "caret",
        columns({"x": X, "c": COLOURS, "y": Y}, "^"),
        Expected(samples=N, or_told="(?i)one column|separ|parted"),
    ),
    Case(
        "public layouts",
        "tilde",
        columns({"x": X, "c": COLOURS, "y": Y}, "~"),
        Expected(samples=N, or_told="(?i)one column|separ|parted"),
    ),
    Case(
        "public layouts",
        "spaced semicolons",
        columns({"x": X, "c": COLOURS, "y": Y}, " ; "),
        Expected(samples=N, columns={"x": X}, targets=Y, shape=(4,)),
    ),
    Case(
        "public layouts",
        "colon",
        columns({"x": X, "c": COLOURS, "y": Y}, ":"),
        Expected(samples=N, or_told="(?i)one column|separ|parted"),
    ),
    Case(
        "public layouts",
        "markdown",
        text(
            "| x | c | y |\n|---|:---:|---:|\n"
            + "".join((f"| {x} | {c} | {y} |\n" for x, c, y in zip(X, COLOURS, Y, strict=True)))
        ),
        Expected(samples=N, columns={"x": X}, or_told="line 2|---"),
    ),
    Case(
        "public layouts",
        "html as xls",
        text(
            "<html><table><tr><td>x</td><td>y</td></tr>"
            + "".join((f"<tr><td>{x}</td><td>{y}</td></tr>" for x, y in zip(X, Y, strict=True)))
            + "</table></html>",
            "t.xls",
        ),
        Expected(refused="(?i)html|web|recognis|save"),
    ),
    Case(
        "public layouts",
        "csv called xls",
        columns({"x": X, "y": Y}, "\t", "t.xls"),
        Expected(samples=N, columns={"x": X}, or_told="(?i)xls|save|recognis"),
    ),
    Case(
        "public layouts",
        "csv called xlsx",
        columns({"x": X, "y": Y}, ",", "t.xlsx"),
        Expected(samples=N, columns={"x": X}, or_told="(?i)xlsx|workbook|Excel"),
    ),
    Case(
        "public layouts",
        "space quoted",
        text(
            "x, c, y\n"
            + "".join((f'{x}, "{c}, light", {y}\n' for x, c, y in zip(X, COLOURS, Y, strict=True)))
        ),
        Expected(samples=N, columns={"x": X}, targets=Y),
    ),
    Case(
        "public layouts",
        "arff",
        text(
            "% title\n@relation iris\n\n@attribute x numeric\n@attribute c {red,green,blue}\n"
            "@attribute y real\n\n@data\n"
            + "".join((f"{x},{c},{y}\n" for x, c, y in zip(X, COLOURS, Y, strict=True))),
            "t.arff",
        ),
        Expected(samples=N, targets=Y, or_told="(?i)arff|recognis"),
    ),
    Case(
        "public layouts",
        "keel dat",
        text(
            "@relation iris\n@attribute x real [0.0, 10.0]\n@attribute c {red,green,blue}\n"
            "@attribute y real [1,21]\n@inputs x, c\n@outputs y\n@data\n"
            + "".join((f"{x}, {c}, {y}\n" for x, c, y in zip(X, COLOURS, Y, strict=True))),
            "t.dat",
        ),
        Expected(samples=N, targets=Y),
    ),
    Case(
        "public layouts",
        "libsvm",
        text(
            "".join((f"{'+-'[i % 2]}1 1:{x} 3:{y}\n" for i, (x, y) in enumerate(zip(X, Y, strict=True)))),
            "heart_scale.txt",
        ),
        Expected(refused="(?i)another word|libsvm"),
    ),
    Case(
        "public layouts",
        "a folder with one table",
        tree({"data.csv": _ROWS, "README.md": "about"}),
        Expected(kind="table", samples=N, columns={"x": X}, targets=Y),
    ),
    Case(
        "public layouts",
        "a folder of a competition: train, test and a submission",
        tree({"train.csv": _ROWS, "test.csv": "x\n1\n", "sample_submission.csv": "id,y\n1,0\n"}),
        Expected(kind="table", samples=N, columns={"x": X}, targets=Y),
    ),
    Case(
        "public layouts",
        "a folder of two tables",
        tree({"a.csv": _ROWS, "b.csv": _ROWS}),
        Expected(refused=r"\.csv 2"),
    ),
    Case(
        "public layouts",
        "a packed table, as it is downloaded",
        _zipped,
        Expected(refused="Unpack it"),
    ),
)
