"""Pictures in the files of a folder. Only paths are held; a batch decodes what it wants.

A picture that cannot be decoded is named, and another of its class stands in for it, so that one bad file
among 100,000 ends nothing. Small sets keep what they decoded.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Rows
from nodes.reading.error import DataError
from nodes.reading.picture import open_picture
from nodes.reading.picture.apart.messages import decode
from nodes.reading.picture.apart.workers import WORKERS
from nodes.reading.picture.folder_layout import Listing
from nodes.reading.picture.open_picture import PLAIN, PixelRules
from nodes.reading.picture.picture_formats import PictureError
from nodes.reading.picture.pixels import Pixels
from nodes.reading.progress import Meter, tell
from nodes.shown_text import shown

KEPT_BYTES = 256 << 20
"""Decoded pictures are kept where all of them take no more than this."""
CHECKED_AT_ONCE, SMALL_CLASS = 2000, 10
"""Pictures that are decoded before anything else: all of a set of at most so many, else those of classes that
have at most ten in a part. Bad ones among them are left out for good, as nothing may be there to stand in.
"""
THREADS = 8
"""Most threads that decode pictures of one batch."""
FEW = 8
"""Fewer pictures than this are decoded without threads."""
SAMPLED, SAMPLED_BYTES = 512, 256 << 20
"""Pictures from which the mean and deviation of the channels are estimated, and the most bytes of them."""
MOST_FAILURES = 1000
"""Pictures of a class that are tried one after the other until one can be decoded."""

T = TypeVar("T")


class PictureRows:
    """Pictures on disk as rows `(C, H, W)` of uint8. `groups` says which may stand in for each other."""

    def __init__(
        self,
        listing: Listing,
        groups: NDArray[np.int64],
        shape: tuple[int, int, int],
        fit: str,
        rules: PixelRules = PLAIN,
    ) -> None:
        self.listing, self._groups, self._sample, self._fit = listing, groups, shape, fit
        self._rules = rules
        self._lock = threading.Lock()
        count = len(listing.paths)
        self._is_bad = np.zeros(count, bool)
        self.skipped: list[str] = list(listing.notes)
        self.reasons: dict[int, str] = {}
        """Why rows could not be decoded: the name of the file and what is wrong, of the first of them."""
        keeps = count * int(np.prod(shape)) <= KEPT_BYTES
        self._kept = np.empty((count, *shape), np.uint8) if keeps else None
        self._is_kept = np.zeros(count if keeps else 0, bool)

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self), *self._sample)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.uint8)

    def __len__(self) -> int:
        return len(self.listing.paths)

    @property
    def bad(self) -> NDArray[np.int64]:
        """The rows that could not be decoded so far."""
        with self._lock:
            return np.flatnonzero(self._is_bad)

    def fetch(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        if self._kept is not None and self._is_kept[indices].all():
            return self._kept[indices]
        if self._kept is None and len(indices) >= FEW and (apart := self._apart(indices)) is not None:
            return apart
        fetched = np.empty((len(indices), *self._sample), np.uint8)
        with closing(self.each(indices)) as decoded:
            for place, picture in enumerate(decoded):
                tell("Reading pictures")
                fetched[place] = picture
        return fetched

    def _apart(self, indices: NDArray[np.int64]) -> NDArray[np.uint8] | None:
        """The same, decoded by another process; None where none is idle, and where rows are more than the
        picture in a file.
        """
        if type(self)._decode is not PictureRows._decode:
            return None
        paths = [self.listing.paths[i] for i in indices]
        found = WORKERS.decoded(paths, self._sample, self._fit, self._rules)
        if found is None:
            return None
        reasons, pixels = found
        if len(pixels) == len(indices):
            return pixels
        fetched = np.empty((len(indices), *self._sample), np.uint8)
        fetched[[reason is None for reason in reasons]] = pixels
        for place, reason in enumerate(reasons):
            if reason:
                self._skip(int(indices[place]), PictureError(reason))
            if reason is not None:
                fetched[place] = self._picture(int(indices[place]))
        return fetched

    def each(self, indices: NDArray[np.int64]) -> Generator[Pixels]:
        """These pictures one after the other, or what stands in for them. Raises `DataError`."""
        return _in_threads(self._picture, indices)

    def used(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """The row of each of these that is handed out: itself, or the one that stands in for it."""
        found = indices.copy()
        for place in np.flatnonzero(self._is_bad[indices]):
            index = int(indices[place])
            found[place] = next(i for i in self._stand_ins(index) if self._tried(i) is not None)
        return found

    def check(self, indices: NDArray[np.int64]) -> Generator[Pixels | None]:
        """The same, with None for those that cannot be decoded, which are then known to be bad."""
        return _in_threads(self._tried, indices)

    def _picture(self, index: int) -> Pixels:
        failures = 0
        for i in self._stand_ins(index):
            failures += not self._is_bad[i]
            if (picture := self._tried(i)) is not None:
                return picture
            if failures == MOST_FAILURES:
                break
        among = f" among {failures:,} of them" if failures == MOST_FAILURES else ""
        raise none_decoded(self, index, among)

    def _tried(self, i: int) -> Pixels | None:
        if self._kept is not None and self._is_kept[i]:
            kept: Pixels = self._kept[i]
            return kept
        if self._is_bad[i]:
            return None
        try:
            picture = self._decode(i)
        except PictureError as error:
            self._skip(i, error)
            return None
        if self._kept is not None:
            self._kept[i] = picture
            self._is_kept[i] = True
        return picture

    def _stand_ins(self, index: int) -> Iterator[int]:
        """The row itself, then those of its class and part that are not known to be bad: first those after
        it, then those before it.
        """
        yield index
        same = np.flatnonzero((self._groups == self._groups[index]) & ~self._is_bad)
        yield from (int(i) for i in np.roll(same, -int(np.searchsorted(same, index))) if i != index)

    def _decode(self, index: int) -> Pixels:
        return decode(self.listing.paths[index], self._sample, self._fit, self._rules)

    def _skip(self, index: int, error: PictureError) -> None:
        with self._lock:
            if not self._is_bad[index]:
                self._is_bad[index] = True
                self.skipped.append(f"{shown(self.listing.paths[index], 140)}: {error}")
                if len(self.reasons) < MOST_FAILURES:
                    self.reasons[index] = f"{shown(Path(self.listing.paths[index]).name, 60)}: {error}"


def check(rows: PictureRows, listing: Listing, indices: NDArray[np.int64]) -> None:
    """Decode these pictures, so that bad ones are known. Tells how far it is; can be called off.

    Raises `DataError` where a class has none that can be decoded.
    """
    meter = Meter(f"Reading {len(indices):,} pictures", len(indices))
    with closing(rows.check(indices)) as decoded:
        for done, _ in enumerate(decoded):
            meter.to(done)
    of_class = np.bincount(listing.labels)
    bad = np.bincount(listing.labels[rows.bad], minlength=len(of_class))
    for label in np.flatnonzero((bad == of_class) & (of_class > 0)):
        raise none_decoded(rows, int(np.argmax(listing.labels == label)))


def checked_first(groups: NDArray[np.int64], indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of the indices that are decoded before anything else, by the groups of all rows."""
    if len(indices) <= CHECKED_AT_ONCE:
        return indices
    sizes = np.bincount(groups[indices])
    return indices[sizes[groups[indices]] <= SMALL_CLASS][:CHECKED_AT_ONCE]


def none_decoded(rows: PictureRows, index: int, among: str = "") -> DataError:
    """What is told where all pictures beside this one are bad, with the reason of one of them."""
    folder = shown(str(rows.listing.paths[index].rpartition(os.sep)[0]), 150)
    reason = f", as {rows.reasons[index]}" if index in rows.reasons else ""
    return DataError(f"{folder}: Expected pictures. Received none that can be decoded{among}{reason}.")


def _in_threads(work: Callable[[int], T], indices: NDArray[np.int64]) -> Generator[T]:
    """The work on each index in order, a little ahead of who takes it; closing this waits for that alone."""
    wanted = [int(i) for i in indices]
    if len(wanted) < FEW:
        yield from map(work, wanted)
        return
    threads = min(THREADS, os.cpu_count() or 1)
    coming: deque[Future[T]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="pictures")
    try:
        for i in wanted:
            coming.append(pool.submit(work, i))
            if len(coming) > 2 * threads:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def sampled(indices: NDArray[np.int64], rows: Rows) -> NDArray[np.int64]:
    """Some of these pictures, evenly spread, from which statistics are estimated."""
    bytes_each = int(np.prod(rows.shape[1:]))
    most = max(1, min(SAMPLED, SAMPLED_BYTES // bytes_each))
    return indices[:: max(1, len(indices) // most)][: 2 * most]


def spread_rows(indices: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most so many of them, evenly spread."""
    return indices[:: max(1, -(-len(indices) // most))]


def natural_shape(listing: Listing) -> tuple[int, int, int]:
    """Channels, height and width of the first picture that opens; its header is all that is read.

    Raises `DataError` where none of the first 100 does.
    """
    reason = ""
    for path in listing.paths[:100]:
        try:
            found = open_picture.header(path)
        except PictureError as error:
            reason = reason or f": {shown(Path(path).name, 60)}: {error}"
            continue
        return (found.channels, found.height, found.width)
    raise DataError(
        f"{shown(str(listing.folder))}: Expected pictures. "
        f"Received none that can be opened among the first {min(100, len(listing.paths))} files{reason}."
    )
