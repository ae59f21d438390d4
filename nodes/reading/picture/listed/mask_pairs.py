"""Pictures and what belongs to each: a mask or another picture, matched by name in two folders or by a table.

A picture without its partner, and a partner without its picture, are named and left out.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nodes.reading.error import DataError
from nodes.reading.look import Fact
from nodes.reading.picture.folder_layout import DEEPEST, Listing
from nodes.reading.picture.listed.pair_names import (
    MASK_BEHIND,
    folders_of_masks,
    folders_of_partners,
    key,
    key_of_object,
    shared_ends,
    stem,
)
from nodes.reading.picture.listed.picture_table import read_table
from nodes.reading.picture.part_names import parts_among
from nodes.reading.picture.picture_walk import Walk
from nodes.reading.split import TEST, TRAIN, VALIDATION
from nodes.shown_text import listed, shown


@dataclass(frozen=True)
class PairRules:
    """Where the pictures and their partners lie: names of two folders, or of two columns of a table; empty:
    as their names say. `are_masks`: partners are masks, not pictures.
    """

    first: str = ""
    second: str = ""
    are_masks: bool = True

    @property
    def word(self) -> str:
        """What a partner is called."""
        return "mask" if self.are_masks else "partner"


@dataclass(frozen=True)
class _Pairs:
    """Pictures and partners of one part, and a sentence on each kind of file that has none."""

    found: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def list_pairs(path: Path, rules: PairRules) -> Listing:
    """The pictures with a partner each, which is in `Listing.partners`. Raises `DataError`."""
    return _of_table(path, rules) if not path.is_dir() else _of_folder(path, rules)


def _of_table(path: Path, rules: PairRules) -> Listing:
    wanted = (rules.first, rules.second) if rules.first and rules.second else ()
    table = read_table(path, wanted, 2)
    if len(table.file_columns) < 2:
        raise DataError(
            f"{shown(str(path), 100)}: Expected two columns of files, pictures and {rules.word}s. "
            f"Received one, {shown(table.names[table.file_columns[0]])}."
        )
    names = [table.names[column] for column in table.file_columns]
    fact = Fact(
        "Pairs", f"{shown(names[0])} with {shown(names[1])}", "these columns name files that are there"
    )
    pairs = tuple((files[0], files[1]) for files in table.files)
    return _listing(path, rules, _Pairs(pairs, table.left_out), None, (fact,))


def _of_folder(folder: Path, rules: PairRules) -> Listing:
    walk = Walk(folder)
    inside, bare = _unwrapped(walk, str(folder))
    parts = parts_among(inside)
    within = {name: walk.inside(inside[name]) for names in parts.values() for name in names}
    if TRAIN in parts and any(_two_folders(dirs, rules) for dirs, _ in within.values()):
        return _of_parts(folder, walk, rules, inside, parts)
    pairs, fact = _pairs(walk, inside, bare, rules)
    if not fact and rules.are_masks and not bare:
        pairs, fact = _pairs_of_each(walk, inside, rules)
    if not fact:
        raise DataError(
            f"{shown(str(folder), 100)}: Expected two folders, as images and {rules.word}s, with files of "
            f"the same names. Received {listed(inside) or 'no folders'}; name them in the parameters."
        )
    return _listing(folder, rules, pairs, None, (fact,), walk)


def _unwrapped(walk: Walk, where: str) -> tuple[dict[str, str], list[str]]:
    """What is in a folder; of one with nothing but another folder that is no part, what is in that."""
    inside, bare = walk.inside(where)
    for _ in range(DEEPEST):
        if len(inside) != 1 or bare or parts_among(inside):
            break
        inside, bare = walk.inside(next(iter(inside.values())))
    return inside, bare


def _of_parts(
    folder: Path, walk: Walk, rules: PairRules, inside: dict[str, str], parts: dict[int, list[str]]
) -> Listing:
    held = parts.get(VALIDATION) or parts.get(TEST) or []
    used = [*parts[TRAIN], *held]
    walk.leave_out(path for name, path in inside.items() if name not in used)
    found: list[tuple[str, str]] = []
    notes, facts, training = list[str](), list[Fact](), 0
    joined: dict[str, tuple[str, ...]] = {}
    for name in used:
        pairs, fact = _pairs(walk, *walk.inside(inside[name]), rules)
        found += pairs.found
        joined |= pairs.joined
        notes += pairs.notes
        facts += [fact] if fact and not facts else []
        training += len(pairs.found) if name in parts[TRAIN] else 0
    if held and training < len(found):
        words = f"{listed(parts[TRAIN])} trains, {listed(held)} validates"
        facts.append(Fact("Parts", words, "their names say so"))
    is_split = 0 < training < len(found)
    pairs = _Pairs(tuple(found), tuple(notes), joined)
    return _listing(folder, rules, pairs, training if is_split else None, tuple(facts), walk)


def _two_folders(inside: dict[str, str], rules: PairRules) -> tuple[str, str] | None:
    if rules.first and rules.second:
        both = (rules.first, rules.second)
        return both if set(both) <= set(inside) else None
    return folders_of_masks(inside) if rules.are_masks else folders_of_partners(inside)


def _pairs(
    walk: Walk, inside: dict[str, str], bare: list[str], rules: PairRules
) -> tuple[_Pairs, Fact | None]:
    """The pairs of one folder: in two folders of it, or side by side with `_mask` behind the name."""
    two = _two_folders(inside, rules)
    if two is not None:
        walk.leave_out(path for name, path in inside.items() if name not in two)
        walk.note_loose(bare)
        first, second = (walk.pictures(inside[name]) for name in two)
        pairs = _matched(first, second, (inside[two[0]], inside[two[1]]), rules)
        why = "they are chosen" if rules.first and rules.second else "their names say so"
        return pairs, Fact("Pairs", f"{shown(two[0])} with {shown(two[1])}", f"{why}; files match by name")
    masks = [path for path in bare if MASK_BEHIND.search(stem(path))] if rules.are_masks else []
    if masks:
        pictures = sorted(set(bare) - set(masks))
        base = os.path.dirname(bare[0])  # noqa: PTH120
        fact = Fact("Pairs", "side by side", "names of masks end with a word such as _mask")
        return _matched(pictures, masks, (base, base), rules), fact
    return _Pairs(()), None


def _pairs_of_each(walk: Walk, inside: dict[str, str], rules: PairRules) -> tuple[_Pairs, Fact | None]:
    """The pairs where each picture has a folder of its own, with one of masks in it, one for each object."""
    found: list[tuple[str, str]] = []
    joined: dict[str, tuple[str, ...]] = {}
    others, named = [], ("", "")
    for name, path in inside.items():
        within = walk.inside(path)[0]
        two = _two_folders(within, rules)
        pictures, masks = ([walk.pictures(within[one]) for one in two]) if two else ([], [])
        if two is None or len(pictures) != 1 or not masks:
            others.append(name)
            continue
        found.append((pictures[0], masks[0]))
        joined |= {masks[0]: tuple(masks[1:])} if len(masks) > 1 else {}
        named = two
    if not found:
        return _Pairs(()), None
    walk.leave_out(inside[name] for name in others)
    ending = "no picture with masks: left out"
    notes = _note(others, f"has {ending}", f"have {ending}", "folder")
    why = "each picture has a folder of its own"
    fact = Fact("Pairs", f"{shown(named[0])} with {shown(named[1])}", why)
    return _Pairs(tuple(found), tuple(notes), joined), fact


def _of_objects(
    short: dict[str, str], other: dict[str, str], found: dict[str, str], taken: set[str]
) -> dict[str, tuple[str, ...]]:
    """Match masks of single objects, as 7_1 and 7_2, with the picture 7 that has none; returns those beyond
    the first, by it."""
    by_key: dict[str, list[str]] = {}
    for path, name in other.items():
        if path not in taken and (shared := key_of_object(name)):
            by_key.setdefault(shared, []).append(path)
    joined: dict[str, tuple[str, ...]] = {}
    for path, name in short.items():
        masks = by_key.get(stem(name)) or by_key.get(key(name, "picture"))
        if path not in found and masks:
            found[path] = masks[0]
            taken.update(masks)
            joined |= {masks[0]: tuple(masks[1:])} if len(masks) > 1 else {}
    return joined


def _matched(first: Sequence[str], second: Sequence[str], bases: tuple[str, str], rules: PairRules) -> _Pairs:
    """Pairs of the same name below their folders; then of those left, of the same name but for a word."""
    short = {path: path[len(bases[0]) + 1 :] for path in first}
    other = {path: path[len(bases[1]) + 1 :] for path in second}
    by_stem = {stem(name): path for path, name in reversed(other.items())}
    found = {path: by_stem[stem(name)] for path, name in short.items() if stem(name) in by_stem}
    taken = set(found.values())
    by_key: dict[str, list[str]] = {}
    for path, name in other.items():
        if path not in taken:
            by_key.setdefault(key(name, "mask"), []).append(path)
    several = []
    for path, name in short.items():
        left = by_key.get(key(name, "picture")) or by_key.get(stem(name)) if path not in found else None
        if left:
            found[path] = left[0]
            taken.update(left)
            several += [name] if len(left) > 1 else []
    joined = _of_objects(short, other, found, taken) if rules.are_masks else {}
    _match_between_ends(short, other, found, taken)
    lone = [name for path, name in short.items() if path not in found]
    spare = [name for path, name in other.items() if path not in taken]
    notes = [
        *_note(lone, f"has no {rules.word}: left out", f"have no {rules.word}: left out", "picture"),
        *_note(spare, "has no picture: left out", "have no picture: left out", rules.word),
        *_note(several, f"has several {rules.word}s; the first is used",
               f"have several {rules.word}s; the first is used", "picture"),
    ]  # fmt: skip
    return _Pairs(tuple((path, found[path]) for path in first if path in found), tuple(notes), joined)


def _match_between_ends(
    short: dict[str, str], other: dict[str, str], found: dict[str, str], taken: set[str]
) -> None:
    """Match those that are left by what differs in each folder, where all names begin or end alike."""
    cut: list[dict[str, str]] = []
    for names, used in ((short, set(found)), (other, taken)):
        left = {path: stem(name) for path, name in names.items() if path not in used}
        before, after = shared_ends(list(left.values()))
        cut.append({name[before : len(name) - after]: path for path, name in left.items()})
    for name in cut[0].keys() & cut[1].keys():
        found[cut[0][name]] = cut[1][name]
        taken.add(cut[1][name])


def _note(names: list[str], one: str, several: str, what: str) -> list[str]:
    if not names:
        return []
    counted = f"1 {what} {one}" if len(names) == 1 else f"{len(names):,} {what}s {several}"
    return [f"{counted}: {listed(names, 2)}"]


def _listing(
    path: Path,
    rules: PairRules,
    pairs: _Pairs,
    training: int | None,
    facts: tuple[Fact, ...],
    walk: Walk | None = None,
) -> Listing:
    notes = (*pairs.notes, *(walk.notes if walk else ()))
    if len(pairs.found) < 2:
        received = "; ".join([f"{len(pairs.found)} of them", *notes])
        raise DataError(
            f"{shown(str(path), 60)}: Expected at least 2 pictures with a {rules.word} of the same name. "
            f"Received {received}."
        )
    if pairs.joined:
        count = len(pairs.joined) + sum(map(len, pairs.joined.values()))
        several = f"{len(pairs.joined):,} of {len(pairs.found):,} pictures have several masks"
        why = f"{several}, {count:,} in all; of each pixel the largest value counts"
        facts = (*facts, Fact("Masks", "joined", why))
    return Listing(
        path,
        tuple(first for first, _ in pairs.found),
        np.zeros(len(pairs.found), np.int64),
        (),
        training=training,
        notes=notes,
        facts=facts,
        partners=tuple(second for _, second in pairs.found),
        joined=pairs.joined,
    )
