"""Attention: how much each query takes of each key, from the products to the softmax."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.lens.arrays import array, sample, small
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.layers.activation import Softmax
from nodes.layers.attention import MultiHeadAttention, ScaledDotProductAttention, TransformerLayer
from nodes.param import Choice, Int
from nodes.spec import Layer

if TYPE_CHECKING:
    from engine.lens.sequences.attention import DrawnAttention, HeadsAttention

CELLS = 50_000
"""Most cells of all matrices of one stage that are sent."""
SIDE = 200
"""Most queries, and most keys, of a matrix that is sent."""
SMALL_HEADS, SMALL_SIDE = 64, 32
"""Most heads that are sent small, and their longest side."""
_LAYERS = (MultiHeadAttention, ScaledDotProductAttention, TransformerLayer)
_PORTS = (("query", ("query", "input")), ("key", ("memory", "key", "query", "input")))


class Attention(Lens):
    """Arrays: `products` QKᵀ and `weights` of the softmax, (h, t, s) of heads from `first_head` on.

    `scale` is what products are multiplied by, `added` (1 or h, t, s) is added then, −∞ where one is hidden.
    `places` (t) are the queries, of long sequences some; `each` neighbouring keys are one there: weights are
    added up, products are their mean. `sizes` are the true heads, queries and keys. `small` (H, t', s') are
    the weights of more heads, with `small_places` and `small_each`. `query_tokens`, `key_tokens`: numbers of
    tokens, with `query_of_target`, `key_of_target`. `picture` (C, H, W): what entered the network, where it
    is one. Of a Softmax that stands alone, `products` are what enters it.
    """

    kind = "attention_heads"
    title = "Attention"
    help = (
        "How much each position (a row) takes from each other one (a column), by head: the product of its "
        "query with the keys, scaled, masked, and as shares that add up to 1. Worked out from what enters "
        "the layer for the pinned sample, in evaluation mode."
    )
    reads = frozenset({Reads.OUTPUT, Reads.INPUTS, Reads.DATA, Reads.TOKENS})
    place = 10

    head = Int(0, min=0, max=255, help="The first head that is shown in full, where not all find room.")
    attends = Choice(
        "itself", choices=("itself", "memory"), help="Of a decoder layer: which of its two attentions."
    )

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if report is None or not report.outputs:
            return False
        if issubclass(layer, Softmax):
            spec = next(iter(report.outputs.values()))
            return spec.rank in (3, 4) and spec.shape[-1] == spec.shape[-2]
        return issubclass(layer, _LAYERS)

    def compute(self, seen: Seen) -> Arrays:
        from engine.lens.sequences.attention import attention_of

        memory = seen.options["attends"] == "memory" and "memory" in seen.inputs
        is_drawn = isinstance(seen.layer, Softmax)
        attention = _of_softmax(seen) if is_drawn else attention_of(seen.module, seen.inputs, memory)
        if attention is None:
            return {}
        return _sent(attention, int(seen.options["head"])) | _axes(seen, memory)


def _sent(attention: HeadsAttention | DrawnAttention, head: int) -> Arrays:
    """What is shown of an attention: some heads in full, more of them small."""
    import torch

    from engine.lens.sequences.attention import pooled

    heads, queries, keys = attention.sizes
    device = attention.device
    places, each = _thinned(queries, SIDE), -(-keys // SIDE)
    count = max(1, min(heads, CELLS // (len(places) * -(-keys // each))))
    start = min(head, heads - count)
    stages = pooled(attention.first(start, count).rows(torch.as_tensor(places, device=device)), each)
    few, wide = _thinned(queries, SMALL_SIDE), -(-keys // SMALL_SIDE)
    less = pooled(attention.first(0, SMALL_HEADS).rows(torch.as_tensor(few, device=device)), wide)
    return {
        "products": array(stages.products),
        "added": array(stages.added),
        "weights": array(stages.weights),
        "scale": np.array(attention.factor, np.float32),
        "sizes": np.array((heads, queries, keys)),
        "places": places,
        "each": np.array(each),
        "first_head": np.array(start),
        "small": array(less.weights),
        "small_places": few,
        "small_each": np.array(wide),
    }


def _thinned(count: int, most: int) -> NDArray[np.int64]:
    """At most so many places from the first to the last, evenly apart."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))


def _of_softmax(seen: Seen) -> DrawnAttention | None:
    """None for a softmax over another dimension than the last."""
    from engine.lens.sequences.attention import drawn_attention

    scores = seen.inputs.get("input", ())
    if seen.output is None or not scores or seen.layer is None:
        return None
    if seen.layer.values["dimension"] not in (-1, seen.output.dim() - 1):
        return None
    return drawn_attention(scores[0], seen.output)


def _axes(seen: Seen, memory: bool) -> Arrays:
    """What the rows and columns are made of: tokens, or a picture."""
    found: Arrays = {}
    for name, ports in _PORTS:
        wanted = [port for port in ports if memory or port != "memory"]
        port = next((port for port in wanted if seen.inputs.get(port)), "")
        tokens = seen.tokens.get(port)
        if tokens is not None:
            found[f"{name}_tokens"] = array(sample(tokens.numbers))
            found[f"{name}_of_target"] = np.array(tokens.of_target)
    entered = seen.data.get("input")
    if entered is not None and entered.dim() == 4 and entered.shape[1] in (1, 3):
        found["picture"] = small(sample(entered))
    return found
