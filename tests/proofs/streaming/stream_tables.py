"""Trains on a table and on a text whose values are larger than the process may hold: stream_tables [GB].

Both files are written for the occasion, then described, drawn and trained by the command line, under a limit
on the data of each process (`ulimit -d`). Its peak, anonymous pages and all, is measured while it runs. The
second run reads what the first has written. Linux only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import psutil

from nodes.reading.texts.encoding import BYTES_FOR_ONE

NUMBERS, WORDS, DIFFERENT, DISTINCT = 20, 6, 50, 20_000
"""Columns of numbers, columns of words, different words of each, and different rows of the table."""
LIMIT = 1 << 30
"""Bytes of data that a process may have, torch and all."""
GIGABYTES = 0.3
STEPS = {"table": 200, "text": 10}
LIMITED = (
    "import resource, runpy, sys;"
    f"resource.setrlimit(resource.RLIMIT_DATA, ({LIMIT}, {LIMIT}));"
    "runpy.run_module('app', run_name='__main__', alter_sys=True)"
)
"""Runs the command line under the limit."""


@dataclass(frozen=True)
class Told:
    """What a command took: seconds, the peak of its resident memory and of its own pages, in bytes."""

    seconds: float
    peak: int
    own: int
    text: str
    code: int


def write_table(path: Path, size: int) -> int:
    """A table of numbers and words with a class, of about so many bytes; says how many rows it has."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(DISTINCT, NUMBERS))
    words = rng.integers(0, DIFFERENT, (DISTINCT, WORDS))
    labels = np.where(values[:, 0] + values[:, 1] > 0, "up", "down")
    rows = [
        ",".join([*(f"{one:.5f}" for one in own), *(f"w{one}" for one in said), label])
        for own, said, label in zip(values, words, labels, strict=True)
    ]
    block = ("\n".join(rows) + "\n").encode()
    count = max(1, size // len(block))
    names = [*(f"c{i}" for i in range(NUMBERS)), *(f"k{i}" for i in range(WORDS)), "label"]
    with path.open("wb") as file:
        file.write((",".join(names) + "\n").encode())
        for _ in range(count):
            file.write(block)
    return count * DISTINCT


def write_text(path: Path, size: int) -> None:
    """A text of some letters, of about so many bytes."""
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice([*"etaoinshrdlu"], rng.integers(2, 9))) for _ in range(500)]
    block = ("\n".join(" ".join(rng.choice(words, 12)) for _ in range(20_000)) + "\n").encode()
    with path.open("wb") as file:
        for _ in range(max(1, size // len(block))):
            file.write(block)


def told(arguments: Sequence[str], home: Path) -> Told:
    """What a command of the command line took, with so little memory."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(home), "OMP_NUM_THREADS": "1"}
    began, peaks = perf_counter(), [0, 0]
    with subprocess.Popen(
        [sys.executable, "-c", LIMITED, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        watch = threading.Thread(target=_watch, args=(process.pid, peaks))
        watch.start()
        text = process.communicate()[0]
        watch.join()
    return Told(perf_counter() - began, peaks[0], peaks[1], text, process.returncode)


def _watch(pid: int, peaks: list[int]) -> None:
    """Note the largest resident memory of a process, and the largest that is no page of a file."""
    status = Path(f"/proc/{pid}/status")
    while psutil.pid_exists(pid):
        try:
            lines = dict(line.split(":", 1) for line in status.read_text("ascii").splitlines())
            found = [int(lines[name].split()[0]) * 1024 for name in ("VmHWM", "RssAnon")]
        except (OSError, KeyError):  # it has ended
            return
        peaks[:] = map(max, peaks, found)
        threading.Event().wait(0.05)


def train(name: str, path: Path, values: int, options: Sequence[str], folder: Path) -> bool:
    """Draw and train twice; prints the figures. `values` is how many bytes the values take in memory."""
    project, home = folder / f"{name}.loom", folder / "cache"
    print(f"{name}: {path.stat().st_size / 1e9:.2f} GB, {values / 1e9:.2f} GB in memory", flush=True)
    steps = ["--steps", str(STEPS[name]), "--run-dir"]
    commands = {
        "look and draw": ["data", str(path), *options, "--out", str(project)],
        "train": ["train", str(project), *steps, str(folder / f"{name}-1")],
        "train again": ["train", str(project), *steps, str(folder / f"{name}-2")],
    }
    is_good = True
    for what, arguments in commands.items():
        found = told(arguments, home)
        is_good &= found.code == 0 and found.peak < values / 3
        peaks = f"at most {found.peak / 1e6:,.0f} MB resident, {found.own / 1e6:,.0f} MB of its own"
        print(f"  {what}: {found.seconds:.1f} s, {peaks}, exit status {found.code}", flush=True)
        for line in found.text.splitlines():
            if "loss" in line or found.code:
                print(f"    {line[:200]}", flush=True)
    kept = sum(file.stat().st_size for file in home.rglob("*") if file.is_file())
    print(f"  {kept / 1e9:.2f} GB in the cache", flush=True)
    return is_good


def main(arguments: list[str]) -> int:
    size = int(float(arguments[0] if arguments else GIGABYTES) * 1e9)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = perf_counter()
        rows = write_table(folder / "table.csv", size)
        write_text(folder / "text.txt", size)
        print(f"wrote both in {perf_counter() - began:.1f} s; at most {LIMIT / 1e6:,.0f} MB a process")
        values = 8 * rows * (NUMBERS + WORDS * DIFFERENT + 1)
        how = ["--as", "csv-file", "--set", "validation=0.01"]
        table = train("table", folder / "table.csv", values, how, folder)
        how = ["--as", "text-file", "--set", "context=128", "--set", "validation=0.0002"]
        text = train("text", folder / "text.txt", BYTES_FOR_ONE * size, how, folder)
    return int(not (table and text))
