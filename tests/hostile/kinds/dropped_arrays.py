"""Arrays and sounds of strangers: sizes that lie, links to other files, code, headers of noise."""

from __future__ import annotations

import json
import pickle
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.hostile.case import Case
from tests.hostile.dropped import dropped, of_bytes

_BOUND = "Expected|samples"
_EITHER = (0, 2)


class _Touch:
    """What runs when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("open('/tmp/layerloom-was-here', 'w').close()",))


def _sparse_npy(folder: Path) -> Path:
    np.lib.format.open_memmap(folder / "a.npy", "w+", "u1", (10, 10**9))
    return folder / "a.npy"


def _pickled(folder: Path) -> Path:
    np.save(folder / "a.npy", np.array([_Touch()], dtype=object), allow_pickle=True)
    return folder / "a.npy"


def _pickled_in_npz(folder: Path) -> Path:
    np.savez(folder / "a.npz", x=np.array([_Touch()] * 6, dtype=object), y=np.arange(6))
    return folder / "a.npz"


# HDF5 -----------------------------------------------------------------------------------------------------


def _hdf5(fill: Callable[[Any], object], name: str = "a.h5") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        import h5py

        with h5py.File(folder / name, "w") as file:
            fill(file)
        return folder / name

    return make


def _huge(file: Any) -> None:
    """Eight terabytes that are nowhere."""
    file.create_dataset("x", (10**9, 1000), "f8", chunks=(1000, 1000))
    file.create_dataset("y", (10**9,), "i8", chunks=(10**6,))


def _wide(file: Any) -> None:
    file.create_dataset("x", (10, 10**9), "f8", chunks=(1, 10**6))
    file["y"] = np.arange(10)


def _bomb(file: Any) -> None:
    """Sixteen gigabytes of zeros in a few megabytes."""
    x = file.create_dataset("x", (2_000_000, 1000), "f8", chunks=(20_000, 1000), compression="gzip")
    packed = zlib.compress(bytes(20_000 * 1000 * 8), 1)
    for i in range(100):
        x.id.write_direct_chunk((i * 20_000, 0), packed)
    file["y"] = np.zeros(2_000_000, "i1")


def _outside(file: Any) -> None:
    file.create_dataset("x", (40, 4), "u1", external=[("/etc/passwd", 0, 160)])
    file["y"] = np.arange(40) % 2


def _linked(file: Any) -> None:
    import h5py

    file["x"] = h5py.ExternalLink("/etc/passwd", "/x")
    file["y"] = np.arange(6)


def _circle(file: Any) -> None:
    import h5py

    group = file.create_group("g")
    group["again"] = h5py.SoftLink("/g")
    group["up"] = file["/"]
    file["x"], file["y"] = np.zeros((6, 2)), np.arange(6)


def _virtual(file: Any) -> None:
    import h5py

    layout = h5py.VirtualLayout((40, 4), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (40, 4))
    file.create_virtual_dataset("x", layout)
    file["y"] = np.arange(40)


def _many(file: Any) -> None:
    for i in range(20_000):
        file.create_group(f"g{i}")


def _deep(file: Any) -> None:
    group = file
    for _ in range(1500):
        group = group.create_group("g")
    group["x"] = np.zeros((6, 2))


def _of_hdf5() -> list[Case]:
    rule = "HDF5"
    whole = _hdf5(lambda file: file.update({}) if False else file.create_dataset("x", data=np.zeros((6, 2))))

    def cut(folder: Path) -> Path:
        path = whole(folder)
        path.write_bytes(path.read_bytes()[:900])
        return path

    def noise(folder: Path) -> Path:
        path = whole(folder)
        data = bytearray(path.read_bytes())
        data[100:600] = bytes((i * 37) % 256 for i in range(500))
        path.write_bytes(data)
        return path

    return [
        dropped(rule, "eight terabytes that are nowhere", _hdf5(_huge), "Expected", is_quick=True),
        dropped(rule, "a row of eight gigabytes", _hdf5(_wide), "Expected", is_quick=True),
        dropped(rule, "a bomb", _hdf5(_bomb), _BOUND, exits=_EITHER, seconds=90.0, megabytes=3000),
        dropped(rule, "values in a file of the system", _hdf5(_outside), "Expected", is_quick=True),
        dropped(rule, "a link to a file of the system", _hdf5(_linked), "Expected"),
        dropped(rule, "a virtual array of a file of the system", _hdf5(_virtual), "Expected"),
        dropped(rule, "a circle of groups", _hdf5(_circle), _BOUND, exits=_EITHER),
        dropped(rule, "20,000 groups", _hdf5(_many), "Expected", seconds=10.0),
        dropped(rule, "1,500 groups in groups", _hdf5(_deep), _BOUND, exits=_EITHER, seconds=4.0),
        dropped(rule, "cut", cut, "Expected"),
        dropped(rule, "noise in its head", noise, _BOUND, exits=_EITHER),
        dropped(rule, "words", of_bytes("a.h5", b"these are words " * 90), "Expected"),
    ]


# MAT, safetensors, IDX ------------------------------------------------------------------------------------


def _mat(**arrays: Any) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        from scipy.io import savemat

        savemat(folder / "a.mat", arrays, do_compression=True)
        return folder / "a.mat"

    return make


def _mat_bomb() -> bytes:
    """A variable of 4 GB, packed."""
    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"
    body = zlib.compressobj(1)
    packed = b"".join(
        [
            body.compress(struct.pack("<II", 14, 0xFFFFFFF0)),
            *(body.compress(bytes(1 << 24)) for _ in range(64)),
            body.flush(),
        ]
    )
    return head + struct.pack("<II", 15, len(packed)) + packed


def _tensors(head: object, body: bytes = bytes(96)) -> bytes:
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("<Q", len(text)) + text + body


def _others() -> list[Case]:
    def tensor(shape: list[int], start: int, end: int, dtype: str = "F32") -> dict[str, object]:
        return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}

    objects = np.empty((1, 3), dtype=object)
    objects[0] = [np.arange(3), "words", {"a": 1}]
    tensors = {
        "a header of 4 GB": struct.pack("<Q", 4 << 30) + b"{" + bytes(99),
        "a header beyond the file": struct.pack("<Q", 2**63) + b"{}",
        "sizes beyond the file": _tensors({"x": tensor([10**9, 10**9], 0, 96)}),
        "sizes below nothing": _tensors({"x": tensor([-6, 4], 0, 96)}),
        "places beyond the file": _tensors({"x": tensor([6, 4], 0, 10**15)}),
        "brackets alone": _tensors(b"[" * 50_000),
        "a type that there is not": _tensors({"x": tensor([6, 4], 0, 96, "EVAL")}),
    }
    rule = "safetensors"
    found: list[Case] = [
        dropped(
            rule, name, of_bytes("a.safetensors", data), "Expected", is_quick=name == "sizes beyond the file"
        )
        for name, data in tensors.items()
    ]
    return [
        *found,
        dropped("MAT", "cells of objects", _mat(x=objects), _BOUND, exits=_EITHER),
        dropped("MAT", "a variable of 4 GB, packed", of_bytes("a.mat", _mat_bomb), "Expected", seconds=8.0),
        dropped(
            "MAT",
            "cut",
            of_bytes("a.mat", b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + bytes(40)),
            "Expected",
            is_quick=True,
        ),
        dropped("MAT", "words", of_bytes("a.mat", b"these are words " * 90), "Expected"),
        dropped(
            "npy",
            "rows of a billion values in a file without any",
            _sparse_npy,
            "Expected samples of at most",
        ),
        dropped("pickle", "in an .npy", _pickled, "Expected", is_quick=True),
        dropped("pickle", "in an .npz", _pickled_in_npz, "Expected"),
        dropped("pickle", "a .pkl", of_bytes("a.pkl", lambda: pickle.dumps(_Touch())), "Expected"),
        dropped("pickle", "a .pt", of_bytes("a.pt", lambda: pickle.dumps(_Touch())), "Expected"),
        dropped("pickle", "called .mat", of_bytes("a.mat", lambda: pickle.dumps(_Touch())), "Expected"),
    ]


# Sounds ---------------------------------------------------------------------------------------------------


def _wav(
    channels: int = 1, rate: int = 8000, bits: int = 16, form: int = 1, size: int | None = None
) -> bytes:
    body = bytes(range(256)) * 12
    block = max(1, channels * bits // 8) & 0xFFFF
    head = struct.pack("<HHIIHH", form, channels, rate, (rate * block) & 0xFFFFFFFF, block, bits)
    data = b"data" + struct.pack("<I", len(body) if size is None else size) + body
    parts = b"WAVEfmt " + struct.pack("<I", 16) + head + data
    return b"RIFF" + struct.pack("<I", len(parts)) + parts


def _sounds(data: bytes) -> Callable[[Path], Path]:
    """A class of two good files and one of this."""

    def make(folder: Path) -> Path:
        for name in "ab":
            (folder / "set" / name).mkdir(parents=True)
            for i in range(3):
                (folder / "set" / name / f"{i}.wav").write_bytes(_wav())
        (folder / "set" / "b" / "9.wav").write_bytes(data)
        return folder / "set"

    return make


def _all_sounds() -> list[Case]:
    bad = {
        "no channels": _wav(channels=0),
        "65,535 channels": _wav(channels=65535),
        "a rate of 0": _wav(rate=0),
        "a rate of 4 GHz": _wav(rate=2**32 - 1),
        "0 bits": _wav(bits=0),
        "an unknown form": _wav(form=0x1234),
        "a size of 4 GB": _wav(size=2**32 - 1),
        "100,000 chunks": b"RIFF\xff\xff\xff\x7fWAVE" + b"junk\0\0\0\0" * 100_000,
        "no data": _wav()[:44],
        "words": b"these are words " * 90,
    }
    return [
        dropped("WAV", name, _sounds(data), _BOUND, exits=_EITHER, is_quick=name == "65,535 channels")
        for name, data in bad.items()
    ]


CASES = (*_of_hdf5(), *_others(), *_all_sounds())
