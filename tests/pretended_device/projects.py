"""What goes wrong with a project on the pretended device: trained, validated, looked at, kept and resumed."""

from __future__ import annotations

import math
import tempfile
from itertools import islice
from pathlib import Path

import msgspec
import torch
from torch import Tensor

from engine.document.project import Project
from engine.feed.sources import Sources
from engine.train.stepper import Stepper
from tests.pretended_device import CARD
from tests.pretended_device.runs import Ended, trained
from tests.pretended_device.waits import WAITS, mark

STEPS = 12
NEAR = 1e-3
"""Relative difference of losses that rounding may make."""
SEARCH = "engine/train/optimiser.py"
"""A line search has to know its losses: steps of L-BFGS wait, and there alone."""
TELLS = "other random numbers"
"""Words of the warning that a run goes on elsewhere."""


def count_waits() -> None:
    """Count what waits inside a step, once in a process."""
    mark(Stepper, "step")
    mark(Sources, "next")


def validate_little(batches: int = 2) -> None:
    """Validate on so few batches from now on."""
    plain = Sources.validation
    Sources.validation = lambda self: islice(plain(self), batches)  # type: ignore[method-assign]


def project_faults(project: Project) -> list[str]:
    """In sentences; empty where all is well."""
    settings = msgspec.structs.replace(
        project.settings, checkpoint_steps=STEPS // 2, batch_size=min(project.settings.batch_size, 32)
    )
    project = msgspec.structs.replace(project, settings=settings)
    with tempfile.TemporaryDirectory() as name:
        return _faults(project, Path(name))


def _faults(project: Project, base: Path) -> list[str]:
    on_cpu = trained(project, "cpu", steps=STEPS, folder=base / "cpu")
    if "nothing to train" in on_cpu.failure:
        return []
    if on_cpu.failure:
        return [f"on the CPU: {on_cpu.failure}"]
    WAITS.clear()
    whole = trained(project, CARD, steps=STEPS, folder=base / CARD)
    if whole.failure:
        return [f"on the card: {whole.failure}"]
    faults = waits_of(project)
    faults += [f"warned: {text}" for text in whole.warnings if text not in on_cpu.warnings]
    if not whole.draws and (far := apart(whole, on_cpu)) > NEAR:
        faults.append(f"losses are {far:.1e} from those of the CPU, though no layer draws")
    faults += _looked(project, whole)
    return faults + _resumed(project, base, {"cpu": on_cpu, CARD: whole})


def same_end_faults(project: Project) -> list[str]:
    """How a run that fails ends otherwise than on the CPU, in its words and in the weights that it leaves."""
    on_cpu, on_card = (trained(project, device, steps=4 * STEPS) for device in ("cpu", CARD))
    faults = []
    if not on_cpu.failure or on_cpu.failure != on_card.failure:
        faults.append(f"ends with {on_card.failure!r}; on the CPU with {on_cpu.failure!r}")
    if not alike(on_cpu.weights, on_card.weights):
        faults.append("leaves other weights than on the CPU")
    return faults


def waits_of(project: Project) -> list[str]:
    """What waited within the steps, in sentences; the searches of L-BFGS may."""
    searches = any(node.params.get("optimiser") == "lbfgs" for node in project.main.nodes.values())
    return [
        f"{n} waits in {STEPS} steps ({what}) at {at}"
        for (what, at), n in WAITS.items()
        if not (searches and at.startswith(SEARCH))
    ]


def _looked(project: Project, whole: Ended) -> list[str]:
    looked = trained(project, CARD, steps=STEPS, looks=True)
    told = [text for text in (*looked.warnings, looked.failure) if text and text not in whole.warnings]
    faults = [f"looking: {text}" for text in told]
    if not looked.frames:
        faults.append("looking: no lens showed anything")
    if not alike(whole.weights, looked.weights):
        faults.append("looking changes the weights")
    return faults


def _resumed(project: Project, base: Path, wholes: dict[str, Ended]) -> list[str]:
    """From the middle: to the same bits on the card; on another kind of device it goes on and says so."""
    faults = []
    for first, then in ((CARD, CARD), (CARD, "cpu"), ("cpu", CARD)):
        kept = base / first / "checkpoints" / f"step-{STEPS // 2:06d}.safetensors"
        done = trained(project, then, folder=base / first, resume=kept)
        if done.failure:
            faults.append(f"resumed {first} -> {then}: {done.failure[:200]}")
        elif first == then and not alike(wholes[first].weights, done.weights):
            faults.append("resumed on the card, it goes on to other weights")
        elif first != then and not any(TELLS in text for text in done.warnings):
            faults.append(f"resumed {first} -> {then}: it does not say that random numbers differ")
        elif not wholes[CARD].draws and (far := apart(done, wholes[then])) > NEAR:
            faults.append(f"resumed {first} -> {then}: losses are {far:.1e} from those of a whole run")
    return faults


def apart(ended: Ended, whole: Ended) -> float:
    """The largest relative difference of losses, from the step on at which the first run began; a loss that
    was not computed is none.
    """
    if ended.losses.keys() != whole.losses.keys():
        return math.inf
    pairs = [
        (a, b)
        for path, losses in ended.losses.items()
        for a, b in zip(losses, whole.losses[path][-len(losses) :], strict=True)
        if a == a or b == b
    ]
    return max(
        (abs(a - b) / max(abs(b), 1e-6) if a == a and b == b else math.inf for a, b in pairs), default=0.0
    )


def alike(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)
