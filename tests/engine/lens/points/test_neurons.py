"""The network diagram: fields of every layer, weights and biases, activations between, caps."""

from __future__ import annotations

import numpy as np
import torch

from tests.drawings import Step, chain, lenet5
from tests.engine.lens.points.looking import Looked, grid
from tests.gallery.held import project

STEPS: list[Step] = [
    ("first", "linear", {"out_features": 3}),
    ("relu", "relu"),
    ("second", "linear", {"out_features": 12, "activation": "tanh", "bias": False}),
    ("last", "linear", {"out_features": 2}),
]


def test_layers_in_a_row_with_their_fields_and_weights() -> None:
    looked = Looked(chain({"dataset": "circle"}, STEPS))
    arrays = looked.at("network_diagram", "last")
    assert arrays["layers"].tolist() == ["first", "second", "last"]
    assert arrays["total"].tolist() == [2, 3, 12, 2]
    points = torch.tensor(grid(arrays["domain"], 20)).reshape(-1, 2)
    modules = looked.plan.modules
    first = torch.relu(modules["first"](points))
    second = modules["second"](first)
    for column, value in enumerate((points, first, second, modules["last"](second))):
        expected = value.detach().T.reshape(-1, 20, 20)[:8]
        np.testing.assert_allclose(arrays[f"field_{column}"], expected, atol=1e-5)
    weights = dict(looked.plan.model.named_parameters())
    np.testing.assert_array_equal(arrays["weight_1"], weights["first.weight"].detach())
    np.testing.assert_array_equal(arrays["weight_2"], weights["second.weight"].detach()[:8])
    np.testing.assert_array_equal(arrays["weight_3"], weights["last.weight"].detach()[:, :8])
    np.testing.assert_array_equal(arrays["bias_3"], weights["last.bias"].detach())
    assert "bias_2" not in arrays
    assert not [name for name in arrays if name.startswith("whole") and name.endswith("1")]
    for name, whole in (("whole_weight_2", "second.weight"), ("whole_weight_3", "last.weight")):
        np.testing.assert_array_equal(arrays[name], weights[whole].detach())
    np.testing.assert_array_equal(arrays["whole_bias_3"], weights["last.bias"].detach())
    assert arrays["output"].shape == (2, 64, 64)


def test_weights_by_hand_are_those_of_the_drawing() -> None:
    arrays = Looked(project("xor-by-hand")).at("network_diagram", "linear")
    assert arrays["weight_1"].tolist() == [[1, 1], [1, 1]]
    assert arrays["bias_1"].tolist() == [0, -1]
    assert arrays["weight_2"].tolist() == [[1, -2]]


def test_it_is_offered_for_dense_layers_over_a_plane() -> None:
    assert Looked(project("mlp-spiral")).offered("network_diagram") == ["linear1", "linear2", "linear3"]
    assert Looked(lenet5()).offered("network_diagram") == []
