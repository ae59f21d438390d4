"""Kept samples: they come back as they were, stay few, and a hostile file is refused in a sentence."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engine.sample import history as module
from engine.sample.history import HistoryError, SampleHistory


@pytest.fixture(params=["folder", "memory"])
def history(request: pytest.FixtureRequest, tmp_path: Path) -> SampleHistory:
    return SampleHistory(tmp_path / "samples" if request.param == "folder" else None)


def pictures(level: float = 0.5) -> dict[str, np.ndarray]:
    return {"samples": np.full((3, 1, 4, 4), level, np.float32)}


def test_sets_come_back_as_they_were(history: SampleHistory) -> None:
    chance = np.random.default_rng(0)
    whole = {
        "samples": chance.normal(size=(5, 2)).astype(np.float32),
        "real": chance.normal(size=(7, 2)).astype(np.float32),
        "trail": chance.normal(size=(3, 5, 2)).astype(np.float32),
        "label": np.arange(5),
        "columns": np.array(5),
    }
    history.keep("net.draw", 40, 2, whole)
    history.keep("write", 0, 0, {"text": np.array(["Ahab", "Größe\n"])})
    assert history.paths() == ("net.draw", "write")
    found = history.load("net.draw", 40)
    assert int(found.pop("epoch")) == 2
    assert found.keys() == whole.keys()
    assert all(np.array_equal(found[name], whole[name]) for name in whole)
    assert history.load("write", 0)["text"].tolist() == ["Ahab", "Größe\n"]


def test_pictures_keep_256_levels(history: SampleHistory) -> None:
    ramp = np.linspace(0, 1, 3 * 28 * 28, dtype=np.float32).reshape(3, 1, 28, 28)
    history.keep("look", 0, 0, {"samples": ramp, "trail": np.stack([ramp, ramp])})
    found = history.load("look", 0)
    assert found["samples"].dtype == np.float32
    assert np.abs(found["samples"] - ramp).max() <= 0.5 / 255 + 1e-6
    assert found["trail"].shape == (2, 3, 1, 28, 28)


def test_steps_are_in_order_and_what_is_not_there_is_told(history: SampleHistory) -> None:
    for step in (1000, 0, 20):
        history.keep("look", step, step // 10, pictures())
    assert history.steps("look") == [0, 20, 1000]
    assert history.steps("elsewhere") == []
    with pytest.raises(HistoryError, match=r"Expected a kept set of samples\. Received"):
        history.load("look", 7)


def test_a_run_that_goes_on_makes_later_sets_anew(history: SampleHistory) -> None:
    for step in (0, 10, 20, 30):
        history.keep("look", step, step // 10, pictures())
    history.forget_after(15)
    assert history.steps("look") == [0, 10]


def test_a_long_run_keeps_its_whole_course_in_few_sets(
    history: SampleHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 10)
    for step in range(0, 1000, 10):
        history.keep("look", step, step // 10, pictures())
    steps = history.steps("look")
    assert len(steps) <= 10
    assert (steps[0], steps[-1]) == (0, 990)
    assert max(np.diff(steps)) <= 250


def test_memory_is_bounded_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_IN_MEMORY", 60_000)
    history, chance = SampleHistory(), np.random.default_rng(0)
    for step in range(30):
        history.keep("look", step, step, {"samples": chance.random((4, 1, 32, 32)).astype(np.float32)})
    assert 2 < len(history.steps("look")) <= 16
    assert history.steps("look")[-1] == 29


@pytest.mark.parametrize("path", ["../../away", "..", "a/b", "CON", "ä.b"])
def test_no_path_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    history = SampleHistory(tmp_path / "run" / "samples")
    history.keep(path, 0, 0, pictures())
    assert history.paths() == (path,)
    files = [found for found in tmp_path.rglob("*") if found.is_file()]
    assert len(files) == 1
    assert files[0].parent.parent == tmp_path / "run" / "samples"


def packed(name: str, data: bytes, *more: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry, inside in ((name, data), *more):
            archive.writestr(entry, inside)
    return buffer.getvalue()


def array(value: np.ndarray, allow: bool = False) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, value, allow_pickle=allow)
    return buffer.getvalue()


def header(*shape: int) -> bytes:
    written = io.BytesIO()
    fields = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(written, fields)
    return written.getvalue()


def packed_as(way: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", way) as archive:
        archive.writestr("samples.npy", array(np.arange(400, dtype=np.float32).reshape(20, 20)))
    data = buffer.getvalue()
    return data[:60] + b"\xff" * 40 + data[100:] if way == zipfile.ZIP_DEFLATED else data


def hostile() -> dict[str, bytes]:
    """Bytes by what is wrong with them."""
    good = packed("samples.npy", array(np.zeros((2, 2), np.float32)))
    return {
        "empty": b"",
        "no archive": b"samples" * 100,
        "cut short": good[:-30],
        "objects": packed("samples.npy", array(np.array([{"a": 1}], dtype=object), allow=True)),
        "huge": packed("samples.npy", header(10**6, 10**6)),
        "less than nothing": packed("samples.npy", header(-(10**6), 10**6)),
        "huge, made up for": packed(
            "samples.npy", header(10**6, 10**6), ("real.npy", header(-(10**6), 10**6))
        ),
        "nothing, very wide": packed("samples.npy", header(0, 10**15)),
        "no characters": packed("text.npy", array(np.full(2, -1, np.int32).view("<U2"))),
        "half an epoch": packed(
            "samples.npy", array(np.zeros((2, 2))), ("epoch.npy", array(np.array(np.nan)))
        ),
        "strange name": packed("../samples.npy", array(np.zeros((2, 2)))),
        "nothing to see": packed("label.npy", array(np.zeros(2))),
        "wrong rank": packed("samples.npy", array(np.zeros(2))),
        "complex": packed("samples.npy", array(np.zeros((2, 2), np.complex64))),
        "text in numbers": packed("samples.npy", array(np.array([["a"]]))),
        "no array": packed("samples.npy", b"\x93NUMPY\x09\x00junk"),
        "not deflated": packed_as(zipfile.ZIP_DEFLATED),
        "packed in another way": packed_as(zipfile.ZIP_BZIP2),
        "torn": packed("samples.npy", array(np.zeros((20, 20), np.float32))[:-100]),
    }


@pytest.mark.parametrize("name", list(hostile()))
def test_a_hostile_file_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    history = SampleHistory(tmp_path)
    history.keep("look", 5, 0, pictures())
    (tmp_path / "look" / "000000005.npz").write_bytes(hostile()[name])
    (tmp_path / "look" / "notes.txt").write_text("not a set")
    (tmp_path / "stray").write_text("not a folder")
    assert history.steps("look") == [5]
    with pytest.raises(HistoryError, match=r"000000005\.npz: Expected .+\. Received"):
        history.load("look", 5)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
def test_only_plain_files_are_read(tmp_path: Path) -> None:
    history = SampleHistory(tmp_path / "samples")
    history.keep("look", 5, 0, pictures())
    file = tmp_path / "samples" / "look" / "000000005.npz"
    outside = file.rename(tmp_path / "outside.npz")
    file.symlink_to(outside)
    with pytest.raises(HistoryError, match="Received a link"):
        history.load("look", 5)
    file.unlink()
    os.mkfifo(file)  # whoever opened it would wait for ever
    with pytest.raises(HistoryError, match="Received a pipe"):
        history.load("look", 5)
    outside.rename(tmp_path / file.name)
    (tmp_path / "samples" / "other").symlink_to(tmp_path)
    assert history.paths() == ("look",)


def test_a_list_of_arrays_without_end_is_not_read(tmp_path: Path) -> None:
    history = SampleHistory(tmp_path / "samples")
    history.keep("look", 5, 0, pictures())
    with zipfile.ZipFile(tmp_path / "samples" / "look" / "000000005.npz", "a") as archive:
        for number in range(400):
            archive.writestr(f"{number}.npy", b"")
    with pytest.raises(HistoryError, match=r"Received: a list of arrays of [\d,]+ bytes."):
        history.load("look", 5)


def test_levels_count_as_the_numbers_they_become(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = SampleHistory(tmp_path / "samples")
    history.keep("look", 5, 0, {"samples": np.zeros((4, 1, 50, 50), np.float32)})
    monkeypatch.setattr("engine.sample.history.LARGEST", 39_000)
    with pytest.raises(HistoryError, match=r"Received: 40,\d+ bytes."):
        history.load("look", 5)


def test_reading_needs_no_torch() -> None:
    import subprocess
    import sys

    code = "import sys, engine.sample.history, engine.sample.export; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
