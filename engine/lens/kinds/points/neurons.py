"""Network diagram: the dense layers up to a node as neurons, each with its field, joined by their weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.expand.flat import FlatEnd
from engine.lens.arrays import array
from engine.lens.kinds.points.field import dots
from engine.lens.kinds.points.in_plane import InPlane, in_plane, mesh
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.layers.dense import Linear
from nodes.param import Int
from nodes.spec import Layer, Role

if TYPE_CHECKING:
    from torch import Tensor

    from engine.expand.flat import FlatNode

UNITS = 8
"""Most units of a layer that are drawn."""
LAYERS = 8
"""Most layers that are drawn: the last ones."""
SIDE, LARGE = 20, 64
"""Points along each side of a small field, and of the large one."""
DOTS = 400
TYPED = 16_384
"""Most weights of a layer that are sent whole where not all are drawn, so that one of them can be typed."""


class NetworkDiagram(Lens):
    """Arrays by column, beginning with what enters the first layer, `field_0` (u, S, S), `field_1`, …;
    `total`, how many units each column has; `weight_1` (units, units before), `bias_1`, …; `layers`, the
    paths of the layers; `whole_weight_1`, `whole_bias_1`, …, where a part is drawn; `output` (u, S, S), the
    fields of the last column with more points; `domain`, `axes`, `points` with `labels`, `asked`, `made`,
    `noise` and `more` as of a field; `left_out` (1), layers before the first that is drawn.
    """

    kind = "network_diagram"
    title = "Network diagram"
    help = (
        "The dense layers up to this node: a square for each unit with its field, joined by lines as thick "
        "as the weight, blue where it is positive and orange where it is negative."
    )
    reads = frozenset({Reads.NETWORK, Reads.PARAMETERS})
    place = 16

    units = Int(UNITS, min=1, max=16, help="Most units of a layer that are drawn.")

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if not issubclass(layer, Linear) or report is None or report.plane is None:
            return False
        entering = next(iter(report.inputs.values()), ())
        return report.plane.over == 2 and bool(entering) and entering[0].rank == 2

    def compute(self, seen: Seen) -> Arrays:
        node = in_plane(seen.network) if seen.network is not None else None
        if node is None or node.plane.size != 2:
            return {}
        layers = _layers(node)
        kept, most = layers[-LAYERS:], int(seen.options["units"])
        ends = [_before(kept[0]), *(_after(node, one) for one in kept)]
        known = node.known(DOTS)
        domain = node.domain(known)
        found: Arrays = {
            "domain": domain,
            "layers": np.array([one.path for one in kept]),
            "left_out": np.array([len(layers) - len(kept)]),
        }
        side, large = node.side(SIDE, ends), node.side(LARGE, ends[-1:])
        values = node.read_all(mesh(domain, side), ends)
        found["asked"] = np.array([LARGE])
        found["total"] = np.array([value.shape[1] for value in values])
        for place, value in enumerate(values):
            found[f"field_{place}"] = _fields(value, most, side)
        for place, one in enumerate(kept, 1):
            found |= _weights(node, one, place, most)
        answer = values[-1] if large <= side else node.read(mesh(domain, large), ends[-1])
        found["output"] = _fields(answer, most, max(side, large))
        return found | dots(node, known)


def _fields(value: Tensor, most: int, side: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return array(value[:, :most].T.reshape(-1, side, side))


def _layers(node: InPlane) -> list[FlatNode]:
    """The dense layers in a row up to the target, the first one first."""
    nodes = node.network.plan.nodes
    found = [nodes[node.end.path]]
    while len(found) < 64:
        before = _behind(node, _before(found[0]))
        if before is None:
            return found
        found.insert(0, before)
    return found


def _before(layer: FlatNode) -> FlatEnd:
    """What enters a layer."""
    return layer.inputs[0][0]


def _behind(node: InPlane, end: FlatEnd) -> FlatNode | None:
    """The dense layer whose units the value at an end has, looking back through layers that keep its
    shape; None where there is none.
    """
    plan = node.network.plan
    while end != node.plane.end:
        one = plan.nodes[end.path]
        if isinstance(one.layer, Linear):
            return one
        entering = [entered for port in one.inputs for entered in port]
        if len(entering) != 1 or plan.specs[entering[0]].shape != plan.specs[end].shape:
            return None
        end = entering[0]
    return None


def _after(node: InPlane, layer: FlatNode) -> FlatEnd:
    """The value of the units of a layer that the next one reads: after activations."""
    plan = node.network.plan
    end = FlatEnd(layer.path, layer.layer.output_ports()[0].name)
    while end != node.end:
        readers = [one for one in plan.nodes.values() if any(end in port for port in one.inputs)]
        plain = [
            one for one in readers if one.layer.role is Role.MODULE and not isinstance(one.layer, Linear)
        ]
        if len(readers) != 1 or len(plain) != 1 or len(plain[0].inputs) != 1:
            return end
        following = FlatEnd(plain[0].path, plain[0].layer.output_ports()[0].name)
        if plan.specs[following].shape != plan.specs[end].shape:
            return end
        end = following
    return end


def _weights(node: InPlane, layer: FlatNode, place: int, most: int) -> Arrays:
    from engine.lens.parameter_gradients import parameters_of

    held = parameters_of(node.network.plan, layer.path)
    found: Arrays = {f"weight_{place}": array(held["weight"][:most, :most])}
    if "bias" in held:
        found[f"bias_{place}"] = array(held["bias"][:most])
    if max(held["weight"].shape) > most and held["weight"].numel() <= TYPED:
        found |= {f"whole_{name}_{place}": array(value) for name, value in held.items()}
    return found
