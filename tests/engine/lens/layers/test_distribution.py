"""Distribution: the scores that are sent, and probabilities that equal torch's and a sampler's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from app.lenses.distribution.shares import Controls, probabilities
from engine.compile import compile  # noqa: A004
from engine.feed.sources import Sources
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.given import SampleReader
from engine.lens.pinned import feeds_of
from engine.lens.registry import LENSES
from engine.messages.lens_request import LensRequest
from nodes.modules.sampler import Choosing
from nodes.modules.sampler import probabilities as of_sampler
from nodes.registry import REGISTRY
from tests.gallery.held import project, report


def seen(name: str, sample: int = 0) -> tuple[dict[str, np.ndarray], torch.Tensor, torch.Tensor]:
    """The arrays, the whole output of the network and the target."""
    plan = compile(project(name))
    sources = Sources(plan)
    values = sources.sample(sample)
    looked = look(plan, Feeds(values), [LensRequest("distribution", "output")], 0)
    assert not looked.failed
    (end,) = plan.nodes["output"].inputs[0] if "output" in plan.nodes else (plan.outputs["output"],)
    plan.eval()
    with torch.no_grad():
        (output,) = plan.looked_at((end,))(values)
    target = next(value for key, value in values.items() if key.port == "target")
    return (dict(looked.frames[0].arrays) if looked.frames else {}), output, target


def test_scores_of_a_classifier_are_all_there() -> None:
    arrays, output, target = seen("lenet5-fashion")
    assert arrays["logits"] == pytest.approx(output[0].numpy(), abs=1e-6)
    assert (int(arrays["total"]), int(arrays["target"])) == (10, int(target[0]))
    assert arrays["position"].tolist() == [0, 1]


def test_of_a_sequence_the_last_position_counts() -> None:
    arrays, output, target = seen("gpt-moby")
    assert output.dim() == 3
    assert arrays["logits"] == pytest.approx(output[0, -1].numpy(), abs=1e-5)
    assert int(arrays["target"]) == int(target[0, -1])
    assert arrays["position"].tolist() == [output.shape[1] - 1, output.shape[1]]


def test_of_what_a_person_typed_there_are_scores_without_a_true_class() -> None:
    plan = compile(project("attention-moby"))
    typed = SampleReader(project("attention-moby")).of_text("the white whal")
    feeds = feeds_of(plan, Sources(plan), [typed])
    (frame,) = look(plan, feeds, [LensRequest("distribution", "output")], 0).frames
    assert int(frame.arrays["total"]) == 81
    assert int(frame.arrays["target"]) == -1
    assert len(frame.arrays["logits"]) == 81


def test_it_is_not_offered_for_pictures_and_shows_no_scores_of_values() -> None:
    lens, output = LENSES["distribution"], REGISTRY["output"]
    assert lens.applies_to(output, report("lenet5-fashion").nodes["output"])
    assert not lens.applies_to(output, report("autoencoder-fashion").nodes["reconstruction"])
    assert not lens.applies_to(REGISTRY["linear"], report("lenet5-fashion").nodes["linear3"])
    arrays, _, _ = seen("linear-table")
    assert arrays == {}


CONTROLS = [
    Controls(),
    Controls(0.2),
    Controls(10.0),
    Controls(1.0, 1),
    Controls(0.7, 5),
    Controls(1.3, 0, 0.5),
    Controls(0.9, 12, 0.8),
    Controls(1.0, 0, 0.1),
]


@pytest.mark.parametrize("controls", CONTROLS)
def test_probabilities_are_those_that_a_sampler_draws_from(controls: Controls) -> None:
    logits = np.sort(np.random.default_rng(3).normal(0, 2, 60))[::-1].copy()
    scaled, softmax, final = probabilities(logits, controls)
    choosing = Choosing(controls.temperature, controls.top_k, controls.top_p)
    expected = of_sampler(torch.tensor(logits)[None], choosing)[0].numpy()
    np.testing.assert_allclose(final, expected, atol=1e-12)
    np.testing.assert_allclose(scaled, logits / controls.temperature)
    if not controls.top_k:
        whole = torch.softmax(torch.tensor(logits) / controls.temperature, 0).numpy()
        np.testing.assert_allclose(softmax, whole, atol=1e-12)
    assert final.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("p", [0.1, 0.35, 0.9, 0.999])
def test_the_nucleus_by_hand(p: float) -> None:
    """The shortest row of the likeliest whose shares reach p."""
    logits = np.log([0.4, 0.3, 0.15, 0.1, 0.05])
    _, softmax, final = probabilities(logits, Controls(top_p=p))
    held, count = 0.0, 0
    while held < p - 1e-12:
        held += softmax[count]
        count += 1
    assert (final > 0).sum() == count
    np.testing.assert_allclose(final[:count], softmax[:count] / held)


@pytest.mark.parametrize("k", [1, 3, 50])
def test_top_k_by_torch(k: int) -> None:
    logits = np.sort(np.random.default_rng(1).normal(size=50))[::-1].copy()
    _, softmax, _ = probabilities(logits, Controls(top_k=k))
    best = torch.tensor(logits).topk(k).values.softmax(0).numpy()
    np.testing.assert_allclose(softmax[:k], best, atol=1e-12)
    assert not softmax[k:].any()
