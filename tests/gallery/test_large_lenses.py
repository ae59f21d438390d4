"""Lenses of large layers: frames stay small, every painter shows something, and what is left out is told."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from app.lenses.distribution.shares import Controls, share_table
from app.lenses.histogram_rows import rows_of
from app.lenses.painter import Context
from app.lenses.registry import PAINTERS
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.lens import Seen
from engine.lens.preview import Preview
from engine.lens.registry import LENSES
from engine.messages.lens_request import LensRequest
from tests.gallery.large_drawings import POINTS, points
from tests.gallery.lens_battery import painted_words


@pytest.mark.usefixtures("qtbot")
def test_a_cloud_of_10000_points_is_shown_whole() -> None:
    preview = Preview(points())
    feeds = Feeds.of(preview.sources, 0)
    request = LensRequest("cloud", "linear", (("points", POINTS),))
    (frame,) = look(preview.plan, feeds, [request], 0).frames
    preview.close()
    assert frame.arrays["points"].shape == (POINTS, 2)
    painter, nothing = PAINTERS["cloud"], Context()
    view = painter.view()
    assert painter.show(view, frame.arrays, nothing)
    assert painter.note(view, "step 1", nothing) == "first 10,000 of 12,000 samples · step 1"
    assert painted_words(view)
    view.deleteLater()


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ((1024, 1024, 1, 1), "96 of 1,048,576 kernels"),
        ((4096, 4096), "64 × 512 of 4,096 × 4,096 values"),
        ((10, 784), "10 × 392 of 10 × 784 values"),
        ((8, 16), ""),
        ((6, 1, 5, 5), ""),
        ((9000,), "512 of 9,000 values"),
    ],
)
@pytest.mark.usefixtures("qtbot")
def test_kernels_say_how_many_there_are(shape: tuple[int, ...], told: str) -> None:
    arrays = LENSES["kernels"].compute(Seen(parameters={"weight": torch.ones(shape)}))
    assert sum(array.nbytes for array in arrays.values()) <= 1 << 19
    painter = PAINTERS["kernels"]
    view = painter.view()
    assert painter.show(view, arrays, Context())
    assert painter.note(view, "now", Context()) == (f"{told} · now" if told else "now")
    view.deleteLater()


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ((16_384,), "4,096 of 16,384 units"),
        ((2048, 4096), "256 × 1,024 of 2,048 × 4,096 values"),
        ((8, 9, 6, 6), "slice 5 of 9"),
        ((1024, 8, 8), "64 of 1,024 channels"),
        ((40, 12), ""),
    ],
)
@pytest.mark.usefixtures("qtbot")
def test_maps_say_how_much_there_is(shape: tuple[int, ...], told: str) -> None:
    seen = Seen(torch.ones((1, *shape)), options={"scale": "layer"})
    arrays = LENSES["feature_maps"].compute(seen)
    painter = PAINTERS["feature_maps"]
    view = painter.view()
    assert painter.show(view, arrays, Context())
    note = painter.note(view, "now", Context())
    assert note == f"{told} · now" if told else " of " not in note
    view.deleteLater()


def test_a_softmax_over_some_of_the_scores_says_so() -> None:
    arrays = {
        "logits": np.zeros(8, np.float32),
        "classes": np.arange(8, dtype=np.int32),
        "total": np.array(100),
        "target": np.array(-1),
        "position": np.array((0, 1)),
        "normalised": np.array(False),
    }
    table = share_table(arrays, Controls(), None)
    assert table is not None
    assert table.counts(12) == "8 of 100 shown · softmax over the 8 largest of 100 · 8 may be drawn"


def test_a_histogram_that_counts_some_of_the_values_says_so() -> None:
    arrays = {
        "weights": np.ones(48, np.int64),
        "weights_range": np.array((-1.0, 1.0)),
        "weights_total": np.array((1_000_000, 0, 0, 250_000)),
    }
    (row,) = rows_of(arrays)
    assert row.words(short=False) == "250,000 of 1,000,000 values"
