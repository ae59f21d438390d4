"""A run in a process of its own, and a run that is followed by its folder."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from engine.document.project import Project
from engine.messages.commands import Draw, Resume, SetLearningRate, StepOnce, Stop, Watch
from engine.messages.events import (
    Event,
    Finished,
    LensFrame,
    Paused,
    Progress,
    Resumed,
    Started,
    Validated,
)
from engine.messages.lens_request import LensRequest
from engine.messages.pipe import BrokenPipeMessageError, packed, read_message, read_told
from engine.run import follow, tail
from engine.run.follow import Follower
from engine.run.process import ProcessRun
from engine.run.run import Run
from engine.run.tail import Tail, is_shared
from engine.runs.record import record_of
from tests import ROOT
from tests.drawings import mlp, with_settings

ENDLESS = 100_000_000


def small(**settings: object) -> Project:
    return with_settings(mlp("digits", hidden=16), **settings)


class Watched:
    """A run and everything that it has told."""

    def __init__(self, run: ProcessRun | Follower) -> None:
        self.run = run
        self.events: list[Event] = []

    def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"did not happen; {self.run.state}, {self.run.finished}"
            self.events.extend(self.run.mailbox.drain())
            time.sleep(0.01)

    def of(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def ended(self, seconds: float = 30.0) -> Finished:
        self.until(lambda: bool(self.of(Finished)), seconds)
        assert self.run.join(5)
        last = self.events[-1]
        assert isinstance(last, Finished)
        return last

    def losses(self) -> dict[int, float]:
        told = [event for event in self.events if isinstance(event, Progress)]
        return {s: v for e in told for s, v in zip(e.steps, e.losses["objective"], strict=True)}


@pytest.fixture
def watch() -> Iterator[Callable[[ProcessRun | Follower], Watched]]:
    """Starts runs, and ends them."""
    runs: list[ProcessRun | Follower] = []

    def start(run: ProcessRun | Follower) -> Watched:
        runs.append(run)
        run.start()
        return Watched(run)

    yield start
    for run in runs:
        run.send(Stop())
        assert run.join(20)


def executed(run: Run) -> list[Event]:
    events: list[Event] = []
    run.execute(events.append)
    return events


def test_a_run_in_its_own_process_is_the_run_itself(
    tmp_path: Path, watch: Callable[[ProcessRun], Watched]
) -> None:
    project = small(epochs=2)
    told = executed(Run(project))
    run = ProcessRun(project, folder=tmp_path / "r")
    watched = watch(run)
    assert not run.mailbox.drain(), "the window waits for nothing"
    run.send(Watch(tuple(frozenset([LensRequest("feature_maps", "linear1")]))))
    end = watched.ended()
    assert end.status == "completed"
    in_thread = [event for event in told if isinstance(event, Progress)]
    expected = {s: v for e in in_thread for s, v in zip(e.steps, e.losses["objective"], strict=True)}
    assert watched.losses() == expected
    assert watched.of(Validated) == [event for event in told if isinstance(event, Validated)]
    assert end.metrics == told[-1].metrics  # type: ignore[attr-defined]
    frames = watched.of(LensFrame)
    assert frames
    assert all(event.arrays["output"].shape == (16,) for event in frames)  # type: ignore[attr-defined]
    assert record_of(tmp_path / "r").status == "completed"
    assert any(event.metrics for event in watched.of(Progress)), "training metrics come too"  # type: ignore[attr-defined]


def test_commands_reach_the_other_process_and_its_death_is_told(
    tmp_path: Path, watch: Callable[[ProcessRun], Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ProcessRun(small(), folder=tmp_path / "r", epochs=ENDLESS)
    run.send(StepOnce())
    watched = watch(run)
    watched.until(lambda: bool(watched.of(Paused)))
    assert run.state == "paused"
    assert sorted(watched.losses()) == [1], "what led to the pause is told before it"
    run.send(SetLearningRate("objective", 0.5))
    run.send(StepOnce())
    watched.until(lambda: len(watched.of(Paused)) == 2)
    assert watched.of(Progress)[-1].learning_rates == {"objective": 0.5}  # type: ignore[attr-defined]
    run.send(Resume())
    watched.until(lambda: watched.of(Resumed)[-1:] == watched.events[-1:] or run.state == "running")
    watched.until(lambda: len(watched.losses()) > 100)
    assert run.pid is not None
    os.kill(run.pid, signal.SIGKILL)
    end = watched.ended()
    assert end.status == "failed"
    assert "killed (SIGKILL) at step" in end.message
    assert end.step == max(watched.losses())
    assert record_of(tmp_path / "r").status == "interrupted"
    with pytest.raises(ProcessLookupError):
        os.kill(run.pid, 0)  # no zombie is left
    monkeypatch.setattr(follow, "CHECK_SECONDS", 0.0)
    last = list(Follower(tmp_path / "r").events())[-1]
    assert isinstance(last, Finished)
    assert last.status == "failed", "who follows it from its folder is told too"
    assert "killed at step" in last.message


def test_without_a_folder_nothing_is_left(watch: Callable[[ProcessRun], Watched], tmp_path: Path) -> None:
    os.environ["TMPDIR"], before = str(tmp_path), os.environ.get("TMPDIR")
    tempfile.tempdir = None
    try:
        watched = watch(ProcessRun(small(device="cuda:77")))
        end = watched.ended()
    finally:
        tempfile.tempdir = None
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before
    assert end.status == "failed"
    assert "cuda:77" in end.message
    assert list(tmp_path.iterdir()) == []


STARTS = """
import sys, time
from pathlib import Path
from engine.messages.commands import StepOnce
from engine.run.process import ProcessRun
from tests.drawings import mlp
run = ProcessRun(mlp("digits", hidden=16), folder=Path(sys.argv[1]), epochs=int(sys.argv[2]))
if sys.argv[3] == "paused":
    run.send(StepOnce())
run.start()
while run.pid is None or run.state not in ("running", "paused"):
    time.sleep(0.01)
while sys.argv[3] == "paused" and run.state != "paused":
    time.sleep(0.01)
print(run.pid, flush=True)
time.sleep(60)
"""


def outlives_the_window(how: str, status: str, folder: Path, watch: Callable[[Follower], Watched]) -> None:
    """A run that is running or paused when its window dies ends like this, and is followed to its end."""
    window = subprocess.Popen(
        [sys.executable, "-c", STARTS, str(folder), "40", how],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert window.stdout is not None
    pid = int(window.stdout.readline())
    window.kill()
    window.wait()
    window.stdout.close()
    watched = watch(Follower(folder, poll_seconds=0.05))
    end = watched.ended()
    assert end.status == status
    assert isinstance(watched.events[0], Started)
    assert sorted(watched.losses()) == list(range(1, end.step + 1)), "every step, once"
    for _ in range(500):
        if not Path(f"/proc/{pid}").exists():
            break
        time.sleep(0.01)
    else:
        pytest.fail("the run's process has not ended")


def test_a_run_outlives_the_window_and_is_followed_again(
    tmp_path: Path, watch: Callable[[Follower], Watched]
) -> None:
    outlives_the_window("running", "completed", tmp_path / "r", watch)


def test_following_tells_what_the_run_told(tmp_path: Path) -> None:
    told = executed(Run(small(epochs=3), folder=tmp_path / "r"))
    follower = Follower(tmp_path / "r")
    followed = list(follower.events())
    assert [type(event).__name__ for event in followed] == [
        "Started",
        *("Progress", "Validated") * 3,
        "Finished",
    ]
    kinds = (Started, Validated, Finished)
    assert [e for e in followed if isinstance(e, kinds)] == [e for e in told if isinstance(e, kinds)]


def test_following_costs_little_and_sees_each_write_once(tmp_path: Path) -> None:
    executed(Run(small(epochs=1), folder=tmp_path / "r"))
    tail = Tail(tmp_path / "r")
    assert tail.poll()
    begun = time.process_time()
    for _ in range(100):
        assert tail.poll() == []
    spent = (time.process_time() - begun) / 100
    assert spent < 0.01 * follow.POLL_SECONDS, f"{spent:.5f} s a look"


def test_a_folder_of_another_machine_is_read_as_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/a / ext4 rw 0 0\nserver:/x {tmp_path}/far nfs4 rw 0 0\n")
    monkeypatch.setattr(tail, "MOUNTS", mounts)
    assert not is_shared(tmp_path / "near")
    folder = tmp_path / "far" / "r"
    assert is_shared(folder)
    told = executed(Run(small(epochs=1), folder=folder))
    (folder / "metrics.sqlite").chmod(0o400)
    followed = Tail(folder).poll()
    assert followed[-1] == told[-1]
    assert not list(folder.glob("*-shm")), "nothing was opened there"


@pytest.mark.parametrize(
    "harm", ["INSERT INTO messages VALUES ('a', 'b')", "UPDATE validation SET value = 'y'"]
)
def test_a_damaged_run_is_followed_to_its_end(tmp_path: Path, harm: str) -> None:
    executed(Run(small(epochs=1), folder=tmp_path / "r"))
    with closing(sqlite3.connect(tmp_path / "r" / "metrics.sqlite")) as database:
        database.execute(harm)
        database.commit()
    *_, last = Tail(tmp_path / "r").poll()
    assert isinstance(last, Finished)
    assert last.status == "completed"


def test_a_folder_that_is_removed_ends_its_following(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "CHECK_SECONDS", 0.0)
    folder = tmp_path / "r"
    run = Run(small(epochs=50), folder=folder)
    found: list[Event] = []

    def told(event: Event) -> None:
        if isinstance(event, Validated) and not found:
            for each in Follower(folder, poll_seconds=0.01).events():
                found.append(each)
                shutil.rmtree(folder, ignore_errors=True)

    assert run.execute(told).status == "failed"
    assert isinstance(found[-1], Finished)
    assert "folder was removed" in found[-1].message


def test_messages_are_numbers_and_texts_and_nothing_else() -> None:
    arrays = {
        "image": np.arange(6, dtype=np.float32).reshape(1, 2, 3)[:, :, ::-1],
        "text": np.array(["weaver", "ß"]),
        "none": np.zeros((0, 4), np.int16),
    }
    frame = LensFrame(3, "samples", "sampler", arrays)
    back = _read(packed(frame), read_told)
    assert (back.step, back.lens, back.target) == (3, "samples", "sampler")
    for name, array in arrays.items():
        np.testing.assert_array_equal(back.arrays[name], array)
        assert back.arrays[name].dtype == array.dtype
    assert _read(packed(SetLearningRate("objective", 0.25)), read_message) == SetLearningRate(
        "objective", 0.25
    )
    draw = Draw("sampler", {"count": 3, "prompt": "Call me"})
    assert _read(packed(draw), read_message) == draw
    with pytest.raises(NotImplementedError):
        packed(LensFrame(0, "a", "b", {"x": np.array([object()])}))


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff\xff\xff",
        b"\x01\x00\x00\x00\xc1",
        packed(Stop())[:4] + b"\x00" * 40,
        (12).to_bytes(4, "little") + b"\xc7\x09\x01\x04\x00\x92\xa2|O\x91\x01x",
    ],
)
def test_broken_messages_are_refused(data: bytes) -> None:
    with pytest.raises(BrokenPipeMessageError):
        _read(data, read_message)


def test_what_is_no_text_does_not_reach_the_other_process_and_ends_the_run(
    tmp_path: Path, watch: Callable[[ProcessRun], Watched]
) -> None:
    end = watch(ProcessRun(small(), folder=tmp_path / "caf\udce9", steps=1)).ended()
    assert end.status == "failed"
    assert end.message.startswith("The run's process could not be started: Expected names of files that are")


def test_a_cut_message_is_the_end() -> None:
    assert _read(packed(Stop())[:-1], read_message) is None


def _read(data: bytes, reader: Callable[..., object]) -> object:
    import io

    return reader(io.BytesIO(data))
