"""What else a run in its own process does: it draws, goes on, obeys a window, is killed and resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app import __main__ as cmd
from app.state import warmup
from engine.document import edits
from engine.document.storage import gallery
from engine.messages.commands import Draw, StepOnce, Stop
from engine.messages.events import LensFrame, Paused, Progress, Validated
from engine.messages.lens_request import LensRequest
from engine.run.follow import Follower
from engine.run.process import ProcessRun
from engine.run.run import Run
from tests import ROOT
from tests.app.cli.test_cli import ENVIRONMENT
from tests.drawings import with_settings
from tests.engine.run.test_process import ENDLESS, Watched, executed, outlives_the_window, small
from tests.engine.sample.drawings import points


def test_samplers_of_another_process_draw_when_they_are_told(
    tmp_path: Path, watch: Callable[[ProcessRun], Watched]
) -> None:
    run = ProcessRun(with_settings(points(count=8)), folder=tmp_path / "r", epochs=ENDLESS)
    run.send(StepOnce())
    watched = watch(run)
    watched.until(lambda: bool(watched.of(Paused)))
    run.send(Draw("look", {"count": 3}))
    watched.until(lambda: bool(watched.of(LensFrame)))
    frame = watched.of(LensFrame)[0]
    assert frame.arrays["samples"].shape == (3, 2)  # type: ignore[attr-defined]
    run.send(Stop())
    assert watched.ended().status == "stopped"


def test_a_run_goes_on_in_its_own_process(tmp_path: Path, watch: Callable[[ProcessRun], Watched]) -> None:
    folder, whole = tmp_path / "r", tmp_path / "whole"
    first = Run(
        small(epochs=4), folder=folder, seed=5
    )  # another than the drawing's, which is not asked again
    first.execute(
        lambda event: first.send(Stop()) if isinstance(event, Validated) and event.epoch == 2 else None
    )
    assert first.finished is not None
    done = first.finished.step
    last = folder / "checkpoints" / "last.safetensors"
    watched = watch(ProcessRun(small(epochs=4), folder=folder, resume=last))
    end = watched.ended()
    assert end.status == "completed"
    assert sorted(watched.losses()) == list(range(done + 1, end.step + 1)), (
        "what came before is not told again"
    )
    told = executed(Run(small(epochs=4), folder=whole, seed=5))
    assert end.metrics == told[-1].metrics  # type: ignore[attr-defined]


def test_a_paused_run_outlives_the_window_only_to_stop(
    tmp_path: Path, watch: Callable[[Follower], Watched]
) -> None:
    outlives_the_window("paused", "stopped", tmp_path / "r", watch)


def test_commands_work_and_a_killed_run_leaves_the_window(qtbot, isolated, controller, tmp_path):
    heard, notes = [], []
    controller.place = lambda: tmp_path / "r"
    controller.events.connect(heard.append)
    isolated.notified.connect(lambda message, kind: notes.append((message, kind)))
    node = next(node.id for node in isolated.project.main.nodes.values() if node.layer == "linear")
    controller.watch(controller, frozenset({LensRequest("kernels", node)}))
    controller.play()
    assert isinstance(controller.run, ProcessRun)
    qtbot.waitUntil(lambda: steps(heard) > 3, timeout=30_000)
    controller.pause()
    qtbot.waitUntil(lambda: controller.state == "paused", timeout=5_000)
    qtbot.waitUntil(lambda: ("kernels", node) in controller.frames, timeout=5_000)
    count = steps(heard)
    assert controller.progress.step == count
    controller.step()
    qtbot.waitUntil(lambda: steps(heard) == count + 1, timeout=5_000)
    controller.play()
    qtbot.waitUntil(lambda: steps(heard) > count + 100, timeout=10_000)
    os.kill(controller.run.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=5_000)
    assert controller.finished.status == "failed"
    assert any("killed (SIGKILL)" in message and kind == "bad" for message, kind in notes)
    assert not controller.is_active


@pytest.fixture
def isolated(session):
    warmup.load_engine()
    session.open(edits.set_settings(gallery.make("mlp-spiral"), epochs=100_000, run_in="process"), None)
    return session


@pytest.fixture
def spiral(tmp_path: Path) -> str:
    path = str(tmp_path / "s.loom")
    assert cmd.main(["new", "mlp-spiral", path]) == 0
    return path


def steps(heard: list[list]) -> int:
    return sum(len(e.steps) for events in heard for e in events if isinstance(e, Progress))


def test_a_killed_run_is_resumed_to_the_same_end(
    spiral: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "train", spiral, "--steps", "4000", "--json"],
        env=ENVIRONMENT,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    folder = Path(spiral).with_suffix(".runs")
    while not list(folder.glob("*/checkpoints/last.safetensors")):
        assert process.stdout.readline(), "it trains until a checkpoint is there"
    process.kill()
    process.wait()
    process.stdout.close()
    capsys.readouterr()
    assert cmd.main(["runs", spiral, "--json"]) == 0
    (killed,) = json.loads(capsys.readouterr().out)
    assert (killed["status"], killed["resumable"]) == ("interrupted", True)
    assert cmd.main(["resume", spiral, "--json"]) == 0
    resumed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (resumed[-1]["status"], resumed[-1]["step"]) == ("completed", 4000)
    assert cmd.main(["train", spiral, "--steps", "4000", "--json", "--run-dir", str(tmp_path / "whole")]) == 0
    whole = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert resumed[-1]["metrics"] == whole[-1]["metrics"]
