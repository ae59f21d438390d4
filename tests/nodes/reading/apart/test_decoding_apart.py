"""Pictures that other processes decode: the same pixels, the same bad ones named, whatever ends a process."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from engine.data import catalogue
from engine.data.columns import Finish
from nodes.data.source import DataSource
from nodes.reading.dataset import DataSet, Scaling
from nodes.reading.picture import picture_files
from nodes.reading.picture.apart import workers
from nodes.reading.picture.apart.workers import ENDED, Workers
from nodes.reading.progress import CalledOffError, listening
from nodes.spec import BatchDim, TensorSpec

COUNT = 40


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    """One process, for sets of any size."""
    monkeypatch.setattr(picture_files, "KEPT_BYTES", 0)
    monkeypatch.setattr(workers, "MOST", 1)
    made = Workers()
    monkeypatch.setattr(picture_files, "WORKERS", made)
    yield made
    made.end()


def folder(place: Path, *, broken: tuple[int, ...] = ()) -> Path:
    """Two classes of noise, of several sizes and modes; some files are cut short."""
    rng = np.random.default_rng(0)
    for label in ("cat", "dog"):
        (place / label).mkdir(parents=True)
    for i in range(COUNT):
        side = (24, 32 + i % 5)
        noise = rng.integers(0, 256, (*side, 4), np.uint8)
        mode = ("RGB", "RGBA", "L")[i % 3]
        picture = Image.fromarray(noise).convert(mode)
        path = place / ("cat" if i % 2 else "dog") / f"{i:03}.png"
        picture.save(path)
        if i in broken:
            path.write_bytes(path.read_bytes()[:60])
    return place


def loaded(place: Path) -> DataSet:
    return catalogue.load(DataSource(dataset="image-folder", path=str(place), size=16, validation=0.0))


def instead(decode: str) -> tuple[str, ...]:
    """The command of a process that decodes by this function of Python."""
    lines = (
        "import os, sys, time",
        "from nodes.reading.picture.apart import worker",
        "from nodes.reading.picture.apart.messages import decode",
        f"worker.decode = {decode}",
        "sys.exit(worker.main(sys.argv[1:]))",
    )
    return ("-P", "-c", "\n".join(lines))


def wait(pool: Workers) -> None:
    """Until a process is idle."""
    pool._start()
    end = time.monotonic() + 20
    while pool._idle.empty():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_they_are_the_pixels_that_threads_decode(pool: Workers, tmp_path: Path) -> None:
    every = np.arange(COUNT)
    rows = loaded(folder(tmp_path)).train.input
    wait(pool)
    apart = rows.fetch(every)
    assert not pool._idle.empty()
    pool.end()
    pool._missing = 0
    assert pool.decoded(["x"], (1, 1, 1), "crop", picture_files.PLAIN) is None
    assert np.array_equal(apart, rows.fetch(every))


def test_another_of_its_class_stands_in_for_a_broken_one(
    pool: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_files, "CHECKED_AT_ONCE", 0)
    monkeypatch.setattr(picture_files, "SMALL_CLASS", 0)
    data = loaded(folder(tmp_path, broken=(7, 12)))
    wait(pool)
    every = np.arange(len(data.train))
    apart = data.train.input.fetch(every)
    threads = loaded(tmp_path)
    pool.end()
    pool._missing = 0
    assert np.array_equal(apart, threads.train.input.fetch(every))


def test_a_process_that_is_killed_is_replaced(pool: Workers, tmp_path: Path) -> None:
    rows = loaded(folder(tmp_path)).train.input
    wait(pool)
    first = rows.fetch(np.arange(COUNT))
    (worker,) = pool._every
    worker._process.kill()
    worker._process.wait()
    assert np.array_equal(rows.fetch(np.arange(COUNT)), first)
    wait(pool)
    assert np.array_equal(rows.fetch(np.arange(COUNT)), first)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no other way to stop a process here")
def test_a_picture_that_ends_its_process_is_named(
    pool: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stands for a decoder that crashes: the process is told to end at this path."""
    place = folder(tmp_path)
    paths = [str(path) for path in sorted(place.glob("*/*.png"))[:4]]
    crash = f"lambda path, *rest: os._exit(1) if path == {paths[2]!r} else decode(path, *rest)"
    monkeypatch.setattr(workers, "COMMAND", instead(crash))
    wait(pool)
    found = pool.decoded(paths, (3, 16, 16), "crop", picture_files.PLAIN)
    assert found is not None
    reasons, pixels = found
    assert reasons == [None, None, ENDED, None]
    assert pixels.shape == (3, 3, 16, 16)


def test_it_can_be_called_off_and_the_next_answer_is_its_own(
    pool: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = workers.COMMAND
    monkeypatch.setattr(workers, "COMMAND", instead("lambda *all: time.sleep(0.05) or decode(*all)"))
    rows = loaded(folder(tmp_path)).train.input
    wait(pool)

    def call_off(_what: str, _share: float | None) -> None:
        raise CalledOffError

    with pytest.raises(CalledOffError), listening(call_off):
        rows.fetch(np.arange(COUNT))
    monkeypatch.setattr(workers, "COMMAND", usual)
    wait(pool)
    again = rows.fetch(np.arange(COUNT)[::-1].copy())
    assert np.array_equal(again[::-1], loaded(tmp_path).train.input.fetch(np.arange(COUNT)))


def test_pairs_are_decoded_here(pool: Workers, tmp_path: Path) -> None:
    """A row of a pair is more than the picture in a file."""
    rng = np.random.default_rng(4)
    for part, sign in (("images", 1), ("masks", 85)):
        (tmp_path / part).mkdir()
        for i in range(COUNT):
            pixels = rng.integers(0, 3, (16, 16), np.uint8) * sign
            Image.fromarray(pixels).save(tmp_path / part / f"{i:03}.png")
    source = DataSource(**catalogue.recognised(tmp_path)[0].recognised.values,
                        dataset=catalogue.recognised(tmp_path)[0].dataset)  # fmt: skip
    wait(pool)
    data = catalogue.load(source)
    every = np.arange(len(data.train))
    apart = data.train.input.fetch(every)
    pool.end()
    assert np.array_equal(apart, catalogue.load(source).train.input.fetch(every))


def test_a_picture_that_is_too_large_there_is_decoded_here(pool: Workers, tmp_path: Path) -> None:
    pool._memory = 1
    rows = loaded(folder(tmp_path)).train.input
    wait(pool)
    found = pool.decoded([str(next(tmp_path.glob("cat/*")))], (3, 16, 16), "crop", picture_files.PLAIN)
    assert found is not None
    assert found[0] == [""]
    assert rows.fetch(np.arange(COUNT)).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("channels_last", [False, True])
def test_a_batch_finished_by_one_thread_has_the_same_bits(channels_last: bool) -> None:
    stored = torch.randint(0, 256, (33, 3, 17, 19), dtype=torch.uint8)
    scaling = Scaling(255.0, (0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616))
    spec = TensorSpec((BatchDim(), 3, 17, 19))
    finish = Finish(spec, scaling, torch.device("cpu"), channels_last=channels_last)
    one, other = finish(stored), finish.alone(stored)
    assert torch.equal(one, other)
    assert one.stride() == other.stride()
