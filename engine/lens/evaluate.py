"""What each lens shows, read from a plan: one forward pass of the pinned sample serves every request.

Evaluation mode, gradients that nobody keeps, the random state forked, training flags put back: looking
changes nothing. The arrays are small copies on the CPU.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.compile import Plan
from engine.expand.flat import FlatEnd
from engine.lens.lens import Lens, Reads, Seen
from engine.lens.registry import LENSES
from engine.lens.through_time import gradients_through_time
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest
from engine.system.random_state import kept_random_state
from nodes.modules.values.tied import lent_weights

Values = Mapping[FlatEnd, Tensor]
Units = Mapping[FlatEnd, NDArray[np.float64]]
Asked = list[tuple[LensRequest, Lens]]


def look(
    plan: Plan, values: Values, requests: Iterable[LensRequest], step: int, units: Units
) -> list[LensFrame]:
    """One frame per request that can be served; one for what is not in the drawing is left out.

    Lenses that read a sampler are served by `drawn`. Raises what the loss of the sample raises where
    gradients are asked for.
    """
    asked = [(request, LENSES[request.kind]) for request in requests if request.kind in LENSES]
    asked = [(request, lens) for request, lens in asked if Reads.SAMPLER not in lens.reads]
    outputs = _outputs(plan, values, _targets(asked, Reads.OUTPUT))
    gradients = _gradients(plan, values, _targets(asked, Reads.GRADIENTS))
    over_time = gradients_through_time(plan, values, _targets(asked, Reads.STATE_GRADIENTS))
    frames = []
    with torch.no_grad():
        for request, lens in asked:
            seen = _seen(plan, values, request.target, lens, outputs, gradients, units)
            if Reads.STATE_GRADIENTS in lens.reads:
                seen = replace(seen, state_gradients=over_time.get(request.target, {}))
            arrays = lens.compute(seen)
            if arrays:
                frames.append(LensFrame(step, request.kind, request.target, arrays))
    return frames


def drawn(step: int, sampler: str, arrays: Mapping[str, NDArray[Any]]) -> list[LensFrame]:
    """What a sampler drew, seen through every lens that reads samplers."""
    made = [(lens.kind, lens.compute(Seen(drawn=arrays))) for lens in LENSES.reading(Reads.SAMPLER)]
    return [LensFrame(step, kind, sampler, found) for kind, found in made if found]


def reads_sampler(request: LensRequest) -> bool:
    """Whether a sampler has to draw for this request."""
    return request.kind in LENSES and Reads.SAMPLER in LENSES[request.kind].reads


def _targets(asked: Asked, what: Reads) -> list[str]:
    return [request.target for request, lens in asked if what in lens.reads]


def _seen(
    plan: Plan,
    values: Values,
    target: str,
    lens: Lens,
    outputs: Mapping[str, Tensor],
    gradients: Mapping[str, Tensor],
    units: Units,
) -> Seen:
    reads, data, scaled = lens.reads, dict[str, Tensor](), dict[str, NDArray[np.float64]]()
    if Reads.DATA in reads:
        for end, tensor in values.items():
            if end.port in ("input", "target") and end.path in plan.sources:
                data.setdefault(end.port, tensor)
        scaled = {end.port: held for end, held in units.items() if end in values}
    own = _parameters(plan, target)
    return Seen(
        outputs.get(target) if Reads.OUTPUT in reads else None,
        {name: tensor.detach() for name, tensor in own.items()} if Reads.PARAMETERS in reads else {},
        {name: gradients[key] for name in own if (key := f"{target}.{name}") in gradients}
        if Reads.GRADIENTS in reads
        else {},
        data,
        scaled,
    )


def _parameters(plan: Plan, path: str) -> dict[str, Tensor]:
    """The parameters of the node at this path by name, those of others that it uses too."""
    module = plan.modules.get(path)
    if module is None:
        return {}
    return {**lent_weights(module), **dict(module.named_parameters(recurse=False))}


def _outputs(plan: Plan, values: Values, targets: list[str]) -> dict[str, Tensor]:
    """What is computed at these paths, without gradients."""
    if not targets:
        return {}
    with torch.no_grad(), kept_random_state(plan.device):
        plan.eval()
        try:
            return plan.capture(targets)(values)
        finally:
            plan.train()


def _gradients(plan: Plan, values: Values, targets: list[str]) -> dict[str, Tensor]:
    """Gradients of the losses of the sample, by `path.parameter`: of each objective for what it updates.

    Nothing is added to the `grad` of a parameter.
    """
    held = {f"{path}.{name}": one for path in targets for name, one in _parameters(plan, path).items()}
    held = {name: one for name, one in held.items() if one.requires_grad}
    if not held or not plan.objectives:
        return {}
    found: dict[str, Tensor] = {}
    with torch.enable_grad(), kept_random_state(plan.device):
        plan.eval()
        try:
            losses, _, _ = plan.evaluation(values)
        finally:
            plan.train()
        for objective, loss in zip(plan.objectives, losses, strict=True):
            updated = {id(one) for one in objective.parameters.values()}
            names = [name for name, one in held.items() if id(one) in updated]
            if names and loss.requires_grad:
                wanted = [held[name] for name in names]
                given = torch.autograd.grad(loss.sum(), wanted, retain_graph=True, allow_unused=True)
                for name, gradient in zip(names, given, strict=True):
                    if gradient is not None:
                        found[name] = found[name] + gradient if name in found else gradient
    return found
