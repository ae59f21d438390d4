"""Memory: what does not fit is refused in a sentence before any of it is taken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from engine.compile import CompileError, compile  # noqa: A004
from engine.compile.memory import lack_of_memory
from engine.compile.resolve import resolve
from engine.run.run import Run
from engine.system import device
from nodes import free_memory as machine
from tests.drawings import chain, with_settings

WIDE = 1 << 20
WIDE_LAYERS = [("wide", "linear", {"out_features": WIDE}), ("wider", "linear", {"out_features": WIDE})]


def test_a_network_larger_than_memory_is_refused_by_its_largest_layer() -> None:
    project = chain({"dataset": "circle"}, [*WIDE_LAYERS, ("last", "linear", {"out_features": 2})])
    finished = Run(project).execute(lambda event: None)
    assert finished.status == "failed"
    assert finished.message.startswith("wider: Expected a network that trains in the ")
    assert "wider is the largest layer: make it smaller" in finished.message


def test_a_batch_larger_than_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    project = chain(
        {"dataset": "digits"},
        [
            ("conv", "conv2d", {"out_channels": 64}),
            ("flat", "flatten"),
            ("last", "linear", {"out_features": 10}),
        ],
    )
    monkeypatch.setattr(machine, "_free", lambda: 10_000_000)
    compile(with_settings(project, batch_size=64))
    with pytest.raises(CompileError, match="Lower the batch size") as refused:
        compile(with_settings(project, batch_size=1_000_000))
    assert "1,797 samples" in str(refused.value)  # no batch is larger than the set


@pytest.mark.parametrize(
    ("limit", "free"), [("max", 10_000), ("4000", 4000 - 3000 + 500), ("2000", 0), ("never", 10_000)]
)
def test_the_limit_of_a_container_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, free: int
) -> None:
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    (tmp_path / "memory.current").write_text("3000\n")
    (tmp_path / "memory.stat").write_text("anon 2500\ninactive_file 500\n")
    monkeypatch.setattr(machine, "CONTAINER", tmp_path)
    monkeypatch.setattr(machine, "_free", lambda: 10_000)
    assert device.free_memory(torch.device("cpu")) == free


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not say what a process takes")
def test_the_limit_of_a_process_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(machine, "STATUS", tmp_path / "status")
    (tmp_path / "status").write_text("VmRSS:\t 9 kB\nVmData:\t 3 kB\n")
    monkeypatch.setattr(machine, "_free", lambda: 10_000)
    monkeypatch.setattr(machine, "_allowed", lambda: None)
    for limit, free in ((resource.RLIM_INFINITY, 10_000), (8_000, 8_000 - 3 * 1024), (1_000, 0)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, limit=limit: (limit, limit))
        assert machine.free_memory() == free


def test_on_a_cuda_device_only_the_weights_count(monkeypatch: pytest.MonkeyPatch) -> None:
    project = chain(
        {"dataset": "digits"},
        [
            ("flat", "flatten"),
            ("wide", "linear", {"out_features": 1000}),
            ("last", "linear", {"out_features": 10}),
        ],
    )
    resolved, cuda = resolve(with_settings(project, batch_size=1_000_000)), torch.device("cuda")
    monkeypatch.setattr(machine, "_free", lambda: 1_000_000)
    assert lack_of_memory(resolved, cuda) == ""
    assert lack_of_memory(resolved, torch.device("cpu")) != ""
    monkeypatch.setattr(machine, "_free", lambda: 100_000)
    assert "wide is the largest layer: make it smaller" in lack_of_memory(resolved, cuda)
