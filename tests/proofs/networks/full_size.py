"""Full-size networks run: one step of training and one forward pass on data, each: full_size [NAME …].

Each network has a process of its own and batches of two samples. A table has, of each: parameters, seconds
until the step begins (data, weights and graphs are made), of the step (forward, back and update), of the
forward pass over the validation data, the peak of memory in MiB, and both losses. It ends with 1 where one is
not finite.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
from time import perf_counter

from engine.document import edits
from engine.document.project import MAIN, Project
from engine.document.storage import gallery
from engine.messages.events import Event, Progress, Started, Validated
from engine.run.run import Run

BATCH, SAMPLES = 2, 10
"""Samples of a step, and of the data; a fifth of them validates."""
KIBIBYTES_TO_MEBIBYTES = 1024
HEADINGS = ("network", "parameters", "ready s", "step s", "forward s", "peak MiB", "losses")
ALONE = "--alone"


def small(name: str) -> Project:
    """The project on so few of its data that one step is an epoch or less."""
    project = edits.set_settings(gallery.make(name), batch_size=BATCH)
    for node in project.main.nodes.values():
        if node.layer == "data":
            project = edits.set_param(project, MAIN, node.id, "samples", SAMPLES)
    return project


def measured(name: str) -> dict[str, float | str]:
    """What one step and one forward pass of a network take and give, in this process."""
    found: dict[str, float | str] = {}
    seen = [perf_counter()]

    def sink(event: Event) -> None:
        key = {Started: "ready", Progress: "step", Validated: "forward"}.get(type(event))
        if key is None:
            return
        seen.append(perf_counter())
        found[key] = seen[-1] - seen[-2]
        if isinstance(event, Started):
            found["parameters"] = event.parameters
        elif isinstance(event, Progress):
            found["loss"] = sum(values[0] for values in event.losses.values())
        elif isinstance(event, Validated):
            found["held_back_loss"] = sum(event.losses.values())

    finished = Run(small(name), seed=0, steps=1, device="cpu").execute(sink)
    found["status"] = finished.status if finished.status == "completed" else finished.message
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {**found, "peak": peak / KIBIBYTES_TO_MEBIBYTES}


def holds(found: dict[str, float | str]) -> bool:
    """Whether the run was completed with losses that are numbers."""
    losses = (found.get("loss"), found.get("held_back_loss"))
    finite = all(isinstance(loss, float) and math.isfinite(loss) for loss in losses)
    return found["status"] == "completed" and finite


def apart(name: str) -> dict[str, float | str]:
    """`measured` in a process of its own, so that the peak of memory is that of this network."""
    command = [sys.executable, "-m", "tests.proofs", "full_size", ALONE, name]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return {"status": f"the process ended with exit code {done.returncode}"}
    read: dict[str, float | str] = json.loads(done.stdout.splitlines()[-1])
    return read


def row(name: str, found: dict[str, float | str]) -> str:
    if not holds(found):
        return (
            f"{name:20} FAILS: {found['status']}, losses {found.get('loss')}, {found.get('held_back_loss')}"
        )
    numbers = [float(found[key]) for key in ("ready", "step", "forward")]
    times = "".join(f"{seconds:10.1f}" for seconds in numbers)
    losses = f"{float(found['loss']):8.3f}, {float(found['held_back_loss']):.3f} held back"
    return f"{name:20}{int(found['parameters']):13,}{times}{float(found['peak']):10.0f}  {losses}"


def main(arguments: list[str]) -> int:
    if arguments[:1] == [ALONE]:
        print(json.dumps(measured(arguments[1])))
        return 0
    known = [template.name for template in gallery.templates() if template.full_size]
    if unknown := set(arguments) - set(known):
        print(f"Expected some of {', '.join(known)}. Received {', '.join(unknown)}.", file=sys.stderr)
        return 2
    name, parameters, *others = HEADINGS
    print(f"{name:20}{parameters:>13}" + "".join(f"{heading:>10}" for heading in others), flush=True)
    failed = 0
    for name in arguments or known:
        found = apart(name)
        failed += not holds(found)
        print(row(name, found), flush=True)
    return int(failed > 0)
