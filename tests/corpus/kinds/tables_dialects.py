"""One table of houses, written as programs and people write tables: every dialect, and two at a time."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from tests.corpus.case import Case, Expected, chance, counted

ROWS = 40
NAMES = ("area", "rooms", "city", "price")
CITIES = ("Köln", "Århus", "Nîmes")


def houses() -> tuple[list[float], list[int], list[str], list[float]]:
    """Area, rooms, city and price of the houses; areas above a thousand, so that marks of thousands show."""
    random = chance("houses")
    area = [round(float(value), 2) for value in random.uniform(1200, 9800, ROWS)]
    rooms = [int(value) for value in random.integers(1, 9, ROWS)]
    city = [CITIES[int(value)] for value in random.integers(0, 3, ROWS)]
    price = [round(3 * a + 1000 * r + 0.25, 2) for a, r in zip(area, rooms, strict=True)]
    return area, rooms, city, price


@dataclass(frozen=True)
class Dialect:
    """How a table is written down."""

    separator: str = ","
    decimal: str = "."
    thousands: str = ""
    quoted: bool = False
    newline: str = "\n"
    encoding: str = "utf-8"
    ending: str = ".csv"
    header: Sequence[str] | None = NAMES
    preamble: Sequence[str] = ()
    foot: Sequence[str] = ()
    trailing: bool = False
    spaces: bool = False
    packed: bool = False
    gaps: str | None = None
    """What stands in the area of every tenth house, which is not known."""
    comment: bool = False
    """Whether a quoted column with ends of lines stands before the price."""

    def number(self, value: float) -> str:
        text = f"{value:,.2f}" if isinstance(value, float) else str(value)
        text = text.replace(",", "T").replace(".", self.decimal)
        return text.replace("T", self.thousands)

    def cell(self, text: str) -> str:
        if self.quoted or any(mark in text for mark in (self.separator, '"', "\n")):
            text = '"' + text.replace('"', '""') + '"'
        return f" {text} " if self.spaces and not text.startswith('"') else text

    def text(self) -> str:
        lines = list(self.preamble)
        if self.header is not None:
            lines.append(
                self._line([*self.header[:3], *(["remark"] if self.comment else []), self.header[3]])
            )
        for i, (area, rooms, city, price) in enumerate(zip(*houses(), strict=True)):
            gap = self.gaps is not None and i % 10 == 0
            first = str(self.gaps) if gap else self.number(area)
            remark = [f'row {i}\nsays "yes"'] if self.comment else []
            lines.append(self._line([first, str(rooms), city, *remark, self.number(price)]))
        return self.newline.join([*lines, *self.foot]) + self.newline

    def _line(self, cells: Sequence[str]) -> str:
        return self.separator.join(map(self.cell, cells)) + (self.separator if self.trailing else "")

    def write(self, folder: Path) -> Path:
        path = folder / f"houses{self.ending}{'.gz' if self.packed else ''}"
        data = self.text().encode(self.encoding)
        path.write_bytes(gzip.compress(data) if self.packed else data)
        return path


Change = Callable[[Dialect], Dialect]


def _set(**values: object) -> Change:
    return lambda dialect: replace(dialect, **values)  # type: ignore[arg-type]


SINGLE: dict[str, dict[str, object]] = {
    "semicolons": {"separator": ";"},
    "tabs": {"separator": "\t", "ending": ".tsv"},
    "bars": {"separator": "|"},
    "decimal commas": {"decimal": ","},
    "marks of thousands": {"thousands": "mark"},
    "all quoted": {"quoted": True},
    "CR LF": {"newline": "\r\n"},
    "CR alone": {"newline": "\r"},
    "byte order mark": {"encoding": "utf-8-sig"},
    "UTF-16": {"encoding": "utf-16"},
    "Windows-1252": {"encoding": "cp1252"},
    "no names": {"header": None},
    "a preamble": {"preamble": ("Houses of the region", "exported by hand on 3 May", "")},
    "comment lines before": {"preamble": ("# houses", "# made by a program")},
    "a line of units": {"header": ("area [m2]", "rooms", "city", "price [EUR]")},
    "an empty name": {"header": ("", "rooms", "city", "price")},
    "trailing separators": {"trailing": True},
    "spaces around": {"spaces": True},
    "packed": {"packed": True},
    "gaps as nothing": {"gaps": ""},
    "gaps as NA": {"gaps": "NA"},
    "gaps as a dash": {"gaps": "-"},
    "gaps as a dot": {"gaps": "."},
    "gaps as NULL": {"gaps": "NULL"},
    "gaps as two words": {"gaps": "not known"},
    "gaps as \\N": {"gaps": "\\N"},
    "quoted ends of lines": {"comment": True},
    "an ending of .txt": {"ending": ".txt"},
    "an ending of .dat": {"ending": ".dat"},
    "an empty line at the end": {"foot": ("", "")},
    "a line of totals": {"foot": ("Total: 40 houses",)},
}
APART = (
    {"semicolons", "tabs", "bars"},
    {"CR LF", "CR alone"},
    {"byte order mark", "UTF-16", "Windows-1252"},
    {"no names", "a line of units", "an empty name"},
    {"a preamble", "comment lines before"},
    {"an ending of .txt", "an ending of .dat", "tabs"},
    {"an empty line at the end", "a line of totals"},
    {name for name in SINGLE if name.startswith("gaps")},
)
"""What cannot go together."""


def _dialect(names: Sequence[str]) -> Dialect:
    dialect = Dialect()
    for name in names:
        dialect = replace(dialect, **SINGLE[name])  # type: ignore[arg-type]
    if dialect.thousands:
        dialect = replace(dialect, thousands="." if dialect.decimal == "," else ",")
    return dialect


def expected(dialect: Dialect) -> Expected:
    """What a person means by this table, however it is written."""
    area, rooms, _, price = houses()
    kept = [i for i in range(ROWS) if dialect.gaps is None or i % 10]
    place = 1 if dialect.header is None else None
    first: str | int = 0 if place else (dialect.header[0] if dialect.header else "") or 0
    second: str | int = 1 if place else "rooms"
    told = [] if dialect.gaps is None else [counted(4, "(area|column 1)")]
    told += ["Total|line 4"] if "Total: 40 houses" in dialect.foot else []
    told += ["(?i)line|before|preamble|header"] if dialect.preamble else []
    width = 2 + len(CITIES)
    return Expected(
        kind="table",
        samples=len(kept),
        shape=None if dialect.comment else (width,),
        target=(1,),
        columns={first: [area[i] for i in kept], second: [rooms[i] for i in kept]},
        targets=[price[i] for i in kept],
        told=[*told, "Köln"],
        or_told="" if dialect.gaps is None else "area|column 1",
    )


def _all() -> list[Case]:
    pairs = [
        pair for pair in combinations(SINGLE, 2) if not any(len(set(pair) & apart) > 1 for apart in APART)
    ]
    chosen = [pair for i, pair in enumerate(pairs) if i % 8 == 3]
    found = []
    for names in [(), *((name,) for name in SINGLE), *chosen]:
        dialect = _dialect(names)
        title = " and ".join(names) or "as programs write it"
        quick = len(names) == 1 and list(SINGLE).index(names[0]) % 4 == 0
        found.append(Case("table dialects", title, dialect.write, expected(dialect), is_quick=quick))
    return found


CASES = tuple(_all())
