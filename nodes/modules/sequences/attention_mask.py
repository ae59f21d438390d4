"""What each query may see: an attention mask, a mask of the real keys and the past, made one.

A query that may see no key takes zeros and passes no gradient: a softmax over nothing would be NaN. No
operation here waits for the device.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Seen(NamedTuple):
    """`mask` is what an attention kernel takes: bool `(…, T, S)`, True where a key is seen, or numbers that
    are added to the scores. `blind` `(…, T, 1)` is True for queries that see no key; there the mask hides
    nothing, and `blanked` sets what leaves to zero.
    """

    mask: Tensor
    blind: Tensor

    def blanked(self, tensor: Tensor) -> Tensor:
        """The tensor `(…, T, any)` with zeros for queries that see nothing."""
        return tensor.masked_fill(self.blind, 0.0)


def what_is_seen(
    query: Tensor, key: Tensor, mask: Tensor | None, key_mask: Tensor | None, *, causal: bool
) -> Seen | None:
    """What queries `(N, …, T, d)` may see of keys `(N, …, S, d)`; None where only `causal` hides some.

    `mask` `(T, S)`, `(N, T, S)` or `(N, heads, T, S)`: whole numbers and bool are True where a key may be
    seen, other numbers are added to the scores, −∞ hides. `key_mask` `(N, S)` is not 0 where a key is real.
    """
    if mask is None and key_mask is None:
        return None
    added, seen = None, None
    if mask is not None:
        wide = mask.unsqueeze(1) if query.dim() == 4 and mask.dim() == 3 else mask
        added = wide.to(query.dtype) if wide.is_floating_point() else None
        seen = wide != 0 if added is None else added > torch.finfo(added.dtype).min
    if key_mask is not None:
        real = (key_mask != 0).reshape(key_mask.shape[0], *[1] * (query.dim() - 2), -1)
        seen = real if seen is None else seen & real
    assert seen is not None
    if causal:
        sizes = (query.shape[-2], key.shape[-2])
        seen = seen & torch.ones(sizes, dtype=torch.bool, device=query.device).tril()
    blind = ~seen.any(-1, keepdim=True)
    if added is None:
        return Seen(seen | blind, blind)
    return Seen(added.masked_fill(~seen, float("-inf")).masked_fill(blind, 0.0), blind)
