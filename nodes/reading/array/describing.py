"""The description of a file of arrays: specs, classes and counts, from what one reading learnt."""

from __future__ import annotations

from typing import Any

from nodes.reading.array.axes import FEW
from nodes.reading.array.outline import ArrayOutline
from nodes.spec import N, TensorSpec

MOST_COLUMNS = 20_000
"""Values of a sample that have names."""


def description(found: ArrayOutline, limit: int) -> dict[str, Any]:
    """The fields of a `DataInfo`; `limit` is the number of samples to use, 0: all."""
    samples = found.train.count + (found.held.count if found.held else 0)
    sample, form = found.axes.sample, found.form
    target: TensorSpec | None = None
    if form is not None:
        target = (
            TensorSpec((N, *(form.sizes or (form.width,))))
            if form.classes is None
            else TensorSpec((N, *form.sizes), "int64", classes=len(form.classes))
        )
    tokens = found.tokens
    return {
        "title": found.path.name,
        "kind": "images" if is_picture(found) else "table",
        "samples": min(samples, limit or samples),
        "input": TensorSpec((N, *sample), "int64", classes=tokens) if tokens else TensorSpec((N, *sample)),
        "target": target,
        "classes": () if form is None else form.names(),
        "columns": tuple(f"x{i + 1}" for i in range(sample[0])) if _has_columns(sample) else (),
        "division": "fixed" if found.held else "shuffled",
        "stored": samples,
    }


def _has_columns(sample: tuple[int, ...]) -> bool:
    """Whether the values of a sample are named one by one: few enough of them, in a row."""
    return len(sample) == 1 and sample[0] <= MOST_COLUMNS


def is_picture(found: ArrayOutline) -> bool:
    """Whether samples are pictures: bytes of channels, height and width, or numbers of 1, 3 or 4 channels."""
    sample = found.axes.sample
    return len(sample) == 3 and (
        found.head.dtype == "uint8" or (sample[0] in FEW and found.axes.channels != "none")
    )
