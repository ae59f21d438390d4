"""The checkpoints of a run's folder, from their headers: which there are, which a run can go on from, and
which cannot be read.

The folder is not trusted: only plain files of it are opened. Does not import torch.
"""

from __future__ import annotations

import math
import os
import re
import struct
from pathlib import Path
from typing import Annotated

import msgspec

from engine.runs.plain_files import ArchiveError, Count, decoded, is_folder, own_file, reason
from nodes.regular_file import open_regular

CHECKPOINTS = "checkpoints"
LARGEST_HEADER = 32 << 20
"""The most bytes of the header of a checkpoint."""
MOST_FILES = 100_000
"""The most entries of the folder that are looked at."""
SUFFIX = ".safetensors"
STEP_FILE = re.compile(r"step-(\d{1,18})\.safetensors")
KINDS = ("last", "best", "initial", "sound")
ITEM_BYTES = {
    **dict.fromkeys(("F64", "I64", "U64"), 8),
    **dict.fromkeys(("F32", "I32", "U32"), 4),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 2),
    **dict.fromkeys(("I8", "U8", "BOOL"), 1),
}
"""Bytes of one number by the format's name of its kind."""
STARTS = ("last", "best", "sound", "kept", "initial")
"""The kinds whose weights a new run or samples take over, the best suited first."""
RESUMABLE = ("last", "kept", "initial")
"""The kinds from which a run can go on."""


class Checkpoint(msgspec.Struct, frozen=True):
    """A file of weights. `kind` is "last", "best", "kept", "initial" or "sound"; `size` is in bytes.

    `resumable`: a run can be resumed from it; the others hold only weights.
    """

    path: Path
    kind: str
    step: int
    epoch: int
    size: int
    resumable: bool


class Broken(msgspec.Struct, frozen=True):
    """A file in the place of a checkpoint that cannot be read, and why, as a part of a sentence."""

    path: Path
    kind: str
    reason: str

    @property
    def step(self) -> int | None:
        """The step that its name tells; None for the one that was saved last."""
        return None if self.kind == "last" else max(_kept_step(self.path.name), 0)

    @property
    def sentence(self) -> str:
        return f"{self.path.name} cannot be read: {self.reason}."


class _Metadata(msgspec.Struct):
    about: str = "{}"


class _Tensor(msgspec.Struct):
    dtype: str
    shape: Annotated[list[Count], msgspec.Meta(max_length=64)]
    data_offsets: tuple[Count, Count]


class _Point(msgspec.Struct):
    step: Count = 0
    epoch: Count = 0
    resumable: bool = False


def checkpoints_of(folder: Path) -> tuple[Checkpoint, ...]:
    """The complete checkpoints by step; of two at one step the kept one first."""
    order = ("initial", "kept", "best", "sound", "last")
    found = (one for one in _found(folder) if isinstance(one, Checkpoint))
    return tuple(sorted(found, key=lambda one: (one.step, order.index(one.kind))))


def start_of(folder: Path, kinds: tuple[str, ...] = STARTS) -> Checkpoint | None:
    """Whose weights are taken where nobody says: the newest checkpoint of the first kind that there is."""
    found = checkpoints_of(folder)
    return next((one for kind in kinds for one in reversed(found) if one.kind == kind), None)


def broken_checkpoints(folder: Path) -> tuple[Broken, ...]:
    """The files from which a run should go on, and cannot because they are damaged or no plain files.

    The folder itself stands for them where it cannot be read.
    """
    place = folder / CHECKPOINTS
    if is_folder(place):
        try:
            os.scandir(place).close()
        except OSError as error:
            return (Broken(place, "last", reason(error)),)
    found = (one for one in _found(folder) if isinstance(one, Broken))
    return tuple(one for one in found if one.kind in RESUMABLE)


def require_last(folder: Path) -> Checkpoint:
    """What the run saved last. Raises `ArchiveError` where that is not there or cannot be read."""
    if not is_folder(folder) or not is_folder(folder / CHECKPOINTS):
        raise ArchiveError(f"{folder.name}: Expected a folder {CHECKPOINTS}. Received a link or none.")
    found = _read(folder / CHECKPOINTS / f"last{SUFFIX}", "last")
    if isinstance(found, Broken):
        name = f"{folder.name}: Expected weights in last{SUFFIX}."
        raise ArchiveError(f"{name} Received a file that cannot be read: {found.reason}.")
    return found


def _found(folder: Path) -> list[Checkpoint | Broken]:
    place = folder / CHECKPOINTS
    if not is_folder(folder) or not is_folder(place):
        return []
    return [_read(place / name, kind) for name in _names(place) if (kind := _kind(name))]


def _names(place: Path) -> list[str]:
    try:
        with os.scandir(place) as entries:
            return sorted(entry.name for entry, _ in zip(entries, range(MOST_FILES), strict=False))
    except OSError:
        return []


def _kind(name: str) -> str | None:
    if STEP_FILE.fullmatch(name):
        return "kept"
    stem, dot, suffix = name.partition(".")
    return stem if stem in KINDS and dot + suffix == SUFFIX else None


def last_checkpoint(folder: Path) -> Checkpoint | None:
    """What the run saved last; None where that is not there or not valid."""
    path = folder / CHECKPOINTS / f"last{SUFFIX}"
    if not is_folder(path.parent) or not own_file(path):
        return None
    found = _read(path, "last")
    return found if isinstance(found, Checkpoint) else None


def resumes_at(folder: Path, total_steps: int) -> int | None:
    """The step from which this run resumes: that of its newest checkpoint."""
    place = folder / CHECKPOINTS
    if not is_folder(place):
        return None
    kept = sorted((name for name in _names(place) if STEP_FILE.fullmatch(name)), key=_kept_step)
    below = max(total_steps, 1)
    newest_kept = (step for name in kept[::-1] if (step := _step(place / name, "kept", below)) >= 0)
    steps = [next(newest_kept, -1)]
    steps += [_step(place / f"{kind}{SUFFIX}", kind, below) for kind in ("last", "initial")]
    return max((step for step in steps if step >= 0), default=None)


def _step(path: Path, kind: str, below: int) -> int:
    """The step from which a run can go on with this file; -1 where it cannot, or would make none."""
    found = _read(path, kind) if own_file(path) else None
    return found.step if isinstance(found, Checkpoint) and found.resumable and found.step < below else -1


def _kept_step(name: str) -> int:
    found = STEP_FILE.fullmatch(name)
    return int(found[1]) if found else -1


def _described(tensors: list[_Tensor]) -> int:
    """The bytes that these tensors take one after the other. Raises `ArchiveError` where they do not."""
    end = 0
    for tensor in sorted(tensors, key=lambda one: one.data_offsets):
        first, last = tensor.data_offsets
        size = ITEM_BYTES.get(tensor.dtype)
        if first != end or (size is not None and last - first != math.prod(tensor.shape) * size):
            raise ArchiveError(f"numbers at bytes {first:,} to {last:,} do not fit {tensor.shape}")
        end = last
    return end


def _read(path: Path, kind: str) -> Checkpoint | Broken:
    """The checkpoint in this file, from its header, which must describe the bytes that follow it."""
    try:
        with open_regular(path, follow_links=False) as file:
            size = os.fstat(file.fileno()).st_size
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(LARGEST_HEADER, size - 8):
                return Broken(path, kind, f"its header is said to have {length:,} bytes")
            text = file.read(length)
        parts = decoded(text, dict[str, msgspec.Raw])
        about = parts.pop("__metadata__", msgspec.Raw(b"{}"))
        end = _described([decoded(bytes(part), _Tensor) for part in parts.values()])
        if end != size - 8 - length:
            return Broken(path, kind, f"it has {size - 8 - length:,} of {end:,} bytes of weights")
        point = decoded(decoded(bytes(about), _Metadata).about, _Point)
    except struct.error:
        return Broken(path, kind, "it is cut short")
    except ArchiveError as error:
        return Broken(path, kind, f"its header is damaged ({reason(error)})")
    except OSError as error:
        return Broken(path, kind, reason(error))
    return Checkpoint(path, kind, point.step, point.epoch, size, point.resumable)
