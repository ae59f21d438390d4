"""Looks for edits and drawings that break a property of the document: document_properties [EXAMPLES]."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, given, settings

from tests.engine.document.test_properties import PROPERTIES


def main(arguments: list[str]) -> int:
    examples = int(arguments[0]) if arguments else 3000
    chosen = settings(
        max_examples=examples, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck)
    )
    for holds, strategies in PROPERTIES.items():
        start = time.perf_counter()
        chosen(given(*strategies)(holds))()
        print(f"{holds.__name__}: {examples} examples, {time.perf_counter() - start:.1f} s", flush=True)
    return 0
