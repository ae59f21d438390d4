"""Several processes train as one: equal losses on five drawings, and a killed process ends in a sentence.

Runs `layerloom train --nproc-per-node 2` (and 3) as a person would, against one process with the larger
batch; then kills each of two processes in turn and resumes. Losses must agree to 6 digits over 40 steps and
to 5 over 100; where a network is so sensitive that one process alone does not hold that when its first
weights are a rounding or two away, they may be twice as far apart. Prints all figures; 1 where anything
differs.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file

from engine.document.project import Project
from engine.document.storage import gallery
from engine.document.storage.file import load, save
from engine.messages.events import Event, Progress
from engine.run.distributed import for_all
from engine.run.run import Run
from engine.runs.record import record_of
from tests import ROOT
from tests.drawings import gan, lenet5, lstm, mlp, with_settings
from tests.resuming import own_values

DRAWINGS: dict[str, Callable[[], Project]] = {
    "mlp": lambda: with_settings(mlp("digits", hidden=16), batch_size=24),
    "lenet5": lambda: with_settings(lenet5(), batch_size=32),
    "lstm": lambda: with_settings(lstm(16), batch_size=32),
    "two objectives and noise": gan,
    "own values": lambda: own_values(24),
}
STEPS = 100
DIGITS = 1e-5
NUDGES = (1.2e-7, -1.2e-7, 2.4e-7, -2.4e-7)
"""One and two roundings of a 32-bit float."""
EARLY = 40
"""Steps in which losses must agree to 6 digits, before roundings have grown."""


def environment(**more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RANK", "WORLD_", "MASTER_"))
    }
    return {**kept, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo", **more}


class Spread:
    """The processes of one run, started one by one as torchrun starts them."""

    def __init__(self, file: Path, arguments: Sequence[str], count: int = 2) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        about = {"WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        command = [sys.executable, "-m", "app", "train", str(file), "--device", "cpu", "--json", *arguments]
        self.processes = [
            subprocess.Popen(
                command,
                env=environment(**about, RANK=str(rank), LOCAL_RANK=str(rank), TORCHELASTIC_RUN_ID="here"),
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for rank in range(count)
        ]
        self._said = ["", ""] * count
        self._readers = [
            threading.Thread(target=self._read, args=(2 * i + k, stream))
            for i, process in enumerate(self.processes)
            for k, stream in enumerate((process.stdout, process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, place: int, stream: Any) -> None:
        with stream:
            self._said[place] = stream.read()

    def until(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait; raises where the processes end before."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or any(process.poll() is not None for process in self.processes):
                self.kill()
                raise AssertionError(f"did not happen: {self.wait()}, {self.errors}")
            time.sleep(0.01)

    def kill(self) -> None:
        for process in self.processes:
            process.kill()

    def wait(self) -> list[dict[str, Any]]:
        """Every event that was told, after all have ended."""
        for process in self.processes:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        for reader in self._readers:
            reader.join()
        return [json.loads(line) for line in self._said[0].splitlines()]

    @property
    def errors(self) -> str:
        return self._said[1]

    def codes(self) -> list[int | None]:
        return [process.returncode for process in self.processes]


def losses_told(events: Iterable[dict[str, Any]]) -> dict[str, list[float]]:
    """Losses by objective, of events as JSON."""
    found: dict[str, list[float]] = {}
    for event in events:
        for path, values in event.get("losses", {}).items() if event["event"] == "progress" else ():
            found.setdefault(path, []).extend(values)
    return found


def most_apart(first: Sequence[float], second: Sequence[float]) -> float:
    """The largest relative difference; infinite where there are not as many."""
    if len(first) != len(second):
        return float("inf")
    pairs = zip(first, second, strict=True)
    return max(abs(a - b) / max(abs(a), 1e-9) for a, b in pairs if a is not None and a == a)


def alone(project: Project, **more: Path) -> dict[str, list[float]]:
    """The losses of one process."""
    found: dict[str, list[float]] = {}

    def told(event: Event) -> None:
        if isinstance(event, Progress):
            for path, values in event.losses.items():
                found.setdefault(path, []).extend(values)

    Run(project, steps=STEPS, device="cpu", **more).execute(told)
    return found


def layerloom(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, env=environment(), cwd=ROOT, capture_output=True, text=True, check=False)


def equal(place: Path, name: str, count: int) -> dict[str, Any]:
    """How far the losses of so many processes are from those of one."""
    project = DRAWINGS[name]()
    file = place / f"{name.replace(' ', '-')}.loom"
    save(project, file)
    project = load(file)  # nodes in the order of the file, by which weights are drawn
    told = layerloom(
        "train", str(file), "--steps", str(STEPS), "--device", "cpu", "--nproc-per-node", str(count), "--json"
    )
    if told.returncode:
        return {"code": told.returncode, "errors": told.stderr, "good": False}
    many = losses_told(json.loads(line) for line in told.stdout.splitlines())
    one = alone(for_all(project, count), folder=place / f"{name}-{count}")
    first = load_file(place / f"{name}-{count}" / "checkpoints" / "initial.safetensors")
    weights = {path: tensor for path, tensor in first.items() if not path.startswith("@")}
    rounding = dict.fromkeys(one, 0.0)
    for nudge in NUDGES:
        nudged = place / "nudged.safetensors"
        save_file(
            {path: t * (1 + nudge) if t.is_floating_point() else t for path, t in weights.items()}, nudged
        )
        beside = alone(for_all(project, count), start=nudged)
        rounding = {path: max(rounding[path], most_apart(one[path], beside[path])) for path in one}
    apart = {path: most_apart(one[path], many.get(path, [])) for path in one}
    early = {path: most_apart(one[path][:EARLY], many.get(path, [])[:EARLY]) for path in one}
    good = all(apart[path] < max(DIGITS, 2 * rounding[path]) and early[path] < DIGITS / 10 for path in one)
    return {"apart": apart, f"in {EARLY} steps": early, "nudged": rounding, "good": good}


def killed(place: Path, rank: int) -> dict[str, Any]:
    """What comes of killing one of two processes, and of resuming with two."""
    import psutil

    file, folder = place / f"killed{rank}.loom", place / f"run{rank}"
    save(gallery.make("mlp-spiral"), file)
    spread = ("--nproc-per-node", "2", "--json")
    command = [
        sys.executable,
        "-m",
        "app",
        "train",
        str(file),
        "--epochs",
        "100000",
        "--run-dir",
        str(folder),
    ]
    process = subprocess.Popen(
        [*command, *spread],
        env=environment(),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (folder / "checkpoints" / "last.safetensors").is_file():
        time.sleep(0.05)
    children = psutil.Process(process.pid).children(recursive=True)
    pids = {child.environ().get("RANK"): child.pid for child in children}
    os.kill(pids[str(rank)], signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    record = record_of(folder)
    steps = record.step + 100
    resumed = layerloom("resume", str(file), str(folder), "--steps", str(steps), *spread)
    last = json.loads(resumed.stdout.splitlines()[-1]) if resumed.stdout else {}
    good = process.returncode == 1 and errors.count("\n") == 1 and last.get("step") == steps
    return {"code": process.returncode, "told": errors, "listed": record.sentence, "then": last, "good": good}


def main(_arguments: list[str]) -> int:
    """Prints what was compared; 0 where all is as it should be."""
    with tempfile.TemporaryDirectory() as place:
        found = {f"{name}, 2 processes": equal(Path(place), name, 2) for name in DRAWINGS}
        found["mlp, 3 processes"] = equal(Path(place), "mlp", 3)
        found |= {f"process {rank} killed": killed(Path(place), rank) for rank in (0, 1)}
    print(json.dumps(found, indent=2))
    return 0 if all(result["good"] for result in found.values()) else 1
