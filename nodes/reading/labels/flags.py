"""Labels in columns of their own: each has two values, of which one says that the label holds."""

from __future__ import annotations

from collections.abc import Sequence

YES = ("1", "yes", "true", "y", "t")
NO = ("0", "no", "false", "n", "f")


def is_flag(levels: Sequence[str]) -> bool:
    """Whether the different values of a column are a yes, a no or both, and nothing else."""
    small = {level.strip().lower() for level in levels}
    pairs = zip(YES, NO, strict=True)
    return 0 < len(small) == len(levels) <= 2 and any(small <= {yes, no} for yes, no in pairs)


def is_yes(level: str) -> bool:
    """Whether a value of such a column says that the label holds."""
    return level.strip().lower() in YES
