"""Pictures of clothes that are given a colour, with a caption of each: “a red boot”.

The pictures are those of Fashion-MNIST; colours and captions are drawn by the seed of the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import resources
from nodes.data_sets.declaration import DataSetDeclaration
from nodes.spec import N, Port, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import DataInfo, DataSet, DataSplit
    from nodes.reading.texts.vocabulary import Vocabulary

THINGS = ("top", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")
"""One word for each class of Fashion-MNIST, in its order."""
COLOURS = {"red": (230, 50, 50), "green": (60, 190, 80), "blue": (70, 110, 240), "yellow": (240, 210, 60)}
"""Red, green and blue of the brightest pixel, in levels of 255."""
FORMS = ("a {colour} {thing}", "{colour} {thing}", "a {thing} in {colour}")
LENGTH = 4
"""Tokens of a caption, filled up behind; the longest form has four words."""
SIDE, PLAIN_SIDE = 32, 28
COUNT = 12_000


class FashionCaptions(DataSetDeclaration):
    """Fashion-MNIST in colours, with captions."""

    name = "fashion-captions"
    title = "Fashion-MNIST in colours"
    kind = "images"
    licence = "MIT"
    description = (
        "The 12,000 pictures of clothes, 32×32, each in one of four colours, and a caption of each, as in "
        "“a red boot” or “a boot in red”; `label` and `colour` say the same as numbers."
    )
    place = 13
    more = (
        Port("label", "the class of the thing (N,)", "int", side=True),
        Port("colour", "the number of its colour (N,)", "int", side=True),
    )
    without = ("validation",)

    def describe(self) -> DataInfo:
        return self.info(
            samples=min(COUNT, self.samples or COUNT),
            input=TensorSpec((N, 3, SIDE, SIDE)),
            target=TensorSpec((N, LENGTH), "int64", classes=len(_vocabulary())),
            more=(
                ("label", TensorSpec((N,), "int64", classes=len(THINGS))),
                ("colour", TensorSpec((N,), "int64", classes=len(COLOURS))),
            ),
            division="fixed",
            stored=COUNT,
        )

    def load(self, seed: int) -> DataSet:
        from dataclasses import replace

        import numpy as np

        from nodes.reading import idx_folder, split
        from nodes.reading.dataset import DataSet

        read = idx_folder.read(resources.DATA / "fashion-mnist")
        assert read.validation_images is not None
        assert read.validation_labels is not None
        kept = split.first(len(read.images), len(read.validation_images), self.samples)
        info = replace(self.describe(), target_vocabulary=_vocabulary())
        rng = np.random.default_rng(seed)
        train = self._part(rng, read.images, read.labels, kept[0])
        held = self._part(rng, read.validation_images, read.validation_labels, kept[1])
        assert held.places is not None
        held = replace(held, places=held.places + len(read.images))
        scaling = split.scaling(train.input.fetch(np.arange(len(train))), self.scaling_or("0-1"), axis=1)
        return DataSet(info, replace(train, input_scaling=scaling), replace(held, input_scaling=scaling))

    def _part(
        self, rng: np.random.Generator, grey: NDArray[np.uint8], labels: NDArray[np.int64], count: int
    ) -> DataSplit:
        """The first of these grey pictures `(n, 1, 28, 28)` in colours and with a margin, and their captions.

        Colours are drawn for all, so that a picture has the same however many are used.
        """
        import numpy as np

        from nodes.reading.dataset import ArrayRows, DataSplit
        from nodes.reading.texts.padded import padded

        colours = rng.integers(len(COLOURS), size=len(grey))[:count]
        forms = rng.integers(len(FORMS), size=len(grey))[:count]
        grey, labels = grey[:count], labels[:count]
        palette = np.array(list(COLOURS.values()), np.uint16)[colours]
        margin = (SIDE - PLAIN_SIDE) // 2
        pictures = np.zeros((count, 3, SIDE, SIDE), np.uint8)
        pictures[:, :, margin:-margin, margin:-margin] = (grey * palette[:, :, None, None] + 127) // 255
        names = list(COLOURS)
        said = [
            caption(THINGS[label], names[colour], FORMS[form])
            for label, colour, form in zip(labels, colours, forms, strict=True)
        ]
        words = padded(said, count, _vocabulary(), LENGTH, where=self.title)
        more = {"label": ArrayRows(labels), "colour": ArrayRows(colours)}
        return DataSplit(ArrayRows(pictures), ArrayRows(words.tokens), places=np.arange(count), more=more)

    def card_label(self) -> str:
        return f"{min(COUNT, self.samples or COUNT):,} · {SIDE}×{SIDE}"


def caption(thing: str, colour: str, form: str) -> str:
    """What is said of a thing; trousers have no article."""
    said = form.format(thing=thing, colour=colour)
    return said.removeprefix("a ") if thing == "trousers" else said


def _vocabulary() -> Vocabulary:
    """Every word that a caption can have: it is known beforehand, not fitted."""
    from nodes.reading.texts.vocabulary import SPECIAL, Cutting, Vocabulary

    words = sorted({"a", "in", *THINGS, *COLOURS})
    return Vocabulary(Cutting("word", lowercase=True, specials=len(SPECIAL)), (*SPECIAL, *words))
