"""What is told of pictures before anybody trains on them: sizes, modes, bits, channels, and doubts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.reading.look import Answer, DataPart, Doubt, Fact, ValueCounts
from nodes.reading.picture import open_picture
from nodes.reading.picture.folder_layout import Listing
from nodes.reading.picture.levels import DEEP, MODES, Levels
from nodes.reading.picture.listed.pair_names import folders_of_partners
from nodes.reading.picture.name_labels import tell_classes
from nodes.reading.picture.survey import Survey, measured
from nodes.shown_text import listed, shown

BINS = 32
"""Bins of the histogram of a channel."""
PAGED = (".tif", ".tiff", ".gif", ".webp", ".png", ".apng")
"""Endings of pictures of which several may be in one file."""
MOST_PAGED = 100
"""Files that are asked for their number of pages."""
_NAMES = {1: ("grey",), 3: ("red", "green", "blue")}
_MODES = {
    "1": "black and white",
    "L": "grey",
    "LA": "grey, transparent",
    "P": "palette",
    "RGB": "colour",
    "RGBA": "colour, transparent",
    "CMYK": "CMYK",
    "I": "whole numbers",
    "F": "floats",
    "YCbCr": "YCbCr",
    **dict.fromkeys(DEEP, "grey"),
}


@dataclass(frozen=True)
class Wishes:
    """What the parameters of the set say, and what its pictures become: (channels, height, width)."""

    values: Mapping[str, Any]
    shape: tuple[int, int, int]
    levels: Levels | None


def facts(found: Survey, wishes: Wishes) -> list[Fact]:
    """Sizes, modes and bits with counts, and how all of them become one."""
    seen = f"of the {len(found.headers):,} pictures whose headers were read"
    sizes = [f"{w:,} × {h:,}: {n:,}" for (w, h), n in found.sizes.most_common(3)]
    more = f" and {len(found.sizes) - 3:,} more" if len(found.sizes) > 3 else ""
    told = [
        Fact("Sizes in px", f"{'; '.join(sizes)}{more}", seen),
        Fact("Modes", _counted(_MODES.get(one.mode, one.mode) for one in found.headers.values()), seen),
        Fact("Bits", _counted(str(one.bits) for one in found.headers.values()), seen),
        _brought(found, wishes),
    ]
    if clear := sum(one.transparent for one in found.headers.values()):
        told.append(Fact("Ground", str(wishes.values["ground"]), f"{clear:,} of them are transparent"))
    return [*told, *_levels(found, wishes)]


def _counted(names: Iterable[str]) -> str:
    return "; ".join(f"{name}: {n:,}" for name, n in Counter(names).most_common())


def _brought(found: Survey, wishes: Wishes) -> Fact:
    channels, height, width = wishes.shape
    size = "chosen" if 0 not in wishes.values["size"] else "that of the first picture"
    how = {
        "crop": "others are made as large and their edges cut",
        "pad": "others are shrunk and filled up with black",
        "stretch": "others are stretched",
    }[str(wishes.values["fit"])]
    why = f"the size is {size}; {how}" if len(found.sizes) > 1 or size == "chosen" else f"the size is {size}"
    return Fact("Brought to", f"{width:,} × {height:,} px, {channels} channel{'s' * (channels > 1)}", why)


def _levels(found: Survey, wishes: Wishes) -> list[Fact]:
    modes = {mode for mode, _ in found.modes}
    told = []
    chosen = "as it was chosen" if wishes.values["white"] else ""
    if any(bits == 16 for _, bits in found.modes):
        why = chosen or "of numbers of 16 bits the upper 8 are taken"
        white = f"{wishes.values['white']:,.6g}" if chosen else "65,535"
        told.append(Fact("White of 16 bits", white, why))
    if modes & {"I", "F"} and wishes.levels is not None:
        why = chosen or "the usual range that holds the floats and numbers of 32 bits; what is beyond is cut"
        told.append(Fact("Black and white of 32 bits", wishes.levels.words, why))
    return told


def parts(pixels: NDArray[Any], classes: Sequence[tuple[str, int]]) -> list[DataPart]:
    """A part for each channel of these pictures `(N, C, H, W)`, and one for the classes."""
    found = []
    for name, channel in zip(_NAMES[pixels.shape[1]], np.moveaxis(pixels, 1, 0), strict=True):
        counts = np.bincount(channel.ravel(), minlength=256)
        levels = np.flatnonzero(counts)
        bins = counts.reshape(BINS, -1).sum(axis=1)
        edges = tuple(float(edge) for edge in np.linspace(0, 256, BINS + 1))
        found.append(
            DataPart(
                name,
                "channel",
                "input",
                f"of {len(pixels):,} pictures",
                roles=("input",),
                distinct=len(levels),
                low=float(levels[0]) if len(levels) else None,
                high=float(levels[-1]) if len(levels) else None,
                histogram=ValueCounts(edges, tuple(int(count) for count in bins)),
            )
        )
    if classes:
        found.append(
            DataPart(
                "class",
                "category",
                "target",
                roles=("target", "ignore"),
                examples=tuple(name for name, _ in classes[:5]),
                distinct=len(classes),
                common=tuple(sorted(classes, key=lambda pair: -pair[1])[:100]),
            )
        )
    return found


def warnings(found: Survey, pixels: NDArray[Any]) -> list[str]:
    """Pictures that are all the same, and files of which one page is read."""
    told = []
    if len(pixels) > 1 and (pixels == pixels[:1]).all():
        told.append(f"All of the {len(pixels):,} pictures that were looked at are the same.")
    asked = [path for path in found.headers if path.lower().endswith(PAGED)][:MOST_PAGED]
    paged = [path for path in asked if open_picture.has_pages(path)]
    if paged:
        among = f" of {len(asked):,} that were asked" if len(found.headers) > len(asked) else ""
        files = "file has" if len(paged) == 1 else "files have"
        told.append(
            f"{len(paged):,}{among} {files} several pages or frames; the first of each is read: "
            f"{listed((shown(path, 60) for path in paged), 1)}"
        )
    return told


def doubts(found: Survey, listing: Listing, wishes: Wishes) -> list[Doubt]:
    """What of the pictures and their folder could be read otherwise."""
    every = (_of_sizes, _of_colours, _of_white, _of_ground)
    return [
        *_of_layout(listing, wishes.values),
        *(doubt for make in every if (doubt := make(found, wishes)) is not None),
    ]


def _of_sizes(found: Survey, wishes: Wishes) -> Doubt | None:
    if len(found.sizes) < 2:
        return None
    fits = ("crop", "pad", "stretch")
    titles = ("cut the edges", "fill up with black", "stretch")
    answers = [Answer(title, {"fit": fit}) for fit, title in zip(fits, titles, strict=True)]
    (width, height), count = found.sizes.most_common(1)[0]
    first = (wishes.shape[2], wishes.shape[1])
    if 0 in wishes.values["size"] and (width, height) != first:
        title = f"make them {width:,} × {height:,} px, as {count:,} of them are, and cut the edges"
        answers.append(Answer(title, {"size": [height, width], "fit": "crop"}))
    why = f"the {len(found.headers):,} pictures that were looked at have {len(found.sizes):,} sizes"
    question = f"How do pictures of other sizes become {first[0]:,} × {first[1]:,} px?"
    return Doubt(question, why, tuple(answers), fits.index(str(wishes.values["fit"])))


def _of_colours(found: Survey, wishes: Wishes) -> Doubt | None:
    grey = sum(one.channels == 1 for one in found.headers.values())
    coloured = len(found.headers) - grey
    if not grey or not coloured:
        return None
    answers = (Answer("one channel, grey", {"colour": "grey"}), Answer("three channels", {"colour": "rgb"}))
    why = f"{grey:,} of the pictures that were looked at are grey, {coloured:,} have colours"
    rule = "" if wishes.values["colour"] != "auto" else "; the first picture decides"
    return Doubt("Grey or in colour?", why + rule, answers, int(wishes.shape[0] == 3))


def _of_white(found: Survey, wishes: Wishes) -> Doubt | None:
    if not any(mode in MODES for mode, _ in found.modes):
        return None
    ends = measured(found, deep=True)
    if ends is None or ends[1] >= 16384:
        return None
    usual = next(float(2**bits - 1) for bits in (8, 10, 12, 14) if ends[1] < 2**bits)
    answers = (Answer("65,535", {"white": 0.0}), Answer(f"{usual:,.0f}", {"white": usual}))
    why = f"the largest number in the 16-bit pictures that were looked at is {ends[1]:,.0f}: nearly black"
    taken = int(bool(wishes.values["white"]))
    return Doubt("Which number is white?", why, answers, taken)


def _of_ground(found: Survey, wishes: Wishes) -> Doubt | None:
    clear = sum(one.transparent for one in found.headers.values())
    if not clear:
        return None
    grounds = ("white", "grey", "black")
    answers = tuple(Answer(name, {"ground": name}) for name in grounds)
    why = f"{clear:,} of the pictures that were looked at are transparent"
    return Doubt("What do they lie on?", why, answers, grounds.index(str(wishes.values["ground"])))


def _of_layout(listing: Listing, values: Mapping[str, Any]) -> list[Doubt]:
    told: list[Doubt] = []
    answers: tuple[Answer, ...]
    if listing.parts and "folders" in values:
        answers = (
            Answer("parts, as their names say", {"folders": "auto", "split": "auto"}),
            Answer("one set, held back at random", {"folders": "auto", "split": "random"}),
            Answer("classes", {"folders": "classes", "split": "auto"}),
        )
        taken = 1 if values["split"] == "random" else 0
        why = "folders of these names are parts of a set as a rule"
        told.append(Doubt(f"What are {listed(listing.parts)}?", why, answers, taken))
    if "classes_from" not in values:
        return told
    two = folders_of_partners(listing.classes) if len(listing.classes) == 2 else None
    if two is not None:
        answers = (
            Answer("classes", {"dataset": "image-folder"}),
            Answer(f"pictures, and what is to be made of each in {two[1]}", {"dataset": "image-pairs"}),
        )
        why = "names of folders like these are those of classes as well as of pairs"
        told.append(Doubt(f"What are {two[0]} and {two[1]}?", why, answers))
    if listing.nested and values["classes_from"] in ("folders", "deepest"):
        rules = ("folders", "deepest")
        answers = tuple(
            Answer(f"the {words} folders", {"classes_from": rule})
            for rule, words in zip(rules, ("outer", "inner"), strict=True)
        )
        why = f"there are folders in {listed(listing.nested, 3)}"
        told.append(Doubt("Which folders are classes?", why, answers, rules.index(values["classes_from"])))
    is_bare = not listing.classes or values["classes_from"] == "names"
    if is_bare and (names := tell_classes(listing.paths)):
        answers = (
            Answer("nothing: no classes", {"classes_from": "folders"}),
            Answer(f"classes: {listed(names, 3)}", {"classes_from": "names"}),
        )
        why = "all names but a few are words beside a number"
        taken = int(values["classes_from"] == "names")
        told.append(Doubt("What do the names of the files say?", why, answers, taken))
    return told
