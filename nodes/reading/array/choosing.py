"""Which array of a file is what: inputs and targets, to train and to validate, by their names, else by sizes.

A name is parted into words: one says the role (x, images, labels …), one the part (train, val, test).
Knows headers alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from nodes.reading import split
from nodes.reading.array.store import ArrayHead

NONE = "none"
"""What is given for an array that is not to be used."""
INPUTS = frozenset(
    (
        *("x", "input", "inputs", "image", "images", "img", "imgs", "data", "feature", "features", "feat"),
        *("fea", "picture", "pictures", "sample", "samples", "pixels", "signal", "signals", "spectra"),
        *("tokens", "ids"),
    )
)
TARGETS = frozenset(
    (
        *("y", "t", "target", "targets", "label", "labels", "lbl", "class", "classes", "gnd", "gt"),
        *("output", "outputs", "mask", "masks", "truth"),
    )
)
PAIRS = (
    ("x", "y"),
    ("x_train", "y_train"),
    ("train_images", "train_labels"),
    ("input", "target"),
    ("inputs", "targets"),
    ("images", "labels"),
    ("data", "target"),
    ("data", "labels"),
    ("features", "labels"),
)
"""Names, in small letters, that are looked for first, in this order."""
INPUTS_FIRST = ("x", "input", "inputs", "images", "data", "features")
TARGETS_FIRST = ("y", "target", "targets", "labels", "label")
"""Words that come before others, where several arrays have the same role."""
_PARTS = {"te": split.TEST, "ts": split.TEST, "t10k": split.TEST}
_WORD = re.compile(r"t10k|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_TOGETHER = re.compile(r"(x|y)(train|tr|test|te|ts|val|valid|dev)|(train|tr|test|te|ts|val|valid|dev)(x|y)")


@dataclass(frozen=True)
class WantedArrays:
    """The names that somebody chose; empty: by the rules here, `NONE`: none."""

    input: str = ""
    target: str = ""
    held_input: str = ""
    held_target: str = ""


@dataclass(frozen=True)
class ChosenArrays:
    """The arrays that are used. `why` says how they were chosen; `unsure`: by their sizes alone."""

    input: str
    target: str | None = None
    held_input: str | None = None
    held_target: str | None = None
    why: str = ""
    unsure: bool = False
    spare: tuple[str, ...] = field(default=())
    """Arrays of a further part, which are set aside."""


def role_of(name: str) -> tuple[str, int | None]:
    """The role of an array by its name ("input", "target" or ""), and its part as in `nodes.reading.split`.

    >>> role_of("trainImages"), role_of("y_val"), role_of("weights")
    (('input', 0), ('target', 1), ('', None))
    """
    words = [word.lower() for word in _WORD.findall(name)]
    parted: list[str] = []
    for word in words:
        found = _TOGETHER.fullmatch(word)
        parted += [piece for piece in found.groups() if piece] if found else [word]
    part = next((known for word in parted if (known := _part(word)) is not None), None)
    for word in reversed(parted):
        if _part(word) is None and word in TARGETS:
            return "target", part
        if _part(word) is None and word in INPUTS:
            return "input", part
    return "", part


def _part(word: str) -> int | None:
    return _PARTS.get(word, split.part_of(word))


def choose(
    heads: Mapping[str, ArrayHead], wanted: WantedArrays, others: tuple[str, ...] = ()
) -> ChosenArrays | None:
    """Choose among these arrays, and those `others` that cannot be read; None where nothing says which.

    What is wanted by name counts, whatever the rules say.
    """
    names = (*heads, *others)
    alone = len(names) == 1
    found = (None if alone else _by_name(names)) or _by_size(heads, others)
    if found is not None and found.target is None and not wanted.input:
        found = replace(found, target=_only_target(heads, found.input, ()))
    if wanted.input and (found is None or found.input != wanted.input):
        target = _only_target(heads, wanted.input, (found.target,) if found and found.target else ())
        found = ChosenArrays(wanted.input, target, why="the input was chosen", unsure=target is not None)
    if found is None:
        return None
    return _as_wanted(found, wanted)


def _as_wanted(found: ChosenArrays, wanted: WantedArrays) -> ChosenArrays:
    def one(given: str, ruled: str | None) -> str | None:
        return {"": ruled, NONE: None}.get(given, given)

    chosen = ChosenArrays(
        found.input,
        one(wanted.target, found.target),
        one(wanted.held_input, found.held_input),
        one(wanted.held_target, found.held_target),
        found.why,
        found.unsure and not wanted.target,
        found.spare,
    )
    if chosen.target == chosen.input:
        return ChosenArrays(chosen.input, None, why=chosen.why)
    if chosen.held_input is None or (chosen.target is None) != (chosen.held_target is None):
        held_input = chosen.held_input if chosen.target is None else None
        return ChosenArrays(
            chosen.input, chosen.target, held_input, None, chosen.why, chosen.unsure, chosen.spare
        )
    return chosen


def _by_name(names: tuple[str, ...]) -> ChosenArrays | None:
    lower = {name.lower(): name for name in reversed(names)}
    pair = next((pair for pair in PAIRS if pair[0] in lower and pair[1] in lower), None)
    parts = {part: _of_part(names, part) for part in (None, split.TRAIN, split.VALIDATION, split.TEST)}
    own, target = parts[split.TRAIN if parts[split.TRAIN][0] else None]
    if pair is not None:
        own, target = lower[pair[0]], lower[pair[1]]
    if own is None:
        return None
    held = [
        parts[part]
        for part in (split.VALIDATION, split.TEST)
        if parts[part][0] not in (None, own) and (parts[part][1] is None) == (target is None)
    ]
    held_input, held_target = held[0] if held else (None, None)
    spare = tuple(name for one in held[1:] for name in one if name)
    return ChosenArrays(own, target, held_input, held_target, "their names say so", target is None, spare)


def _of_part(names: tuple[str, ...], part: int | None) -> tuple[str | None, str | None]:
    """The arrays of inputs and of targets of a part by their names, None for one that it lacks.

    An array that is named after its part alone has its inputs.
    """
    roles = [(name, role) for name in names for role, of in [role_of(name)] if of == part]
    inputs = [name for name, role in roles if role == "input"]
    targets = [name for name, role in roles if role == "target"]
    bare = [name for name, role in roles if part is not None and not role]
    chosen = inputs or (bare if len(bare) == 1 and not targets else [])
    return _first(chosen, INPUTS_FIRST), _first(targets, TARGETS_FIRST)


def _first(names: list[str], order: tuple[str, ...]) -> str | None:
    """The name with the word that comes first in this order; else the first of all."""
    for word in order:
        for name in names:
            if word in [found.lower() for found in _WORD.findall(name)]:
                return name
    return names[0] if names else None


def _by_size(heads: Mapping[str, ArrayHead], others: tuple[str, ...]) -> ChosenArrays | None:
    """One array: the inputs. Two: the one of more sizes. More: the one that is the largest by far."""
    names = (*heads, *others)
    if len(names) == 1:
        return ChosenArrays(names[0], why="it is the only array")
    if len(names) == 2 and not others:
        first, second = sorted(names, key=lambda name: -len(heads[name].shape))
        if role_of(first)[0] == "target" and role_of(second)[0] != "target":
            first, second = second, first
        is_longer = len(heads[first].shape) > len(heads[second].shape)
        why = f"{first!r} {'has more sizes' if is_longer else 'comes first'}"
        return ChosenArrays(first, second, why=why, unsure=True)
    sizes = {
        name: (len(head.shape), head.nbytes) for name, head in heads.items() if head.dtype.kind not in "US"
    }
    labels = [name for name in heads if role_of(name)[0] == "target"]
    sizes = {name: size for name, size in sizes.items() if name not in labels} or sizes
    ordered = sorted(sizes, key=lambda name: sizes[name], reverse=True)
    if not ordered or (len(ordered) > 1 and sizes[ordered[0]] == sizes[ordered[1]]):
        return None
    target = _only_target(heads, ordered[0], tuple(labels))
    return ChosenArrays(ordered[0], target, why="it is the largest array", unsure=True)


def _only_target(heads: Mapping[str, ArrayHead], chosen: str, first: tuple[str, ...]) -> str | None:
    """The one array with a value for each of the inputs; by name, where there are several."""
    fitting = fitting_targets(heads, chosen)
    named = [name for name in fitting if name in first or role_of(name)[0] == "target"]
    single = [name for name in fitting if max(heads[name].shape) == math.prod(heads[name].shape)]
    for names in (named, single, fitting):
        if names and (names is named or len(names) == 1):
            return names[0]
    return None


def fitting_targets(heads: Mapping[str, ArrayHead], chosen: str) -> tuple[str, ...]:
    """The arrays with one value or one row for each of the inputs."""
    if chosen not in heads or not heads[chosen].shape:
        return ()
    for count in (heads[chosen].shape[0], heads[chosen].shape[-1]):
        found = tuple(
            name for name, head in heads.items() if name != chosen and _has_targets(head.shape, count)
        )
        if found and count > 1:
            return found
    return ()


def _has_targets(shape: tuple[int, ...], count: int) -> bool:
    """Whether an array of these sizes has a value or a row for each of so many samples."""
    return 1 <= len(shape) <= 2 and (shape[0] == count or (len(shape) == 2 and shape == (1, count)))
