"""Builds the module of a layer and fills it with the weights that the drawing gives."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nodes.shared.given_weights import GIVEN, held
from nodes.spec import Inputs, Layer, LayerError


def made(layer: Layer, inputs: Inputs) -> nn.Module:
    """The module for inputs of these specs. Raises `LayerError` where given weights do not fit it."""
    module = layer.build(*inputs)
    if str(layer.values.get(GIVEN, "")).strip():
        _fill(module, layer)
    return module


def named_shapes(module: nn.Module) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The names and shapes of what can be given: weights, and running statistics."""
    return tuple((name, tuple(tensor.shape)) for name, tensor in _tensors(module).items())


def _tensors(module: nn.Module) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in module.state_dict().items() if tensor.is_floating_point()}


def _fill(module: nn.Module, layer: Layer) -> None:
    tensors, shapes = _tensors(module), dict(named_shapes(module))
    try:
        given = held({GIVEN: layer.values[GIVEN]}, {GIVEN: layer.params[GIVEN]}, shapes)
    except LayerError as error:
        raise LayerError(f"as weights by hand {error.expected}", error.received) from error
    with torch.no_grad():
        for name, numbers in given.items():
            own = tensors[name]
            own.copy_(torch.tensor(numbers, dtype=own.dtype, device=own.device).reshape(own.shape))
