"""Listings of folders of sounds, kept while the folders stay; and those of one rate alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.reading.sound.sound_rows import SoundListing, listing

_listings: KeptAnswers[SoundListing] = KeptAnswers(2)


def listing_of(folder: Path) -> SoundListing:
    """The sounds of a folder; their headers are read once. Raises `DataError`."""
    return _listings.of_file(folder, lambda: listing(folder))


def of_rate(found: SoundListing, rate: int) -> SoundListing:
    """The sounds of this rate, and a sentence on the others. Raises `DataError` where there is none."""
    pairs = [pair for pair in zip(found.kept, found.heads, strict=True) if pair[1].rate == rate]
    if not pairs:
        raise DataError(f"sample_rate: Expected one of {sorted(found.rates)} Hz. Received {rate} Hz.")
    count = len(found.kept) - len(pairs)
    note = (f"left out: sounds of other rates than {rate:,} Hz ({count:,})",) if count else ()
    kept, heads = zip(*pairs, strict=True)
    return replace(found, kept=kept, heads=heads, notes=(*found.notes, *note))
