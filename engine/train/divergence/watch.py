"""Watches objectives that pull against each other, and says once what goes wrong and what helps.

Two objectives pull against each other where the loss of each depends on weights that only the other updates:
a generator and a discriminator, whatever they are called in the drawing. Three things are seen: one of them
has won, both stand still, and what is made has lost its variety. All of it depends on the steps alone, so
that a resumed run says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from math import isfinite
from typing import Any

from engine.compile import Plan
from engine.feed.sources import Sources
from engine.train.divergence.sample_spread import Spread, spread_of

WINDOW = 200
"""Steps over which losses are averaged."""
FIRST = 10
"""Losses of which the mean is where an objective began."""
STREAK = 3
"""Windows over which one must have won, or looks at the variety in a row that must say the same."""
WON_SHARE, LOST_FACTOR = 0.06, 2.0
"""One has won where its loss is below this share of its first one, and the other's above this factor."""
FLAT_WINDOWS, FLAT_SHARE, MOVED_SHARE = 20, 0.002, 0.02
"""Both stand still where no mean of so many windows differs from another by more than the first share. Where
one has moved by more than the second since the run began, and what is made varies as the data do, they are in
balance: neither can better itself, which is where such a pair should end."""
LOOK_STEPS = 500
"""Steps between two looks at the variety."""
LOW_SPREAD, ONCE_SPREAD, PATIENT_STEPS = 0.1, 0.3, 1500
"""Variety is lost below the first share of the data's, once it was above the second, or so late."""

Advice = tuple[int, str]
"""A step and a sentence."""


class ObjectivePair:
    """Two opposed objectives, by their paths, and what was seen of them."""

    def __init__(self, first: str, second: str) -> None:
        self.paths = (first, second)
        self.means: dict[str, list[float]] = {first: [], second: []}
        self.extremes: dict[str, tuple[float, float]] = {}
        """The lowest and the highest mean of each since the run began."""
        self.told: list[str] = []

    def take(
        self, means: Mapping[str, float], first: Mapping[str, float], step: int, varied: bool
    ) -> list[Advice]:
        """The means of a window that ended at this step, and where the objectives began.

        `varied`: what is made is known to vary as the data do.
        """
        if not all(path in means and isfinite(means[path]) for path in self.paths):
            return []
        for path in self.paths:
            self.means[path] = [*self.means[path][1 - FLAT_WINDOWS :], means[path]]
            low, high = self.extremes.get(path, (means[path], means[path]))
            self.extremes[path] = min(low, means[path]), max(high, means[path])
        found = [self._won(winner, loser, first) for winner, loser in (self.paths, self.paths[::-1])]
        return [(step, text) for text in (*found, self._flat(varied)) if text]

    def _won(self, winner: str, loser: str, first: Mapping[str, float]) -> str:
        """Losses that can fall below zero are no distance from a goal: nothing is concluded from them."""
        recent = self.means[winner][-STREAK:]
        mine, other = sum(recent) / STREAK, sum(self.means[loser][-STREAK:]) / STREAK
        comparable = len(recent) == STREAK and min(first[winner], first[loser], *recent) > 0.0
        wins = comparable and mine < WON_SHARE * first[winner] and other > LOST_FACTOR * first[loser]
        if not wins or not self._tell(f"won {winner}"):
            return ""
        return (
            f"{winner} has won against {loser}: its loss fell to {mine:.3g}, near zero, while that of "
            f"{loser} grew from {first[loser]:.3g} to {other:.3g}. {loser} learns little now. Lower the "
            f"learning rate of {winner}, let {loser} act more often (`times`), or soften what {winner} is "
            "taught (smoothed targets, a penalty on its gradient)."
        )

    def _flat(self, varied: bool) -> str:
        if any(len(means) < FLAT_WINDOWS for means in self.means.values()):
            return ""
        if any(_differ(min(means), max(means), FLAT_SHARE) for means in self.means.values()):
            return ""
        if varied and any(_differ(low, high, MOVED_SHARE) for low, high in self.extremes.values()):
            return ""
        if not self._tell("flat"):
            return ""
        return (
            f"{self.paths[0]} and {self.paths[1]} stand still: neither loss has moved in "
            f"{FLAT_WINDOWS * WINDOW:,} steps. Their gradients have vanished or their rates are too low. "
            "Raise the learning rates, or begin again with a loss that does not saturate."
        )

    def _tell(self, what: str) -> bool:
        if what in self.told:
            return False
        self.told.append(what)
        return True


def _differ(low: float, high: float, share: float) -> bool:
    return high - low > share * max(abs(low), abs(high))


class DivergenceWatch:
    """Takes in losses as they are told. `observe` and `look` return what should be said, each thing once."""

    def __init__(self, pairs: Sequence[tuple[str, str]], spreads: Sequence[Spread]) -> None:
        self._pairs = [ObjectivePair(*pair) for pair in pairs]
        self._paths = list(dict.fromkeys(path for pair in pairs for path in pair))
        self._spreads = list(spreads)
        self._sums = dict.fromkeys(self._paths, 0.0)
        self._counts = dict.fromkeys(self._paths, 0)
        self._first: dict[str, list[float]] = {path: [] for path in self._paths}
        self._spread_state: dict[str, dict[str, Any]] = {
            spread.name: {"streak": 0, "once": False, "told": False, "share": 0.0} for spread in self._spreads
        }

    @property
    def looks_every(self) -> int:
        """Steps between two calls of `look`; 0: there is nothing to look at."""
        return LOOK_STEPS if self._spreads else 0

    def observe(self, done: int, losses: Mapping[str, Sequence[float]]) -> list[Advice]:
        """Losses by objective at the steps after `done`; not a number where one did not act."""
        found: list[Advice] = []
        count = len(next(iter(losses.values()), ()))
        start = 0
        while start < count:
            end = min(count, start + WINDOW - (done + start) % WINDOW)
            for path in self._paths:
                acted = [loss for loss in losses[path][start:end] if loss == loss]
                for loss in acted:  # one by one: the same bits, however steps are reported
                    self._sums[path] += loss
                self._counts[path] += len(acted)
                if len(self._first[path]) < FIRST:
                    self._first[path] += acted[: FIRST - len(self._first[path])]
            start = end
            if (done + start) % WINDOW == 0:
                found += self._close_window(done + start)
        return found

    def _close_window(self, step: int) -> list[Advice]:
        means = {path: self._sums[path] / self._counts[path] for path in self._paths if self._counts[path]}
        first = {path: sum(losses) / max(len(losses), 1) for path, losses in self._first.items()}
        self._sums = dict.fromkeys(self._paths, 0.0)
        self._counts = dict.fromkeys(self._paths, 0)
        shares = [state["share"] for state in self._spread_state.values()]
        varied = bool(shares) and min(shares) > ONCE_SPREAD
        return [advice for pair in self._pairs for advice in pair.take(means, first, step, varied)]

    def look(self, step: int) -> list[Advice]:
        """Measure the variety of what is made now, against that of the data."""
        found: list[Advice] = []
        for spread in self._spreads:
            state = self._spread_state[spread.name]
            share = state["share"] = spread.measure()
            state["once"] = state["once"] or share > ONCE_SPREAD
            low = share < LOW_SPREAD and (state["once"] or step >= PATIENT_STEPS)
            state["streak"] = state["streak"] + 1 if low else 0
            if state["streak"] >= STREAK and not state["told"]:
                state["told"] = True
                found.append((step, _collapsed(spread.name, share)))
        return found

    # Checkpoints ----------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps, as plain JSON; a copy."""
        held = {
            "sums": self._sums,
            "counts": self._counts,
            "first": self._first,
            "pairs": [
                {"means": pair.means, "extremes": pair.extremes, "told": pair.told} for pair in self._pairs
            ],
            "spreads": self._spread_state,
        }
        return deepcopy(held)

    def resume(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` gave; what is missing there starts anew."""
        self._sums |= state.get("sums", {})
        self._counts |= state.get("counts", {})
        self._first |= {path: list(losses) for path, losses in state.get("first", {}).items()}
        for pair, kept in zip(self._pairs, state.get("pairs", ()), strict=False):
            pair.means, pair.told = dict(kept["means"]), list(kept["told"])
            pair.extremes = {path: tuple(ends) for path, ends in kept.get("extremes", {}).items()}
        for name, kept in state.get("spreads", {}).items():
            if name in self._spread_state:
                self._spread_state[name] |= kept


def _collapsed(name: str, share: float) -> str:
    return (
        f"{name}: what is made from different noise looks nearly alike; it varies {share:.0%} as much as "
        "the data (mode collapse). Lower the learning rates, give the other side more updates (`times`), or "
        "use a loss with a gradient penalty."
    )


def watch_of(plan: Plan, sources: Sources) -> DivergenceWatch | None:
    """The watch for this drawing; None where no two objectives pull against each other."""
    owners = {path: i for i, o in enumerate(plan.objectives) for path in _owned(plan, set(o.parameters))}
    pairs: list[tuple[int, int]] = []
    for i, one in enumerate(plan.objectives):
        for k in range(i + 1, len(plan.objectives)):
            two = plan.objectives[k]
            apart = not set(one.parameters) & set(two.parameters)
            one_depends = any(owners.get(path) == k for path in one.above)
            two_depends = any(owners.get(path) == i for path in two.above)
            if apart and one_depends and two_depends and set(one.losses) != set(two.losses):
                pairs.append((i, k))
    if not pairs:
        return None
    names = [(plan.objectives[i].path, plan.objectives[k].path) for i, k in pairs]
    ordered = [order for i, k in pairs for order in ((i, k), (k, i))]
    spreads = [
        spread
        for generator, discriminator in ordered
        if (spread := spread_of(plan, sources, owners, generator, discriminator)) is not None
    ]
    return DivergenceWatch(names, list({spread.name: spread for spread in spreads}.values()))


def _owned(plan: Plan, names: set[str]) -> list[str]:
    """Nodes whose weights are among these, wherever they are placed."""
    tensors = dict(plan.model.named_parameters())
    held = {id(tensors[name]) for name in names if name in tensors}
    return [
        path
        for path, module in plan.modules.items()
        if any(id(parameter) in held for parameter in module.parameters())
    ]
