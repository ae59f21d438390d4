"""Names of folders that say which part of a data set lies there: to train on, or held back.

`train`, `Training`, `training_set`, `seg_train`, `train2017`, `val`, `dev`, `Testing`, … in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nodes.reading.split import part_of as word_of_part

_BESIDE = frozenset(
    {"set", "seg", "data", "dataset", "images", "image", "imgs", "img", "split", "folder", "part"}
)
"""Words that may stand beside the one that says it."""


def part_of(name: str) -> int | None:
    """`TRAIN`, `VALIDATION` or `TEST` of `nodes.reading.split`; None where the name says none of them."""
    words = [
        word.removesuffix("set") or word for word in re.findall(r"[a-z]+", re.sub(r"\d+$", "", name.lower()))
    ]
    said = [word for word in words if word not in _BESIDE]
    return word_of_part(said[0]) if len(said) == 1 else None


def parts_among(names: Iterable[str]) -> dict[int, list[str]]:
    """The names of each part, sorted; parts that no name says are missing."""
    found: dict[int, list[str]] = {}
    for name in sorted(names):
        if (part := part_of(name)) is not None:
            found.setdefault(part, []).append(name)
    return found
