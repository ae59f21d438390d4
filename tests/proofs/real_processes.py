"""Real windows and processes at length, started as a user starts them: real_processes [PYTEST ARGUMENTS]."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent / "real"


def main(arguments: list[str]) -> int:
    files = [str(path) for path in sorted(TESTS.glob("[a-z]*.py")) if path.name != "conftest.py"]
    return int(pytest.main(["-n", "0", *files, *arguments]))
