"""The module tree: one torch module per set of weights, named by node paths.

`state_dict` keys are node paths because the tree has one bare module per path segment. It accepts any name,
also those that `nn.Module` uses itself (a node may be called "train").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import nn

from engine.expand.flat import FlatNode
from engine.expand.scan import ScanLayer
from engine.infer.tying import Tie
from nodes.modules.values.tied import tie
from nodes.torch_internals import children_of


class ModuleTree(nn.Module):
    """A placement, or the whole drawing: holds modules by name and computes nothing."""

    def put(self, path: str, module: nn.Module) -> None:
        scope: nn.Module = self
        *parents, name = path.split(".")
        for parent in parents:
            held = children_of(scope)
            if held.get(parent) is None:
                held[parent] = ModuleTree()
            scope = held[parent]  # type: ignore[assignment]
        children_of(scope)[name] = module

    def get(self, path: str) -> nn.Module:
        """The module that was put at a path."""
        found: nn.Module = self
        for name in path.split("."):
            held = children_of(found)[name]
            assert held is not None
            found = held
        return found


class Modes:
    """Training and evaluation mode of a whole tree, with frozen parts that always stay in evaluation mode.

    Flags are set directly: `nn.Module.train` is 5 times slower, and every evaluation of a lens switches
    twice.
    """

    def __init__(self, model: nn.Module, frozen: set[int]) -> None:
        self._learning = [module for module in model.modules() if id(module) not in frozen]
        for module in model.modules():
            module.training = False
        self.train()

    def train(self) -> None:
        for module in self._learning:
            module.__dict__["training"] = True

    def eval(self) -> None:
        for module in self._learning:
            module.__dict__["training"] = False


def freeze(nodes: Mapping[str, FlatNode], modules: Mapping[str, nn.Module]) -> set[int]:
    """Disable gradients for the weights of frozen nodes; returns the ids of all their modules."""
    frozen: set[int] = set()
    for path, module in modules.items():
        if nodes[path].frozen:
            module.requires_grad_(False)
            frozen.update(id(part) for part in module.modules())
        elif isinstance(layer := nodes[path].layer, ScanLayer):
            assert isinstance(module, ModuleTree)
            inner = {node.path: module.get(layer.body.weight_prefix(node)) for node in layer.body.nodes}
            frozen |= freeze({node.path: node for node in layer.body.nodes}, inner)
    return frozen


def tie_weights(modules: Mapping[str, nn.Module], ties: Iterable[Tie]) -> None:
    """Have each tied module use its owner's tensor, which then has one name; frozen where one of both is."""
    tied: set[int] = set()
    for each in ties:
        module, owner = modules[each.path], modules[each.owner]
        if each.frozen:
            owner.get_parameter(each.owner_weight).requires_grad_(False)
        if id(module) not in tied and module is not owner:
            tied.add(id(module))
            tie(module, each.weight, owner, each.owner_weight, is_transposed=each.is_transposed)


def differentiate_again(modules: Mapping[str, nn.Module], paths: Iterable[str]) -> None:
    """Have the modules at these paths use kernels whose gradients can be differentiated again."""
    for path in paths:
        for part in modules[path].modules() if path in modules else ():
            if hasattr(part, "second_order"):
                part.second_order = True  # type: ignore[assignment]


def give_weights(
    model: nn.Module, modules: Mapping[str, nn.Module], read: Mapping[str, Iterable[str]]
) -> None:
    """Have the modules that read weights of others hold them; call this after all else changed weights."""
    named = dict(model.named_parameters())
    for path, names in read.items():
        modules[path].given = tuple(named[name] for name in names)  # type: ignore[assignment]


def lay_channels_last(model: nn.Module) -> None:
    """Keep weights of 2-D convolutions as (out, H, W, in) in memory; those of 3-D ones have no such order."""
    if all(tensor.dim() != 5 for tensor in (*model.parameters(), *model.buffers())):
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return
    for part in model.children():
        lay_channels_last(part)


def wants_channels_last(model: nn.Module, device: torch.device) -> bool:
    """Whether images are better kept channels last: 2-D convolutions on a CPU or with CUDA are faster so."""
    if device.type not in ("cpu", "cuda"):
        return False
    return any(isinstance(module, nn.Conv2d | nn.ConvTranspose2d) for module in model.modules())
