"""The state of a run between two steps, from which another loop continues bit for bit.

Tensors go by name: weights by canvas path, everything else under names that begin with "@" (`@optimiser/`,
`@schedule/`, `@source/`, `@random/` …). Small facts are plain JSON. A loop that takes both up goes on to the
same bits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from engine.system.random_state import random_state
from engine.train.training_state import TrainingState
from engine.train.validation import Measured
from engine.weights.checkpoint import WeightsError, fill, shortened

SOURCE, RANDOM = "@source/", "@random/"
ANEW = (
    "The random state of {paths} in the checkpoint is of another kind of device: it begins anew, which gives "
    "other random numbers from here on."
)


def under(state: Mapping[str, Tensor], start: str) -> dict[str, Tensor]:
    """What the state has under names that begin so, by the rest of the name."""
    return {name[len(start) :]: tensor for name, tensor in state.items() if name.startswith(start)}


def tensors_of(loop: TrainingState) -> dict[str, Tensor]:
    """Every tensor of the run as it stands; they are the run's own and change with the next step."""
    found = dict(loop.plan.model.state_dict())
    found |= loop.stepper.state()
    found |= {f"{SOURCE}{name}": tensor for name, tensor in loop.sources.state().items()}
    return found | {f"{RANDOM}{kind}": state for kind, state in random_state(loop.plan.device).items()}


def facts_of(loop: TrainingState) -> dict[str, Any]:
    """What else a run needs to go on, and what a person wants to know of a checkpoint."""
    best_weights = loop.best_weights
    facts: dict[str, Any] = {
        "step": loop.step,
        "epoch": loop.epoch,
        "seed": loop.plan.seed,
        "device": str(loop.plan.device),
        "epochs": loop.bounds.epochs,
        "total_steps": loop.bounds.total_steps,
        "steps_per_epoch": loop.bounds.steps_per_epoch,
        "best_by": "" if best_weights.best_by is None else best_weights.best_by.path,
        "best_epoch": best_weights.best_epoch,
        "best_value": best_weights.best_value if math.isfinite(best_weights.best_value) else None,
        "unjudged": best_weights.unjudged,
        "nonfinite": loop.results.nonfinite.state(),
        "samples_due": loop.views.samples_due,
        "resumable": True,
    }
    if loop.watch is not None:
        facts["watch"] = loop.watch.state()
    if loop.results.measured is not None:
        facts |= {"losses": loop.results.measured.losses, "metrics": loop.results.measured.metrics}
    return facts


def take_up(loop: TrainingState, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Make a new loop stand where another did. Raises `WeightsError` where it is another drawing's."""
    try:
        _take_up(loop, tensors, facts)
    except WeightsError:
        raise
    except (TypeError, ValueError, RuntimeError, AttributeError, OverflowError, LookupError) as error:
        first = str(error).partition("\n")[0]
        raise WeightsError(
            f"Expected the state of a run of this drawing. Received one that does not fit it: {first}"
        ) from error


def _take_up(loop: TrainingState, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    loaded = fill(loop.plan.model, {n: tensor for n, tensor in tensors.items() if not n.startswith("@")})
    misfits = (*loaded.missing, *loaded.unexpected, *loaded.refused)
    if misfits:
        raise WeightsError(
            f"Expected the weights of this drawing, to go on with it. Received others: {shortened(misfits)} "
            "differ. Start a new run with these weights instead."
        )
    if facts.get("steps_per_epoch", loop.bounds.steps_per_epoch) != loop.bounds.steps_per_epoch:
        raise WeightsError(
            f"Expected the data of before, {facts['steps_per_epoch']:,} steps an epoch. Received data of "
            f"{loop.bounds.steps_per_epoch:,}. Start a new run with these weights instead."
        )
    loop.stepper.resume(tensors)
    anew = loop.sources.resume(under(tensors, SOURCE))
    if anew:
        loop.notices.append(ANEW.format(paths=", ".join(anew)))
    loop.step = int(facts["step"])
    loop.epoch = int(facts["epoch"])
    if loop.step % loop.bounds.steps_per_epoch:  # a run that is made longer goes on inside its last epoch
        loop.epoch = loop.step // loop.bounds.steps_per_epoch
    loop.views.samples_due = bool(facts.get("samples_due", False)) or loop.step == 0
    _take_up_best(loop, facts)
    loop.results.nonfinite.resume(facts.get("nonfinite", {}))
    if loop.watch is not None:
        loop.watch.resume(facts.get("watch", {}))
    if "losses" in facts:
        loop.results.measured = Measured(_floats(facts["losses"]), _floats(facts.get("metrics", {})))
    loop.random_states = random_state(loop.plan.device) | under(tensors, RANDOM)


def _take_up_best(loop: TrainingState, facts: Mapping[str, Any]) -> None:
    """The best figure so far, where `best_by` was the same then."""
    best_weights, by, value = loop.best_weights, facts.get("best_by"), facts.get("best_value")
    if by is None and len(loop.plan.objectives) == 1:  # written when there was no `best_by`
        by, value = loop.plan.objectives[0].path, facts.get("best_loss")
    epoch = int(facts.get("best_epoch", 0))
    if best_weights.best_by is None or by != best_weights.best_by.path or not epoch:
        return
    loop.best_weights.unjudged = int(facts.get("unjudged", 0))
    # JSON writes the infinite as null: no figure was better
    best_weights.best_value, best_weights.best_epoch = (
        -best_weights.best_by.worst if value is None else float(value),
        epoch,
    )


def _floats(values: Mapping[str, float | None]) -> dict[str, float]:
    """JSON writes not-a-number as null."""
    return {name: math.nan if value is None else float(value) for name, value in values.items()}
