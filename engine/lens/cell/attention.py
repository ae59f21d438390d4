"""Attention: for one query, what each key scores, weighs and adds, head by head."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.lens.cell.cell import Group, listed, summed
from engine.lens.cell.target import Taken, Target, counted, number_at, numbers, parameter, values_at
from engine.lens.cell.wording import told
from nodes.modules.attention import ROTARY_BASE, attend
from nodes.modules.sequences.attention_mask import what_is_seen
from nodes.modules.sequences.positions import rotated

COLUMNS = ("q·k / √d", "weight", "v", "weight·v")


def multi_head(target: Target) -> Taken:
    """One output value: what each head adds through the last matrix, and its bias."""
    module: Any = target.module
    query, feature = target.index
    q, k, v = _projected(target)
    weights, scores = _weighed(target, query, q, k, causal=module.causal, scale=None)
    each = q.shape[-1]
    out = parameter(module.out_proj, "weight")
    assert out is not None
    row = numbers(out[feature]).reshape(-1, each)
    groups = []
    for head in range(q.shape[1]):
        added = numbers(v[0, head]) @ row[head]
        weight = numbers(weights[0, head])
        table = np.stack((numbers(scores[0, head]), weight, added, weight * added), -1)
        groups.append(Group(f"head {head + 1}", counted(len(weight)), table))
    bias = number_at(parameter(module.out_proj, "bias"), feature)
    columns = (COLUMNS[0], COLUMNS[1], "v·W", "weight·v·W")
    cell = summed(groups, columns, bias, sources=("key",))
    line = f"query {query}: each head adds Σ softmax(q·k / √{each})·v·W over {k.shape[-2]:,} keys"
    return replace(cell, lines=(line, *cell.lines))


def dot_product(target: Target) -> Taken:
    """One output value: the weighted sum of a feature of the values."""
    module: Any = target.module
    *lead, query, feature = target.index
    q, k, v = (target.inputs[port][0] for port in ("query", "key", "value"))
    weights, scores = _weighed(target, query, q, k, causal=module.causal, scale=module.scale)
    place = (0, *lead)
    weight = numbers(weights[place])
    taken = values_at(v, *place, slice(None), feature)
    table = np.stack((numbers(scores[place]), weight, taken, weight * taken), -1)
    value = float(table[:, -1].sum())
    line = f"query {query}: Σ softmax(q·k / √d)·v over {len(weight):,} keys = {told(value)}"
    group = Group("keys", counted(len(weight)), table)
    return listed([group], COLUMNS, value, (line,), total=value, adds="all", sources=("key",))


def _weighed(
    target: Target, query: int, q: Tensor, k: Tensor, *, causal: bool, scale: float | None
) -> tuple[Tensor, Tensor]:
    """The weights of one query (…, S), and the scores before the softmax; nothing is computed for others."""
    masks = [target.inputs.get(port, ()) for port in ("mask", "key_mask")]
    mask, key_mask = (held[0] if held else None for held in masks)
    own = q[..., query : query + 1, :]
    if mask is not None and mask.shape[-2] > 1:
        mask = mask[..., query : query + 1, :]
    if causal:
        mask = _of_the_past(mask, query, k)
    seen = what_is_seen(own, k, mask, key_mask, causal=False)
    nothing = k[..., :0]
    _, weights = attend(own, k, nothing, seen, causal=False, dropout=0.0, scale=scale)
    factor = 1.0 / math.sqrt(q.shape[-1]) if scale is None else scale
    return weights[..., 0, :], ((own * factor) @ k.transpose(-2, -1))[..., 0, :]


def _of_the_past(mask: Tensor | None, query: int, k: Tensor) -> Tensor:
    """What a query may see of this mask (…, 1, S), or of all keys, up to its own place."""
    past = torch.arange(k.shape[-2], device=k.device)[None] <= query
    if mask is None:
        return past
    return mask.masked_fill(~past, float("-inf")) if mask.is_floating_point() else (mask != 0) & past


def _projected(target: Target) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values by head, (1, heads, T, d)."""
    module: Any = target.module
    query = target.inputs["query"][0]
    key = target.inputs["key"][0] if target.connected("key") else query
    value = target.inputs["value"][0] if target.connected("value") else key
    packed = parameter(module, "in_proj_weight")
    if packed is not None:
        matrices: tuple[Any, ...] = packed.chunk(3)
    else:
        matrices = (module.q_proj_weight, module.k_proj_weight, module.v_proj_weight)
    bias = parameter(module, "in_proj_bias")
    biases = (None, None, None) if bias is None else bias.chunk(3)
    with torch.no_grad():
        made = [F.linear(x, w, b) for x, w, b in zip((query, key, value), matrices, biases, strict=True)]
    heads = [x.reshape(*x.shape[:2], module.num_heads, -1).transpose(1, 2) for x in made]
    if module.rotary:
        heads[:2] = [rotated(x, ROTARY_BASE, neighbours=False) for x in heads[:2]]
    return heads[0], heads[1], heads[2]
