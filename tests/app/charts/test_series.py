"""What a chart holds: its points thinned and smoothed, its ranges and its numbers."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from app.charts.series import Series
from app.charts.ticks import scale_for
from app.widgets.numbers import current, number


def filled(count: int, smoothing: float = 0.0) -> Series:
    series = Series(smoothing)
    series.extend(np.arange(1, count + 1), np.linspace(2.0, 0.2, count))
    return series


# Series ----------------------------------------------------------------------------------------------


def test_a_series_smooths_the_same_in_pieces_and_at_once():
    values = np.random.default_rng(0).normal(size=1000)
    whole, pieces = Series(0.9), Series(0.9)
    whole.extend(np.arange(1000), values)
    for start in range(0, 1000, 37):
        pieces.extend(np.arange(1000)[start : start + 37], values[start : start + 37])
    mean, expected = 0.0, []
    for count, value in enumerate(values, start=1):
        mean += max(0.1, min(1.0, 5 / count)) * (value - mean)
        expected.append(mean)
    np.testing.assert_allclose(whole.smoothed, expected, rtol=1e-9)
    np.testing.assert_allclose(pieces.smoothed, expected, rtol=1e-9)
    whole.set_smoothing(0.0)
    np.testing.assert_array_equal(whole.smoothed, values)


def test_the_smoothed_line_follows_a_steep_start():
    steps = np.arange(1, 101)
    values = 0.3 + 2.0 * np.exp(-steps / 20)
    series = Series(0.99)
    series.extend(steps, values)
    assert np.abs(series.smoothed - values)[19:].max() < 0.3
    assert series.smoothed[-1] < 0.4


def test_smoothing_passes_over_what_is_no_number():
    series = Series(0.5)
    series.extend([1, 2, 3], [1.0, float("nan"), 1.0])
    assert series.smoothed.tolist() == [1.0, 1.0, 1.0]


def test_what_was_the_newest_at_a_step_is_told():
    series = Series(0.5)
    series.extend([2, 5, 9], [1.0, 3.0, 2.0])
    assert math.isnan(series.until(1))
    assert [series.until(step) for step in (2, 4, 5, 100)] == [series.smoothed[at] for at in (0, 0, 1, 2)]


def test_steps_that_do_not_rise_are_left_out():
    series = filled(10)
    series.extend([9, 10, 11], [5.0, 5.0, 7.0])
    assert len(series) == 11
    assert series.values[-1] == 7.0


def test_many_points_become_the_extent_of_each_column():
    series = Series()
    values = np.zeros(30_000)
    values[12_345] = 9.0
    series.extend(np.arange(30_000), values)
    bars = series.bars(0, 30_000, 500)
    assert bars is not None
    assert 200 <= len(bars.x) <= 500
    assert bars.high.max() == 9.0
    assert series.bars(100, 300, 500) is None
    assert series.bars(0, 900, 500) is None
    x, _ = series.line(0, 30_000, 500)
    assert len(x) <= 1002


def test_three_hundred_thousand_points_are_thinned_in_a_few_milliseconds():
    series = filled(300_000, 0.95)
    start = time.process_time()
    for _ in range(20):
        series.extend([series.steps[-1] + 1], [0.2])
        series.bars(0, 400_000, 600)
        series.line(0, 400_000, 600)
    assert (time.process_time() - start) / 20 < 0.008


@pytest.mark.parametrize("smoothing", [0.0, 0.9])
def test_no_peak_is_lost_at_any_zoom_however_the_curve_grew(smoothing):
    random = np.random.default_rng(1)
    values = random.normal(size=40_000)
    series, end = Series(smoothing), 0
    while end < len(values):
        begin, end = end, end + int(random.integers(1, 700))
        series.extend(np.arange(begin, min(end, len(values))), values[begin:end])
    for _ in range(200):
        left, right = sorted(random.integers(0, len(values), 2))
        columns = int(random.integers(8, 400))
        held = series.span(left, right)
        bars, (x, y) = series.bars(left, right, columns), series.line(left, right, columns)
        seen = series.smoothed[held]
        assert y.min() <= seen.min() if len(seen) else not len(y)
        assert y.max() >= seen.max() if len(seen) else not len(y)
        assert len(x) <= max(2 * columns + 1, held.stop - held.start)
        assert np.all(np.diff(x) >= 0)
        if bars is not None:
            assert len(bars.x) <= columns
            ends = np.append(bars.x[1:], min(bars.x[-1] + bars.x[1] - bars.x[0], len(values)))
            for at, (first, last) in enumerate(zip(bars.x.astype(int), ends.astype(int), strict=True)):
                assert bars.low[at] == values[first:last].min()
                assert bars.high[at] == values[first:last].max()


# Ticks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("low", "high"), [(0.21, 2.4), (-3.0, 5.0), (0.84, 0.881), (0.0, 0.0), (1e-6, 3e-6)])
def test_ranges_are_round_hold_the_data_and_have_few_lines(low, high):
    scale = scale_for(low, high)
    assert scale.low <= low
    assert high <= scale.high
    assert 3 <= len(scale.ticks) <= 6


def test_a_logarithmic_range_has_decades():
    assert [number(10**tick) for tick in scale_for(-3, 0, log=True).ticks] == ["0.001", "0.01", "0.1", "1"]


def test_numbers_read_well():
    assert [number(v) for v in (0.2841, 12.5, 6104.0, 3.2e-5, 0.0)] == [
        "0.284",
        "12.5",
        "6,104",
        "3.2e-5",
        "0",
    ]
    assert current(0.28) == "0.280"
