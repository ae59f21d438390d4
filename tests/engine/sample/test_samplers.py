"""Samplers in the engine: what they draw is what the modules make, and training does not feel them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.compile import compile  # noqa: A004
from engine.document.project import Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.infer import infer
from engine.lens.preview import preview
from engine.messages.commands import StepOnce, Stop, Watch
from engine.messages.events import Event, LensFrame, Progress, Warned
from engine.messages.lens_request import LensRequest
from engine.run.run import Run
from engine.sample.history import SampleHistory
from engine.sample.sample_keeping import Keeping
from engine.sample.samplers import Samplers
from nodes.modules.sampler import arc
from nodes.spec import LayerError
from tests.drawings import wire
from tests.engine.sample.drawings import characters, decoder, diffusion, points, with_node


def opened(project: Project, averages: Any = dict) -> tuple[Any, Sources, Samplers]:
    plan = compile(project)
    sources = Sources(plan)
    return plan, sources, Samplers(plan, sources, averages)


def test_fixed_samples_are_what_the_modules_make_of_the_same_noise() -> None:
    plan, sources, samplers = opened(points(count=20, seed=3))
    drawn = samplers.draw("look")
    assert drawn is not None
    values = sources.pinned(20, 3)
    x = values[FlatEnd("noise", "output")]
    plan.eval()
    for path in ("make.linear1", "make.relu1", "make.linear2"):
        x = plan.modules[path](x)
    assert np.array_equal(drawn["samples"], x.detach().numpy())
    assert np.array_equal(drawn["real"], values[FlatEnd("data", "input")].numpy())


def test_the_same_noise_is_drawn_every_time_and_another_with_another_seed() -> None:
    _, _, samplers = opened(points(count=8))
    first, again = samplers.draw("look"), samplers.draw("look")
    other = samplers.start("look", {"seed": 9, "count": 5}).finish()
    assert first is not None
    assert again is not None
    assert other is not None
    assert np.array_equal(first["samples"], again["samples"])
    assert other["samples"].shape == (5, 2)
    assert not np.array_equal(first["samples"][:5], other["samples"])


def test_a_walk_passes_its_points_and_comes_back() -> None:
    plan, sources, samplers = opened(decoder(count=2, legs=3, steps=5, seed=1))
    drawn = samplers.draw("walk")
    assert drawn is not None
    assert drawn["trail"].shape == (15, 2, 2)
    assert np.array_equal(drawn["samples"].reshape(2, 15, 2).swapaxes(0, 1), drawn["trail"])
    x = sources.pinned(6, 1)[FlatEnd("noise", "output")]
    plan.eval()
    for path in ("make.linear1", "make.relu1", "make.linear2"):
        x = plan.modules[path](x)
    ends = x.detach().numpy().reshape(2, 3, 2)
    assert np.allclose(drawn["trail"][::5].swapaxes(0, 1), ends, atol=1e-6)


def test_an_arc_keeps_the_length_that_a_line_loses() -> None:
    a, b = torch.tensor([[2.0, 0.0], [1.0, 0.0]]), torch.tensor([[0.0, 2.0], [1.0, 0.0]])
    half = arc(a, b, 0.5)
    assert torch.allclose(half, torch.tensor([[2**0.5, 2**0.5], [1.0, 0.0]]))
    assert torch.allclose(arc(a, b, 0.0), a)
    assert torch.allclose(arc(a, b, 1.0), b)


def weights_after(project: Project, requests: frozenset[LensRequest]) -> tuple[dict[str, Any], list[Event]]:
    events: list[Event] = []
    run = Run(project, steps=40, seed=2)
    run.send(Watch(tuple(requests)))
    finished = run.execute(events.append)
    assert finished.status == "completed", finished.message
    assert run.plan is not None
    return dict(run.plan.model.state_dict()), events


@pytest.mark.parametrize(("make", "name"), [(points, "look"), (diffusion, "draw"), (characters, "write")])
def test_training_is_bit_identical_with_samplers_on_and_off(
    make: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.lens.watcher.RATE", 1e9)  # draw as often as it can
    monkeypatch.setattr("engine.lens.watcher.SHARE", 1e9)
    project = make()
    watched, events = weights_after(project, frozenset({LensRequest("samples", name)}))
    del project.main.nodes[name]
    bare = Project(
        graphs={
            **project.graphs,
            "main": type(project.main)(
                project.main.nodes,
                tuple(one for one in project.main.wires if one.target.node != name),
            ),
        },
        settings=project.settings,
    )
    plain, none = weights_after(bare, frozenset())
    assert sum(isinstance(event, LensFrame) for event in events) > 2
    assert not any(isinstance(event, LensFrame) for event in none)
    assert plain.keys() == watched.keys()
    assert all(torch.equal(plain[key], watched[key]) for key in plain)
    losses = [
        [loss for event in found if isinstance(event, Progress) for loss in next(iter(event.losses.values()))]
        for found in (events, none)
    ]
    assert np.array_equal(losses[0], losses[1], equal_nan=True)


def test_a_long_loop_goes_on_with_the_weights_of_its_beginning() -> None:
    plan, _, samplers = opened(diffusion())
    whole = samplers.draw("draw")
    drawing = samplers.start("draw")
    drawing.advance()
    with torch.no_grad():
        for parameter in plan.model.parameters():
            parameter.add_(1.0)
    sliced = drawing.finish()
    assert whole is not None
    assert sliced is not None
    assert np.array_equal(whole["samples"], sliced["samples"])
    changed = samplers.draw("draw")
    assert changed is not None
    assert not np.array_equal(whole["samples"], changed["samples"])


def test_the_running_mean_is_used_where_there_is_one_unless_told_otherwise() -> None:
    for average, expected in ((True, 5.0), (False, None)):
        means: dict[str, torch.Tensor] = {}
        plan, _, samplers = opened(points(count=4, average=average), lambda means=means: means)
        before = samplers.draw("look")
        weights = dict(plan.model.named_parameters())
        means["maker.linear2.weight"] = torch.zeros_like(weights["maker.linear2.weight"])
        means["maker.linear2.bias"] = torch.full_like(weights["maker.linear2.bias"], 5.0)
        after = samplers.draw("look")
        assert before is not None
        assert after is not None
        assert np.array_equal(before["samples"], after["samples"]) is (expected is None)
        if expected is not None:
            assert (after["samples"] == expected).all()


def test_drawing_stops_before_the_next_call() -> None:
    _, _, samplers = opened(diffusion())
    asked = iter([False, False, True])
    drawing = samplers.start("draw")
    assert drawing.finish(lambda: next(asked)) is None
    assert drawing.arrays is None


def test_a_stopped_run_does_not_wait_for_a_sampler() -> None:
    run = Run(diffusion({"steps": 40, "count": 256}), epochs=50)

    def stop(event: Event) -> None:
        if isinstance(event, Progress):
            run.send(Stop())

    finished = run.execute(stop)
    assert (finished.status, finished.step) == ("stopped", 1)
    assert run.samples.steps("draw") == []


def test_keeping_is_broken_off_between_two_calls_and_keeps_nothing_half_drawn() -> None:
    _, _, samplers = opened(diffusion())
    history = SampleHistory()
    asked = iter([False, False, False, True, True])
    assert list(Keeping(samplers, history).keep(0, 0, lambda: next(asked))) == []
    assert history.paths() == ()


def test_samples_are_kept_before_training_and_as_often_as_asked(tmp_path: Path) -> None:
    run = Run(points(count=6, keep=2), epochs=5, folder=tmp_path / "run")
    assert run.execute(lambda _: None).status == "completed"
    assert run.samples.paths() == ("look",)
    assert run.samples.steps("look") == [0, 14, 28]
    assert [int(run.samples.load("look", step)["epoch"]) for step in (0, 14, 28)] == [0, 2, 4]
    assert (tmp_path / "run" / "samples" / "look" / "000000014.npz").is_file()
    without = Run(points(keep=0), epochs=1)
    without.execute(lambda _: None)
    assert without.samples.paths() == ()


def test_a_wrongly_wired_sampler_is_named_and_left_out_of_the_run() -> None:
    project = diffusion()
    main = project.main
    wires = tuple(one for one in main.wires if one.target.node != "draw" or one.target.port != "step")
    wrong = Project(
        graphs={"main": type(main)(main.nodes, (*wires, wire("data.target -> draw.step")))},
        settings=project.settings,
    )
    problems = infer(wrong).problems
    assert [(problem.path, problem.port, problem.severity) for problem in problems] == [
        ("draw", "step", "warning")
    ]
    assert problems[0].message == (
        "Diffusion sampler: Expected a wire from 'step' of a Diffuse at 'step'. "
        "Received 'target' of data, a Data set."
    )
    events: list[Event] = []
    finished = Run(wrong, steps=2).execute(events.append)
    assert finished.status == "completed"
    warned = [event.message for event in events if isinstance(event, Warned)]
    assert len(warned) == 1
    assert warned[0].startswith("draw is left out: Diffusion sampler: Expected a wire from 'step'")


def test_a_result_that_does_not_hang_on_the_fed_values_is_refused() -> None:
    project = with_node(
        points(), ("walk", "latent_walk"), "noise -> walk.latent", "data.input -> walk.result"
    )
    assert [problem.message for problem in infer(project).problems] == [
        "Latent walk: Expected a value at 'result' that is made of 'latent'. "
        "Received 'input' of data, which is not."
    ]


def test_a_sampler_that_fails_is_told_once_and_the_run_goes_on() -> None:
    events: list[Event] = []
    run = Run(characters({"prompt": "日"}), epochs=2)
    run.send(Watch(tuple(frozenset({LensRequest("samples", "write")}))))
    assert run.execute(events.append).status == "completed"
    warned = [event.message for event in events if isinstance(event, Warned)]
    assert warned == [
        "write is left out: Generate text: Expected a prompt of characters that the text has. Received '日'."
    ]


def test_a_drawing_that_is_not_training_shows_samples_and_draws_no_random_number() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    frame = preview(diffusion(), [LensRequest("samples", "draw"), LensRequest("feature_maps", "hidden")])
    assert [one.lens for one in frame] == ["feature_maps", "samples"]
    assert frame[1].arrays["samples"].shape == (32, 2)
    assert frame[1].arrays["trail"].shape == (11, 32, 2)
    assert frame[1].arrays["label"].tolist() == [0, 1] * 16
    assert torch.equal(before, torch.get_rng_state())


def test_a_paused_run_shows_samples_of_the_step_at_which_it_rests() -> None:
    run = Run(diffusion(), epochs=1000)
    run.send(Watch(tuple(frozenset({LensRequest("samples", "draw")}))))
    run.send(StepOnce())
    run.start()
    try:
        frame = _frame(run, 1)
        run.send(StepOnce())
        later = _frame(run, 2)
        assert not np.array_equal(frame.arrays["samples"], later.arrays["samples"])
    finally:
        run.send(Stop())
        assert run.join(20)


def _frame(run: Run, step: int) -> LensFrame:
    import time

    end = time.monotonic() + 20
    while time.monotonic() < end:
        for event in run.mailbox.drain():
            if isinstance(event, LensFrame) and event.step == step:
                return event
        time.sleep(0.01)
    raise AssertionError(f"no samples of step {step}")


def test_text_begins_with_the_prompt_and_has_its_length() -> None:
    _, _, samplers = opened(characters({"prompt": "Call me ", "length": 30, "temperature": 1.0}))
    drawn = samplers.draw("write")
    assert drawn is not None
    texts = drawn["text"].tolist()
    assert all(text.startswith("Call me ") and len(text) == 38 for text in texts)
    assert len(set(texts)) == 3
    sure = samplers.start("write", {"temperature": 0.0, "count": 2}).finish()
    assert sure is not None
    assert sure["text"][0] == sure["text"][1]


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_scores_that_are_no_numbers_are_no_text(temperature: float) -> None:
    plan, _, samplers = opened(characters({"temperature": temperature, "length": 3}))
    with torch.no_grad():
        for weight in plan.model.parameters():
            weight.fill_(torch.nan)
    with pytest.raises(LayerError, match="Expected scores that are numbers"):
        samplers.draw("write")


def test_the_first_loss_is_told_before_samples_are_drawn_of_the_weights_before_it() -> None:
    events: list[Event] = []
    project = diffusion()
    run = Run(project, steps=3, seed=4)
    run.send(Watch(tuple(frozenset({LensRequest("samples", "draw")}))))
    run.execute(events.append)
    kinds = [type(event) for event in events if isinstance(event, Progress | LensFrame)]
    assert kinds[0] is Progress
    plan = compile(project, seed=4)
    untrained = Samplers(plan, Sources(plan)).draw("draw")
    kept = run.samples.load("draw", 0)
    assert untrained is not None
    assert np.array_equal(kept["samples"], untrained["samples"])


def test_another_evaluation_makes_one_under_way_stale() -> None:
    _, _, samplers = opened(diffusion())
    drawing = samplers.start("draw")
    drawing.advance()
    assert not drawing.is_stale
    samplers.draw("draw")
    assert drawing.is_stale
