"""Refuses to capture what a replay could not repeat: values from the memory of the CPU, and waits.

A CUDA graph holds kernels with their arguments. A tensor in the memory of the CPU that one of them reads
would be read once, when the graph is captured; an operation that waits for the device would leave the capture
void. Seen here before the device is asked, both end in a sentence, and the step runs without a graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor

from nodes.torch_internals import TorchDispatchMode, copying_operations, operation_of, waiting_operations


class CaptureRefusedError(Exception):
    """This step cannot be captured. The message says why, as the end of a sentence."""


class CaptureGuard(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While entered, raises `CaptureRefusedError` for an operation that a graph on this device cannot hold.

    Numbers of Python, and tensors without dimensions that operations make of them, are constants of a step.
    """

    def __init__(self, device: torch.device) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._kind = device.type

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = kwargs or {}
        operation = operation_of(func)
        if operation in waiting_operations:
            raise CaptureRefusedError(f"{_name(operation)} waits for the device")
        self._require_here(operation, tensors_in((args, tuple(given.values()))), "takes values from")
        result = func(*args, **given)
        made = list(tensors_in((result,)))
        self._require_here(operation, made, "works in")
        if torch.Tag.nondeterministic_seeded in func.tags and any(map(self._is_elsewhere, made)):
            raise CaptureRefusedError(f"{_name(operation)} draws in the memory of the CPU")
        return result

    def _is_elsewhere(self, tensor: Tensor) -> bool:
        return tensor.device.type != self._kind

    def _require_here(self, operation: Any, tensors: Iterable[Tensor], does: str) -> None:
        copies = operation in copying_operations
        for tensor in tensors:
            if self._is_elsewhere(tensor) and (copies or tensor.dim() > 0):
                raise CaptureRefusedError(f"{_name(operation)} {does} the memory of the CPU")


def _name(operation: Any) -> str:
    return str(operation).rpartition(".")[2]


def tensors_in(values: Any) -> Iterator[Tensor]:
    """Every tensor in these values, in lists too."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from tensors_in(value)
