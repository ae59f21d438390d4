"""The attention of a layer from queries and keys to weights, stage by stage, for some of its queries.

What is computed is the layer's own: its projections, its turning of positions, its masks. Only as many
queries are computed as are shown, so that long sequences cost little.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.modules.attention import (
    DotProductAttention,
    MultiHeadAttention,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
)
from nodes.modules.sequences.attention_mask import Seen, what_is_seen

Inputs = Mapping[str, tuple[Tensor, ...]]


@dataclass(frozen=True, eq=False)
class HeadsAttention:
    """Queries (heads, T, d), keys (heads, S, d) and values of one sample; products are scaled by `factor`.

    `added` is what is added to the scaled products, −∞ where a key is hidden, (1 or heads, T, S); `past`:
    keys behind their query are hidden. Queries that are `blind` (1 or heads, T, 1) see no key and take zeros.
    """

    query: Tensor
    key: Tensor
    value: Tensor
    factor: float
    added: Tensor | None
    blind: Tensor | None
    past: bool

    @property
    def device(self) -> torch.device:
        return self.query.device

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Heads, queries, keys."""
        return self.query.shape[0], self.query.shape[1], self.key.shape[1]

    def first(self, start: int, count: int) -> HeadsAttention:
        """Some of the heads."""
        cut = slice(start, start + count)
        mine = {
            name: held[cut] if len(held) > 1 else held
            for name in ("query", "key", "value", "added", "blind")
            if (held := getattr(self, name)) is not None
        }
        return replace(self, **mine)

    def rows(self, places: Tensor) -> Stages:
        """All stages of the queries at these places."""
        products = self.query[:, places] @ self.key.transpose(1, 2)
        added = torch.zeros(1, len(places), self.key.shape[1], device=products.device)
        if self.added is not None:
            added = self.added[:, places]
        elif self.past:
            ahead = torch.arange(self.key.shape[1], device=products.device) > places.unsqueeze(1)
            added = added.masked_fill(ahead, -math.inf)
        masked = products * self.factor + added
        if self.blind is None:
            return Stages(products, added, masked.softmax(-1))
        blind = self.blind[:, places]
        weights = masked.masked_fill(blind, 0.0).softmax(-1).masked_fill(blind, 0.0)
        return Stages(products, added, weights)


@dataclass(frozen=True, eq=False)
class Stages:
    """QKᵀ, what is added to it once it is scaled, and the softmax of the sum; (heads, queries, keys)."""

    products: Tensor
    added: Tensor
    weights: Tensor


@dataclass(frozen=True, eq=False)
class DrawnAttention:
    """A softmax over the last dimension, as attention that is drawn has it.

    `products` enter it, `weights` leave it, (heads, T, S).
    """

    products: Tensor
    weights: Tensor
    factor: float = 1.0

    @property
    def device(self) -> torch.device:
        return self.weights.device

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Heads, queries, keys."""
        heads, queries, keys = self.weights.shape
        return heads, queries, keys

    def first(self, start: int, count: int) -> DrawnAttention:
        """Some of the heads."""
        return DrawnAttention(self.products[start : start + count], self.weights[start : start + count])

    def rows(self, places: Tensor) -> Stages:
        """The queries at these places."""
        products, weights = self.products[:, places], self.weights[:, places]
        return Stages(products, torch.zeros_like(products[:1]), weights)


def drawn_attention(scores: Tensor, weights: Tensor) -> DrawnAttention:
    """Of the first sample of values (N, T, S) or (N, heads, T, S)."""
    products, shares = (
        each[0] if each.dim() == 4 else each[:1] for each in (scores.float(), weights.float())
    )
    return DrawnAttention(products, shares)


def attention_of(module: nn.Module | None, inputs: Inputs, memory: bool = False) -> HeadsAttention | None:
    """The attention of a layer for what enters it; of a decoder layer that to itself, or to its `memory`.

    None for a module that is no attention.
    """
    given = {name: values[0] for name, values in inputs.items() if values}
    mask, key_mask = given.get("mask"), given.get("key_mask")
    if isinstance(module, DotProductAttention):
        q, k, v = (given[name] for name in ("query", "key", "value"))
        factor = 1.0 / math.sqrt(q.shape[-1]) if module.scale is None else module.scale
        seen = what_is_seen(q, k, mask, key_mask, causal=module.causal)
        return _of_sample(q, k, v, factor, seen, past=module.causal)
    if isinstance(module, MultiHeadAttention):
        return _of_heads(module, given["query"], given.get("key"), given.get("value"), mask, key_mask)
    if isinstance(module, TransformerEncoderLayer):
        x = given["input"]
        return _of_heads(
            module.self_attn, module.norm1(x) if module.norm_first else x, None, None, mask, key_mask
        )
    if isinstance(module, TransformerDecoderLayer):
        return _of_decoder(module, given, memory=memory)
    return None


def mixed(attention: HeadsAttention) -> Tensor:
    """What each head takes of the values by its weights, (heads, T, size)."""
    everything = torch.arange(attention.sizes[1], device=attention.device)
    return attention.rows(everything).weights @ attention.value


def pooled(stages: Stages, each: int) -> Stages:
    """The same with `each` neighbouring keys in one: weights are added up, so that rows still sum to 1;
    products are their mean; what is added is the largest.
    """
    if each <= 1:
        return stages
    keys = stages.weights.shape[-1]
    padding = -keys % each
    counts = torch.full((-(-keys // each),), float(each), device=stages.weights.device)
    counts[-1] -= padding

    def blocks(tensor: Tensor, fill: float) -> Tensor:
        return F.pad(tensor, (0, padding), value=fill).reshape(*tensor.shape[:-1], -1, each)

    return Stages(
        blocks(stages.products, 0.0).sum(-1) / counts,
        blocks(stages.added, -math.inf).amax(-1),
        blocks(stages.weights, 0.0).sum(-1),
    )


def _of_heads(
    module: MultiHeadAttention,
    query: Tensor,
    key: Tensor | None,
    value: Tensor | None,
    mask: Tensor | None,
    key_mask: Tensor | None,
) -> HeadsAttention:
    q, k, v = module.projected(query, key, value)
    seen = what_is_seen(q, k, mask, key_mask, causal=module.causal)
    return _of_sample(q, k, v, 1.0 / math.sqrt(q.shape[-1]), seen, past=module.causal)


def _of_decoder(
    module: TransformerDecoderLayer, given: Mapping[str, Tensor], *, memory: bool
) -> HeadsAttention:
    x, own = given["input"], (given.get("mask"), given.get("key_mask"))
    normed = module.norm1(x) if module.norm_first else x
    attention = _of_heads(module.self_attn, normed, None, None, *own)
    if not memory:
        return attention
    x = x + module.self_attn.joined(mixed(attention).unsqueeze(0))
    x = module.norm2(x) if module.norm_first else module.norm1(x)
    other = given.get("memory_mask"), given.get("memory_key_mask")
    return _of_heads(module.multihead_attn, x, given["memory"], given["memory"], *other)


def _of_sample(
    query: Tensor, key: Tensor, value: Tensor, factor: float, seen: Seen | None, *, past: bool
) -> HeadsAttention:
    """The first sample, with a dimension for heads."""
    q, k, v = (each[0].float() if each.dim() == 4 else each.float()[:1] for each in (query, key, value))
    if seen is None:
        return HeadsAttention(q, k, v, factor, None, None, past)
    blind = _one(seen.blind, query.dim())
    mask = _one(seen.mask, query.dim())
    if not mask.is_floating_point():
        mask = torch.zeros(mask.shape, device=mask.device).masked_fill(~mask, -math.inf)
    mask = mask.float().masked_fill(blind, -math.inf)
    rows = (mask.shape[0], q.shape[1], k.shape[1])
    return HeadsAttention(
        q, k, v, factor, mask.expand(rows), blind.expand(blind.shape[0], q.shape[1], 1), past
    )


def _one(mask: Tensor, rank: int) -> Tensor:
    """A mask that is broadcast to scores of this rank, of the first sample: (1 or heads, 1 or T, 1 or S)."""
    while mask.dim() < rank:
        mask = mask.unsqueeze(0)
    return mask[0] if rank == 4 else mask[:1]
