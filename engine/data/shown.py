"""What is shown of the data of a node: its samples and figures as they train.

A set in a pair is divided as its pair is, so it is read with the others; a picture of it shows what trains.
"""

from __future__ import annotations

from dataclasses import replace

from engine.data import catalogue
from engine.data.pairing import NodeData
from engine.data.pairs import load_paired
from nodes.reading.dataset import DataSet
from nodes.reading.look import DataLook
from nodes.reading.looking import SHOWN, balance_of, scaling_words
from nodes.reading.preview import SetPreview, of_set


def load(data: NodeData) -> DataSet:
    """The set as it trains. Raises `DataError`."""
    if not data.is_paired:
        return catalogue.load(data.source, seed=data.seed)
    return load_paired(dict(data.nodes), data.seed)[data.path]


def preview(data: NodeData, count: int = 9) -> SetPreview:
    """A few samples that train. May read the data, so ask from a worker thread. Raises `DataError`."""
    if not data.is_paired:
        return catalogue.preview(data.source, count, seed=data.seed)
    return of_set(load(data), count)


def look(data: NodeData) -> DataLook:
    """What was understood of the data, with the figures and samples of what trains. Raises `DataError`."""
    found = catalogue.look(data.source, seed=data.seed)
    if not data.is_paired:
        return found
    loaded = load(data)
    return replace(
        found,
        info=loaded.info,
        training=len(loaded.train),
        validation=len(loaded.validation),
        warnings=tuple(dict.fromkeys((*loaded.notes, *found.warnings))),
        division=loaded.division or found.division,
        scaling=scaling_words(loaded.train.input_scaling),
        balance=balance_of(loaded.train, loaded.info),
        samples=of_set(loaded, SHOWN),
    )
