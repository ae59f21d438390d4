"""Hostile files: every case is asked in a process of its own; prints kind, inputs and right answers.

python -m tests.proofs hostile [PART OF A TITLE ...]
"""

from __future__ import annotations

from collections import Counter

from tests.hostile.asked import ask_all
from tests.hostile.case import cases


def main(arguments: list[str]) -> int:
    wanted = [case for case in cases() if not arguments or any(part in case.title for part in arguments)]
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    slowest, largest = 0.0, 0
    for case, answer in ask_all(wanted):
        asked[case.kind] += 1
        right[case.kind] += not answer.faults
        slowest, largest = max(slowest, answer.seconds), max(largest, answer.megabytes)
        told = "; ".join(answer.faults) or " ".join(answer.text.split())[:110]
        verdict = "WRONG" if answer.faults else "right"
        print(f"{verdict}  {case.title}  {answer.seconds:.2f} s  {answer.megabytes} MB  {told}", flush=True)
    width = max(map(len, asked), default=0)
    print(f"\n{'kind':{width}}  inputs  right answers")
    for kind, count in sorted(asked.items()):
        print(f"{kind:{width}}  {count:6}  {right[kind]:6}")
    print(f"{'all':{width}}  {asked.total():6}  {right.total():6}")
    print(f"At most {slowest:.2f} s of CPU and {largest} MB above idle.")
    return int(right.total() < asked.total() or not asked)
