"""The samplers of a plan: starts their loops, lets them go on call by call, and hands out arrays.

An evaluation has the weights of the moment it began (or their running means), the same noise and data every
time, no gradients, and random numbers of its own: it changes nothing of what trains, however long it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.compile import Plan
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.infer.sampling import fed_ends, origins_of
from engine.sample.function import DrawnFunction
from engine.sample.shown import Arrays, arrays, range_of
from engine.system.random_state import own_random_state
from nodes.reading.texts.vocabulary import Vocabulary
from nodes.shared.drawn_function import Drawn, Found, Loop
from nodes.spec import Inputs, Role
from nodes.training.sampler import Sampler

Averages = Callable[[], Mapping[str, Tensor]]


@dataclass
class _Compiled:
    """One sampler node, ready to be evaluated."""

    path: str
    layer: Sampler
    function: DrawnFunction
    pinned: dict[FlatEnd, Tensor]
    limits: tuple[float, float] | None


class Drawing:
    """One evaluation under way. `advance` until it is done; then `arrays` are there. `changes` are values of
    the sampler's parameters that are others than in the drawing.
    """

    def __init__(
        self,
        compiled: _Compiled,
        loop: Callable[[], Loop],
        device: torch.device,
        changes: Mapping[str, object],
    ) -> None:
        self.path, self.changes = compiled.path, changes
        self.arrays: Arrays | None = None
        self._compiled, self._device = compiled, device
        self._loop: Loop | None = None
        self._make, self._calls = loop, 0
        self._taken = compiled.function.frozen.taken

    @property
    def is_stale(self) -> bool:
        """Whether another evaluation of the same sampler was begun, with the weights of that moment."""
        return self._compiled.function.frozen.taken != self._taken

    def advance(self) -> bool:
        """Go on to the next call of the drawn function; whether that was the end."""
        with torch.no_grad(), own_random_state(self._device, self._compiled.layer.seed + self._calls):
            if self._loop is None:
                self._loop = self._make()
            self._calls += 1
            try:
                next(self._loop)
            except StopIteration as end:
                found: Found = end.value
                self.arrays = arrays(found, self._compiled.limits)
                self._loop = None
                return True
        return False

    def finish(self, interrupted: Callable[[], bool] = lambda: False) -> Arrays | None:
        """Go on to the end; None where it was interrupted, which is asked before every call."""
        while not interrupted():
            if self.advance():
                return self.arrays
        return None


class Samplers:
    """All sound samplers of a plan, by path in `layers`. They are compiled when they are first asked for."""

    def __init__(self, plan: Plan, sources: Sources, averages: Averages = dict) -> None:
        self._plan, self._sources, self._averages = plan, sources, averages
        self.layers: dict[str, Sampler] = {
            path: node.layer
            for path, node in plan.nodes.items()
            if node.layer.role is Role.SAMPLER and isinstance(node.layer, Sampler)
        }
        self._compiled: dict[str, _Compiled] = {}
        self._altered: dict[str, tuple[Mapping[str, object], _Compiled]] = {}

    def due(self, epoch: int) -> list[str]:
        """The samplers whose samples are kept at the end of this epoch (0: before training)."""
        return [path for path, layer in self.layers.items() if layer.keep and epoch % layer.keep == 0]

    def leave_out(self, path: str, error: Exception) -> str:
        """Draw with this sampler no more; says so in a sentence."""
        layer = self.layers.pop(path)
        return f"{path} is left out: {layer.title}: {error}"

    def start(self, path: str, changes: Mapping[str, object] | None = None) -> Drawing:
        """Begin an evaluation with the present weights. `changes` are other values of its parameters.

        Raises `KeyError` for a path without a sound sampler, `ParamError` and `LayerError` for values that it
        cannot take, or not where it is drawn.
        """
        compiled = self._changed(path, changes) if changes else self._ready(path)
        function, plan = compiled.function, self._plan
        function.frozen.take(self._averages() if compiled.layer.average else {})

        def loop() -> Loop:
            return compiled.layer.draw(self._drawn(compiled))

        return Drawing(compiled, loop, plan.device, changes or {})

    def weights_of(self, path: str) -> tuple[str, ...]:
        """The names of the weights with which this sampler draws. Raises `KeyError` as `start` does."""
        return self._ready(path).function.frozen.names

    def draw(self, path: str, interrupted: Callable[[], bool] = lambda: False) -> Arrays | None:
        """A whole evaluation; None where it was interrupted."""
        return self.start(path).finish(interrupted)

    # Compiling ------------------------------------------------------------------------------------

    def _drawn(self, compiled: _Compiled) -> Drawn:
        plan, node = self._plan, self._plan.nodes[compiled.path]
        bound = compiled.function.bind(compiled.pinned)
        origins = origins_of(plan.nodes, node, self._inputs(compiled.path))
        alphabets = [
            self._sources.infos()[one.path].classes for one in origins.values() if self._is_data(one.path)
        ]
        return Drawn(
            bound,
            bound.pinned,
            torch.Generator().manual_seed(compiled.layer.seed),
            origins,
            {port: plan.specs[end] for port, end in compiled.function.results.items()},
            alphabets[0] if alphabets else (),
            self._vocabularies(compiled.path),
        )

    def _vocabularies(self, path: str) -> dict[str, Vocabulary]:
        """The tokens of the data that the values at fed ports are made of, by port."""
        ends = fed_ends(self._plan.nodes[path]).items()
        found = {port: self._vocabulary(end) for port, end in ends}
        return {port: vocabulary for port, vocabulary in found.items() if vocabulary is not None}

    def _vocabulary(self, end: FlatEnd) -> Vocabulary | None:
        """The tokens of a value that nodes of one input each made of texts; None where it is none."""
        nodes, infos = self._plan.nodes, self._sources.infos()
        ends = [end]
        while len(ends) == 1 and ends[0].path not in infos:
            ends = [end for port in nodes[ends[0].path].inputs for end in port]
        if len(ends) != 1:
            return None
        info = infos[ends[0].path]
        return info.vocabulary if ends[0].port == "input" else info.target_vocabulary

    def _is_data(self, path: str) -> bool:
        return path in self._sources.infos()

    def _inputs(self, path: str) -> Inputs:
        plan = self._plan
        return tuple(plan.specs[ends[0]] if ends else None for ends in plan.nodes[path].inputs)

    def _ready(self, path: str) -> _Compiled:
        if path not in self._compiled:
            self._compiled[path] = self._made(path, self.layers[path], DrawnFunction(self._plan, path))
        return self._compiled[path]

    def _changed(self, path: str, changes: Mapping[str, object]) -> _Compiled:
        known = self._altered.get(path)
        if known is not None and known[0] == changes:
            return known[1]
        layer = self.layers[path]
        other = type(layer)(**{**layer.changed(), **changes})  # type: ignore[arg-type]
        inputs = self._inputs(path)
        other.check(*inputs)
        other.check_origins(origins_of(self._plan.nodes, self._plan.nodes[path], inputs))
        made = self._made(path, other, self._ready(path).function)
        self._altered[path] = dict(changes), made
        return made

    def _made(self, path: str, layer: Sampler, function: DrawnFunction) -> _Compiled:
        values = self._sources.pinned(layer.rows(), layer.seed)
        images = {
            end: tensor for end, tensor in values.items() if tensor.dim() == 4 and tensor.is_floating_point()
        }
        results = function.results  # the side ports come last
        decoded = next((end for port, end in results.items() if port in layer.after), None)
        shown = next(iter(results.values())) if decoded is None else decoded
        limits = None
        if layer.shows_images:
            limits = range_of(self._plan, layer, shown, images, is_decoded=decoded is not None)
        pinned = {end: values[end] for end in function.sources}
        return _Compiled(path, layer, function, pinned, limits)
