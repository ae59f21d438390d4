"""HDF5, MATLAB, safetensors and pickles: links out of the file, filters, bombs in chunks, sizes that lie."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.hostile.case import Case
from tests.hostile.data_cases import of_data

_ARRAYS = {"dataset": "array-file"}
_LABELS = np.arange(6) % 3
_DEFLATE = 1


def _hdf5(write: Callable[[Any, Path], None]) -> Callable[[Path], Path]:
    """An HDF5 file that `write` fills, beside another with arrays of its own."""

    def make(folder: Path) -> Path:
        import h5py

        with h5py.File(folder / "other.h5", "w") as other:
            other["x"] = np.ones((6, 2))
        with h5py.File(folder / "a.h5", "w") as file:
            write(file, folder)
        return folder / "a.h5"

    return make


def _external_link(file: Any, _folder: Path) -> None:
    import h5py

    file["x"], file["y"] = h5py.ExternalLink("other.h5", "/x"), _LABELS


def _soft_link_outside(file: Any, _folder: Path) -> None:
    import h5py

    file["far"], file["x"], file["y"] = h5py.ExternalLink("other.h5", "/"), h5py.SoftLink("/far/x"), _LABELS


def _external_storage(file: Any, folder: Path) -> None:
    (folder / "secret").write_bytes(b"root:x:0:0" * 20)
    file.create_dataset("x", (6, 2), "u1", external=[(str(folder / "secret"), 0, 12)])
    file["y"] = _LABELS


def _virtual(file: Any, folder: Path) -> None:
    import h5py

    layout = h5py.VirtualLayout(shape=(6, 2), dtype="f8")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "x", shape=(6, 2))
    file.create_virtual_dataset("x", layout)
    file["y"] = _LABELS


def _chunk_bomb(file: Any, _folder: Path) -> None:
    """A chunk that says 48 bytes and unpacks to 512 MB."""
    made = file.create_dataset("x", (6, 2), "f4", chunks=(6, 2), compression="gzip")
    packing, parts = zlib.compressobj(1), []
    parts += [packing.compress(bytes(16 << 20)) for _ in range(32)]
    made.id.write_direct_chunk((0, 0), b"".join([*parts, packing.flush()]))
    file["y"] = _LABELS


def _small_chunk_bomb(file: Any, _folder: Path) -> None:
    """The same within the bytes that a packed chunk may have."""
    made = file.create_dataset("x", (6, 2), "f4", chunks=(6, 2), compression="gzip")
    made.id.write_direct_chunk((0, 0), zlib.compress(bytes(30 << 20)))
    file["y"] = _LABELS


def _many_zeros(file: Any, _folder: Path) -> None:
    file.create_dataset("x", (1 << 18, 128), "f4", chunks=(1 << 13, 128), compression="gzip")[:] = 0
    file["y"] = np.zeros(1 << 18, "i1")


def _never_written(file: Any, _folder: Path) -> None:
    file.create_dataset("x", (1 << 40, 8), "f8", chunks=(1024, 8))
    file["y"] = _LABELS


def _wide_chunk(file: Any, _folder: Path) -> None:
    made = file.create_dataset("x", (1 << 20, 512), "f8", chunks=(1 << 17, 512), compression="gzip")
    made.id.write_direct_chunk((0, 0), bytes(1 << 10))
    file["y"] = np.zeros(1 << 20, "i1")


def _unknown_filter(file: Any, _folder: Path) -> None:
    import h5py

    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_chunk((6, 2))
    plan.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (3,))
    space = h5py.h5s.create_simple((6, 2))
    h5py.h5d.create(file.id, b"x", h5py.h5t.NATIVE_FLOAT, space, plan).write(
        h5py.h5s.ALL, h5py.h5s.ALL, np.ones((6, 2), "f4")
    )
    file["y"] = _LABELS


def _circle(file: Any, _folder: Path) -> None:
    inner = file.create_group("a/b")
    inner["up"] = file["a"]
    inner["top"] = file["/"]
    file["x"], file["y"] = np.ones((6, 2)), _LABELS[:5]


def _long_words(file: Any, _folder: Path) -> None:
    import h5py

    words = file.create_dataset("y", (6,), h5py.string_dtype())
    words[:] = ["a" * (8 << 20)] * 6
    file["x"] = np.ones((6, 2))


def _objects(file: Any, _folder: Path) -> None:
    file["x"] = np.zeros(6, [("real", "f4"), ("size", "i4")])
    file["y"] = _LABELS


def _cut_hdf5(folder: Path) -> Path:
    path = _hdf5(lambda file, _: file.create_dataset("x", data=np.ones((600, 20))))(folder)
    path.write_bytes(path.read_bytes()[:-5000])
    return path


# MATLAB -----------------------------------------------------------------------------------------


def _element(kind: int, data: bytes) -> bytes:
    return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)


def _matrix(name: str, shape: tuple[int, ...], values: bytes, code: int = 6, stored: int = 9) -> bytes:
    inner = _element(6, struct.pack("<II", code, 0)) + _element(5, struct.pack(f"<{len(shape)}i", *shape))
    return _element(14, inner + _element(1, name.encode()) + _element(stored, values))


def _mat(*elements: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / "a.mat").write_bytes(b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\x01IM" + b"".join(elements))
        return folder / "a.mat"

    return make


def _packed(element: bytes) -> bytes:
    data = zlib.compress(element)
    return struct.pack("<II", 15, len(data)) + data


def _mat_bomb(folder: Path) -> Path:
    """A packed matrix of 800 MB."""
    count = 100_000_000
    head = _matrix("x", (count, 1), b"")[:-8] + struct.pack("<II", 9, 8 * count)
    packing = zlib.compressobj(1)
    parts = [packing.compress(head)]
    parts += [packing.compress(bytes(1 << 24)) for _ in range(8 * count >> 24)]
    data = b"".join([*parts, packing.flush()])
    return _mat(struct.pack("<II", 15, len(data)) + data)(folder)


def _nested(depth: int) -> bytes:
    cell = _matrix("", (1, 1), b"\0" * 8)
    for _ in range(depth):
        inner = _element(6, struct.pack("<II", 1, 0)) + _element(5, struct.pack("<2i", 1, 1))
        cell = _element(14, inner + _element(1, b"y") + cell)
    return cell


def _numbers(name: str, rows: int = 6, columns: int = 2) -> bytes:
    return _matrix(name, (rows, columns), np.arange(float(rows * columns)).tobytes())


# safetensors ------------------------------------------------------------------------------------


def _tensors(about: Any, body: bytes = bytes(96), length: int | None = None) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        text = about if isinstance(about, bytes) else json.dumps(about).encode()
        head = struct.pack("<Q", len(text) if length is None else length)
        (folder / "a.safetensors").write_bytes(head + text + body)
        return folder / "a.safetensors"

    return make


def _tensor(shape: list[Any], offsets: list[Any], dtype: Any = "F32") -> dict[str, Any]:
    return {"x": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}


class Called:
    """Writes a file when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (open, ("called", "w"))


def _cifar(folder: Path) -> Path:
    found = io.BytesIO()
    pickle.dump({b"data": Called(), b"labels": [0, 1]}, found, protocol=2)
    (folder / "data_batch_1").write_bytes(found.getvalue())
    return folder / "data_batch_1"


def _cases() -> list[Case]:
    elsewhere, damaged = "in the file itself. Received a link", "the file is cut or damaged"
    found: dict[str, dict[str, tuple[Callable[[Path], Path], str]]] = {
        "HDF5": {
            "a link to another file": (_hdf5(_external_link), elsewhere),
            "a name that leads to another file": (_hdf5(_soft_link_outside), elsewhere),
            "values in another file": (_hdf5(_external_storage), elsewhere),
            "a virtual data set of another file": (_hdf5(_virtual), elsewhere),
            "a bomb: 512 MB in a chunk of 48 bytes": (_hdf5(_chunk_bomb), damaged),
            "a bomb: 30 MB in a chunk of 48 bytes": (
                _hdf5(_small_chunk_bomb),
                "unpacks to more than 48 bytes",
            ),
            "a bomb: 128 MB of zeros": (_hdf5(_many_zeros), "Expected at most .* bytes from"),
            "values that were never written": (_hdf5(_never_written), "none were ever written"),
            "a chunk of half a gigabyte": (_hdf5(_wide_chunk), "Expected chunks of at most"),
            "a filter that would be loaded": (_hdf5(_unknown_filter), "packed by filter 32015"),
            "groups in a circle": (_hdf5(_circle), "Expected a target for each of the 6"),
            "words of megabytes": (_hdf5(_long_words), "words of up to 1,000 characters"),
            "records": (_hdf5(_objects), "Received records"),
            "a file that is cut": (_cut_hdf5, "Received"),
        },
        "MAT": {
            "a bomb: 800 MB in 1 MB": (_mat_bomb, "Expected at most .* bytes from"),
            "sizes beyond the values": (_mat(_matrix("x", (1 << 20, 1 << 10), bytes(96))), damaged),
            "sizes below 0": (_mat(_matrix("x", (-6, 2), bytes(96))), damaged),
            "a matrix beyond the file": (_mat(struct.pack("<II", 14, 1 << 31)), "the file is cut"),
            "a packed matrix that is cut": (_mat(_packed(_numbers("x"))[:-9]), "the file is cut"),
            "a packed matrix of something else": (_mat(struct.pack("<II", 15, 64) + bytes(64)), "damaged"),
            "cells in cells, 20,000 deep": (
                _mat(_numbers("x", 1), _nested(20_000)),
                "cells of something else",
            ),
            "a structure": (
                _mat(_matrix("x", (1, 1), b"", code=2)),
                "structure 'x': Expected a whole matrix. Received a matrix that ends before its values",
            ),
            "4,000 matrices": (_mat(*[_numbers(f"v{i}", 1, 1) for i in range(4000)]), "at most 1,000 arrays"),
        },
        "safetensors": {
            "offsets beyond the file": (_tensors(_tensor([6, 4], [0, 960])), damaged),
            "sizes beyond the offsets": (_tensors(_tensor([1 << 40, 4], [0, 96])), damaged),
            "sizes that are no numbers": (_tensors(_tensor(["6", 4.0], [0, 96])), "a shape and two offsets"),
            "a description of 9 GB": (_tensors(b"{}", length=9 << 30), "Received"),
            "a description of brackets": (_tensors(b"{" * 200_000), "a damaged description"),
            "another type": (_tensors(_tensor([6, 4], [0, 96], "F8_E4M3")), "Expected numbers"),
        },
        "pickle": {"a batch of CIFAR in Python": (_cifar, "download the binary version")},
    }
    quick = ("a link to another file", "a bomb: 30 MB in a chunk of 48 bytes", "sizes beyond the values")
    return [
        case
        for kind, own in found.items()
        for name, (write, answer) in own.items()
        for case in of_data(kind, name, _ARRAYS, write, answer, is_quick=name in quick)
    ]


CASES = tuple(_cases())
