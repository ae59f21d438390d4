"""Cells of a table as numbers and as names of classes, and the words that stand for no value."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ALWAYS_MISSING = frozenset(
    {
        "",
        "<na>",
        "nat",
        "\\n",
        "#n/a",
        "#na",
        "#n/a n/a",
        "#div/0!",
        "#value!",
        "#ref!",
        "#num!",
        "#name?",
        "#null!",
    }
    | {"-1.#ind", "1.#ind", "-1.#qnan", "1.#qnan", "-1.#inf", "1.#inf"}
)
"""What stands for no value in any column, in small letters: nothing, and the errors of spreadsheets."""
OFTEN_MISSING = frozenset(
    {"na", "n/a", "n.a.", "null", "none", "nil", "?", "-", "--", "---", ".", "missing", "unknown", "(null)"}
    | {"nan", "-nan", "+nan", "inf", "-inf", "+inf", "infinity", "-infinity"}
)
"""What stands for no value among numbers, in small letters; in a column of words it is a word like others."""
MISSING = ALWAYS_MISSING | OFTEN_MISSING
"""What `is_missing` takes for no value. So does what is read as a number but is none, or is without end, as
nan, inf and 1e999: nothing can be learned from it."""
MOST_LEVELS = 1000
"""Different values of a column that are remembered; a column with more is no set of classes."""
LONGEST_LEVEL = 200
"""Characters of a value that is remembered; a column with longer ones is text and no set of classes."""
FEW = 20
"""At most this many different whole numbers are taken for classes where nobody says."""
LEVEL_BYTES = 120
"""Bytes of memory that a remembered value takes besides its characters, about."""
_WHOLE = re.compile(r"[+-]?\d+(\.0*)?")


def numbers(cells: Sequence[str]) -> NDArray[np.float64] | None:
    """The cells as numbers, `(cells)`; None where one is no finite number."""
    try:
        found = np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        return None
    return found if np.isfinite(found).all() and "_" not in "".join(cells) else None


def is_number(cell: str) -> bool:
    """Whether a cell holds a finite number."""
    value = as_float(cell)
    return value is not None and math.isfinite(value)


def is_missing(cell: str) -> bool:
    """Whether a cell of numbers without spaces around holds no value."""
    value = as_float(cell)
    return cell.lower() in MISSING if value is None else not math.isfinite(value)


def as_float(cell: str) -> float | None:
    """What Python reads as a number, but for 1_000, which is a word in a table."""
    if "_" in cell:
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def level(cell: str) -> str:
    """A number as the name of a class: 1.0 and 1 are the same one, and no digit is lost."""
    value = as_float(cell)
    if value is None or not value.is_integer():  # nor are nan and inf
        return cell
    return str(int(cell.partition(".")[0])) if _WHOLE.fullmatch(cell) else f"{value:.17g}"
