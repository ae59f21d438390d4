"""Trains every project of the gallery to the figure on its card: gallery [NAME …] [--seeds 0,1,2].

Networks of full size take one step of training on two of their pictures. At the end a table has each project,
its figure over the seeds and the seconds it took; it ends with 1 where a figure is not reached.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from engine.data import catalogue
from engine.document import edits
from engine.document.project import MAIN
from engine.document.storage import gallery
from engine.messages.events import Event, Progress, Validated
from engine.run.run import Run
from nodes.data.source import DataSource
from nodes.reading.dataset import DataSet
from nodes.registry import REGISTRY
from tests.proofs.begun import from_weights
from tests.proofs.generative import generative_learns


@dataclass
class Course:
    """What was measured while one project trained."""

    data: DataSet
    seconds: list[float] = field(default_factory=list)
    seen: list[Validated] = field(default_factory=list)

    def last(self, metric: str) -> float:
        return self.seen[-1].metrics[metric]


Check = Callable[[Course], tuple[bool, str]]
"""Whether a figure is reached, and the figure in words."""


def at_least(metric: str, least: float) -> Check:
    def check(course: Course) -> tuple[bool, str]:
        last, best = course.last(metric), max(event.metrics[metric] for event in course.seen)
        return last >= least, f"{metric} {last:.4f} at the end (best {best:.4f}), at least {least}"

    return check


def beats_last_value(course: Course) -> tuple[bool, str]:
    part, everything = course.data.validation, np.arange(len(course.data.validation))
    assert part.target is not None
    naive = part.input.fetch(everything)[:, -1, 0] - part.target.fetch(everything)[:, 0]
    error = float(np.sqrt((naive**2).mean()))
    return course.last("rmse") < error, f"rmse {course.last('rmse'):.4f}, last value {error:.4f}"


def beats_mean(course: Course) -> tuple[bool, str]:
    part, everything = course.data.validation, np.arange(len(course.data.validation))
    assert part.target is not None
    assert part.target_scaling is not None
    away = part.target.fetch(everything)[:, 0] - part.target_scaling.mean[0]
    error = float(np.sqrt((away**2).mean()))
    return course.last("rmse") < 0.85 * error, f"rmse {course.last('rmse'):.4f}, mean {error:.4f}"


def falls_below(limit: float, within: float) -> Check:
    def check(course: Course) -> tuple[bool, str]:
        pairs = zip(course.seconds, course.seen, strict=True)
        when = next((s for s, event in pairs if event.losses["objective"] < limit), float("inf"))
        last = course.seen[-1].losses["objective"]
        return (
            when <= within,
            f"below {limit} after {when:.1f} s (at most {within:.0f}), {last:.4f} at the end",
        )

    return check


def at_most(metric: str, most: float) -> Check:
    def check(course: Course) -> tuple[bool, str]:
        return course.last(metric) <= most, f"{metric} {course.last(metric):.4f}, at most {most}"

    return check


def overfits(course: Course) -> tuple[bool, str]:
    """The validation loss ends well above its least, and far above the loss of training."""
    held = [event.losses["objective"] for event in course.seen]
    return (
        held[-1] > 1.5 * min(held),
        f"validation loss {held[-1]:.3f} at the end, {min(held):.3f} at its least",
    )


def penalties_help(course: Course) -> tuple[bool, str]:
    """L2 and L1 come closer to unseen samples than the same network without, by a fifth at least."""
    over, l2, l1 = (course.last(f"{net}_rmse") for net in ("over", "l2", "l1"))
    return max(l1, l2) < 0.8 * over, f"rmse {over:.3f} without penalty, {l2:.3f} with L2, {l1:.3f} with L1"


CHECKS: dict[str, Check] = {
    "linear-table": beats_mean,
    "perceptron-and": at_least("accuracy", 1.0),
    "perceptron-or": at_least("accuracy", 1.0),
    "perceptron-xor": at_most("accuracy", 0.75),
    "mlp-spiral": at_least("accuracy", 0.98),
    "retina": at_least("accuracy", 0.95),
    "fit-line": at_most("rmse", 0.3),
    "fit-parabola": at_most("rmse", 0.35),
    "fit-cubic": at_most("rmse", 0.4),
    "fit-exponential": at_most("rmse", 0.3),
    "overfitting": overfits,
    "l1-and-l2": penalties_help,
    "cnn-digits": at_least("accuracy", 0.98),
    "lenet5-fashion": at_least("accuracy", 0.875),
    "resnet20-fashion": at_least("accuracy", 0.895),
    "inception-fashion": at_least("accuracy", 0.88),
    "xception-fashion": at_least("accuracy", 0.88),
    "unet-scenes": at_least("dice", 0.85),
    "unet-mri": at_least("dice", 0.85),
    "lstm-sunspots": beats_last_value,
    "rnn-from-gates": beats_last_value,
    "lstm-from-gates": beats_last_value,
    "gru-from-gates": beats_last_value,
    "copy-task": at_least("lstm_accuracy", 0.95),
    "seq2seq-translation": at_least("accuracy", 0.7),
    "seq2seq-attention": at_least("accuracy", 0.95),
    "transformer-translation": at_least("accuracy", 0.99),
    "vit-fashion": at_least("accuracy", 0.8),
    "bert-definitions": at_least("accuracy", 0.24),
    "attention-moby": falls_below(2.1, 60.0),
    "gpt-moby": falls_below(1.75, 300.0),
}


BETTER = (
    ("seq2seq-attention", "seq2seq-translation"),
    ("transformer-translation", "seq2seq-attention"),
)
"""Projects of which the first must come to a higher accuracy than the second with every seed."""


@dataclass(frozen=True)
class Outcome:
    """What one project came to with one seed."""

    holds: bool
    words: str
    seconds: float
    accuracy: float = math.nan


def train(name: str, seed: int) -> Outcome:
    project = gallery.make(name)
    source = REGISTRY.make("data", project.main.nodes["data"].params)
    assert isinstance(source, DataSource)
    course = Course(catalogue.load(source, seed=project.settings.seed))
    started = perf_counter()

    def sink(event: Event) -> None:
        if isinstance(event, Validated):
            course.seconds.append(perf_counter() - started)
            course.seen.append(event)

    finished = Run(project, seed=seed).execute(sink)
    if finished.status != "completed":
        return Outcome(False, finished.message, finished.seconds)
    holds, words = CHECKS[name](course)
    accuracy = course.seen[-1].metrics.get("accuracy", math.nan)
    return Outcome(holds, f"{words}; {finished.epoch} epochs", finished.seconds, accuracy)


def step(name: str, seed: int) -> Outcome:
    """One step of training, forward and back, of a network of full size on two samples."""
    project = edits.set_settings(gallery.make(name), batch_size=2)
    for node in project.main.nodes.values():
        if node.layer == "data":
            project = edits.set_param(project, MAIN, node.id, "samples", 4)
    losses: list[float] = []

    def sink(event: Event) -> None:
        if isinstance(event, Progress):
            losses.extend(event.losses["objective"])

    started = perf_counter()
    finished = Run(project, seed=seed, steps=1, device="cpu").execute(sink)
    holds = finished.status == "completed" and len(losses) == 1 and math.isfinite(losses[0])
    words = f"one step, loss {losses[0]:.3f}" if holds else finished.message
    return Outcome(holds, words, perf_counter() - started)


def generate(name: str, seed: int) -> Outcome:
    """A project that generates, by its own measure."""
    started = perf_counter()
    holds, words = generative_learns.check(name, seed, None)
    return Outcome(holds, words, perf_counter() - started)


BEGUN: dict[str, Callable[[int], tuple[bool, str]]] = {
    "transfer-emoji": from_weights.transfer,
    "bert-classifier": from_weights.bert,
}
"""Projects that begin with weights, by what these are worth."""


def begin(name: str, seed: int) -> Outcome:
    """A project that begins with weights, against the same from scratch."""
    started = perf_counter()
    holds, words = BEGUN[name](seed)
    return Outcome(holds, words, perf_counter() - started)


def ways() -> dict[str, Callable[[str, int], Outcome]]:
    """How each project of the gallery is tried, in the order of the course; some have nothing to train."""
    found: dict[str, Callable[[str, int], Outcome]] = {}
    for template in gallery.templates():
        if template.full_size:
            found[template.name] = step
        elif template.name in CHECKS:
            found[template.name] = train
        elif template.name in BEGUN:
            found[template.name] = begin
        elif template.name in generative_learns.CHECKS:
            found[template.name] = generate
    return found


def main(arguments: list[str]) -> int:
    seeds, known = [0, 1, 2], ways()
    if "--seeds" in arguments:
        at = arguments.index("--seeds")
        seeds = [int(seed) for seed in arguments[at + 1].split(",")]
        arguments = arguments[:at] + arguments[at + 2 :]
    unknown = set(arguments) - set(known)
    if unknown:
        print(f"Expected some of {', '.join(known)}. Received {', '.join(unknown)}.", file=sys.stderr)
        return 2
    table: list[tuple[str, int, list[Outcome]]] = []
    for name in arguments or known:
        outcomes = []
        for seed in seeds[:1] if known[name] is step else seeds:
            outcomes.append(outcome := known[name](name, seed))
            word = "holds" if outcome.holds else "FAILS"
            print(f"{word}  {name} seed {seed}: {outcome.words}; {outcome.seconds:.1f} s", flush=True)
        table.append((name, sum(outcome.holds for outcome in outcomes), outcomes))
    print()
    for name, held, outcomes in table:
        seconds = statistics.median(outcome.seconds for outcome in outcomes)
        print(f"{name:24} {held} of {len(outcomes)} {seconds:7.1f} s  {outcomes[0].words}")
    worse = compared({name: outcomes for name, _, outcomes in table})
    return int(bool(worse) or any(held < len(outcomes) for _, held, outcomes in table))


def compared(table: dict[str, list[Outcome]]) -> list[str]:
    """Prints the pairs of `BETTER` that were both trained, and gives the names that were not better."""
    worse = []
    for better, other in BETTER:
        if better in table and other in table:
            pairs = [(a.accuracy, b.accuracy) for a, b in zip(table[better], table[other], strict=True)]
            holds = all(a > b for a, b in pairs)
            words = ", ".join(f"{a:.4f} > {b:.4f}" for a, b in pairs)
            print(f"{'holds' if holds else 'FAILS'}  {better} beats {other}: {words}")
            worse += [] if holds else [better]
    return worse
