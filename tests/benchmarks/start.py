"""Cold start: from a new process to a window that is painted and answers, with torch not loaded before it.

Each start is a process of its own, with the byte code of an earlier one, as an installed program has it; the
start of Python itself counts. Seconds, medians of several starts. The yardstick, started in turns with it: a
process that shows an empty Qt window; the ratio of the two is judged.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests import ROOT
from tests.benchmarks._machine import Elsewhere
from tests.benchmarks._yardsticks import bare_window

STARTS = 7
BOUND_S = 0.8
BOUND_RATIO = 3.0
"""Most that a start may take, in starts of an empty window."""
_CHILD = """
import json, sys, time
from app.shell.display import hold_collector
hold_collector()
from PySide6.QtCore import QTimer
from app.shell import startup
from app.state.appearance import Appearance
from app.shell.window import Window
application = startup.make_application()
window = Window(Appearance(application))
if sys.argv[1]:
    window.files.open_template(sys.argv[1])

def report():
    import resource
    print(json.dumps({"at": time.time(), "torch": "torch" in sys.modules, "plots": "pyqtgraph" in sys.modules,
                      "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
    sys.stdout.flush()

window.ready.connect(report)
window.inference.engine_ready.connect(lambda: (print(json.dumps({"engine": time.time()})), window.close(),
                                               application.quit()))
window.show()
application.exec()
"""


def start(code: Path, template: str = "", platform: str = "offscreen") -> dict[str, Any]:
    """One start; seconds from the making of the process to the first event after the first paint.

    `code`: the folder of the byte code.
    """
    with tempfile.TemporaryDirectory() as home:
        folders = {f"XDG_{kind}_HOME": home for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
        environment = {**os.environ, **folders, "QT_QPA_PLATFORM": platform}
        environment["PYTHONPYCACHEPREFIX"] = str(code)
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        begun = time.time()
        with subprocess.Popen(
            [sys.executable, "-c", _CHILD, template],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
        ) as child:  # fmt: skip
            out, _ = child.communicate(timeout=60)
    first, second = (json.loads(line) for line in out.splitlines()[:2])
    return {
        "window_s": first["at"] - begun,
        "engine_s": second["engine"] - begun,
        "torch_before_window": first["torch"],
        "plots_before_window": first["plots"],
        "megabytes_at_window": first["megabytes"],
    }


def run(starts: int = STARTS) -> dict[str, Any]:
    """Medians for a start on the gallery and one on a drawing, interleaved."""
    kinds = {"gallery": "", "drawing": "lenet5-fashion"}
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    bare, elsewhere = [], Elsewhere()
    with tempfile.TemporaryDirectory() as folder:
        start(Path(folder))  # the files are in the system's cache from here on
        bare_window()
        for _ in range(starts):
            bare.append(bare_window())
            for kind, template in kinds.items():
                found[kind].append(start(Path(folder), template))
    results: dict[str, Any] = {"starts": starts, "bound_s": BOUND_S, "bound_ratio": BOUND_RATIO}
    results["bare_window_s"] = round(statistics.median(bare), 3)
    results["cores_busy_elsewhere"] = elsewhere.cores()
    for kind, runs in found.items():
        results[kind] = {
            "window_s": round(statistics.median(one["window_s"] for one in runs), 3),
            "window_s_worst": round(max(one["window_s"] for one in runs), 3),
            "engine_s": round(statistics.median(one["engine_s"] for one in runs), 3),
            "megabytes_at_window": round(statistics.median(one["megabytes_at_window"] for one in runs)),
            "ratio": round(
                statistics.median(one["window_s"] / plain for one, plain in zip(runs, bare, strict=True)), 2
            ),
            "torch_before_window": any(one["torch_before_window"] for one in runs),
        }
    results["holds"] = all(results[kind]["ratio"] <= BOUND_RATIO for kind in kinds)
    return results
