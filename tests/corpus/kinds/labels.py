"""Several labels of one sample: in one cell with a sign between them, or in a column for each; and what only
looks so."""

from __future__ import annotations

import json
from itertools import combinations

from tests.corpus.case import Case, Expected, chance
from tests.corpus.kinds.tables_values import text

RULE = "several labels"
NAMES = ("cat", "dog", "emu")
ROWS = 48
_RNG = chance(RULE)
X = [float(x) for x in _RNG.uniform(0, 9, ROWS).round(2)]
HELD = [[int(mark) for mark in marks] for marks in _RNG.integers(0, 2, (ROWS, 3))]
"""Which of the three labels hold of each row; at least one."""
for _at, _marks in enumerate(HELD):
    if not any(_marks):
        _marks[_at % 3] = 1
SETS = [[name for name, mark in zip(NAMES, marks, strict=True) if mark] for marks in HELD]
EACH = [held for count in (1, 2, 3) for held in combinations("abcde", count)]
"""Sets of labels that all differ, as many as there are of up to three."""
MANY = [held for count in (1, 2, 3, 4, 5) for held in combinations("abcdefghijkl", count)]
RIGHT = Expected(
    kind="table", samples=ROWS, shape=(1,), classes=(), target=(3,), columns={"x": X}, targets=HELD
)
"""What is right of a table of x and labels."""


def _lines(name: str, cells: list[str], separator: str = ",") -> str:
    rows = (f"{x}{separator}{cell}\n" for x, cell in zip(X, cells, strict=True))
    return f"x{separator}{name}\n" + "".join(rows)


def _quoted(cells: list[str]) -> list[str]:
    return [f'"{cell}"' for cell in cells]


def _joined() -> list[Case]:
    asked = r"(?i)several labels in one cell.*\[taken: Yes: each label by itself \(3 labels\)\]"
    right = Expected(**{**vars(RIGHT), "told": [asked]})
    bars = ["|".join(held) for held in SETS]
    backwards = [", ".join(reversed(held)) for held in SETS]
    lists = [str(held) for held in SETS]
    return [
        Case(RULE, "a bar between", text(_lines("tags", bars)), right, is_quick=True),
        Case(
            RULE,
            "a semicolon between, cells parted by tabs",
            text(_lines("tags", [";".join(held) for held in SETS], "\t"), "t.tsv"),
            right,
        ),
        Case(RULE, "comma and space between, in quotes", text(_lines("tags", _quoted(backwards))), right),
        Case(
            RULE,
            "another set in each row",
            text("x,tags\n" + "".join(f"{x},{'|'.join(held)}\n" for x, held in zip(X, EACH, strict=False))),
            Expected(
                kind="table",
                samples=len(EACH),
                target=(5,),
                targets=[[int(name in held) for name in "abcde"] for held in EACH],
                told=[r"(?i)several labels.*Yes: each label by itself \(5 labels\)"],
            ),
            is_quick=True,
        ),
        Case(
            RULE,
            "more different sets than a look remembers",
            text("x,tags,y\n" + "".join(f"{i % 97},{'|'.join(held)},{i}\n" for i, held in enumerate(MANY))),
            Expected(
                kind="table",
                samples=len(MANY),
                target=(12,),
                targets=[[int(name in held) for name in "abcdefghijkl"] for held in MANY],
                told=[r"(?i)several labels.*Yes: each label by itself \(12 labels\)"],
            ),
            {"target_columns": "tags"},
            is_quick=True,
        ),
        Case(
            RULE,
            "lists of 0 and 1",
            text(_lines("tags", _quoted([str(marks) for marks in HELD]))),
            Expected(**{**vars(RIGHT), "classes": (), "told": [r"list of 0 and 1.*\[taken: Yes"]}),
            is_quick=True,
        ),
        Case(
            RULE,
            "many words in a cell that are no sentence",
            text(_lines("tags", _quoted([", ".join(f"a wild {name}" for name in held) for held in SETS]))),
            right,
        ),
        Case(RULE, "lists as Python writes them", text(_lines("tags", _quoted(lists))), right),
        Case(
            RULE,
            "a bar between, each cell is one class",
            text(_lines("tags", bars)),
            Expected(samples=ROWS, classes=sorted(set(bars)), told=["(?i)several labels.*taken: No"]),
            values={"several_labels": "no"},
        ),
        Case(
            RULE,
            "a project from before, which has classes",
            text(_lines("tags", bars)),
            Expected(samples=ROWS, classes=sorted(set(bars))),
            values={"several_labels": "no", "target_by": "last"},
        ),
    ]


def _columns() -> list[Case]:
    def made(yes: str, no: str) -> str:
        rows = (
            ",".join([str(x), *(yes if mark else no for mark in marks)])
            for x, marks in zip(X, HELD, strict=True)
        )
        return "x,cat,dog,emu\n" + "\n".join(rows) + "\n"

    chosen = {"target_columns": "cat, dog, emu"}
    asked = r"(?i)cat, dog, emu labels.*\[taken: Yes"
    right = Expected(**{**vars(RIGHT), "told": [asked]})
    words = Expected(**{**vars(RIGHT), "told": ["as 3 labels"]})
    return [
        Case(RULE, "columns of 0 and 1", text(made("1", "0")), right, chosen, is_quick=True),
        Case(RULE, "columns of yes and no", text(made("yes", "no")), words, chosen),
        Case(RULE, "columns of TRUE and FALSE", text(made("TRUE", "FALSE")), words, chosen),
        Case(RULE, "columns of 1.0 and 0.0", text(made("1.0", "0.0")), right, chosen),
        Case(
            RULE,
            "columns of 0 and 1 as numbers",
            text(made("1", "0")),
            Expected(samples=ROWS, target=(3,), targets=HELD, told=["as a number"]),
            {**chosen, "several_labels": "no"},
        ),
    ]


def _ambiguous() -> list[Case]:
    """Signs in names that are no lists: a class each, and where something comes again it is asked."""

    def of(names: list[str], told: str = "") -> tuple[str, Expected]:
        cells = [names[i % len(names)] for i in range(ROWS)]
        expected = Expected(samples=ROWS, classes=sorted(names), told=[told] if told else [])
        return _lines("kind", _quoted(cells)), expected

    asked = r"(?i)several labels in one cell.*\[taken: No: each cell is one class\]"
    kinds = {
        "a comma in a name, one part comes again": (["bread, white", "bread, rye", "milk"], asked),
        "a comma in a name, nothing comes again": (["Smith, John", "Doe, Anna", "Roe"], ""),
        "two properties of each": (
            [f"{size}, {colour}" for size in ("large", "small") for colour in ("blue", "green", "red")],
            asked,
        ),
        "blood groups": (["A+", "A-", "AB+", "AB-", "B+", "B-", "O+", "O-"], ""),
        "words of a name": (["New York", "New Jersey", "Jersey"], ""),
    }
    made = {name: of(*kind) for name, kind in kinds.items()}
    words = "".join(f"{i % 97},word{i},{i}\n" for i in range(1500))
    refused = "Expected at least 2 classes in 'tags'. Received more than 1,000"
    return [
        *(
            Case(RULE, name, text(lines), expected, is_quick=name.endswith("comes again"))
            for name, (lines, expected) in made.items()
        ),
        Case(
            RULE,
            "more different words than a look remembers",
            text("x,tags,y\n" + words),
            Expected(refused=refused),
            {"target_columns": "tags"},
        ),
    ]


def _texts() -> list[Case]:
    """Sentences with the labels of the rows."""
    says = [f"number {i} has been seen near the {'river' if i % 2 else 'old mill'}" for i in range(ROWS)]
    pairs = list(zip(says, SETS, strict=True))
    asked = r"(?i)several labels in one cell of {}.*\[taken: Yes: each label by itself \(3 labels\)\]"

    def right(column: str) -> Expected:
        return Expected(
            kind="texts",
            samples=ROWS,
            classes=(),
            target=(3,),
            targets=HELD,
            told=[asked.format(column)],
        )

    lines = "".join(json.dumps({"text": one, "labels": held}) + "\n" for one, held in pairs)
    tabs = "text\ttags\n" + "".join(f"{one}\t{';'.join(held)}\n" for one, held in pairs)
    fast = "".join(" ".join([*(f"__label__{name}" for name in held), one]) + "\n" for one, held in pairs)
    before = Expected(samples=ROWS, target=None, told=[r"values of 'labels' that are lists or objects \(48"])
    return [
        Case(RULE, "lists in JSON lines", text(lines, "t.jsonl"), right("labels"), is_quick=True),
        Case(RULE, "texts, a semicolon between", text(tabs, "t.tsv"), right("tags"), is_quick=True),
        Case(RULE, "fastText, several before a text", text(fast, "t.txt"), right("label")),
        Case(
            RULE,
            "lists in JSON lines, as projects from before",
            text(lines, "t.jsonl"),
            before,
            {"several_labels": "no"},
        ),
    ]


CASES = [*_joined(), *_columns(), *_ambiguous(), *_texts()]
