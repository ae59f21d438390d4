"""Arrays of NumPy and IDX files: bombs, headers that lie, labels that no class has, damage."""

from __future__ import annotations

import gzip
import io
import os
import struct
import zipfile
from collections.abc import Callable
from itertools import chain as joined
from pathlib import Path

import numpy as np

from tests.hostile.case import Case
from tests.hostile.data_cases import of_data
from tests.hostile.readers.data_files import idx_bytes

_ARRAYS, _IDX = {"dataset": "array-file"}, {"dataset": "idx-files"}
_PICTURES = np.arange(6 * 4 * 5, dtype=np.uint8).reshape(6, 4, 5)
_LABELS = np.arange(6, dtype=np.uint8) % 3
_IMAGES_FILE, _LABELS_FILE = idx_bytes(_PICTURES), idx_bytes(_LABELS)


def _npy(header: str, version: tuple[int, int] = (1, 0), values: bytes = b"") -> bytes:
    """An `.npy` file with this header, whatever it says."""
    size = struct.pack("<H" if version == (1, 0) else "<I", len(header))
    return b"\x93NUMPY" + bytes(version) + size + header.encode() + values


def _header(shape: str, descr: str = "'<f4'", order: str = "False") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


def _array(array: np.ndarray) -> bytes:
    found = io.BytesIO()
    np.save(found, array)
    return found.getvalue()


def _file(name: str, data: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return write


def _npz(members: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with zipfile.ZipFile(folder / "a.npz", "w", packing) as archive:
            for name, data in members.items():
                archive.writestr(f"{name}.npy", data)
        return folder / "a.npz"

    return write


def _bomb(folder: Path) -> Path:
    """Half a gigabyte of zeros in 2 MB."""
    count = 512 << 20
    with zipfile.ZipFile(folder / "a.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("x.npy", "w", force_zip64=True) as file:
            file.write(_npy(_header(f"({count >> 2},)")))
            for _ in range(count >> 24):
                file.write(bytes(1 << 24))
        archive.writestr("y.npy", _array(np.zeros(4)))
    return folder / "a.npz"


def _lying_bomb(folder: Path) -> Path:
    """The directory says that its 40 kB hold 3,000 bytes; the header says 40 MB."""
    _npz({"x": _npy(_header("(10000000,)"), values=bytes(40_000_000)), "y": _array(np.zeros(4))})(folder)
    data = bytearray((folder / "a.npz").read_bytes())
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(mark) + place
        data[at : at + 4] = struct.pack("<I", 3000)
    (folder / "a.npz").write_bytes(data)
    return folder / "a.npz"


def _many(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.npz", "w") as archive:
        for i in range(60_000):
            archive.writestr(f"array{i}.npy", b"")
    return folder / "a.npz"


def _late_damage(folder: Path) -> Path:
    """One bit of the last value of the inputs."""
    _npz({"x": _array(np.arange(12.0).reshape(6, 2)), "y": _array(_LABELS)}, zipfile.ZIP_STORED)(folder)
    data = bytearray((folder / "a.npz").read_bytes())
    data[data.index(np.float64(11).tobytes()) + 2] ^= 1
    (folder / "a.npz").write_bytes(data)
    return folder / "a.npz"


def _folder(
    images: bytes | Callable[[], bytes] = _IMAGES_FILE,
    labels: bytes | Callable[[], bytes] = _LABELS_FILE,
    held: tuple[bytes, bytes] | None = None,
) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        found = folder / "idx"
        found.mkdir()
        parts = {"train": (images, labels), **({"t10k": held} if held else {})}
        for part, both in parts.items():
            for what, data in zip(("images-idx3", "labels-idx1"), both, strict=True):
                (found / f"{part}-{what}-ubyte").write_bytes(data() if callable(data) else data)
        return found

    return write


def _pipe(folder: Path) -> Path:
    found = _folder()(folder)
    (found / "train-labels-idx1-ubyte").unlink()
    os.mkfifo(found / "train-labels-idx1-ubyte")
    return found


def _labels(values: list[float], dtype: str) -> Callable[[Path], Path]:
    return _folder(labels=idx_bytes(np.array(values).astype(dtype)))


def _sizes(*shape: int) -> Callable[[Path], Path]:
    head = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
    return _folder(images=head, labels=idx_bytes(np.zeros(shape[0] if shape[0] < 9 else 6, np.uint8)))


def _packed_zeros(head: bytes, megabytes: int) -> bytes:
    return gzip.compress(head) + gzip.compress(bytes(32 << 20)) * (megabytes // 32)


def _idx_cases() -> list[Case]:
    most = "whole numbers from 0 to 999. Received"
    damaged = bytearray(gzip.compress(idx_bytes(_PICTURES)))
    damaged[-12] ^= 4
    wide = bytes([0, 0, 8, 3]) + struct.pack(">3I", 6, 1 << 14, 1 << 15)
    endless = bytes([0, 0, 8, 1]) + struct.pack(">I", 3 << 30)
    found = {
        "a label of 2,147,483,647": (_labels([0, 1, 2, 0, 1, 2**31 - 1], "int32"), f"{most} 2,147,483,647"),
        "a label of 1e300": (_labels([0, 1, 2, 0, 1, 1e300], "float64"), rf"{most} 1e\+300 for picture 6"),
        "a label that is no number": (_labels([0, 1, 2, 0, 1, np.nan], "float64"), f"{most} nan"),
        "a label below 0": (_labels([0, 1, 2, 0, 1, -1], "int8"), f"{most} -1"),
        "half a label": (_labels([0, 1, 2, 0, 1, 0.5], "float32"), f"{most} 0.5"),
        "a label that is held back alone": (
            _folder(held=(idx_bytes(_PICTURES), idx_bytes(_LABELS + 1))),
            "whole numbers from 0 to 2. Received 3",
        ),
        "held-back pictures of another size": (
            _folder(held=(idx_bytes(_PICTURES[:, :3]), idx_bytes(_LABELS))),
            "Expected pictures of sizes 4×5",
        ),
        "a pipe for the labels": (
            _pipe,
            "train-labels-idx1-ubyte: Expected an IDX file. Received: it is a pipe",
        ),
        "too few labels": (_labels([0, 1], "uint8"), "Expected 6 labels, one for each picture. Received 2"),
        "no pictures": (_sizes(0, 4, 5), "none of them 0"),
        "pictures without height": (_sizes(6, 0, 5), "none of them 0"),
        "pictures without width": (_sizes(6, 4, 0), "none of them 0"),
        "sizes beyond the file": (_sizes(2**32 - 1, 2**32 - 1, 2**32 - 1), "the file is cut"),
        "a damaged last byte": (_folder(images=bytes(damaged)), "Received a damaged one"),
        "a bomb: labels of 3 GB": (_folder(labels=lambda: _packed_zeros(endless, 3072)), "Expected 6 labels"),
        "a bomb: pictures of 3 GB": (
            _folder(images=lambda: _packed_zeros(wide, 3072)),
            "Expected at most .* bytes from",
        ),
    }
    quick = ("a label of 2,147,483,647", "a damaged last byte")
    return [
        case
        for name, (write, answer) in found.items()
        for case in of_data("IDX", name, _IDX, write, answer, is_quick=name in quick)
    ]


def _array_cases() -> list[Case]:
    labels = _array(_LABELS)
    one = _npy(_header("(1000000000000,)"))
    found = {
        "a bomb: 512 MB in 2 MB": (_bomb, "Expected at most .* bytes from"),
        "a bomb whose directory lies": (_lying_bomb, "Bad CRC"),
        "60,000 arrays": (_many, "a directory of more than"),
        "2,000 arrays": (_npz({f"a{i}": b"" for i in range(2000)}), "Expected at most 1,000 arrays"),
        "damage in the last value": (_late_damage, "CRC"),
        "sizes beyond the array": (_npz({"x": one, "y": labels}), "Expected a whole array"),
        "sizes below 0": (_npz({"x": _npy(_header("(-1, 3)")), "y": labels}), "sizes from 0 up"),
        "a header that is no value": (_npz({"x": _npy("(" * 9000), "y": labels}), "Expected the header"),
        "a header of signs": (_npz({"x": _npy("-" * 9000 + "1"), "y": labels}), "Expected the header"),
        "a header of 4 GB": (
            _npz({"x": b"\x93NUMPY\x02\x00" + b"\xff" * 4 + bytes(50 << 20), "y": labels}),
            "Expected the header",
        ),
        "an object": (
            _npz({"x": _npy(_header("(6,)", "'|O'"), values=b"cos\n"), "y": labels}),
            "Expected n",
        ),
        "another packing": (_npz({"x": labels, "y": labels}, zipfile.ZIP_LZMA), "Received packing 14"),
    }
    alone = {
        "sizes beyond the file": (one, "Expected a whole array"),
        "300 sizes": (_npy(_header("(" + "1," * 300 + ")"), values=bytes(4)), "at most 32 sizes"),
        "numbers of 400 digits as sizes": (_npy(_header(f"({'9' * 400},)")), "sizes from 0 up"),
        "words": (_npy(_header("(6,)", "'<U4'"), values=bytes(96)), "Expected numbers"),
        "an empty file": (b"", "Expected the header"),
    }
    cases = [
        case
        for name, (write, answer) in found.items()
        for case in of_data("npz", name, _ARRAYS, write, answer)
    ]
    for name, (data, answer) in alone.items():
        cases += of_data("npy", name, _ARRAYS, _file("a.npy", data), answer, is_quick=name == "an empty file")
    return cases


CASES = tuple(joined(_idx_cases(), _array_cases()))
