"""Blocks in blocks: collapse then expand, make unique and the library keep what random drawings compute.

`python -m tests.proofs nested_definitions [EXAMPLES]`: so many drawings for each property, 300 by default.
"""

from __future__ import annotations

from time import perf_counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.document.nested import PROPERTIES, drawings


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 300
    for holds in PROPERTIES:
        started = perf_counter()

        @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(drawings(), st.data())
        def check(project, data) -> None:
            holds(project, data)  # noqa: B023 - it is called before the next one is bound

        check()
        print(f"{holds.__name__}: {count} drawings, {perf_counter() - started:.0f} s")
    return 0
