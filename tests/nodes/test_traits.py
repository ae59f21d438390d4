"""What a layer's traits promise the engine, checked by running every layer that has them."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import Tensor

from nodes.registry import REGISTRY
from nodes.spec import Inputs, Layer, TensorSpec
from tests.nodes.battery import outputs, seeded, tensor, tensors
from tests.nodes.test_battery import LAYERS

DEFAULT = [pytest.param(REGISTRY.make(name), id=name) for name in REGISTRY]
"""A parameter may choose what is done, such as the variance instead of the mean; a trait is of the layer."""


def having(layers: list, trait: str) -> list:
    return [parameter for parameter in layers if getattr(parameter.values[0], trait)]


def evaluated(layer: Layer, inputs: Inputs, *groups: list[Tensor]) -> list[tuple[Tensor, ...]]:
    """What one module of the layer, evaluating, makes of each of these inputs."""
    with seeded(), torch.no_grad():
        module = layer.build(*inputs).eval()
        return [outputs(module, *group) for group in groups]


def given(layer: Layer) -> list[Tensor]:
    with seeded(2):
        return [value for value in tensors(layer) if value is not None]


def of_integers(layer: Layer) -> Inputs:
    """The example inputs of a layer that takes any dtype, as indices of ten classes."""

    def index(spec: TensorSpec) -> TensorSpec:
        return TensorSpec(spec.shape, "int64", classes=10)

    return tuple(
        tuple(map(index, entry)) if isinstance(entry, tuple) else entry and index(entry)
        for entry in layer.example_inputs()
    )


@pytest.mark.parametrize("layer", having(LAYERS, "keeps_values"))
def test_kept_values_are_moved_and_scaled_only(layer: Layer) -> None:
    """A straight line through two inputs leaves as a straight line: nothing squashes, squares or mixes in."""
    x = given(layer)
    zero = [torch.zeros_like(value) for value in x]
    half = [value / 2 for value in x]
    whole, middle, none = evaluated(layer, layer.example_inputs(), x, half, zero)
    for a, b, c in zip(whole, middle, none, strict=True):
        assert torch.allclose(b, (a + c) / 2, atol=1e-5)
        assert not torch.equal(a, c)


@pytest.mark.parametrize("layer", having(DEFAULT, "keeps_scale"))
def test_a_kept_scale_has_the_unit_and_the_range_of_what_entered(layer: Layer) -> None:
    """What is measured in another unit leaves in that unit; a fill of 0 aside, nothing lies further out."""
    x = given(layer)
    plain, other = evaluated(layer, layer.example_inputs(), x, [60 * value for value in x])
    low, high = (min(0.0, *(v.min().item() for v in x)), max(0.0, *(v.max().item() for v in x)))
    for a, b in zip(plain, other, strict=True):
        assert torch.allclose(60 * a, b, rtol=1e-4, atol=1e-4)
        assert low <= a.min()
        assert a.max() <= high


@pytest.mark.parametrize(
    "layer",
    [one for one in having(LAYERS, "keeps_scale") if one.values[0].input_ports()[0].dtype == "any"],
)
def test_a_kept_scale_leaves_indices_of_the_same_classes(layer: Layer) -> None:
    inputs = of_integers(layer)
    specs = [spec for entry in inputs for spec in (entry if isinstance(entry, tuple) else (entry,)) if spec]
    with seeded(3):
        x = [tensor(spec) for spec in specs]
    present = {index for value in x for index in value.flatten().tolist()}
    (leaving,) = evaluated(layer, inputs, x)
    for value in leaving:
        assert not value.is_floating_point()
        assert set(value.flatten().tolist()) <= present


@pytest.mark.parametrize("layer", having(LAYERS, "keeps_dimensions"))
def test_kept_dimensions_leave_in_number_and_order(layer: Layer) -> None:
    x = given(layer)
    ((leaving,),) = evaluated(layer, layer.example_inputs(), x)
    assert leaving.dim() == x[0].dim()
    shares = [entered % left for entered, left in zip(x[0].shape, leaving.shape, strict=True)]
    assert not any(shares)
    assert sum(entered != left for entered, left in zip(x[0].shape, leaving.shape, strict=True)) <= 1


@pytest.mark.parametrize(
    ("layer", "place"),
    [
        pytest.param(one.values[0], place, id=f"{one.id}-{place}")
        for one, place in product(having(LAYERS, "makes_rows"), range(4))
        if place < len(one.values[0].input_ports()[0].ranks)
    ],
)
def test_each_row_or_index_leaves_as_one_row(layer: Layer, place: int) -> None:
    (example,) = layer.example_inputs()
    assert isinstance(example, TensorSpec)
    rank = layer.input_ports()[0].ranks[place]
    own = example.shape[1:] if example.is_float else ()
    sizes = (*(3, 2, 5, 2)[: rank - 1 - len(own)], *own)
    spec = TensorSpec((example.shape[0], *sizes), example.dtype, example.classes)
    x = tensor(spec)
    ((leaving,),) = evaluated(layer, (spec,), [x])
    assert leaving.dim() >= 2
    assert leaving.shape[:-1] == (x.shape[:-1] if example.is_float else x.shape)
