"""Every layer can stand below a penalty on gradients: what it computes is differentiated twice."""

from __future__ import annotations

import pytest
import torch

from engine.compile.tree import differentiate_again
from nodes.registry import REGISTRY
from nodes.spec import Role
from tests.nodes import battery

KINDS = [kind for kind in REGISTRY if REGISTRY[kind].role is Role.MODULE]


def test_every_layer_is_differentiated_twice() -> None:
    refused = {}
    for kind in KINDS:
        module, inputs = battery.build(REGISTRY[kind]()).train(), battery.tensors(REGISTRY[kind]())
        differentiate_again({kind: module}, [kind])
        try:
            _differentiate(module, list(inputs))
        except RuntimeError as error:
            refused[kind] = str(error)
    assert refused == {}


def _differentiate(module: torch.nn.Module, inputs: list[torch.Tensor | None]) -> None:
    real = [one.requires_grad_() for one in inputs if one is not None and one.is_floating_point()]
    out = [one for one in battery.outputs(module, *inputs) if one.requires_grad]
    if not out or not real:
        return
    amount = torch.stack([one.square().sum() for one in out]).sum()
    slopes = torch.autograd.grad(amount, real, create_graph=True, allow_unused=True)
    steep = [slope.square().sum() for slope in slopes if slope is not None and slope.requires_grad]
    if steep:
        torch.stack(steep).sum().backward()


@pytest.mark.parametrize("kind", ["multi_head_attention", "scaled_dot_product_attention", "hardsigmoid"])
def test_it_computes_the_same(kind: str) -> None:
    module, inputs = battery.build(REGISTRY[kind]()).eval(), battery.tensors(REGISTRY[kind]())
    once = battery.said(module, inputs)
    differentiate_again({kind: module}, [kind])
    again = battery.said(module, inputs)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(once, again, strict=True))
