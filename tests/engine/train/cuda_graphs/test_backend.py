"""How graphs are asked of CUDA, and how a failed capture is left: with stand-ins for the objects of CUDA."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch

from engine.train.cuda_graphs import backend
from engine.train.cuda_graphs.guard import CaptureRefusedError

DEVICE = torch.device("cuda", 0)


class Cuda:
    """Stands for `torch.cuda`: notes what is asked. `void`: an operation has spoiled the capture."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.void = False
        self.pools = 0
        stands = {
            "Stream": lambda device: Stream(self, "side"),
            "current_stream": lambda device: Stream(self, "current"),
            "stream": self.within,
            "CUDAGraph": lambda: Graph(self),
            "graph_pool_handle": self.pool,
            "synchronize": lambda device: self.note("synchronize"),
            "empty_cache": lambda: self.note("empty cache"),
            "default_generators": [Generator(self)],
        }
        for name, stand in stands.items():
            monkeypatch.setattr(torch.cuda, name, stand)

    def note(self, words: str) -> None:
        self.asked.append(words)

    def pool(self) -> int:
        self.pools += 1
        return self.pools

    @contextmanager
    def within(self, stream: Stream) -> Iterator[None]:
        self.note(f"enter {stream.name}")
        try:
            yield
        finally:
            self.note(f"leave {stream.name}")


class Generator:
    def __init__(self, cuda: Cuda) -> None:
        self.cuda = cuda

    def clone_state(self) -> str:
        return "as before"

    def graphsafe_set_state(self, state: str) -> None:
        self.cuda.note(f"random state {state}")


class Stream:
    def __init__(self, cuda: Cuda, name: str) -> None:
        self.cuda, self.name = cuda, name

    def wait_stream(self, other: Stream) -> None:
        self.cuda.note(f"{self.name} waits for {other.name}")


class Graph:
    def __init__(self, cuda: Cuda) -> None:
        self.cuda = cuda

    def capture_begin(self, pool: int, capture_error_mode: str) -> None:
        self.cuda.note(f"begin in pool {pool}, {capture_error_mode}")

    def capture_end(self) -> None:
        self.cuda.note("end")
        if self.cuda.void:
            raise RuntimeError("CUDA error: operation failed due to a previous error during capture")

    def replay(self) -> None:
        self.cuda.note("replay")


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Cuda:
    return Cuda(monkeypatch)


def test_a_step_runs_in_the_stream_in_which_it_will_be_captured(cuda: Cuda) -> None:
    assert backend.CudaGraphs(DEVICE).eager(lambda: 7) == 7
    order = ["side waits for current", "enter side", "leave side", "current waits for side"]
    assert cuda.asked == order


def test_a_capture_is_replayed_where_the_run_is(cuda: Cuda) -> None:
    made, replay = backend.CudaGraphs(DEVICE).capture(lambda: 7)
    replay()
    assert made == 7
    begin = ["synchronize", "empty cache", "enter side"]  # nothing runs any more when it begins
    assert cuda.asked == [
        *begin,
        "begin in pool 1, thread_local",
        "end",
        "leave side",
        "current waits for side",
        "replay",
    ]


def refused() -> Any:
    raise CaptureRefusedError("nonzero waits for the device")


def forbidden() -> Any:
    raise RuntimeError("CUDA error: operation not permitted when stream is capturing\nSearch for …")


def no_memory() -> Any:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


@pytest.mark.parametrize(
    ("call", "void", "words"),
    [
        (refused, False, "nonzero waits for the device"),
        (forbidden, True, "CUDA error: operation not permitted when stream is capturing"),
        (no_memory, False, "CUDA out of memory. Tried to allocate 2.00 GiB."),
        (lambda: 7, True, "CUDA error: operation failed due to a previous error during capture"),
    ],
)
def test_a_capture_that_fails_is_left_as_if_it_had_not_begun(
    call: Callable[[], Any], void: bool, words: str, cuda: Cuda
) -> None:
    graphs = backend.CudaGraphs(DEVICE)
    cuda.void = void
    with pytest.raises(CaptureRefusedError) as error:
        graphs.capture(call)
    assert str(error.value) == words
    assert "random state as before" in cuda.asked
    assert cuda.asked.index("end") < cuda.asked.index("random state as before")
    cuda.void = False
    cuda.asked.clear()
    graphs.capture(lambda: 7)
    assert f"begin in pool {2 if void else 1}, thread_local" in cuda.asked


def test_an_interruption_goes_through(cuda: Cuda) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backend.CudaGraphs(DEVICE).capture(interrupted)
    assert cuda.asked[-3:] == ["end", "random state as before", "leave side"]
