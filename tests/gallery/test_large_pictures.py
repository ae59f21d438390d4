"""Drawings with 1,024 channels, 4,096 units, 2,048 tokens and 10,000 points: every lens at their large nodes
opens, sends no more than it shows, and says how much of how much that is.
"""

from __future__ import annotations

import re

import pytest

from engine.lens.feeds import PATIENCE
from tests.gallery.large_drawings import LARGE, LOOKED_AT, POINTS
from tests.gallery.lens_battery import try_project

SET = r"[\d,]+( of [\d,]+)? (validation|training) samples"
UNITS = r"64 of 4,096 units"
TOLD = {
    "channels": {
        ("kernels", "wide"): "64 of 1,024 kernels",
        ("feature_maps", "wide"): "64 of 1,024 channels",
        ("cell_terms", "wide"): "output channel 0 · 1,024 in all",
        ("histogram", "wide"): "262,144 of 1,048,576 values",
        ("projection", "wide"): rf"{SET}.*of 1,0",
        ("exemplars", "wide"): rf"{SET}.*unit 0 of 1,024",
        ("deep_dream", "wide"): r"(\d+ of )?30 steps .*of 1,024",
        ("dead_units", "relu"): rf"{SET}.*of 1,024 dead",
        ("prediction", "output"): "8 of 10 classes",
    },
    "units": {
        ("kernels", "next"): "64 × 512 of 4,096 × 4,096 values",
        ("field", "wide"): rf"{UNITS} · 32 × 32 of 48 × 48 points",
        ("field", "next"): rf"{UNITS} · 13 × 13 of 48 × 48 points",
        ("network_diagram", "next"): "18 of 8,194 units · 13 × 13 of 64 × 64 points",
        ("update_size", "next"): "16,384 of 16,781,312 weights",
        ("histogram", "next"): "of 16,781,312 values",
        ("dead_units", "relu"): rf"{SET}.*of 4,096 dead",
    },
    "tokens": {
        ("attention_heads", "attention"): "of 2,048 queries",
        ("saliency", "output"): "of 2,048 tokens",
        ("prediction", "output"): "8 of 81 symbols|first 64 of 2,048 tokens",
        ("set_predictions", "output"): SET,
    },
    "points": {
        ("cloud", "linear"): r"first [\d,]+ of 12,000 samples",
        ("field", "output"): "first 400 of 12,000 points",
        ("warp", "output"): "20 × 20 cells",
        ("projection", "linear"): rf"{SET}",
        ("set_predictions", "output"): rf"{SET}",
    },
}


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.usefixtures("qtbot")
def test_every_lens_opens_is_bounded_and_tells_what_it_leaves_out(name: str) -> None:
    tried = try_project(
        LARGE[name](),
        options={"cloud": (("points", POINTS),)},
        words=True,
        patience=PATIENCE,
        paths=LOOKED_AT[name],
    )
    assert tried.faults == []
    assert tried.told is not None
    for place, words in TOLD[name].items():
        assert re.search(words, tried.told[place]), f"{place}: {tried.told[place]}"
