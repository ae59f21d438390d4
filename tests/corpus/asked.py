"""Asks a case as a drop does: who recognises the path, what was understood of it, which rows it has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.data import catalogue
from nodes.data.source import DataSource
from nodes.reading.dataset import DataSet, DataSplit, Scaling
from nodes.reading.look import DataLook
from nodes.user_error import UserError
from tests.corpus.case import Case, Expected

ADVICE = re.compile(r"\b([Cc]hoose|[Tt]ake|[Ll]eave|[Gg]ive|[Nn]ame|[Ss]ave|[Uu]se|[Kk]eep|[Dd]ivide|say)\b")
"""What a sentence has that says what to do."""


@dataclass
class Reading:
    """What the product made of a path: the set that reads it, the look and the rows; or why not."""

    dataset: str = ""
    look: DataLook | None = None
    data: DataSet | None = None
    shown: DataSet | None = None
    """The same rows with the scaling that a run takes, where that is asked for."""
    error: str = ""
    said: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)


def read(path: Path, values: dict[str, Any] | None = None, *, scaled: bool = False) -> Reading:
    """Open a path by drop alone, but for the values that a person sets."""
    found = Reading()
    try:
        matches = catalogue.recognised(path)
        if not matches:
            found.error = f"{path}: no data set recognises it"
            return found
        chosen = {**matches[0].recognised.values, **(values or {})}
        found.dataset = str(chosen.pop("dataset", matches[0].dataset))
        found.look = catalogue.look(DataSource(dataset=found.dataset, **chosen))
        plain = {"scaling": "none", **chosen}
        found.data = catalogue.load(DataSource(dataset=found.dataset, **plain))
        if scaled:
            found.shown = catalogue.load(DataSource(dataset=found.dataset, **chosen))
    except UserError as error:
        found.error = str(error)
        return found
    _listen(found, found.look, found.data)
    return found


def _listen(found: Reading, look: DataLook, data: DataSet) -> None:
    """Note every sentence that a person is told."""
    found.warned = [*look.warnings, *data.notes, *data.skipped]
    for doubt in look.doubts:
        taken = doubt.answers[doubt.taken].title if doubt.answers else ""
        found.warned.append(f"{doubt.question} [{doubt.why}] [{doubt.where}] [taken: {taken}]")
    found.said = [*found.warned, look.division, look.scaling]
    found.said += [f"{fact.name}: {fact.value} ({fact.why})" for fact in look.facts]
    found.said += [f"{part.name}: {part.kind}, {part.role} ({part.why})" for part in look.parts]
    found.said += [*data.info.columns, *data.info.classes]


def wrong(case: Case, path: Path) -> tuple[str, Reading]:
    """What is wrong with the reading of a case, empty where it is right; and the reading."""
    expected = case.expected
    found = read(path, dict(case.values), scaled=expected.distinct is not None)
    _forget_place(found, str(path.parent))
    if expected.refused:
        if re.search(expected.refused, found.error, re.DOTALL):
            return "", found
        return f"expected a refusal like {expected.refused!r}, received {_answer(found)}", found
    faults = [f"refused: {found.error}"] if found.error else _faults(expected, found)
    if not faults:
        return "", found
    told = [*found.warned, found.error]
    if expected.or_told and any(re.search(expected.or_told, sentence, re.DOTALL) for sentence in told):
        return "", found
    return "; ".join(faults), found


def unchoosable(case: Case, path: Path, found: Reading) -> list[str]:
    """The answers to doubts that end in an error, or that name no parameter of the set. An answer may be
    refused by a sentence that says what to do."""
    faults = []
    matches = catalogue.recognised(path) if found.look is not None else ()
    for doubt in found.look.doubts if found.look is not None else ():
        for answer in doubt.answers:
            chosen = {**matches[0].recognised.values, **case.values, **answer.values}
            try:
                catalogue.look(DataSource(**{"dataset": found.dataset, **chosen}))
            except UserError as error:
                if not ADVICE.search(str(error)):
                    faults.append(f"{doubt.question!r}, answer {answer.title!r}: {error}")
            except (ValueError, TypeError) as error:
                told = f"{type(error).__name__}: {error}"
                faults.append(f"{doubt.question!r}, answer {answer.title!r}: {told}")
    return faults


def _forget_place(found: Reading, folder: str) -> None:
    """Take the folder out of all sentences: its name is another in each run."""
    found.error = found.error.replace(folder, "")
    found.said = [sentence.replace(folder, "") for sentence in found.said]
    found.warned = [sentence.replace(folder, "") for sentence in found.warned]


def _answer(found: Reading) -> str:
    if found.error:
        return f"the error {found.error!r}"
    return f"{found.dataset}, told: {found.warned[:3]}"


def _faults(expected: Expected, found: Reading) -> list[str]:
    assert found.look is not None
    assert found.data is not None
    info, data = found.data.info, found.data
    target = None if info.target is None else _sizes(info.target.features)
    pairs: list[tuple[str, Any, Any]] = [
        ("data set", expected.dataset or found.dataset, found.dataset),
        ("samples", expected.samples, len(data.train) + len(data.validation)),
        ("validation samples", expected.validation, len(data.validation)),
        ("shape of a sample", expected.shape, _sizes(info.input.features)),
        ("type of inputs", expected.dtype or None, info.input.dtype),
        ("classes", None if expected.classes is None else list(expected.classes), list(info.classes)),
        ("shape of a target", expected.target, target),
    ]
    faults = [f"{what}: expected {a}, received {b}" for what, a, b in pairs if a is not None and a != b]
    if expected.kind and not re.fullmatch(expected.kind, info.kind):
        faults.insert(0, f"kind: expected {expected.kind}, received {info.kind}")
    if faults:
        return faults
    faults += _untold(expected, found)
    faults += _parts(expected, found.look)
    if expected.balance is not None:
        counted = _balance(data)
        if counted != dict(expected.balance):
            faults.append(f"samples of each class: expected {dict(expected.balance)}, received {counted}")
    return faults + _values(expected, found)


def _sizes(features: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(int(str(size)) if str(size).isdigit() else str(size) for size in features)


def _untold(expected: Expected, found: Reading) -> list[str]:
    return [
        f"expected to be told {pattern!r}, received {found.warned[:4] or 'no warning'}"
        for pattern in expected.told
        if not any(re.search(pattern, sentence, re.DOTALL) for sentence in found.said)
    ]


def _parts(expected: Expected, look: DataLook) -> list[str]:
    known = {part.name: f"{part.kind}, {part.role}" for part in look.parts}
    return [
        f"part {name!r}: expected {pattern!r}, received {known.get(name, 'no such part')!r}"
        for name, pattern in expected.kinds.items()
        if not re.search(pattern, known.get(name, ""))
    ]


def _balance(data: DataSet) -> dict[str, int]:
    found = dict.fromkeys(data.info.classes, 0)
    for part in (data.train, data.validation):
        if part.target is not None and len(part):
            for label in np.asarray(part.target.fetch(np.arange(len(part)))).ravel():
                found[data.info.classes[int(label)]] += 1
    return found


# Values -------------------------------------------------------------------------------------------------


def rows(data: DataSet) -> tuple[np.ndarray, np.ndarray | None, bool]:
    """All inputs and targets of both parts, in the order of the file where that is known."""
    parts = [part for part in (data.train, data.validation) if len(part)]
    inputs = np.concatenate([_undone(part.input, part.input_scaling) for part in parts])
    has_targets = all(part.target is not None for part in parts)
    targets = (
        np.concatenate([_undone(part.target, part.target_scaling) for part in parts]) if has_targets else None
    )
    places = [part.places for part in parts]
    if any(place is None for place in places):
        return inputs, targets, False
    order = np.argsort(np.concatenate([np.asarray(place) for place in places]), kind="stable")
    return inputs[order], None if targets is None else targets[order], True


def _undone(held: Any, scaling: Scaling | None) -> np.ndarray:
    """Rows as they are stored."""
    return np.asarray(held.fetch(np.arange(len(held))))


def _values(expected: Expected, found: Reading) -> list[str]:
    data = found.data
    assert data is not None
    asked = expected.columns or expected.inputs is not None or expected.targets is not None
    faults: list[str] = []
    if asked:
        inputs, targets, is_ordered = rows(data)
        wanted_targets = _named(expected.targets, data)
        if expected.columns:
            wanted = np.stack(
                [np.asarray(values, np.float64) for values in expected.columns.values()], axis=1
            )
            places = [_place(name, data) for name in expected.columns]
            if None in places:
                return [f"columns: expected {list(expected.columns)}, received {list(data.info.columns)}"]
            faults += _unlike("columns", wanted, inputs[:, places], wanted_targets, targets, False, expected)
        elif expected.inputs is not None:
            wanted = np.asarray(expected.inputs)
            faults += _unlike("inputs", wanted, inputs, wanted_targets, targets, is_ordered, expected)
        elif wanted_targets is not None:
            faults += _unlike("targets", wanted_targets, targets, None, None, is_ordered, expected)
    if expected.distinct is not None and found.shown is not None:
        faults += _same(expected, found.shown)
    return faults


def _named(targets: Any, data: DataSet) -> np.ndarray | None:
    """Targets as the set has them: names of classes as their places."""
    if targets is None:
        return None
    array = np.asarray(targets)
    if array.dtype.kind in "US":
        places = {name: place for place, name in enumerate(data.info.classes)}
        return np.array([places.get(str(name), -1) for name in array.ravel()]).reshape(array.shape)
    return array


def _place(name: str | int, data: DataSet) -> int | None:
    if isinstance(name, int):
        return name
    return data.info.columns.index(name) if name in data.info.columns else None


def _unlike(
    what: str,
    wanted: np.ndarray,
    received: np.ndarray | None,
    wanted_targets: np.ndarray | None,
    targets: np.ndarray | None,
    is_ordered: bool,
    expected: Expected,
) -> list[str]:
    """Whether samples differ: in their order where it is known, else as a bag."""
    if received is None:
        return [f"{what}: expected values, received none"]
    a, b = (np.asarray(one, np.float64).reshape(len(one), -1) for one in (wanted, received))
    if wanted_targets is not None:
        if targets is None:
            return ["targets: expected some, received none"]
        if len(targets) != len(b) or len(wanted_targets) != len(a):
            return [f"targets: expected {len(wanted_targets)}, received {len(targets)}"]
        a, b = (
            np.concatenate([x, np.asarray(y, np.float64).reshape(len(y), -1)], axis=1)
            for x, y in ((a, wanted_targets), (b, targets))
        )
    if a.shape != b.shape:
        return [f"{what}: expected sizes {a.shape}, received {b.shape}"]
    if not is_ordered:
        a, b = _sorted(a, expected.tolerance), _sorted(b, expected.tolerance)
    is_coarse = expected.tolerance >= 0.1  # of pixels that were packed with losses
    bound = expected.tolerance * (1 if is_coarse else np.maximum(1, np.abs(a)))
    bad = ~((np.abs(a - b) <= bound) | (np.isnan(a) & np.isnan(b)))
    if not bad.any():
        return []
    row, column = np.argwhere(bad)[0]
    return [f"{what}, row {row}, value {column}: expected {a[row, column]:g}, received {b[row, column]:g}"]


def _sorted(rows: np.ndarray, tolerance: float) -> np.ndarray:
    """The rows in an order in which values that are right stand side by side."""
    if tolerance < 1e-3:
        return rows[np.lexsort(rows.astype(np.float32).T[::-1])]
    return rows[np.argsort(rows.mean(axis=1), kind="stable")]


def _same(expected: Expected, data: DataSet) -> list[str]:
    """Columns in which the network sees too few different values."""
    import torch

    from engine.data.columns import Finish, tensor

    parts: list[DataSplit] = [part for part in (data.train, data.validation) if len(part)]
    finishes = [Finish(data.info.input, part.input_scaling, torch.device("cpu")) for part in parts]
    seen = torch.cat(
        [
            finish(tensor(part.input.fetch(np.arange(len(part)))))
            for finish, part in zip(finishes, parts, strict=True)
        ]
    )
    assert expected.distinct is not None
    return [
        f"column {place}: expected {count} different values, received {len(seen[:, place].unique())}"
        for place, count in expected.distinct.items()
        if len(seen[:, place].unique()) != count
    ]
