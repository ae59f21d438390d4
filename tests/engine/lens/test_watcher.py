"""How often a run looks: samplers go on call by call, within the budget, and lenses keep their turn."""

from __future__ import annotations

from time import perf_counter

import pytest
import torch

from engine.compile import compile  # noqa: A004
from engine.feed.sources import Sources
from engine.lens import watcher as module
from engine.lens.evaluate import Looked
from engine.lens.feeds import Feeds
from engine.lens.watcher import Watcher
from engine.messages.events import LensFrame, Warned
from engine.messages.lens_request import LensRequest
from engine.sample.samplers import Samplers
from tests.engine.sample.drawings import diffusion

SAMPLES, MAPS = LensRequest("samples", "draw"), LensRequest("feature_maps", "hidden")


def watching(*requests: LensRequest) -> Watcher:
    plan = compile(diffusion({"steps": 10}))
    sources = Sources(plan)
    found = Watcher(plan, Samplers(plan, sources))
    found.pin(Feeds(sources.sample(0), {}, sources.held))
    found.watch(frozenset(requests))
    return found


def test_a_long_loop_goes_on_one_call_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 0.0)
    watcher = watching(SAMPLES)
    frames = [watcher.look(step) for step in range(11)]
    assert [len(found) for found in frames] == [0] * 10 + [1]
    frame = frames[-1][0]
    assert isinstance(frame, LensFrame)
    assert frame.step == 0, "the samples are those of the weights at the beginning"


def test_what_a_slice_costs_is_waited_for() -> None:
    watcher = watching(SAMPLES)
    shares = []
    for _ in range(5):
        start = perf_counter()
        watcher.look(1)
        cost = perf_counter() - start
        assert watcher.due - start >= 1 / module.RATE
        shares.append(cost / (watcher.due - start))
    assert min(shares) < module.SHARE / 0.9


def test_steps_that_are_queued_on_the_device_are_no_part_of_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a device with many of them would be looked at ever more rarely."""
    watcher, clock, queued = watching(MAPS), [100.0], [50.0]

    def drain(*_: object) -> Looked:
        clock[0] += queued[0]
        queued[0] = 0.0
        return Looked()

    monkeypatch.setattr(module, "drain", drain)
    monkeypatch.setattr(module, "look", drain)  # which fetches values, and so waits for what is queued
    monkeypatch.setattr(module, "perf_counter", lambda: clock[0])
    watcher.look(1)
    assert watcher.due - clock[0] == pytest.approx(1 / module.RATE)


def test_samplers_and_lenses_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 1e9)
    watcher = watching(SAMPLES, MAPS)
    kinds = [event.lens for _ in range(6) for event in watcher.look(1) if isinstance(event, LensFrame)]
    assert kinds == ["feature_maps", "samples"] * 3 or kinds == ["samples", "feature_maps"] * 3


def test_a_run_that_rests_draws_to_the_end_unless_something_is_ordered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SLICE", 0.0)
    watcher = watching(SAMPLES, MAPS)
    watcher.look(1), watcher.look(1)
    with torch.no_grad():
        interrupted = watcher.look_long(2, lambda: True)
    assert [event.lens for event in interrupted if isinstance(event, LensFrame)] == ["feature_maps"]
    assert watcher.due == 0.0, "it goes on as soon as it may"
    whole = watcher.look_long(2, lambda: False)
    frames = {event.lens: event for event in whole if isinstance(event, LensFrame)}
    assert set(frames) == {"feature_maps", "samples"}
    assert frames["samples"].step == 2


def test_what_is_not_watched_any_more_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 0.0)
    watcher = watching(SAMPLES)
    watcher.look(1)
    watcher.watch(frozenset({MAPS}))
    found = [event.lens for _ in range(15) for event in watcher.look(2) if isinstance(event, LensFrame)]
    assert set(found) == {"feature_maps"}
    watcher.watch(frozenset())
    assert watcher.due == float("inf")


def test_a_sampler_that_failed_elsewhere_is_passed_over() -> None:
    plan = compile(diffusion())
    samplers = Samplers(plan, Sources(plan))
    watcher = Watcher(plan, samplers)
    watcher.watch(frozenset({SAMPLES}))
    assert (
        samplers.leave_out("draw", RuntimeError("no room")) == "draw is left out: Diffusion sampler: no room"
    )
    assert watcher.look(1) == []
    assert watcher.look(2) == []


def test_drawing_at_once_takes_other_values_and_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 1e9)
    watcher = watching(SAMPLES)
    (frame,) = watcher.draw_now(7, "draw", {"count": 5}, lambda: False)
    assert isinstance(frame, LensFrame)
    assert (frame.step, len(frame.arrays["samples"])) == (7, 5)
    (later,) = watcher.look(8)
    assert isinstance(later, LensFrame)
    assert len(later.arrays["samples"]) == 5
    assert not watcher.is_watched("draw"), "what the run keeps is drawn as its drawing says"
    assert watcher.draw_now(9, "draw", {}, lambda: True) == [], "it was interrupted"
    (refused,) = watcher.draw_now(9, "draw", {"count": -1}, lambda: False)
    assert isinstance(refused, Warned)
    assert "count" in refused.message
    (unfit,) = watcher.draw_now(9, "draw", {"classes": (7.0,)}, lambda: False)
    assert isinstance(unfit, Warned)
    assert unfit.message.startswith("draw: Diffusion sampler: Expected classes from 0 to 1.")
    (back,) = watcher.draw_now(9, "draw", {}, lambda: False)
    assert isinstance(back, LensFrame)
    assert len(back.arrays["samples"]) == 32
    (missing,) = watcher.draw_now(9, "nobody", {}, lambda: False)
    assert isinstance(missing, Warned)
