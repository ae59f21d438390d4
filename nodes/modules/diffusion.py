"""Diffusion in torch: the schedule, the noising module, and the way back from noise to data."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from itertools import cycle, islice

import torch
from torch import Tensor, nn

from nodes.modules.devices.moving import moved
from nodes.modules.sequences.prompts import tokens_of
from nodes.shared.drawn_function import Drawn, Found, Loop

FRAMES = 16
"""Stages of the way back that are kept at least, and all that are kept where a decoder has to show them."""
VALUES = 1 << 21
"""Numbers of all kept stages together: where every step finds room, every step is kept."""
DETAILED = 8
"""Most samples of which the sums of each kept step are kept."""
LEAST = 3e-4
"""Share of the data's variance from which a way back that skips steps begins."""


def shares(schedule: str, steps: int) -> Tensor:
    """ᾱ of every step, `(steps,)` in double precision: the share of the data's variance that is left.

    Linear: noise variances from 1e-4 to 0.02 for 1,000 steps (Ho et al., 2020), stretched for fewer. Cosine:
    Nichol and Dhariwal (2021), equation 17.
    """
    if schedule == "linear":
        scale = 1000.0 / steps
        betas = torch.linspace(1e-4 * scale, 0.02 * scale, steps, dtype=torch.float64)
    else:
        along = torch.arange(steps + 1, dtype=torch.float64) / steps
        left = torch.cos((along + 0.008) / 1.008 * math.pi / 2) ** 2
        betas = 1.0 - left[1:] / left[:-1]
    return (1.0 - betas.clamp(max=0.999)).cumprod(0)


class Diffuse(nn.Module):
    """(x) -> (noisy, step, target), at a random step for each row."""

    signal: Tensor
    noise: Tensor

    def __init__(self, schedule: str, steps: int, predict: str) -> None:
        super().__init__()
        self.steps, self.predict = steps, predict
        left = shares(schedule, steps)
        self.register_buffer("signal", left.sqrt().float(), persistent=False)
        self.register_buffer("noise", (1.0 - left).sqrt().float(), persistent=False)

    def forward(self, data: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        step = torch.randint(0, self.steps, (data.shape[0],), device=data.device)
        drawn = torch.randn_like(data)
        shape = (-1,) + (1,) * (data.dim() - 1)
        signal, noise = self.signal[step].view(shape), self.noise[step].view(shape)
        noisy = signal * data + noise * drawn
        if self.predict == "noise":
            return noisy, step, drawn
        return noisy, step, data.clone() if self.predict == "data" else signal * drawn - noise * data


class TimeEmbedding(nn.Module):
    """(N,) -> (N, dims)."""

    frequencies: Tensor

    def __init__(self, dims: int) -> None:
        super().__init__()
        half = dims // 2
        lengths = torch.exp(-math.log(10_000.0) * torch.arange(half) / max(half - 1, 1))
        self.register_buffer("frequencies", lengths, persistent=False)

    def forward(self, step: Tensor) -> Tensor:
        angle = step[:, None] * self.frequencies
        return torch.cat([angle.sin(), angle.cos()], 1)


class DropLabels(nn.Module):
    """Conditions (N, …), those of some samples replaced by `none` while training."""

    def __init__(self, p: float, none: int) -> None:
        super().__init__()
        self.p, self.none = p, none

    def forward(self, label: Tensor) -> Tensor:
        if not self.training:
            return label.clone()
        dropped = torch.rand(label.shape[:1], device=label.device) < self.p
        return label.masked_fill(dropped.view(-1, *[1] * (label.dim() - 1)), self.none)


# The way back -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """How to come back: the schedule of the way there, what is predicted, how many steps, η, and the clip."""

    schedule: str
    there: int
    predict: str
    steps: int
    eta: float
    clip: float = 0.0

    def times(self) -> list[int]:
        """The steps that are visited, from the noisiest down to 0.

        Where steps are skipped, it begins where at least `LEAST` of the data is left: a guess of the data
        from less is nearly all error, and a long first step would carry that along.
        """
        if self.steps >= self.there:
            return list(range(self.there - 1, -1, -1))
        left = shares(self.schedule, self.there)
        top = max(int((left >= LEAST).sum()) - 1, self.steps - 1)
        if self.steps == 1:
            return [top]
        return [round(top * i / (self.steps - 1)) for i in range(self.steps - 1, -1, -1)]


def back(way: Way, noisy: Tensor, predicted: Tensor, now: float, then: float, noise: Tensor) -> Tensor:
    """One step back, from ᾱ = `now` to ᾱ = `then` (1: the data).

    Song et al. (2021), Denoising diffusion implicit models, equation 12; η = 1 is DDPM's posterior.
    """
    data, direction = _guess(way, noisy, predicted, now)
    signal, kept, fresh = _factors(way, now, then)
    return signal * data + kept * direction + fresh * noise


def _guess(way: Way, noisy: Tensor, predicted: Tensor, now: float) -> tuple[Tensor, Tensor]:
    """The data that are guessed, cut where the way cuts them, and the noise that is left of `noisy` then."""
    data, direction = _split(way, noisy, predicted, now)
    if way.clip:
        data = data.clamp(-way.clip, way.clip)
        direction = (noisy - math.sqrt(now) * data) / math.sqrt(1.0 - now)
    return data, direction


def _factors(way: Way, now: float, then: float) -> tuple[float, float, float]:
    """Of the guessed data, of the noise and of fresh noise in the next value."""
    fresh = way.eta * math.sqrt((1.0 - then) / (1.0 - now)) * math.sqrt(max(1.0 - now / then, 0.0))
    return math.sqrt(then), math.sqrt(max(1.0 - then - fresh**2, 0.0)), fresh


def _split(way: Way, noisy: Tensor, predicted: Tensor, now: float) -> tuple[Tensor, Tensor]:
    """The data and the noise that a prediction means."""
    signal, noise = math.sqrt(now), math.sqrt(1.0 - now)
    if way.predict == "data":
        return predicted, (noisy - signal * predicted) / noise
    if way.predict == "velocity":
        return signal * noisy - noise * predicted, noise * noisy + signal * predicted
    return (noisy - noise * predicted) / signal, predicted


def stages(steps: int, room: int) -> list[int]:
    """After how many of the steps a stage is kept: every one where there is room for so many, else some."""
    most = max(FRAMES, room)
    if steps < most:
        return list(range(steps + 1))
    return sorted({round(i * steps / (most - 1)) for i in range(most)})


@dataclass(frozen=True)
class Asked:
    """What is to be drawn, in turn: labels, or texts; both empty where the data say it."""

    classes: tuple[int, ...] = ()
    prompts: tuple[str, ...] = ()


def denoise(drawn: Drawn, way: Way, guidance: float, asked: Asked) -> Loop:
    """From noise to `samples` (n, …), `trail` (k, n, …), with a condition `label` or `prompt` (n), `real`.

    `trail_steps` (k) says after how many steps each stage of the trail was reached, the last one after all.
    Raises `LayerError` where a prompt has words that the data do not have, or too many.
    """
    pinned = drawn.pinned["noisy"]

    def fresh() -> Tensor:
        return moved(torch.randn(pinned.shape, generator=drawn.generator, dtype=pinned.dtype), pinned.device)

    condition, none = _condition(drawn, asked)
    left, times = shares(way.schedule, way.there).tolist(), way.times()
    value = fresh()
    shown = stages(len(times), FRAMES if "latent" in drawn.origins else VALUES // max(1, value.numel()))
    trail, steps = [value], StepsTaken(guidance, value, len(shown))
    said: dict[str, Tensor] = {}
    for i, time in enumerate(times):
        given = {"noisy": value, "step": torch.full((len(value),), time, device=value.device)}
        said = yield from _guided(drawn, given, condition, none, guidance)
        predicted, apart = said.pop("result"), said.pop("apart", None)
        then = left[times[i + 1]] if i + 1 < len(times) else 1.0
        before, value = value, back(way, value, predicted, left[time], then, fresh())
        if i in shown:
            steps.note(way, (before, value, predicted, apart), left[time], then)
        if i + 1 in shown:
            trail.append(value)
    made = yield from _decoded(drawn, [value, *trail])
    found: Found = {
        "samples": made[0],
        "trail": torch.stack(made[1:]),
        "trail_steps": shown,
        **steps.found(),
        **said,
    }
    if asked.prompts:
        said_to = list(islice(cycle(asked.prompts), len(value)))
        return {**found, "prompt": said_to, "columns": len(asked.prompts)}
    return {**found, "label": condition, "columns": len(asked.classes)} if asked.classes else found


class StepsTaken:
    """The sums of the kept steps back, of the first samples; what it finds is named `way_…`."""

    def __init__(self, guidance: float, noise: Tensor, stages: int) -> None:
        self._guidance = guidance
        self._count = max(1, min(DETAILED, VALUES // (6 * stages * max(1, noise[0].numel()))))
        self._noted: dict[str, list[Tensor]] = {}

    def note(
        self, way: Way, values: tuple[Tensor, Tensor, Tensor, Tensor | None], now: float, then: float
    ) -> None:
        """One step: the value before and after it, the prediction, and those without and with a condition."""
        noisy, after, predicted = (one[: self._count] for one in values[:3])
        noise = _split(way, noisy, predicted, now)[1]
        data, direction = _guess(way, noisy, predicted, now)
        factors = (math.sqrt(now), math.sqrt(1.0 - now), *_factors(way, now, then))
        noted = {"noisy": noisy, "noise": noise, "data": data, "direction": direction, "next": after}
        if values[3] is not None:
            both = (_split(way, noisy, one[: self._count], now)[1] for one in values[3])
            noted |= dict(zip(("without", "with"), both, strict=True))
        for name, value in {**noted, "factors": torch.tensor(factors)}.items():
            self._noted.setdefault(f"way_{name}", []).append(value)

    def found(self) -> dict[str, Tensor]:
        """`way_noisy`, `way_noise`, … (k − 1, m, …), `way_factors` (k − 1, 5), `way_guidance`."""
        stacked = {name: torch.stack(values) for name, values in self._noted.items()}
        return {**stacked, "way_guidance": torch.tensor(self._guidance)}


def _decoded(drawn: Drawn, latents: list[Tensor]) -> Generator[None, None, list[Tensor]]:
    """What the decoder makes of each of these, where there is one."""
    if "latent" not in drawn.origins:
        return latents
    found = []
    for latent in latents:
        found.append(drawn.function({"latent": latent})["decoded"])
        yield
    return found


def _condition(drawn: Drawn, asked: Asked) -> tuple[Tensor | None, int]:
    """The condition of each sample and the value that means none: what is asked for in turn, else those of
    the data.
    """
    if "condition" not in drawn.origins:
        return None, 0
    spec, pinned = drawn.origins["condition"].spec, drawn.pinned["condition"]
    none = 0 if spec.is_float else (spec.classes or 1) - 1
    if asked.prompts:
        turn = tokens_of(asked.prompts, drawn.vocabularies.get("condition"), pinned)
    elif asked.classes:
        turn = torch.tensor(asked.classes, device=pinned.device)
    else:
        return pinned, none
    return turn[torch.arange(len(pinned), device=pinned.device) % len(turn)], none


def _guided(
    drawn: Drawn, given: dict[str, Tensor], wanted: Tensor | None, none: int, scale: float
) -> Generator[None, None, dict[str, Tensor]]:
    """What the drawing says, its prediction steered away from what it were without a condition."""
    if wanted is None:
        said = dict(drawn.function(given))
        yield
        return said
    asked = [wanted] if scale != 0.0 else []
    asked += [torch.full_like(wanted, none)] if scale != 1.0 else []
    answers = []
    for condition in asked:
        answers.append(dict(drawn.function({**given, "condition": condition})))
        yield
    said = answers[0]
    if len(answers) > 1:
        with_, without = said["result"], answers[1]["result"]
        said |= {"result": torch.lerp(without, with_, scale), "apart": torch.stack((without, with_))}
    return said
