"""HDF5 files, and MATLAB's of version 7.3, which are some: their data sets by name, as arrays.

Only what lies in the file itself is read: links that are not hard, external storage and virtual data sets are
refused, filters other than those of the library are too, and it is told to load none from anywhere. What
does not fit the length of the file, or unpacks to far more than data do, is refused before it is read.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nodes.reading import budget
from nodes.reading.array.hdf5_chunks import FILTERS, LARGEST_CHUNK, ChunkRows
from nodes.reading.array.hdf5_open import LIBRARY_ERRORS, damaged, h5d_of, open_file
from nodes.reading.array.store import (
    COPIES,
    MOST_ARRAYS,
    ArrayHead,
    refuse,
    require_some,
)
from nodes.reading.dataset import Array, ArrayRows, Rows
from nodes.reading.error import DataError
from nodes.reading.opened import plain
from nodes.shared.card_label import by
from nodes.shown_text import shown

MAT_73 = b"MATLAB 7.3 MAT-file"
DEEPEST, MOST_LINKS = 16, 10_000
"""Groups within groups, and links of one group, that are looked through."""
MOST_GROUPS = 1000
COMPACT = 1 << 17
"""Bytes of an array that the header of its data set holds."""
LONGEST_WORD = 1000
"""Characters of a word in an array of words."""
MOST_WORDS = 2_000_000


@dataclass(frozen=True)
class Hdf5Head(ArrayHead):
    """What an HDF5 file says of a data set. `turned`: MATLAB's order, in which the sizes are reversed."""

    address: str = ""
    turned: bool = False
    is_char: bool = False


@dataclass(frozen=True)
class Hdf5File:
    """The data sets of an HDF5 file, by their paths."""

    path: Path
    heads: Mapping[str, Hdf5Head]
    refused: Mapping[str, DataError]
    format: str
    doubles: bool

    def in_memory(self, name: str) -> bool:
        head = self.heads[name]
        return head.turned or head.dtype.kind == "U" or head.nbytes <= budget.CHECKED

    def rows(self, name: str) -> Rows:
        """An array: mapped where it lies in one piece, in chunks where it is large. Raises `DataError`."""
        head = self.heads[name]
        file = open_file(self.path)
        try:
            data_set = h5d_of().open(file.id, head.address.encode())
            found = _rows(self.path, name, data_set, head)
        except DataError:
            raise
        except LIBRARY_ERRORS as error:
            raise damaged(self.path, name, error) from error
        finally:
            file.close()
        return found


def open_hdf5(path: Path) -> Hdf5File:
    """The data sets of a file. Raises `DataError`."""
    with plain(path, "an HDF5 file") as raw:
        is_matlab = raw.read(len(MAT_73)) == MAT_73
    file = open_file(path)
    try:
        heads, refused = _found(path, file, is_matlab=is_matlab)
    finally:
        file.close()
    require_some(path, len(heads) + len(refused))
    title = "MATLAB 7.3 (HDF5)" if is_matlab else "HDF5"
    return Hdf5File(path, heads, refused, title, doubles=is_matlab)


# What there is ----------------------------------------------------------------------------------


def _found(path: Path, file: Any, *, is_matlab: bool) -> tuple[dict[str, Hdf5Head], dict[str, DataError]]:
    heads: dict[str, Hdf5Head] = {}
    refused: dict[str, DataError] = {}
    try:
        for name, kind in _walk(path, file.id):
            if kind != "data":
                refused[name] = _elsewhere(path, name, kind)
                continue
            try:
                head = _head(path, name, file.id, is_matlab=is_matlab)
            except DataError as error:
                refused[name] = copy.copy(error)
            except LIBRARY_ERRORS as error:
                refused[name] = damaged(path, name, error)
            else:
                if head is not None:
                    heads[name] = head
            if len(heads) + len(refused) > MOST_ARRAYS:
                break
    except DataError:
        raise
    except LIBRARY_ERRORS as error:
        raise DataError(
            f"{path}: Expected an HDF5 file. Received a damaged one ({shown(str(error))})."
        ) from error
    return heads, refused


def _walk(path: Path, root: Any) -> Iterator[tuple[str, str]]:
    """Every data set by its path, each group once; and links that lead elsewhere, with their kind."""
    from h5py import h5g, h5l, h5o

    seen: set[Any] = set()
    waiting = [("", h5g.open(root, b"/"), 0)]
    while waiting:
        where, group, depth = waiting.pop(0)
        at = h5o.get_info(group)
        if (at.fileno, at.addr) in seen or len(seen) > MOST_GROUPS:
            continue
        seen.add((at.fileno, at.addr))
        if group.get_num_objs() > MOST_LINKS:
            raise DataError(f"{path}: Expected at most {MOST_LINKS:,} entries of a group. Received more.")
        for raw in list(group):
            name = where + raw.decode("utf-8", "backslashreplace")
            if name.startswith("#"):  # of MATLAB's own
                continue
            kind = group.links.get_info(raw).type
            if kind != h5l.TYPE_HARD:
                yield name, "another file" if kind == h5l.TYPE_EXTERNAL else "another name"
                continue
            found = h5o.open(group, raw)
            if isinstance(found, h5g.GroupID) and depth < DEEPEST:
                waiting.append((name + "/", found, depth + 1))
            elif isinstance(found, h5d_of().DatasetID):
                yield name, "data"


def _elsewhere(path: Path, name: str, kind: str) -> DataError:
    return DataError(
        f"{path}: Expected array {name!r} in the file itself. "
        f"Received a link to {kind}, which is not followed."
    )


def _head(path: Path, name: str, root: Any, *, is_matlab: bool) -> Hdf5Head | None:
    """The header of a data set; None for one without values. Asks for sizes last: of a virtual data set that
    would open other files."""
    h5d = h5d_of()
    data_set = h5d.open(root, name.encode())
    plan = data_set.get_create_plist()
    if plan.get_layout() == h5d.VIRTUAL or plan.get_external_count():
        raise _elsewhere(path, name, "other files")
    matlab_class = _matlab_class(data_set) if is_matlab else ""
    dtype = _dtype(path, name, data_set.get_type(), matlab_class)
    shape = tuple(int(size) for size in data_set.shape)
    if 0 in shape or (is_matlab and _has(data_set, b"MATLAB_empty")):
        return None
    if matlab_class == "logical":
        dtype = np.dtype(bool)
    if plan.get_layout() == h5d.CHUNKED:
        _require_chunks(path, name, data_set, plan)
    _require_written(path, name, data_set, plan)
    shape = shape[::-1] if is_matlab else shape
    is_char = matlab_class == "char"
    return Hdf5Head(shape[:1] if is_char else shape, dtype, name, is_matlab, is_char)


def _require_chunks(path: Path, name: str, data_set: Any, plan: Any) -> None:
    """Raise `DataError` where chunks are packed otherwise than is read here, or are too large."""
    for i in range(plan.get_nfilters()):
        code, _, _, title = plan.get_filter(i)
        if code not in FILTERS:
            received = f"values packed by filter {code} ({shown(str(title))}); pack them with gzip"
            raise refuse(path, name, received)
    nbytes = int(np.prod(plan.get_chunk(), dtype=object)) * int(data_set.get_type().get_size())
    if nbytes > LARGEST_CHUNK:
        raise DataError(
            f"{path}, array {name!r}: Expected chunks of at most {LARGEST_CHUNK:,} bytes. "
            f"Received {nbytes:,}."
        )


def _require_written(path: Path, name: str, data_set: Any, plan: Any) -> None:
    """Raise `DataError` where there are far more values than bytes for them in the file."""
    nbytes = int(np.prod(data_set.shape, dtype=object)) * int(data_set.get_type().get_size())
    if plan.get_layout() == h5d_of().COMPACT and nbytes <= COMPACT:
        return
    held = int(data_set.get_storage_size())
    if not held:
        raise refuse(path, name, "none: none were ever written")
    budget.require_ratio(f"{path}, array {name!r}", nbytes, min(held, path.stat().st_size))


def _dtype(path: Path, name: str, kind: Any, matlab_class: str) -> np.dtype[np.generic]:
    from h5py import h5t

    if kind.get_class() == h5t.STRING:
        return np.dtype("U")
    if matlab_class == "char":
        return np.dtype("U")
    if kind.get_class() not in (h5t.INTEGER, h5t.FLOAT, h5t.ENUM):
        words = {h5t.COMPOUND: "records (complex numbers, or fields)", h5t.REFERENCE: "references (cells)"}
        raise refuse(path, name, words.get(kind.get_class(), "values of another kind"))
    found = np.dtype(kind.dtype)
    if found.kind not in "buif":
        raise refuse(path, name, shown(str(found)))
    plain_dtype: np.dtype[np.generic] = np.dtype(found.str)  # without the names of an enumeration
    return plain_dtype


def _has(data_set: Any, name: bytes) -> bool:
    from h5py import h5a

    return bool(h5a.exists(data_set, name))


def _matlab_class(data_set: Any) -> str:
    from h5py import h5a, h5t

    if not _has(data_set, b"MATLAB_class"):
        return ""
    told = h5a.open(data_set, b"MATLAB_class")
    kind = told.get_type()
    if kind.get_class() != h5t.STRING or kind.is_variable_str() or kind.get_size() > 64 or told.shape != ():
        return ""
    found = np.zeros((), f"S{kind.get_size()}")
    told.read(found)
    return bytes(found).rstrip(b"\0").decode("ascii", "replace")


# Values -----------------------------------------------------------------------------------------


def _rows(path: Path, name: str, data_set: Any, head: Hdf5Head) -> Rows:
    from h5py import h5t

    h5d, place = h5d_of(), f"{path}, array {name!r}"
    kind, plan = data_set.get_type(), data_set.get_create_plist()
    if kind.get_class() == h5t.STRING:
        return ArrayRows(_words(place, data_set, kind, path.stat().st_size))
    stored = np.dtype(np.dtype(kind.dtype).str)
    shape = tuple(int(size) for size in data_set.shape)
    nbytes = int(np.prod(shape, dtype=object)) * stored.itemsize
    if plan.get_layout() == h5d.CONTIGUOUS and data_set.get_offset() is not None:
        array: Array = _mapped(place, path, stored, data_set.get_offset(), shape)
    elif plan.get_layout() == h5d.CHUNKED:
        chunks = ChunkRows.of(path, name, head.address, data_set)
        if nbytes > budget.CHECKED and not head.turned:
            return chunks
        budget.require_room(place, COPIES * nbytes, f"sizes {by(shape)}")
        array = chunks.fetch(np.arange(shape[0])) if shape else np.zeros((), stored)
    else:
        array = np.empty(shape, stored)
        data_set.read(_h5s_all(), _h5s_all(), array)
    if head.is_char:
        return ArrayRows(_joined(array))
    array = array.view(bool) if head.dtype == bool and array.dtype.itemsize == 1 else array
    return ArrayRows(array.T if head.turned else array)


def _h5s_all() -> Any:
    from h5py import h5s

    return h5s.ALL


def _mapped(
    place: str, path: Path, dtype: np.dtype[np.generic], offset: int, shape: tuple[int, ...]
) -> Array:
    length = path.stat().st_size
    wanted = offset + int(np.prod(shape, dtype=object)) * dtype.itemsize
    if wanted > length:
        raise DataError(
            f"{place}: Expected values to byte {wanted:,}. Received a file of {length:,}; it is cut "
            "or damaged."
        )
    with plain(path, "an HDF5 file") as file:
        array: Array = np.memmap(file, dtype, "r", offset, shape)
        return array


def _words(place: str, data_set: Any, kind: Any, length: int) -> Array:
    """Words of fixed or of variable length, read a few at a time: each may be as long as the file."""
    import h5py

    count = int(np.prod(data_set.shape, dtype=object))
    if not 0 < count <= MOST_WORDS or (not kind.is_variable_str() and kind.get_size() > 4 * LONGEST_WORD):
        raise DataError(
            f"{place}: Expected at most {MOST_WORDS:,} words of up to {LONGEST_WORD:,} characters. "
            f"Received {count:,} of up to {'any number of' if kind.is_variable_str() else kind.get_size()}."
        )
    whole = h5py.Dataset(data_set)
    if whole.ndim == 0:
        return np.array(_word(place, whole[()]))
    row = max(1, count // whole.shape[0])
    step = max(1, min(10_000, (32 << 20) // max(1, min(length, 1 << 20))) // row)
    found: list[str] = []
    for start in range(0, whole.shape[0], step):
        found += [_word(place, word) for word in np.ravel(whole[start : start + step])]
    return np.array(found).reshape(whole.shape)


def _word(place: str, word: Any) -> str:
    text = word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word)
    if len(text) > LONGEST_WORD:
        raise DataError(
            f"{place}: Expected words of up to {LONGEST_WORD:,} characters. Received one of {len(text):,}."
        )
    return text.rstrip("\0")


def _joined(codes: Array) -> Array:
    """MATLAB's characters, stored (length, words), as words."""
    lines = codes.reshape(codes.shape[0], -1).T
    return np.array(["".join(map(chr, line)).rstrip(" \0") for line in lines.tolist()])
