"""Samplers: loops over a function that is drawn. Fixed samples, a walk through a latent space, text.

A sampler's fed ports name the values that it replaces, its other ports the results that it reads. The engine
compiles what is drawn between them and hands it over as `Drawn`; how that is compiled, with which weights and
when, a sampler does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from nodes.param import Bool, Choice, Float, Int, Text
from nodes.shared import card_label
from nodes.shared.drawn_function import Drawn, Loop, Origin
from nodes.spec import BatchDim, Family, Inputs, Layer, LayerError, N, Port, Role, TensorSpec

if TYPE_CHECKING:
    pass

REAL = Port("real", "data to be seen beside it, (N, …)", ranks=(2, 4, 3, 5), optional=True, side=True)
"""A port of samplers of points: what enters here is shown below the samples."""


class Sampler(Layer):
    """What samplers share."""

    abstract = True
    family = Family.SAMPLER
    role = Role.SAMPLER
    outputs = ()
    shows_images: ClassVar[bool] = True
    after: ClassVar[Mapping[str, str]] = {}
    """Result ports that are asked for with the value of one fed port alone: a decoder's, with its latent."""

    count = Int(64, min=1, max=4096, help="How many samples.")
    seed = Int(0, help="Seed of the noise and of every other chance; the same all through a run.")
    average = Bool(
        True, advanced=True, help="Use the running mean of the weights, where an objective keeps one."
    )
    keep = Int(
        1,
        max=100_000,
        zero="only on demand",
        label="Keep every",
        unit="epochs",
        help="Epochs from one kept set of samples to the next; 0: only on demand.",
    )
    value_range = Choice(
        "auto",
        choices=("auto", "0–1", "−1–1"),
        label="Values of pixels",
        advanced=True,
        help="Values from black to white; auto: as the last activation, or the data, have them.",
    )

    def rows(self) -> int:
        """How many rows of the data and of noise the drawing is given."""
        return int(self.count)

    def check_origins(self, origins: Mapping[str, Origin]) -> None:
        """Raise `LayerError` where a fed port is wired from where this sampler cannot replace values."""

    def draw(self, drawn: Drawn) -> Loop:
        """Draw samples. Nothing here needs gradients; the engine has switched them off."""
        raise NotImplementedError(f"{self.title} does not draw")

    def card_label(self) -> str:
        return f"{self.count}"


class Samples(Sampler):
    """What the drawing makes of noise and data that stay the same during the whole run.

    Wire the value to look at into `value`: the output of a generator, a decoder, an upscaler. The same noise
    (from the seed) and the first validation samples enter the drawing each time, so that one sees one sample
    change. Wire data of two columns into `real` to see both clouds over each other.
    """

    aliases = ("fixed samples", "generated", "grid", "fake", "show", "pictures", "images", "preview")
    inputs = (
        Port("value", "what is generated, (N, …)", dtype="any", ranks=(2, 4, 3, 5)),
        REAL,
    )

    def draw(self, drawn: Drawn) -> Loop:
        found = dict(drawn.function({}))
        yield
        return {"samples": found.pop("value"), **found}


class LatentWalk(Sampler):
    """A closed walk from point to point through the space that a decoder draws from.

    `latent` is wired from the value to walk through (noise, or the code of an autoencoder), `result` from
    what is made of it. The points are values that the drawing has there; `count` walks go from one to the
    next and back to the first. Spherical steps keep the length that normal noise has (Shoemake, 1985; White,
    2016).
    """

    title = "Latent walk"
    aliases = ("interpolation", "interpolate", "morph", "latent space", "slerp", "traversal")
    inputs = (
        Port("latent", "the latent value, (N, …)", ranks=(2, 3, 4), fed=True),
        Port("result", "what is made of it, (N, …)", ranks=(4, 2, 3, 5)),
    )

    count = Int(4, min=1, max=256, help="Walks beside each other.")
    legs = Int(3, min=1, max=100, help="Points that a walk passes.")
    steps = Int(6, min=1, max=1000, help="Steps from one point to the next.")
    path = Choice(
        "spherical", choices=("spherical", "straight"), help="Along an arc, as suits normal noise, or a line."
    )

    def rows(self) -> int:
        return int(self.count * self.legs)

    def draw(self, drawn: Drawn) -> Loop:
        from nodes.modules.sampler import walk

        return walk(drawn, self.legs, self.steps, spherical=self.path == "spherical")

    def card_label(self) -> str:
        return card_label.line(f"{self.count} × {self.legs * self.steps}", self.path)

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N, 16)), TensorSpec((N, 1, 8, 8)))


class GenerateText(Sampler):
    """Writes text character by character: each is drawn from what the network foretells for the next.

    `tokens` is wired from the text data, `logits` from the scores `(N, T, classes)` of a network that looks
    back only, or `(N, classes)` of one that foretells the character after its window. Temperature divides the
    scores; top-k keeps the k best characters; top-p the best that together reach this probability (Holtzman
    et al., 2020). It begins with the prompt.
    """

    title = "Generate text"
    aliases = (
        "text generation",
        "autoregressive",
        "temperature",
        "top-k",
        "top-p",
        "nucleus",
        "prompt",
        "gpt",
    )
    inputs = (
        Port("tokens", "characters (N, T)", dtype="int", ranks=(2,), fed=True),
        Port("logits", "scores of the next one, (N, T, classes) or (N, classes)", ranks=(3, 2)),
    )
    shows_images = False

    count = Int(4, min=1, max=256, help="How many texts.")
    length = Int(200, min=1, max=100_000, unit="characters", help="Characters that are written.")
    prompt = Text("", help="How the texts begin; empty: at the start of a line.")
    temperature = Float(
        0.8, min=0.0, max=100.0, help="Lower is surer, higher wilder; 0: always the likeliest."
    )
    top_k = Int(0, max=1_000_000, zero="all", label="Top-k", help="Draw among this many; 0: among all.")
    top_p = Float(
        1.0, min=0.0, max=1.0, label="Top-p", help="Draw among the likeliest that reach this probability."
    )

    def check(self, tokens: TensorSpec, logits: TensorSpec) -> None:
        classes = logits.shape[-1]
        if tokens.classes is not None and classes != tokens.classes:
            raise LayerError(
                f"scores of {tokens.classes} characters at 'logits'", f"{classes}, in {logits}", port="logits"
            )

    def check_origins(self, origins: Mapping[str, Origin]) -> None:
        origin = origins["tokens"]
        if origin.layer.role is not Role.SOURCE or origin.spec.classes is None:
            raise LayerError(
                "characters straight from a text data set at 'tokens'",
                f"{origin.port!r} of {origin.path}, a {origin.layer.title}",
                port="tokens",
            )

    def draw(self, drawn: Drawn) -> Loop:
        from nodes.modules.sampler import Choosing, write

        choosing = Choosing(self.temperature, self.top_k, self.top_p)
        return write(drawn, choosing, self.prompt, self.length)

    def card_label(self) -> str:
        return card_label.line(f"{self.length} characters", f"T {self.temperature:g}")

    def example_inputs(self) -> Inputs:
        return (TensorSpec((BatchDim(), 16), "int64", classes=10), TensorSpec((BatchDim(), 16, 10)))
