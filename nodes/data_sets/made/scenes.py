"""Scenes that are drawn by rule, with the mask or with the caption of each.

What a scene can be is the business of `nodes.reading.picture.drawn_scenes`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nodes.data_sets.declaration import DataSetDeclaration, split_param
from nodes.data_sets.pictures import PictureSet
from nodes.data_sets.text_pairs import DECODER_INPUT, TARGET_MASK
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nodes.reading.dataset import DataInfo, DataSet, Rows
    from nodes.reading.picture.drawn_scenes import Scenes
    from nodes.reading.texts.vocabulary import Vocabulary

SIDE = 32
USUAL_COUNT = 4000
LENGTH = 9
"""Tokens of a caption with its end: "a red disc at the top left" has seven words."""
GROUND = "ground"


class DrawnScenes(DataSetDeclaration):
    """What sets of drawn scenes share: pictures in colour, of 32×32 where no other size is chosen."""

    kind = "images"
    licence = "generated"
    place = 12

    split = split_param()

    @property
    def count(self) -> int:
        return max(2, self.samples or USUAL_COUNT)

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width."""
        return (SIDE, SIDE)

    def made(self, seed: int, count: int) -> Scenes:
        """So many scenes of this seed."""
        import numpy as np

        from nodes.reading import budget
        from nodes.reading.picture import drawn_scenes

        budget.require_room(self.title, 16 * count * math.prod(self.sides), f"{count:,} scenes")
        return drawn_scenes.scenes(np.random.default_rng(seed), count, self.sides)

    def data_set(
        self, info: DataInfo, made: Scenes, targets: Rows, seed: int, more: Mapping[str, Rows] | None = None
    ) -> DataSet:
        """The scenes with these targets, divided by the seed."""
        from nodes.reading import split
        from nodes.reading.dataset import ArrayRows, DataSet, DataSplit, PartRows

        parts = self.divided(len(made.pictures), seed)
        choice = self.scaling_or("standardise")
        scaling = split.scaling(made.pictures[parts.train], choice, axis=1)
        train, held = (
            DataSplit(
                ArrayRows(made.pictures[part]),
                PartRows(targets, part),
                scaling,
                places=part,
                more={name: PartRows(rows, part) for name, rows in (more or {}).items()},
            )
            for part in (parts.train, parts.validation)
        )
        return DataSet(info, train, held, division=parts.sentence)

    def card_label(self) -> str:
        height, width = self.sides
        return f"{self.count:,} · {height}×{width}"


class SceneMasks(DrawnScenes):
    """Drawn scenes with masks."""

    name = "scene-masks"
    title = "Scenes with masks"
    description = (
        "Discs, squares and triangles in four colours, drawn by rule; the target has the shape at each pixel."
    )

    split = split_param()
    size = PictureSet.params["size"]

    @property
    def sides(self) -> tuple[int, int]:
        return (SIDE, SIDE) if 0 in self.size else (self.size[0], self.size[1])

    def describe(self) -> DataInfo:
        from nodes.reading.picture.drawn_scenes import SHAPES

        classes = (GROUND, *SHAPES)
        return self.info(
            samples=self.count,
            input=TensorSpec((N, 3, *self.sides)),
            target=TensorSpec((N, *self.sides), "int64", classes=len(classes)),
            classes=classes,
        )

    def load(self, seed: int) -> DataSet:
        from nodes.reading.dataset import ArrayRows

        made = self.made(seed, self.count)
        return self.data_set(self.describe(), made, ArrayRows(made.masks), seed)


class SceneCaptions(DrawnScenes):
    """Drawn scenes with captions."""

    name = "scene-captions"
    title = "Scenes with captions"
    description = (
        "Discs, squares and triangles in four colours, drawn by rule, and what is seen, as in “a red disc "
        "left of a blue square”; predicted word by word from the picture and the words so far."
    )
    more = (DECODER_INPUT, TARGET_MASK)

    def describe(self) -> DataInfo:
        tokens = TensorSpec((N, LENGTH), "int64", classes=len(self._vocabulary()))
        return self.info(
            samples=self.count,
            input=TensorSpec((N, 3, SIDE, SIDE)),
            target=tokens,
            more=(("decoder_input", tokens), ("target_mask", TensorSpec((N, LENGTH)))),
        )

    def load(self, seed: int) -> DataSet:
        from dataclasses import replace

        from nodes.reading.dataset import ArrayRows
        from nodes.reading.texts.padded import padded
        from nodes.reading.texts.vocabulary import BEGIN, END

        made, vocabulary = self.made(seed, self.count), self._vocabulary()
        words, count = made.captions, len(made.captions)
        coming = padded(words, count, vocabulary, LENGTH, behind=(END,), where=self.title)
        so_far = padded(words, count, vocabulary, LENGTH, before=(BEGIN,), where=self.title)
        more = {"decoder_input": ArrayRows(so_far.tokens), "target_mask": ArrayRows(coming.mask)}
        info = replace(self.describe(), target_vocabulary=vocabulary)
        return self.data_set(info, made, ArrayRows(coming.tokens), seed, more)

    @staticmethod
    def _vocabulary() -> Vocabulary:
        """Every word that a caption can have: it is known beforehand, not fitted."""
        from nodes.reading.picture.drawn_scenes import WORDS
        from nodes.reading.texts.vocabulary import SPECIAL, Cutting, Vocabulary

        return Vocabulary(Cutting("word", specials=len(SPECIAL)), (*SPECIAL, *WORDS))
