"""The look at a file of arrays: each array with its type and values, what was found and why, and doubts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from nodes.reading.array.choosing import NONE, fitting_targets, role_of
from nodes.reading.array.folder import array_files
from nodes.reading.array.opening import open_store
from nodes.reading.array.outline import MOST_TOKENS, ArrayOutline
from nodes.reading.array.rows import SAMPLED, stored_rows
from nodes.reading.array.store import ArrayHead, ArrayStore
from nodes.reading.dataset import Array, ArrayRows, DataInfo, DataSet
from nodes.reading.error import DataError
from nodes.reading.look import Answer, DataLook, DataPart, Doubt, Fact, ValueCounts
from nodes.reading.looking import look_at
from nodes.reading.tables.seen.seen_numbers import SeenNumbers
from nodes.reading.tables.told.far_numbers import FarLearner
from nodes.shared.card_label import by
from nodes.shown_text import LINE, listed, shown

MOST_PARTS = 100
"""Arrays that are looked into; further ones are named by their headers alone."""
MOST_READ = 1 << 30
"""Bytes of arrays that are read whole for a look, in all."""
LOOKED_AT = 200_000
"""Values of an array from which its range and its histogram come."""
BINS = 20
EXAMPLES = 5
MOST_LOOKED = 5_000_000
"""Values of an array among which one is looked for that may stand for none."""
_READINGS = {
    ("channels", "last"): "The last axis has the channels",
    ("channels", "none"): "They are pictures without an axis of channels",
    ("samples_axis", "last"): "Samples lie along the last axis",
}
_AS_IT_IS = {
    "channels": "The first axis has the channels, or there are none",
    "samples_axis": "Samples lie along the first axis",
}


def look(found: ArrayOutline, info: DataInfo, data: DataSet) -> DataLook:
    """What was understood of the file. Raises `DataError`."""
    store = open_store(found.path)
    plain = look_at(info, data)
    return replace(
        plain,
        facts=(*_facts(found, data), *(fact for fact in plain.facts if fact.name not in ("Target",))),
        parts=_parts(store, found),
        parts_are="arrays",
        doubts=_doubts(found),
        warnings=(*plain.warnings, *_unusable(found), *_beside(found), *_far(found, data)),
        scaling=_scaling(plain.scaling, found, data),
    )


def _scaling(words: str, found: ArrayOutline, data: DataSet) -> str:
    if found.tokens:
        return "tokens stay whole numbers"
    if len(data.train) > SAMPLED and "mean" in words:
        words = f"{words}, from {SAMPLED:,} of its samples at most"
    return f"{words}; targets: (y − mean) / deviation" if data.train.target_scaling is not None else words


def _facts(found: ArrayOutline, data: DataSet) -> tuple[Fact, ...]:
    chosen, axes, head = found.chosen, found.axes, found.head
    facts = [
        Fact("Format", found.format),
        Fact("Input", f"{chosen.input}: {_told(head)}", chosen.why),
    ]
    if chosen.target is not None and found.form is not None:
        form, names = found.form, found.form.names()
        value = "numbers" if form.classes is None else f"{form.kind}: {listed(names)}"
        facts.append(Fact("Target", f"{chosen.target}: {value}", form.why))
    else:
        facts.append(Fact("Target", "none", "no array goes with the inputs"))
    if chosen.held_input is not None:
        held = (chosen.held_input, chosen.held_target)
        facts.append(Fact("Validates", listed(name for name in held if name), "their names say so"))
    if axes.why_samples and axes.samples == "last":
        facts.append(Fact("Samples lie along", f"the {axes.samples} axis", axes.why_samples))
    if axes.why_channels:
        words = "none" if axes.channels == "none" else f"the {axes.channels} axis of a sample"
        facts.append(Fact("Channels", words, axes.why_channels))
    if found.close and data.train.target_scaling is not None:
        facts.append(Fact("Target scaling", "standardise", "single precision cannot tell the targets apart"))
    if found.tokens:
        facts.append(Fact("Tokens", f"{found.tokens:,}", f"whole numbers up to {found.high:,}"))
    return tuple(facts)


def _told(head: ArrayHead) -> str:
    kind = "words" if head.dtype.kind in "US" else head.dtype.newbyteorder("=").name
    return f"{kind} {by(head.shape) or 'one value'}"


def _far(found: ArrayOutline, data: DataSet) -> tuple[str, ...]:
    """A sentence for each number that may stand for no value, as -999, in the first samples that train."""
    told = []
    held = [(found.chosen.input, data.train.input), (found.chosen.target or "", data.train.target)]
    for name, rows in held:
        if rows is None or (name == found.chosen.target and data.info.classes):
            continue
        some = rows.fetch(np.arange(min(SAMPLED, len(rows))))
        if some.dtype.kind not in "fi" or some.size > MOST_LOOKED:
            continue
        learner = FarLearner()
        if some.size:
            learner.add(SeenNumbers.of(some.astype(np.float64).ravel()))
        told += [
            f"Array {shown(name)}: {far.count:,} of {some.size:,} values are {far.word}, all others lie from "
            f"{far.low:g} to {far.high:g}: does it stand for no value?"
            for far in learner.found()
        ]
    return tuple(told)


def _unusable(found: ArrayOutline) -> tuple[str, ...]:
    """A sentence for the arrays that cannot be used, and why the first cannot."""
    if not found.refused:
        return ()
    first = str(next(iter(found.refused.values()))).removeprefix(f"{found.path}: ")
    return (f"Not used: {listed(found.refused)}. {first}",)


def _beside(found: ArrayOutline) -> tuple[str, ...]:
    """A sentence where a file of inputs alone has one of targets beside it."""
    if found.path.suffix.lower() != ".npy" or found.form is not None or found.path.is_dir():
        return ()
    named = [f"{name}.npy" for name, _ in array_files(found.path.parent) if role_of(name)[0] == "target"]
    if not named:
        return ()
    return (
        f"{found.path.name} is read alone; beside it lies {listed(named)}. Choose the folder to read both.",
    )


# Arrays -----------------------------------------------------------------------------------------


def _parts(store: ArrayStore, found: ArrayOutline) -> tuple[DataPart, ...]:
    parts, read = [], 0
    for i, (name, head) in enumerate(found.heads.items()):
        read += head.nbytes if store.in_memory(name) else 0
        if i >= MOST_PARTS or read > MOST_READ or 0 in head.shape:
            parts.append(_part(found, name, head, None))
            continue
        try:
            parts.append(_part(found, name, head, _some(store, found, name)))
        except DataError as error:  # of an array that is not used; of others the outline has raised it
            told = _part(found, name, head, None)
            parts.append(replace(told, why=shown(f"it cannot be read: {error}", LINE)))
    return tuple(parts)


def _some(store: ArrayStore, found: ArrayOutline, name: str) -> Array:
    """Rows of an array, enough for a histogram: evenly, or from its beginning where each unpacks others."""
    turned = name in (found.chosen.input, found.chosen.held_input)
    rows = stored_rows(store, name, found.axes.samples if turned else "first")
    if not rows.shape:
        return np.zeros(0)
    count = max(1, LOOKED_AT // max(1, math.prod(rows.shape[1:])))
    step = max(1, len(rows) // count) if isinstance(rows, ArrayRows) else 1
    return rows.fetch(np.arange(0, len(rows), step)[:count])


def _part(found: ArrayOutline, name: str, head: ArrayHead, values: Array | None) -> DataPart:
    chosen = found.chosen
    role, why = "ignore", ""
    if name in (chosen.input, chosen.held_input):
        role, why = "input", "validates" if name == chosen.held_input else chosen.why
    elif name in (chosen.target, chosen.held_target):
        role, why = "target", found.form.why if found.form is not None else ""
    elif name in chosen.spare:
        why = "it belongs to a further part, which is set aside"
    told = DataPart(name=shown(name), kind=_told(head), role=role, why=why)
    if values is None or not values.size:
        return told
    gaps = [part.gaps.get(name) for part in (found.train, found.held) if part is not None]
    missing = sum(one.values for one in gaps if one is not None)
    flat = values.ravel()
    if flat.dtype.kind in "US":
        return replace(told, **_counted(flat), examples=_examples(flat))
    numbers = flat.astype(np.float64) if flat.dtype.kind in "buif" else np.zeros(0)
    with np.errstate(all="ignore"):
        finite = numbers[np.isfinite(numbers)]
    if not len(finite):
        return replace(told, missing=missing, examples=_examples(flat))
    counts, edges = np.histogram(finite, BINS)
    few = (
        _counted(flat)
        if role == "target" and found.form is not None and found.form.classes is not None
        else {}
    )
    return replace(
        told,
        examples=_examples(flat),
        missing=missing,
        low=float(finite.min()),
        high=float(finite.max()),
        histogram=ValueCounts(tuple(edges.tolist()), tuple(counts.tolist())),
        **few,
    )


def _examples(flat: Array) -> tuple[str, ...]:
    return tuple(
        shown(f"{value:.6g}" if isinstance(value, float) else str(value))
        for value in flat[:EXAMPLES].tolist()
    )


def _counted(flat: Array) -> dict[str, Any]:
    different, counts = np.unique(flat, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:100]
    common = tuple((shown(str(different[i])), int(counts[i])) for i in order.tolist())
    return {"distinct": len(different), "common": common}


# Doubts -----------------------------------------------------------------------------------------


def _doubts(found: ArrayOutline) -> tuple[Doubt, ...]:
    doubts = [*_of_arrays(found)]
    for parameter, value, why in found.axes.doubts:
        answers = (
            Answer(_AS_IT_IS[parameter], {parameter: "first"}),
            Answer(_READINGS[parameter, value], {parameter: value}),
        )
        asked = "Where are the channels?" if parameter == "channels" else "Along which axis do samples lie?"
        doubts.append(Doubt(asked, why, answers, where=f"array {found.chosen.input}"))
    if found.form is not None and found.form.other[0]:
        doubts.append(_of_targets(found))
    if _may_be_tokens(found):
        why = f"array {found.chosen.input!r} has whole numbers from {found.low:,} to {found.high:,}"
        answers = (
            Answer("They are numbers", {"whole_numbers": "numbers"}),
            Answer("They are tokens, for an embedding", {"whole_numbers": "tokens"}),
        )
        doubts.append(Doubt("Are the inputs numbers or tokens?", why, answers, where=found.chosen.input))
    return tuple(doubts)


def _may_be_tokens(found: ArrayOutline) -> bool:
    """Whether inputs are rows of whole numbers from 0 up, of a type that is used for tokens."""
    is_long = found.head.dtype.itemsize >= 4 and len(found.axes.sample) == 1 < found.axes.sample[0]
    return is_long and not found.tokens and 1 < found.high < MOST_TOKENS and found.low >= 0


def _of_targets(found: ArrayOutline) -> Doubt:
    assert found.form is not None
    where = f"array {found.chosen.target}"
    if found.form.other[0] == "target_form":
        answers = (
            Answer("Masks, or pictures, as large as their inputs", {"target_form": "picture"}),
            Answer("Numbers in a row", {"target_form": "flat"}),
        )
        taken = int(not found.form.sizes)
        return Doubt("Are the targets pictures or numbers?", found.form.why, answers, taken, where)
    answers = (Answer("Classes", {"task": "classification"}), Answer("Numbers", {"task": "regression"}))
    taken = int(found.form.classes is None)
    return Doubt("Are the targets classes or numbers?", found.form.why, answers, taken, where)


def _of_arrays(found: ArrayOutline) -> tuple[Doubt, ...]:
    """Which array is predicted, where sizes alone said so."""
    chosen = found.chosen
    fitting = fitting_targets(found.heads, chosen.input)[:8]
    if not chosen.unsure or not fitting:
        return ()
    answers = [Answer(f"The array {shown(name)}", {"target_array": name}) for name in fitting]
    answers.append(Answer("None", {"target_array": NONE}))
    taken = fitting.index(chosen.target) if chosen.target in fitting else len(answers) - 1
    why = chosen.why or "no name says it"
    return (Doubt("Which array is to be predicted?", why, tuple(answers), taken, found.path.name),)


def values_for_role(found: ArrayOutline, part: str, role: str) -> dict[str, Any]:
    """The parameters that give an array this role. Raises `DataError`."""
    chosen = found.chosen
    if part not in found.heads or role not in ("input", "target", "ignore"):
        raise DataError(
            f"{found.path}: Expected one of the arrays {listed(found.heads)} as input, target or ignore. "
            f"Received {part!r} as {role}."
        )
    if role == "input":
        swapped = {"target_array": chosen.input} if part == chosen.target else {}
        return {"input_array": part, **swapped}
    if role == "target":
        if part == chosen.input:
            if chosen.target is None:
                raise DataError(
                    f"{found.path}: Expected another array as the input first. Received {part!r} as both."
                )
            return {"input_array": chosen.target, "target_array": part}
        return {"target_array": part}
    if part == chosen.input:
        raise DataError(
            f"{found.path}: Expected another array as the input first. Received {part!r} as ignore."
        )
    if part == chosen.target:
        return {"target_array": NONE}
    if part in (chosen.held_input, chosen.held_target):
        return {"validation_input": NONE, "validation_target": NONE}
    return {}
