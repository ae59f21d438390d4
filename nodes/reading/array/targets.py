"""What an array of targets stands for: classes (numbers, words, one-hot rows) or numbers.

Whole numbers of integer types and words are classes; so are rows with a single one. Floats that are whole
are classes from three of them on, as two (0 and 1, −1 and 1) are also what a single output learns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array
from nodes.reading.error import DataError
from nodes.shown_text import shown

MOST_CLASSES = 1000
MOST_IN_MASK = 256
"""Different whole numbers of a mask."""
FEW = 20
"""At most this many different whole floats are taken for classes where nobody says."""
LEVELS = 1024
"""Steps of single precision between the least and the greatest; of fewer, numbers run together."""
SINGLE = 2.0**-23


@dataclass(frozen=True)
class PictureTargets:
    """Height and width of inputs that are pictures, else nothing; and the parameter `target_form`."""

    sizes: tuple[int, ...] = ()
    wanted: str = "auto"


FLAT = PictureTargets()
NO_OTHER, REGRESSION = ("", ""), ("task", "regression")


@dataclass(frozen=True, eq=False)
class TargetForm:
    """What targets are: `kind` is "classes", "words", "one-hot", "mask" or "numbers".

    `classes` are the different labels in order, None for numbers; `width` the numbers of a sample as it is
    stored and `sizes` those of a target, as (height, width) of a "mask". `other` are the parameters that read
    them otherwise, where that is as likely.
    """

    kind: str
    classes: Array | None
    width: int
    why: str
    other: tuple[str, str] = ("", "")
    sizes: tuple[int, ...] = ()

    def names(self) -> tuple[str, ...]:
        """The classes as words."""
        return () if self.classes is None else tuple(_label(label) for label in self.classes.tolist())


def _label(label: object) -> str:
    return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)


def form_of(
    where: str, target: Array, task: str, *, doubles: bool, picture: PictureTargets = FLAT
) -> TargetForm:
    """What these targets `(n, …)` are. `task` is "classification", "regression" or "auto"; `doubles` says
    that the file has no whole numbers but as floats; `picture` what is known of inputs that are pictures.
    Raises `DataError`.
    """
    found = _of_picture(target, picture)
    if found is not None:
        return found
    plain = _of_values(where, target, task, doubles=doubles)
    if plain.classes is None and _sizes_in(target, picture.sizes) and picture.wanted == "auto":
        return replace(plain, other=("target_form", "picture"))
    return plain


def _sizes_in(target: Array, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes of a target that is a picture as large as its input, channels first; empty: it is none."""
    own = target.shape[1:]
    if not sizes or target.dtype.kind in "US":
        return ()
    if own == sizes or (len(own) == 3 and own[1:] == sizes):
        return (1, *own) if own == sizes else own
    return (own[-1], *sizes) if len(own) == 3 and own[:2] == sizes else ()


def _of_picture(target: Array, picture: PictureTargets) -> TargetForm | None:
    """Targets that are masks, or pictures where that is wanted; None for others."""
    sizes = _sizes_in(target, picture.sizes)
    if not sizes or picture.wanted == "flat":
        return None
    width = math.prod(sizes)
    is_whole = target.dtype.kind in "bui"
    if sizes[0] == 1 and (is_whole or picture.wanted == "picture") and _are_whole(target):
        labels = np.unique(target)
        if 2 <= len(labels) <= MOST_IN_MASK and (is_whole or len(labels) > 2):
            why = f"each is as large as its input and has {len(labels)} different whole numbers"
            return TargetForm("mask", labels, width, why, ("target_form", "flat"), sizes[1:])
    if picture.wanted == "picture":
        return TargetForm("numbers", None, width, "it was chosen", sizes=sizes)
    return None


def _of_values(where: str, target: Array, task: str, *, doubles: bool) -> TargetForm:
    flat = target.reshape(len(target), -1)
    is_words = target.dtype.kind in "US"
    if is_words and (task == "regression" or flat.shape[1] != 1):
        raise DataError(f"{where}: Expected numbers, or one word per sample. Received {target.dtype}.")
    if task == "regression":
        return TargetForm("numbers", None, flat.shape[1], "it was chosen")
    if flat.shape[1] > 1 and _is_one_hot(flat):
        why = "each row has a single 1 and else 0"
        other = NO_OTHER if task == "classification" else REGRESSION
        return TargetForm("one-hot", np.arange(flat.shape[1]), flat.shape[1], why, other)
    whole = is_words or _are_whole(flat)
    labels = np.unique(flat) if flat.shape[1] == 1 and whole else None
    if labels is not None and 2 <= len(labels) <= MOST_CLASSES:
        found = _of_labels(target, labels, task, doubles=doubles)
        if found is not None:
            return found
    if task == "classification" or is_words:
        raise _no_classes(where, target, labels)
    return TargetForm(
        "numbers", None, flat.shape[1], _why_numbers(flat, labels, whole=whole), _other(labels, flat)
    )


def _of_labels(target: Array, labels: Array, task: str, *, doubles: bool) -> TargetForm | None:
    if target.dtype.kind in "US":
        return TargetForm("words", labels, 1, "they are words")
    if target.dtype.kind != "f":
        why = "they are whole numbers of an integer type"
        return TargetForm("classes", labels, 1, why, REGRESSION if len(labels) > FEW else NO_OTHER)
    if task == "classification":
        return TargetForm("classes", labels, 1, "it was chosen")
    usual = set(labels.tolist()) in ({0.0, 1.0}, {-1.0, 1.0})
    often = len(target) >= 2 * len(labels)
    if len(labels) <= FEW and often and (doubles or not usual):
        why = f"they are {len(labels)} different whole numbers"
        return TargetForm("classes", labels, 1, why, REGRESSION)
    return None


def _other(labels: Array | None, flat: Array) -> tuple[str, str]:
    few = labels is not None and 2 <= len(labels) <= MOST_CLASSES and len(flat) >= 2 * len(labels)
    return ("task", "classification") if few else NO_OTHER


def _why_numbers(flat: Array, labels: Array | None, *, whole: bool) -> str:
    if flat.shape[1] > 1:
        return f"there are {flat.shape[1]} for each sample"
    if not whole:
        return "they are not all whole numbers"
    assert labels is not None
    if len(labels) == 2:
        return "two different floats are what one output learns"
    return f"there are {len(labels):,} different ones"


def _no_classes(where: str, target: Array, labels: Array | None) -> DataError:
    if labels is None:
        return DataError(
            f"{where}: Expected one whole number per sample. Received {target.dtype} of sizes {target.shape}."
        )
    return DataError(f"{where}: Expected 2 to {MOST_CLASSES:,} classes. Received {len(labels):,}.")


def _are_whole(values: Array) -> bool:
    if values.dtype.kind in "bui":
        return True
    with np.errstate(all="ignore"):  # signalling NaN
        return bool((np.isfinite(values) & (values == np.rint(values))).all())


def _is_one_hot(flat: Array) -> bool:
    if flat.shape[1] > MOST_CLASSES:
        return False
    with np.errstate(all="ignore"):
        is_one = flat == 1
        return bool((is_one.sum(axis=1) == 1).all() and (is_one | (flat == 0)).all())


def as_targets(where: str, target: Array, form: TargetForm) -> Array:
    """Targets as class numbers (samples), or as numbers (samples, values) of 4 or 8 bytes.

    Raises `DataError` for a class that the training part does not have.
    """
    flat = target.reshape(len(target), -1)
    if form.sizes:
        return _pictured(where, target, form)
    if form.classes is None:
        with np.errstate(all="ignore"):  # signalling NaN
            return flat.astype(
                np.float64 if flat.dtype.itemsize >= 4 and flat.dtype != np.float32 else np.float32
            )
    if form.kind == "one-hot":
        if not _is_one_hot(flat):
            row = int(((flat != 0).sum(axis=1) != 1).argmax())
            raise DataError(f"{where}: Expected a single 1 in each row. Received others in row {row + 1:,}.")
        return np.asarray(flat.argmax(axis=1), np.int64)
    places = np.minimum(np.searchsorted(form.classes, flat[:, 0]), len(form.classes) - 1)
    is_other = form.classes[places] != flat[:, 0]
    if is_other.any():
        at = int(is_other.argmax())
        raise DataError(
            f"{where}: Expected only classes that the training part has in the held-back part. "
            f"Received {shown(_label(flat[at, 0].item()))} for its sample {at + 1:,}."
        )
    return places.astype(np.int64)


def _pictured(where: str, target: Array, form: TargetForm) -> Array:
    """Masks as class numbers `(n, height, width)` of a byte; pictures as numbers `(n, channels, …)`."""
    if form.classes is None:
        last = target.ndim == 4 and target.shape[1:] != form.sizes
        turned = np.moveaxis(target, -1, 1) if last else target.reshape(len(target), *form.sizes)
        with np.errstate(all="ignore"):
            return np.ascontiguousarray(turned.astype(np.float32))
    masks = target.reshape(len(target), *form.sizes)
    places = np.minimum(np.searchsorted(form.classes, masks), len(form.classes) - 1)
    is_other = (form.classes[places] != masks).reshape(len(masks), -1).any(axis=1)
    if is_other.any():
        raise DataError(
            f"{where}: Expected only classes that the training part has in the held-back part. "
            f"Received others in the mask of its sample {int(is_other.argmax()) + 1:,}."
        )
    return places.astype(np.uint8)


def runs_together(values: Array) -> bool:
    """Whether single precision cannot tell many of these numbers apart, beside which they are large."""
    if (
        values.dtype.kind not in "iuf"
        or values.dtype.itemsize < 4
        or values.dtype == np.float32
        or not values.size
    ):
        return False
    numbers: NDArray[np.float64] = values.astype(np.float64).reshape(len(values), -1)
    with np.errstate(all="ignore"):
        spread = numbers.max(axis=0) - numbers.min(axis=0)
        step = np.abs(numbers).max(axis=0) * SINGLE
    return bool(((spread > 0) & (spread < LEVELS * step)).any())
