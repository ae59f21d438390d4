"""The prediction lens sends no more than is shown, in the order and the unit of the data."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.lens.arrays import ROW
from engine.lens.kinds.prediction import SIDE
from engine.lens.lens import Arrays, Seen
from engine.lens.registry import LENSES

LENS = LENSES["prediction"]


def sent(output: torch.Tensor, **data: torch.Tensor) -> Arrays:
    return LENS.compute(Seen(output[None], data={port: value[None] for port, value in data.items()}))


def test_of_a_text_the_likeliest_tokens_and_the_last_scores_are_sent() -> None:
    scores, target = torch.randn(2048, 300), torch.randint(0, 300, (2048,))
    found = sent(scores, input=target, target=target)
    assert found["said"].tolist() == scores.argmax(1).tolist()
    np.testing.assert_array_equal(found["output"], scores[-1].numpy())
    assert int(found["total"]) == 2048
    assert sum(array.nbytes for array in found.values()) < 1 << 16


@pytest.mark.parametrize("channels", [1, 3, 21])
def test_classes_of_pixels_keep_their_places(channels: int) -> None:
    scores, target = torch.randn(channels, 512, 400), torch.randint(0, max(2, channels), (512, 400))
    found = sent(scores, input=torch.rand(3, 512, 400), target=target)
    said = scores.argmax(0) if channels > 1 else (scores[0] > 0).long()
    np.testing.assert_array_equal(found["said"], said[::4, ::4].numpy())
    np.testing.assert_array_equal(found["target"], target[::4, ::4].numpy())
    assert max(found["said"].shape) <= SIDE
    assert sum(array.nbytes for array in found.values()) < 1 << 19


def test_of_many_classes_the_best_are_sent_with_their_numbers() -> None:
    scores = torch.randn(50_000)
    found = sent(scores, target=torch.tensor(7))
    assert len(found["output"]) == len(found["class"]) == ROW
    assert int(found["class"][0]) == int(scores.argmax())
    assert int(found["total"]) == 50_000


def test_columns_that_are_cut_have_their_own_units() -> None:
    values = torch.randn(3 * ROW)
    units = {port: np.stack([np.arange(3.0 * ROW), np.ones(3 * ROW)]) for port in ("input", "target")}
    data = {"input": values[None], "target": values[None]}
    found = LENS.compute(Seen(values[None], data=data, units=units))
    assert found["target_unit"][0].tolist() == list(range(ROW))
    assert found["input_unit"][0].tolist() == list(range(2 * ROW, 3 * ROW))
    np.testing.assert_array_equal(found["input"], values[-ROW:].numpy())
    np.testing.assert_array_equal(found["output"], values[:ROW].numpy())


def test_of_a_text_whose_target_nobody_knows_the_last_place_is_sent() -> None:
    scores = torch.randn(900, 81)
    np.testing.assert_array_equal(sent(scores, input=torch.arange(900))["output"], scores[-1].numpy())


def test_small_ones_are_whole() -> None:
    found = sent(torch.randn(10), input=torch.rand(1, 28, 28), target=torch.tensor(3))
    assert found["output"].shape == (10,)
    assert found["input"].shape == (1, 28, 28)
    assert "said" not in found
