"""Garbage that is collected where and when the caller says."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

from engine.system.garbage import collect_due


class Circle:
    def __init__(self) -> None:
        self.me = self


def in_a_thread(count: int) -> None:
    thread = threading.Thread(target=lambda: [Circle() for _ in range(count)])
    thread.start()
    thread.join()


@pytest.mark.parametrize(("count", "generation"), [(1_000, 0), (9_000, 1), (80_000, 2)])
def test_the_more_was_made_the_more_is_collected(count: int, generation: int) -> None:
    gc.collect()
    in_a_thread(count)
    assert collect_due() == generation
    assert collect_due() is None


def test_little_garbage_waits() -> None:
    gc.collect()
    kept = Circle()
    seen = weakref.ref(kept)
    del kept
    assert collect_due() is None
    assert seen() is not None
    gc.collect()
