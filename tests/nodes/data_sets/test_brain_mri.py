"""The slices of a brain with their tissues: neighbours stay together, and tissues differ in brightness."""

import numpy as np

from nodes.data_sets.embedded.brain_mri import BLOCK, COUNT, TISSUES
from nodes.data_sets.registry import data_sets
from nodes.reading.preview import of_set


def test_blocks_of_neighbours_are_held_back_together() -> None:
    for seed in range(3):
        made = data_sets()["brain-mri"]({}).load(seed)
        places = [part.places for part in (made.train, made.validation)]
        assert sorted(np.concatenate(places)) == list(range(COUNT))
        blocks = [set(part // BLOCK) for part in places]
        assert not blocks[0] & blocks[1]
        assert made.division == (
            "whole groups of the same block of neighbours, drawn at random by the seed of the project"
        )


def test_white_matter_is_brighter_than_grey_and_grey_brighter_than_fluid() -> None:
    part = data_sets()["brain-mri"]({}).load(0).train
    everything = np.arange(len(part))
    assert part.target is not None
    slices, tissues = part.input.fetch(everything)[:, 0], part.target.fetch(everything)
    means = [float(slices[tissues == tissue].mean()) for tissue in range(len(TISSUES))]
    assert means == sorted(means)
    assert means[0] < 1


def test_one_can_hold_back_single_slices() -> None:
    one = data_sets()["brain-mri"]({"split": "random", "samples": 50})
    assert one.describe().division == "shuffled"
    assert one.describe().samples == 50
    made = one.load(0)
    assert len(made.train) + len(made.validation) == 50


def test_its_preview_goes_through_the_whole_brain() -> None:
    made = data_sets()["brain-mri"]({}).load(0)
    images = of_set(made, 9).images
    assert images is not None
    bright = (images[:, 0, :, :80] > 0).sum((1, 2))  # beside each slice are its tissues
    assert bright.max() > 5 * bright.min()
