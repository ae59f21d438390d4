"""Streams 100,000 pictures from a folder through an epoch in bounded memory: stream_images [COUNT].

Three of them are damaged: each must be named, and none may end the epoch. The folder is made for the
occasion, of 64×64 pixels so that decoded all at once they would take 1.2 GB.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import psutil
from PIL import Image

from engine.data import catalogue
from nodes.data.source import DataSource
from nodes.registry import REGISTRY

BATCH = 256
ALLOWED = 300e6
"""Bytes that listing and streaming may add to the process."""


def make_folder(folder: Path, count: int) -> None:
    rng = np.random.default_rng(0)
    kinds = []
    for _ in range(64):
        packed = io.BytesIO()
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), np.uint8)).save(packed, "JPEG")
        kinds.append(packed.getvalue())
    for label in range(10):
        (folder / f"class{label}").mkdir()
    for i in range(count):
        content = kinds[i % len(kinds)] if i not in (7, count // 2, count - 3) else b"damaged"
        (folder / f"class{i % 10}" / f"{i:06}.jpg").write_bytes(content)


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 100_000
    with tempfile.TemporaryDirectory() as name:
        make_folder(Path(name), count)
        return stream(name, count)


def stream(path: str, count: int) -> int:
    process = psutil.Process()
    source = REGISTRY.make("data", {"dataset": "image-folder", "path": path, "size": 64, "validation": 0.1})
    assert isinstance(source, DataSource)
    before, started = process.memory_info().rss, perf_counter()
    info = catalogue.describe(source)
    described = perf_counter() - started
    data = catalogue.load(source)
    loaded = perf_counter() - started
    peak, seen = 0, 0
    for part in (data.train, data.validation):
        order = np.random.default_rng(1).permutation(len(part))
        for at in range(0, len(order), BATCH):
            seen += len(part.input.fetch(order[at : at + BATCH]))
            peak = max(peak, process.memory_info().rss - before)
    spent = perf_counter() - started - loaded
    print(f"described {info.samples:,} in {described:.2f} s, loaded in {loaded:.2f} s")
    print(
        f"streamed {seen:,} in {spent:.1f} s ({seen / spent:,.0f}/s), at most {peak / 1e6:.0f} MB more memory"
    )
    print("\n".join(data.skipped))
    return int(not (seen == count and peak < ALLOWED and len(data.skipped) == 3))
