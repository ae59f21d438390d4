"""The look at a data set that has no columns to speak of: what a description and a loaded set tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nodes.reading.dataset import DataInfo, DataSet, DataSplit, Rows, Scaling
from nodes.reading.look import DataLook, Fact
from nodes.reading.preview import SetPreview, of_set
from nodes.shared.card_label import by
from nodes.shown_text import listed
from nodes.spec import TensorSpec

SHOWN = 24
"""Samples that a look shows."""
COUNTED = 200_000
"""Targets of which the balance of classes is counted."""
BLOCK = 4096
"""Samples whose labels are counted at a time."""
_DIVISIONS = {
    "shuffled": "drawn at random by the seed of the project",
    "stratified": "drawn at random by the seed of the project, of each class its share",
    "group": "whole groups, drawn at random by the seed of the project",
    "time": "the last by time",
    "column": "as a column says",
    "fixed": "as the files divide them",
    "end": "the end of the sequence validates",
    "none": "nothing is held back",
    "all": "all samples validate",
}


def look_at(info: DataInfo, data: DataSet, preview: SetPreview | None = None) -> DataLook:
    """What can be told of any data set."""
    return DataLook(
        data.info,
        len(data.train),
        len(data.validation),
        facts=facts_of(info),
        warnings=(*warnings_of(data), *class_warnings(data.train, data.info)),
        division=data.division or _DIVISIONS.get(data.info.division, data.info.division),
        scaling=scaling_words(
            data.train.input_scaling, "channels" if data.info.kind == "images" else "columns"
        ),
        balance=balance_of(data.train, data.info),
        samples=preview or of_set(data, SHOWN),
    )


def facts_of(info: DataInfo) -> tuple[Fact, ...]:
    """What a description tells of any set."""
    facts = [Fact("Kind", info.kind), Fact("Samples", f"{info.stored or info.samples:,}")]
    facts.append(Fact("Size of a sample", size_words(info.kind, info.input)))
    if info.classes:
        words = "Different tokens" if info.kind == "text" else "Classes"
        facts.append(Fact(words, f"{len(info.classes):,}"))
    elif info.labels:
        facts.append(Fact("Different labels", f"{len(info.labels):,}", "any number holds of a sample"))
    elif info.target is not None:
        is_tokens = info.target.classes is not None and not info.target.is_float and info.kind != "images"
        kind = "texts" if info.target_vocabulary is not None or is_tokens else "table"
        facts.append(Fact("Size of a target", size_words(kind, info.target)))
    return tuple(facts)


def size_words(kind: str, spec: TensorSpec) -> str:
    """How large a sample or a target is, with its unit: `3 channels of 32 × 32 px`, `64 tokens`."""
    sizes = spec.features
    if kind == "sounds" and len(sizes) == 3:
        return f"{sizes[1]} bands × {sizes[2]} frames"
    if kind == "sounds" and len(sizes) == 2:
        return f"{sizes[1]} numbers of a wave"
    if kind == "images" and len(sizes) == 3:
        return f"{sizes[1]} × {sizes[2]} px, {_many(sizes[0], 'channel')}"
    if len(sizes) <= 1:
        return _many(sizes[0] if sizes else 1, "token" if kind in ("text", "texts") else "number")
    return by(sizes)


def _many(count: object, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def warnings_of(data: DataSet) -> tuple[str, ...]:
    """What was left out, and parts that are too small to be of use."""
    found = [*data.notes, *data.skipped]
    if not len(data.validation) and data.info.division not in ("none", "all"):
        found.append("Nothing is held back to validate: how well it does on new data will not be known.")
    if data.info.target is not None and len(data.info.classes) == 1:
        found.append(f"There is one class alone, {data.info.classes[0]}: there is nothing to tell apart.")
    return tuple(found)


def class_warnings(part: DataSplit, info: DataInfo) -> list[str]:
    """Classes that no sample of the training part has, and those of nearly the same name."""
    told = []
    balance = balance_of(part, info)
    lacking = [name for name, count in balance if not count]
    one, many = ("label", "labels") if info.labels else ("class", "classes")
    if lacking:
        classes = f"1 {one} has" if len(lacking) == 1 else f"{len(lacking):,} {many} have"
        told.append(f"{classes} no sample to train on: {listed(lacking, 3)}")
    if alike := alike_words([name for name, _ in balance]):
        told.append(f"The {many} {listed(alike)} differ in small and capital letters or in spaces alone.")
    return told


def alike_words(words: Sequence[str]) -> tuple[str, ...]:
    """The first words that are the same but for small and capital letters and spaces around them."""
    by_letters: dict[str, list[str]] = {}
    for word in words:
        by_letters.setdefault(" ".join(word.casefold().split()), []).append(word)
    return next((tuple(several) for several in by_letters.values() if len(several) > 1), ())


def scaling_words(scaling: Scaling | None, of_what: str = "columns") -> str:
    """How numbers become inputs, as a sentence; `of_what` has a mean of its own."""
    if scaling is None or scaling == Scaling():
        return "numbers stay as they are"
    if scaling == Scaling(divisor=255.0):
        return "divided by 255"
    each = f", for each of {len(scaling.mean):,} {of_what}" if len(scaling.mean) > 1 else ""
    return f"(x − mean) / deviation, both of the training part alone{each}"


def balance_of(part: DataSplit, info: DataInfo) -> tuple[tuple[str, int], ...]:
    """The samples of each class or label in a part; empty where there are none, or too many to count."""
    if part.target is None or not (info.classes or info.labels) or not 0 < len(part) <= COUNTED:
        return ()
    if info.labels:
        return tuple(zip(info.labels, _held(part.target), strict=True))
    targets = part.target.fetch(np.arange(len(part)))
    if targets.ndim != 1 or targets.dtype.kind not in "iu":
        return ()
    counts = np.bincount(targets.astype(np.int64), minlength=len(info.classes))
    return tuple((name, int(count)) for name, count in zip(info.classes, counts, strict=False))


def _held(targets: Rows) -> tuple[int, ...]:
    """Of how many samples each label holds."""
    blocks = np.array_split(np.arange(len(targets)), 1 + len(targets) // BLOCK)
    counts = sum((targets.fetch(block).astype(np.float64) > 0.5).sum(axis=0) for block in blocks)
    return tuple(int(count) for count in np.ravel(counts))
