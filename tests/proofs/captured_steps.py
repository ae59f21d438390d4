"""Replayed steps give the bits of steps that are not: captured_steps [NAME …] [--steps N].

Graphs are recorded ones: a replay does the operations of the captured step again and runs no Python of it.
One line for each project says how many steps ran, were captured and were replayed, and what was refused.
`--random N` does the same with N drawings of any networks and objectives.
"""

from __future__ import annotations

import sys
from unittest.mock import patch

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compile import CompileError, compile  # noqa: A004
from engine.document.project import Project
from engine.document.storage import gallery
from engine.feed.sources import Sources
from engine.train.cuda_graphs import captured_steps
from engine.train.cuda_graphs.captured_steps import steps_of
from engine.train.stepper import Stepper
from tests.engine.train.cuda_graphs.recorder import RecordedGraphs
from tests.engine.train.test_random_plans import PlanSpec, drawn_plans

STEPS = 40
Left = tuple[list[list[float | None]], dict[str, torch.Tensor]]


def train(project: Project, steps: int, graphs: RecordedGraphs | None, told: list[str]) -> Left:
    """The losses of so many steps, and the weights and the optimisers' state after them."""
    plan = compile(project)
    sources, stepper = Sources(plan), Stepper(plan, steps)
    with patch.object(captured_steps, "backend_of", lambda device: graphs):
        take, step = steps_of(plan, sources, stepper, 2 * steps, told.append)
    plan.train()
    losses = []
    for i in range(steps):
        epoch = i // sources.steps_per_epoch
        stepper.set_rates(i, epoch)
        losses.append(step(take(), i, epoch))
    sources.close()
    rows = [[None if loss is None else float(loss) for loss in row] for row in losses]
    return rows, {**plan.model.state_dict(), **stepper.state()}


def check(name: str, steps: int) -> tuple[bool, str]:
    """Whether both ways give the same, and a line that says what happened."""
    if not compile(gallery.make(name)).objectives:
        return True, "nothing to train"
    graphs, told = RecordedGraphs(), list[str]()
    plain = train(gallery.make(name), steps, None, told)
    replayed = train(gallery.make(name), steps, graphs, told)
    worse = [n for n, held in plain[1].items() if not torch.equal(held, replayed[1][n])]
    is_same = str(plain[0]) == str(replayed[0]) and not worse  # as text: NaN equals NaN
    counts = ", ".join(f"{graphs.count(word)} {word}" for word in ("eager", "capture", "replay"))
    words = [counts, *told, *([] if is_same else [f"differs: {', '.join(worse[:5]) or 'losses'}"])]
    return is_same and not told, "; ".join(words)


def random_plans(examples: int) -> None:
    """So many drawings of any networks and objectives, each with all that an objective can ask for."""
    replays = 0

    @settings(max_examples=examples, deadline=None, database=None, print_blob=True)
    @given(drawn_plans(), st.sampled_from(["sgd", "adam", "nadam", "rmsprop"]), st.sampled_from([0.0, 0.9]))
    def each(drawn: PlanSpec, optimiser: str, ema: float) -> None:
        nonlocal replays
        for about in drawn.objectives.values():
            about |= {"ema": ema} | ({"optimiser": optimiser} if about["optimiser"] == "adam" else {})
        if not drawn.objectives:
            return
        graphs, told = RecordedGraphs(), list[str]()
        with patch.object(captured_steps, "WARM_UPS", 1):
            try:
                plain = train(drawn.project(), STEPS, None, told)
            except CompileError:  # no gradient flows
                return
            replayed = train(drawn.project(), STEPS, graphs, told)
        assert told == []
        assert str(plain[0]) == str(replayed[0])
        assert [n for n, held in plain[1].items() if str(held) != str(replayed[1][n])] == []
        replays += graphs.count("replay")

    each()
    print(f"ok   {examples} random plans, {replays:,} replays")


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--random"]:
        random_plans(int(arguments[1]))
        return 0
    steps = STEPS
    if "--steps" in arguments:
        at = arguments.index("--steps")
        steps = int(arguments[at + 1])
        arguments = arguments[:at] + arguments[at + 2 :]
    failed = 0
    for name in arguments or [each.name for each in gallery.templates() if not each.full_size]:
        good, line = check(name, steps)
        failed += not good
        print(f"{'ok  ' if good else 'FAIL'} {name:28} {line}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
