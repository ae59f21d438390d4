"""Numbers as people write them: 1,234.50, 1.234,50 €, 12 %, (5), with what is taken away to read them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CODES = "USD|EUR|GBP|JPY|CHF|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|CZK|BRL|KRW|kr|Fr\\."
_SIGN = re.compile(
    rf"(?P<open>\()?\s*(?P<minus>[-+−])?\s*(?P<before>[$€£¥₹]|(?:{_CODES})(?=[\s\d]))?\s*(?P<inner>[-+−])?"
    rf"(?P<core>[\d.,'’\u00a0\u202f ]*\d|[.,]\d+)\s*(?P<after>%|[$€£¥₹]|(?:{_CODES}))?\s*(?P<close>\))?"
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

    def number(self, cell: str) -> float | None:
        """The number in a cell; None where it is none."""
        found = _parts(cell)
        if found is None:
            return None
        core, sign, unit = found
        if unit not in ("", self.unit) or not _GROUPS[self.thousands, self.decimal].fullmatch(core):
            return None
        return sign * _value(core, self.thousands, self.decimal)

    @property
    def words(self) -> str:
        """What is taken away, as in "thousands are parted by commas and there is a %"."""
        names = {",": "commas", ".": "points", " ": "spaces", "'": "apostrophes"}
        said = [f"thousands are parted by {names[self.thousands]}"] if self.thousands else []
        said += ["decimals follow a comma"] if self.decimal == "," else []
        said += [f"{self.unit} is taken away"] if self.unit else []
        return " and ".join(said) or "signs around are taken away"


class MarksLearner:
    """Which marks make numbers of all cells that were seen; none: they are no numbers."""

    def __init__(self, decimals: str = ".,") -> None:
        """`decimals` are the signs that may stand before decimals."""
        self._left = [pair for pair in _GROUPS if pair[1] in decimals]
        self._units: set[str] = set()

    @property
    def is_possible(self) -> bool:
        """Whether there still are marks that make numbers of all."""
        return bool(self._left) and len(self._units) <= 1

    def see(self, cell: str) -> None:
        """Look at a cell that has a value."""
        found = _parts(cell)
        if found is None:
            self._left = []
            return
        core, _, unit = found
        self._units |= {unit} - {""}
        self._left = [pair for pair in self._left if _GROUPS[pair].fullmatch(core)]

    def found(self) -> NumberMarks | None:
        """The likeliest marks."""
        if not self.is_possible:
            return None
        return NumberMarks(*self._left[0], next(iter(self._units), ""))

    def other(self) -> NumberMarks | None:
        """Other marks that would make other numbers of the same cells."""
        if not self.is_possible:
            return None
        thousands, decimal = self._left[0]
        twin = ("", ",") if (thousands, decimal) == (",", ".") else None
        return NumberMarks(*twin, next(iter(self._units), "")) if twin in self._left and twin else None


def _parts(cell: str) -> tuple[str, int, str] | None:
    """The digits of a cell, its sign and its unit."""
    found = _SIGN.fullmatch(cell)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    if (found["minus"] and found["inner"]) or (found["before"] and found["after"]):
        return None
    core = found["core"].strip()
    if len(core) > 1 and core[0] == "0" and core[1].isdigit():
        return None  # a telephone number or a code
    sign = found["minus"] or found["inner"] or ("-" if found["open"] else "")
    return core, -1 if sign in ("-", "−") else 1, (found["before"] or found["after"] or "").strip()


def _value(core: str, thousands: str, decimal: str) -> float:
    for sign in _PARTING[thousands]:
        core = core.replace(sign, "")
    return float(core.replace(",", ".") if decimal == "," else core)
