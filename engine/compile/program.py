"""What happens in one training step: for each objective in its turn, which nodes to compute and which values
to reuse.

A value is computed once per step and reused until a weight above it has changed. Where a reused value needs
gradients for one objective only, the others see it detached. From this alone follows what a GAN does: the
discriminator's objective sees the generator's output detached, the generator's objective reuses that output
with its gradients and runs the updated discriminator anew, whose weights it holds constant. No scheme is
known here by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from engine.compile.graphs import GraphWriter, Part
from engine.compile.reorder import pooled_first
from engine.expand.flat import FlatEnd, FlatNode, ancestors
from nodes.objective import Objective
from nodes.spec import Role


@dataclass(frozen=True)
class ObjectivePlan:
    """One objective: the scalars it adds up and the weights it updates, by name.

    `above` holds the nodes that its loss hangs on, `felt` those of them through which gradients flow to its
    weights.
    """

    path: str
    layer: Objective
    losses: tuple[FlatEnd, ...]
    parameters: dict[str, Tensor]
    above: frozenset[str]
    felt: frozenset[str]


@dataclass(frozen=True)
class Phase:
    """The part of a step that belongs to one objective.

    `part` returns the loss, then the values of `kept`, which later phases (or metrics) use. `inputs` is None
    where a plain backward pass reaches the right weights only; else it names them.
    """

    objective: int
    part: Part
    kept: tuple[FlatEnd, ...]
    inputs: list[Tensor] | None


@dataclass(frozen=True)
class Program:
    """One step for a fixed set of acting objectives."""

    phases: tuple[Phase, ...]


def make_program(
    nodes: Mapping[str, FlatNode],
    modules: Mapping[str, nn.Module],
    objectives: Sequence[ObjectivePlan],
    acting: Sequence[int],
    wanted: frozenset[FlatEnd] = frozenset(),
) -> Program:
    """The step in which these objectives act, in this order; `wanted` values are kept where computed."""
    versions = [_versions(nodes, modules, objectives, acting[:turn]) for turn in range(len(acting))]
    needs = _needs(objectives, acting, versions)
    computed: dict[tuple[str, int], int] = {}  # (node, version) -> turn
    plans: list[list[str]] = []
    for turn, index in enumerate(acting):
        above = objectives[index].above
        fresh = [path for path in nodes if path in above and _computes(nodes[path])]
        fresh = [path for path in fresh if (path, versions[turn][path]) not in computed]
        computed.update({(path, versions[turn][path]): turn for path in fresh})
        plans.append(fresh)
    used = _used_later(nodes, objectives, acting, versions, plans, computed)
    phases = []
    for turn, index in enumerate(acting):
        step = _Turn(nodes, modules, objectives[index], plans[turn], versions[turn], needs)
        own = {end for end in wanted if end.path in set(plans[turn])}
        kept = tuple(sorted(used[turn] | own))
        phases.append(Phase(index, step.write(kept), kept, step.backward_inputs()))
    return Program(tuple(phases))


def _computes(node: FlatNode) -> bool:
    return node.layer.role in (Role.MODULE, Role.LOSS)


def _versions(
    nodes: Mapping[str, FlatNode],
    modules: Mapping[str, nn.Module],
    objectives: Sequence[ObjectivePlan],
    before: Sequence[int],
) -> dict[str, int]:
    """Per node, the last of `before` (counted from 1) that changed a weight at or above it; 0: none."""
    owner: dict[int, int] = {}
    for turn, index in enumerate(before, 1):
        owner.update({id(parameter): turn for parameter in objectives[index].parameters.values()})
    own: dict[int, int] = {}
    versions: dict[str, int] = {}
    for path, node in nodes.items():
        version = max((versions[end.path] for port in node.inputs for end in port), default=0)
        module = modules.get(path)
        if module is not None and owner:
            if id(module) not in own:
                own[id(module)] = max((owner.get(id(p), 0) for p in module.parameters()), default=0)
            version = max(version, own[id(module)])
        versions[path] = version
    return versions


def _needs(
    objectives: Sequence[ObjectivePlan], acting: Sequence[int], versions: Sequence[Mapping[str, int]]
) -> dict[tuple[str, int], int]:
    """(node, version) -> the turn that needs its gradients.

    There is at most one: an objective changes what it feels gradients through, so the next one meets a new
    version.
    """
    needs: dict[tuple[str, int], int] = {}
    for turn, index in enumerate(acting):
        for path in objectives[index].felt:
            needs[path, versions[turn][path]] = turn
    return needs


def _used_later(
    nodes: Mapping[str, FlatNode],
    objectives: Sequence[ObjectivePlan],
    acting: Sequence[int],
    versions: Sequence[Mapping[str, int]],
    plans: Sequence[Sequence[str]],
    computed: Mapping[tuple[str, int], int],
) -> list[set[FlatEnd]]:
    """Per turn, the values computed in it that later turns read."""
    used: list[set[FlatEnd]] = [set() for _ in acting]
    for turn, index in enumerate(acting):
        ends = [end for path in plans[turn] for port in nodes[path].inputs for end in port]
        for end in (*ends, *objectives[index].losses):
            maker = computed.get((end.path, versions[turn][end.path]))
            if maker is not None and maker != turn:
                used[maker].add(end)
    return used


class _Turn:
    """Writes the graph of one objective's turn."""

    def __init__(
        self,
        nodes: Mapping[str, FlatNode],
        modules: Mapping[str, nn.Module],
        objective: ObjectivePlan,
        fresh: Sequence[str],
        versions: Mapping[str, int],
        needs: Mapping[tuple[str, int], int],
    ) -> None:
        self.nodes, self.modules, self.objective, self.fresh = nodes, modules, objective, fresh
        self.versions, self.needs = versions, needs
        self.live = _live(nodes, modules)

    def write(self, kept: Sequence[FlatEnd]) -> Part:
        made = set(self.fresh)
        ends = [end for path in self.fresh for port in self.nodes[path].inputs for end in port]
        writer = GraphWriter(self.nodes, self.modules)
        writer.give(dict.fromkeys(end for end in (*ends, *self.objective.losses) if end.path not in made))
        swaps = pooled_first(self.nodes, self.modules, self.fresh, {*kept, *self.objective.losses})
        behind = set(swaps.values())
        for path in self.fresh:
            need = self._need(path)
            if path in self.live:  # the mode matters only where there are weights to learn at or above
                writer.gradients(need is not None)
            if path in swaps:
                writer.call_swapped(path, swaps[path], self._detached(need))
            elif path not in behind:
                writer.call(path, self._detached(need))
        writer.gradients(True)
        return writer.finish((writer.sum(self.objective.losses), *(writer.value(end) for end in kept)))

    def _detached(self, need: int | None) -> Callable[[FlatEnd], bool]:
        """A value whose gradients another turn needs is seen without them."""
        return lambda end: need is not None and self._need(end.path) not in (None, need)

    def _need(self, path: str) -> int | None:
        return self.needs.get((path, self.versions[path]))

    def backward_inputs(self) -> list[Tensor] | None:
        """None where the only learnable weights in reach are the objective's own."""
        own = {id(parameter) for parameter in self.objective.parameters.values()}
        modules = (self.modules[path] for path in self.objective.felt if path in self.modules)
        reached = {id(p) for module in modules for p in module.parameters() if p.requires_grad}
        return None if reached <= own else list(self.objective.parameters.values())


def _live(nodes: Mapping[str, FlatNode], modules: Mapping[str, nn.Module]) -> set[str]:
    """Nodes at or below weights that could learn."""
    live: set[str] = set()
    for path, node in nodes.items():
        module = modules.get(path)
        own = module is not None and any(p.requires_grad for p in module.parameters())
        if own or any(end.path in live for port in node.inputs for end in port):
            live.add(path)
    return live


def felt(
    nodes: Mapping[str, FlatNode],
    modules: Mapping[str, nn.Module],
    above: set[str],
    parameters: Mapping[str, Tensor],
) -> frozenset[str]:
    """The nodes of `above` at or below these weights."""
    own = {id(parameter) for parameter in parameters.values()}
    found: set[str] = set()
    for path, node in nodes.items():
        if path not in above:
            continue
        module = modules.get(path)
        has = module is not None and any(id(p) in own for p in module.parameters())
        if has or any(end.path in found for port in node.inputs for end in port):
            found.add(path)
    return frozenset(found)


def plan_objective(
    nodes: Mapping[str, FlatNode],
    modules: Mapping[str, nn.Module],
    path: str,
    parameters: Mapping[str, Tensor],
) -> ObjectivePlan:
    """An objective over these weights; those that its loss does not hang on are left out."""
    node = nodes[path]
    layer = node.layer
    assert isinstance(layer, Objective)
    losses = node.inputs[0]
    above = ancestors(nodes, losses)
    reach = {
        id(p) for name in above if name in modules for p in modules[name].parameters() if p.requires_grad
    }
    own = {name: parameter for name, parameter in parameters.items() if id(parameter) in reach}
    return ObjectivePlan(path, layer, losses, own, frozenset(above), felt(nodes, modules, above, own))
