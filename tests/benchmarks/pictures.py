"""Pictures a second from a folder: this product's reader beside a plain Dataset and DataLoader of torch.

Both read the same files, make them 3 × 64 × 64 and hand out batches of 64, in turns; each round is one epoch
of either. `photos` are JPEG of 160 × 160, `icons` PNG of 64 × 64, which are not resized. `ratio` is the
median of ours over theirs by round: above 1 this product is faster. Run by `python -m tests.benchmarks
pictures`.
"""

from __future__ import annotations

import io
import statistics
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from engine.data import catalogue
from engine.data.batches import BatchOrder, StreamedFeed, feed
from nodes.data.source import DataSource
from nodes.reading.picture import picture_files
from nodes.reading.picture.apart.workers import WORKERS
from tests.benchmarks._machine import Elsewhere

COUNT, SIZE, BATCH = 2000, 64, 64
KINDS = {"photos": ("JPEG", 160), "icons": ("PNG", SIZE)}
"""Formats and sides in pixels."""
ROUNDS = 5


class Files(Dataset[tuple[Tensor, int]]):
    """What a tutorial writes: open, convert, resize, to a tensor, scale."""

    def __init__(self, folder: Path) -> None:
        self.paths = sorted(folder.glob("*/*.*"))
        names = sorted({path.parent.name for path in self.paths})
        self.labels = [names.index(path.parent.name) for path in self.paths]

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        with Image.open(self.paths[index]) as picture:
            small = picture.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR)
        pixels = torch.from_numpy(np.array(small)).permute(2, 0, 1).float().div(255.0)
        return (pixels - 0.5) / 0.25, self.labels[index]


def make_folder(folder: Path, form: str, side: int) -> None:
    """Ten classes of photographs, or what packs like them: smooth, with some noise."""
    rng = np.random.default_rng(0)
    kinds = []
    for _ in range(40):
        coarse = Image.fromarray(rng.integers(0, 256, (12, 12, 3), np.uint8))
        smooth = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC), np.int16)
        noisy = np.clip(smooth + rng.integers(-12, 13, smooth.shape), 0, 255).astype(np.uint8)
        packed = io.BytesIO()
        Image.fromarray(noisy).save(packed, form)
        kinds.append(packed.getvalue())
    for label in range(10):
        (folder / f"class{label}").mkdir()
    for i in range(COUNT):
        (folder / f"class{i % 10}" / f"{i:06}.{form.lower()}").write_bytes(kinds[i % len(kinds)])


def run() -> dict[str, Any]:
    """Every figure, as JSON: pictures a second."""
    kept = picture_files.KEPT_BYTES
    picture_files.KEPT_BYTES = 0  # every epoch reads the files, as of a set that does not fit
    found: dict[str, Any] = {}
    try:
        for kind, (form, side) in KINDS.items():
            with tempfile.TemporaryDirectory() as name:
                make_folder(Path(name), form, side)
                found[kind] = _measured(Path(name))
    finally:
        picture_files.KEPT_BYTES = kept
    found["holds"] = all(found[kind]["ratio"] >= 1.0 for kind in KINDS)
    return found


def _measured(folder: Path) -> dict[str, Any]:
    source = DataSource(dataset="image-folder", path=str(folder), size=SIZE, validation=0.0)
    data = catalogue.load(source)
    order = BatchOrder(len(data.train), BATCH, 0)
    ours = feed(data.train, (data.info.input, data.info.target), order, torch.device("cpu"), free=1 << 30)
    assert isinstance(ours, StreamedFeed)
    workers = torch.get_num_threads() if torch.get_num_threads() > 1 else 2
    loader = DataLoader(Files(folder), BATCH, shuffle=True, num_workers=workers, persistent_workers=True)
    elsewhere = Elsewhere()
    mine, theirs = [], []
    try:
        _epoch_of_loader(loader)
        _epoch_of_feed(ours, order.steps)
        for _ in range(ROUNDS):
            mine.append(_epoch_of_feed(ours, order.steps))
            theirs.append(_epoch_of_loader(loader))
    finally:
        ours.close()
        WORKERS.end()  # what ended children used counts as this program's
        del loader
    ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
    return {
        "pictures": COUNT,
        "workers_of_torch": workers,
        "per_second": round(statistics.median(mine)),
        "torch_per_second": round(statistics.median(theirs)),
        "ratio": round(statistics.median(ratios), 2),
        "ratios": [round(ratio, 2) for ratio in ratios],
        "cores_busy_elsewhere": elsewhere.cores(),
    }


def _epoch_of_feed(ours: StreamedFeed, steps: int) -> float:
    begun, seen = perf_counter(), 0
    for _ in range(steps):
        seen += len(ours.next()[0])
    return seen / (perf_counter() - begun)


def _epoch_of_loader(loader: DataLoader[tuple[Tensor, int]]) -> float:
    begun, seen = perf_counter(), 0
    for pixels, _ in loader:
        seen += len(pixels)
    return seen / (perf_counter() - begun)
