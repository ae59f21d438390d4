"""Arrays as courses, papers and programs hand them out: names, forms of labels, numbers for nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.corpus.case import Case, Expected
from tests.corpus.kinds.arrays import LABELS, N, Save, hdf5, mat, npy, npz, numbers

F5 = numbers("f4", N, 5)
GREY = numbers("u1", N, 8, 9)
COLOUR = numbers("u1", N, 8, 9, 3)
ONE_HOT = np.eye(3)[LABELS]
MANY = numbers("f4", 400, 3)


def arrays(save: Save, **named: np.ndarray) -> Callable[[Path], Path]:
    """Writes these arrays."""
    return lambda folder: save(folder, named)


def objects(folder: Path) -> Path:
    """Words as Python objects, which NumPy packs as code."""
    np.savez(folder / "a.npz", x=F5, y=np.array(["a", "b"] * 12, dtype=object))
    return folder / "a.npz"


def masked(folder: Path) -> Path:
    """A masked array, of which NumPy keeps the numbers alone."""
    np.savez(folder / "a.npz", x=np.ma.masked_array(F5, mask=F5 > 1), y=LABELS)
    return folder / "a.npz"


def beside(**named: np.ndarray) -> Callable[[Path], Path]:
    """Writes a folder with a file for each array."""

    def make(folder: Path) -> Path:
        (folder / "set").mkdir()
        for name, array in named.items():
            np.save(folder / "set" / f"{name}.npy", array)
        return folder / "set"

    return make


CASES = (
    Case(
        "public arrays",
        "X_train y_train X_test y_test",
        arrays(npz, X_train=F5, y_train=LABELS, X_test=F5[:6], y_test=LABELS[:6]),
        Expected(
            samples=30, validation=6, classes=["0", "1", "2"], shape=(5,), targets=np.r_[LABELS, LABELS[:6]]
        ),
    ),
    Case(
        "public arrays",
        "mnist.npz x_train order",
        arrays(
            npz, x_test=GREY[:6], x_train=GREY, y_train=LABELS.astype("u1"), y_test=LABELS[:6].astype("u1")
        ),
        Expected(samples=30, validation=6, classes=["0", "1", "2"]),
    ),
    Case(
        "public arrays",
        "train_images train_labels val_ test_ (MedMNIST)",
        arrays(
            npz,
            train_images=GREY,
            val_images=GREY[:5],
            test_images=GREY[:6],
            train_labels=LABELS[:, None],
            val_labels=LABELS[:5, None],
            test_labels=LABELS[:6, None],
        ),
        Expected(samples=29, validation=5, classes=["0", "1", "2"]),
    ),
    Case(
        "public arrays",
        "h5 data label",
        arrays(hdf5, data=F5, label=LABELS[:, None]),
        Expected(samples=N, classes=["0", "1", "2"], shape=(5,)),
    ),
    Case(
        "public arrays",
        "h5 train_set_x train_set_y (catvnoncat)",
        arrays(hdf5, train_set_x=COLOUR, train_set_y=LABELS % 2, list_classes=np.array([b"non-cat", b"cat"])),
        Expected(samples=N, target=(), shape=(3, 8, 9), told=["list_classes"]),
    ),
    Case(
        "public arrays",
        "mat X y (N,1) 1..10 (ex3data1: 10 is 0)",
        arrays(mat, X=F5.astype("f8"), y=(LABELS + 1).astype("u1")[:, None]),
        Expected(samples=N, classes=["1", "2", "3"]),
    ),
    Case(
        "public arrays",
        "svhn mat X (32,32,3,N) y (N,1)",
        arrays(mat, X=np.moveaxis(COLOUR, 0, 3), y=LABELS[:, None] + 1),
        Expected(samples=N, shape=(3, 8, 9), classes=["1", "2", "3"]),
    ),
    Case(
        "public arrays",
        "x (D,N) y (1,N) matlab columns",
        arrays(mat, x=F5.T.astype("f8"), y=LABELS[None].astype("f8")),
        Expected(samples=N, shape=(5,), or_told="(?i)columns|transpos|axis|last"),
    ),
    Case(
        "public arrays",
        "features/targets float (N,1)",
        arrays(npz, features=F5, targets=F5[:, :1] * 2 + 0.5),
        Expected(samples=N, target=(1,), targets=F5[:, :1] * 2 + 0.5, inputs=F5),
    ),
    Case("public arrays", "words as objects", objects, Expected(refused="(?i)pickle|object")),
    Case(
        "public arrays",
        "one-hot int64",
        arrays(npz, x=F5, y=ONE_HOT.astype("i8")),
        Expected(samples=N, classes=["0", "1", "2"], targets=LABELS),
    ),
    Case(
        "public arrays",
        "multi-hot float",
        arrays(npz, x=F5, y=np.c_[ONE_HOT[:, :2], LABELS > 0].astype("f4")),
        Expected(samples=N, target=(3,)),
    ),
    Case(
        "public arrays",
        "binary labels (N,1) float",
        arrays(npz, x=F5, y=(LABELS % 2).astype("f4")[:, None]),
        Expected(samples=N, classes=["0", "1"], or_told="Are the targets classes or numbers"),
    ),
    Case(
        "public arrays",
        "labels first alphabetically",
        arrays(npz, a_labels=LABELS, b_images=COLOUR),
        Expected(samples=N, shape=(3, 8, 9), classes=["0", "1", "2"]),
    ),
    Case(
        "public arrays",
        "arr_0 arr_1",
        arrays(npz, arr_0=F5, arr_1=LABELS),
        Expected(samples=N, classes=["0", "1", "2"], shape=(5,)),
    ),
    Case(
        "public arrays",
        "arr_0 arr_1 swapped",
        arrays(npz, arr_0=LABELS, arr_1=F5),
        Expected(samples=N, classes=["0", "1", "2"], shape=(5,), or_told="arr_0|role"),
    ),
    Case("public arrays", "masked array", masked, Expected(samples=N)),
    Case(
        "public arrays",
        "fill value 1e20 (netCDF)",
        arrays(
            npz, x=np.where(np.arange(F5.size).reshape(F5.shape) % 17 == 3, 1e20, F5).astype("f4"), y=LABELS
        ),
        Expected(told=["(?i)1e\\+?20|99999|largest|far"]),
    ),
    Case(
        "public arrays",
        "sentinel -9999",
        arrays(
            npz, x=np.where(np.arange(F5.size).reshape(F5.shape) % 17 == 3, -9999, F5).astype("f4"), y=LABELS
        ),
        Expected(told=["(?i)-9,?999"]),
    ),
    Case(
        "public arrays",
        "float pictures -1..1 channels first",
        arrays(npz, x=(np.moveaxis(COLOUR, 3, 1) / 127.5 - 1).astype("f4"), y=LABELS),
        Expected(samples=N, shape=(3, 8, 9)),
    ),
    Case(
        "public arrays",
        "grey stack H,W,N in npy",
        arrays(npy, x=np.moveaxis(numbers("u1", N, 8, 8), 0, 2)),
        Expected(told=["(?i)8|channel|axis"]),
    ),
    Case(
        "public arrays",
        "rgb24 N=3",
        arrays(npz, x=numbers("u1", 3, 8, 9), y=np.array([0, 1, 0])),
        Expected(samples=3, shape=(1, 8, 9)),
    ),
    Case(
        "public arrays",
        "channels last with 1 and h=1",
        arrays(npz, x=numbers("u1", N, 1, 9, 3), y=LABELS),
        Expected(samples=N, or_told="(?i)channel"),
    ),
    Case(
        "public arrays",
        "time series (N,T,3)",
        arrays(npz, x=numbers("f4", N, 50, 3), y=LABELS),
        Expected(samples=N, shape=(50, 3)),
    ),
    Case(
        "public arrays",
        "time series (N,3,T)",
        arrays(npz, x=numbers("f4", N, 3, 50), y=LABELS),
        Expected(samples=N, or_told="(?i)axis|channel|first|step", shape=(3, 50)),
    ),
    Case(
        "public arrays",
        "one_array with label column first (ECG)",
        arrays(npy, d=np.c_[LABELS.astype("f8"), F5]),
        Expected(samples=N, told=["(?i)target|no target|column|label"]),
    ),
    Case(
        "public arrays",
        "ids beside",
        arrays(npz, x=F5, y=LABELS, ids=np.arange(N)),
        Expected(samples=N, classes=["0", "1", "2"], shape=(5,), told=["ids"]),
    ),
    Case(
        "public arrays",
        "class_names beside",
        arrays(npz, x=F5, y=LABELS, class_names=np.array(["cat", "dog", "emu"])),
        Expected(samples=N, told=["class_names"], target=()),
    ),
    Case(
        "public arrays",
        "y int32 200 values",
        arrays(npz, x=MANY, y=(np.arange(400) % 200).astype("i4")),
        Expected(samples=400, told=["(?i)class"]),
    ),
    Case(
        "public arrays",
        "year as y",
        arrays(npz, x=MANY, y=(1900 + np.arange(400) % 90).astype("i4")),
        Expected(told=["(?i)class|number"]),
    ),
    Case(
        "public arrays",
        "bool x",
        arrays(npz, x=numbers("f4", N, 5) > 0, y=LABELS),
        Expected(samples=N, shape=(5,)),
    ),
    Case(
        "public arrays",
        "datetime64",
        arrays(npz, t=np.arange(N).astype("datetime64[D]"), y=F5[:, 0]),
        Expected(samples=N, shape=(1,), inputs=np.arange(N)[:, None], targets=F5[:, :1]),
    ),
    Case(
        "public arrays",
        "images uint8 mask uint8 same count",
        arrays(npz, images=COLOUR, masks=(GREY > 100).astype("u1")),
        Expected(samples=N, shape=(3, 8, 9), target=(8, 9)),
    ),
    Case(
        "public arrays",
        "rows differ by one",
        arrays(npz, x=F5, y=LABELS[:-1]),
        Expected(refused="(?i)24.*23|23.*24"),
    ),
    Case(
        "public arrays",
        "rows differ x_test y_train only",
        arrays(npz, x_train=F5, y_train=LABELS, x_test=F5[:6]),
        Expected(samples=N, told=["x_test"]),
    ),
    Case(
        "public arrays",
        "folder of X_train.npy y_train.npy",
        beside(X_train=F5, y_train=LABELS),
        Expected(samples=N, classes=["0", "1", "2"], shape=(5,)),
    ),
    Case(
        "public arrays",
        "folder npy unequal",
        beside(inputs=F5, targets=LABELS[:-1]),
        Expected(refused="(?i)24|23", or_told="23|24"),
    ),
)
