"""Samplers with any condition, and with a decoder: latent diffusion, conditioned on words with a mask."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.compile import compile  # noqa: A004
from engine.document import edits
from engine.document.project import MAIN, Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.infer import infer
from engine.sample.channels import as_pictures
from engine.sample.function import DrawnFunction
from engine.sample.samplers import Samplers
from nodes.modules.diffusion import Way, back, shares
from nodes.spec import N, TensorSpec
from nodes.training.diffusion import DropLabels
from tests.drawings import Step, graph, with_settings

COUNT, STEPS = 4, 3


def latent_diffusion(condition: str = "words", **sampler: Any) -> Project:
    """Pictures become latents of 2 channels; a network undoes their noise, told a condition and the step."""
    told: dict[str, list[Step]] = {
        "words": [("words", "reshape", {"shape": [64]}), ("told", "linear", {"out_features": 2})],
        "label": [("told", "embedding", {"embedding_dim": 2})],
    }
    nodes: list[Step] = [
        ("data", "data", {"dataset": "digits"}),
        ("encode", "conv2d", {"out_channels": 2, "kernel_size": 2, "stride": 2}),
        ("decode", "conv_transpose2d", {"out_channels": 1, "kernel_size": 2, "padding": 0}),
        ("noise", "diffuse", {"steps": 20}),
        ("drop", "drop_labels", {"p": 0.5}),
        *told[condition],
        ("time", "time_embedding", {"dims": 2}),
        ("both", "add"),
        ("place", "reshape", {"shape": [2, 1, 1]}),
        ("sum", "add"),
        ("predict", "conv2d", {"out_channels": 2, "kernel_size": 1}),
        ("loss", "mse"),
        ("picture_loss", "mse"),
        ("objective", "objective"),
        ("draw", "diffusion_sampler", {"count": COUNT, "steps": STEPS, **sampler}),
    ]
    wires = [
        "data.input -> encode",
        "encode -> noise",
        "encode -> decode",
        f"data.{'input' if condition == 'words' else 'target'} -> drop.label",
        *(["drop -> words", "words -> told"] if condition == "words" else ["drop -> told"]),
        "noise.step -> time.step",
        "told -> both",
        "time -> both",
        "both -> place",
        "noise.noisy -> sum",
        "place -> sum",
        "sum -> predict",
        "predict -> loss.prediction",
        "noise.target -> loss.target",
        "decode -> picture_loss.prediction",
        "data.input -> picture_loss.target",
        "loss.loss -> objective.loss",
        "picture_loss.loss -> objective.loss",
        "noise.noisy -> draw.noisy",
        "noise.step -> draw.step",
        "drop -> draw.condition",
        "encode -> draw.latent",
        "predict -> draw.result",
        "decode -> draw.decoded",
    ]
    return with_settings(Project(graphs={MAIN: graph(nodes, wires)}), batch_size=16)


def by_hand(project: Project, guidance: float) -> tuple[Tensor, Tensor]:
    """Latents and pictures as one writes it in torch: DDIM with guidance, then the decoder."""
    plan = compile(project)
    sources = Sources(plan)
    plan.eval()
    data = sources.pinned(COUNT, 0)[FlatEnd("data", "input")]
    modules, way = plan.modules, Way("cosine", 20, "noise", STEPS, 0.0)
    generator, left, times = torch.Generator().manual_seed(0), shares("cosine", 20).tolist(), way.times()
    size = modules["encode"](data).shape

    def said(value: Tensor, time: int, condition: Tensor) -> Tensor:
        told = modules["told"](condition.flatten(1))
        moved = told + modules["time"](torch.full((COUNT,), time))
        result: Tensor = modules["predict"](value + moved[:, :, None, None])
        return result

    with torch.no_grad():
        value = torch.randn(size, generator=generator)
        for place, time in enumerate(times):
            with_, without = said(value, time, data), said(value, time, torch.zeros_like(data))
            predicted = torch.lerp(without, with_, guidance)
            then = left[times[place + 1]] if place + 1 < len(times) else 1.0
            noise = torch.randn(size, generator=generator)
            value = back(way, value, predicted, left[time], then, noise)
        return value, modules["decode"](value)


def test_latents_are_drawn_with_any_condition_and_decoded_at_the_end() -> None:
    project = latent_diffusion(guidance=3.0)
    assert infer(project).problems == ()
    latents, pictures = by_hand(project, 3.0)
    plan = compile(project)
    found = Samplers(plan, Sources(plan)).draw("draw")
    assert found is not None
    assert found["samples"].shape == (COUNT, 1, 8, 8)
    assert found["trail"].shape[2:] == (1, 8, 8)
    data = Sources(plan).pinned(COUNT, 0)[FlatEnd("data", "input")]
    low, high = float(data.min()), float(data.max())
    shown = ((pictures - low) / (high - low)).clamp(0, 1)
    assert torch.allclose(torch.from_numpy(found["samples"]), shown, atol=1e-5)
    assert latents.shape == (COUNT, 2, 4, 4)


def test_without_a_decoder_latents_are_shown_by_channels() -> None:
    project = latent_diffusion()
    for port in ("latent", "decoded"):
        wire = next(each for each in project.main.wires if each.target == ("draw", port))
        project = edits.disconnect(project, MAIN, wire)
    plan = compile(project)
    found = Samplers(plan, Sources(plan)).draw("draw")
    assert found is not None
    assert found["samples"].shape == (COUNT, 2, 4, 4)
    assert as_pictures(found["samples"]).shape == (COUNT, 1, 4, 8)


def test_the_decoder_runs_at_the_end_alone() -> None:
    plan = compile(latent_diffusion())
    bound = DrawnFunction(plan, "draw").bind(Sources(plan).pinned(COUNT, 0))
    assert [*bound({"noisy": bound.pinned["noisy"]})] == ["result"]
    assert [*bound({"latent": bound.pinned["latent"]})] == ["decoded"]
    assert "decode" not in str(bound.parts[0].graph.module.graph)
    assert "predict" not in str(bound.parts[1].graph.module.graph)


def test_labels_are_drawn_in_turn_as_before() -> None:
    plan = compile(latent_diffusion("label", guidance=2.0, classes=[3, 5]))
    found = Samplers(plan, Sources(plan)).draw("draw")
    assert found is not None
    assert found["label"].tolist() == [3, 5, 3, 5]
    assert found["samples"].shape == (COUNT, 1, 8, 8)


def test_tokens_and_other_conditions_are_dropped_whole() -> None:
    tokens = torch.arange(3000).reshape(1000, 3) % 7
    module = DropLabels(p=0.5).build(TensorSpec((N, 3), "int64", 7))
    torch.manual_seed(0)
    left = module.train()(tokens)
    dropped = (left == 7).all(1)
    assert torch.equal(left[~dropped], tokens[~dropped])
    assert math.isclose(float(dropped.float().mean()), 0.5, abs_tol=0.05)
    rows = DropLabels(p=1.0).build(TensorSpec((N, 3))).train()(torch.ones(4, 3))
    assert torch.equal(rows, torch.zeros(4, 3))


def test_words_with_a_mask_are_a_condition() -> None:
    """Captions of scenes: tokens are embedded, those that pad are masked, and their sum tells the network."""
    nodes: list[Step] = [
        ("data", "data", {"dataset": "scene-captions", "samples": 200}),
        ("noise", "diffuse", {"steps": 20}),
        ("drop", "drop_labels", {}),
        ("words", "embedding", {"embedding_dim": 3}),
        ("places", "reshape", {"shape": [9, 1]}),
        ("masked", "multiply"),
        ("told", "reduce", {"operation": "sum", "dimensions": [1]}),
        ("spread", "reshape", {"shape": [3, 1, 1]}),
        ("sum", "add"),
        ("predict", "conv2d", {"out_channels": 3, "kernel_size": 3, "padding": 1}),
        ("loss", "mse"),
        ("objective", "objective"),
        ("draw", "diffusion_sampler", {"count": 3, "steps": 2, "guidance": 2.0}),
    ]
    wires = [
        "data.input -> noise",
        "data.target -> drop.label",
        "drop -> words",
        "data.target_mask -> places",
        "words -> masked",
        "places -> masked",
        "masked -> told",
        "told -> spread",
        "noise.noisy -> sum",
        "spread -> sum",
        "sum -> predict",
        "predict -> loss.prediction",
        "noise.target -> loss.target",
        "loss.loss -> objective.loss",
        "noise.noisy -> draw.noisy",
        "noise.step -> draw.step",
        "drop -> draw.condition",
        "predict -> draw.result",
    ]
    project = with_settings(Project(graphs={MAIN: graph(nodes, wires)}), batch_size=8)
    assert infer(project).problems == ()
    plan = compile(project)
    sources = Sources(plan)
    bound = DrawnFunction(plan, "draw").bind(sources.pinned(3, 0))
    assert torch.equal(bound.pinned["condition"], sources.pinned(3, 0)[FlatEnd("data", "target")])
    found = Samplers(plan, sources).draw("draw")
    assert found is not None
    assert found["samples"].shape == (3, 3, 32, 32)


@pytest.mark.parametrize(
    ("port", "expected"),
    [("latent", "a wire into 'latent' too"), ("decoded", "a wire into 'decoded' too")],
)
def test_a_latent_needs_its_decoder_and_the_other_way_round(port: str, expected: str) -> None:
    project = latent_diffusion()
    wire = next(each for each in project.main.wires if each.target == ("draw", port))
    (problem,) = infer(edits.disconnect(project, MAIN, wire)).problems
    assert problem.path == "draw"
    assert problem.expected.startswith(expected)


def test_classes_of_a_condition_that_is_no_label_are_refused() -> None:
    (problem,) = infer(latent_diffusion(classes=[1])).problems
    assert problem.expected == "no classes to draw, because the condition is no label"
