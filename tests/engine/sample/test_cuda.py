"""Samplers on a CUDA device: they draw there, and training does not feel them."""

from __future__ import annotations

import pytest
import torch

from engine.messages.commands import Watch
from engine.messages.lens_request import LensRequest
from engine.run.run import Run
from tests.engine.sample.drawings import characters, diffusion, points

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


@pytest.mark.parametrize(("make", "name"), [(points, "look"), (diffusion, "draw"), (characters, "write")])
def test_samples_are_drawn_and_the_weights_left_alone(
    make: object, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.lens.watcher.RATE", 1e9)
    monkeypatch.setattr("engine.lens.watcher.SHARE", 1e9)
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", True)
    states = []
    for requests in (frozenset(), frozenset({LensRequest("samples", name)})):
        run = Run(make(), device="cuda", steps=20)  # type: ignore[operator]
        run.send(Watch(tuple(requests)))
        assert run.execute(lambda _: None).status == "completed"
        assert run.samples.steps(name)[0] == 0
        assert run.plan is not None
        states.append(run.plan.model.state_dict())
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
