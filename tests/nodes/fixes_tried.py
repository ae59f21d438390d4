"""Errors of layers and their proposed fixes: the message, and that each fix works."""

from __future__ import annotations

import pytest
import torch

from nodes.registry import REGISTRY
from nodes.spec import BatchDim, InsertBefore, Layer, LayerError, ProposedFix, SetParam, TensorSpec
from tests.nodes.battery import MESSAGE, outputs, tensor

BATCH = 7
Specs = tuple[TensorSpec | tuple[TensorSpec, ...] | None, ...]


def spec(*features: int, dtype: str = "float32", classes: int | None = None) -> TensorSpec:
    """A spec with the batch in front."""
    return TensorSpec((BatchDim(), *features), dtype, classes)


def labels(*features: int, classes: int | None = 10) -> TensorSpec:
    """Class indices."""
    return spec(*features, dtype="int64", classes=classes)


def refusal(layer: Layer, *inputs: TensorSpec | tuple[TensorSpec, ...] | None) -> LayerError:
    """The error of a layer that must refuse these inputs."""
    with pytest.raises(LayerError, match=MESSAGE) as caught:
        layer.check(*inputs)
    return caught.value


def through(layer: Layer, given: TensorSpec) -> TensorSpec:
    """What leaves a layer with one input, found by running it."""
    assert layer.input_ports()[0].accepts(given)
    layer.check(given)
    with torch.no_grad():
        (value,) = outputs(layer.build(given).eval(), tensor(given, BATCH))
    shape = (BatchDim(value.shape[0] // BATCH), *value.shape[1:])
    return TensorSpec(shape, str(value.dtype).removeprefix("torch."))


def apply(fix: ProposedFix, layer: Layer, place: int, inputs: Specs) -> tuple[Layer, Specs]:
    """Layer and inputs after a fix; a variadic input is changed at its last wire."""
    if isinstance(fix, SetParam):
        return type(layer)(**{**layer.changed(), fix.name: fix.value}), inputs
    assert isinstance(fix, InsertBefore), fix
    inserted = REGISTRY.make(fix.layer, fix.params)
    found = inputs[place]
    assert found is not None
    new = (
        (*found[:-1], through(inserted, found[-1])) if isinstance(found, tuple) else through(inserted, found)
    )
    return layer, (*inputs[:place], new, *inputs[place + 1 :])


def last_of(entry: TensorSpec | tuple[TensorSpec, ...] | None) -> TensorSpec:
    """The spec on the last wire of a port."""
    found = entry[-1] if isinstance(entry, tuple) else entry
    assert found is not None
    return found


def assert_fixed(
    layer: Layer, *inputs: TensorSpec | tuple[TensorSpec, ...] | None, count: int = 1
) -> LayerError:
    """The layer refuses, proposes `count` fixes, and after each it takes its inputs and runs."""
    error = refusal(layer, *inputs)
    assert len(error.fixes) == count, error.fixes
    names = [port.name for port in layer.input_ports()]
    place = names.index(error.port) if error.port else 0
    for fix in error.fixes:
        fixed, given = apply(fix, layer, place, inputs)
        fixed.check(*given)
        assert fixed.input_ports()[place].accepts(last_of(given[place]))
        flat = [one for entry in given for one in (entry if isinstance(entry, tuple) else (entry,))]
        module, values = fixed.build(*given).eval(), [one and tensor(one, BATCH) for one in flat]
        with torch.no_grad():
            module.update(*values) if hasattr(module, "update") else outputs(module, *values)
    return error


def says(error: LayerError, text: str) -> bool:
    """Whether the whole message contains this text."""
    return text in str(error)
