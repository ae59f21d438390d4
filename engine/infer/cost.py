"""Counts what a forward pass costs: multiply-adds by operation, and bytes kept for the backward pass.

Works with any module on fake or real tensors of this thread. Multiply-adds are those of matrix products and
convolutions, as papers count them; element-wise work is left out. Also makes such a pass cheap: values are
not initialised, and a recurrent layer runs one step instead of all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import flop_registry

from nodes.torch_internals import TorchDispatchMode, attention_on_cpu, operation_of, storage_key


def _recurrent(arguments: tuple[Any, ...]) -> int:
    """`mkldnn_rnn_layer(input, w0, w1, …)`: every time step multiplies by both weight matrices. Input (T, N,
    F).
    """
    steps = arguments[0].shape[0] * arguments[0].shape[1]
    return int(steps * (arguments[1].numel() + arguments[2].numel()))


def _attention(arguments: tuple[Any, ...]) -> int:
    """Query (N, heads, T, E), key (N, heads, S, E), value (N, heads, S, V): scores, then sums."""
    query, key, value = arguments[:3]
    scores = math.prod(query.shape[:-1]) * key.shape[-2]
    return int(scores * (query.shape[-1] + value.shape[-1]))


_OWN: Mapping[Any, Callable[[tuple[Any, ...]], int]] = {
    torch.ops.aten.mkldnn_rnn_layer: _recurrent,
    attention_on_cpu: _attention,
}


class CountMultiplyAdds(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While entered, adds up the multiply-adds of this thread's operations in `total`."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0
        self.times = 1

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        packet = operation_of(func)
        if packet in _OWN:
            self.total += self.times * _OWN[packet](args)
        elif packet in flop_registry:
            done = flop_registry[packet](*args, **(kwargs or {}), out_val=result)
            self.total += self.times * done // 2
        return result


class KeptForBackward:
    """A pack hook that records the storages that autograd keeps, weights excluded."""

    def __init__(self, weights: set[int]) -> None:
        self._weights = weights
        self._sizes: dict[int, int] = {}
        self.times = 1

    def __call__(self, tensor: torch.Tensor) -> torch.Tensor:
        key = storage_key(tensor)
        if key not in self._weights:
            self._sizes[key] = self.times * tensor.untyped_storage().nbytes()
        return tensor

    def beside(self, known: set[int]) -> int:
        """Bytes of the kept storages that are not in `known`; each counts once."""
        return sum(size for storage, size in self._sizes.items() if storage not in known)


class SkipValues(TorchFunctionMode):
    """While entered, tensors are not filled: modules are built for their shapes only."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") in _FILLING:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))


_FILLING = frozenset(
    (
        *("uniform_", "normal_", "trunc_normal_", "constant_", "ones_", "zeros_", "fill_", "zero_"),
        *("xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_", "orthogonal_"),
    )
)


class Shortcuts(TorchFunctionMode):
    """While entered, expensive operations that do not affect shapes are shortened.

    A recurrent layer runs its first time step only, and the counts are multiplied: without values every step
    is the same, and 400 steps of a GRU would take more than a second. Batch norm returns a copy of its input.
    """

    def __init__(self, *counts: CountMultiplyAdds | KeptForBackward) -> None:
        super().__init__()
        self._counts = counts

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name in _RECURRENT and len(args) == 9 and args[0].dim() == 3:
            return self._first_step(func, args)
        if name == "batch_norm" and args and _fits(args[0], (*args[1:5], *(kwargs or {}).values())):
            return args[0].clone()
        return func(*args, **(kwargs or {}))

    def _first_step(self, func: Any, args: Any) -> Any:
        inputs, time = args[0], 1 if args[8] else 0
        steps = inputs.shape[time]
        for count in self._counts:
            count.times = steps
        out, *states = func(inputs.narrow(time, 0, min(1, steps)), *args[1:])
        for count in self._counts:
            count.times = 1
        sizes = list(out.shape)
        sizes[time] = steps
        return (out.expand(sizes), *states)


def _fits(inputs: torch.Tensor, others: tuple[object, ...]) -> bool:
    """Whether weight, bias and running statistics have one value per channel."""
    vectors = (other for other in others if isinstance(other, torch.Tensor))
    return inputs.dim() > 1 and all(vector.shape == inputs.shape[1:2] for vector in vectors)


_RECURRENT = frozenset(("lstm", "gru", "rnn_tanh", "rnn_relu"))
