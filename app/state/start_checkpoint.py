"""Which checkpoint of a run its weights are taken from, where nobody says which one."""

from __future__ import annotations

from pathlib import Path

from engine.runs.archive import Checkpoint, checkpoints_of

STARTS = ("last", "best", "sound", "kept", "initial")
"""The checkpoints whose weights are taken over, the best suited first."""


def best(folder: Path, kinds: tuple[str, ...] = STARTS) -> Checkpoint | None:
    """The newest checkpoint of the first kind that there is."""
    found = checkpoints_of(folder)
    for kind in kinds:
        of_kind = [point for point in found if point.kind == kind]
        if of_kind:
            return of_kind[-1]
    return None
