"""A run's threads stand on cores of their own while it goes, and nowhere in particular after it."""

from __future__ import annotations

import os
import threading

import pytest
import torch

from engine.system.cpu_affinity import any_core, own_cores

if not hasattr(os, "sched_getaffinity"):  # only Linux gives cores
    pytest.skip("no cores to give", allow_module_level=True)


def in_a_thread(work: object) -> None:
    thread = threading.Thread(target=work)  # type: ignore[arg-type]
    thread.start()
    thread.join()


def test_the_threads_of_a_run_have_a_core_each_and_give_it_back() -> None:
    home, seen = os.sched_getaffinity(0), []

    def work() -> None:
        with own_cores():
            seen.append(os.sched_getaffinity(0))
            any_core()
            seen.append(os.sched_getaffinity(0))
        seen.append(os.sched_getaffinity(0))

    in_a_thread(work)
    alone = len(home) > 1 and torch.get_num_threads() == len(home)
    assert len(seen[0]) == (1 if alone else len(home))
    assert seen[1] == seen[2] == home


def test_nothing_moves_where_it_is_not_wanted_or_torch_has_other_threads() -> None:
    home, seen = os.sched_getaffinity(0), []

    def work() -> None:
        with own_cores(wanted=False):
            seen.append(os.sched_getaffinity(0))
        before = torch.get_num_threads()
        torch.set_num_threads(len(home) + 1)
        try:
            with own_cores():
                seen.append(os.sched_getaffinity(0))
        finally:
            torch.set_num_threads(before)

    in_a_thread(work)
    assert seen == [home, home]
