"""Cells as people write them: units, signs, codes, days and words of many countries."""

from __future__ import annotations

from tests.corpus.case import Case, Expected
from tests.corpus.kinds.public.writing import N, columns, comma, cycle, lines
from tests.corpus.kinds.tables_values import X, Y

CASES = (
    Case(
        "public cells",
        "german thousands, quoted in commas",
        lines(
            [
                ["x", "y"],
                *[
                    [f'"{1000 + 100 * x:,.2f}"'.translate(str.maketrans(",.", ".,")), f'"{comma(y)}"']
                    for x, y in zip(X, Y, strict=True)
                ],
            ]
        ),
        Expected(samples=N, columns={"x": [round(1000 + 100 * x, 2) for x in X]}, targets=Y),
    ),
    Case(
        "public cells",
        "exponent with comma",
        columns({"x": [f"{x:.3E}".replace(".", ",") for x in X], "y": [comma(y) for y in Y]}, ";"),
        Expected(samples=N, columns={"x": [float(f"{x:.3E}") for x in X]}, targets=Y),
    ),
    Case(
        "public cells",
        "true minus with nbsp thousands",
        columns({"x": [f"−{1000 + 100 * x:,.1f}".replace(",", "\xa0") for x in X], "y": Y}),
        Expected(samples=N, columns={"x": [-round(1000 + 100 * x, 1) for x in X]}),
    ),
    Case(
        "public cells",
        "indian grouping",
        columns({"x": [f'"12,{int(34 + i % 5)},{567 + i}.00"' for i in range(N)], "y": Y}),
        Expected(
            samples=N,
            columns={"x": [1200000 + (34 + i % 5) * 1000 + 567 + i for i in range(N)]},
            or_told="\\bx\\b",
        ),
    ),
    Case(
        "public cells",
        "trailing minus (SAP)",
        columns({"x": [f"{x}-" if i % 3 == 0 else x for i, x in enumerate(X)], "y": Y}),
        Expected(
            samples=N,
            columns={"x": [-x if i % 3 == 0 else x for i, x in enumerate(X)]},
            or_told="column.* not used.*\\bx\\b",
        ),
    ),
    Case(
        "public cells",
        "trailing minus few",
        columns({"x": [f"{x}-" if i in (3, 5) else x for i, x in enumerate(X)], "y": Y}),
        Expected(
            samples=N,
            columns={"x": [-x if i in (3, 5) else x for i, x in enumerate(X)]},
            or_told="\\bx\\b.*5-|5-.*\\bx\\b",
        ),
    ),
    Case(
        "public cells",
        "percent some",
        columns({"x": [f"{x}%" if i % 2 else x for i, x in enumerate(X)], "y": Y}),
        Expected(samples=N, told=["\\bx\\b.*%|%.*\\bx\\b"]),
    ),
    Case(
        "public cells",
        "accounting parentheses and dash for 0",
        columns(
            {"x": ["-" if i % 10 == 0 else f"({x})" if i % 3 == 0 else x for i, x in enumerate(X)], "y": Y}
        ),
        Expected(samples=54, told=["'?-'?.*\\bx\\b"]),
    ),
    Case(
        "public cells",
        "apostrophe before numbers",
        columns({"x": [f"'{i:05}" for i in range(N)], "z": X, "y": Y}),
        Expected(samples=N, columns={"z": X}, targets=Y),
    ),
    Case(
        "public cells",
        "phone numbers",
        columns({"phone": [f"+49170{1234567 + i * 7919}" for i in range(N)], "x": X, "y": Y}),
        Expected(samples=N, told=["phone"]),
    ),
    Case(
        "public cells",
        "ids as floats with gaps",
        columns({"customer_id": ["" if i == 7 else f"{1000 + i * 3}.0" for i in range(N)], "x": X, "y": Y}),
        Expected(samples=N - 1, told=["customer_id"]),
    ),
    Case(
        "public cells",
        "20 digit classes",
        columns(
            {"x": X, "code": cycle(["12345678901234567890", "12345678901234567891", "12345678901234567892"])}
        ),
        Expected(samples=N, classes=["12345678901234567890", "12345678901234567891", "12345678901234567892"]),
    ),
    Case(
        "public cells",
        "excel serial days workdays",
        columns({"date": [44197 + i * 7 // 5 for i in range(N)], "x": X, "y": Y}),
        Expected(samples=N, columns={"date": [44197 + i * 7 // 5 for i in range(N)], "x": X}),
    ),
    Case(
        "public cells",
        "yyyymmdd",
        columns({"date": [20200101 + 100 * (i % 12) + i % 28 for i in range(N)], "x": X, "y": Y}),
        Expected(samples=N, told=["(?i)date.*(day|20200)"]),
    ),
    Case(
        "public cells",
        "hex",
        columns({"x": [f"0x{i * 37 % 256:02X}" for i in range(N)], "z": X, "y": Y}),
        Expected(samples=N, columns={"z": X}, told=["\\bx\\b"]),
    ),
    Case(
        "public cells",
        "ages ranges",
        columns({"age": cycle(["10-19", "20-29", "30-39"]), "x": X, "y": Y}),
        Expected(samples=N, shape=(4,)),
    ),
    Case(
        "public cells",
        "seasons 2009-10",
        columns({"season": cycle(["2009-10", "2010-11", "2011-12"]), "x": X, "y": Y}),
        Expected(samples=N, shape=(4,)),
    ),
    Case(
        "public cells",
        "shoes 1/2",
        columns({"size": cycle(["8", "8 1/2", "9"]), "x": X, "y": Y}),
        Expected(samples=N, shape=(4,)),
    ),
    Case(
        "public cells",
        "heights 5'11\"",
        columns({"h": [f"5'{i % 12}" for i in range(N)], "x": X, "y": Y}),
        Expected(samples=N, or_told="h"),
    ),
    Case(
        "public cells",
        "k and M",
        columns({"x": [f"{v:.1f}K" if i % 2 else f"{v:.1f}M" for i, v in enumerate(X)], "y": Y}),
        Expected(told=["\\bx\\b"]),
    ),
    Case(
        "public cells",
        "units in cells kg",
        columns({"x": [f"{v} kg" for v in X], "y": Y}),
        Expected(told=["\\bx\\b"], samples=N),
    ),
    Case(
        "public cells",
        "units in cells cm no space, few",
        columns({"x": [f"{i % 9}cm" for i in range(N)], "y": Y}),
        Expected(samples=N, shape=(9,)),
    ),
    Case(
        "public cells",
        "float zero one target",
        columns({"x": X, "t": [f"{i % 2}.0" for i in range(N)]}),
        Expected(samples=N, classes=["0", "1"]),
    ),
    Case(
        "public cells",
        "ja nein",
        columns({"x": [comma(x) for x in X], "krank": cycle(["ja", "nein", "ja"])}, ";"),
        Expected(samples=N, classes=["ja", "nein"], columns={"x": X}),
    ),
    Case(
        "public cells",
        "class names differing in case",
        columns({"x": X, "c": cycle(["Yes", "yes", "no", "NO "])}),
        Expected(samples=N, told=["(?i)case|Yes.*yes|letters"]),
    ),
    Case(
        "public cells",
        "trailing spaces in classes",
        lines([["x", "c"], *zip(X, cycle(["a", "a ", "b"]), strict=True)]),
        Expected(samples=N, classes=["a", "b"]),
    ),
    Case(
        "public cells",
        "nbsp after class",
        columns({"x": X, "c": cycle(["a", "a\xa0", "b"])}),
        Expected(samples=N, classes=["a", "b"]),
    ),
    Case(
        "public cells",
        "boolean mix 1 true",
        columns({"x": X, "c": cycle(["1", "true", "0", "false"])}),
        Expected(samples=N, told=["c"]),
    ),
    Case(
        "public cells",
        "unix ns",
        columns({"t": [1600000000000000000 + i * 1000000 for i in range(N)], "y": Y}),
        Expected(samples=N, distinct={0: N}),
    ),
    Case(
        "public cells",
        "comma numbers 1,5 unquoted in commas",
        lines([["x", "y"], *[[comma(x, 1), comma(y, 1)] for x, y in zip(X, Y, strict=True)]]),
        Expected(or_told="line|cells|column|row"),
    ),
    Case(
        "public cells",
        "ampm",
        columns(
            {
                "t": [f"{i % 12 + 1}/{i % 28 + 1}/2013 {i % 12 + 1}:05 {'AP'[i % 2]}M" for i in range(N)],
                "x": X,
                "y": Y,
            }
        ),
        Expected(samples=N, kinds={"t": "date"}),
    ),
    Case(
        "public cells",
        "mixed forms",
        columns(
            {
                "t": [f"{i % 28 + 1:02}/03/2013" if i % 2 else f"2013-03-{i % 28 + 1:02}" for i in range(N)],
                "x": X,
                "y": Y,
            }
        ),
        Expected(samples=N, told=["\\bt\\b"]),
    ),
    Case(
        "public cells",
        "german months",
        columns({"t": [f"{i % 28 + 1}. März 20{10 + i % 9}" for i in range(N)], "x": X, "y": Y}),
        Expected(samples=N, told=["\\bt\\b"]),
    ),
    Case(
        "public cells",
        "twitter",
        columns(
            {"t": [f"Wed Oct {i % 28 + 1:02} 20:{i % 60:02}:24 +0000 2018" for i in range(N)], "x": X, "y": Y}
        ),
        Expected(samples=N, told=["\\bt\\b"]),
    ),
    Case(
        "public cells",
        "dd.mm.yy",
        columns({"t": [f"{i % 28 + 1:02}.{i % 12 + 1:02}.{10 + i % 9}" for i in range(N)], "x": X, "y": Y}),
        Expected(samples=N, kinds={"t": "date"}, told=["\\bt\\b"]),
    ),
    Case(
        "public cells",
        "2013Q1",
        columns({"t": [f"{2000 + i // 4}Q{i % 4 + 1}" for i in range(N)], "x": X, "y": Y}),
        Expected(samples=N, told=["\\bt\\b"]),
    ),
)
