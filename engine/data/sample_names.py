"""Whether the samples of two paired sets have the same names, where files name them: those of pictures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError
from nodes.shown_text import shown


def named_alike(path: str, own: DataSet, other_path: str, other: DataSet) -> DataSet:
    """The first of two paired sets, with a note where they have no name in common and go by their order.

    Raises `DataError` where names are in both, and one stands at another place: those samples do not belong
    together.
    """
    if not own.names or not other.names:
        return own
    first, second = _stems(own.names, other.names)
    if first == second:
        return own
    known = set(second)
    if known.isdisjoint(first):
        sentence = (
            f"{path}: No name of a sample is also in {other_path}, so they are paired in the order of their "
            f"names: {shown(own.names[0])} with {shown(other.names[0])}, and so on."
        )
        return replace(own, notes=[*own.notes, sentence])
    place = next(i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)
    raise DataError(
        f"{path}: Expected samples of the same names as {other_path}, which it is paired with: "
        f"{other.names[place]!r} at place {place + 1:,}. Received {own.names[place]!r}; give both the same."
    )


def _stems(first: Sequence[str], second: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names without folders and endings; with folders below that of the set where a name is in several."""
    found = [[PurePath(name).stem for name in names] for names in (first, second)]
    if any(len(set(stems)) < len(stems) for stems in found):
        found = [_below(names) for names in (first, second)]
    return found[0], found[1]


def _below(names: Sequence[str]) -> list[str]:
    """Paths without their endings, from the folder on that all of them have in common."""
    folder = os.path.commonpath([os.path.dirname(name) for name in names])  # noqa: PTH120 - 100,000 of them
    return [os.path.splitext(name[len(folder) :])[0].lstrip(os.sep) for name in names]  # noqa: PTH122
