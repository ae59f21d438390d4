"""Tables whose cells could be taken for something else: words for nothing, long numbers, dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.corpus.case import Case, Expected, chance, counted

ROWS = 60


def table(columns: Mapping[str, Sequence[object]], name: str = "t.csv") -> Callable[[Path], Path]:
    """Writes columns as a CSV file."""
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    return text("\n".join(lines) + "\n", name)


def text(content: str | bytes, name: str = "t.csv") -> Callable[[Path], Path]:
    """Writes a file as it is."""

    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder / name

    return write


def some(*words: object, low: float = 0, high: float = 10, count: int = ROWS) -> list[float]:
    """Numbers with three digits after the point."""
    return [round(float(value), 3) for value in chance(*words).uniform(low, high, count)]


X = some("x")
Y = [round(2 * x + 1, 3) for x in X]
WORDS = ("red", "green", "blue")
COLOURS = [WORDS[i % 3] for i in range(ROWS)]
NUMBERED = [i % 3 for i in range(ROWS)]


def _counts(values: Sequence[object]) -> dict[str, int]:
    return {str(value): list(values).count(value) for value in sorted({*values}, key=str)}


def _nothing() -> list[Case]:
    """Words that stand for nothing among numbers, and are words among words."""
    found = []
    for word in ("None", "NA", "N/A", "null", "NaN", "none", "-", "?"):
        damage = [word if i % 3 else ("Minor", "Substantial")[i % 2] for i in range(ROWS)]
        found.append(
            Case(
                "table words",
                f"the class {word}",
                table({"x": X, "damage": damage}),
                Expected(
                    samples=ROWS,
                    classes=sorted({*damage}),
                    balance=_counts(damage),
                    or_told=counted(40, "damage"),
                ),
                is_quick=word == "None",
            )
        )
        garage = [word if i % 5 == 0 else COLOURS[i] for i in range(ROWS)]
        found.append(
            Case(
                "table words",
                f"{word} among the words of an input",
                table({"x": X, "garage": garage, "y": Y}),
                Expected(
                    samples=ROWS,
                    shape=(5,),
                    columns={"x": X},
                    targets=Y,
                    or_told=counted(12, "garage"),
                ),
            )
        )
    return found


def _numbers() -> list[Case]:
    times = [1_700_000_000_000 + 250 * i for i in range(400)]
    wave = some("wave", count=400)
    articles = [40012301 + i % 4 for i in range(ROWS)]
    meters = [12_340_000 + 3 * i for i in range(ROWS)]
    mixed = [f"4001230{i % 2 + 1}{'A' if i % 3 == 0 else ''}" for i in range(ROWS)]
    codes = ["007" if i % 2 else "7" for i in range(ROWS)]
    julian = [2_459_000.5 + i / 8 for i in range(ROWS)]
    ids = [9_007_199_254_740_993 + i for i in range(ROWS)]
    rule = "table numbers"
    return [
        Case(
            rule,
            "milliseconds since 1970",
            table({"t": times, "y": wave}),
            Expected(samples=400, distinct={0: 400}, or_told=r"\bt\b"),
            is_quick=True,
        ),
        Case(
            rule,
            "days of Julius as target",
            table({"x": X, "day": julian}),
            Expected(samples=ROWS, target=(1,), targets=julian, tolerance=1e-12),
        ),
        Case(
            rule,
            "article numbers as classes",
            table({"x": X, "article": articles}),
            Expected(samples=ROWS, or_told="article"),
        ),
        Case(
            rule,
            "article numbers asked for as classes",
            table({"x": X, "article": articles}),
            Expected(samples=ROWS, classes=sorted({*map(str, articles)}), balance=_counts(articles)),
            values={"task": "classification"},
        ),
        Case(
            rule,
            "long readings to predict",
            table({"x": X, "meter": meters}),
            Expected(samples=ROWS, target=(1,), targets=meters, tolerance=1e-9),
        ),
        Case(
            rule,
            "part numbers with letters",
            table({"part": mixed, "y": Y}),
            Expected(samples=ROWS, shape=(4,), told=["40012301A", r"40012301\b(?!A)"]),
        ),
        Case(
            rule,
            "zeros before a number",
            table({"code": [f"{c}x" if i == 9 else c for i, c in enumerate(codes)], "y": Y}),
            Expected(samples=ROWS, shape=(3,)),
        ),
        Case(
            rule,
            "codes with zeros before",
            table({"zip": [f"0{1000 + i % 4}" for i in range(ROWS)], "y": Y}),
            Expected(samples=ROWS, told=["zip.*(categor|identif|word|text)"], or_told="zip"),
        ),
        Case(
            rule,
            "a counter of rows",
            table({"id": range(1, ROWS + 1), "x": X, "y": Y}),
            Expected(samples=ROWS, kinds={"id": "ignore"}, or_told=r"\bid\b"),
        ),
        Case(
            rule,
            "identifiers of 16 digits",
            table({"id": ids, "x": X, "y": Y}),
            Expected(samples=ROWS, kinds={"id": "ignore"}, or_told=r"\bid\b"),
        ),
        Case(
            rule,
            "exponents",
            table({"x": [f"{x:.4e}" for x in X], "y": Y}),
            Expected(samples=ROWS, shape=(1,), columns={"x": X}, targets=Y, tolerance=1e-4),
        ),
        Case(
            rule,
            "signs before",
            table({"x": [f"{x - 5:+.3f}" for x in X], "y": Y}),
            Expected(samples=ROWS, columns={"x": [x - 5 for x in X]}, targets=Y),
        ),
        Case(
            rule,
            "true minus signs",
            table({"x": [f"{x - 5:.3f}".replace("-", "−") for x in X], "y": Y}),
            Expected(samples=ROWS, columns={"x": [x - 5 for x in X]}, targets=Y, or_told=r"\bx\b"),
        ),
        Case(
            rule,
            "per cent",
            table({"share": [f"{x:.1f}%" for x in X], "y": Y}),
            Expected(samples=ROWS, shape=(1,), targets=Y, or_told="share"),
        ),
        Case(
            rule,
            "money",
            table({"cost": [f"${x:.2f}" for x in X], "y": Y}),
            Expected(samples=ROWS, shape=(1,), targets=Y, or_told="cost"),
        ),
        Case(
            rule,
            "no number above 1e38",
            table({"x": [1e39 if i == 7 else x for i, x in enumerate(X)], "y": Y}),
            Expected(samples=ROWS, refused=r"\bx\b|'x'"),
        ),
        Case(
            rule,
            "infinity",
            table({"x": ["inf" if i == 7 else x for i, x in enumerate(X)], "y": Y}),
            Expected(samples=ROWS - 1, shape=(1,), told=[r"(?s)(line 9|\b1\b).*x|'x'"]),
        ),
        Case(
            rule,
            "true and false",
            table({"flag": ["True" if i % 2 else "False" for i in range(ROWS)], "y": Y}),
            Expected(samples=ROWS, targets=Y),
        ),
        Case(
            rule,
            "yes and no to predict",
            table({"x": X, "ill": ["yes" if x > 5 else "no" for x in X]}),
            Expected(samples=ROWS, classes=["no", "yes"]),
        ),
        Case(
            rule,
            "classes 0, 1, 2",
            table({"x": X, "kind": NUMBERED}),
            Expected(samples=ROWS, classes=["0", "1", "2"], balance=_counts(NUMBERED)),
        ),
        Case(
            rule,
            "classes 1.0, 2.0",
            table({"x": X, "kind": [1.0 + i % 2 for i in range(ROWS)]}),
            Expected(samples=ROWS, classes=["1", "2"], or_told="kind"),
        ),
        Case(
            rule,
            "classes 10, 9, 8 in the order of numbers",
            table({"x": X, "kind": [8 + i % 3 for i in range(ROWS)]}),
            Expected(samples=ROWS, classes=["8", "9", "10"]),
        ),
        Case(
            rule,
            "one column is always the same",
            table({"x": X, "one": [3] * ROWS, "y": Y}),
            Expected(samples=ROWS, told=[r"\bone\b.*(same|constant|one value|1 value)"], or_told=r"\bone\b"),
        ),
        Case(
            rule,
            "a target that is always the same",
            table({"x": X, "y": [3] * ROWS}),
            Expected(
                samples=ROWS,
                told=[r"\by\b.*(same|constant|one value)|(same|one value|one class).*\by\b"],
                or_told=r"\by\b|'y'",
            ),
        ),
        Case(
            rule,
            "grouped by apostrophes",
            table({"x": [f"{1000 * x:,.1f}".replace(",", "'") for x in X], "y": Y}),
            Expected(
                samples=ROWS, columns={"x": [round(1000 * x, 1) for x in X]}, targets=Y, or_told=r"\bx\b"
            ),
        ),
    ]


def _dates() -> list[Case]:
    days = [date(2024, 1, 1) + timedelta(days=i) for i in range(ROWS)]
    stamps = [datetime(2024, 1, 1) + timedelta(hours=7 * i) for i in range(ROWS)]  # noqa: DTZ001
    forms: dict[str, Callable[[Any], str]] = {
        "ISO days": lambda d: d.date().isoformat(),
        "ISO times": lambda d: d.isoformat(),
        "ISO times with Z": lambda d: f"{d.isoformat()}Z",
        "days with dots": lambda d: d.strftime("%d.%m.%Y"),
        "days with strokes, month first": lambda d: d.strftime("%m/%d/%Y"),
        "days with strokes, day first": lambda d: d.strftime("%d/%m/%Y"),
        "days with names": lambda d: d.strftime("%d %b %Y"),
        "names of months, with dashes": lambda d: d.strftime("%b-%d-%Y"),
        "months": lambda d: d.strftime("%b %Y"),
        "times of the day": lambda d: d.strftime("%H:%M"),
    }
    found = [
        Case(
            "table dates",
            name,
            table({"when": [form(stamp) for stamp in stamps], "x": X, "y": Y}),
            Expected(samples=ROWS, columns={"x": X}, targets=Y, kinds={"when": "date|time"}, or_told="when"),
            is_quick=name == "days with dots",
        )
        for name, form in forms.items()
    ]
    broken = [stamp.date().isoformat() if i != 9 else "not known" for i, stamp in enumerate(stamps)]
    kept = [i for i in range(ROWS) if i != 9]
    found.append(
        Case(
            "table dates",
            "a day that is not known",
            table({"when": broken, "x": X, "y": Y}),
            Expected(
                samples=ROWS - 1, columns={"x": [X[i] for i in kept]}, kinds={"when": "date"}, told=["when"]
            ),
        )
    )
    early = [f"{d.month:02}/{min(d.day, 12):02}/{d.year}" for d in days]
    found.append(
        Case(
            "table dates",
            "days that may be months",
            table({"when": early, "x": X, "y": Y}),
            Expected(
                samples=ROWS,
                columns={"x": X},
                targets=Y,
                told=["when"],
                kinds={"when": "date"},
                or_told="when",
            ),
        )
    )
    return found


CASES = (*_nothing(), *_numbers(), *_dates())
