"""Several labels in one cell, as `cat|dog`: what parts them, and how sure it is that they are several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodes.reading.labels.choices import LIST, MARKS, SIGNS

MOST_LABELS = 1000


@dataclass(frozen=True)
class JoinedLabels:
    """Labels `(K)` that are several in some of the different cells; `sign` is the name of what parts them.

    `joined` of `cells` different cells have several, as `example`. `is_likely`: the labels come again in
    other cells at other places, and there are fewer labels than cells.
    """

    sign: str
    labels: tuple[str, ...]
    joined: int
    cells: int
    example: str
    is_likely: bool


def parts_of(cell: str, sign: str) -> tuple[str, ...]:
    """The labels of a cell, each once, in their order."""
    return tuple(dict.fromkeys(_parts(cell, sign)))


def _parts(cell: str, sign: str) -> tuple[str, ...]:
    if sign == LIST:
        return _listed(cell)
    if sign == MARKS:
        return tuple(str(place) for place, mark in enumerate(_listed(cell), start=1) if mark == "1")
    return tuple(bare for part in cell.split(SIGNS[sign]) if (bare := part.strip()))


def _listed(cell: str) -> tuple[str, ...]:
    """The parts of a cell like `["a", "b"]`; of another the cell itself."""
    bare = cell.strip()
    if not _is_list(bare):
        return (bare,) if bare else ()
    found, part, quote = list[str](), "", ""
    for sign in bare[1:-1]:
        if sign == quote:
            quote = ""
        elif sign in "\"'" and not quote and not part.strip():
            quote = sign
        elif sign == "," and not quote:
            found.append(part.strip())
            part = ""
        else:
            part += sign
    return tuple(one for one in (*found, part.strip()) if one)


def _is_list(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == "[" and cell[-1] == "]"


def joined_labels(cells: Collection[str]) -> JoinedLabels | None:
    """What parts labels in these different cells; None where nothing speaks for it."""
    bare = [cell.strip() for cell in cells if cell.strip()]
    lists = [cell for cell in bare if _is_list(cell)]
    if lists:
        are_lists = len(lists) == len(bare) or all(cell[1] in "\"'" for cell in lists)
        return _by_lists(bare) if are_lists else None
    found = [one for one in (_by(sign, bare) for sign in SIGNS) if one is not None]
    return max(found, key=lambda one: (one.is_likely, one.joined), default=None)


def _by_lists(cells: Sequence[str]) -> JoinedLabels | None:
    """The labels of lists and of cells of one label; None where no list has several, or one is no set."""
    cut = [_listed(cell) for cell in cells]
    if _are_marks(cut):
        held = [(cell, _parts(cell, MARKS)) for cell in cells]
        counts = Counter(place for _, places in held for place in places)
        several = [one for one in held if len(one[1]) > 1]
        return _found(MARKS, counts, several, cells, is_likely=True) if several else None
    joined = [(cell, parts) for cell, parts in zip(cells, cut, strict=True) if len(parts) > 1]
    counts = Counter(part for parts in cut for part in parts)
    nested = any(part[0] in "[{" for part in counts)
    if not joined or nested or any(len(set(parts)) < len(parts) for parts in cut):
        return None
    return _found(LIST, counts, joined, cells, is_likely=1 < len(counts) <= MOST_LABELS)


def _by(sign: str, cells: Sequence[str]) -> JoinedLabels | None:
    """The labels of cells that are parted by this sign; None where no part comes again in another cell."""
    cut = [_parts(cell, sign) for cell in cells]
    joined = [(cell, parts) for cell, parts in zip(cells, cut, strict=True) if len(parts) > 1]
    counts = Counter(part for parts in cut for part in set(parts))
    again = [pair for pair in joined if any(counts[part] > 1 for part in pair[1])]
    if _are_marks(cut) or not again or not 1 < len(counts) <= MOST_LABELS or _has_gaps(sign, joined):
        return None
    recur = all(counts[part] > 1 and len(set(parts)) == len(parts) for _, parts in joined for part in parts)
    is_likely = recur and len(counts) < len(cells) and not _have_places(cut)
    if sign == "space" and not is_likely:
        return None  # words of a name, which are not asked about
    return _found(sign, counts, again, cells, is_likely=is_likely and sign != "space")


def _are_marks(cut: Sequence[tuple[str, ...]]) -> bool:
    """Whether all cells have as many zeros and ones, two or more, and nothing else."""
    lengths = {len(parts) for parts in cut}
    return len(lengths) == 1 < max(lengths) and all({*parts} <= {"0", "1"} for parts in cut)


def _found(
    sign: str,
    counts: Counter[str],
    joined: Sequence[tuple[str, tuple[str, ...]]],
    cells: Sequence[str],
    *,
    is_likely: bool,
) -> JoinedLabels:
    example = joined[0][0] if joined else cells[0]
    return JoinedLabels(sign, ordered(counts), len(joined), len(cells), example, is_likely)


def _has_gaps(sign: str, joined: Sequence[tuple[str, tuple[str, ...]]]) -> bool:
    """Whether there is nothing between two signs, or before the first."""
    between = (cell.split(SIGNS[sign])[:-1] for cell, _ in joined)
    return any(not part.strip() for parts in between for part in parts)


def _have_places(cut: Sequence[tuple[str, ...]]) -> bool:
    """Whether each part is always at the same place of as many, as in `red, large`: then they are no set."""
    if len({len(parts) for parts in cut}) != 1:
        return False
    places: dict[str, int] = {}
    return all(places.setdefault(part, at) == at for parts in cut for at, part in enumerate(parts))


def ordered(labels: Collection[str]) -> tuple[str, ...]:
    """Different labels: numbers by size, words by code points."""
    different = sorted(set(labels))
    are_numbers = all(one.isascii() and one.lstrip("-").isdigit() for one in different)
    return tuple(sorted(different, key=int) if are_numbers else different)


def labels_in(cells: Collection[str], sign: str) -> tuple[str, ...]:
    """All labels of these cells, in order."""
    return ordered({part for cell in cells for part in parts_of(cell, sign)})


def marks(cells: Sequence[str], sign: str, labels: Sequence[str]) -> NDArray[np.float32]:
    """Which labels hold of each cell: `(cells, labels)` of 0 and 1."""
    found = np.zeros((len(cells), len(labels)), np.float32)
    at = {label: place for place, label in enumerate(labels)}
    for row, cell in enumerate(cells):
        for part in parts_of(cell, sign):
            found[row, at[part]] = 1.0
    return found
