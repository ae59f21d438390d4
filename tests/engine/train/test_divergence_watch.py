"""What is said of objectives that pull against each other: each thing once, with a reason, and nothing of
healthy ones."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import torch

from engine.compile import compile  # noqa: A004
from engine.document.project import Project
from engine.feed.sources import Sources
from engine.messages.events import Event, Warned
from engine.run.run import Run
from engine.train.divergence import watch as module
from engine.train.divergence.watch import DivergenceWatch, watch_of
from tests.drawings import convnet, gan, lstm
from tests.resuming import dcgan

Course = Callable[[int], tuple[float, float]]


def told(course: Course, steps: int = 6000) -> list[tuple[int, str]]:
    """What is said of the losses of `a` and `b` along this course, in reports of different lengths."""
    watch, chance, done, found = DivergenceWatch([("a", "b")], []), random.Random(0), 0, []
    while done < steps:
        count = min(chance.randint(1, 90), steps - done)
        rows = [course(step) for step in range(done, done + count)]
        found += watch.observe(done, {"a": [row[0] for row in rows], "b": [row[1] for row in rows]})
        done += count
    return found


def noisy(level: float, seed: int = 0) -> Callable[[], float]:
    chance = random.Random(seed)
    return lambda: level * chance.uniform(0.9, 1.1)


def test_one_that_wins_is_told_once_with_both_names_and_advice() -> None:
    noise = noisy(1.0)

    def course(step: int) -> tuple[float, float]:
        share = min(step / 2000, 1.0)
        return (1.39 * (1 - share) + 0.01) * noise(), (0.69 + 5 * share) * noise()

    ((step, text),) = told(course)
    assert 1500 < step < 3000
    assert text.startswith("a has won against b: its loss fell to ")
    assert "Lower the learning rate of a, let b act more often" in text


N = noisy(1.0)


@pytest.mark.parametrize(
    "course",
    [
        lambda step: (1.386 * N(), 0.693 * N()),  # in balance
        lambda step: (0.3 * N() + 1 / (1 + step / 300), 3.0 * N()),  # uneven, both go on
        lambda step: (-5.0 * N() * min(step / 500, 1), 4.0 * N()),  # estimates below zero
        lambda step: (1.0 / (1 + step / 50) * N(), 1.0 / (1 + step / 50) * N()),  # both fall
    ],
    ids=["balance", "uneven", "estimates", "together"],
)
def test_healthy_courses_are_left_alone(course: Course) -> None:
    assert told(course) == []


def test_two_that_stand_still_are_told_once() -> None:
    ((step, text),) = told(lambda step: (1.0, 7.0))
    assert step == module.WINDOW * module.FLAT_WINDOWS
    assert text.startswith("a and b stand still: neither loss has moved in 4,000 steps.")


class Made:
    """What is made varies so much against the data."""

    name = "made"

    def __init__(self, share: float) -> None:
        self.share = share

    def measure(self) -> float:
        return self.share


@pytest.mark.parametrize(
    ("moves", "share", "warned"),
    [(True, 0.9, False), (True, 0.2, True), (False, 0.9, True)],
    ids=["in balance", "made of one kind", "never moved"],
)
def test_a_pair_in_balance_has_moved_and_makes_what_varies(moves: bool, share: float, warned: bool) -> None:
    watch = DivergenceWatch([("a", "b")], [Made(share)])  # type: ignore[list-item]
    found = []
    for done in range(0, 8000, 500):
        falling = [1.0 + moves * max(0.0, 1 - step / 2000) for step in range(done, done + 500)]
        found += watch.observe(done, {"a": falling, "b": [0.7] * 500}) + watch.look(done + 500)
    assert any("stand still" in text for _, text in found) is warned


def test_one_that_acts_seldom_is_measured_where_it_acts() -> None:
    nan = float("nan")
    noise = noisy(1.0)
    assert told(lambda step: (1.0 * noise(), 1.0 * noise() if step % 5 == 4 else nan)) == []
    assert told(lambda step: (1.0, 1.0 if step % 5 == 4 else nan))


def test_what_was_seen_goes_on_in_a_resumed_run() -> None:
    noise = noisy(1.0)
    rows = [
        (1.39 * max(1 - step / 700, 0.005) * noise(), (0.69 + step / 300) * noise()) for step in range(3000)
    ]
    whole = DivergenceWatch([("a", "b")], [])
    expected = whole.observe(0, {"a": [row[0] for row in rows], "b": [row[1] for row in rows]})
    assert expected
    first = DivergenceWatch([("a", "b")], [])
    found = first.observe(0, {"a": [row[0] for row in rows[:777]], "b": [row[1] for row in rows[:777]]})
    second = DivergenceWatch([("a", "b")], [])
    second.resume(json.loads(json.dumps(first.state())))
    found += second.observe(777, {"a": [row[0] for row in rows[777:]], "b": [row[1] for row in rows[777:]]})
    assert found == expected
    assert json.dumps(second.state()) == json.dumps(whole.state())


# In drawings ----------------------------------------------------------------------------------------------


def watched(project: Project) -> tuple[DivergenceWatch | None, Sources, Any]:
    plan = compile(project, "cpu", seed=0)
    sources = Sources(plan)
    return watch_of(plan, sources), sources, plan


@pytest.mark.parametrize("project", [convnet("digits"), lstm(8)], ids=["classifier", "series"])
def test_a_drawing_with_one_goal_is_not_watched(project: Project) -> None:
    watch, sources, _ = watched(project)
    assert watch is None
    sources.close()


@pytest.mark.parametrize("project", [gan(), dcgan()], ids=["points", "pictures"])
def test_what_is_made_is_found_in_the_drawing_and_measured_against_the_data(project: Project) -> None:
    watch, sources, plan = watched(project)
    assert watch is not None
    (pair,), (spread,) = watch._pairs, watch._spreads
    assert set(pair.paths) == {"judging", "making"}
    assert spread.name.startswith("make.")
    before = torch.get_rng_state()
    assert 0.001 < spread.measure() < 3.0
    assert torch.equal(torch.get_rng_state(), before)
    assert spread.measure() == spread.measure()
    with torch.no_grad():
        for name, weight in plan.model.named_parameters():
            if name.startswith(("make.", "maker.")) and name.endswith("weight"):
                weight.zero_()
    assert spread.measure() < 0.01
    assert [watch.look(step) for step in (1500, 2000)] == [[], []]
    ((step, text),) = watch.look(2500)
    assert step == 2500
    assert "looks nearly alike" in text
    assert watch.look(3000) == []
    sources.close()


def changed(project: Project, node: str, **params: Any) -> Project:
    nodes = dict(project.main.nodes)
    nodes[node] = msgspec.structs.replace(nodes[node], params={**nodes[node].params, **params})
    main = msgspec.structs.replace(project.main, nodes=nodes)
    return msgspec.structs.replace(project, graphs={**project.graphs, "main": main})


def said(project: Project, steps: int) -> list[str]:
    events: list[Event] = []
    assert Run(project, steps=steps).execute(events.append).status == "completed"
    return [event.message for event in events if isinstance(event, Warned)]


def test_a_run_warns_of_what_it_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_STEPS", 100)
    monkeypatch.setattr(module, "PATIENT_STEPS", 200)
    (collapsed,) = said(changed(gan(), "making", learning_rate=0.0), 500)
    assert "(mode collapse)" in collapsed
    assert said(gan(), 500) == []
