"""Names by which pictures and their masks or partners belong together: of folders, and of files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

from nodes.reading.picture.part_names import part_of

PICTURES = (
    *("images", "image", "imgs", "img", "pictures", "picture", "photos", "jpegimages", "inputs", "input"),
    *("original", "originals", "raw", "scans", "frames", "rgb", "data"),
)
MASKS = (
    *("stmanual", "manual"),
    *(
        "masks",
        "mask",
        "labels",
        "label",
        "segmentationclass",
        "segmentations",
        "segmentation",
        "segs",
        "seg",
    ),
    *("annotations", "annotation", "annots", "annot", "groundtruth", "gt", "labelcol"),
    *("segmentationobject", "maps", "regions"),
)
"""Words for folders, in the order in which they are looked for; letters alone, in small ones."""
PARTNERS = (
    *(("input", "target"), ("inputs", "targets"), ("input", "output"), ("inputs", "outputs"), ("lr", "hr")),
    *(("noisy", "clean"), ("blur", "sharp"), ("blurred", "sharp"), ("source", "target")),
)
"""Words for two folders of pictures, one to be made from the other."""
IN_DOUBT = (
    *(("a", "b"), ("x", "y"), ("low", "high"), ("before", "after"), ("grey", "colour"), ("gray", "color")),
)
"""Words that may name classes as well: they are taken for partners where somebody says so."""
_IN_NAME = re.compile(r"mask|groundtruth|manual|segmentation|annotation|labell?ed")
_OF_MASK = r"(mask|masks|label|labels|lbl|seg|segmentation|gt|groundtruth|annotation|manual\d?|target|out|l)"
_OF_PICTURE = r"(images?|imgs?|pictures?|photos?|sat|input|in|raw|rgb|training|test)"
_BEHIND = {kind: re.compile(rf"[._ -]{words}$", re.IGNORECASE) for kind, words in
           (("mask", _OF_MASK), ("picture", _OF_PICTURE))}  # fmt: skip
_BEFORE = {kind: re.compile(rf"^{words}[._ -]", re.IGNORECASE) for kind, words in
           (("mask", _OF_MASK), ("picture", _OF_PICTURE))}  # fmt: skip
MASK_BEHIND = re.compile(r"[._ -](mask|masks|label|labels|seg|segmentation|gt|annotation)$", re.IGNORECASE)
"""What ends the name of a mask that lies beside its picture."""

_OBJECT = re.compile(r"(.*[^/._ -])[._ -]+\d+")
"""A name with a number behind it."""


def bare(name: str) -> str:
    """The letters of a name, in small ones: "Ground_Truth" becomes "groundtruth"."""
    return re.sub(r"[^a-z]", "", name.lower())


def folders_of_masks(names: Iterable[str]) -> tuple[str, str] | None:
    """Which of these folders has the pictures and which their masks; None where none say so."""
    every = sorted(names)
    masks = _first(every, MASKS)
    if masks is None:
        return _with_a_word(every)
    others = [name for name in every if name != masks]
    pictures = _first(others, PICTURES)
    if pictures is None:
        free = [name for name in others if part_of(name) is None and not _says_mask(name)]
        pictures = free[0] if len(free) == 1 and len(every) == 2 else None
    return None if pictures is None else (pictures, masks)


def is_by_a_word(every: list[str]) -> bool:
    """Whether one of two folders is taken for that of masks by a word within its name alone."""
    return _first(every, MASKS) is None and _with_a_word(every) is not None


def _with_a_word(every: list[str]) -> tuple[str, str] | None:
    """Two folders, of which one has a mask in its name beside other words, as train and train_masks."""
    if len(every) != 2:
        return None
    said = [name for name in every if _IN_NAME.search(bare(name))]
    words = {word for name in every for word in re.findall(r"[a-z]+", name.lower())}
    if len(said) != 1 or words & {"no", "non", "with", "without", "not"}:
        return None
    return next(name for name in every if name != said[0]), said[0]


def _says_mask(name: str) -> bool:
    """Whether a mask is in the name, as in no_mask, which is a class."""
    return any(word in bare(name) for word in MASKS if len(word) > 3)


def folders_of_partners(names: Iterable[str]) -> tuple[str, str] | None:
    """Which of two folders has what goes in and which what comes out; None where they do not say so."""
    every = sorted(names)
    for first, second in (*PARTNERS, *(IN_DOUBT if len(every) == 2 else ())):
        found = _first(every, (first,)), _first(every, (second,))
        if found[0] is not None and found[1] is not None:
            return found[0], found[1]
    return None


def may_be_classes(two: tuple[str, str]) -> bool:
    """Whether these folders of partners may be two classes as well."""
    return (bare(two[0]), bare(two[1])) in IN_DOUBT


def _first(names: Sequence[str], words: Sequence[str]) -> str | None:
    return next((name for word in words for name in names if bare(name) == word), None)


def stem(path: str) -> str:
    """A path without its ending, with / between folders."""
    return os.path.splitext(path)[0].replace(os.sep, "/")  # noqa: PTH122 - 100,000 of them


def key(path: str, kind: str) -> str:
    """What the names of a picture and its mask share: without words such as _mask or img_."""
    folder, _, name = stem(path).rpartition("/")
    cut = _BEHIND[kind].sub("", name)
    if cut == name:
        cut = _BEFORE[kind].sub("", name)
    return f"{folder}/{cut}" if folder else cut


def key_of_object(path: str) -> str:
    """What the name of the mask of one object, as 7_2 or 7_mask_2, shares with that of its picture; empty
    where it ends with no number."""
    numbered = _OBJECT.fullmatch(stem(path))
    return key(f"{numbered[1]}.", "mask") if numbered is not None else ""


def shared_ends(stems: Sequence[str]) -> tuple[int, int]:
    """How many characters, none of them a digit, all of these begin and end with alike; 0 of fewer than 3."""
    if len(stems) < 3:
        return 0, 0
    first = _shared(stems)
    last = _shared([one[::-1] for one in stems])
    before = len(first.rstrip("0123456789"))
    after = len(last.rstrip("0123456789"))
    return before, min(after, min(map(len, stems)) - before)


def _shared(names: Sequence[str]) -> str:
    """The characters with which all of them begin."""
    low, high = min(names), max(names)
    count = next(
        (i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high))
    )
    return low[:count]
