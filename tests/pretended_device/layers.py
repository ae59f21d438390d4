"""Every layer on the pretended device: trained, evaluated and differentiated there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn

from nodes.registry import REGISTRY
from nodes.spec import Layer, Role
from tests.nodes import battery
from tests.pretended_device import CARD


def layer_kinds() -> list[str]:
    """The layers that compute something."""
    return [kind for kind in REGISTRY if REGISTRY[kind]().role in battery.COMPUTING]


def layer_faults(kinds: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(layer, fault) of those that refuse the card or leave something on the CPU."""
    for kind in kinds:
        layer = REGISTRY[kind]()
        try:
            yield from ((kind, fault) for fault in _faults(layer))
        except Exception as error:  # noqa: BLE001 - all are told
            yield kind, f"{type(error).__name__}: {str(error).splitlines()[0][:200]}"


def _faults(layer: Layer) -> Iterator[str]:
    module = battery.build(layer).to(CARD)
    inputs = [None if one is None else one.to(CARD) for one in battery.tensors(layer)]
    if layer.role is Role.METRIC:
        module.update(*inputs)
        if module.compute().device.type != CARD:
            yield "measured on the CPU"
        return
    for training in (True, False):
        out = battery.outputs(module.train(training), *inputs)
        if any(one.device.type != CARD for one in out):
            yield "a result on the CPU"
    _differentiate(module, inputs)


def _differentiate(module: nn.Module, inputs: list[Tensor | None]) -> None:
    floats = [one.requires_grad_() for one in inputs if one is not None and one.is_floating_point()]
    for training in (True, False):
        out = [one for one in battery.outputs(module.train(training), *inputs) if one.requires_grad]
        if out and (floats or list(module.parameters())):
            torch.stack([one.float().sum() for one in out]).sum().backward()
