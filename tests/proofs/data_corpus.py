"""Files of data as people have them are read right, or a sentence says what is not.

python -m tests.proofs data_corpus [PART OF A TITLE ...]
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from pathlib import Path

from engine.data import catalogue
from tests.corpus.asked import unchoosable, wrong
from tests.corpus.case import cases


def main(arguments: list[str]) -> int:
    wanted = [case for case in cases() if not arguments or any(part in case.title for part in arguments)]
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    silent: list[str] = []
    stale: list[str] = []
    refused: list[str] = []
    unexpected = 0
    for case in wanted:
        started = time.process_time()
        with tempfile.TemporaryDirectory(prefix="layerloom-corpus-", ignore_cleanup_errors=True) as name:
            path = case.make(Path(name))
            fault, found = wrong(case, path)
            answers = [f"{case.title}: {one}".replace(name, "") for one in unchoosable(case, path, found)]
            fault = fault.replace(name, "")
        refused += answers
        catalogue.forget()
        asked[case.kind] += 1
        right[case.kind] += not fault
        is_silent = bool(fault) and not found.error
        silent += [case.title] if is_silent else []
        stale += [case.title] if case.known_wrong and not fault else []
        unexpected += bool(fault) and not case.known_wrong
        verdict = "right" if not fault else "WRONG, silent" if is_silent else "WRONG, told"
        known = f" (known: {case.known_wrong})" if case.known_wrong else ""
        seconds = time.process_time() - started
        print(f"{verdict:13}  {case.title}  {seconds:.2f} s  {fault[:300]}{known}", flush=True)
    width = max(map(len, asked), default=0)
    print(f"\n{'kind':{width}}  inputs  right")
    for kind, count in sorted(asked.items()):
        print(f"{kind:{width}}  {count:6}  {right[kind]:5}")
    print(f"{'all':{width}}  {asked.total():6}  {right.total():5}")
    print(f"Silent misreadings: {len(silent)}.")
    for one in refused:
        print(f"An answer that cannot be chosen: {one[:300]}")
    if stale:
        print("Right now, so that `known_wrong` goes: " + "; ".join(stale))
    return int(bool(unexpected or stale or refused or not asked))
