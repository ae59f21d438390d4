"""The samples of a data node one page at a time: as they are stored, and as the network sees them.

Both parts can be looked at, with the samples that the project excludes. Only the rows of a page are fetched.
What the network sees is scaled, and changed at random by the augmentations that follow the data node.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.data import catalogue
from engine.data.columns import Finish
from engine.data.pairing import leader_of
from engine.data.pairs import load_paired
from engine.document.project import Project
from engine.expand import expand
from engine.expand.flat import FlatEnd, FlatNode
from engine.system.random_state import own_random_state
from nodes.data.augment import Augmentation
from nodes.data.source import DataSource
from nodes.reading.dataset import Array, DataInfo, DataSet, DataSplit, Rows
from nodes.reading.error import DataError
from nodes.reading.excluded import places_of
from nodes.reading.labels.words import NONE, words_of
from nodes.reading.preview import beside, figure
from nodes.reading.progress import tell
from nodes.reading.sound.sound_pictures import pictures_of

TRAINING, VALIDATION = "training", "validation"
Indices = NDArray[np.int64]
WORDS_AT_ONCE = 4096
"""Samples whose words are searched at a time."""
FIGURES = 64
"""Values of a sample that are told as numbers."""


@dataclass(frozen=True, eq=False)
class BrowsedPage:
    """Some samples: their rows in the part and places among the stored ones, labels, and values.

    `pictures` are `(samples, channels, height, width)` uint8, where samples are pictures; else `cells` has
    their first values in words. A mask, or a picture that is to be made, is at the right of its picture.
    """

    rows: Indices
    places: Indices
    labels: tuple[str, ...]
    excluded: NDArray[np.bool_]
    trained: Indices
    """Rows in the part as it trains, without what is excluded; -1 for those."""
    pictures: NDArray[np.uint8] | None = None
    cells: tuple[tuple[str, ...], ...] = ()
    columns: tuple[str, ...] = ()


class BrowsedData:
    """The data of one node of a project. Raises `DataError` where they cannot be read."""

    def __init__(self, project: Project, path: str) -> None:
        self.nodes = expand(project).nodes
        sources = {
            name: node.layer for name, node in self.nodes.items() if isinstance(node.layer, DataSource)
        }
        if path not in sources:
            raise DataError(f"{path}: Expected a data node. Received none of this name.")
        self.path, self.source = path, sources[path]
        seed = project.settings.seed
        self.used: DataSet = load_paired(sources, seed)[path]
        """The set as it trains, without what is excluded."""
        self.excluded = places_of(str(self.source.values.get("excluded", "")))
        alone = sum(leader_of(sources, name) == leader_of(sources, path) for name in sources) == 1
        self.whole = self.used
        if len(self.excluded) and alone:
            every = DataSource(**{**self.source.changed(), "excluded": ""})
            self.whole = catalogue.load(every, seed=seed)

    @property
    def info(self) -> DataInfo:
        """What describes all rows, excluded ones too: without these, words have other numbers."""
        return self.whole.info

    @property
    def has_places(self) -> bool:
        """Whether samples can be excluded: a set that left rows out does not know their places."""
        return self.whole.train.places is not None

    def part(self, name: str) -> DataSplit:
        """The part of this name: "training" or "validation"."""
        return self.whole.train if name == TRAINING else self.whole.validation

    def rows(self, part: str, search: str = "") -> Indices:
        """The rows of a part whose label or text holds these words; all where nobody searches."""
        split, words = self.part(part), search.strip().lower()
        every = np.arange(len(split), dtype=np.int64)
        if not words:
            return every
        if words.startswith("#") and words[1:].isdigit():
            found: Indices = every[_places(split) == int(words[1:]) - 1]
            return found
        classes = self.info.classes
        has_classes = split.target is not None and classes and split.target.shape[1:] in ((), (1,))
        if split.target is None or not has_classes or self.info.kind in ("text", "texts"):
            return self._rows_of_words(split, every, words)
        wanted = [number for number, name in enumerate(classes) if words in name.lower()]
        targets = np.concatenate(
            [split.target.fetch(part).ravel() for part in np.array_split(every, max(1, len(every) // 65536))]
        )
        return every[np.isin(targets, wanted)]

    def _rows_of_words(self, split: DataSplit, every: Indices, words: str) -> Indices:
        """The rows that have these words in what they say: texts, their translations, captions."""
        found = []
        for some in np.array_split(every, max(1, len(every) // WORDS_AT_ONCE)):
            told = [[label] for label in _labels(split.target, self.info, some)]
            if self.info.kind in ("text", "texts"):
                cells = _cells(split.input.fetch(some), self.info)[1]
                told = [[*label, *cell] for label, cell in zip(told, cells, strict=True)]
            found += [row for row, said in zip(some, told, strict=True) if words in " ".join(said).lower()]
            tell("Searching")
        return np.array(found, np.int64)

    def page(
        self, part: str, rows: Indices, *, seen: bool, draw: int = 0, augmented: bool = True
    ) -> BrowsedPage:
        """These rows of a part, as they are stored or as the network sees them.

        `draw` seeds the augmentations, which act on training samples alone.
        """
        split = self.part(part)
        values = stored = split.input.fetch(rows)
        map_ = split.target.fetch(rows) if split.target is not None and len(split.target.shape) > 2 else None
        if seen:
            values, map_ = self._seen(stored, map_, augmented=augmented and part == TRAINING, draw=draw)
        places = _places(split)[rows]
        labels = _labels(split.target, self.info, rows)
        marks, trained = np.isin(places, self.excluded), self._trained(part, rows, places)
        if _is_picture(stored):
            pictures = self._pixels(values) if seen else stored.astype(np.uint8)
            if map_ is not None:
                pictures = beside(pictures, map_, self.info).astype(np.uint8)
            return BrowsedPage(rows, places, labels, marks, trained, pictures=pictures)
        if self.info.kind == "sounds" and values.ndim in (3, 4):
            return BrowsedPage(rows, places, labels, marks, trained, pictures=pictures_of(values))
        columns, cells = _cells(values, self.info)
        return BrowsedPage(rows, places, labels, marks, trained, cells=cells, columns=columns)

    def _trained(self, part: str, rows: Indices, places: Indices) -> Indices:
        """Which rows of the part these are for a run, which does without what is excluded."""
        own = self.used.train if part == TRAINING else self.used.validation
        if self.whole is self.used or own.places is None or not len(own):
            return rows
        order = np.argsort(own.places)
        at = np.searchsorted(own.places, places, sorter=order)
        found: Indices = order[np.minimum(at, len(order) - 1)]
        return np.where(own.places[found] == places, found, -1)

    def _seen(
        self, stored: Array, map_: Array | None, *, augmented: bool, draw: int
    ) -> tuple[Array, Array | None]:
        """The same as the network sees it, and a mask as the loss sees it."""
        finish = Finish(self.info.input, self.used.train.input_scaling, torch.device("cpu"))
        found = finish(torch.from_numpy(np.ascontiguousarray(stored)))
        steps = self.augmentations() if augmented else []
        moved = None if map_ is None else torch.from_numpy(np.ascontiguousarray(map_))
        specs = (self.info.input, self.info.target)
        with torch.no_grad(), own_random_state(torch.device("cpu"), draw):
            for node in steps:
                if moved is not None and node.layer.values.get("with_mask"):
                    found, moved = node.layer.build(*specs).train()(found, moved)
                else:
                    found = node.layer.build(specs[0]).train()(found)
        return np.asarray(found.numpy()), None if moved is None else np.asarray(moved.numpy())

    def augmentations(self) -> list[FlatNode]:
        """The augmentations that follow the data node one after the other."""
        found: list[FlatNode] = []
        end = FlatEnd(self.path, "input")
        while True:
            after = [
                node
                for node in self.nodes.values()
                if isinstance(node.layer, Augmentation) and node.inputs and node.inputs[0] == (end,)
            ]
            if len(after) != 1 or len(found) > len(self.nodes) or not _is_alone(after[0]):
                return found
            found.append(after[0])
            end = FlatEnd(after[0].path, after[0].layer.output_ports()[0].name)

    def _pixels(self, values: Array) -> NDArray[np.uint8]:
        """Scaled pictures as a person can see them: from the least to the greatest value of the page."""
        found = np.asarray(values, np.float64)
        low, high = float(np.nanmin(found, initial=0.0)), float(np.nanmax(found, initial=0.0))
        span = (high - low) or 1.0
        return np.asarray(((np.nan_to_num(found) - low) / span * 255.0).clip(0, 255).astype(np.uint8))


def _is_alone(node: FlatNode) -> bool:
    """Whether an augmentation reads nothing else, but for a mask that it moves alike."""
    return len(node.inputs) == 1 or bool(node.layer.values.get("with_mask"))


def _places(split: DataSplit) -> Indices:
    return np.arange(len(split), dtype=np.int64) if split.places is None else split.places


def _is_picture(stored: Array) -> bool:
    return stored.ndim == 4 and stored.dtype == np.uint8 and stored.shape[1] in (1, 3)


def _labels(target: Rows | None, info: DataInfo, rows: Indices) -> tuple[str, ...]:
    if target is None:
        return ("",) * len(rows)
    if len(target.shape) > 2:  # a mask, or a picture
        return ("",) * len(rows)
    values = target.fetch(rows)
    if info.labels and values.shape[1:] == (len(info.labels),):
        return tuple(words_of(row, info.labels) or NONE for row in values)
    if values.ndim > 1 and (info.kind in ("text", "texts") or info.target_vocabulary is not None):
        return tuple(_text(row, info) for row in values)
    if values.dtype.kind in "iu" and values.ndim == 1 and info.classes:
        return tuple(info.classes[int(value)] for value in values)
    flat = values.reshape(len(values), -1)
    more = " …" if flat.shape[1] > 4 else ""
    return tuple(", ".join(map(figure, row[:4])) + more for row in flat)


def _text(tokens: Any, info: DataInfo) -> str:
    vocabulary = info.target_vocabulary or info.vocabulary
    if vocabulary is not None:
        return vocabulary.text(int(one) for one in tokens)
    return "".join(info.classes[int(one)] for one in tokens)


def _cells(values: Array, info: DataInfo) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The headings and the first values of samples that are no pictures."""
    if info.kind in ("text", "texts") and values.dtype.kind in "iu":
        source = info if info.kind == "text" else _as_source(info)
        return ("text",), tuple((_text(row, source),) for row in values)
    flat = values.reshape(len(values), -1)[:, :FIGURES]
    names = info.columns if len(info.columns) >= flat.shape[1] else ()
    columns = names[: flat.shape[1]] or tuple(f"x{i + 1}" for i in range(flat.shape[1]))
    return columns, tuple(tuple(figure(one) for one in row) for row in flat)


def _as_source(info: DataInfo) -> DataInfo:
    from dataclasses import replace

    return replace(info, target_vocabulary=None)
