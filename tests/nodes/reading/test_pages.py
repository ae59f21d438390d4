"""Pages of mapped files are given back, and what is read is the same."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from nodes.reading.dataset import ArrayRows, WindowRows
from nodes.reading.spilled import pages


def resident(path: Path) -> int:
    """Bytes of a file that the process has mapped and that are in memory."""
    lines = Path("/proc/self/smaps").read_text().splitlines()
    at = [i for i, line in enumerate(lines) if line.endswith(str(path))]
    found = (line for i in at for line in lines[i : i + 8] if line.startswith("Rss:"))
    return sum(int(line.split()[1]) * 1024 for line in found)


def test_rows_of_a_mapped_file_are_those_of_the_array(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "HELD", 1000)
    monkeypatch.setattr(pages, "AT_ONCE", 7)
    values = np.random.default_rng(0).normal(size=(500, 3))
    np.save(tmp_path / "a.npy", values)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    places = np.random.default_rng(1).permutation(500)
    for some in (places, places[:3], places[:0], np.arange(500)):
        assert np.array_equal(ArrayRows(mapped).fetch(some), values[some])
    windows = (WindowRows(one, np.arange(400), 9, 2) for one in (mapped, values))
    found, wanted = (one.fetch(places[places < 400]) for one in windows)
    assert np.array_equal(found, wanted)


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not say what is mapped")
def test_pages_that_were_read_do_not_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "HELD", 4 << 20)
    monkeypatch.setattr(pages, "AT_ONCE", 2)
    path = tmp_path / "a.npy"
    np.save(path, np.ones((4096, 4096), np.uint8))
    mapped = np.load(path, mmap_mode="r")
    assert int(ArrayRows(mapped).fetch(np.random.default_rng(0).permutation(4096)).sum()) == 4096**2
    assert resident(path) <= 6 << 20
    assert int(np.asarray(mapped).sum()) == 4096**2
    assert resident(path) >= 15 << 20  # what is read otherwise stays
