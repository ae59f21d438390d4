"""A sample of the hostile inputs; `python -m tests.proofs hostile` asks them all."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks and /proc are Linux's")

_ASK = """
import json
from tests.hostile.asked import ask_all
from tests.hostile.case import cases
told = {case.title: answer.faults for case, answer in ask_all(case for case in cases() if case.is_quick)}
print("ANSWERS", json.dumps(told))
"""


def test_the_quick_cases_are_answered_right():
    done = subprocess.run(
        [sys.executable, "-c", _ASK], capture_output=True, text=True, timeout=250, check=False
    )
    assert "ANSWERS" in done.stdout, done.stderr
    told = json.loads(done.stdout.partition("ANSWERS")[2])
    assert told, "no case was asked"
    assert not {title: faults for title, faults in told.items() if faults}
