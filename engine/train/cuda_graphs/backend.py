"""How a step is captured and replayed: the interface, and CUDA's way.

Knows nothing of objectives, optimisers or data: it is given a call that touches the device only.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Protocol, TypeVar

import torch

from engine.train.cuda_graphs.guard import CaptureGuard, CaptureRefusedError

Made = TypeVar("Made")
Replay = Callable[[], None]


class GraphBackend(Protocol):
    """Captures a call, so that its work on the device can be repeated without running it."""

    def eager(self, call: Callable[[], Made]) -> Made:
        """Run the call as it is, in the surroundings in which it will be captured."""
        ...

    def capture(self, call: Callable[[], Made]) -> tuple[Made, Replay]:
        """Run the call without any effect on the device; what it returned, and what does its work.

        What it returned is filled by every replay anew. Raises `CaptureRefusedError`; the device is then as
        it was.
        """
        ...


class CudaGraphs:
    """Graphs of `torch.cuda.CUDAGraph` on one device, captured in a stream of their own, in common memory.

    Graphs share their memory: whatever one leaves behind for a later step must be in memory from elsewhere,
    or among what its call returned.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._pool = torch.cuda.graph_pool_handle()

    def eager(self, call: Callable[[], Made]) -> Made:
        """In the stream of the captures: what CUDA's libraries set up for it is there when they begin."""
        current = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            made = call()
        current.wait_stream(self._stream)
        return made

    def capture(self, call: Callable[[], Made]) -> tuple[Made, Replay]:
        chance = self._generator().clone_state()
        graph = torch.cuda.CUDAGraph()
        gc.collect()  # a tensor that is freed while captured would stay in the graph's memory
        torch.cuda.synchronize(self._device)
        torch.cuda.empty_cache()
        with torch.cuda.stream(self._stream):
            graph.capture_begin(pool=self._pool, capture_error_mode="thread_local")
            try:
                with CaptureGuard(self._device):
                    made = call()
                graph.capture_end()
            except BaseException as error:
                self._abandon(graph, chance)
                if isinstance(error, CaptureRefusedError):
                    raise
                if isinstance(error, RuntimeError):  # CUDA's own refusal, or no memory left
                    raise CaptureRefusedError(str(error).strip().partition("\n")[0]) from error
                raise
        torch.cuda.current_stream(self._device).wait_stream(self._stream)
        return made, graph.replay

    def _generator(self) -> torch.Generator:
        index = self._device.index
        return torch.cuda.default_generators[torch.cuda.current_device() if index is None else index]

    def _abandon(self, graph: torch.cuda.CUDAGraph, chance: torch.Generator) -> None:
        """Leave a capture that failed, and all that it had begun."""
        try:
            graph.capture_end()
        except RuntimeError:  # it is void already, which is why we are here
            self._pool = torch.cuda.graph_pool_handle()
        self._generator().graphsafe_set_state(chance)
