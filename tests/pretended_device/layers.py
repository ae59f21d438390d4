"""Every layer on the pretended device: trained, evaluated and differentiated there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

import torch
from torch import Tensor, nn

from nodes.param import Bool, Choice
from nodes.registry import REGISTRY
from nodes.spec import Layer, LayerError, Role
from tests.nodes import battery
from tests.pretended_device import CARD
from tests.pretended_device.waits import WAITS, counted


def layer_kinds() -> list[str]:
    """The layers that compute something."""
    return [kind for kind in REGISTRY if REGISTRY[kind]().role in battery.COMPUTING]


def variants(kind: str) -> Iterator[Layer]:
    """The layer with each value of each choice that is not the default and that its example inputs allow."""
    for name, param in REGISTRY[kind].params.items():
        if isinstance(param, Choice | Bool):
            for value in param.choices if isinstance(param, Choice) else (True, False):
                layer = REGISTRY[kind](**{name: value})
                with suppress(LayerError):
                    layer.check(*layer.example_inputs())
                    if value != param.default:
                        yield layer


def layer_faults(layers: Iterable[Layer]) -> list[str]:
    """Where layers refuse the card, leave something on the CPU or wait; empty where all is well."""
    found = []
    for layer in layers:
        WAITS.clear()
        given = ", ".join(f"{name} {value}: " for name, value in layer.changed().items())
        try:
            found += [f"{given}{fault}" for fault in _faults(layer)]
        except Exception as error:  # noqa: BLE001 - all are told
            found.append(f"{given}{type(error).__name__}: {str(error).splitlines()[0][:200]}")
        found += [f"{given}waits ({what}){at and f' at {at}'}" for what, at in WAITS]
    return found


def _faults(layer: Layer) -> Iterator[str]:
    module = battery.build(layer).to(CARD)
    inputs = [None if one is None else one.to(CARD) for one in battery.tensors(layer)]
    if layer.role is Role.METRIC:
        with counted():
            module.update(*inputs)
        if module.compute().device.type != CARD:
            yield "measured on the CPU"
        return
    for training in (True, False):
        with counted():
            out = battery.outputs(module.train(training), *inputs)
        if any(one.device.type != CARD for one in out):
            yield "a result on the CPU"
    with counted():
        _differentiate(module, inputs)


def _differentiate(module: nn.Module, inputs: list[Tensor | None]) -> None:
    floats = [one.requires_grad_() for one in inputs if one is not None and one.is_floating_point()]
    for training in (True, False):
        out = [one for one in battery.outputs(module.train(training), *inputs) if one.requires_grad]
        if out and (floats or list(module.parameters())):
            torch.stack([one.float().sum() for one in out]).sum().backward()
