"""Project -> Plan: builds every node's torch module in topological order under the seed, and plans the
objectives.

A hand-written network that makes the same layers in the same order after `torch.manual_seed(seed)` has the
same weights. Broken nodes, and nodes that depend on them, are left out unless an objective depends on them;
`Plan.problems` lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import torch
from torch import Tensor, nn

from engine.compile.error import CompileError
from engine.compile.memory import lack_of_memory
from engine.compile.plan import Plan
from engine.compile.program import ObjectivePlan
from engine.compile.resolve import resolve
from engine.compile.scans.loop import module_of
from engine.compile.training_plan import TrainingPlan, training_plan_of
from engine.compile.tree import (
    Modes,
    ModuleTree,
    differentiate_again,
    freeze,
    give_weights,
    lay_channels_last,
    tie_weights,
    wants_channels_last,
)
from engine.document.project import Project
from engine.expand.flat import FlatNode
from nodes.spec import Inputs, Role


def compile(  # noqa: A001 - it is what it does; call it as compile.compile or import it by name
    project: Project,
    device: torch.device | str = "cpu",
    seed: int | None = None,
    *,
    channels_last: bool | None = None,
) -> Plan:
    """The plan of this project on a device. Seeds torch's random state with `seed` (default: the project's).

    `channels_last` keeps images as (N, H, W, C) in memory; by default where 2-D convolutions are faster so.
    Raises `CompileError`.
    """
    device = torch.device(device)
    seed = project.settings.seed if seed is None else seed
    resolved = resolve(project)
    training_plan = training_plan_of(resolved)
    lack = lack_of_memory(resolved, device)
    if lack:
        raise CompileError(lack)
    torch.manual_seed(seed)
    model, modules, metrics = _build(resolved.nodes, resolved.inputs)
    differentiate_again(modules, (path for each in training_plan.input_gradients for path in each.between))
    channels_last = _place(model, metrics, device, channels_last)
    _share_weights(model, modules, training_plan)
    return Plan(
        project,
        resolved.expanded,
        resolved.nodes,
        resolved.specs,
        resolved.problems,
        model,
        modules,
        metrics,
        training_plan,
        _objectives(training_plan, model),
        Modes(model, freeze(resolved.nodes, modules)),
        device,
        seed,
        channels_last,
    )


def _share_weights(model: ModuleTree, modules: Mapping[str, nn.Module], plan: TrainingPlan) -> None:
    """Weights that a module takes from another, and those that it reads."""
    tie_weights(modules, plan.ties)
    give_weights(model, modules, plan.read)


def _place(
    model: ModuleTree, metrics: Mapping[str, nn.Module], device: torch.device, channels_last: bool | None
) -> bool:
    """Put the modules on the device; whether images are kept channels last."""
    if channels_last is None:
        channels_last = wants_channels_last(model, device)
    model.to(device)
    if channels_last:
        lay_channels_last(model)
    for metric in metrics.values():
        metric.to(device)
    return channels_last


def _build(
    nodes: Mapping[str, FlatNode], inputs: Mapping[str, Inputs]
) -> tuple[ModuleTree, dict[str, nn.Module], dict[str, nn.Module]]:
    """The tree, the modules by node path, and the metrics' modules."""
    model, modules, metrics = ModuleTree(), {}, {}
    built: dict[str, nn.Module] = {}
    read = _read_ports(nodes)
    for path, node in nodes.items():
        if node.layer.role is Role.METRIC:
            metrics[path] = node.layer.build(*inputs[path])
        elif node.layer.role in (Role.MODULE, Role.LOSS):
            if node.weight_path not in built:
                built[node.weight_path] = module_of(node, inputs[path], read.get(node.weight_path, ()))
                model.put(node.weight_path, built[node.weight_path])
            modules[path] = built[node.weight_path]
    return model, modules, metrics


def _read_ports(nodes: Mapping[str, FlatNode]) -> dict[str, set[str]]:
    """The outputs that something reads, by the place of the weights of their nodes."""
    found: dict[str, set[str]] = {}
    for node in nodes.values():
        for port in node.inputs:
            for end in port:
                found.setdefault(nodes[end.path].weight_path, set()).add(end.port)
    return found


def _objectives(training_plan: TrainingPlan, model: ModuleTree) -> tuple[ObjectivePlan, ...]:
    """In the order in which they act."""
    named: dict[str, Tensor] = dict(model.named_parameters())
    return tuple(
        ObjectivePlan(
            **{field.name: getattr(objective, field.name) for field in fields(objective)},
            parameters={name: named[name] for name in objective.updates},
        )
        for objective in training_plan.objectives
    )
