"""Trains every project of the gallery to the figure it must reach: gallery_learns [NAME …] [--seeds 0,1,2].

LeNet-5 at least 87.5 % within 10 epochs, the spiral 98 %, digits 98 %; sunspots must beat the last-value
forecast, the linear model the mean, and the character model must fall below 2.1 within 60 s.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from engine.data import catalogue
from engine.document.storage import gallery
from engine.messages.events import Event, Validated
from engine.run.run import Run
from nodes.data.source import DataSource
from nodes.reading.dataset import DataSet
from nodes.registry import REGISTRY


@dataclass
class Course:
    """What was measured while one project trained."""

    data: DataSet
    seconds: list[float] = field(default_factory=list)
    seen: list[Validated] = field(default_factory=list)

    def last(self, metric: str) -> float:
        return self.seen[-1].metrics[metric]


def at_least(metric: str, least: float) -> Callable[[Course], tuple[bool, str]]:
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


def falls_below(limit: float, within: float) -> Callable[[Course], tuple[bool, str]]:
    def check(course: Course) -> tuple[bool, str]:
        pairs = zip(course.seconds, course.seen, strict=True)
        when = next((s for s, event in pairs if event.losses["objective"] < limit), float("inf"))
        last = course.seen[-1].losses["objective"]
        return (
            when <= within,
            f"below {limit} after {when:.1f} s (at most {within:.0f}), {last:.4f} at the end",
        )

    return check


CHECKS = {
    "lenet5-fashion": at_least("accuracy", 0.875),
    "mlp-spiral": at_least("accuracy", 0.98),
    "cnn-digits": at_least("accuracy", 0.98),
    "lstm-sunspots": beats_last_value,
    "attention-moby": falls_below(2.1, 60.0),
    "linear-table": beats_mean,
}


def train(name: str, seed: int) -> tuple[bool, str]:
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
        return False, finished.message
    holds, words = CHECKS[name](course)
    return holds, f"{words}; {finished.epoch} epochs in {finished.seconds:.1f} s"


def main(arguments: list[str]) -> int:
    seeds = [0, 1, 2]
    if "--seeds" in arguments:
        at = arguments.index("--seeds")
        seeds = [int(seed) for seed in arguments[at + 1].split(",")]
        arguments = arguments[:at] + arguments[at + 2 :]
    unknown = set(arguments) - set(CHECKS)
    if unknown:
        print(f"Expected some of {', '.join(CHECKS)}. Received {', '.join(unknown)}.", file=sys.stderr)
        return 2
    failed = 0
    for name in arguments or CHECKS:
        for seed in seeds:
            holds, words = train(name, seed)
            failed += not holds
            print(f"{'holds' if holds else 'FAILS'}  {name} seed {seed}: {words}", flush=True)
    return int(failed > 0)
