"""Samples that a run kept: which sets there are, and their arrays, from the run's folder or from memory.

A set is a compressed NumPy archive, `samples/PATH/STEP.npz`, without pickled objects; pictures are stored in
256 levels. Reading needs no torch, may be done from any thread and while the run writes, and refuses files
that are not what they should be.
"""

from __future__ import annotations

import io
import math
import re
import shutil
import sys
import threading
import zipfile
import zlib
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, unquote

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.runs.plain_files import ArchiveError, content, is_folder
from engine.system.atomic_write import write_atomically
from nodes.shared.drawn_function import ON_THE_WAY
from nodes.shown_text import quoted
from nodes.user_error import UserError

Arrays = dict[str, NDArray[Any]]
NAMES = ("samples", "trail", "trail_steps", "real", "label", "prompt", "text", "columns", "epoch")
_WHOLE = ("epoch", "columns", "trail_steps")
"""Those that are whole numbers."""
LARGEST = 1 << 28
"""Bytes that one set may unpack to."""
MOST = 200
"""Sets kept of one sampler; the first and the newest are never let go."""
MOST_ENTRIES = 10_000
"""The most entries of a folder that are looked at."""
MOST_DIRECTORY = 8 << 10
"""Bytes of an archive's list of its arrays."""
MOST_IN_MEMORY = 64 << 20
"""Packed bytes of one sampler's sets in memory."""
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_LONGEST_END = 22 + (1 << 16)
"""Bytes of the end of a zip archive with its comment."""
_FILE = re.compile(r"(\d{1,15})\.npz")
_BROKEN = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
)


class HistoryError(UserError, ValueError):
    """A kept set cannot be read. Says where, what was expected and what came."""


class SampleHistory:
    """The kept sets of one run. `folder` is the run's `samples` folder; None: in memory."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._memory: dict[str, dict[int, bytes]] = {}

    def paths(self) -> tuple[str, ...]:
        """The samplers of which there is something."""
        if self.folder is None:
            with self._lock:
                return tuple(sorted(self._memory))
        if not is_folder(self.folder):
            return ()
        entries = islice(self.folder.iterdir(), MOST_ENTRIES)
        found = (unquote(entry.name) for entry in entries if is_folder(entry))
        return tuple(sorted(path for path in found if self.steps(path)))

    def steps(self, path: str) -> list[int]:
        """The training steps at which sets were kept, in order; 0 is before training."""
        if self.folder is None:
            with self._lock:
                return sorted(self._memory.get(path, ()))
        place = self._place(path)
        if not is_folder(place):
            return []
        names = (_FILE.fullmatch(entry.name) for entry in islice(place.iterdir(), MOST_ENTRIES))
        return sorted(int(name[1]) for name in names if name)

    def load(self, path: str, step: int) -> Arrays:
        """The arrays of one set, and `epoch`, the epoch at whose end it was kept. Raises `HistoryError`."""
        where = f"{path} at step {step}"
        if self.folder is None:
            with self._lock:
                packed = self._memory.get(path, {}).get(step)
            if packed is None:
                raise HistoryError(f"{where}: Expected a kept set of samples. Received none.")
            return _unpacked(io.BytesIO(packed), where)
        file = self._file(path, step)
        try:
            return _unpacked(io.BytesIO(content(file, LARGEST)), str(file))
        except (OSError, ArchiveError) as error:
            why = str(error).rstrip(".")
            raise HistoryError(f"{file}: Expected a kept set of samples. Received: {why}.") from error

    def keep(self, path: str, step: int, epoch: int, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep a set. Raises `OSError` where the disk refuses; what was there is then as it was."""
        kept = {name: one for name, one in arrays.items() if not name.startswith(ON_THE_WAY)}
        data = _packed({**kept, "epoch": np.array(epoch)})
        if self.folder is None:
            with self._lock:
                self._memory.setdefault(path, {})[step] = data
        else:
            self._place(path).mkdir(parents=True, exist_ok=True)
            write_atomically(self._file(path, step), data)
        self._thin(path)

    def forget_after(self, step: int) -> None:
        """Drop the sets of later steps: a run that goes on from here will make them anew."""
        for path in self.paths():
            for later in self.steps(path):
                if later > step:
                    self._drop(path, later)

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._memory.clear()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _thin(self, path: str) -> None:
        """Let go, one by one, the set whose neighbours stand closest, so that the whole course stays."""
        steps = self.steps(path)
        while len(steps) > 2 and (len(steps) > MOST or self._held_bytes(path) > MOST_IN_MEMORY):
            place = min(range(1, len(steps) - 1), key=lambda i: steps[i + 1] - steps[i - 1])
            self._drop(path, steps.pop(place))

    def _held_bytes(self, path: str) -> int:
        with self._lock:
            return sum(map(len, self._memory.get(path, {}).values()))

    def _drop(self, path: str, step: int) -> None:
        if self.folder is None:
            with self._lock:
                self._memory.get(path, {}).pop(step, None)
        else:
            self._file(path, step).unlink(missing_ok=True)

    def _place(self, path: str) -> Path:
        assert self.folder is not None
        return self.folder / quote(path, safe="").replace("..", "%2E%2E")  # no name leads out of the folder

    def _file(self, path: str, step: int) -> Path:
        return self._place(path) / f"{step:09d}.npz"


# The format ---------------------------------------------------------------------------------------------


def _packed(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    unknown = sorted(set(arrays) - set(NAMES))
    if unknown:
        raise ValueError(f"Expected arrays named {', '.join(NAMES)}. Received {unknown[0]!r}.")
    buffer = io.BytesIO()
    held = {name: _levels(array) if _is_picture(name, array) else array for name, array in arrays.items()}
    np.savez_compressed(buffer, allow_pickle=False, **held)
    return buffer.getvalue()


def _is_picture(name: str, array: NDArray[Any]) -> bool:
    return array.dtype == np.float32 and array.ndim == {"trail": 5}.get(name, 4)


def _levels(array: NDArray[Any]) -> NDArray[np.uint8]:
    return np.rint(array * 255.0).clip(0, 255).astype(np.uint8)


def _unpacked(file: BinaryIO, where: str) -> Arrays:
    try:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive:
            heads = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
            unknown = sorted(set(heads) - set(NAMES))
            if unknown or not {"samples", "text"} & set(heads):
                names = ", ".join(map(quoted, sorted(heads)[:8]))
                raise ValueError(f"arrays named {names or 'nothing'}")
            if not {entry.compress_type for entry in heads.values()} <= _PACKINGS:
                raise ValueError("arrays that are packed in another way")
            _check_sizes(archive, heads)
            found: Arrays = {}
            for name in heads:
                with archive.open(heads[name]) as entry:
                    found[name] = npy.read_array(entry, allow_pickle=False)
    except _BROKEN as error:
        raise HistoryError(f"{where}: Expected a kept set of samples. Received: {error}.") from error
    return {name: _checked(name, array, where) for name, array in found.items()}


def _check_directory(file: BinaryIO) -> None:
    """Read the end of the archive only: its list of arrays must be as short as that of a set is."""
    tail = file.seek(0, io.SEEK_END)
    file.seek(max(0, tail - _LONGEST_END))
    end = file.read(_LONGEST_END)
    at = end.rfind(b"PK\5\6")
    size = int.from_bytes(end[at + 12 : at + 16], "little") if at >= 0 else 0
    if size > MOST_DIRECTORY:
        raise ValueError(f"a list of arrays of {size:,} bytes")
    file.seek(0)


def _check_sizes(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> None:
    """Read the headers only: what they announce must be numbers or texts, and must fit in memory."""
    total = 0
    for name, entry in entries.items():
        with archive.open(entry) as opened:
            version = npy.read_magic(opened)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _, dtype = read(opened)
        kind = "U" if name in ("text", "prompt") else "ui" if name in _WHOLE else "uif"
        if dtype.kind not in kind or (dtype.kind != "U" and dtype.itemsize > 8) or len(shape) > 6:
            raise ValueError(f"{dtype} with {len(shape)} dimensions in {name!r}")
        if any(size < 1 for size in shape):
            raise ValueError(f"the shape {shape} in {name!r}")
        total += math.prod(shape) * (4 if dtype == np.uint8 else max(dtype.itemsize, 1))  # see _checked
    if total > LARGEST:
        raise ValueError(f"{total:,} bytes")


def _checked(name: str, array: NDArray[Any], where: str) -> NDArray[Any]:
    ranks = {"text": (1,), "prompt": (1,), "columns": (0,), "epoch": (0,), "label": (1,), "trail_steps": (1,)}
    allowed = ranks.get(name, (3, 4, 5, 6) if name == "trail" else (2, 3, 4, 5))
    if array.ndim not in allowed:
        expected = " or ".join(map(str, allowed))
        raise HistoryError(f"{where}: Expected {expected} dimensions in {name!r}. Received {array.ndim}.")
    is_text = name in ("text", "prompt") and array.size
    if is_text and int(array.view(np.uint32).max()) > sys.maxunicode:
        raise HistoryError(f"{where}: Expected characters in {name!r}. Received numbers that are none.")
    if name in ("samples", "trail", "real") and array.dtype == np.uint8:
        return array.astype(np.float32) / np.float32(255.0)
    return array
