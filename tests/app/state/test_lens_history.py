"""What lenses have shown: bounded, thinned evenly, found by its step."""

from __future__ import annotations

import time

import numpy as np

from app.state.looks.lens_history import MOST_FRAMES, LensHistory, SeenMoment
from engine.document.project import Project
from engine.messages.events import LensFrame

PROJECT = Project()


def moment(step: int, size: int = 10) -> SeenMoment:
    return SeenMoment(LensFrame(step, "maps", "conv1", {"a": np.zeros(size, np.uint8)}), PROJECT)


def steps(history: LensHistory, key: str = "a") -> list[int]:
    return [one.frame.step for one in history.course(key)]


def test_the_nearest_frame_is_found_and_one_of_a_step_is_kept():
    history = LensHistory()
    assert history.nearest("a", 3) is None
    for step in (10, 0, 20, 10):
        history.add("a", moment(step))
    assert steps(history) == [0, 10, 20]
    assert [history.nearest("a", at).frame.step for at in (-5, 4, 5, 6, 16, 99)] == [0, 0, 0, 10, 20, 20]
    assert history.bytes == 30


def test_a_long_course_is_thinned_evenly_and_keeps_its_ends():
    history = LensHistory()
    for step in range(5000):
        history.add("a", moment(step))
    kept = steps(history)
    assert len(kept) == MOST_FRAMES
    assert (kept[0], kept[-1]) == (0, 4999)
    gaps = np.diff(kept)
    assert gaps.max() <= 4 * np.median(gaps)


def test_the_bytes_of_all_courses_are_bounded_and_the_newest_stays():
    history = LensHistory(most_bytes=10_000)
    for step in range(300):
        for key in ("a", "b"):
            history.add(key, moment(step, 400))
        history.add("small", moment(step))
    assert history.bytes <= 10_000
    assert all(steps(history, key)[-1] == 299 for key in ("a", "b", "small"))
    assert len(steps(history, "small")) > len(steps(history, "a")), "the largest give way"


def test_keeping_a_frame_costs_little():
    history = LensHistory(most_bytes=1_000_000)
    begun = time.perf_counter()
    for step in range(1000):
        for key in range(20):
            history.add(key, moment(step, 2000))
    assert (time.perf_counter() - begun) / 20_000 < 0.001
