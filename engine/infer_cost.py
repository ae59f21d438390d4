"""Counts what one forward pass costs: multiply-adds, operation by operation, and the bytes kept for the backward pass.

Runs beside any module on fake or real tensors of this thread; knows nothing of layers or drawings. Multiply-adds are
those of matrix products and convolutions, as papers count them; element-wise work is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

_GATES = {0: 1, 1: 1, 2: 4, 3: 3}
"""Gates per cell by mkldnn's number of the kind: RNN (ReLU, tanh), LSTM, GRU."""


def _recurrent(arguments: tuple[Any, ...]) -> int:
    """`mkldnn_rnn_layer(input, w0, w1, …)`: every time step meets both weight matrices. Input (T, N, F)."""
    steps = arguments[0].shape[0] * arguments[0].shape[1]
    return int(steps * (arguments[1].numel() + arguments[2].numel()))


def _attention(arguments: tuple[Any, ...]) -> int:
    """Query (N, heads, T, E), key (N, heads, S, E), value (N, heads, S, V): scores, then their sum of values."""
    query, key, value = arguments[:3]
    scores = math.prod(query.shape[:-1]) * key.shape[-2]
    return int(scores * (query.shape[-1] + value.shape[-1]))


_OWN: Mapping[Any, Callable[[tuple[Any, ...]], int]] = {
    torch.ops.aten.mkldnn_rnn_layer: _recurrent,
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention,
}


class CountMultiplyAdds(TorchDispatchMode):
    """While entered, adds up the multiply-adds of this thread's operations in `total`."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        packet = func._overloadpacket
        if packet in _OWN:
            self.total += _OWN[packet](args)
        elif packet in flop_registry:
            self.total += flop_registry[packet](*args, **(kwargs or {}), out_val=result) // 2
        return result


class KeptForBackward:
    """A pack hook that adds up the storages which autograd keeps, each once; those in `known` are left out."""

    def __init__(self, known: set[int]) -> None:
        self._known = known
        self.total = 0

    def __call__(self, tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in self._known:
            self._known.add(storage._cdata)
            self.total += storage.nbytes()
        return tensor
