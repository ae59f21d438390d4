"""Whether a table, or the one table in a folder, lists pictures; and the lists that were read, kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import islice
from pathlib import Path

from nodes.reading.kept import KeptAnswers
from nodes.reading.picture.folder_layout import Listing
from nodes.reading.picture.foreign_names import is_foreign
from nodes.reading.picture.listed.picture_table import PictureTable, names_pictures
from nodes.reading.picture.listed.table_targets import TargetRules, listing_of
from nodes.regular_file import is_regular

ENDINGS = (".csv", ".tsv", ".tab", ".txt")
MOST_ENTRIES = 1000
"""Entries of a folder among which a table is looked for."""
_listings: KeptAnswers[Listing] = KeptAnswers(2)


def lists_pictures(path: Path, columns: int) -> tuple[Path, tuple[str, ...]] | None:
    """The table and its columns of files, where there are at least so many; None where there is none.

    Of a folder: the only table in it, where that lists pictures. Raises nothing.
    """
    table = _table_in(path) if path.is_dir() else path
    if table is None or table.suffix.lower() not in ENDINGS or not is_regular(table):
        return None
    found = names_pictures(table, columns)
    return (table, found) if found else None


def _table_in(folder: Path) -> Path | None:
    try:
        found = [
            path
            for path in islice(folder.iterdir(), MOST_ENTRIES)
            if path.suffix.lower() in ENDINGS[:3] and not is_foreign(path.name)
        ]
    except OSError:
        return None
    return found[0] if len(found) == 1 else None


def kept_listing(key: tuple[Hashable, ...], read: Callable[[], PictureTable], rules: TargetRules) -> Listing:
    """The pictures of a table by the rules, kept for this key; without a version (None) read anew."""
    if key[-1] is None:
        return listing_of(read(), rules)
    return _listings.get(key, lambda: listing_of(read(), rules), errors=False)
