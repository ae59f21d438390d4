"""Scenes that are drawn by rule: what their masks and captions say is what is seen."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data import catalogue
from nodes.data.source import DataSource
from nodes.reading.picture.drawn_scenes import COLOURS, SHAPES, scenes


@pytest.fixture(scope="module")
def made():
    return scenes(np.random.default_rng(3), 200)


def test_a_mask_has_the_shapes_that_the_caption_names(made) -> None:
    for mask, caption in zip(made.masks, made.captions, strict=True):
        seen = {SHAPES[number - 1] for number in np.unique(mask[mask > 0])}
        assert seen == {word for word in caption.split() if word in SHAPES}, caption


def test_colours_and_places_are_those_of_the_caption(made) -> None:
    for picture, mask, caption in zip(made.pictures, made.masks, made.captions, strict=True):
        first = SHAPES.index(caption.split()[2]) + 1
        rows, columns = np.nonzero(mask == first)
        if " of " not in caption and " above " not in caption:
            seen = picture[:, rows, columns].mean(axis=1)
            nearest = min(COLOURS, key=lambda name: float(np.abs(seen - np.array(COLOURS[name])).sum()))
            assert nearest == caption.split()[1], caption
        words = caption.partition(" at the ")[2].split()
        if words:
            assert (rows.mean() < 16) == (words[0] == "top"), caption
            assert (columns.mean() < 16) == (words[1] == "left"), caption


def test_captions_are_handed_out_word_by_word_with_what_comes_before() -> None:
    data = catalogue.load(DataSource(dataset="scene-captions", samples=50))
    vocabulary, all_ = data.info.target_vocabulary, np.arange(len(data.train))
    assert vocabulary is not None
    target = data.train.target.fetch(all_)
    so_far = data.train.more["decoder_input"].fetch(all_)
    mask = data.train.more["target_mask"].fetch(all_)
    assert (so_far[:, 1:][mask[:, 1:] == 1] == target[:, :-1][mask[:, 1:] == 1]).all()
    captions = [vocabulary.text(row) for row in target]
    assert all(caption.startswith("a ") and "<" not in caption for caption in captions)
    preview = catalogue.preview(DataSource(dataset="scene-captions"), 6)
    assert preview.labels[0].startswith("a ")


def test_the_seed_alone_decides() -> None:
    first, again, other = (scenes(np.random.default_rng(seed), 5) for seed in (1, 1, 2))
    assert np.array_equal(first.pictures, again.pictures)
    assert first.captions == again.captions
    assert not np.array_equal(first.pictures, other.pictures)
