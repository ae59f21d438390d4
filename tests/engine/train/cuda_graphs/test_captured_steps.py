"""Captured steps give the bits of steps that are not, though a replay runs no Python: shown with recorded
graphs.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

from engine.document.edits.decoration import set_settings
from engine.document.project import Project
from engine.messages.commands import SetLearningRate
from engine.messages.events import Event, Progress, Warned
from engine.run.run import Run
from engine.train import update_rule
from engine.train.cuda_graphs import captured_steps
from engine.train.loop import Loop
from engine.train.stepper import Stepper
from tests import drawings
from tests.engine.train.cuda_graphs.recorder import RecordedGraphs
from tests.resuming import drawn, own_values

STEPS = 50


class Trained(NamedTuple):
    """What a run told and left."""

    losses: dict[str, list[float]]
    state: dict[str, Tensor]
    warnings: list[str]


def small(project: Project, batch_size: int = 16) -> Project:
    return set_settings(project, batch_size=batch_size)


def mlp(**objective: Any) -> Project:
    """1,437 digits in batches of 64: the last batch of an epoch, the 23rd, is smaller."""
    steps: list[drawings.Step] = [
        ("flatten", "flatten"),
        ("linear1", "linear", {"out_features": 16}),
        ("relu", "relu"),
        ("linear2", "linear", {"out_features": 10}),
    ]
    return drawings.chain({"dataset": "digits"}, steps, **objective)


def trained(project: Project, monkeypatch: pytest.MonkeyPatch, graphs: RecordedGraphs | None) -> Trained:
    monkeypatch.setattr(captured_steps, "backend_of", lambda device: graphs)
    events: list[Event] = []
    run = Run(project, steps=STEPS)
    steppers: list[Stepper] = []

    def kept(*given: Any) -> Loop:
        loop = Loop(*given)
        steppers.append(loop.stepper)
        return loop

    run.loop_kind = kept
    finished = run.execute(events.append)
    assert finished.status == "completed", finished.message
    losses: dict[str, list[float]] = {}
    for event in events:
        for path, told in event.losses.items() if isinstance(event, Progress) else ():
            losses.setdefault(path, []).extend(told)
    assert run.plan is not None
    state = {**run.plan.model.state_dict(), **steppers[0].state()}
    return Trained(losses, state, [e.message for e in events if isinstance(e, Warned)])


KINDS: dict[str, Any] = {
    "mlp": mlp,
    "lenet5": lambda: small(drawings.lenet5(), 32),
    "gan": drawings.gan,
    "gan, every third": lambda: drawings.gan(every=3),
    "gan with gradient penalty": lambda: small(drawings.wgan_gp(), 32),
    "dropout and batch norm": lambda: small(drawings.convnet("digits", width=4)),
    "augmented, one cycle, sgd, running mean, accumulate 3": lambda: drawn("augmented, one cycle"),
    "lstm": lambda: drawings.with_settings(drawings.lstm(8), batch_size=8),
    "own values": own_values,
    "accumulate 2": lambda: mlp(accumulate=2),
    "running mean": lambda: mlp(ema=0.9),
    "clipped": lambda: mlp(clip_norm=0.5),
    "cosine": lambda: mlp(schedule="cosine"),
    "warm-up": lambda: mlp(warmup_steps=20),
    "bfloat16": lambda: set_settings(mlp(), precision="bfloat16"),
    **{
        optimiser: lambda optimiser=optimiser: mlp(optimiser=optimiser, weight_decay=0.01, schedule="cosine")
        for optimiser in ("sgd", "adamw", "nadam", "rmsprop", "adagrad", "muon")
    },
}


@pytest.mark.parametrize("name", KINDS)
def test_losses_and_weights_are_those_of_steps_that_are_not_captured(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, graphs = KINDS[name](), RecordedGraphs()
    plain = trained(project, monkeypatch, None)
    replayed = trained(project, monkeypatch, graphs)
    assert graphs.count("replay") > STEPS / 2
    assert replayed.losses == plain.losses
    assert replayed.state.keys() == plain.state.keys()
    assert [n for n, tensor in plain.state.items() if not torch.equal(tensor, replayed.state[n])] == []
    assert replayed.warnings == plain.warnings


def test_a_last_smaller_batch_and_the_last_step_are_never_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    graphs = RecordedGraphs()
    trained(mlp(), monkeypatch, graphs)
    # the first step, three warm-ups, then replays but for steps 23 and 46 (29 samples) and the last
    assert Counter(note.partition(" ")[0] for note in graphs.notes) == {
        "eager": 3,
        "capture": 1,
        "replay": 43,
    }


def test_there_is_a_graph_for_each_set_of_objectives_and_each_place_in_an_accumulation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graphs = RecordedGraphs()
    trained(small(drawings.gan(every=3)), monkeypatch, graphs)
    assert graphs.count("capture") == 2
    graphs = RecordedGraphs()
    trained(mlp(accumulate=4), monkeypatch, graphs)
    assert graphs.count("capture") == 4


def test_an_update_that_searches_is_never_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    graphs = RecordedGraphs()
    trained(mlp(optimiser="lbfgs", iterations=2), monkeypatch, graphs)
    assert graphs.notes == []


def test_the_setting_turns_graphs_off(monkeypatch: pytest.MonkeyPatch) -> None:
    graphs = RecordedGraphs()
    project = set_settings(mlp(), cuda_graphs="off")
    trained(project, monkeypatch, graphs)
    assert graphs.notes == []


def test_a_replay_reads_no_number_of_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rate that stayed a number would be that of the captured step for ever: a recorded graph shows it."""
    plain = trained(mlp(schedule="cosine"), monkeypatch, None)
    monkeypatch.setattr(update_rule.DeviceScalars, "read", lambda scalars: list(scalars._values))
    frozen = trained(mlp(schedule="cosine"), monkeypatch, RecordedGraphs())
    assert frozen.losses["objective"][:5] == plain.losses["objective"][:5]
    assert frozen.losses["objective"][-1] != plain.losses["objective"][-1]


@pytest.mark.parametrize("accumulate", [1, 2])
def test_what_cannot_be_captured_runs_as_before_and_is_told_once(
    accumulate: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = mlp(accumulate=accumulate, optimiser="nadam")
    plain = trained(project, monkeypatch, None)
    graphs = RecordedGraphs(refuses="nonzero waits for the device")
    refused = trained(project, monkeypatch, graphs)
    assert graphs.count("replay") == 0
    assert refused.losses == plain.losses
    assert all(torch.equal(tensor, refused.state[name]) for name, tensor in plain.state.items())
    assert refused.warnings == [
        "Some steps run without CUDA graphs, which is slower: nonzero waits for the device."
    ]


def test_what_is_told_after_every_step_is_the_same_and_a_rate_set_by_hand_counts_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Metrics are measured on the values of the last replay; a rate is set between any two."""
    monkeypatch.setattr("engine.train.loss_report.FLUSH_SECONDS", 0.0)
    found: list[tuple[list[object], dict[str, Tensor]]] = []
    for graphs in (None, RecordedGraphs()):
        monkeypatch.setattr(captured_steps, "backend_of", lambda device, graphs=graphs: graphs)
        run, told = Run(mlp(), steps=30), list[object]()

        def note(event: Event, run: Run = run, told: list[object] = told) -> None:
            if isinstance(event, Progress):
                told.append((event.steps, event.losses, event.metrics, event.learning_rates))
                run.send(SetLearningRate("objective", 1e-2 / event.step))

        assert run.execute(note).status == "completed"
        assert run.plan is not None
        found.append((told, run.plan.model.state_dict()))
    (plain, weights), (replayed, others) = found
    assert len(plain) == 30
    assert plain == replayed
    assert all(torch.equal(tensor, others[name]) for name, tensor in weights.items())
