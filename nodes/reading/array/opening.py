"""Opens a file of arrays, or a folder of some, by what it is.

The format is told by the first bytes, and by the ending where they say nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nodes.reading.array import folder, hdf5, idx_array, mat, mat_4, npy, safetensors_file
from nodes.reading.array.store import ArrayStore
from nodes.reading.error import DataError
from nodes.reading.opened import GZIP, plain

HDF5 = b"\x89HDF\r\n\x1a\n"
NPY = b"\x93NUMPY"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
FORMATS = "a file of arrays (NumPy, HDF5, MATLAB, safetensors or IDX)"
_BLOCKS = (0, *(512 << i for i in range(8)))
"""Where an HDF5 file may begin, behind what somebody else wrote before it."""


def kind_of(path: Path) -> str:
    """What a file is by its first bytes: "npy", "npz", "hdf5", "mat", "mat4", "safetensors", "idx", "pickle",
    "folder", or "" for anything else. Raises `DataError` for what cannot be opened.
    """
    if path.is_dir():
        return "folder"
    with plain(path, FORMATS) as file:
        start = file.read(128)
        if start.startswith(NPY):
            return "npy"
        if start.startswith(ZIP):
            return "npz"
        for block in _BLOCKS:
            file.seek(block)
            if file.read(len(HDF5)) == HDF5:
                return "hdf5"
    return _by_start(path, start)


def _by_start(path: Path, start: bytes) -> str:
    if (
        len(start) == 128
        and start[126:128] in (b"IM", b"MI")
        and start[124:126] in (b"\x00\x01", b"\x01\x00")
    ):
        return "mat"
    is_idx = len(start) >= 4 and start[:2] == b"\0\0" and start[2] in range(8, 15) and 1 <= start[3] <= 8
    if is_idx or (start.startswith(GZIP) and _is_idx_name(path)):
        return "idx"
    if len(start) > 9 and start[8:9] == b"{" and int.from_bytes(start[:8], "little") < 1 << 27:
        return "safetensors"
    if path.suffix.lower() == ".mat" and len(start) >= 20:
        return "mat4"
    if start[:1] == b"\x80" and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return "pickle"
    return ""


def _is_idx_name(path: Path) -> bool:
    name = path.name.lower()
    return "ubyte" in name or "idx" in name


def open_store(path: Path) -> ArrayStore:
    """The arrays of a file or of a folder of `.npy` files. Raises `DataError`."""
    readers: dict[str, Callable[[Path], ArrayStore]] = {
        "npy": npy.open_npy,
        "npz": npy.open_npz,
        "hdf5": hdf5.open_hdf5,
        "mat": mat.open_mat,
        "mat4": mat_4.open_mat_4,
        "safetensors": safetensors_file.open_safetensors,
        "idx": idx_array.open_idx,
        "folder": folder.open_folder,
    }
    kind = kind_of(path)
    if kind not in readers:
        kind = {".npy": "npy", ".npz": "npz"}.get(path.suffix.lower(), kind)
    if kind == "pickle":
        raise pickled(path)
    if kind not in readers:
        raise DataError(f"{path}: Expected {FORMATS}. Received something else; its first bytes are of none.")
    return readers[kind](path)


def pickled(path: Path) -> DataError:
    """The error of a file that runs code when it is opened."""
    batch = path.name.startswith(("data_batch", "test_batch", "batches.meta")) or path.stem in (
        "train",
        "test",
    )
    advice = (
        "of CIFAR download the binary version (cifar-10-binary.tar.gz, cifar-100-binary.tar.gz)"
        if batch
        else "save its arrays by numpy.savez"
    )
    return DataError(
        f"{path}: Expected {FORMATS}. Received a pickle of Python, which may run code when it is opened; "
        f"{advice}."
    )
