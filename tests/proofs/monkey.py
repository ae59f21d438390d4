"""A hand that knows nothing plays with the window for long: monkey [ACTS] [SEEDS]."""

from __future__ import annotations

import os

import pytest

from tests import ROOT

TEST = ROOT / "tests" / "app" / "shell" / "test_monkey.py"


def main(arguments: list[str]) -> int:
    acts, seeds = (*arguments, *("1000", "5")[len(arguments) :])[:2]
    os.environ |= {"LAYERLOOM_MONKEY_ACTS": acts, "LAYERLOOM_MONKEY_SEEDS": seeds}
    return int(pytest.main([str(TEST)]))
