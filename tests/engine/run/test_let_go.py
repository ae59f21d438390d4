"""A run or preview that nobody holds is gone at once: its tensors wait for no collection of circles."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.document.project import Project
from engine.lens.preview import Preview
from engine.messages.lens_request import LensRequest
from engine.run.run import Run
from tests.drawings import gan, mlp
from tests.nodes.devices.test_bounded import doubled


@pytest.fixture(autouse=True)
def no_collections() -> None:
    gc.collect()
    assert not gc.isenabled()


DRAWINGS: dict[str, Callable[[], Project]] = {
    "mlp": lambda: mlp("digits", 8),
    "gan": gan,
    "diverges": doubled,
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_dropped_run_is_gone(name: str, tmp_path: Path) -> None:
    run = Run(DRAWINGS[name](), device="cpu", steps=3, folder=tmp_path / "run")
    finished = run.execute(lambda event: None)
    assert finished.reason == ("diverged" if name == "diverges" else "completed"), finished.message
    assert run.plan is not None
    kept = [weakref.ref(weight) for weight in run.plan.model.parameters()]
    del run
    assert kept
    assert not any(weight() is not None for weight in kept)


def test_what_trains_goes_with_the_end_of_the_run() -> None:
    run, held = Run(mlp("digits", 8), device="cpu", steps=3), []
    plain = run.loop_kind

    def kept(*given: object) -> object:
        loop = plain(*given)
        held.extend(weakref.ref(part) for part in (loop.stepper, loop.sources, loop.best_weights))
        return loop

    run.loop_kind = kept  # type: ignore[assignment]
    run.execute(lambda event: None)
    assert len(held) == 3
    assert not any(part() is not None for part in held)
    assert run.plan is not None
    assert run.finished is not None
    assert run.finished.step == 3


def test_a_dropped_preview_is_gone() -> None:
    project = gan()
    preview = Preview(project)
    preview.look([LensRequest("feature_maps", path) for path in project.main.nodes])
    kept = [weakref.ref(weight) for weight in preview.plan.model.parameters()]
    preview.close()
    del preview
    assert kept
    assert not any(weight() is not None for weight in kept)
