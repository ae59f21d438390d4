"""Numbers as a person reads them: grouped, scaled, in percent, with the digits that tell.

One spelling for cards, panels and charts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, time


def grouped(number: int) -> str:
    """117600 -> `117,600`."""
    return f"{number:,}"


def scaled(number: float, unit: str = "") -> str:
    """A large number in thousands, millions …: 12300 -> `12.3 k`, with a unit `12.3 kB`."""
    for factor, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= factor:
            return f"{number / factor:.3g} {prefix}{unit}"
    return f"{number:g} {unit}".rstrip()


def percent(share: float) -> str:
    """0.8412 -> `84.1 %`; always one decimal, so that it does not dance."""
    return f"{share * 100:.1f} %"


def number(value: float) -> str:
    """A value in four telling digits: `0.284`, `12.5`, `6,104`, `3.2e-5`."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞" if value > 0 else "−∞"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}" if size < 1e7 else f"{value:.3g}".replace("e+0", "e").replace("e+", "e")
    if size >= 100:
        return f"{value:.1f}".rstrip("0").rstrip(".")
    if size >= 1e-3 or size == 0:
        return f"{value:.3f}".rstrip("0").rstrip(".") if size >= 1 or size == 0 else f"{value:.3g}"
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def of_kind(value: float, kind: str) -> str:
    """A value of a column by its kind: numbers as above, dates, which are seconds since 1970, as dates."""
    if not kind.startswith("date"):
        return number(value)
    try:
        moment = datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return number(value)
    return f"{moment:%Y-%m-%d}" if moment.time() == time() else f"{moment:%Y-%m-%d %H:%M}"


def current(value: float) -> str:
    """A value that changes while it is read: three decimals, so that it does not dance."""
    return f"{value:.3f}" if 1e-3 <= abs(value) < 100 else number(value)


def is_number(cell: str) -> bool:
    """Whether a cell is a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def aligned(cells: Sequence[str]) -> tuple[str, ...]:
    """Numbers of a column with spaces behind them that bring their points below each other in a mono font.

    >>> [one.replace(chr(160), "_") for one in aligned(["1.25", "18", "0.3"])]
    ['1.25', '18___', '0.3_']
    """
    if not all(is_number(cell) for cell in cells if cell) or any("e" in cell for cell in cells):
        return tuple(cells)
    behind = [len(cell) - cell.index(".") if "." in cell else 0 for cell in cells]
    most = max(behind, default=0)
    return tuple(cell + "\u00a0" * (most - count) for cell, count in zip(cells, behind, strict=True))
