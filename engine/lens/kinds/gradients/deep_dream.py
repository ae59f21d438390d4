"""Deep dream: what the pinned picture becomes when it is changed until a layer is excited more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.data.source import DataSource
from nodes.param import Choice, Float, Int
from nodes.spec import Layer, Role

if TYPE_CHECKING:
    from torch import Tensor

    from engine.expand.flat import FlatEnd
    from engine.lens.access import Access

_ROLES = (Role.MODULE, Role.PLACEMENT)
CHANNEL, LAYER = OF = ("channel", "layer")
RANGE_OF = 64
"""Held-back samples from which the range of the data is taken."""


class DeepDream(Lens):
    """Arrays: `pictures`, the pinned one and what it is after each octave, (k, C, H, W); `ends`, the mean of
    the channel, or of the squares of the layer, of the first and the last of them (2), and `reached` before
    each step; `channel`, its place, -1 for the layer, and how many there are (2); `octaves`, their sides
    (k - 1, 2); `bounds` of the values (2); `asked`, octaves that were asked for, and `asked_steps`, steps at
    those that fit. Where noise alone enters, the first picture or maps that are made of it are changed, not
    `of_data`; of other than one or three `maps` the first is sent.
    """

    kind = "deep_dream"
    title = "Deep dream"
    help = (
        "What the pinned picture becomes when it is changed, step by step along the gradient, so that a "
        "channel of this layer has a larger mean, or the whole layer larger squares. It begins small and "
        "grows by octaves; its values stay within the range of the data."
    )
    reads = frozenset({Reads.NETWORK, Reads.DATA})
    place = 62

    of = Choice(
        CHANNEL,
        choices=OF,
        titles={CHANNEL: "a channel", LAYER: "the whole layer"},
        label="Excite",
        help="What is to grow.",
    )
    channel = Int(-1, min=-1, visible_if=("of", (CHANNEL,)), help="−1 is the one with the largest mean.")
    octaves = Int(3, min=1, max=6, help="Sizes of the picture, each 1.4 times the one before.")
    steps = Int(10, min=1, max=100, help="Steps at each size; fewer where they would hold up a run.")
    rate = Float(0.02, min=0.0001, max=1.0, log=True, help="Mean change of a step, as a share of the range.")

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role not in _ROLES or issubclass(layer, DataSource) or report is None:
            return False
        spec = next(iter(report.outputs.values()), None)
        entering = [one for port in report.inputs.values() for one in port]
        has_maps = any(one.rank == 4 and one.is_float for one in entering)
        return (
            spec is not None
            and spec.rank == 4
            and spec.is_float
            and has_maps
            and bool(layer.passes_gradients)
        )

    def compute(self, seen: Seen) -> Arrays:
        from engine.lens.gradients.ascent import dream, octave_sizes
        from engine.lens.gradients.chosen import chosen_unit, units_of
        from engine.lens.gradients.reached import picture_above

        network = seen.network
        place = None if network is None else picture_above(network)
        if network is None or network.end is None or place is None:
            return {}
        start = network.read([place])[0]
        units = units_of(network.read([network.end])[0])
        channel = -1 if seen.options["of"] == LAYER else chosen_unit(units, seen.options["channel"])
        excited = _Excited(network, place, channel)
        wished = int(seen.options["octaves"])
        sizes = octave_sizes((start.shape[2], start.shape[3]), wished, excited.takes)
        bounds = _bounds(network, place, start)
        steps, rate = int(seen.options["steps"]), float(seen.options["rate"])
        patience = network.feeds.patience
        made = dream(start, excited, sizes, steps=steps, rate=rate, bounds=bounds, patience=patience)
        network.feeds.was_cut |= len(made.reached) < steps * len(sizes)
        return {
            "pictures": _sent(made.pictures),
            "ends": np.array((made.before, made.after)),
            "reached": np.array(made.reached, np.float32),
            "channel": np.array((channel, units.shape[1])),
            "octaves": np.array(sizes),
            "bounds": np.array(bounds, np.float32),
            "asked": np.array(wished),
            "asked_steps": np.array(steps * len(sizes)),
            "maps": np.array(start.shape[1]),
            "of_data": np.array(place.path in network.plan.sources),
        }


class _Excited:
    """The mean of a channel, or of the squares of a layer (channel -1), and its gradient by the picture."""

    def __init__(self, network: Access, place: FlatEnd, channel: int) -> None:
        self._network, self._place, self._channel = network, place, channel
        assert network.end is not None
        self._end = network.end

    def __call__(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        import torch

        given = {**self._network.values, self._place: picture}
        value, leaf = self._network.recorded([self._end, self._place], given)
        with torch.enable_grad():
            total = value.square().mean() if self._channel < 0 else value[:, self._channel].mean()
        if not total.requires_grad:
            return total.detach(), torch.zeros_like(picture)
        (gradient,) = torch.autograd.grad(total, [leaf], allow_unused=True)
        return total.detach(), torch.zeros_like(picture) if gradient is None else gradient

    def takes(self, size: tuple[int, int]) -> bool:
        """Whether the layers on the way take pictures of this size."""
        from engine.infer.layer import MODULE_ERRORS

        values = self._network.values
        held = values[self._place] if self._place in values else self._network.read([self._place])[0]
        other = held.new_zeros((1, held.shape[1], *size))
        try:
            (value,) = self._network.read([self._end], {**values, self._place: other})
        except MODULE_ERRORS:
            return False
        return value.numel() > 0


def _bounds(network: Access, place: FlatEnd, start: Tensor) -> tuple[float, float]:
    """The range of the data: of some held-back samples and the picture itself."""
    some = network.feeds.some(RANGE_OF).get(place)
    held = [start] if some is None else [start, some[:RANGE_OF]]
    low, high = min(float(one.min()) for one in held), max(float(one.max()) for one in held)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _sent(pictures: tuple[Tensor, ...]) -> NDArray[np.float32]:
    import torch

    from engine.lens.arrays import array
    from engine.lens.gradients.pictured import pictured

    shown = slice(None) if pictures[0].shape[1] in (1, 3) else slice(1)
    return array(torch.stack([pictured(one[0, shown]) for one in pictures]))
