"""Clothes in colours: captions and numbers say what is seen, and the seed alone decides."""

from __future__ import annotations

import numpy as np

from engine.data import catalogue
from nodes.data.source import DataSource
from nodes.data_sets.made.tinted_clothes import COLOURS, THINGS


def test_captions_labels_and_colours_say_what_is_seen() -> None:
    plain = catalogue.load(DataSource(dataset="fashion-mnist", samples=1200))
    data = catalogue.load(DataSource(dataset="fashion-captions", samples=1200))
    assert (len(data.train), len(data.validation)) == (len(plain.train), len(plain.validation))
    vocabulary, names = data.info.target_vocabulary, list(COLOURS)
    assert vocabulary is not None
    rows = np.arange(0, len(data.train), 7)
    pictures, grey = data.train.input.fetch(rows), plain.train.input.fetch(rows)
    things, colours = data.train.more["label"].fetch(rows), data.train.more["colour"].fetch(rows)
    captions = [vocabulary.text(row) for row in data.train.target.fetch(rows)]
    assert set(colours) == set(range(len(COLOURS)))
    for picture, was, thing, colour, caption in zip(pictures, grey, things, colours, captions, strict=True):
        assert {THINGS[thing], names[colour]} <= set(caption.split())
        seen = picture.reshape(3, -1).sum(1) / was.sum() * 255
        assert np.allclose(seen, COLOURS[names[colour]], atol=6)
        assert caption.startswith("a ") or caption.split()[0] in (*names, "trousers"), caption


def test_the_seed_alone_decides_and_fewer_are_the_first() -> None:
    def first(seed: int, samples: int) -> tuple[list[int], int]:
        data = catalogue.load(DataSource(dataset="fashion-captions", samples=samples), seed=seed)
        return data.train.more["colour"].fetch(np.arange(50)).tolist(), len(data.train)

    assert first(1, 600) == (first(1, 300)[0], 500)
    assert first(1, 600)[0] != first(2, 600)[0]
