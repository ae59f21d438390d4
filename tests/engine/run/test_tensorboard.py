"""TensorBoard event files, read back by TensorBoard itself."""

from __future__ import annotations

import errno
import sys
import warnings
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.document.project import Project
from engine.messages.commands import Stop
from engine.messages.events import Event, Finished, Progress, Validated
from engine.run import files
from engine.run.run import Run
from engine.run.tensorboard import EventLog, stride
from engine.runs.lock import is_held
from engine.runs.record import record_of
from engine.sample.history import SampleHistory
from tests.drawings import mlp, with_settings


def logged(**settings: object) -> Project:
    return with_settings(mlp("digits", hidden=16), tensorboard=True, **settings)


def read(folder: Path) -> Any:
    with warnings.catch_warnings():  # of packages that TensorBoard imports
        warnings.simplefilter("ignore")
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        found = EventAccumulator(str(folder / "tensorboard"), size_guidance={"scalars": 0, "images": 0})
        found.Reload()
    return found


def series(found: Any, tag: str) -> dict[int, float]:
    events = found.Scalars(tag)
    steps = [event.step for event in events]
    assert steps == sorted(set(steps)), "every step once, in order"
    return {event.step: event.value for event in events}


def losses(events: list[Event]) -> dict[int, float]:
    told = [event for event in events if isinstance(event, Progress)]
    return {s: v for e in told for s, v in zip(e.steps, e.losses["objective"], strict=True)}


def test_tensorboard_reads_what_the_run_told(tmp_path: Path) -> None:
    events: list[Event] = []
    Run(logged(epochs=2), folder=tmp_path / "r").execute(events.append)
    found = read(tmp_path / "r")
    assert series(found, "loss/objective") == pytest.approx(losses(events), rel=1e-6)
    validated = [event for event in events if isinstance(event, Validated)]
    assert series(found, "validation/objective") == pytest.approx(
        {event.step: event.losses["objective"] for event in validated}, rel=1e-6
    )
    assert series(found, "metric/accuracy") == pytest.approx(
        {event.step: event.metrics["accuracy"] for event in validated}, rel=1e-6
    )
    assert list(series(found, "rate/objective").values())[:2] == pytest.approx([1e-3, 1e-3])
    assert series(found, "training/accuracy")


def test_a_run_that_goes_on_goes_on_in_its_log(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    first = Run(logged(epochs=50), folder=folder)
    events: list[Event] = []

    def told(event: Event) -> None:
        events.append(event)
        if isinstance(event, Validated) and event.epoch == 2:
            first.send(Stop())

    first.execute(told)
    log = EventLog(folder)  # what a killed run had written beyond its last checkpoint
    done = max(losses(events))
    log.record(msgspec.structs.replace(_progress(events), steps=[done + 1], losses={"objective": [99.0]}))
    log.close()
    more: list[Event] = []
    last = folder / "checkpoints" / "last.safetensors"
    Run(logged(epochs=50), folder=folder, resume=last, epochs=4).execute(more.append)
    expected = {**losses(events), **losses(more)}
    assert series(read(folder), "loss/objective") == pytest.approx(expected, rel=1e-6)
    assert max(expected) > done


def _progress(events: list[Event]) -> Progress:
    return next(event for event in events if isinstance(event, Progress))


def test_without_the_package_a_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    finished = Run(logged(epochs=1), folder=tmp_path / "r").execute(lambda _event: None)
    assert finished.status == "failed"
    assert "pip install 'layerloom[tensorboard]'" in finished.message
    assert not (tmp_path / "r" / "run.json").exists()


def test_long_runs_are_thinned() -> None:
    steps = [1]
    while steps[-1] < 300_000:
        steps.append(steps[-1] + stride(steps[-1]))
    assert len(steps) < 25_000
    assert steps[9_998] == 9_999


def test_kept_samples_that_are_pictures_are_shown(tmp_path: Path) -> None:
    history = SampleHistory(tmp_path / "samples")
    pictures = np.random.default_rng(0).random((4, 1, 8, 8)).astype(np.float32)
    history.keep("sampler", 0, 0, {"samples": pictures})
    history.keep("writer", 0, 0, {"text": np.array(["a text is no picture"])})
    log = EventLog(tmp_path)
    log.record(Validated(10, 1, {"objective": 0.5}, {}))
    history.keep("sampler", 10, 1, {"samples": pictures})
    log.record(Finished("completed", 10, 1, 1.0, {}))
    log.close()
    found = read(tmp_path)
    assert found.Tags()["images"] == ["samples/sampler"]
    shown = found.Images("samples/sampler")
    assert [image.step for image in shown] == [0, 10]
    assert shown[0].encoded_image_string.startswith(b"\x89PNG")
    assert shown[0].width >= 16


def test_a_disk_that_is_full_ends_the_run_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tensorboardX.record_writer import RecordWriter

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def filled(_event: Event) -> None:
        for name in ("write", "flush", "close"):
            monkeypatch.setattr(RecordWriter, name, full)

    opened: list[RecordWriter] = []
    made = RecordWriter.__init__
    monkeypatch.setattr(
        RecordWriter, "__init__", lambda self, path: (made(self, path), opened.append(self))[0]
    )
    finished = Run(logged(epochs=50), folder=tmp_path / "r").execute(filled)
    for writer in opened:
        writer._writer.close()
    assert (finished.status, finished.message[:18]) == ("failed", "The disk is full: ")
    assert record_of(tmp_path / "r").status == "failed"


def test_a_log_that_cannot_be_opened_leaves_the_run_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "EventLog", full)
    finished = Run(logged(epochs=50), folder=tmp_path / "r").execute(lambda event: None)
    assert (finished.status, finished.message[:18]) == ("failed", "The disk is full: ")
    assert not is_held(tmp_path / "r")
