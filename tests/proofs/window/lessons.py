"""Walks through every lesson of the gallery by mouse and keys, and trains what it asks for: lessons [NAME …].

Prints each lesson and its seconds. A step that is not done by what its task asks for ends the proof.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, sleep


def main(arguments: list[str]) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = str(Path(home, kind.lower()))
        return _walk_all(arguments)


def _walk_all(names: list[str]) -> int:
    from app.shell import startup
    from app.shell.window import Window
    from app.state import warmup
    from app.state.appearance import Appearance
    from tests.app.lessons.pupil import Pupil
    from tests.app.lessons.walks import WALKS, walk

    application = startup.make_application()
    warmup.load_panels()
    warmup.load_engine()

    def wait(so: Callable[[], bool], timeout: int = 5000) -> None:
        end = perf_counter() + timeout / 1000
        while not so():
            if perf_counter() > end:
                raise TimeoutError(f"waited {timeout / 1000:.0f} s")
            application.processEvents()
            sleep(0.002)

    failed = 0
    for name in names or WALKS:
        window = Window(Appearance(application))
        window.resize(1440, 900)
        window.show()
        begun = perf_counter()
        try:
            walk(Pupil(window, wait, name), WALKS[name])
            print(f"{name:24} done in {perf_counter() - begun:6.1f} s", flush=True)
        except AssertionError as error:
            failed += 1
            print(f"{name:24} NOT DONE: {error}", file=sys.stderr, flush=True)
        window.controller.shutdown()
        window.files.close()
        window.close()
        window.deleteLater()
        application.processEvents()
    print(f"{len(names or WALKS) - failed} of {len(names or WALKS)} lessons are done by what they ask for")
    return 1 if failed else 0
