"""Windows stay within a series, and no window that trains shows what validation predicts."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.reading.series.series_rows import _sections
from nodes.reading.series.series_windows import (
    WindowSizes,
    divided_at_ends,
    divided_by_group,
    seen_rows,
    starts_of,
)

SIZES = st.builds(WindowSizes, st.integers(1, 6), st.integers(1, 4), st.integers(1, 5))
ROWS = st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=60)


def cut(rows: list[tuple[int, bool]]) -> np.ndarray:
    codes = np.array([code for code, _ in rows])
    missing = np.flatnonzero([is_missing for _, is_missing in rows])
    return _sections(len(rows), np.flatnonzero(codes[1:] != codes[:-1]) + 1, missing)


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, sizes=SIZES)
def test_windows_never_cross_from_one_series_to_another_nor_over_a_gap(
    rows: list[tuple[int, bool]], sizes: WindowSizes
) -> None:
    found = np.concatenate([np.empty(0, np.int64), *starts_of(cut(rows), sizes)])
    for start in found:
        shown = rows[start : start + sizes.needed]
        assert len(shown) == sizes.needed
        assert len({code for code, _ in shown}) == 1
        assert not any(is_missing for _, is_missing in shown)
    if sizes.step == 1:  # and there is a window wherever one fits
        fits = [
            start
            for start in range(len(rows) - sizes.needed + 1)
            if len({code for code, _ in rows[start : start + sizes.needed]}) == 1
            and not any(gap for _, gap in rows[start : start + sizes.needed])
        ]
        assert found.tolist() == fits


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, sizes=SIZES, share=st.floats(0.05, 0.9))
def test_no_window_that_trains_shows_what_validation_predicts(
    rows: list[tuple[int, bool]], sizes: WindowSizes, share: float
) -> None:
    starts = starts_of(cut(rows), sizes)
    train, held = divided_at_ends(starts, sizes, share)
    predicted = {int(start) + sizes.window + i for start in held for i in range(sizes.horizon)}
    seen = set(np.flatnonzero(seen_rows(train, sizes, len(rows))).tolist())
    if len(starts) > 1 or (len(starts) == 1 and len(train) > 1):
        assert not predicted & seen
    assert not set(train.tolist()) & set(held.tolist())


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, sizes=SIZES, seed=st.integers(0, 9))
def test_whole_series_validate(rows: list[tuple[int, bool]], sizes: WindowSizes, seed: int) -> None:
    sections = cut(rows)
    groups = tuple(str(rows[start][0]) for start, _ in sections)
    starts = starts_of(sections, sizes)
    if sum(map(len, starts)) < 2:
        return
    train, held, _ = divided_by_group(starts, groups, 0.3, seed)
    assert not {rows[i][0] for i in train} & {rows[i][0] for i in held}
    assert len(train) + len(held) == sum(map(len, starts))


def test_a_limit_takes_the_first_windows() -> None:
    sections = np.array([[0, 10], [10, 20]])
    starts = starts_of(sections, WindowSizes(3, 1), 9)
    assert [own.tolist() for own in starts] == [[0, 1, 2, 3, 4, 5, 6], [10, 11]]
