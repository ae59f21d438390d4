"""Numbers have one spelling, whoever shows them."""

from __future__ import annotations

import math

import pytest

from app.widgets.numbers import aligned, current, grouped, number, of_kind, percent, scaled


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (grouped(117600), "117,600"),
        (scaled(12300), "12.3 k"),
        (scaled(12300, "B"), "12.3 kB"),
        (scaled(12, "B"), "12 B"),
        (percent(0.8412), "84.1 %"),
        (current(0.28436), "0.284"),
        (current(3.2e-5), "3.2e-5"),
        (number(math.nan), "–"),
        (number(-math.inf), "−∞"),
    ],
)
def test_a_number_reads(shown, words):
    assert shown == words


def test_a_date_reads_as_a_date():
    assert of_kind(1577836800.0, "date") == "2020-01-01"
    assert of_kind(1577836800.0 + 5400, "date") == "2020-01-01 01:30"
    assert of_kind(-86400.0, "date") == "1969-12-31"
    assert of_kind(1e30, "date") == number(1e30)
    assert of_kind(1577836800.0, "number") == number(1577836800.0)


def test_points_of_a_column_stand_below_each_other():
    shown = aligned(["1.25", "18", "-0.3"])
    assert [one.rstrip("\u00a0") for one in shown] == ["1.25", "18", "-0.3"]
    assert {len(one) - (one.find(".") if "." in one else 2) for one in shown} == {3}
    assert aligned(["1.5", "yes"]) == ("1.5", "yes")
    assert aligned(["1e-7", "2.25"]) == ("1e-7", "2.25")
