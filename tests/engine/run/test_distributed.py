"""One run in several processes: the same losses as one process, and an end that says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from app import __main__ as cmd
from engine.data.batches import BatchOrder
from engine.document.storage.file import save
from engine.messages.events import Event, Progress
from engine.run.distributed import SharedOrder, for_all
from engine.run.process_group import GONE, ProcessGroup, RanksError, joined
from engine.run.run import Run
from engine.runs.record import record_of
from tests.drawings import mlp, with_settings
from tests.proofs.distributed import Spread, losses_told, most_apart


@pytest.mark.parametrize("rows", [64, 65, 66, 67, 90, 127])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_processes_share_every_batch_out(rows: int, count: int) -> None:
    def whole() -> BatchOrder:
        return BatchOrder(rows, 12 * count, 7)

    shared = [
        SharedOrder(whole(), ProcessGroup(rank, count), least=2, whole_only=False) for rank in range(count)
    ]
    for _ in range(2):
        batches = torch.split(whole_epoch(shared[0], rows, count), 12 * count)
        parts = [torch.split(order.permutation(), order.batch_size) for order in shared]
        assert all(
            len(part) == len(batches) == order.steps for part, order in zip(parts, shared, strict=True)
        )
        for i, batch in enumerate(batches):
            shares = [ProcessGroup(rank, count).share(len(batch)) for rank in range(count)]
            counted = [part[i] for part, share in zip(parts, shares, strict=True) if share.factor]
            assert torch.equal(torch.cat(counted), batch)
            assert sum(share.factor for share in shares) == pytest.approx(count)
            assert shared[0].size(i) == len(batch)


def whole_epoch(shared: SharedOrder, rows: int, count: int) -> torch.Tensor:
    """What one process would take in the epoch that comes next."""
    twin = BatchOrder(rows, 12 * count, 7)
    twin.generator.set_state(shared.generator.get_state())
    return twin.permutation()


def test_a_process_without_samples_of_its_own_counts_for_nothing() -> None:
    shares = [ProcessGroup(rank, 3).share(2) for rank in range(3)]
    assert [share.factor for share in shares] == [0.0, 1.5, 1.5]
    assert all(len(range(2)[share.rows]) == 1 for share in shares)


def test_two_processes_learn_as_one_and_where_one_dies_the_run_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = with_settings(mlp("digits", hidden=16), batch_size=24)  # a last, uneven batch in each epoch
    save(project, tmp_path / "p.loom")
    folder = tmp_path / "r"
    spread = Spread(tmp_path / "p.loom", ["--epochs", "100000", "--run-dir", str(folder)])
    spread.until((folder / "checkpoints" / "last.safetensors").is_file)
    spread.until(lambda: record_of(folder).step >= 200)  # a busy machine writes a checkpoint before
    spread.processes[1].kill()
    told = losses_told(spread.wait())["objective"]

    events: list[Event] = []
    Run(for_all(project, 2), steps=200, device="cpu").execute(events.append)
    alone = [event for event in events if isinstance(event, Progress)]
    assert most_apart([loss for event in alone for loss in event.losses["objective"]], told[:200]) < 1e-5

    assert spread.codes()[0] == 1
    assert GONE in spread.errors
    record = record_of(folder)
    assert (record.status, record.message, record.resumable) == ("failed", GONE, True)
    steps = record.step + 4
    assert cmd.main(["resume", str(tmp_path / "p.loom"), str(folder), "--steps", str(steps), "--json"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["status"], last["step"]) == ("completed", steps)


def test_a_device_that_is_not_there_is_told_before_anybody_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for device in ("cuda", "cuda:3", "tpu"):
        with pytest.raises(RanksError, match="Process 1 of the run: device: Expected auto, "), joined(device):
            pass


@pytest.mark.parametrize("rank", [0, 1])
def test_each_process_of_a_machine_has_a_cuda_device_of_its_own_and_talks_by_nccl(
    rank: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")  # put back after the test
    calls: list[object] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", calls.append)
    monkeypatch.setattr(torch.distributed, "init_process_group", lambda kind, timeout: calls.append(kind))
    monkeypatch.setattr(torch.distributed, "destroy_process_group", lambda: calls.append("left"))
    with joined("auto") as (group, device):
        assert (group.rank, group.count, device) == (rank, 2, f"cuda:{rank}")
    assert calls == [f"cuda:{rank}", "cpu:gloo,cuda:nccl", "left"]
