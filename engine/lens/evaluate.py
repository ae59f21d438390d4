"""What each lens shows, read from a plan: one forward pass of a pinned sample serves every request for it.

Evaluation mode, gradients that nobody keeps, the random state forked, training flags put back: looking
changes nothing. The arrays are small copies on the CPU.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.compile import Plan
from engine.expand.flat import FlatEnd
from engine.infer.layer import MODULE_ERRORS
from engine.lens.access import Access, never
from engine.lens.feeds import Feeds
from engine.lens.lens import Cost, Lens, Reads, Seen
from engine.lens.parameter_gradients import gradients_of, parameters_of
from engine.lens.registry import LENSES
from engine.lens.sequences.over_time import gradients_of_states, states_over_time
from engine.lens.through_time import gradients_through_time
from engine.lens.tokens import Tokens, is_of_target, token_ends
from engine.lens.trail import PastWeights
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest
from nodes.param import ParamError

Values = Mapping[FlatEnd, Tensor]
Asked = list[tuple[LensRequest, Lens]]
LENS_ERRORS = (*MODULE_ERRORS, ParamError)


@dataclass(frozen=True)
class Failed:
    """A request that could not be served, and why."""

    request: LensRequest
    error: Exception


@dataclass
class Looked:
    """The frames of one look, and what could not be shown."""

    frames: list[LensFrame] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)


@dataclass
class _Shared:
    """What the requests for one pinned sample share."""

    data: Mapping[str, Tensor]
    outputs: Mapping[FlatEnd, Tensor]
    gradients: Mapping[str, Tensor]
    over_time: Mapping[str, Mapping[str, Tensor]]
    output_gradients: Mapping[FlatEnd, Tensor]


def look(
    plan: Plan,
    feeds: Feeds,
    requests: Iterable[LensRequest],
    step: int,
    interrupted: Callable[[], bool] = never,
    moments: Sequence[PastWeights] = (),
) -> Looked:
    """One frame per request that can be served; one for what is not in the drawing is left out.

    Lenses that read a sampler are served by `drawn`. What takes seconds ends where it is `interrupted`;
    `moments` are the weights of earlier steps. Raises what the loss of the sample raises where
    gradients are asked for.
    """
    asked = [(request, LENSES[request.kind]) for request in requests if request.kind in LENSES]
    asked = [(request, lens) for request, lens in asked if Reads.SAMPLER not in lens.reads]
    looked = Looked()
    for pin in sorted({request.pin for request, _ in asked}):
        values, own = feeds.pin(pin), [each for each in asked if each[0].pin == pin]
        data = data_of(plan, values)
        if pin in feeds.untargeted:
            data.pop("target", None)
            own = _without_losses(plan, own)
        if values or not feeds.pinned:
            network = Access(plan, feeds, "", values, interrupted, moments)
            _look(network, data, own, step, looked)
    return looked


def _without_losses(plan: Plan, asked: Asked) -> Asked:
    """What can be shown of a sample whose target nobody knows: no gradients of losses that read it."""
    ends = {end for node in plan.nodes.values() for port in node.inputs for end in port}
    if any(end.port == "target" and end.path in plan.sources for end in ends):
        return [(request, lens) for request, lens in asked if lens.cost is not Cost.BACKWARD]
    return asked


def drawn(
    step: int,
    sampler: str,
    arrays: Mapping[str, NDArray[Any]],
    kinds: Collection[str] = (),
    changes: Mapping[str, Any] | None = None,
) -> list[LensFrame]:
    """What a sampler drew with these values of its parameters changed, seen through the lenses of these kinds
    that read samplers; none: through all.
    """
    lenses = [lens for lens in LENSES.reading(Reads.SAMPLER) if not kinds or lens.kind in kinds]
    made = [(lens.kind, lens.compute(Seen(drawn=arrays))) for lens in lenses]
    own = dict(changes or {})
    return [LensFrame(step, kind, sampler, found, changes=own) for kind, found in made if found]


def reads_sampler(request: LensRequest) -> bool:
    """Whether a sampler has to draw for this request."""
    return request.kind in LENSES and Reads.SAMPLER in LENSES[request.kind].reads


def _look(network: Access, data: dict[str, Tensor], asked: Asked, step: int, looked: Looked) -> None:
    """The requests for one pinned sample; `data` is what is told of it."""
    plan, values = network.plan, network.values
    shared = _Shared(
        data,
        _outputs(
            network,
            [*_ends(plan, asked, Reads.OUTPUT), *_input_ends(plan, asked), *_token_ends(plan, asked)],
        ),
        gradients_of(plan, values, _targets(asked, Reads.GRADIENTS)),
        gradients_through_time(plan, values, _targets(asked, Reads.STATE_GRADIENTS)),
        _output_gradients(network, _ends(plan, asked, Reads.OUTPUT_GRADIENT)),
    )
    for request, lens in asked:
        try:
            seen = _seen(replace(network, target=request.target), lens, request, shared)
            seen = replace(seen, step=step)
            with torch.no_grad():
                arrays = lens.compute(seen)
        except LENS_ERRORS as error:
            looked.failed.append(Failed(request, error))
            continue
        if arrays:
            looked.frames.append(
                LensFrame(step, request.kind, request.target, arrays, request.options, request.pin)
            )


def _targets(asked: Asked, what: Reads) -> list[str]:
    return [request.target for request, lens in asked if what in lens.reads]


def _ends(plan: Plan, asked: Asked, what: Reads) -> list[FlatEnd]:
    found = (plan.end_of(path) for path in _targets(asked, what))
    return list(dict.fromkeys(end for end in found if end is not None))


def _input_ends(plan: Plan, asked: Asked) -> list[FlatEnd]:
    nodes = [plan.nodes[path] for path in _targets(asked, Reads.INPUTS) if path in plan.nodes]
    return [end for node in nodes for port in node.inputs for end in port]


def _token_ends(plan: Plan, asked: Asked) -> list[FlatEnd]:
    return [end for path in _targets(asked, Reads.TOKENS) for end in token_ends(plan, path).values()]


def _outputs(network: Access, ends: list[FlatEnd]) -> dict[FlatEnd, Tensor]:
    """What is computed at these ends, without gradients; in the same order whoever asked first."""
    wanted = sorted(set(ends))
    return dict(zip(wanted, network.read(wanted), strict=True)) if wanted else {}


def _output_gradients(network: Access, ends: list[FlatEnd]) -> dict[FlatEnd, Tensor]:
    """Of the sum of all losses of the pinned sample, by these values; those that it depends on."""
    losses = list(network.terms()) if ends else []
    if not losses:
        return {}
    wanted = sorted(set(ends))
    found = network.recorded([*losses, *wanted])
    total, values = network.total(found[: len(losses)]), found[len(losses) :]
    known = [(end, value) for end, value in zip(wanted, values, strict=True) if value.requires_grad]
    if not total.requires_grad or not known:
        return {}
    given = torch.autograd.grad(total, [value for _, value in known], allow_unused=True)
    return {end: one for (end, _), one in zip(known, given, strict=True) if one is not None}


def _seen(network: Access, lens: Lens, request: LensRequest, shared: _Shared) -> Seen:
    """What this lens asked for, as far as it is there. Raises `ParamError` for options that do not fit."""
    plan, reads, target = network.plan, lens.reads, request.target
    node, end = plan.nodes.get(target), plan.end_of(target)
    own = parameters_of(plan, target)
    seen = Seen(
        shared.outputs.get(end) if Reads.OUTPUT in reads and end is not None else None,
        {name: tensor.detach() for name, tensor in own.items()} if Reads.PARAMETERS in reads else {},
        {
            name: shared.gradients[key]
            for name in own
            if Reads.GRADIENTS in reads and (key := f"{target}.{name}") in shared.gradients
        },
        dict(shared.data) if Reads.DATA in reads else {},
        units_of(network) if Reads.DATA in reads else {},
        state_gradients=shared.over_time.get(target, {}),
        options=lens.values(request.options),
        layer=node.layer if node is not None else None,
        module=plan.modules.get(target),
        network=network if reads & {Reads.NETWORK, Reads.NETWORK_LONG} else None,
    )
    if Reads.INPUTS in reads and node is not None:
        ports = zip(node.layer.input_ports(), node.inputs, strict=True)
        inputs = {port.name: tuple(shared.outputs[each] for each in ends) for port, ends in ports}
        seen = replace(seen, inputs=inputs)
    seen = _over_time(network, reads, seen, shared)
    if Reads.OUTPUT_GRADIENT in reads and end is not None:
        seen = replace(seen, output_gradient=shared.output_gradients.get(end))
    if Reads.SET in reads and end is not None:
        some = network.feeds.some(lens.samples)
        (output,) = network.read_many([end], some)
        some = {each: value[: len(output)] for each, value in some.items()}
        told = network.feeds.told(len(output))
        seen = replace(seen, set_output=output, set_data=data_of(plan, some), set_told=told)
    return seen


def _over_time(network: Access, reads: frozenset[Reads], seen: Seen, shared: _Shared) -> Seen:
    """What was asked of sequences: states, gradients of states, tokens."""
    if Reads.STATE_GRADIENTS in reads and not seen.state_gradients:
        seen = replace(seen, state_gradients=gradients_of_states(network))
    if Reads.STATES in reads:
        seen = replace(seen, states=states_over_time(network, seen.inputs))
    if Reads.TOKENS in reads:
        tokens = {
            port: Tokens(shared.outputs[each], is_of_target(network.plan, each))
            for port, each in token_ends(network.plan, network.target).items()
        }
        seen = replace(seen, tokens=tokens)
    return seen


def data_of(plan: Plan, values: Values) -> dict[str, Tensor]:
    """Inputs and targets among the values of the sources; of several data sets, those of the first."""
    found: dict[str, Tensor] = {}
    for end, tensor in values.items():
        if end.port in ("input", "target") and end.path in plan.sources:
            found.setdefault(end.port, tensor)
    return found


def units_of(network: Access) -> dict[str, NDArray[np.float64]]:
    """Offsets and factors back to the unit of the data, by port."""
    return {end.port: held for end, held in network.feeds.units.items() if end in network.values}
