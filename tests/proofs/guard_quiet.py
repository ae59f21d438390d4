"""Trains the opposed objectives of the gallery; the watch must say nothing: guard_quiet [STEPS] [NAMES …].

Without names, all projects of the gallery in which objectives pull against each other; STEPS bounds each run
(0: its own length). Prints the variety of what is made, as a share of the data's, along each run.
"""

from __future__ import annotations

import sys
from unittest.mock import patch

from engine.compile import compile  # noqa: A004
from engine.document.storage import gallery
from engine.feed.sources import Sources
from engine.messages.events import Event, Warned
from engine.run.run import Run
from engine.train.divergence.sample_spread import Spread
from engine.train.divergence.watch import watch_of


def is_watched(name: str) -> bool:
    plan = compile(gallery.make(name), "cpu")
    sources = Sources(plan)
    try:
        return watch_of(plan, sources) is not None
    finally:
        sources.close()


def trained(name: str, steps: int) -> list[str]:
    """What was said of this project while it trained."""
    said: list[str] = []
    shares: dict[str, list[float]] = {}
    measure = Spread.measure

    def measured(self: Spread) -> float:
        share = measure(self)
        shares.setdefault(self.name, []).append(round(share, 2))
        return share

    def hear(event: Event) -> None:
        if isinstance(event, Warned):
            said.append(f"step {event.step}: {event.message}")

    with patch.object(Spread, "measure", measured):
        finished = Run(gallery.make(name), steps=steps or None, device="cpu").execute(hear)
    print(f"{name}: {finished.status} after {finished.step:,} steps, {finished.seconds:.0f} s", flush=True)
    for place, course in shares.items():
        print(f"  {place}: {course}", flush=True)
    for text in said:
        print(f"  {text}", flush=True)
    assert finished.status == "completed", finished.message
    return said


def main(arguments: list[str]) -> int:
    steps = int(arguments[0]) if arguments else 0
    names = arguments[1:] or [
        each.name for each in gallery.templates() if not each.full_size and is_watched(each.name)
    ]
    cried = [name for name in names if trained(name, steps)]
    print(f"{len(names)} projects; warned of {', '.join(cried) or 'none'}")
    return int(bool(cried))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
