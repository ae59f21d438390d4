"""Hostile files in a real window, opened, dropped and of the recent list: it answers, says so and goes on.

python -m tests.proofs hostile_window [--ways open,drop,recent] [PART OF A TITLE ...]

A line for each: the longest stand-still of the window's thread without what other programs took of the
machine, what was said, and how long it took to close. Wrong is a stand-still of more than a second, an
error that nobody caught, an end of the process, or a next project that is not inferred.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.hostile.case import Case, cases
from tests.hostile.kinds.window import WORST

LONGEST_BLOCK = 1.0
LONGEST_CLOSING = 2.0
_WAYS = ("open", "drop", "recent")


def main(arguments: list[str]) -> int:
    ways, wanted = _WAYS, arguments
    if arguments[:1] == ["--ways"]:
        ways, wanted = tuple(arguments[1].split(",")), arguments[2:]
    found = {case.title: case for case in cases()}
    titles = [title for title in WORST if not wanted or any(part in title for part in wanted)]
    wrong, longest = 0, 0.0
    for title in titles:
        for way in ways:
            answer = asked(found[title], way)
            faults = judged(answer)
            wrong, longest = wrong + bool(faults), max(longest, answer.get("block", 0.0))
            print(_line(title, way, answer, faults), flush=True)
    print(f"\n{len(titles)} inputs × {len(ways)} ways, {wrong} wrong; longest stand-still {longest:.2f} s")
    return int(bool(wrong) or not titles)


def asked(case: Case, way: str) -> dict[str, Any]:
    """What a window in a process of its own did with this input."""
    with tempfile.TemporaryDirectory(prefix="layerloom-window-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        path = case.make(folder)
        folders = {f"XDG_{kind}_HOME": str(folder / kind) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
        environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, **folders, "HOME": name}
        command = [sys.executable, "-m", "tests.hostile.window.process", way, os.fsencode(path)]
        try:
            done = subprocess.run(command, env=environment, capture_output=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return {"end": "it hangs"}
        lines = done.stdout.decode(errors="replace").splitlines()
        if done.returncode or not lines:
            return {"end": f"the process ended with {done.returncode}: {done.stderr.decode()[-400:]}"}
        answer: dict[str, Any] = json.loads(lines[-1])
        return answer


def judged(answer: dict[str, Any]) -> list[str]:
    """What is wrong with it."""
    if "end" in answer:
        return [str(answer["end"])]
    faults = [f"nobody caught {mistake}" for mistake in answer["mistakes"]]
    if answer["block"] > LONGEST_BLOCK:
        faults.append(f"stood still: {answer['where']}")
    if answer["closing"] > LONGEST_CLOSING:
        faults.append("closing took long")
    if not answer["next_is_inferred"]:
        faults.append("the next project was not inferred")
    longest = max((len(line) for words in answer["said"] for line in words.splitlines()), default=0)
    if longest > 400:
        faults.append(f"a line of {longest:,} characters")
    return faults


def _line(title: str, way: str, answer: dict[str, Any], faults: list[str]) -> str:
    verdict = "WRONG" if faults else "right"
    figures = f"{answer.get('block', 0):.2f} s still, closed in {answer.get('closing', 0):.2f} s"
    said = answer.get("said") or [answer.get("first_problem", "")]
    told = "; ".join(faults) or " ".join(said[0].split())[:110]
    return f"{verdict}  {title}, {way}: {figures}; {told}"
