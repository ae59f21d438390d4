"""The sets of data nodes that go in pairs, loaded: divided once, and row for row the same samples.

Knows declarations and the places of samples; nothing of how batches are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine.data import catalogue
from engine.data.pairing import Nodes, leader_of
from engine.data.sample_names import named_alike
from nodes.data.source import DataSource
from nodes.reading.dataset import DataInfo, DataSet, DataSplit
from nodes.reading.error import DataError
from nodes.reading.split import DividedSamples, Indices

DIVISIONS = {
    "shuffled": "drawn by the seed",
    "stratified": "drawn by the seed, of each class its share",
    "group": "whole groups drawn by the seed",
    "time": "the last by time",
    "column": "as a column says",
    "fixed": "fixed by the files",
    "end": "the end of the sequence",
    "none": "none are held back",
    "all": "all samples validate",
}
"""How samples are held back to validate, as a message says it."""
AT_WILL = ("shuffled", "stratified")
"""Divisions of sets that can also be divided as another set is."""
ADVICE = "Keep both in files of one kind, or leave paired_with empty."


def decider_of(infos: Mapping[str, DataInfo], leader: str) -> str:
    """By which of the paired sets, described here, all of them are divided.

    The one that can be divided in one way alone (by its files, its order, its groups); the leader where it
    is such a one too, or where all can be divided at will.
    """
    bound = [path for path, info in infos.items() if info.division not in AT_WILL]
    return leader if leader in bound or not bound else bound[0]


def unlike(own: DataInfo, other: DataInfo, shares: tuple[float, float]) -> tuple[str, str, str] | None:
    """(expected, received, advice) where two sets cannot be a pair: they store other numbers of samples, or
    each can be divided in one way alone and these differ. None where they can.

    `shares` are what each node asks to hold back. Cheap: from descriptions alone; `load_paired` compares
    the samples themselves.
    """
    counts = [info.stored or info.samples for info in (other, own)]
    if counts[0] != counts[1]:
        words = (f"{count:,} stored samples" for count in counts)
        return next(words), next(words), "Store as many samples in both."
    if own.division in AT_WILL or other.division in AT_WILL:
        return None
    if own.division != other.division:
        words = (DIVISIONS.get(info.division, info.division) for info in (other, own))
        return f"validation samples that are {next(words)}", next(words), ADVICE
    if own.division == "end" and shares[0] != shares[1]:
        return f"a validation share of {shares[1]:g}", f"{shares[0]:g}", "Set both to the same share."
    return None


def load_paired(nodes: Nodes, seed: int) -> dict[str, DataSet]:
    """The sets of all nodes, ready to train on; row for row the same samples in those of a pair.

    A pair is divided once, as one of its sets is (`decider_of`); scalings are fitted to the part that then
    trains. A sample that one of them leaves out is left out of the others too. Raises `DataError` where
    counts, names of samples or fixed parts differ.
    """
    followers: dict[str, list[str]] = {}
    for path in nodes:
        followers.setdefault(leader_of(nodes, path), []).append(path)
    found: dict[str, DataSet] = {}
    for leader, paths in followers.items():
        if paths == [leader]:
            found[leader] = catalogue.load(nodes[leader], seed=seed)
        else:
            found |= _pair(nodes, leader, [leader, *(path for path in paths if path != leader)], seed)
    return {path: found[path] for path in nodes}


def _pair(nodes: Nodes, leader: str, paths: list[str], seed: int) -> dict[str, DataSet]:
    infos = {path: catalogue.describe(nodes[path]) for path in paths}
    for path in paths:
        counts = [infos[one].stored or infos[one].samples for one in (leader, path)]
        if counts[0] != counts[1]:
            raise DataError(
                f"{path}: Expected as many samples as {leader}, which it is paired with: {counts[0]:,}. "
                f"Received {counts[1]:,}. Store as many samples in both."
            )
    decider = decider_of(infos, leader)
    first = catalogue.load(nodes[decider], seed=seed, paired=True)
    train, validation = _places(decider, first)
    division = DividedSamples(
        train, validation, train[:0], first.info.division, f"as {decider} is, which it is paired with"
    )
    sets = {decider: first}
    for path in paths:
        if path != decider:
            sets[path] = catalogue.load(nodes[path], seed=seed, paired=True, follows=division)
            _require_followed(path, sets[path], decider, division)
            sets[path] = named_alike(path, sets[path], decider, first)
    return _of_all(sets, nodes, leader, decider)


def _places(path: str, data: DataSet) -> tuple[Indices, Indices]:
    """The places of the stored samples of both parts. Raises `DataError` where they are not known."""
    train, validation = data.train.places, data.validation.places
    if train is None or validation is None:
        raise DataError(
            f"{path}: Expected no row left out of a set in a pair. Received {data.skipped[0]}. "
            "Fill the gap, or leave it out of both files."
        )
    return train, validation


def _require_followed(path: str, own: DataSet, decider: str, division: DividedSamples) -> None:
    """Raise `DataError` where a set is not divided as its pair is: it can be divided in another way alone."""
    for part, wanted in zip(_places(path, own), (division.train, division.validation), strict=True):
        if not np.isin(part, wanted).all():
            raise DataError(
                f"{path}: Expected the same samples to train and to validate as {decider}, which it is "
                f"paired with. Received others: samples are divided differently. {ADVICE}"
            )


def _of_all(sets: dict[str, DataSet], nodes: Nodes, leader: str, decider: str) -> dict[str, DataSet]:
    """The samples that every set has, in one order; how many were left out of each is noted with it."""
    parts = [_common([_places(path, data)[part] for path, data in sets.items()]) for part in (0, 1)]
    if not len(parts[0]):
        raise DataError(
            f"{decider}: Expected samples to train on that all sets of the pair have. Received none."
        )
    found = {}
    for path, data in sets.items():
        kept = [_kept(each, part) for each, part in zip((data.train, data.validation), parts, strict=True)]
        lost = len(data.train) + len(data.validation) - sum(map(len, kept))
        notes = [*data.notes]
        if lost:
            others = ", ".join(other for other in sets if other != path)
            notes.append(f"{path}: {lost:,} of its samples are not used, as {others} leaves them out.")
        if path != decider and _asks_otherwise(nodes[path], nodes[decider]):
            notes.append(f"{path}: Its samples are held back as those of {decider}, which it is paired with.")
        if nodes[path].sampling not in ("shuffled", nodes[leader].sampling):
            notes.append(f"{path}: Its samples are drawn as those of {leader}, which it is paired with.")
        info = replace(data.info, samples=sum(map(len, kept)))
        found[path] = replace(data, info=info, train=kept[0], validation=kept[1], notes=notes)
    return found


def _common(places: list[Indices]) -> Indices:
    """Those places that all have, in the order of the first."""
    found = places[0]
    for other in places[1:]:
        found = found[np.isin(found, other)]
    return found


def _kept(part: DataSplit, places: Indices) -> DataSplit:
    """The samples at these places, in this order; the part itself where it has no others."""
    assert part.places is not None
    if np.array_equal(part.places, places):
        return part
    order = np.argsort(part.places, kind="stable")
    return part.at(order[np.searchsorted(part.places, places, sorter=order)])


def _asks_otherwise(own: DataSource, other: DataSource) -> bool:
    """Whether two nodes ask for other parts, in which case the one that is not followed is told."""
    asked = ("split", "validation", "samples")
    return any(own.values.get(name) != other.values.get(name) for name in asked)
