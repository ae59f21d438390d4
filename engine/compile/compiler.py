"""Drawing -> Plan: builds every node's torch module in topological order under the seed, and plans the
objectives.

A hand-written net that makes the same layers in the same order after `torch.manual_seed(seed)` has the same
weights. What is broken, or hangs on what is broken, is left out, as long as no objective does; the plan says
so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from engine.compile.memory import lack_of_memory
from engine.compile.plan import Plan
from engine.compile.program import ObjectivePlan, plan_objective
from engine.compile.resolve import Resolved, resolve
from engine.compile.tree import Modes, Scope, freeze, owned_names, wants_channels_last
from engine.document.project import Project
from engine.expand.flat import FlatNode, ancestors
from engine.report import Problem
from nodes.objective import Objective
from nodes.registry import REGISTRY
from nodes.spec import Inputs, Role


class CompileError(ValueError):
    """The drawing cannot run. Says where and why; `problems` has all of it."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


def compile(  # noqa: A001 - it is what it does; call it as compile.compile or import it by name
    project: Project,
    device: torch.device | str = "cpu",
    seed: int | None = None,
    *,
    channels_last: bool | None = None,
) -> Plan:
    """The plan of this project on a device. Seeds torch's random state with `seed` (default: the project's).

    `channels_last` keeps images as (N, H, W, C) in memory; by default where 2-D convolutions gain from it.
    """
    device = torch.device(device)
    seed = project.settings.seed if seed is None else seed
    resolved = resolve(project)
    _require_objectives(resolved)
    lack = lack_of_memory(resolved, device)
    if lack:
        raise CompileError(lack)
    nodes = resolved.nodes
    torch.manual_seed(seed)
    model, modules, metrics = _build(nodes, resolved.inputs)
    if channels_last is None:
        channels_last = wants_channels_last(model, device)
    _place(model, metrics, device, channels_last)
    frozen = freeze(nodes, modules)
    objectives = _objectives(nodes, modules, model)
    return Plan(
        project,
        resolved.expanded,
        nodes,
        resolved.specs,
        resolved.problems,
        model,
        modules,
        metrics,
        objectives,
        Modes(model, frozen),
        device,
        seed,
        channels_last,
    )


def _place(model: Scope, metrics: Mapping[str, nn.Module], device: torch.device, channels_last: bool) -> None:
    model.to(device)
    if channels_last:
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for metric in metrics.values():
        metric.to(device)


def _require_objectives(resolved: Resolved) -> None:
    """Every objective that is drawn must be sound; one left out in silence would train something else."""
    for name, node in resolved.expanded.project.main.nodes.items():
        is_objective = REGISTRY.role_of(node.layer) is Role.OBJECTIVE
        if is_objective and not node.bypassed and name not in resolved.nodes:
            raise CompileError(sentence(resolved.problems, name), resolved.problems)


def _build(
    nodes: Mapping[str, FlatNode], inputs: Mapping[str, Inputs]
) -> tuple[Scope, dict[str, nn.Module], dict[str, nn.Module]]:
    """The tree, the modules by node path, and the metrics' modules."""
    model, modules, metrics = Scope(), {}, {}
    made: dict[str, nn.Module] = {}
    for path, node in nodes.items():
        if node.layer.role is Role.METRIC:
            metrics[path] = node.layer.build(*inputs[path])
        elif node.layer.role in (Role.MODULE, Role.LOSS):
            if node.weight_path not in made:
                made[node.weight_path] = node.layer.build(*inputs[path])
                model.put(node.weight_path, made[node.weight_path])
            modules[path] = made[node.weight_path]
    return model, modules, metrics


def _objectives(
    nodes: Mapping[str, FlatNode], modules: Mapping[str, nn.Module], model: Scope
) -> tuple[ObjectivePlan, ...]:
    """In the order in which they act."""
    learnable: dict[str, Tensor] = {name: p for name, p in model.named_parameters() if p.requires_grad}
    found = []
    for path, node in nodes.items():
        if isinstance(node.layer, Objective) and node.inputs[0]:
            asked = _asked(node, nodes, model, learnable)
            objective = plan_objective(nodes, modules, path, asked)
            if not objective.parameters:
                raise CompileError(_nothing_to_learn(node, nodes, modules))
            found.append(objective)
    return tuple(sorted(found, key=lambda objective: objective.layer.order))


def _asked(
    node: FlatNode, nodes: Mapping[str, FlatNode], model: Scope, learnable: dict[str, Tensor]
) -> dict[str, Tensor]:
    """The weights that an objective names in `updates`; all where it names none."""
    assert isinstance(node.layer, Objective)
    names = [name.strip() for name in node.layer.updates.split(",") if name.strip()]
    if not names:
        return learnable
    found: dict[str, Tensor] = {}
    for name in names:
        # a path on the canvas, or where its weights live (the definition of a Network)
        weights = [nodes[name].weight_path] if name in nodes else [name]
        weights += [n.weight_path for path, n in nodes.items() if path.startswith(f"{name}.")]
        owned = dict(owned_names(model, weights))
        if not owned:
            known = ", ".join(sorted({parameter.split(".")[0] for parameter in learnable})) or "none"
            raise CompileError(
                f"{node.path}: updates: Expected paths with weights ({known}). Received {name!r}."
            )
        found.update({key: value for key, value in owned.items() if key in learnable})
    return found


def _nothing_to_learn(node: FlatNode, nodes: Mapping[str, FlatNode], modules: Mapping[str, nn.Module]) -> str:
    above = ancestors(nodes, node.inputs[0])
    weights = any(True for path in above if path in modules for _ in modules[path].parameters())
    why = (
        "all of them are frozen or belong to other objectives"
        if weights
        else "no layer above its loss has any"
    )
    return f"{node.path}: Expected weights to update. Received none: {why}."


def sentence(problems: Sequence[Problem], objective: str) -> str:
    """The first problem, and how many more there are."""
    if not problems:
        return f"{objective}: Expected a loss that hangs on data. Received no wire."
    first = problems[0]
    more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{first.path or first.node}: {first.message}{more}"
