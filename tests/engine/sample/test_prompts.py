"""Prompts of a diffusion sampler: texts become tokens as those of the data do; what is unknown is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from app.lenses.sampled import read_samples
from engine.compile import compile  # noqa: A004
from engine.document import edits
from engine.document.project import MAIN, Project
from engine.feed.sources import Sources
from engine.infer import infer
from engine.sample.history import SampleHistory
from engine.sample.samplers import Samplers
from nodes.modules.sequences.prompts import tokens_of
from nodes.reading.texts.vocabulary import SPECIAL, Cutting, Vocabulary
from nodes.spec import LayerError
from tests.drawings import Step, graph, with_settings

PROMPTS = "a red boot; trousers in blue"


def told(**sampler: Any) -> Project:
    """Each sample is the mean of its words: what is drawn shows what was asked for."""
    nodes: list[Step] = [
        ("data", "data", {"dataset": "fashion-captions", "samples": 60}),
        ("small", "avg_pool2d", {"kernel_size": 8}),
        ("noise", "diffuse", {"steps": 20, "predict": "data"}),
        ("drop", "drop_labels", {}),
        ("words", "embedding", {"embedding_dim": 3}),
        ("mean", "reduce", {"operation": "mean", "dimensions": [1]}),
        ("spread", "reshape", {"shape": [3, 1, 1]}),
        ("nothing", "scale", {"factor": 0.0}),
        ("sum", "add"),
        ("loss", "mse"),
        ("objective", "objective"),
        ("draw", "diffusion_sampler", {"count": 4, "steps": 2, **sampler}),
    ]
    wires = [
        "data.input -> small",
        "small -> noise",
        "data.target -> drop.label",
        "drop -> words",
        "words -> mean",
        "mean -> spread",
        "noise.noisy -> nothing",
        "nothing -> sum",
        "spread -> sum",
        "sum -> loss.prediction",
        "noise.target -> loss.target",
        "loss.loss -> objective.loss",
        "noise.noisy -> draw.noisy",
        "noise.step -> draw.step",
        "drop -> draw.condition",
        "sum -> draw.result",
    ]
    return with_settings(Project(graphs={MAIN: graph(nodes, wires)}), batch_size=8)


def drawn(project: Project) -> tuple[Any, dict[str, Any]]:
    plan = compile(project)
    found = Samplers(plan, Sources(plan)).draw("draw")
    assert found is not None
    return plan, found


def test_prompts_are_drawn_in_turn() -> None:
    project = told(prompts=PROMPTS, value_range="−1–1")
    assert infer(project).problems == ()
    plan, found = drawn(project)
    vocabulary = Sources(plan).infos()["data"].target_vocabulary
    assert vocabulary is not None
    assert found["prompt"].tolist() == ["a red boot", "trousers in blue"] * 2
    assert int(found["columns"]) == 2
    for sample, prompt in zip(found["samples"], found["prompt"], strict=True):
        numbers = [vocabulary.tokens.index(word) for word in prompt.split()]
        words = torch.tensor([*numbers, *[0] * (4 - len(numbers))])
        with torch.no_grad():
            expected = ((plan.modules["words"](words).mean(0) + 1) / 2).clamp(0, 1)
        assert np.allclose(sample, expected.numpy()[:, None, None], atol=1e-5)


def test_they_are_kept_with_the_samples_and_shown_as_what_was_asked_for(tmp_path: Path) -> None:
    _, found = drawn(told(prompts=PROMPTS))
    SampleHistory(tmp_path).keep("draw", 3, 1, found)
    again = SampleHistory(tmp_path).load("draw", 3)
    assert again["prompt"].tolist() == found["prompt"].tolist()
    shown = read_samples(again)
    assert shown is not None
    assert shown.labels == ("a red boot", "trousers in blue") * 2


@pytest.mark.parametrize(
    ("prompts", "expected", "received"),
    [
        ("a red boot; a pink boot", "prompts of words that the data have: a, bag, blue, boot,", "'pink'"),
        ("a red boot in blue", "prompts of at most 4 tokens, as the texts of the data have", "5 in "),
    ],
)
def test_what_the_data_do_not_have_is_told(prompts: str, expected: str, received: str) -> None:
    with pytest.raises(LayerError) as caught:
        drawn(told(prompts=prompts))
    assert caught.value.expected.startswith(expected)
    assert caught.value.received.startswith(received)


def test_prompts_need_tokens() -> None:
    project = told(prompts=PROMPTS)
    wires = [wire for wire in project.main.wires if wire.target == ("draw", "condition")]
    (problem,) = infer(edits.disconnect(project, MAIN, wires[0])).problems
    assert problem.expected == "tokens of texts (N, T) at 'condition' for prompts"
    assert problem.received == "none"


def test_a_prompt_begins_ends_and_is_filled_up_as_the_data_are() -> None:
    vocabulary = Vocabulary(Cutting("word", specials=4), (*SPECIAL, "a", "boot"))
    rows = torch.tensor([[2, 4, 5, 3, 0], [2, 5, 3, 0, 0]])
    assert tokens_of(("boot",), vocabulary, rows).tolist() == [[2, 5, 3, 0, 0]]
    assert tokens_of(("a boot",), vocabulary, torch.tensor([[0, 4, 5]])).tolist() == [[0, 4, 5]]
    with pytest.raises(LayerError, match="no vocabulary"):
        tokens_of(("boot",), None, rows)
