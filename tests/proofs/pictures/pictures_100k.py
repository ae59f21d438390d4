"""Looks at and trains on a folder of 100,000 pictures soon and in bounded memory: pictures_100k [COUNT].

`layerloom data` must print the first samples within 2 s, and `layerloom train` tell its first step within
10 s, both from the start of their process by the clock: run this on a machine that does nothing else. A
process that imports torch and PIL alone is the yardstick; each may take at most 500 MB more than that one.
One picture of 1,000 is damaged.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image

from engine.document.storage.file import save
from tests.drawings import chain

MOST_LOOK, MOST_START = 2.0, 10.0
"""Seconds until the samples are printed, and until the first step is done."""
MOST_BYTES = 500e6
"""Bytes at most beside those of torch and PIL alone."""


def make_folder(folder: Path, count: int) -> None:
    """Ten classes of JPEG pictures of 96×96 pixels; one in 1,000 is damaged."""
    rng = np.random.default_rng(0)
    kinds = []
    for _ in range(64):
        coarse = Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8))
        packed = io.BytesIO()
        coarse.resize((96, 96), Image.Resampling.BICUBIC).save(packed, "JPEG")
        kinds.append(packed.getvalue())
    for label in range(10):
        (folder / f"class{label}").mkdir(parents=True)
    for i in range(count):
        content = b"damaged" if i % 1000 == 7 else kinds[i % len(kinds)]
        (folder / f"class{i % 10}" / f"{i:06}.jpg").write_bytes(content)


@dataclass(frozen=True)
class Measured:
    """Seconds until it told what was waited for, its largest memory in bytes, and what it printed."""

    clock: float
    memory: float
    said: str

    def told(self, beside: float = 0.0) -> str:
        memory = (self.memory - beside) / 1e6
        return f"{self.clock:.2f} s, {memory:+.0f} MB"


def measured(*command: str, until: str = "") -> Measured:
    """What a command takes until a line has these words, or to its end; its memory is that of all it does."""
    begun = perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    said, told = "", 0.0
    for line in process.stdout:
        said += line
        if until and until in line and not told:
            told = perf_counter() - begun
    _, status, usage = os.wait4(process.pid, 0)
    spent = told or perf_counter() - begun
    if status:
        raise RuntimeError(f"{' '.join(command)}:\n{said}")
    return Measured(spent, usage.ru_maxrss * 1024.0, said)


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 100_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_folder(folder / "pictures", count)
        data = {"dataset": "image-folder", "path": str(folder / "pictures"), "size": 32}
        layers = [("flat", "flatten"), ("linear", "linear", {"out_features": 10})]
        save(chain(data, layers), folder / "p.loom")
        return judged(folder, count)


def judged(folder: Path, count: int) -> int:
    bare = measured("-c", "import torch, PIL.Image, numpy")
    look = measured("-m", "app", "data", str(folder / "pictures"))
    train = ("-m", "app", "train", str(folder / "p.loom"), "--steps", "1", "--device", "cpu")
    step = measured(*train, "--run-dir", str(folder / "run"), "--json", until='"event":"progress"')
    print(f"torch and PIL alone: {bare.told()}")
    print(f"look at {count:,} pictures: {look.told(bare.memory)}")
    print(f"first step of training: {step.told(bare.memory)}")
    told = ("samples", "target", "warning")
    print("\n".join(line for line in look.said.splitlines() if line.startswith(told)))
    is_soon = look.clock <= MOST_LOOK and step.clock <= MOST_START
    return int(not (is_soon and max(look.memory, step.memory) - bare.memory <= MOST_BYTES))
