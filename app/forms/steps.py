"""Numbers in forms: how they are written, read back and stepped. Values only."""

from __future__ import annotations

import math

from nodes.param import LARGEST, Float, Int, Param, Size

_NICE = (1.0, 2.0, 5.0)


def written(value: object) -> str:
    """A number as a form shows it: shortest form, `1e-5` rather than `1e-05`."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        text = f"{value:.10g}"
        mantissa, e, exponent = text.partition("e")
        return f"{mantissa}e{int(exponent)}" if e else text
    return str(value)


def read_number(text: str) -> int | float | None:
    """What somebody typed, as a number; None where it is none. Thousands may be set apart by commas."""
    plain = text.strip().replace("−", "-").replace(" ", "")
    if "," in plain:
        plain = plain.replace(",", "")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        return None


def read_list(text: str) -> list[int | float] | None:
    """Several numbers set apart by commas, spaces or ×; None where one of them is no number."""
    parts = text.replace("×", " ").replace("x", " ").replace(",", " ").strip("()[] ").split()
    numbers = [read_number(part) for part in parts]
    return None if None in numbers else [number for number in numbers if number is not None]


def read_items(text: str) -> list[int | float | str] | None:
    """Items of a list of which some are expressions, set apart by commas or ×; None where one is neither.

    Commas within brackets belong to an expression: `1, =max(k, 3)`.
    """
    items, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if sign in ",×" and not depth:
            items.append(text[start:place].strip())
            start = place + 1
    items.append(text[start:].strip())
    found = [item if item.startswith("=") else read_number(item) for item in items]
    return None if None in found else [item for item in found if item is not None]


def range_hint(param: Param[object]) -> str:
    """The range as a short hint, `1 – 4096`; empty where there is none worth telling."""
    if isinstance(param, Int | Float) and math.isfinite(param.min) and param.max <= 1 << 16:
        return f"{written(param.min)} – {written(param.max)}"
    return ""


def stepped(param: Param[object], value: float, steps: int, *, coarse: bool = False) -> int | float:
    """`value` moved by `steps` within the range: by ones, by a share of it, or along 1–2–5 where `log`."""
    if isinstance(param, Float):
        moved = (
            _log_step(value, steps) if param.log else value + steps * _grain(param) * (10 if coarse else 1)
        )
        return min(max(_tidy(moved), param.min), param.max)
    whole = int(value) + steps * (10 if coarse else 1)
    low, high = (param.min, param.max) if isinstance(param, Int | Size) else (-LARGEST - 1, LARGEST)
    return min(max(whole, low), high)


def _grain(param: Float) -> float:
    span = param.max - param.min
    return 10.0 ** math.floor(math.log10(span / 50.0)) if math.isfinite(span) and span > 0 else 0.1


def _tidy(value: float) -> float:
    """Without the dust of binary fractions: 0.30000000000000004 is 0.3."""
    return float(f"{value:.10g}")


def _log_step(value: float, steps: int) -> float:
    """The next numbers of the series … 0.1, 0.2, 0.5, 1, 2, 5 …; zero steps up to 1e-6."""
    if value <= 0.0:
        return 1e-6 if steps > 0 else 0.0
    for _ in range(abs(steps)):
        exponent = math.floor(math.log10(value) + 1e-9)
        mantissa = value / 10.0**exponent
        if steps > 0:
            above = [nice for nice in _NICE if nice > mantissa * (1 + 1e-9)]
            value = (above[0] if above else 10.0) * 10.0**exponent
        else:
            below = [nice for nice in _NICE if nice < mantissa * (1 - 1e-9)]
            value = below[-1] * 10.0**exponent if below else 5.0 * 10.0 ** (exponent - 1)
    return value
