"""The same arrays written into a file of every kind."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

Arrays = Mapping[str, np.ndarray]
IDX_KINDS = {"|u1": 8, "|i1": 9, ">i2": 11, ">i4": 12, ">f4": 13, ">f8": 14}


def npz(path: Path, arrays: Arrays) -> Path:
    np.savez(path / "a.npz", **arrays)
    return path / "a.npz"


def packed_npz(path: Path, arrays: Arrays) -> Path:
    np.savez_compressed(path / "b.npz", **arrays)
    return path / "b.npz"


def folder(path: Path, arrays: Arrays) -> Path:
    (path / "set").mkdir()
    for name, array in arrays.items():
        np.save(path / "set" / f"{name}.npy", array)
    return path / "set"


def hdf5(path: Path, arrays: Arrays) -> Path:
    import h5py

    with h5py.File(path / "a.h5", "w") as file:
        for name, array in arrays.items():
            file[name] = array.astype(object) if array.dtype.kind == "U" else array
    return path / "a.h5"


def packed_hdf5(path: Path, arrays: Arrays) -> Path:
    """In chunks that fit no size, with every filter that is read, in a group."""
    import h5py

    with h5py.File(path / "b.h5", "w") as file:
        for i, (name, array) in enumerate(arrays.items()):
            kept = array.astype("S") if array.dtype.kind == "U" else array
            chunks = tuple(max(1, size * 2 // 3) for size in kept.shape)
            packing = ("gzip", "lzf", None)[i % 3]
            file.create_dataset(
                f"set/{name}",
                data=kept,
                chunks=chunks,
                compression=packing,
                shuffle=True,
                fletcher32=i % 2 == 0,
            )
    return path / "b.h5"


def mat(path: Path, arrays: Arrays) -> Path:
    from scipy.io import savemat

    savemat(path / "a.mat", _for_matlab(arrays), do_compression=False, oned_as="column")
    return path / "a.mat"


def packed_mat(path: Path, arrays: Arrays) -> Path:
    from scipy.io import savemat

    savemat(path / "b.mat", _for_matlab(arrays), do_compression=True, oned_as="row")
    return path / "b.mat"


def mat_73(path: Path, arrays: Arrays) -> Path:
    """As MATLAB writes it: sizes reversed behind a block of its own, words as numbers of characters."""
    import h5py

    with h5py.File(path / "c.mat", "w", userblock_size=512) as file:
        for name, array in arrays.items():
            kept = array.astype(array.dtype.newbyteorder("<")) if array.dtype.kind in "iuf" else array
            if array.dtype.kind == "U":
                lines = [list(map(ord, word.ljust(8))) for word in array.tolist()]
                kept = np.array(lines, "<u2")
            kept = kept[:, None] if kept.ndim == 1 else kept
            plain = kept.astype("u1") if array.dtype.kind == "b" else kept
            made = file.create_dataset(name, data=plain.T)
            kind = {"U": "char", "b": "logical", "f": "double"}.get(array.dtype.kind, "int64")
            made.attrs["MATLAB_class"] = np.bytes_(kind)
    with (path / "c.mat").open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\x02IM")
    return path / "c.mat"


def safetensors(path: Path, arrays: Arrays) -> Path:
    from safetensors.numpy import save_file

    plain = {name: np.ascontiguousarray(a.astype(a.dtype.newbyteorder("="))) for name, a in arrays.items()}
    save_file(plain, path / "a.safetensors")
    return path / "a.safetensors"


def idx(path: Path, array: np.ndarray, *, packed: bool) -> Path:
    kept = np.ascontiguousarray(array.astype(array.dtype.newbyteorder(">")))
    data = bytes([0, 0, IDX_KINDS[kept.dtype.str], kept.ndim]) + struct.pack(f">{kept.ndim}I", *kept.shape)
    data += kept.tobytes()
    name = path / ("a-idx.gz" if packed else "a.idx")
    name.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    return name


def _for_matlab(arrays: Arrays) -> dict[str, np.ndarray]:
    cells = {
        name: array.astype(object) if array.dtype.kind == "U" else array for name, array in arrays.items()
    }
    return {
        name: array.astype("u1") > 0 if array.dtype.kind == "b" else array for name, array in cells.items()
    }


WRITERS: dict[str, Callable[[Path, Arrays], Path]] = {
    "npz": npz,
    "packed npz": packed_npz,
    "folder": folder,
    "HDF5": hdf5,
    "packed HDF5": packed_hdf5,
    "MAT": mat,
    "packed MAT": packed_mat,
    "MAT 7.3": mat_73,
    "safetensors": safetensors,
}
WORDLESS = ("safetensors",)
"""Kinds that have no words."""
