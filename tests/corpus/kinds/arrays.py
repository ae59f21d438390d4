"""Arrays of numbers: every container, type, order and layout; labels in every form; gaps."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.corpus.case import Case, Expected, chance

N = 24
SIDES = (6, 7)
LABELS = np.arange(N) % 3
Save = Callable[[Path, Mapping[str, np.ndarray]], Path]


def npz(folder: Path, arrays: Mapping[str, np.ndarray]) -> Path:
    np.savez(folder / "a.npz", **arrays)
    return folder / "a.npz"


def npz_packed(folder: Path, arrays: Mapping[str, np.ndarray]) -> Path:
    np.savez_compressed(folder / "a.npz", **arrays)
    return folder / "a.npz"


def npy(folder: Path, arrays: Mapping[str, np.ndarray]) -> Path:
    np.save(folder / "a.npy", next(iter(arrays.values())))
    return folder / "a.npy"


def hdf5(folder: Path, arrays: Mapping[str, np.ndarray]) -> Path:
    import h5py

    with h5py.File(folder / "a.h5", "w") as file:
        for name, array in arrays.items():
            file[name] = array.astype("S") if array.dtype.kind == "U" else array
    return folder / "a.h5"


def hdf5_packed(folder: Path, arrays: Mapping[str, np.ndarray]) -> Path:
    import h5py

    with h5py.File(folder / "a.hdf5", "w") as file:
        inside = file.create_group("set")
        for name, array in arrays.items():
            kept = array.astype("S") if array.dtype.kind == "U" else array
            inside.create_dataset(name, data=kept, compression="gzip", chunks=True)
    return folder / "a.hdf5"


def mat(folder: Path, arrays: Mapping[str, np.ndarray]) -> Path:
    from scipy.io import savemat

    savemat(folder / "a.mat", dict(arrays))
    return folder / "a.mat"


def mat_packed(folder: Path, arrays: Mapping[str, np.ndarray]) -> Path:
    from scipy.io import savemat

    savemat(folder / "a.mat", dict(arrays), do_compression=True)
    return folder / "a.mat"


def safetensors(folder: Path, arrays: Mapping[str, np.ndarray]) -> Path:
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / "a.safetensors")
    return folder / "a.safetensors"


CONTAINERS: dict[str, Save] = {
    "npz": npz,
    "packed npz": npz_packed,
    "HDF5": hdf5,
    "packed HDF5 in a group": hdf5_packed,
    "MAT": mat,
    "packed MAT": mat_packed,
    "safetensors": safetensors,
}


def numbers(dtype: str, *sizes: int) -> np.ndarray:
    """Numbers of this type, whole ones as they fit, others around zero."""
    random, kind = chance(dtype, *sizes), np.dtype(dtype)
    if kind.kind == "b":
        return random.integers(0, 2, sizes).astype(bool)
    if kind.kind in "ui":
        low, high = (0, 200) if kind.kind == "u" else (-100, 100)
        return random.integers(low, high, sizes).astype(kind)
    return random.normal(size=sizes).astype(np.float16 if kind.itemsize == 2 else np.float32).astype(kind)


def case(
    rule: str, name: str, save: Save, arrays: Mapping[str, np.ndarray], right: Expected, **more: Any
) -> Case:
    """A file of these arrays."""
    return Case(rule, name, lambda folder: save(folder, arrays), right, **more)


def _containers() -> list[Case]:
    found = []
    for name, save in CONTAINERS.items():
        x = numbers("f4", N, 5)
        right = Expected(samples=N, shape=(5,), classes=["0", "1", "2"], inputs=x, targets=LABELS)
        found.append(
            case(
                "array containers",
                f"{name}, numbers and classes",
                save,
                {"x": x, "y": LABELS},
                right,
                is_quick=True,
            )
        )
        value = numbers("f8", N, 2)
        right = Expected(samples=N, shape=(5,), target=(2,), inputs=x, targets=value)
        found.append(
            case(
                "array containers",
                f"{name}, two values to predict",
                save,
                {"inputs": x, "targets": value},
                right,
            )
        )
        pictures = numbers("u1", N, *SIDES, 3)
        moved = np.moveaxis(pictures, -1, 1)
        right = Expected(kind="images", samples=N, shape=(3, *SIDES), inputs=moved, targets=LABELS)
        found.append(
            case(
                "array containers",
                f"{name}, pictures, channels last",
                save,
                {"images": pictures, "labels": LABELS},
                right,
            )
        )
        parts = {"x_train": x, "y_train": LABELS, "x_test": x[:6] + 1, "y_test": LABELS[:6]}
        right = Expected(
            samples=N + 6,
            validation=6,
            shape=(5,),
            inputs=np.concatenate([x, x[:6] + 1]),
            classes=["0", "1", "2"],
        )
        found.append(case("array containers", f"{name}, with a part held back", save, parts, right))
    return found


def _types() -> list[Case]:
    found = []
    types = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "bool")
    for dtype in types:
        x = numbers(dtype, N, 5)
        save = list(CONTAINERS.values())[types.index(dtype) % len(CONTAINERS)]
        right = Expected(samples=N, shape=(5,), inputs=x, targets=LABELS)
        found.append(case("array types", f"{dtype} in {save.__name__}", save, {"x": x, "y": LABELS}, right))
    for dtype in (">f4", ">f8", ">i2", ">u4", ">f2"):
        for order in "CF":
            x = np.asarray(numbers(dtype, N, 5), order=order)
            for save in (npy, npz):
                right = Expected(samples=N, shape=(5,), inputs=x)
                name = f"{dtype}, {order} order, in {save.__name__}"
                found.append(
                    case("array types", name, save, {"x": x}, right, is_quick=name.startswith(">f4, C"))
                )
    for order in "CF":
        x = np.asarray(numbers("f4", N, 3, *SIDES), order=order)
        right = Expected(samples=N, shape=(3, *SIDES), inputs=x)
        found.append(case("array types", f"pictures in {order} order", npy, {"x": x}, right))
    return found


def _layouts() -> list[Case]:
    height, width = SIDES
    found = []
    for dtype in ("u1", "f4", "f8"):
        for name, sizes, right_shape in (
            ("N,H,W", (N, *SIDES), (1, *SIDES)),
            ("N,H,W,1", (N, *SIDES, 1), (1, *SIDES)),
            ("N,H,W,3", (N, *SIDES, 3), (3, *SIDES)),
            ("N,H,W,4", (N, *SIDES, 4), (4, *SIDES)),
            ("N,3,H,W", (N, 3, *SIDES), (3, *SIDES)),
            ("N,1,H,W", (N, 1, *SIDES), (1, *SIDES)),
            ("N", (N,), (1,)),
        ):
            x = numbers(dtype, *sizes)
            wanted = np.moveaxis(x, -1, 1) if len(sizes) == 4 and right_shape != sizes[1:] else x
            right = Expected(samples=N, shape=right_shape, inputs=wanted.reshape(N, -1), targets=LABELS)
            if name == "N,H,W" and dtype != "u1":  # rows of numbers, or grey pictures: a question either way
                right = Expected(
                    samples=N, inputs=x.reshape(N, -1), told=["(?i)channel|picture|sequence|layout"]
                )
            quick = name == "N,H,W,3"
            found.append(
                case("array layouts", f"{name} of {dtype}", npz, {"x": x, "y": LABELS}, right, is_quick=quick)
            )
    for sizes in ((N, 3, 5, 3), (N, 3, 3, 3)):
        x = numbers("u1", *sizes)
        right = Expected(samples=N, told=["(?i)channel.*(first|last)"])
        found.append(
            case("array layouts", f"{sizes[1:]}: channels first or last", npz, {"x": x, "y": LABELS}, right)
        )
    last = numbers("u1", height, width, 3, N)
    right = Expected(
        samples=N,
        shape=(3, *SIDES),
        inputs=np.transpose(last, (3, 2, 0, 1)),
        targets=np.arange(N) % 10,
        or_told="samples|sizes",
    )
    found.append(
        case(
            "array layouts",
            "samples last, as Matlab has them",
            mat,
            {"X": last, "y": (np.arange(N) % 10)[:, None]},
            right,
        )
    )
    return found


def _labels() -> list[Case]:
    x, names = numbers("f4", N, 5), np.array(["cat", "dog", "emu"])
    of = {
        "one-hot floats": np.eye(3, dtype="f4")[LABELS],
        "one-hot bytes": np.eye(3, dtype="u1")[LABELS],
        "whole floats": LABELS.astype("f4"),
        "a column": LABELS[:, None],
        "booleans": LABELS > 0,
        "from 1": LABELS + 1,
        "-1 and 1": np.where(LABELS > 0, 1, -1),
        "with a gap": LABELS * 10,
        "unsigned 64": LABELS.astype("u8"),
    }
    found = []
    for name, y in of.items():
        classes = [str(one) for one in np.unique(y)] if y.ndim == 1 else ["0", "1", "2"]
        places = np.searchsorted(np.unique(y), y) if y.ndim == 1 else LABELS
        right = Expected(
            samples=N,
            classes=None if name in ("booleans", "whole floats") else classes,
            inputs=x,
            targets=places,
            or_told=r"\by\b",
        )
        for save in (npz, safetensors):
            found.append(case("array labels", f"{name} in {save.__name__}", save, {"x": x, "y": y}, right))
    for save in (npz, hdf5, mat):
        right = Expected(samples=N, classes=[*names], inputs=x, targets=LABELS)
        found.append(
            case(
                "array labels",
                f"words in {save.__name__}",
                save,
                {"x": x, "y": names[LABELS]},
                right,
                is_quick=save is npz,
            )
        )
    many = np.arange(N) * 100
    right = Expected(samples=N, target=(1,), targets=many, or_told=r"\by\b")
    found.append(
        case("array labels", "a different whole number for each sample", npz, {"x": x, "y": many}, right)
    )
    right = Expected(samples=N, target=(1,), inputs=x, targets=LABELS + 0.5)
    found.append(case("array labels", "numbers with a half", npz, {"x": x, "y": LABELS + 0.5}, right))
    multi = chance("multi").integers(0, 2, (N, 4)).astype("u1")
    right = Expected(samples=N, inputs=x, targets=multi, target=(4,))
    found.append(case("array labels", "several labels each", npz, {"x": x, "y": multi}, right))
    return found


def _gaps() -> list[Case]:
    found = []
    for name, value in {"NaN": np.nan, "infinity": np.inf, "minus infinity": -np.inf}.items():
        for where in ("input", "target"):
            x, y = numbers("f4", N, 5), numbers("f4", N)
            (x if where == "input" else y)[(4, 2) if where == "input" else 4] = value
            keep = np.arange(N) != 4
            right = Expected(
                samples=N - 1,
                inputs=x[keep],
                targets=y[keep],
                told=["(?i)(row|sample)s? 5"],
                or_told=r"(?i)\b[xy]\b.*(row|sample)s? 5|(row|sample)s? 5.*\b[xy]\b",
            )
            for save in (npz, npy) if where == "input" else (npz,):
                arrays = {"x": x, "y": y} if save is npz else {"x": x}
                right_one = (
                    right
                    if save is npz
                    else Expected(samples=N - 1, inputs=x[keep], told=["(?i)(row|sample)s? 5"])
                )
                found.append(
                    case(
                        "array gaps",
                        f"{name} in the {where}, {save.__name__}",
                        save,
                        arrays,
                        right_one,
                        is_quick=name == "NaN",
                    )
                )
    times = np.arange(400, dtype="i8")[:, None] * 2 + 1_700_000_000
    right = Expected(samples=400, distinct={0: 400}, or_told="precision|same")
    found.append(case("array gaps", "seconds since 1970", npz, {"x": times, "y": np.arange(400.0)}, right))
    huge = np.array([1e39, *range(1, N)])
    found.append(
        case(
            "array gaps",
            "a number beyond single precision",
            npz,
            {"x": huge, "y": LABELS},
            Expected(refused="sample 1"),
        )
    )
    return found


def _strange() -> list[Case]:
    x, rule = numbers("f4", N, 5), "array files"

    def pickled(folder: Path) -> Path:
        np.save(folder / "a.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
        return folder / "a.npy"

    def structured(folder: Path) -> Path:
        table = np.zeros(N, dtype=[("width", "f4"), ("height", "f4"), ("label", "i4")])
        table["width"], table["label"] = x[:, 0], LABELS
        np.save(folder / "a.npy", table)
        return folder / "a.npy"

    def cut(folder: Path) -> Path:
        data = npy(folder, {"x": x}).read_bytes()
        (folder / "a.npy").write_bytes(data[:-16])
        return folder / "a.npy"

    def bfloat16(folder: Path) -> Path:
        data = x.astype("<f4").view("<u4") >> 16
        body = data.astype("<u2").tobytes()
        head = json.dumps({"x": {"dtype": "BF16", "shape": [N, 5], "data_offsets": [0, len(body)]}}).encode()
        (folder / "a.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + body)
        return folder / "a.safetensors"

    rounded = (x.view("u4") >> 16 << 16).view("f4")
    return [
        Case(rule, "a pickled array", pickled, Expected(refused="a.npy.*(?i:number|object)"), is_quick=True),
        Case(rule, "named fields", structured, Expected(samples=N, or_told="a.npy|width", refused="")),
        Case(rule, "an array that is cut", cut, Expected(refused="a.npy.*(?i:whole|cut)")),
        Case(rule, "bfloat16", bfloat16, Expected(samples=N, inputs=rounded, or_told="a.safetensors")),
        case(rule, "targets of another count", npz, {"x": x, "y": LABELS[:-1]}, Expected(refused="23|24")),
        case(
            rule,
            "three arrays without known names",
            npz,
            {"a": x, "b": LABELS, "c": x},
            Expected(samples=N, told=[r"\b[abc]\b"], or_told=r"\b[abc]\b"),
        ),
        case(
            rule, "complex numbers", npz, {"x": x + 1j, "y": LABELS}, Expected(refused="(?i)complex|number")
        ),
        case(rule, "no samples", npz, {"x": x[:0], "y": LABELS[:0]}, Expected(refused=r"\(0, 5\)|sample")),
        case(rule, "one sample", npz, {"x": x[:1], "y": LABELS[:1]}, Expected(refused="sample")),
    ]


CASES: Sequence[Case] = (
    *_containers(),
    *_types(),
    *_layouts(),
    *_labels(),
    *_gaps(),
    *_strange(),
)
