"""How far a reading is, passed on now and then: each stage at once, the rest no oftener than is shown."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.reading import progress
from nodes.reading.progress import MOST_STAGES, SHOWN_REST, NowAndThen


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_stages_are_told_at_once_and_percents_ten_times_a_second_at_most(monkeypatch) -> None:
    clock = _Clock()
    monkeypatch.setattr(progress, "monotonic", clock)
    heard: list[tuple[str, float | None]] = []
    told = NowAndThen(lambda what, share: heard.append((what, share)))
    for what in ("Reading a.csv", "Learning a.csv"):
        for step in range(1001):  # two seconds each
            told(what, step / 1000)
            clock.now += 0.002
    words = [what for what, _share in heard]
    assert heard[0] == ("Reading a.csv", 0.0)
    assert [share for what, share in heard if share in (0.0, 1.0)] == [0.0, 1.0, 0.0, 1.0]
    assert all(
        15 <= words.count(what) <= 2.0 / SHOWN_REST + 2 for what in ("Reading a.csv", "Learning a.csv")
    )
    assert len({(what, int((share or 0) * 100)) for what, share in heard}) == len(heard)


def test_words_that_stay_the_same_are_told_once_and_counts_in_them_are_one_stage(monkeypatch) -> None:
    clock = _Clock()
    monkeypatch.setattr(progress, "monotonic", clock)
    heard: list[str] = []
    told = NowAndThen(lambda what, _share: heard.append(what))
    for _ in range(500):
        told("Reading data")
        clock.now += 0.05
    assert heard == ["Reading data"]
    for count in range(1000):  # a second
        told(f"Looking for pictures: {count:,} found")
        clock.now += 0.001
    assert 9 <= len(heard) - 1 <= 12


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.floats(0, 1)), max_size=300))
@settings(max_examples=40, deadline=None)
def test_a_moment_tells_no_more_than_its_stages(tellings: list[tuple[str, float]]) -> None:
    heard: list[tuple[str, float | None]] = []
    told = NowAndThen(lambda what, share: heard.append((what, share)))
    for what, share in tellings:
        told(what, share)
    stages = {what for what, _share in tellings}
    assert stages == {what for what, _share in heard}
    assert len(heard) <= 2 * min(len(stages), MOST_STAGES) + 2  # a slow machine may take a tenth of a second
