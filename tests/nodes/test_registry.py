"""The registry: search as a student types, near misses, plug-ins, declarations with mistakes."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

import nodes.plug_ins
import nodes.registry
from nodes.param import Float, Int
from nodes.registry import REGISTRY, Registry, UnknownLayerError
from nodes.spec import Family, Layer, Port
from tests.nodes import battery

PLUG_IN = '''
"""A layer of somebody else's."""

from nodes.param import Float
from nodes.spec import Family, Layer, TensorSpec


class Snake(Layer):
    """Adds a wave to each value: x + sin²(αx) / α. From Ziyin et al. (2020)."""

    family = Family.ACTIVATION
    aliases = ("periodic", "wave")

    alpha = Float(1.0, min=0.01, max=100.0, help="Frequency of the wave.")

    def build(self, features: TensorSpec):
        import torch
        from torch import nn

        class Module(nn.Module):
            def __init__(self, alpha):
                super().__init__()
                self.alpha = nn.Parameter(torch.tensor(alpha))

            def forward(self, x):
                return x + (self.alpha * x).sin().square() / self.alpha

        return Module(self.alpha)

    def card_label(self) -> str:
        return f"α {self.alpha:g}"
'''


@pytest.fixture
def plug_in(tmp_path: Path) -> Iterator[ModuleType]:
    """A module of declarations in one file outside the product."""
    path = tmp_path / "snake_layers.py"
    path.write_text(PLUG_IN, encoding="utf-8")
    found = importlib.util.spec_from_file_location("snake_layers", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["snake_layers"] = module
    found.loader.exec_module(module)
    yield module
    del sys.modules["snake_layers"]


def test_a_layer_in_one_file_is_everywhere(plug_in: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by its entry point it is in the registry, in search and in help, and passes the battery."""
    entry = EntryPoint("snake", "snake_layers", "layerloom.nodes")
    monkeypatch.setattr(nodes.plug_ins, "entry_points", lambda group: [entry])
    registry = Registry()
    registry.add_plug_ins()
    layer = registry.make("snake", {"alpha": 2.0})
    assert list(registry) == ["snake"]
    assert registry.search("wave") == [plug_in.Snake]
    assert plug_in.Snake.summary().startswith("Adds a wave")
    assert plug_in.Snake.params["alpha"].label == "Alpha"
    for check in battery.CHECKS:
        check(layer)
    battery.check_found(layer, registry)


def test_it_stands_among_the_others_and_goes_again(plug_in: ModuleType) -> None:
    REGISTRY.add_module(plug_in)
    try:
        names = list(REGISTRY)
        assert REGISTRY["snake"].family is REGISTRY["relu"].family
        assert names.index("relu") < names.index("snake") < names.index("lstm")
    finally:
        REGISTRY.remove("snake")
    assert "snake" not in REGISTRY


def test_a_broken_plug_in_is_named_and_the_rest_counts(
    plug_in: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [
        EntryPoint("lost", "no_such_module_anywhere", "layerloom.nodes"),
        EntryPoint("snake", "snake_layers", "layerloom.nodes"),
    ]
    monkeypatch.setattr(nodes.plug_ins, "entry_points", lambda group: entries)
    registry = Registry()
    registry.add_plug_ins()
    assert "snake" in registry
    (lost,) = registry.broken
    assert (lost.plug_in.name, "no_such_module_anywhere" in lost.reason) == ("lost", True)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("conv", "conv2d"),
        ("fully connected", "linear"),
        ("dense", "linear"),
        ("max pool", "max_pool2d"),
        ("average pooling", "avg_pool2d"),
        ("deconv", "conv_transpose2d"),
        ("batch norm", "batch_norm2d"),
        ("swish", "silu"),
        ("concatenate", "concat"),
        ("residual", "add"),
        ("l2", "mse"),
        ("word vector", "embedding"),
        ("self-attention", "multi_head_attention"),
        ("adam", "objective"),
        ("top-5", "top_k"),
    ],
)
def test_what_a_student_types(typed: str, found: str) -> None:
    assert REGISTRY.search(typed)[0].type == found


@pytest.mark.parametrize(
    ("typed", "found"), [("dorpout", "dropout"), ("sofmax", "softmax"), ("lienar", "linear")]
)
def test_near_misses_are_found(typed: str, found: str) -> None:
    assert found in [layer.type for layer in REGISTRY.search(typed)]


def test_nonsense_finds_nothing() -> None:
    assert REGISTRY.search("qqqqxz") == []


def test_an_unknown_layer_offers_the_nearest() -> None:
    with pytest.raises(UnknownLayerError, match="unknown layer 'conv2'; did you mean 'conv2d'"):
        REGISTRY.make("conv2")


def test_a_type_is_declared_once() -> None:
    class ReLU(Layer):
        """Another one."""

        type = "relu"
        family = Family.ACTIVATION

    with pytest.raises(ValueError, match="declared twice"):
        REGISTRY.add(ReLU)


def test_a_declaration_with_a_mistake_is_refused_when_made() -> None:
    with pytest.raises(TypeError, match="expected a docstring"):
        type("Mute", (Layer,), {"family": Family.MATH})
    with pytest.raises(TypeError, match="expected a `family`"):
        type("Homeless", (Layer,), {"__doc__": "Something."})
    ports = (Port("A"), Port("A"))
    with pytest.raises(TypeError, match="unique lower-case port names"):
        type("Twins", (Layer,), {"__doc__": "Something.", "family": Family.MATH, "inputs": ports})
    with pytest.raises(TypeError, match="needs a line of help"):
        type("Terse", (Layer,), {"__doc__": "S.", "family": Family.MATH, "size": Int(1, help="")})


def test_sources_stand_first_in_the_palette() -> None:
    data = [layer.type for layer in REGISTRY.values() if layer.family is Family.DATA]
    assert data == ["data", "noise", "constant", "class_labels", "output"]


@pytest.mark.parametrize(
    ("param", "expected"),
    [
        (Int(1, min=1, max=4096, help="h"), "a whole number from 1 to 4096"),
        (Int(1, min=1, max=1 << 20, help="h"), "a whole number from 1 to 1,048,576"),
        (Float(0.5, min=1e-16, max=0.999999, help="h"), "a number from 1e-16 to 0.999999"),
        (Float(0.5, min=-2.0, help="h"), "a number of at least -2"),
    ],
)
def test_ranges_are_written_in_full(param: Int | Float, expected: str) -> None:
    assert param.expected() == expected


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("norm", "BatchNorm2d"),
        ("max", "MaxPool2d"),
        ("pool", "MaxPool2d"),
        ("act", "ReLU"),
        ("adam", "Objective"),
    ],
)
def test_what_a_layer_is_called_goes_before_what_it_is_also_known_as(typed: str, first: str) -> None:
    assert REGISTRY.search(typed)[0].title == first


@pytest.mark.parametrize("typed", ["table", "img", "folder", "csv", "pictures"])
def test_own_data_are_found_by_their_kind(typed: str) -> None:
    assert REGISTRY.search(typed)[0].title == "Data set"


def test_every_data_set_has_a_title_of_its_own():
    dataset = REGISTRY["data"].params["dataset"]
    titles = [dataset.title_of(name) for name in dataset.choices]
    assert len(set(titles)) == len(titles)
    assert dataset.title_of("fashion-mnist") == "Fashion-MNIST"
    assert dataset.title_of("fashion-mnist-full") == "Fashion-MNIST full"
