"""A run goes on only with the classes and the vocabularies with which it began: a number of another meaning
would be learned in silence. Other files with the same words are told.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from engine.data.kept_data import KeptData, decoded, is_changed
from engine.runs.plain_files import content
from engine.runs.record import DATA, LARGEST_DATA
from nodes.data.source import DataSource
from nodes.reading.dataset import DataInfo, DataSet
from nodes.reading.error import DataError


def require_same_words(folder: Path, sets: Mapping[str, DataSet]) -> None:
    """Raise `DataError` where a data set of a run that goes on has other words than it began with.

    Nothing is known of runs that kept nothing of their data.
    """
    kept = _kept(folder)
    for path, data in sets.items():
        if path in kept:
            _require_same(path, kept[path], data.info)


def changed_data(folder: Path | None, layers: Mapping[str, object]) -> list[str]:
    """That files of a run that goes on are not what they were when it began, a sentence for each node."""
    kept = {} if folder is None else _kept(folder)
    return [
        f"{path}: the data have changed since the run began: what validated may train now."
        for path, layer in layers.items()
        if isinstance(layer, DataSource) and path in kept and is_changed(kept[path], layer)
    ]


def _kept(folder: Path) -> Mapping[str, KeptData]:
    if not os.path.lexists(folder / DATA):
        return {}
    return decoded(content(folder / DATA, LARGEST_DATA))


def _require_same(path: str, kept: KeptData, info: DataInfo) -> None:
    pairs = (
        ("classes", kept.info.classes, info.classes),
        ("labels", kept.info.labels, info.labels),
        ("tokens", kept.info.vocabulary, info.vocabulary),
        ("tokens to predict", kept.info.target_vocabulary, info.target_vocabulary),
    )
    for what, before, now in pairs:
        if before != now:
            raise DataError(
                f"{path}: Begin a new run, or put the data back as they were. Expected the {what} with which "
                f"the run began ({len(before or ()):,}). Received others ({len(now or ()):,}): the data have "
                "changed since."
            )
