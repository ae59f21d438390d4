"""Tables, texts and arrays, read as a data node reads them: described, loaded, a few samples fetched."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nodes.data.source import DataSource
from nodes.data_sets.registry import data_sets
from nodes.reading import kept
from tests.hostile.fuzz import Reader, mutated


def reading(dataset: str, **params: object) -> Callable[[Path], object]:
    """Reads a file or the folder it lies in, without the guard that the engine puts before all readers."""

    def read(path: Path) -> object:
        kept.forget()  # files change faster here than the clock of the file system goes
        chosen = path.parent if dataset == "idx-files" else path
        one = data_sets()[dataset](DataSource(dataset=dataset, path=str(chosen), **params).values)
        info, data = one.describe(), one.load(0)
        for part in (data.train, data.validation):
            first = np.arange(min(4, len(part)))
            samples = part.input.fetch(first)
            assert samples.shape[1:] == info.input.features
            if part.target is not None:
                part.target.fetch(first)
        return info

    return read


def _tables(folder: Path) -> list[Path]:
    rows = "".join(f"{i},{i * 0.37:.3f},word{i % 3},{i % 2}\n" for i in range(40))
    made = {
        "plain.csv": "size,weight,kind,class\n" + rows,
        "quoted.csv": 'a,"b ""c""",d\n' + "".join(f'{i},"a\nb {i % 2}",{i / 7:.4f}\n' for i in range(12)),
        "commas.csv": "a;b;c\r\n" + "".join(f"{i},5;-1,25e1;{i % 2}\r\n" for i in range(12)),
        "gaps.tsv": "\ufeffa\tb\n"
        + "".join(f"{i}\t{'' if i % 3 else 'na'}\n\n" for i in range(12))
        + "1\t2\n3\t4",
        "numbers.csv": "".join(f"{i},{i + 1},{i % 4}\n" for i in range(20)),
    }
    for name, text in made.items():
        (folder / name).write_bytes(text.encode())
    return [folder / name for name in made]


def _texts(folder: Path) -> list[Path]:
    text = "\ufeffCall me Ishmael. Größe, 数, \U0001f40b\r\n" * 8
    for name, data in {"a.txt": text.encode(), "b.txt.gz": gzip.compress(text.encode(), mtime=0)}.items():
        (folder / name).write_bytes(data)
    return [folder / "a.txt", folder / "b.txt.gz"]


def idx_bytes(array: np.ndarray) -> bytes:
    """An array in the IDX format."""
    kinds = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}
    head = bytes([0, 0, kinds[str(array.dtype)], array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


def _idx(folder: Path) -> list[Path]:
    chance = np.random.default_rng(0)
    made = {}
    for part, count, dtype in (("train", 12, np.uint8), ("t10k", 5, np.float64)):
        made[f"{part}-images-idx3-ubyte"] = idx_bytes(chance.integers(0, 256, (count, 4, 5), np.uint8))
        made[f"{part}-labels-idx1-ubyte"] = idx_bytes((np.arange(count) % 3).astype(dtype))
    for name, data in made.items():
        is_packed = name in ("train-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
        path = folder / (f"{name}.gz" if is_packed else name)
        path.write_bytes(gzip.compress(data, mtime=0) if is_packed else data)
    return sorted(folder.iterdir())


def _npz(folder: Path) -> list[Path]:
    chance = np.random.default_rng(0)
    x, y = chance.normal(size=(12, 3)), np.arange(12) % 3
    np.savez(folder / "plain.npz", x=x, y=y)
    np.savez_compressed(
        folder / "packed.npz", images=chance.integers(0, 256, (12, 5, 4, 3), np.uint8), labels=y
    )
    np.savez(
        folder / "held.npz", x_train=np.asfortranarray(x), y_train=x[:, 0], x_test=x[:4], y_test=x[:4, 0]
    )
    return sorted(folder.iterdir())


def _npy(folder: Path) -> list[Path]:
    for name, dtype in (("a", np.float32), ("b", ">f8"), ("c", np.uint8), ("d", np.longdouble)):
        np.save(folder / f"{name}.npy", np.arange(120).reshape(12, 10).astype(dtype))
    return sorted(folder.iterdir())


def _containers(folder: Path) -> list[Path]:
    """HDF5 in one piece, in chunks and packed, MATLAB packed or not, and safetensors."""
    import h5py
    from safetensors.numpy import save_file
    from scipy.io import savemat

    chance = np.random.default_rng(0)
    x, y = chance.normal(size=(12, 3)), np.arange(12) % 3
    with h5py.File(folder / "a.h5", "w") as file:
        file["x"], file["set/more"] = x, y
        file.create_dataset("y", data=[f"word{label}" for label in y])
    with h5py.File(folder / "b.h5", "w") as file:
        file.create_dataset("x", data=x, chunks=(5, 2), compression="gzip", shuffle=True, fletcher32=True)
        file.create_dataset("y", data=y, chunks=(4,), compression="lzf")
    words = np.array([f"word{label}" for label in y], object)
    savemat(folder / "c.mat", {"x": x.astype("f4"), "y": words[:, None]})
    savemat(folder / "d.mat", {"X": np.zeros((4, 5, 3, 12), "u1"), "y": y[:, None]}, do_compression=True)
    savemat(folder / "e.mat", {"x": x, "y": y}, format="4")
    savemat(folder / "f.mat", {"set": {"x": x, "part": {"y": y[:, None]}}})
    save_file({"x": x.astype("f4"), "y": y}, folder / "f.safetensors")
    return sorted(folder.iterdir())


def inside(data: bytes, chance: random.Random) -> bytes:
    """Accidents of the file itself, or of what is packed in it, with right checksums."""
    if chance.random() < 0.4:
        return mutated(data, chance)
    if data[:2] == b"\x1f\x8b":
        return gzip.compress(mutated(gzip.decompress(data), chance), 1, mtime=0)
    if data[:2] != b"PK":
        return mutated(data, chance)
    found = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(found, "w") as new:
        hit = chance.choice(old.namelist())
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info, mutated(content, chance) if info.filename == hit else content)
    return found.getvalue()


READERS = (
    Reader("csv", _tables, reading("csv-file")),
    Reader("series", _tables, reading("series-file", window=2)),
    Reader("text", _texts, reading("text-file", context=4), mutate=inside),
    Reader("idx", _idx, reading("idx-files"), mutate=inside, beside=True),
    Reader("npz", _npz, reading("array-file"), mutate=inside),
    Reader("npy", _npy, reading("array-file")),
    Reader("containers", _containers, reading("array-file")),
)
