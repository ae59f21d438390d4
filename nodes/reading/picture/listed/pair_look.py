"""What is told of masks: the values of their classes, what is ignored, and what could be read otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodes.reading.look import Answer, DataPart, Doubt, Fact
from nodes.reading.picture.folder_layout import Listing
from nodes.reading.picture.listed.mask_values import READ, MaskClasses, value_name
from nodes.reading.picture.listed.pair_names import is_by_a_word
from nodes.shown_text import listed, shown


def mask_facts(classes: MaskClasses, listing: Listing) -> list[Fact]:
    """The values of the classes and the one that is ignored."""
    told = [Fact("Values of masks", listed(classes.names), classes.why)]
    if classes.ignored is not None:
        why = "pixels of this value count in no loss and no metric"
        told.append(Fact("Ignored in masks", value_name(classes.ignored), why))
    first = f"{shown(listing.paths[0], 60)} with {shown(listing.partners[0], 60)}"
    return [*told, Fact("First pair", first)]


def mask_part(classes: MaskClasses) -> DataPart:
    """The classes of the masks and how many pixels each has."""
    counts = classes.counts or (0,) * len(classes.values)
    pairs = sorted(zip(classes.names, counts, strict=True), key=lambda pair: -pair[1])
    return DataPart(
        "mask",
        "category",
        "target",
        f"pixels of at most {READ:,} masks",
        roles=("target",),
        examples=classes.names[:5],
        distinct=len(classes.values),
        common=tuple(pairs[:100]),
    )


def folder_doubts(listing: Listing) -> list[Doubt]:
    """Whether two folders are pictures and their masks, where that is told by a word within a name alone."""
    inside = sorted({Path(one).parent.name for one in (listing.paths[0], listing.partners[0])})
    if len(inside) < 2 or not is_by_a_word(inside):
        return []
    answers = (
        Answer("pictures with masks", {"dataset": "image-masks"}),
        Answer("two classes", {"dataset": "image-folder"}),
    )
    return [Doubt(f"What are {listed(inside)}?", "a word in one of the names says so", answers)]


def mask_doubts(classes: MaskClasses, values: Mapping[str, Any]) -> list[Doubt]:
    """Whether greys are edges, and whether 255 is a class."""
    told = []
    if classes.threshold is not None or values["mask_kind"] == "values":
        answers = (
            Answer("white from 128 on, else black", {"mask_kind": "threshold"}),
            Answer("each value is a class", {"mask_kind": "values"}),
        )
        taken = 0 if classes.threshold is not None else 1
        told.append(Doubt("What are the greys in the masks?", classes.why, answers, taken))
    if classes.ignored is not None and not values["mask_values"]:
        name = value_name(classes.ignored)
        answers = (
            Answer(f"{name} counts nowhere", {"ignored_value": name}),
            Answer(f"{name} is a class", {"ignored_value": "none"}),
        )
        told.append(Doubt(f"Is {name} in the masks a class?", "other values are small numbers", answers))
    return told
