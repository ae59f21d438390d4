"""What each objective computes and reuses in one training step.

A value is computed once per step and reused until a weight above it changes. Where a reused value needs
gradients for one objective only, the others get it detached. Adversarial networks need no special case: the
discriminator's objective gets the generator's output detached; the generator's objective reuses that output
with its gradients and runs the updated discriminator again, with its weights constant.
Works on names: no tensors and no modules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from engine.compile.input_gradients import leaf_readers_of
from engine.compile.training_plan import ObjectiveSpec, TrainingPlan
from engine.expand.flat import FlatEnd
from nodes.spec import Role


class GradientMode(Enum):
    """How a node reads a value: attached to the graph, detached, or as a value to differentiate with respect
    to (unchanged where it requires gradients, else a leaf).
    """

    ATTACHED = ""
    DETACHED = "detached"
    LEAF = "leaf"


def value_name(end: FlatEnd, mode: GradientMode) -> FlatEnd:
    """The key of a value in this mode; no port has such a name."""
    return end if mode is GradientMode.ATTACHED else FlatEnd(end.path, f"{end.port} {mode.value}")


@dataclass(frozen=True)
class ObjectiveStep:
    """The part of a training step that belongs to one objective.

    `computes` are paths in topological order; `versions` count by node how often a weight at or above it has
    changed before; `reuses` are values of earlier objective steps, with the index of the one that made each.
    """

    objective: int
    computes: tuple[str, ...]
    versions: Mapping[str, int]
    reuses: Mapping[FlatEnd, int]


class ObjectiveSteps:
    """The objective steps of a training step in which these objectives act, in this order.

    An `index` counts them from 0."""

    def __init__(self, training_plan: TrainingPlan, acting: Sequence[int]) -> None:
        self.training_plan, self.acting = training_plan, tuple(acting)
        self.objectives: list[ObjectiveSpec] = [training_plan.objectives[index] for index in acting]
        self._versions = [self._versions_at(index) for index in range(len(self.objectives))]
        self._needs = self._find_needs()
        self._differentiated = self._find_differentiated()
        self._leaf_readers = leaf_readers_of(
            each for each in training_plan.input_gradients if self._is_computed(each.node)
        )
        self.steps = self._planned()

    @cached_property
    def kept(self) -> tuple[frozenset[FlatEnd], ...]:
        """Per objective step, the values made in it that later ones read."""
        kept: list[set[FlatEnd]] = [set() for _ in self.steps]
        for step in self.steps:
            for end, producer in step.reuses.items():
                kept[producer].add(end)
        return tuple(frozenset(ends) for ends in kept)

    def need(self, index: int, path: str) -> int | None:
        """The index of the objective step for which this version of the node's values carries gradients."""
        return self._needs.get((path, self._versions[index][path]))

    def is_recorded(self, index: int, path: str) -> bool:
        """Whether this node is computed with gradients."""
        key = (path, self._versions[index][path])
        return key in self._needs or key in self._differentiated

    def mode(self, index: int, reader: str, end: FlatEnd) -> GradientMode:
        """How a node that is computed in this objective step reads a value."""
        inside = self._is_differentiated(index, reader)
        if inside and reader in self._leaf_readers.get(end, ()):
            return GradientMode.LEAF
        if not self.is_recorded(index, reader):
            return GradientMode.ATTACHED  # nothing is recorded, so there is nothing to detach
        other = self.need(index, end.path)
        elsewhere = other is not None and other != self.need(index, reader)
        across = inside and self._is_differentiated(index, end.path)
        return GradientMode.DETACHED if elsewhere and not across else GradientMode.ATTACHED

    def loss_mode(self, index: int, end: FlatEnd) -> GradientMode:
        """How the sum of an objective's losses reads one of them."""
        own = self.need(index, end.path) == index
        return (
            GradientMode.ATTACHED if own or not self.is_recorded(index, end.path) else GradientMode.DETACHED
        )

    @property
    def has_input_gradients(self) -> bool:
        """Whether anything is differentiated with respect to something other than weights."""
        return bool(self._differentiated)

    # Planning -------------------------------------------------------------------------------------

    def _versions_at(self, index: int) -> dict[str, int]:
        """Per node, the last event that changed a weight at or above it; 0: none.

        Each objective step counts as two events: an optimiser that evaluates its loss several times changes
        its weights within its own objective step.
        """
        changed: dict[str, int] = {}
        for before, objective in enumerate(self.objectives[: index + 1]):
            if before < index:
                changed.update(dict.fromkeys(objective.updates, 2 * before + 2))
            elif objective.layer.evaluates_again:
                changed.update(dict.fromkeys(objective.updates, 2 * before + 1))
        versions: dict[str, int] = {}
        for path, node in self.training_plan.nodes.items():
            version = max((versions[end.path] for port in node.inputs for end in port), default=0)
            if changed:
                own = (changed.get(name, 0) for name in self.training_plan.weights.get(path, ()))
                version = max(version, *own, 0)
            versions[path] = version
        return versions

    def _find_needs(self) -> dict[tuple[str, int], int]:
        """(node, version) -> index of the objective step that needs its gradients.

        There is at most one: an objective changes the weights that its gradients flow through, so the next
        one gets a new version.
        """
        return {
            (path, self._versions[index][path]): index
            for index, objective in enumerate(self.objectives)
            for path in objective.gradient_nodes
        }

    def _find_differentiated(self) -> set[tuple[str, int]]:
        """(node, version) of what lies between a differentiated value and the node that differentiates."""
        return {
            (path, self._versions[index][path])
            for index, objective in enumerate(self.objectives)
            for each in self.training_plan.input_gradients
            if each.node in objective.above
            for path in each.between
        }

    def _is_differentiated(self, index: int, path: str) -> bool:
        return (path, self._versions[index][path]) in self._differentiated

    def _is_computed(self, path: str) -> bool:
        return any(path in objective.above for objective in self.objectives)

    def _planned(self) -> list[ObjectiveStep]:
        leaves: dict[tuple[FlatEnd, int], int] = {}  # (value, version) -> index
        computed: dict[tuple[str, int], int] = {}  # (node, version) -> index
        steps = []
        for index, objective in enumerate(self.objectives):
            versions = self._versions[index]
            fresh = tuple(
                path
                for path, node in self.training_plan.nodes.items()
                if path in objective.above
                and node.layer.role in (Role.MODULE, Role.LOSS)
                and (path, versions[path]) not in computed
            )
            computed.update({(path, versions[path]): index for path in fresh})
            reuses: dict[FlatEnd, int] = {}
            for end, mode in self.read(index, fresh):
                name, producer = value_name(end, mode), index
                if mode is GradientMode.LEAF:
                    producer = leaves.setdefault((name, versions[end.path]), index)
                if producer == index:
                    name, producer = end, computed.get((end.path, versions[end.path]), index)
                if producer != index:
                    reuses[name] = producer
            steps.append(ObjectiveStep(self.acting[index], fresh, versions, reuses))
        return steps

    def read(self, index: int, fresh: Sequence[str]) -> list[tuple[FlatEnd, GradientMode]]:
        """What an objective step that computes the nodes `fresh` reads, and how."""
        nodes = self.training_plan.nodes
        read = [
            (end, self.mode(index, path, end))
            for path in fresh
            for port in nodes[path].inputs
            for end in port
        ]
        return read + [(end, self.loss_mode(index, end)) for end in self.objectives[index].losses]
