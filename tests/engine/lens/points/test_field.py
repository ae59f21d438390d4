"""Fields: closed forms, a network by hand, what else enters a node, and where fields are offered."""

from __future__ import annotations

import numpy as np
import torch

from engine.document.project import MAIN, Project
from tests.drawings import chain, graph, lenet5
from tests.engine.lens.points.looking import Looked, grid
from tests.gallery.held import project


def spiral(**data: object) -> Project:
    steps = [
        ("linear1", "linear", {"out_features": 8, "activation": "tanh"}),
        ("linear2", "linear", {"out_features": 2}),
    ]
    return chain({"dataset": "spiral", "samples": 100, **data}, steps)


def test_the_field_of_the_xor_network_is_its_closed_form() -> None:
    """relu(x + y) − 2 relu(x + y − 1), as in the book of Goodfellow, Bengio and Courville."""
    looked = Looked(project("xor-by-hand"))
    arrays = looked.at("field", "linear")
    points = grid(arrays["domain"], arrays["field"].shape[1])
    total = points.sum(axis=2)
    expected = np.maximum(total, 0) - 2 * np.maximum(total - 1, 0)
    np.testing.assert_allclose(arrays["field"], expected[None], atol=1e-5)
    hidden = looked.at("field", "hidden")["field"]
    np.testing.assert_allclose(hidden, [np.maximum(total, 0), np.maximum(total - 1, 0)], atol=1e-5)
    assert arrays["labels"].tolist() == [0, 1, 1, 0]
    assert arrays["points"].tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_an_output_of_two_classes_shows_how_much_more_likely_one_is() -> None:
    looked = Looked(spiral())
    arrays = looked.at("field", "output", resolution=20)
    assert arrays["domain"].tolist() == [[-6, 6], [-6, 6]]
    points = torch.tensor(grid(arrays["domain"], 20)).reshape(-1, 2)
    first, second = looked.plan.modules["linear1"], looked.plan.modules["linear2"]
    chances = second(first(points)).softmax(1).detach()
    expected = (chances[:, 1] - chances[:, 0]).reshape(1, 20, 20)
    np.testing.assert_allclose(arrays["field"], expected, atol=1e-5)
    assert arrays["classes"].tolist() == [2]
    decided = looked.at("field", "output", resolution=20, answers="decisions")
    np.testing.assert_array_equal(decided["field"], np.sign(expected.numpy()))
    values = looked.at("field", "output", resolution=20, answers="values")
    assert values["field"].shape == (2, 20, 20)
    assert arrays["axes"].tolist() == ["x1", "x2"]


def test_features_are_derived_from_the_points_of_the_plane() -> None:
    looked = Looked(spiral(features="x1^2, x1*x2, sin(x2), x1, x2"))
    arrays = looked.at("field", "linear1", resolution=16)
    points = grid(arrays["domain"], 16).reshape(-1, 2)
    x, y = points[:, 0], points[:, 1]
    features = np.stack([x**2, x * y, np.sin(y), x, y], axis=1).astype(np.float32)
    expected = looked.plan.modules["linear1"](torch.tensor(features)).detach().T.reshape(8, 16, 16)
    np.testing.assert_allclose(arrays["field"], expected, atol=1e-5)
    assert arrays["points"].shape == (20, 2)


def test_axes_are_in_the_unit_of_scaled_data() -> None:
    looked = Looked(spiral(scaling="standardise"))
    (unit,) = (held for end, held in looked.feeds.units.items() if end.port == "input")
    assert abs(unit[1] - 1).max() > 0.1
    arrays = looked.at("field", "linear1", resolution=16)
    points = grid(arrays["domain"], 16).reshape(-1, 2)
    scaled = torch.tensor((points - unit[0]) / unit[1], dtype=torch.float32)
    expected = looked.plan.modules["linear1"](scaled).detach().T.reshape(8, 16, 16)
    np.testing.assert_allclose(arrays["field"], expected, atol=1e-4)
    assert np.abs(arrays["points"]).max() > 3


def test_a_discriminator_is_seen_over_what_enters_it() -> None:
    looked = Looked(project("gan-2d-ring"))
    fake, real = looked.at("field", "judge_fake"), looked.at("field", "judge_real")
    np.testing.assert_allclose(fake["field"], real["field"], atol=1e-5)
    points = torch.tensor(grid(fake["domain"], 48)).reshape(-1, 2)
    value = points * 4 - 2
    for name in ("linear1", "linear2", "linear3"):
        value = looked.plan.modules[f"judge_real.{name}"](value)
    np.testing.assert_allclose(fake["field"][0].ravel(), value.detach().ravel(), atol=1e-4)
    assert fake["points"].shape == fake["made"].shape == (400, 2)
    np.testing.assert_array_equal(fake["points"], real["points"])
    assert fake["more"].tolist() == [looked.feeds.total - 400] * 2
    noise = looked.at("field", "generate")
    assert "noise" in noise
    assert "made" not in noise


def test_what_else_enters_is_that_of_the_pinned_sample() -> None:
    """A denoiser over noisy points, at one time for all of them, the same at every look."""
    looked = Looked(project("diffusion-two-gaussians"))
    first, second = looked.at("field", "denoise"), looked.at("field", "denoise")
    np.testing.assert_array_equal(first["field"], second["field"])
    time = looked.at("field", "denoise.join")["field"][2:]
    assert np.abs(time - time[:, :1, :1]).max() == 0.0


def test_many_units_are_cut_and_told() -> None:
    steps = [("linear1", "linear", {"out_features": 300}), ("linear2", "linear", {"out_features": 2})]
    arrays = Looked(chain({"dataset": "circle"}, steps)).at("field", "linear1")
    assert arrays["field"].shape == (64, 32, 32)
    assert arrays["units"].tolist() == [300]


def test_one_number_gives_curves() -> None:
    looked = Looked(project("fit-line"))
    arrays = looked.at("field", "predict")
    layer = looked.plan.modules["predict"]
    x = np.linspace(*arrays["domain"][0], 200, dtype=np.float32)
    expected = layer(torch.tensor(x)[:, None]).detach()[:, 0]
    np.testing.assert_allclose(arrays["field"][0], expected, atol=1e-5)


def test_it_is_offered_where_points_go_in_and_nowhere_else() -> None:
    assert Looked(spiral()).offered("field") == ["linear1", "linear2", "output"]
    assert Looked(lenet5()).offered("field") == []
    gan = Looked(project("gan-2d-ring"))
    assert set(gan.offered("field")) == {"generate", "judge_fake", "judge_real", "sample"}
    assert Looked(project("diffusion-two-gaussians")).offered("warp") == [
        "denoise",
        "diffuse",
        "output",
        "scale",
    ]


def test_a_layer_of_two_units_is_a_plane_for_what_follows() -> None:
    """The latent plane of an autoencoder of pictures."""
    nodes = [
        ("data", "data", {"dataset": "digits"}),
        ("flatten", "flatten"),
        ("code", "linear", {"out_features": 2}),
        ("decode", "linear", {"out_features": 5}),
        ("output", "output"),
    ]
    wires = ["data.input -> flatten", "flatten -> code", "code -> decode", "decode -> output"]
    looked = Looked(Project(graphs={MAIN: graph(nodes, wires)}))
    assert looked.offered("field") == ["decode", "output"]
    arrays = looked.at("field", "decode", resolution=12)
    points = torch.tensor(grid(arrays["domain"], 12)).reshape(-1, 2)
    expected = looked.plan.modules["decode"](points).detach().T.reshape(5, 12, 12)
    np.testing.assert_allclose(arrays["field"], expected, atol=1e-5)


def test_looking_changes_nothing_of_training() -> None:
    looked = Looked(project("gan-2d-ring"))
    before = {name: tensor.clone() for name, tensor in looked.plan.model.state_dict().items()}
    state = torch.get_rng_state()
    for kind in ("field", "cloud", "arrows", "warp", "divergence"):
        assert looked.at(kind, "generate")
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(tensor, before[name]) for name, tensor in looked.plan.model.state_dict().items())
    assert all(weight.grad is None for weight in looked.plan.model.parameters())
    assert looked.plan.model.training
