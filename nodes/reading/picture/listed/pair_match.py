"""Whether a folder or table that was dropped has pairs of pictures; and the pairs that were read, kept."""

from __future__ import annotations

import os
from collections.abc import Hashable
from itertools import islice
from pathlib import Path

from nodes.reading.kept import KeptAnswers
from nodes.reading.look import Recognised
from nodes.reading.picture.folder_layout import Listing
from nodes.reading.picture.foreign_names import is_foreign
from nodes.reading.picture.listed.mask_pairs import PairRules, list_pairs
from nodes.reading.picture.listed.mask_values import MaskClasses, find_classes
from nodes.reading.picture.listed.pair_names import (
    MASK_BEHIND,
    MASKS,
    bare,
    folders_of_masks,
    folders_of_partners,
    key,
    key_of_object,
    may_be_classes,
    shared_ends,
    stem,
)
from nodes.reading.picture.listed.table_match import lists_pictures
from nodes.reading.picture.part_names import part_of
from nodes.reading.picture.picture_formats import SUFFIXES

LOOKED_AT = 400
"""Entries of a folder that are looked at."""
DEEPEST = 3
_listings: KeptAnswers[Listing] = KeptAnswers(2)
_classes: KeptAnswers[MaskClasses] = KeptAnswers(8)


def kept_pairs(path: Path, rules: PairRules, version: Hashable) -> Listing:
    """The pairs, found once for each version of the folder or table."""
    if not version:
        return list_pairs(path, rules)
    return _listings.get((path, rules, version), lambda: list_pairs(path, rules), errors=False)


def kept_classes(listing: Listing, asked: tuple[str, str, str], version: Hashable) -> MaskClasses:
    """What the values of the masks stand for, found once for each version of the folder or table."""
    if not version:
        return find_classes(listing.partners, listing.joined, *asked)
    key = (listing.folder, listing.partners[0], listing.partners[-1], asked, version)
    return _classes.get(key, lambda: find_classes(listing.partners, listing.joined, *asked), errors=False)


def recognise_pairs(path: Path, *, are_masks: bool) -> Recognised | None:
    """How a folder or table is read as pairs; None where it has none. Looks at names alone."""
    found = lists_pictures(path, 2)
    if found is not None:
        table, columns = found
        if any(bare(word) in MASKS for word in (columns[1], *columns[1].split("_"))) is are_masks:
            why = f"columns {columns[0]} and {columns[1]} of {table.name} name pictures"
            return Recognised(90, {"path": str(table)}, why)
        return None
    if not path.is_dir():
        return None
    names = _two_folders(str(path), 0, are_masks=are_masks)
    if names is None:
        return None
    return Recognised(55 if "may be classes" in names else 85, {"path": str(path)}, names)


def _two_folders(folder: str, depth: int, *, are_masks: bool) -> str | None:
    """Why a folder has pairs, as a sentence; None where it has none."""
    dirs, files = _inside(folder)
    find = folders_of_masks if are_masks else folders_of_partners
    two = find(dirs)
    if two is not None and are_alike(folder, two):
        doubt = " (which may be classes too)" if not are_masks and may_be_classes(two) else ""
        return f"it has the folders {two[0]} and {two[1]}{doubt}"
    if are_masks and not dirs and files:
        masks = sum(bool(MASK_BEHIND.search(os.path.splitext(name)[0])) for name in files)  # noqa: PTH122
        if masks >= 0.3 * len(files):
            return "names of half of its pictures end with a word such as _mask"
    if are_masks and len(dirs) > 1 and not files and (two := _in_each(folder, dirs)):
        return f"each of its folders has the folders {two[0]} and {two[1]}"
    if depth < DEEPEST and dirs and (len(dirs) == 1 or any(part_of(name) is not None for name in dirs)):
        inner = next((name for name in dirs if part_of(name) is not None), dirs[0])
        return _two_folders(f"{folder}{os.sep}{inner}", depth + 1, are_masks=are_masks)
    return None


def _in_each(folder: str, dirs: list[str]) -> tuple[str, str] | None:
    """The folders of pictures and of masks that the first folders have, each with one picture."""
    found = None
    for name in dirs[:3]:
        within = f"{folder}{os.sep}{name}"
        found = folders_of_masks(_inside(within)[0])
        if found is None or len(_inside(f"{within}{os.sep}{found[0]}")[1]) != 1:
            return None
        if not _inside(f"{within}{os.sep}{found[1]}")[1]:
            return None
    return found


def _inside(folder: str) -> tuple[list[str], list[str]]:
    """The names of folders and of pictures in it, sorted."""
    dirs, files = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, LOOKED_AT):
                if is_foreign(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    dirs.append(entry.name)
                elif os.path.splitext(entry.name)[1].lower() in SUFFIXES:  # noqa: PTH122
                    files.append(entry.name)
    except OSError:
        return [], []
    return sorted(dirs), sorted(files)


def are_alike(folder: str, two: tuple[str, str]) -> bool:
    """Whether two folders have pictures, half of which share their names at least, as far as is looked at."""
    first, second = (_names_below(f"{folder}{os.sep}{name}", 0) for name in two)
    if not first or not second:
        return False
    known = {key(name, "mask") for name in second} | {stem(name) for name in second}
    known |= {key_of_object(name) for name in second}
    shared = sum(stem(name) in known or key(name, "picture") in known for name in first)
    both = [sorted(map(stem, names)) for names in (first, second)]
    cut = []
    for names in both:
        before, after = shared_ends(names)
        cut.append({name[before : len(name) - after] for name in names})
    return max(shared, len(cut[0] & cut[1])) >= 0.5 * min(len(first), len(second), LOOKED_AT // 2)


def _names_below(folder: str, depth: int) -> list[str]:
    """The names of pictures in a folder, or else in the first folders of it."""
    dirs, files = _inside(folder)
    if files or depth == DEEPEST:
        return files
    return [
        f"{name}/{file}" for name in dirs[:3] for file in _names_below(f"{folder}{os.sep}{name}", depth + 1)
    ]
