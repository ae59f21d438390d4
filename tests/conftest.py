"""What every test stands on: no display, no user settings, and nothing left behind.

A test that leaves a thread, a timer, a widget, an animation or an open file fails, and says what it left.
"""

from __future__ import annotations

import gc
import itertools
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_HOME = tempfile.mkdtemp(prefix="layerloom-tests-")
_numbers = itertools.count()
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # threads that wait for each other crawl on a busy machine
os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.*=false")
for _name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
    os.environ[_name] = str(Path(_HOME, _name.lower()))
# Both workers and some sixty processes of tests import the product: it is compiled once, not each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
gc.disable()  # what imports make stays; and a thread of the product must not collect the window of a test

import hypothesis  # noqa: E402 - the environment comes first
import pytest  # noqa: E402

from engine.system.garbage import collect_due  # noqa: E402
from tests.leaks import LeakWatch  # noqa: E402

LONGEST = (
    "tests/engine/run/test_distributed.py",
    "tests/engine/run/test_placement.py",
    "tests/engine/run/test_failure.py",
    "tests/engine/run/test_process.py",
    "tests/app/shell/test_real_recovery.py",
    "tests/app/cli/test_cli",
    "tests/nodes/test_plug_in_package.py",
)
"""Where tests take several seconds each."""

pytest_plugins = ("pytester",)
hypothesis.settings.register_profile("fast", max_examples=50, deadline=None, derandomize=True)
hypothesis.settings.register_profile("deep", max_examples=2000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails the test that leaves something running or open."""
    with LeakWatch() as watch:
        yield
    left = watch.left()
    if gc.isenabled():
        gc.disable()
        left.append("automatic collection of garbage")
    collect_due()
    if left:
        pytest.fail("this test left behind: " + "; ".join(left), pytrace=False)


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has its own settings, state and cache folders."""
    home = Path(_HOME, f"test-{next(_numbers)}")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))


@pytest.fixture(autouse=True)
def on_the_cpu(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accelerators are there for tests that are marked so: everywhere else "auto" is the CPU."""
    if request.node.get_closest_marker("cuda") is not None:
        return
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")  # for processes that a test starts
    torch = sys.modules.get("torch")
    if torch is not None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests come first, so that at the end no worker waits for the other."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: later collections need not look at it."""
    gc.freeze()


def pytest_sessionfinish() -> None:
    import shutil

    shutil.rmtree(_HOME, ignore_errors=True)
