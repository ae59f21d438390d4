"""The loops of samplers against references written out by hand: diffusion's way back, drawing characters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.modules.diffusion import Asked, Way, back, denoise, shares, stages
from nodes.modules.sampler import Choosing, drawn_class, probabilities
from nodes.registry import REGISTRY
from nodes.shared.drawn_function import Drawn, Origin
from nodes.spec import LayerError, N, TensorSpec
from nodes.training.diffusion import Diffuse, DiffusionSampler, DropLabels, TimeEmbedding
from nodes.training.sampler import GenerateText


def finished(loop: Any) -> Any:
    """What a loop returns."""
    while True:
        try:
            next(loop)
        except StopIteration as end:
            return end.value


def origin(layer: Any, port: str, spec: TensorSpec, path: str = "noise") -> Origin:
    return Origin(path, layer, port, spec)


def drawn(
    function: Any, shape: tuple[int, ...], origins: Mapping[str, Origin] | None = None, **pinned: Tensor
) -> Drawn:
    given = {"noisy": torch.zeros(shape), "step": torch.zeros(shape[0], dtype=torch.int64), **pinned}
    return Drawn(function, given, torch.Generator().manual_seed(0), origins or {})


# Diffusion ----------------------------------------------------------------------------------------------


def test_schedules_are_those_of_the_papers() -> None:
    betas = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
    assert torch.allclose(shares("linear", 1000), (1 - betas).cumprod(0))
    assert math.isclose(float(shares("linear", 1000)[-1]), 4.0358e-05, rel_tol=1e-3)
    f = [math.cos((t / 100 + 0.008) / 1.008 * math.pi / 2) ** 2 for t in range(101)]
    cosine = shares("cosine", 100)
    assert torch.allclose(
        cosine[:99], torch.tensor([f[t] / f[0] for t in range(1, 100)], dtype=torch.float64)
    )
    assert 0 < float(cosine[-1]) < 1e-3
    for schedule in ("linear", "cosine"):
        for steps in (1, 10, 200):
            left = shares(schedule, steps)
            assert (left.diff() < 0).all()
            assert ((left > 0) & (left < 1)).all()


@pytest.mark.parametrize("predict", ["noise", "velocity", "data"])
def test_noised_data_and_target_fit_together(predict: str) -> None:
    torch.manual_seed(0)
    x = torch.randn(500, 2)
    noisy, step, target = Diffuse(steps=50, predict=predict).build(TensorSpec((N, 2)))(x)
    left = shares("cosine", 50)[step].float()[:, None]
    noise = (noisy - left.sqrt() * x) / (1 - left).sqrt()
    meant = {"noise": noise, "data": x, "velocity": left.sqrt() * noise - (1 - left).sqrt() * x}[predict]
    assert torch.allclose(target, meant, atol=2e-3)
    assert step.dtype == torch.int64
    assert set(step.tolist()) == set(range(50))
    assert abs(float(noise.mean())) < 0.1
    assert abs(float(noise.std()) - 1) < 0.1


def test_a_step_back_is_that_of_ddpm() -> None:
    left = shares("linear", 100).tolist()
    torch.manual_seed(0)
    x, predicted, z = (torch.randn(5, 3, dtype=torch.float64) for _ in range(3))
    way = Way("linear", 100, "noise", 100, 1.0)
    for t in (1, 40, 99):
        alpha = left[t] / left[t - 1]
        beta = 1 - alpha
        mean = (x - beta / math.sqrt(1 - left[t]) * predicted) / math.sqrt(alpha)
        variance = (1 - left[t - 1]) / (1 - left[t]) * beta
        assert torch.allclose(
            back(way, x, predicted, left[t], left[t - 1], z), mean + math.sqrt(variance) * z
        )
    assert torch.allclose(
        back(way, x, predicted, left[0], 1.0, z),
        (x - math.sqrt(1 - left[0]) * predicted) / math.sqrt(left[0]),
    )


@pytest.mark.parametrize("eta", [0.0, 0.3])
def test_a_step_back_is_that_of_ddim(eta: float) -> None:
    left = shares("cosine", 100).tolist()
    torch.manual_seed(0)
    x, predicted, z = (torch.randn(5, 3, dtype=torch.float64) for _ in range(3))
    now, then = left[80], left[60]
    data = (x - math.sqrt(1 - now) * predicted) / math.sqrt(now)
    sigma = eta * math.sqrt((1 - then) / (1 - now)) * math.sqrt(1 - now / then)
    meant = math.sqrt(then) * data + math.sqrt(1 - then - sigma**2) * predicted + sigma * z
    assert torch.allclose(back(Way("cosine", 100, "noise", 10, eta), x, predicted, now, then, z), meant)


def test_all_kinds_of_prediction_mean_the_same_step() -> None:
    left = shares("cosine", 100).tolist()
    torch.manual_seed(0)
    data, noise, z = (torch.randn(5, 3, dtype=torch.float64) for _ in range(3))
    now, then = left[50], left[40]
    noisy = math.sqrt(now) * data + math.sqrt(1 - now) * noise
    velocity = math.sqrt(now) * noise - math.sqrt(1 - now) * data
    found = [
        back(Way("cosine", 100, predict, 10, 0.5, clip), noisy, said, now, then, z)
        for predict, said in (("noise", noise), ("velocity", velocity), ("data", data))
        for clip in (0.0, 100.0)
    ]
    assert all(torch.allclose(found[0], other) for other in found[1:])


def test_the_way_back_begins_at_the_noisiest_step_and_ends_at_the_first() -> None:
    assert Way("cosine", 4, "noise", 9, 0.0).times() == [3, 2, 1, 0]
    assert Way("cosine", 100, "noise", 100, 0.0).times() == list(range(99, -1, -1))
    left = shares("cosine", 100)
    for steps in (1, 2, 5, 99):
        times = Way("cosine", 100, "noise", steps, 0.0).times()
        assert len(set(times)) == len(times) == steps
        assert times == sorted(times, reverse=True)
        assert steps == 1 or times[-1] == 0
        assert float(left[times[0]]) >= 3e-4 or steps == 99
    assert Way("cosine", 100, "noise", 5, 0.0).times() == [97, 73, 48, 24, 0]


MEAN, SPREAD = torch.tensor([1.5, -0.5]), torch.tensor([[0.8, 0.3], [0.3, 0.4]])


def perfect(steps: int) -> Any:
    """The noise that is expected of a noisy value, where the data are normal with `MEAN` and `SPREAD`."""
    left = shares("cosine", steps).float()

    def function(given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        share = left[given["step"][0]]
        spread = share * SPREAD + (1 - share) * torch.eye(2)
        away = given["noisy"] - share.sqrt() * MEAN
        return {"result": (1 - share).sqrt() * away @ torch.linalg.inv(spread)}

    return function


@pytest.mark.parametrize(("method", "there", "steps"), [("ddpm", 800, 0), ("ddim", 800, 200)])
def test_with_a_perfect_prediction_the_samples_are_the_data(method: str, there: int, steps: int) -> None:
    """Both are right in the limit of many small steps: first order for DDIM, variance for DDPM."""
    layer = DiffusionSampler(method=method, steps=steps, count=4096)
    origins = {
        "noisy": origin(Diffuse(steps=there), "noisy", TensorSpec((N, 2))),
        "step": origin(Diffuse(steps=there), "step", TensorSpec((N,), "int64", there)),
    }
    layer.check_origins(origins)
    samples = finished(layer.draw(drawn(perfect(there), (4096, 2), origins)))["samples"]
    assert torch.allclose(samples.mean(0), MEAN, atol=0.05)
    assert torch.allclose(samples.T.cov(), SPREAD, atol=0.05)


def guided(scale: float, dropping: bool = True, classes: tuple[float, ...] = ()) -> tuple[Tensor, list[Any]]:
    """Samples of a model whose prediction is told by the label alone, and the labels it was asked for."""
    asked: list[Any] = []

    def function(given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        asked.append(given["condition"].tolist())
        told = torch.where(given["condition"] == 3, torch.tensor(0.0), given["condition"] + 1.0)
        return {"result": told[:, None].expand(-1, 2).clone()}

    spec = TensorSpec((N,), "int64", 4 if dropping else 3)
    condition = origin(DropLabels() if dropping else REGISTRY.make("data"), "output", spec, "drop")
    origins = {
        "noisy": origin(Diffuse(steps=10), "noisy", TensorSpec((N, 2))),
        "step": origin(Diffuse(steps=10), "step", TensorSpec((N,), "int64", 10)),
        "condition": condition,
    }
    layer = DiffusionSampler(steps=1, guidance=scale, classes=classes)
    layer.check_origins(origins)
    pinned = torch.zeros(6, dtype=torch.int64)
    found = finished(layer.draw(drawn(function, (6, 2), origins, condition=pinned)))
    return found["samples"], [asked, found["label"].tolist()]


def test_guidance_one_is_the_condition_zero_is_none_and_more_exaggerates() -> None:
    with_, told = guided(1.0)
    assert told == [[[0, 1, 2, 0, 1, 2]], [0, 1, 2, 0, 1, 2]]
    without, told = guided(0.0)
    assert told[0] == [[3] * 6]
    left = float(shares("cosine", 10)[Way("cosine", 10, "noise", 1, 0.0).times()[0]])
    assert torch.allclose(
        without - with_,
        math.sqrt((1 - left) / left) * torch.tensor([1, 2, 3, 1, 2, 3.0])[:, None].expand(-1, 2),
    )
    more, told = guided(4.0)
    assert told[0] == [[0, 1, 2, 0, 1, 2], [3] * 6]
    assert torch.allclose(without - more, 4.0 * (without - with_), rtol=1e-4)
    assert guided(1.0, dropping=False, classes=(2, 0))[1][1] == [2, 0, 2, 0, 2, 0]


def test_guidance_needs_labels_that_are_dropped() -> None:
    with pytest.raises(LayerError, match=r"Expected a wire from Drop condition at 'condition'"):
        guided(2.0, dropping=False)
    with pytest.raises(LayerError, match=r"Expected classes from 0 to 2\. Received 3\."):
        guided(1.0, classes=(3,))
    with pytest.raises(LayerError, match=r"Expected labels at 'condition' to be guided by"):
        DiffusionSampler(guidance=2.0).check(*DiffusionSampler().example_inputs())


def test_a_trail_goes_from_the_noise_to_the_samples() -> None:
    way = Way("cosine", 200, "noise", 50, 0.0)
    found = finished(denoise(drawn(perfect(200), (8, 2), {}), way, 1.0, Asked()))
    assert found["trail"].shape[1:] == (8, 2)
    assert found["trail_steps"] == list(range(51)), "the noise, and what each of the 50 steps came to"
    assert len(found["trail"]) == 51
    assert torch.equal(found["trail"][-1], found["samples"])
    first = torch.randn(8, 2, generator=torch.Generator().manual_seed(0))
    assert torch.equal(found["trail"][0], first)


def test_where_a_trail_has_no_room_for_every_step_it_says_which_it_has() -> None:
    assert stages(50, 1000) == list(range(51))
    assert stages(15, 3) == list(range(16))
    few = stages(200, 3)
    assert (len(few), few[0], few[-1]) == (16, 0, 200)
    more = stages(1000, 40)
    assert (len(more), more[0], more[-1]) == (40, 0, 1000)
    assert all(25 <= after - before <= 26 for before, after in pairwise(more))


def test_labels_are_dropped_in_training_alone() -> None:
    labels = torch.arange(10).repeat(1000)
    spec = TensorSpec((N,), "int64", 10)
    module = DropLabels(p=0.2).build(spec)
    assert torch.equal(module.eval()(labels), labels)
    torch.manual_seed(0)
    left = module.train()(labels)
    dropped = left == 10
    assert abs(float(dropped.float().mean()) - 0.2) < 0.02
    assert torch.equal(left[~dropped], labels[~dropped])
    assert DropLabels().output_classes(spec) == {"output": 11}


def test_a_time_embedding_is_sines_and_cosines() -> None:
    rows = TimeEmbedding(dims=6).build(TensorSpec((N,), "int64"))(torch.tensor([0, 3]))
    lengths = [1.0, 10_000**-0.5, 1e-4]
    assert torch.allclose(rows[0], torch.tensor([0.0, 0, 0, 1, 1, 1]))
    meant = [math.sin(3 * f) for f in lengths] + [math.cos(3 * f) for f in lengths]
    assert torch.allclose(rows[1], torch.tensor(meant))


# Characters ---------------------------------------------------------------------------------------------


def by_hand(logits: list[float], temperature: float, top_k: int, top_p: float) -> list[float]:
    """Temperature, then top-k, then top-p, for one row."""
    best = sorted(range(len(logits)), key=lambda i: -logits[i])[: top_k or len(logits)]
    weights = {i: math.exp(logits[i] / temperature) for i in best}
    total = sum(weights.values())
    kept, held = [], 0.0
    for i in best:
        if held >= top_p and kept:
            break
        kept.append(i)
        held += weights[i] / total
    total = sum(weights[i] for i in kept)
    return [weights[i] / total if i in kept else 0.0 for i in range(len(logits))]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("top_k", [0, 1, 3, 50])
@pytest.mark.parametrize("top_p", [0.0, 0.4, 0.9, 1.0])
def test_probabilities_are_those_of_the_reference(temperature: float, top_k: int, top_p: float) -> None:
    torch.manual_seed(0)
    logits = torch.randn(20, 8, dtype=torch.float64) * 2
    found = probabilities(logits, Choosing(temperature, top_k, top_p))
    meant = torch.tensor([by_hand(row, temperature, top_k, top_p) for row in logits.tolist()])
    assert torch.allclose(found.float(), meant, atol=1e-6)


@pytest.mark.parametrize("temperature", [0.0, 1e-300, 1e-40, 1e-7])
def test_no_temperature_takes_the_likeliest(temperature: float) -> None:
    found = probabilities(torch.tensor([[1.0, 3.0, 2.0]]), Choosing(temperature))
    assert found.tolist() == [[0.0, 1.0, 0.0]]


@pytest.mark.parametrize("everywhere", [True, False])
def test_text_follows_the_scores_and_the_window_moves_on(everywhere: bool) -> None:
    """A model that says "the next letter of the alphabet" is written out, over the end of its window."""
    seen: list[list[int]] = []

    def function(given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        tokens = given["tokens"]
        seen.append(tokens[0].tolist())
        scores = torch.nn.functional.one_hot((tokens + 1) % 5, 5).float() * 100
        return {"logits": scores if everywhere else scores[:, -1]}

    shape = (N, 4, 5) if everywhere else (N, 5)
    tokens = torch.zeros(2, 4, dtype=torch.int64)
    given = Drawn(
        function, {"tokens": tokens}, torch.Generator(), {}, {"logits": TensorSpec(shape)}, tuple("abcde")
    )
    found = finished(GenerateText(prompt="cd", length=6, count=2).draw(given))
    assert found["text"] == ["cdeabcde"] * 2
    assert seen[0] == ([2, 3, 2, 2] if everywhere else [2, 2, 2, 3])
    assert seen[-1] == [0, 1, 2, 3]


def test_text_without_a_prompt_begins_a_line_that_is_not_shown() -> None:
    def function(given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        assert given["tokens"][0, 0] == 1
        return {"logits": torch.tensor([[[100.0, 0.0]] * 3])}

    given = Drawn(
        function,
        {"tokens": torch.zeros(1, 3, dtype=torch.int64)},
        torch.Generator(),
        {},
        {"logits": TensorSpec((N, 3, 2))},
        ("x", "\n"),
    )
    assert finished(GenerateText(length=2, count=1).draw(given))["text"] == ["xx"]


def test_scores_of_another_alphabet_are_refused() -> None:
    tokens = TensorSpec((N, 8), "int64", classes=81)
    with pytest.raises(LayerError, match=r"Expected scores of 81 characters at 'logits'\. Received 10"):
        GenerateText().check(tokens, TensorSpec((N, 8, 10)))


def test_characters_are_drawn_as_torch_draws_them_on_the_cpu() -> None:
    chances = torch.rand(64, 20).masked_fill(torch.rand(64, 20) < 0.3, 0.0)
    chances = chances / chances.sum(1, keepdim=True)
    own, torchs = (torch.Generator().manual_seed(5) for _ in range(2))
    for _ in range(20):
        assert torch.equal(drawn_class(chances, own), torch.multinomial(chances, 1, generator=torchs))
