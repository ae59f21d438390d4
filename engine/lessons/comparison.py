"""How a number that was found is compared with the one that a lesson expects."""

from __future__ import annotations

import math

from nodes.param import Choice

AT_LEAST, AT_MOST, EQUAL = "at least", "at most", "equal to"


def comparison(default: str = AT_LEAST) -> Choice:
    """The parameter by which a teacher says how to compare."""
    return Choice(default, choices=(AT_LEAST, AT_MOST, EQUAL), help="How the number is compared.")


def holds(found: float, how: str, wanted: float, tolerance: float = 0.0) -> bool:
    """Whether a number compares so; NaN never does."""
    if math.isnan(found):
        return False
    if how == AT_LEAST:
        return found >= wanted
    if how == AT_MOST:
        return found <= wanted
    return abs(found - wanted) <= tolerance


def words(how: str, wanted: float) -> str:
    """ "at least 0.85"."""
    return f"{how} {plain(wanted)}"


def plain(number: float) -> str:
    """Whole numbers with thousands marks, others to four digits."""
    if math.isfinite(number) and number == int(number):
        return f"{int(number):,}"
    return f"{number:.4g}"
