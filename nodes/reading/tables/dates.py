"""Dates and times in cells: in which form they are written, and as seconds since 1970."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from nodes.reading.tables.bins import GrowingBins

_DAY, _MONTH, _YEAR = r"(?P<d>\d{1,2})", r"(?P<m>\d{1,2})", r"(?P<y>\d{4}|\d{2})"
_TIME = r"(?:[T ]\s*(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2}(?:[.,]\d+)?))?\s*(?P<ap>[AaPp]\.?[Mm]\.?)?)?"
_CLOCK = r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2}(?:[.,]\d+)?))?"
_ZONE = r"\s*(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WORD = r"(?P<name>[A-Za-z]{3,9})\.?"
DATE_FORMS = {
    "year first": re.compile(rf"(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){_TIME}{_ZONE}"),
    "day first": re.compile(rf"{_DAY}[-/.]{_MONTH}[-/.]{_YEAR},?{_TIME}{_ZONE}"),
    "month first": re.compile(rf"{_MONTH}[-/]{_DAY}[-/]{_YEAR},?{_TIME}{_ZONE}"),
    "day and name of the month": re.compile(rf"{_DAY}[- ]{_WORD}[- ,]+(?P<y>\d{{4}}){_TIME}{_ZONE}"),
    "name of the month first": re.compile(rf"{_WORD}[- ]+{_DAY}(?:,? +|-)(?P<y>\d{{4}}){_TIME}{_ZONE}"),
    "month of a year": re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})"),
    "name of the month and year": re.compile(rf"{_WORD}[- /]+(?P<y>\d{{4}})"),
    "time of day": re.compile(rf"{_CLOCK}(?: ?(?P<ap>[AaPp][Mm]))?"),
    "eight digits": re.compile(r"(?P<y>(?:19|20)\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)"),
}  # fmt: skip
"""How a date or time may be written, the likeliest first."""
DIGITS, MONTH = "eight digits", "month of a year"
DAY = 86_400.0
MOST_FOREIGN, MOSTLY = 3, 0.8
"""Different words that may stand among numbers or dates for no value, and the least share of those."""


def seconds(cell: str, form: str) -> float | None:
    """A date or time of this form in seconds since 1970 (of a time of day: since midnight); None: it is none.

    One without a zone is taken as UTC.
    """
    found = DATE_FORMS[form].fullmatch(cell)
    if found is None:
        return None
    given = found.groupdict()
    month = given.get("m") or _month(given.get("name"))
    second = float((given.get("s") or "0").replace(",", "."))
    hour = _hour(int(given.get("h") or 0), given.get("ap"))
    try:
        day = datetime(_year(given.get("y")), int(month or 0), int(given.get("d") or 1), tzinfo=UTC)
    except ValueError:
        return None
    minute = int(given.get("mi") or 0)
    if hour is None or hour > 24 or minute > 59 or second >= 61:
        return None
    return day.timestamp() + hour * 3600 + minute * 60 + second - _offset(given.get("z"))


def all_seconds(cells: Sequence[str], form: str) -> NDArray[np.float64]:
    """Cells in seconds, `(cells)`, NaN where one is none of this form; those without spaces around."""
    if form == "year first":
        quick = _quick(cells)
        if quick is not None:
            return quick
    known: dict[str, float] = {}
    found = np.empty(len(cells), np.float64)
    for i, cell in enumerate(cells):
        value = known.get(cell)
        if value is None:
            made = seconds(cell, form)
            value = known[cell] = np.nan if made is None else made
        found[i] = value
    return found


_PLAIN = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?")


def _quick(cells: Sequence[str]) -> NDArray[np.float64] | None:
    """All at once, where all are plain; None where one is not."""
    if not all(map(_PLAIN.fullmatch, cells)):
        return None
    try:
        found = np.array(cells, "datetime64[us]")
    except ValueError:
        return None
    return found.astype(np.int64) / 1e6


def _year(text: str | None) -> int:
    if text is None:
        return 1970
    year = int(text)
    if len(text) == 2:
        return year + (2000 if year < 69 else 1900)
    return year


def _month(name: str | None) -> int:
    """The number of a month by its name; 0: it is none, and 1 where there is no name."""
    if name is None:
        return 1
    start = name[:3].lower()
    return _NAMES.index(start) + 1 if start in _NAMES else 0


def _hour(hour: int, half: str | None) -> int | None:
    if not half:
        return hour
    if not 1 <= hour <= 12:
        return None
    return hour % 12 + (12 if half[0] in "Pp" else 0)


def _offset(zone: str | None) -> float:
    if not zone or zone in ("Z", "UTC", "GMT"):
        return 0.0
    sign = -1 if zone[0] == "-" else 1
    return sign * (int(zone[1:3]) * 3600 + int(zone[-2:]) * 60)


_FOUND = [form for form in DATE_FORMS if form != DIGITS]
"""The forms that are looked for; whole numbers of eight digits are dates where somebody says so."""


def _is_season(cell: str) -> bool:
    """Whether a cell may be a season, as 2009-10 is, which ends in the year after."""
    found = DATE_FORMS[MONTH].fullmatch(cell)
    return found is not None and int(found["m"]) == (int(found["y"]) + 1) % 100


class DateLearner:
    """In which forms all cells that were seen are dates or times, but for a few words."""

    def __init__(self) -> None:
        self.forms = _FOUND
        self.foreign: dict[str, int] = {}
        self._are_seasons = True
        self._is_dated = True
        self._dated = 0
        self.bins = GrowingBins()
        self._form = ""

    def see(self, cell: str, count: int) -> None:
        """Look at a cell that has a value and is there so often."""
        found = {form: value for form in self.forms if (value := seconds(cell, form)) is not None}
        if not found:
            self.foreign[cell] = self.foreign.get(cell, 0) + count
            self.forms = self.forms if len(self.foreign) <= MOST_FOREIGN else []
            self._is_dated = self._is_dated and any(seconds(cell, form) is not None for form in _FOUND)
            return
        self._are_seasons = self._are_seasons and _is_season(cell)
        self.forms = list(found)
        self._dated += count
        if self.forms[0] != self._form:
            self.bins, self._form = GrowingBins(), self.forms[0]
        self.bins.add(np.full(count, found[self._form]))

    def found(self) -> tuple[str, ...]:
        """The forms by which nearly all cells are dates; none where too many are words."""
        least = MOSTLY * (self._dated + sum(self.foreign.values()))
        if not self._dated or self._dated < least or (self.forms == [MONTH] and self._are_seasons):
            return ()
        return tuple(self.forms)

    @property
    def is_possible(self) -> bool:
        """Whether the cells may still be dates, in one form or in several."""
        return bool(self.forms) or (self._is_dated and bool(self._dated))

    @property
    def is_mixed(self) -> bool:
        """Whether all cells are dates, but no form fits nearly all of them."""
        return self._is_dated and bool(self._dated and self.foreign) and not self.found()

    def give_up(self) -> None:
        """Look for no dates any more."""
        self.forms, self._is_dated = [], False


def cyclic(values: NDArray[np.float64], *, is_time: bool) -> dict[str, NDArray[np.float64]]:
    """Times in seconds as places on circles, by what goes round: sine and cosine, each `(n)`.

    What is the same everywhere (the time of day of dates) is left out by whoever asks.
    """
    days = values / DAY
    rounds = {"day": days} if is_time else {"year": days / 365.2425, "week": days / 7, "day": days}
    found = {}
    for name, turns in rounds.items():
        angle = 2 * np.pi * (turns % 1.0)
        found[f"sine of the {name}"], found[f"cosine of the {name}"] = np.sin(angle), np.cos(angle)
    return found
