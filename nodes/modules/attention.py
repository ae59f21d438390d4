"""Attention with the batch first, weights per head, and no mask in memory where the kernel can do without.

Names, initialisation and results are those of `torch.nn`; its own modules are not used because their
shortcuts for evaluation depend on the Python side, cannot run on fake tensors, and average the weights over
the heads. `second_order` is set where gradients are differentiated again, which fused kernels cannot.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.modules.sequences.attention_mask import Seen, what_is_seen
from nodes.modules.sequences.positions import rotated

Mask = Tensor | None
ROTARY_BASE = 10_000.0


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    seen: Seen | None = None,
    *,
    causal: bool,
    dropout: float,
    scale: float | None,
) -> tuple[Tensor, Tensor]:
    """softmax(QKᵀ·scale)·V in steps, with its weights (as they are before dropout).

    What is `seen` has the past in it; without it `causal` hides what comes later.
    """
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = (query * factor) @ key.transpose(-2, -1)
    if seen is not None:
        is_added = seen.mask.is_floating_point()
        scores = scores + seen.mask if is_added else scores.masked_fill(~seen.mask, float("-inf"))
    elif causal:
        past = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril()
        scores = scores.masked_fill(~past, float("-inf"))
    weights = scores.softmax(-1)
    if seen is not None:
        weights = seen.blanked(weights)
    return F.dropout(weights, dropout) @ value, weights


def attend_fused(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    seen: Seen | None,
    *,
    causal: bool,
    dropout: float,
    scale: float | None,
) -> Tensor:
    """The same by torch's kernels, which hand no weights out."""
    if seen is None:
        return F.scaled_dot_product_attention(
            query, key, value, dropout_p=dropout, is_causal=causal, scale=scale
        )
    mixed = F.scaled_dot_product_attention(
        query, key, value, attn_mask=seen.mask, dropout_p=dropout, scale=scale
    )
    return seen.blanked(mixed)


class DotProductAttention(nn.Module):
    """softmax(QKᵀ/√d)·V."""

    def __init__(self, causal: bool, scaled: bool, dropout: float, weights: bool) -> None:
        super().__init__()
        self.causal, self.dropout, self.weights = causal, dropout, weights
        self.second_order = False
        self.scale = None if scaled else 1.0

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, mask: Mask = None, key_mask: Mask = None
    ) -> Tensor | tuple[Tensor, Tensor]:
        dropout = self.dropout if self.training else 0.0
        seen = what_is_seen(query, key, mask, key_mask, causal=self.causal)
        causal, scale = self.causal, self.scale
        if self.weights or self.second_order:
            mixed = attend(query, key, value, seen, causal=causal, dropout=dropout, scale=scale)
            return mixed if self.weights else mixed[0]
        return attend_fused(query, key, value, seen, causal=causal, dropout=dropout, scale=scale)


class MultiHeadAttention(nn.MultiheadAttention):
    """Multi-head attention over `(N, T, E)`; without a key it attends to itself."""

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        *,
        dropout: float = 0.0,
        bias: bool = True,
        kdim: int | None = None,
        vdim: int | None = None,
        causal: bool = False,
        weights: bool = False,
        rotary: bool = False,
    ) -> None:
        super().__init__(embed_dim, num_heads, dropout, bias, kdim=kdim, vdim=vdim, batch_first=True)
        self.causal, self.weights, self.rotary = causal, weights, rotary
        self.second_order = False

    def _project(self, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, ...]:
        if self._qkv_same_embed_dim and query is key and key is value:
            return F.linear(query, self.in_proj_weight, self.in_proj_bias).chunk(3, -1)
        matrices: tuple[Tensor, ...]
        if self._qkv_same_embed_dim:
            matrices = self.in_proj_weight.chunk(3)
        else:
            matrices = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        biases = (None, None, None) if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        tensors = (query, key, value)
        return tuple(F.linear(x, w, b) for x, w, b in zip(tensors, matrices, biases, strict=True))

    def _heads(self, tensor: Tensor) -> Tensor:
        n, length, _ = tensor.shape
        return tensor.reshape(n, length, self.num_heads, self.head_dim).transpose(1, 2)

    def projected(
        self, query: Tensor, key: Tensor | None = None, value: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values of each head, (N, heads, time, size), turned where that is rotary."""
        key = query if key is None else key
        value = key if value is None else value
        q, k, v = (self._heads(part) for part in self._project(query, key, value))
        if self.rotary:
            q, k = rotated(q, ROTARY_BASE, neighbours=False), rotated(k, ROTARY_BASE, neighbours=False)
        return q, k, v

    def forward(  # type: ignore[override]
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        mask: Mask = None,
        key_mask: Mask = None,
    ) -> Tensor | tuple[Tensor, Tensor]:
        q, k, v = self.projected(query, key, value)
        dropout = self.dropout if self.training else 0.0
        seen = what_is_seen(q, k, mask, key_mask, causal=self.causal)
        if self.weights or self.second_order:
            mixed, weights = attend(q, k, v, seen, causal=self.causal, dropout=dropout, scale=None)
            return (self.joined(mixed), weights) if self.weights else self.joined(mixed)
        return self.joined(attend_fused(q, k, v, seen, causal=self.causal, dropout=dropout, scale=None))

    def joined(self, mixed: Tensor) -> Tensor:
        """What leaves, (N, time, E), of what each head takes, (N, heads, time, size)."""
        joined: Tensor = self.out_proj(mixed.transpose(1, 2).flatten(2))
        return joined


class TransformerEncoderLayer(nn.Module):
    """Self-attention and feed-forward with shortcuts and norms; weights and draws as in `torch.nn`'s."""

    def __init__(
        self,
        d_model: int,
        num_heads: int,
        dim_feedforward: int,
        dropout: float,
        activation: str,
        norm_first: bool,
        causal: bool,
    ) -> None:
        super().__init__()
        self.self_attn = MultiHeadAttention(d_model, num_heads, dropout=dropout, causal=causal)
        self.linear1 = nn.Linear(d_model, dim_feedforward)
        self.dropout = nn.Dropout(dropout)
        self.linear2 = nn.Linear(dim_feedforward, d_model)
        self.norm1, self.norm2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.dropout1, self.dropout2 = nn.Dropout(dropout), nn.Dropout(dropout)
        self.activation = F.relu if activation == "relu" else F.gelu
        self.norm_first = norm_first

    def _feed(self, x: Tensor) -> Tensor:
        fed: Tensor = self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))
        return fed

    def _attend(self, x: Tensor, mask: Mask, key_mask: Mask) -> Tensor:
        attended: Tensor = self.dropout1(self.self_attn(x, None, None, mask, key_mask))
        return attended

    def forward(self, sequence: Tensor, mask: Mask = None, key_mask: Mask = None) -> Tensor:
        x = sequence
        if self.norm_first:
            x = x + self._attend(self.norm1(x), mask, key_mask)
            return x + self._feed(self.norm2(x))
        x = self.norm1(x + self._attend(x, mask, key_mask))
        normed: Tensor = self.norm2(x + self._feed(x))
        return normed


class TransformerDecoderLayer(nn.Module):
    """Self-attention, attention to a memory and feed-forward; weights and draws as in `torch.nn`'s."""

    def __init__(
        self,
        d_model: int,
        num_heads: int,
        dim_feedforward: int,
        dropout: float,
        activation: str,
        norm_first: bool,
        causal: bool,
    ) -> None:
        super().__init__()
        self.self_attn = MultiHeadAttention(d_model, num_heads, dropout=dropout, causal=causal)
        self.multihead_attn = MultiHeadAttention(d_model, num_heads, dropout=dropout)
        self.linear1 = nn.Linear(d_model, dim_feedforward)
        self.dropout = nn.Dropout(dropout)
        self.linear2 = nn.Linear(dim_feedforward, d_model)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(d_model) for _ in range(3))
        self.dropout1, self.dropout2, self.dropout3 = (nn.Dropout(dropout) for _ in range(3))
        self.activation = F.relu if activation == "relu" else F.gelu
        self.norm_first = norm_first

    def _attend(self, x: Tensor, mask: Mask, key_mask: Mask) -> Tensor:
        attended: Tensor = self.dropout1(self.self_attn(x, None, None, mask, key_mask))
        return attended

    def _look(self, x: Tensor, memory: Tensor, mask: Mask, key_mask: Mask) -> Tensor:
        seen: Tensor = self.dropout2(self.multihead_attn(x, memory, memory, mask, key_mask))
        return seen

    def _feed(self, x: Tensor) -> Tensor:
        fed: Tensor = self.dropout3(self.linear2(self.dropout(self.activation(self.linear1(x)))))
        return fed

    def forward(
        self,
        sequence: Tensor,
        memory: Tensor,
        mask: Mask = None,
        key_mask: Mask = None,
        memory_mask: Mask = None,
        memory_key_mask: Mask = None,
    ) -> Tensor:
        x, own, other = sequence, (mask, key_mask), (memory_mask, memory_key_mask)
        if self.norm_first:
            x = x + self._attend(self.norm1(x), *own)
            x = x + self._look(self.norm2(x), memory, *other)
            return x + self._feed(self.norm3(x))
        x = self.norm1(x + self._attend(x, *own))
        x = self.norm2(x + self._look(x, memory, *other))
        normed: Tensor = self.norm3(x + self._feed(x))
        return normed
