"""Where not-a-number began: the run is put back to its last sound state and goes the last steps again.

A loss that is not finite is seen up to 50 steps late, when every weight is spoiled already. Because a run
goes on to the same bits from a state of its own, the first bad number can be found exactly. Where that is
not to be had (no room for the copy, a device that adds up in another order each time), the present values
are looked at instead. Leaves the run spoiled: who calls puts sound weights back.
"""

from __future__ import annotations

from time import perf_counter

import torch
from torch import Tensor

from engine.compile import Plan
from engine.feed.sources import Values
from engine.system.random_state import kept_random_state, set_random_state
from engine.train.best_weights import is_sound
from engine.train.snapshot import RANDOM, SOURCE, under
from engine.train.training_state import TrainingState
from nodes.modules.devices.bounded import Bounded
from nodes.user_error import UserError

MOST_SECONDS = 15.0
"""Time that going the steps again may take."""


def origin(loop: TrainingState, step: int) -> str:
    """The source, weight or layer where not-a-number came first, in a sentence; "" where it cannot be told.

    `step` (from 1) is the first whose loss is not finite.
    """
    kept = loop.best_weights.sound
    if kept and loop.best_weights.sound_step < step:
        try:
            found = _again(loop, step)
        except (UserError, RuntimeError, ValueError):
            found = ""
        if found:
            return found
    return _first_bad(loop.plan, loop.stepper.values)


def outside(plan: Plan) -> str:
    """The node that met an index out of range, in a sentence; "" where none did. Waits for the device."""
    for path, module in plan.modules.items():
        for part in module.modules():
            if isinstance(part, Bounded) and part.met_outside:
                return f"{path}: Expected indices from 0 to {part.limit - 1:,}. Received others."
    return ""


def _again(loop: TrainingState, step: int) -> str:
    """Go again from the sound state; "" where it goes otherwise this time."""
    kept, now, end = loop.best_weights.sound, loop.best_weights.sound_step, perf_counter() + MOST_SECONDS
    model = loop.plan.model.state_dict()
    with torch.no_grad():
        for name, tensor in model.items():
            tensor.copy_(kept[name])
    loop.stepper.resume(kept)
    loop.sources.resume(under(kept, SOURCE))
    set_random_state(under(kept, RANDOM), loop.plan.device)
    per_epoch = loop.bounds.steps_per_epoch
    for done in range(now, step):
        values = loop.sources.next()
        if done == step - 1 and (found := _first_output(loop.plan, values)):
            return found
        epoch = done // per_epoch
        if not loop.stepper.schedules_by_step:
            loop.stepper.set_rates(done, epoch)
        loop.stepper.step(values, done, epoch)
        if not is_sound(model):
            return _spoiled(loop.plan, done + 1)
        if perf_counter() > end or loop.commands.is_stopped():
            return ""
    return ""


def _spoiled(plan: Plan, step: int) -> str:
    """The layer nearest to the loss whose weights an update has spoiled: gradients come from there."""
    bad = {name for name, weight in plan.model.state_dict().items() if _is_bad(weight)}
    for path in reversed(plan.modules):
        if any(name.startswith(f"{path}.") for name in bad):
            return f"The update of {path} at step {step:,} was the first that is not finite."
    return f"The weights of {min(bad).rpartition('.')[0]} grew out of bounds." if bad else ""


def _first_output(plan: Plan, values: Values) -> str:
    """The source or layer whose output is the first that is not finite; "" where all are."""
    for end, tensor in values.items():
        if end.path in plan.sources and _is_bad(tensor):
            return f"The data of {end.path} is not finite."
    paths = [path for path in plan.modules if plan.end_of(path) is not None]
    state = {name: tensor.clone() for name, tensor in plan.model.state_dict().items()}
    with torch.no_grad(), kept_random_state(plan.device):
        seen = plan.capture(paths)(dict(values))
        for name, tensor in plan.model.state_dict().items():
            tensor.copy_(state[name])
    for path in paths:
        if path in seen and _is_bad(seen[path]):
            return f"The output of {path} is the first that is not finite."
    return ""


def _first_bad(plan: Plan, values: Values) -> str:
    """The same from the values of the last step, in the order of the drawing."""
    for end, tensor in values.items():
        if end.path in plan.sources and _is_bad(tensor):
            return f"The data of {end.path} is not finite."
    for name, parameter in plan.model.named_parameters():
        if _is_bad(parameter):
            return f"The weights of {name.rpartition('.')[0]} grew out of bounds."
    plan.eval()
    found = _first_output(plan, values)
    plan.train()
    return found


def _is_bad(tensor: Tensor) -> bool:
    return tensor.is_floating_point() and not bool(tensor.isfinite().all())
