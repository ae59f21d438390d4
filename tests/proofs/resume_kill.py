"""Kills training processes at random moments and resumes them: resume_kill [TIMES] [SEED].

Each of a CNN with dropout, an LSTM, a DCGAN and an augmented net under a one-cycle schedule is trained once
to its end; then again and again by processes that are killed (kill -9) at random steps, some of them several
times. All that a run leaves, weights, optimiser, random states, sources and rows, must have the hashes of
the uninterrupted one.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine.messages.events import Event, Progress
from engine.run import files
from engine.run.run import Run
from engine.runs import archive
from tests import ROOT
from tests.resuming import DRAWINGS, drawn, fingerprint, newest

EPOCHS = 60
PATIENCE = 240.0


def child(folder: Path, name: str) -> int:
    """Trains in this folder, from its newest checkpoint on, and says how far it is."""
    files.FIRST_SECONDS, files.SECONDS, files.COST_FACTOR = 0.05, 0.1, 3
    checkpoint = newest(folder)
    if checkpoint is None and folder.exists():
        shutil.rmtree(folder)  # it was killed before there was anything to go on with
    project = drawn(name, epochs=EPOCHS) if checkpoint is None else archive.project_of(folder)

    def tell(event: Event) -> None:
        if isinstance(event, Progress):
            print(event.step, flush=True)

    return int(Run(project, folder=folder, resume=checkpoint).execute(tell).status != "completed")


def started(folder: Path, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.proofs.resume_kill", "--child", str(folder), name]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def killed(folder: Path, name: str, step: int, delay: float) -> int | None:
    """Kills a process some time after this step; the last step that it told, None where it ended before."""
    process, told = started(folder, name), 0
    assert process.stdout is not None
    for line in process.stdout:
        told = int(line)
        if told >= step:
            time.sleep(delay)
            process.kill()
            break
    rest = process.stdout.read().split()
    process.stdout.close()
    code = process.wait(PATIENCE)
    assert code in (0, -9), f"{name}: the process ended by itself with {code}"
    return None if code == 0 else int(rest[-1]) if rest else told


def finished(folder: Path, name: str) -> None:
    process = started(folder, name)
    assert process.stdout is not None
    process.stdout.read()
    process.stdout.close()
    assert process.wait(PATIENCE) == 0, f"{name}: {archive.record_of(folder).sentence}"


def proven(name: str, kills: int, chance: random.Random, place: Path) -> list[int]:
    """Kills runs of this drawing so often; the steps at which they died. Raises AssertionError."""
    finished(place / "whole", name)
    whole = fingerprint(place / "whole")
    total = archive.record_of(place / "whole").total_steps
    died: list[int] = []
    course = 0
    while len(died) < kills:
        folder, course = place / f"course-{course}", course + 1
        times = min(chance.randint(1, 4), kills - len(died))
        for step in sorted(chance.sample(range(1, total), times)):
            at = killed(folder, name, step, chance.uniform(0.0, 0.06))
            record = archive.record_of(folder)
            if at is None or (at == total and record.status == "completed"):
                break  # it had ended before the kill
            died.append(at)
            assert record.status == "interrupted", record
            assert record.step <= total, record
        finished(folder, name)
        left = fingerprint(folder)
        other = [key for key in whole.keys() | left.keys() if whole.get(key) != left.get(key)]
        assert not other, f"{name}, killed at {died}: {other} differ from the uninterrupted run"
        shutil.rmtree(folder)
    print(
        f"{name}: killed at steps {sorted(died)} of {total}; {len(whole)} hashes equal each time", flush=True
    )
    return died


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--child"]:
        return child(Path(arguments[1]), arguments[2])
    times = int(arguments[0]) if arguments else 50
    chance = random.Random(int(arguments[1]) if len(arguments) > 1 else 0)
    begun = time.monotonic()
    died: list[int] = []
    for number, name in enumerate(DRAWINGS):
        share = (times - len(died)) // (len(DRAWINGS) - number)
        with tempfile.TemporaryDirectory(prefix="layerloom-resume-") as folder:
            died += proven(name, share, chance, Path(folder))
    print(f"{len(died)} kills, all resumed to the same bits; {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
