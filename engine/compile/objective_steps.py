"""What happens in one training step: for each objective in its turn, which nodes to compute and which values
to reuse.

A value is computed once per step and reused until a weight above it has changed. Where a reused value needs
gradients for one objective only, the others see it detached. A GAN needs no
special case: the discriminator's objective gets the generator's output detached; the generator's objective
reuses that output with its gradients and runs the updated discriminator again, with its weights constant.
Works on names: no tensors and no modules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from engine.compile.taps import tapped_at
from engine.compile.training_plan import Aim, Scheme
from engine.expand.flat import FlatEnd
from nodes.spec import Role


class Sight(Enum):
    """How a node sees a value: as it is, without its gradients, or as something to differentiate with respect
    to (as it is where it carries gradients; else a leaf).
    """

    WHOLE = ""
    DETACHED = "detached"
    LEAF = "leaf"


def seen(end: FlatEnd, sight: Sight) -> FlatEnd:
    """The name of a value as it is seen; no port is named like this."""
    return end if sight is Sight.WHOLE else FlatEnd(end.path, f"{end.port} {sight.value}")


@dataclass(frozen=True)
class Turn:
    """The part of a step that belongs to one objective.

    `computes` are paths in topological order; `versions` say of every node how often a weight at or above it
    has changed by then; `reuses` are values (and the turns that made them) that it takes from earlier turns.
    """

    objective: int
    computes: tuple[str, ...]
    versions: Mapping[str, int]
    reuses: Mapping[FlatEnd, int]


class Turns:
    """The turns of a step in which these objectives act, in this order."""

    def __init__(self, scheme: Scheme, acting: Sequence[int]) -> None:
        self.scheme, self.acting = scheme, tuple(acting)
        self.aims: list[Aim] = [scheme.aims[index] for index in acting]
        self._versions = [self._versions_at(turn) for turn in range(len(self.aims))]
        self._needs = self._who_needs()
        self._tapped = self._what_is_tapped()
        self._seen_so = tapped_at(tap for tap in scheme.taps if self._is_computed(tap.node))
        self.turns = self._planned()

    @cached_property
    def kept(self) -> tuple[frozenset[FlatEnd], ...]:
        """Per turn, the values made in it that later turns read."""
        kept: list[set[FlatEnd]] = [set() for _ in self.turns]
        for turn in self.turns:
            for end, maker in turn.reuses.items():
                kept[maker].add(end)
        return tuple(frozenset(ends) for ends in kept)

    def need(self, turn: int, path: str) -> int | None:
        """The turn for which the values of this node, as they are at this turn, carry gradients."""
        return self._needs.get((path, self._versions[turn][path]))

    def is_recorded(self, turn: int, path: str) -> bool:
        """Whether this node is computed with gradients."""
        key = (path, self._versions[turn][path])
        return key in self._needs or key in self._tapped

    def sight(self, turn: int, reader: str, end: FlatEnd) -> Sight:
        """How a node that is computed in this turn sees a value."""
        inside = self._is_tapped(turn, reader)
        if inside and reader in self._seen_so.get(end, ()):
            return Sight.LEAF
        if not self.is_recorded(turn, reader):
            return Sight.WHOLE  # it records nothing, so it need not look away
        other = self.need(turn, end.path)
        elsewhere = other is not None and other != self.need(turn, reader)
        across = inside and self._is_tapped(turn, end.path)
        return Sight.DETACHED if elsewhere and not across else Sight.WHOLE

    def loss_sight(self, turn: int, end: FlatEnd) -> Sight:
        """How the sum of an objective's losses sees one of them."""
        own = self.need(turn, end.path) == turn
        return Sight.WHOLE if own or not self.is_recorded(turn, end.path) else Sight.DETACHED

    @property
    def has_taps(self) -> bool:
        """Whether anything is differentiated with respect to something other than weights."""
        return bool(self._tapped)

    # Planning -------------------------------------------------------------------------------------

    def _versions_at(self, turn: int) -> dict[str, int]:
        """Per node, the last event that changed a weight at or above it; 0: none.

        Two events to a turn: an optimiser that evaluates its loss several times changes its weights within
        its turn already.
        """
        changed: dict[str, int] = {}
        for before, aim in enumerate(self.aims[: turn + 1]):
            if before < turn:
                changed.update(dict.fromkeys(aim.updates, 2 * before + 2))
            elif aim.layer.evaluates_again:
                changed.update(dict.fromkeys(aim.updates, 2 * before + 1))
        versions: dict[str, int] = {}
        for path, node in self.scheme.nodes.items():
            version = max((versions[end.path] for port in node.inputs for end in port), default=0)
            if changed:
                own = (changed.get(name, 0) for name in self.scheme.weights.get(path, ()))
                version = max(version, *own, 0)
            versions[path] = version
        return versions

    def _who_needs(self) -> dict[tuple[str, int], int]:
        """(node, version) -> the turn that needs its gradients.

        There is at most one: an objective changes what it feels gradients through, so the next one meets a
        new version.
        """
        return {
            (path, self._versions[turn][path]): turn
            for turn, aim in enumerate(self.aims)
            for path in aim.felt
        }

    def _what_is_tapped(self) -> set[tuple[str, int]]:
        """(node, version) of what lies between a differentiated value and the node that differentiates."""
        return {
            (path, self._versions[turn][path])
            for turn, aim in enumerate(self.aims)
            for tap in self.scheme.taps
            if tap.node in aim.above
            for path in tap.between
        }

    def _is_tapped(self, turn: int, path: str) -> bool:
        return (path, self._versions[turn][path]) in self._tapped

    def _is_computed(self, path: str) -> bool:
        return any(path in aim.above for aim in self.aims)

    def _planned(self) -> list[Turn]:
        made: dict[tuple[FlatEnd, int], int] = {}  # (value, version) -> turn
        computed: dict[tuple[str, int], int] = {}  # (node, version) -> turn
        turns = []
        for turn, aim in enumerate(self.aims):
            versions = self._versions[turn]
            fresh = tuple(
                path
                for path, node in self.scheme.nodes.items()
                if path in aim.above
                and node.layer.role in (Role.MODULE, Role.LOSS)
                and (path, versions[path]) not in computed
            )
            computed.update({(path, versions[path]): turn for path in fresh})
            reuses: dict[FlatEnd, int] = {}
            for end, sight in self.read(turn, fresh):
                name, maker = seen(end, sight), turn
                if sight is Sight.LEAF:
                    maker = made.setdefault((name, versions[end.path]), turn)
                if maker == turn:
                    name, maker = end, computed.get((end.path, versions[end.path]), turn)
                if maker != turn:
                    reuses[name] = maker
            turns.append(Turn(self.acting[turn], fresh, versions, reuses))
        return turns

    def read(self, turn: int, fresh: Sequence[str]) -> list[tuple[FlatEnd, Sight]]:
        """What a turn reads that computes these nodes, and how it sees it."""
        nodes = self.scheme.nodes
        read = [
            (end, self.sight(turn, path, end))
            for path in fresh
            for port in nodes[path].inputs
            for end in port
        ]
        return read + [(end, self.loss_sight(turn, end)) for end in self.aims[turn].losses]
