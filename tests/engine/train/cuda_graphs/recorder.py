"""Graphs on a CPU: a capture notes the operations of a call, a replay does them again on the same tensors.

No Python of the call runs in a replay, as with a CUDA graph: whatever changes from step to step must be in
the memory of those tensors. A capture leaves every tensor and the random state as they were, as CUDA does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from engine.train.cuda_graphs.backend import Made, Replay
from engine.train.cuda_graphs.guard import CaptureGuard, CaptureRefusedError, tensors_in
from nodes.torch_internals import TorchDispatchMode, storage_key


@dataclass
class Operation:
    """One operation with its arguments, and the tensors to which it gave new memory."""

    function: Any
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    made: list[tuple[int, Tensor]]
    records: bool

    def again(self) -> None:
        with torch.set_grad_enabled(self.records), torch._C._AutoDispatchBelowAutograd():
            found = list(tensors_in((self.function(*self.arguments, **self.named),)))
        for i, tensor in self.made:
            tensor.copy_(found[i])


class Recorder(TorchDispatchMode):
    """Notes operations, and the first content of all memory that they find."""

    def __init__(self) -> None:
        super().__init__()
        self.operations: list[Operation] = []
        self.own: set[int] = set()
        self.before: dict[int, tuple[Tensor, Tensor]] = {}
        self.held: list[Tensor] = []  # memory that is freed would come again under the same key

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = kwargs or {}
        used = list(tensors_in((args, tuple(given.values()))))
        for tensor in used:
            key = storage_key(tensor)
            if key not in self.own and key not in self.before:
                whole = torch.empty(0, dtype=torch.uint8).set_(tensor.untyped_storage())
                self.before[key] = whole, whole.clone()
        result = func(*args, **given)
        keys = {storage_key(tensor) for tensor in used}
        made = [(i, t) for i, t in enumerate(tensors_in((result,))) if storage_key(t) not in keys]
        self.own |= {storage_key(tensor) for _, tensor in made}
        self.held += [tensor for _, tensor in made]
        self.operations.append(Operation(func, args, given, made, torch.is_grad_enabled()))
        return result

    def undo(self) -> None:
        for whole, content in self.before.values():
            whole.copy_(content)


@dataclass
class RecordedGraphs:
    """A backend for `CapturedSteps`. `notes` say what it did; `refuses` is why it captures nothing."""

    notes: list[str] = field(default_factory=list)
    refuses: str = ""
    recorders: list[Recorder] = field(default_factory=list)

    def count(self, word: str) -> int:
        return sum(note.startswith(word) for note in self.notes)

    def eager(self, call: Callable[[], Made]) -> Made:
        self.notes.append("eager")
        return call()

    def capture(self, call: Callable[[], Made]) -> tuple[Made, Replay]:
        number = len(self.recorders)
        recorder, drawn = Recorder(), torch.get_rng_state()
        try:
            with recorder, CaptureGuard(torch.device("cpu")):
                made = call()
            if self.refuses:
                raise CaptureRefusedError(self.refuses)
        finally:
            recorder.undo()
            torch.set_rng_state(drawn)
        self.recorders.append(recorder)
        self.notes.append(f"capture {number}")

        def replay() -> None:
            self.notes.append(f"replay {number}")
            with torch.no_grad():
                for operation in recorder.operations:
                    operation.again()

        return made, replay
