"""How parameters read on a card: `16 · 5×5 · pad 2`. Knows the signs, not the layers."""

from __future__ import annotations

from collections.abc import Sequence


def line(*parts: str) -> str:
    """The parts that say something, with dots between."""
    return " · ".join(part for part in parts if part)


def by(sizes: Sequence[object]) -> str:
    """`5×5` for (5, 5)."""
    return "×".join(str(size) for size in sizes)


def brief(sizes: Sequence[int]) -> str:
    """`2` for (2, 2), `2×1` for (2, 1)."""
    return str(sizes[0]) if len(set(sizes)) == 1 else by(sizes)


def unless(sizes: Sequence[int], usual: int, word: str) -> str:
    """`pad 2`; empty where every size is the usual one."""
    return "" if set(sizes) == {usual} else f"{word} {brief(sizes)}"


def product(factors: Sequence[object]) -> str:
    """`6·14·14` for (6, 14, 14)."""
    return "·".join(str(factor) for factor in factors)


def remainder(count: int, parts: int) -> str:
    """`10 / 4 = 2 remainder 2`: why parts do not divide a count."""
    return f"{count} / {parts} = {count // parts} remainder {count % parts}"


def percent(share: float) -> str:
    """`50 %` for 0.5."""
    return f"{100 * share:g} %"
