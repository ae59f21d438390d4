"""The loops of samplers: a walk through a latent space, and text written character by character.

Each is a generator that pauses after every call of the drawn function. They know tensors only: nothing of
drawings, weights or devices.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.modules.devices.moving import moved
from nodes.shared.drawn_function import Drawn, Loop
from nodes.spec import LayerError

COLDEST = 1e-6
"""Below this temperature only the likeliest is left; scores divided by less would leave the numbers."""


def walk(drawn: Drawn, legs: int, steps: int, *, spherical: bool) -> Loop:
    """Closed walks: `samples` (walks · legs · steps, …), a walk a row; `trail` (legs · steps, walks, …).

    The pinned latents `(walks · legs, …)` are the points; every `steps`-th sample is one of them.
    """
    points = drawn.pinned["latent"]
    ends = points.reshape(-1, legs, *points.shape[1:]).roll(-1, 1).flatten(0, 1)
    between = arc if spherical else torch.lerp
    frames = []
    for step in range(steps):
        frames.append(drawn.function({"latent": between(points, ends, step / steps)})["result"])
        yield
    made = torch.stack(frames, 1)  # (walks · legs, steps, …)
    walks = made.reshape(-1, legs * steps, *made.shape[2:])
    return {"samples": walks.flatten(0, 1), "trail": walks.transpose(0, 1), "columns": legs * steps}


def arc(first: Tensor, second: Tensor, share: float) -> Tensor:
    """Between two rows of latents `(N, …)` along the arc that joins them (slerp); their lengths are blended.

    From Shoemake (1985), Animating rotation with quaternion curves.
    """
    a, b = first.flatten(1), second.flatten(1)
    lengths = a.norm(dim=1, keepdim=True), b.norm(dim=1, keepdim=True)
    one, other = a / lengths[0].clamp_min(1e-12), b / lengths[1].clamp_min(1e-12)
    angle = (one * other).sum(1, keepdim=True).clamp(-1.0, 1.0).acos()
    sine = angle.sin()
    is_bent = sine > 1e-4
    safe = torch.where(is_bent, sine, torch.ones_like(sine))
    weights = ((1 - share) * angle).sin() / safe, (share * angle).sin() / safe
    direction = weights[0] * one + weights[1] * other
    bent = direction * torch.lerp(lengths[0], lengths[1], share)
    return torch.where(is_bent, bent, torch.lerp(a, b, share)).view_as(first)


@dataclass(frozen=True)
class Choosing:
    """How the next character is drawn from scores."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0


def probabilities(logits: Tensor, choosing: Choosing) -> Tensor:
    """What the next one is drawn from, `(N, classes)`: scores / temperature, top-k, softmax, top-p.

    Top-p keeps the likeliest that together reach p, the one that reaches it included (Holtzman et al., 2020,
    The curious case of neural text degeneration). Temperature 0 leaves the likeliest alone.
    """
    if choosing.temperature < COLDEST:
        return torch.nn.functional.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype)
    scores = logits / choosing.temperature
    if 0 < choosing.top_k < scores.shape[-1]:
        least = scores.topk(choosing.top_k, -1).values[..., -1:]
        scores = scores.masked_fill(scores < least, float("-inf"))
    found = scores.softmax(-1)
    if choosing.top_p < 1.0:
        ordered, places = found.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered  # what those above it hold together
        outside = before >= choosing.top_p
        outside[..., 0] = False
        found = found.masked_fill(outside.scatter(-1, places, outside), 0.0)
        found = found / found.sum(-1, keepdim=True)
    return found


def drawn_class(probabilities: Tensor, generator: torch.Generator) -> Tensor:
    """A class for each row `(N, classes)` with these probabilities, `(N, 1)`; the generator is of the CPU.

    The numbers are those of `torch.multinomial` on the CPU, on any device: the class whose time is up first,
    where each waits a time that is exponential with its probability as the rate.
    """
    waits = torch.empty(probabilities.shape, dtype=probabilities.dtype).exponential_(generator=generator)
    return (probabilities / moved(waits, probabilities.device)).argmax(-1, keepdim=True)


def write(drawn: Drawn, choosing: Choosing, prompt: str, length: int) -> Loop:
    """Texts of `length` characters behind the prompt.

    Raises `LayerError` where it has unknown characters, or the network no scores.
    """
    pinned, alphabet = drawn.pinned["tokens"], drawn.alphabet
    rows, window = pinned.shape
    start = _tokens(prompt, alphabet) if prompt else [_line_start(alphabet)]
    written = torch.tensor(start, device=pinned.device).repeat(rows, 1)
    # A window that is not full is filled up behind, where a network that looks back does not see it, or in
    # front where it has one score for the whole window.
    everywhere = drawn.results["logits"].rank == 3
    lost = torch.zeros((), dtype=torch.bool, device=pinned.device)
    for _ in range(length):
        scores = drawn.function({"tokens": _window(written, window, start[0], behind=everywhere)})["logits"]
        if everywhere:
            scores = scores[:, min(written.shape[1], window) - 1]
        broken = scores.isnan() | scores.isposinf()
        lost |= broken.any()
        scores = scores.masked_fill(broken, 0.0)  # to draw from them would end a whole device
        chosen = drawn_class(probabilities(scores.float(), choosing), drawn.generator)
        written = torch.cat([written, chosen], 1)
        yield
    if lost:
        raise LayerError("scores that are numbers", "some that are none: the weights are out of bounds")
    texts = ["".join(alphabet[i] for i in row) for row in written.tolist()]
    return {"text": texts if prompt else [text[1:] for text in texts]}


def _window(written: Tensor, window: int, filler: int, *, behind: bool) -> Tensor:
    """The last characters, `(N, window)`."""
    last = written[:, -window:]
    lack = window - last.shape[1]
    return torch.nn.functional.pad(last, (0, lack) if behind else (lack, 0), value=filler)


def _tokens(prompt: str, alphabet: tuple[str, ...]) -> list[int]:
    """The numbers of a prompt: at each place the longest token that it goes on with."""
    places = {token: i for i, token in enumerate(alphabet)}
    longest, found, start = max(map(len, alphabet), default=1), list[int](), 0
    while start < len(prompt):
        ends = range(min(len(prompt), start + longest), start, -1)
        end = next((end for end in ends if prompt[start:end] in places), None)
        if end is None:
            raise LayerError("a prompt of characters that the text has", repr(prompt[start]))
        found.append(places[prompt[start:end]])
        start = end
    return found


def _line_start(alphabet: tuple[str, ...]) -> int:
    return next((alphabet.index(one) for one in ("\n", " ") if one in alphabet), 0)
