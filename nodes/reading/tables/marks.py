"""Numbers as people write them: 1,234.50, 1.234,50 €, 12 %, (5), 5-, 1.2K, 8 kg, with what is taken away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from nodes.reading.csv_columns import FEW

_CODES = "USD|EUR|GBP|JPY|CHF|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|CZK|BRL|KRW|kr|Fr\\."
_UNITS = (
    "kg|mg|µg|g|t|lbs?|oz|km|cm|mm|µm|m|ft|inch(?:es)?|in|mi|kmpl|km/kg|km/h|kmh|kmph|mph|mpg|m/s|bhp|hp|PS|cc|CC|ccm|"
    "ml|mL|cl|dl|l|L|kWh|kW|W|MHz|GHz|kHz|Hz|kB|KB|MB|GB|TB|kV|mV|V|mA|A|°C|°F|°|K|hPa|kPa|Pa|bar|psi|"
    "days?|hrs?|h|min|mins|minutes|secs?|s|ms|years?|yrs?|months?|sqft|sq\\.? ?ft|m2|m²|km2|km²|px"
)
"""Units that may stand behind a number."""
_MEASURE = re.compile(_UNITS)
_TIMES = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9}
_SIGN = re.compile(
    rf"(?P<open>\()?\s*(?P<minus>[-+−])?\s*(?P<before>[$€£¥₹]|(?:{_CODES})(?=[\s\d]))?\s*(?P<inner>[-+−])?"
    rf"(?P<core>[\d.,'’\u00a0\u202f ]*\d|[.,]\d+)(?P<behind>[-−])?\s*(?P<times>[kKMB](?![\w°]))?\s*"
    rf"(?P<after>%|[$€£¥₹]|(?:{_CODES})|(?:{_UNITS}))?\s*(?P<close>\))?"
)
_GROUPS = {
    ("", "."): re.compile(r"\d+(\.\d*)?|\.\d+"),
    (",", "."): re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?|\d+(\.\d*)?|\.\d+"),
    (".", ","): re.compile(r"\d{1,3}(\.\d{3})+(,\d*)?|\d{1,3}(,\d*)?|,\d+"),
    (" ", "."): re.compile(r"\d{1,3}([ \u00a0\u202f]\d{3})+(\.\d*)?|\d+(\.\d*)?|\.\d+"),
    (" ", ","): re.compile(r"\d{1,3}([ \u00a0\u202f]\d{3})+(,\d*)?|\d+(,\d*)?|,\d+"),
    ("'", "."): re.compile(r"\d{1,3}(['’]\d{3})+(\.\d*)?|\d+(\.\d*)?|\.\d+"),
    ("", ","): re.compile(r"\d+(,\d*)?|,\d+"),
}
"""What parts thousands and what stands before decimals, the likeliest first."""
_PARTING = {",": ",", ".": ".", " ": " \u00a0\u202f", "'": "'’", "": ""}


@dataclass(frozen=True)
class NumberMarks:
    """How the numbers of a column are written: what parts thousands, the decimal sign, and a unit."""

    thousands: str
    decimal: str
    unit: str = ""
    has_times: bool = False
    """Whether there are numbers like 1.2K and 3M."""

    def number(self, cell: str) -> float | None:
        """The number in a cell; None where it is none."""
        found = _parts(cell)
        if found is None or found.unit not in ("", self.unit):
            return None
        if not _GROUPS[self.thousands, self.decimal].fullmatch(found.core):
            return None
        return found.factor * _value(found.core, self.thousands, self.decimal)

    @property
    def words(self) -> str:
        """What is taken away, as in "thousands are separated by commas and there is a %"."""
        names = {",": "commas", ".": "points", " ": "spaces", "'": "apostrophes"}
        said = [f"thousands are separated by {names[self.thousands]}"] if self.thousands else []
        said += ["decimals follow a comma"] if self.decimal == "," else []
        said += [f"{self.unit} is taken away"] if self.unit else []
        said += ["K is a thousand, M a million and B a billion"] if self.has_times else []
        return " and ".join(said) or "signs around are taken away"


class MarksLearner:
    """Which marks make numbers of all cells that were seen; none: they are no numbers.

    Units of measure and signs like K must be those of many different cells: 1B, 2B and SS are words.
    """

    def __init__(self, decimals: str = ".,") -> None:
        """`decimals` are the signs that may stand before decimals."""
        self._left = [pair for pair in _GROUPS if pair[1] in decimals]
        self._units: set[str] = set()
        self._has_times = self._has_bare = False
        self._cells: set[str] = set()

    @property
    def is_possible(self) -> bool:
        """Whether there still are marks that make numbers of all."""
        return bool(self._left) and len(self._units) <= 1 and not (self._has_bare and self._is_measured)

    @property
    def is_partly_marked(self) -> bool:
        """Whether a unit stands behind some numbers, and none behind others that are not 0."""
        return bool(self._units) and self._has_bare

    @property
    def _is_measured(self) -> bool:
        return any(map(_MEASURE.fullmatch, self._units))

    def see(self, cell: str) -> None:
        """Look at a cell that has a value."""
        found = _parts(cell)
        if found is None:
            self._left = []
            return
        self._has_times = self._has_times or abs(found.factor) != 1
        self._has_bare = self._has_bare or not (found.unit or set(found.core) <= set("0.,"))
        if len(self._cells) <= FEW:
            self._cells.add(cell)
        self._units |= {found.unit} - {""}
        self._left = [pair for pair in self._left if _GROUPS[pair].fullmatch(found.core)]

    def found(self) -> NumberMarks | None:
        """The likeliest marks."""
        if not self.is_possible or ((self._is_measured or self._has_times) and len(self._cells) <= FEW):
            return None
        return NumberMarks(*self._left[0], next(iter(self._units), ""), self._has_times)

    def other(self) -> NumberMarks | None:
        """Other marks that would make other numbers of the same cells."""
        if not self.is_possible:
            return None
        thousands, decimal = self._left[0]
        twin = ("", ",") if (thousands, decimal) == (",", ".") else None
        return NumberMarks(*twin, next(iter(self._units), "")) if twin in self._left and twin else None


class _Parts(NamedTuple):
    """The digits of a cell, its unit, and by what its number is multiplied: -1, or a thousand for K."""

    core: str
    unit: str
    factor: float


def _parts(cell: str) -> _Parts | None:
    found = _SIGN.fullmatch(cell)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    signs = [found[name] for name in ("minus", "inner", "behind") if found[name]]
    if len(signs) > 1 or (found["before"] and found["after"]):
        return None
    core = found["core"].strip()
    if len(core) > 1 and core[0] == "0" and core[1].isdigit():
        return None  # a telephone number or a code
    sign = signs[0] if signs else "-" if found["open"] else ""
    factor = (-1 if sign in ("-", "−") else 1) * _TIMES.get(found["times"] or "", 1)
    return _Parts(core, (found["before"] or found["after"] or "").strip(), factor)


def _value(core: str, thousands: str, decimal: str) -> float:
    for sign in _PARTING[thousands]:
        core = core.replace(sign, "")
    return float(core.replace(",", ".") if decimal == "," else core)
