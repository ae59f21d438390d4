"""Diffusion: data that are noised step by step, and the way back from noise to data.

`Diffuse` makes what a network learns from, `DiffusionSampler` draws with the network that has learned; both
go by one schedule, which the sampler takes from the `Diffuse` that its wires come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from nodes.param import Choice, Float, Floats, Int, Text
from nodes.shared import card_label
from nodes.shared.drawn_function import Drawn, Loop, Origin
from nodes.spec import Family, Inputs, Layer, LayerError, N, Port, SetParam, TensorSpec
from nodes.training.sampler import REAL, Sampler

if TYPE_CHECKING:
    from torch import nn

PREDICTED = {"noise": "the noise", "velocity": "the velocity", "data": "the data"}


class Diffuse(Layer):
    """Adds noise to data, a random step of the way: what a diffusion model learns to undo.

    For every sample a step t is drawn and `noisy` = √ᾱₜ·x + √(1−ᾱₜ)·ε with normal noise ε. `target` is what
    the network is to predict from `noisy` and `step`: the noise ε (Ho et al., 2020), the velocity √ᾱₜ·ε −
    √(1−ᾱₜ)·x (Salimans and Ho, 2022), or the data x. The share ᾱₜ of the data falls as the noise of single
    steps grows linearly, or along a cosine (Nichol and Dhariwal, 2021). Data should have about unit size.
    """

    family = Family.AUGMENTATION
    aliases = (
        "diffusion",
        "forward process",
        "ddpm",
        "add noise",
        "noising",
        "noise schedule",
        "forward noising",
    )
    inputs = (Port("input", "data (N, …)", ranks=(2, 3, 4, 5)),)
    outputs = (
        Port("noisy"),
        Port("step", dtype="int", side=True),
        Port("target", side=True),
    )

    steps = Int(200, min=1, max=100_000, help="Steps from data to noise.")
    schedule = Choice("cosine", choices=("linear", "cosine"), help="How fast the data vanish in the noise.")
    predict = Choice(
        "noise", choices=tuple(PREDICTED), titles=PREDICTED, help="What the network is to predict."
    )

    def build(self, data: TensorSpec) -> nn.Module:
        from nodes.modules.diffusion import Diffuse as Module

        return Module(self.schedule, self.steps, self.predict)

    def output_classes(self, *inputs: TensorSpec) -> Mapping[str, int]:
        return {"step": self.steps}

    def card_label(self) -> str:
        return card_label.line(f"{self.steps} steps", self.schedule)

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N, 2)),)


class TimeEmbedding(Layer):
    """Turns each step of the way into waves of many lengths, so that a network can tell steps apart.

    Input integers `(N,)`, output `(N, dims)`: sines, then cosines, of wavelengths from 2π to 10,000·2π
    (Vaswani et al., 2017; Ho et al., 2020).
    """

    title = "Time embedding"
    family = Family.DENSE
    makes_rows = True
    aliases = ("timestep", "time step", "sinusoidal", "diffusion", "step embedding")
    inputs = (Port("step", "steps (N,)", dtype="int", ranks=(1,)),)

    dims = Int(32, min=2, max=1 << 14, label="Size", help="Length of each row; an even number.")

    def build(self, step: TensorSpec) -> nn.Module:
        from nodes.modules.diffusion import TimeEmbedding as Module

        return Module(self.dims)

    def check(self, step: TensorSpec) -> None:
        if self.dims % 2:
            raise LayerError("an even size: half sines, half cosines", f"{self.dims}")

    def card_label(self) -> str:
        return f"{self.dims}"

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N,), "int64", classes=100),)


class DropLabels(Layer):
    """Drops the condition of some samples while it trains, so that a network learns to do with and without.

    Labels `(N,)` or tokens `(N, T)` of C classes become those of C + 1 classes: the last one, C, means none,
    at every place of a dropped sample. Other conditions `(N, …)` become zeros. A diffusion sampler steers by
    the difference between the two: classifier-free guidance (Ho and Salimans, 2022). When it is not training,
    conditions pass through.
    """

    title = "Drop condition"
    family = Family.REGULARISATION
    keeps_dimensions = True
    aliases = ("classifier-free guidance", "condition dropout", "null class", "drop labels", "guidance")
    inputs = (Port("label", "labels (N,), tokens (N, T) or another condition (N, …)", dtype="any"),)
    outputs = (Port("output", dtype="any"),)

    p = Float(0.1, min=0.0, max=1.0, label="Probability", help="Share of samples without their condition.")

    def build(self, label: TensorSpec) -> nn.Module:
        from nodes.modules.diffusion import DropLabels as Module

        return Module(self.p, label.classes or 0)

    def check(self, label: TensorSpec) -> None:
        if not label.is_float and label.classes is None:
            raise LayerError("labels of a known number of classes at 'label'", f"{label}", port="label")
        if not label.shape:
            raise LayerError("a condition for each sample, (N, …)", f"{label}", port="label")

    def output_classes(self, *inputs: TensorSpec) -> Mapping[str, int]:
        return {} if inputs[0].is_float else {"output": (inputs[0].classes or 0) + 1}

    def card_label(self) -> str:
        return f"{self.p:g}"

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N,), "int64", classes=10),)


class DiffusionSampler(Sampler):
    """Draws with a diffusion model: from pure noise back to data, step by step.

    `noisy` and `step` are wired from a Diffuse, `result` from the prediction of the network behind it. DDPM
    adds fresh noise at every step (Ho et al., 2020); DDIM none, or a share η of it (Song et al., 2021); both
    may skip steps. With `condition` wired from Drop condition the guidance scale s pushes samples towards it:
    prediction without + s · (with − without). Labels are drawn class by class in turn; of other conditions,
    such as tokens of a text, those of the first validation samples are taken, or those of `prompts` in turn.

    In latent diffusion wire what enters the Diffuse into `latent` too, and what a decoder makes of it into
    `decoded`: samples are decoded once they are drawn, and shown as pictures (Rombach et al., 2022).
    """

    title = "Diffusion sampler"
    aliases = (
        "ddpm",
        "ddim",
        "denoise",
        "reverse process",
        "generate",
        "guidance scale",
        "diffusion sampling",
    )
    inputs = (
        Port("noisy", "noisy data (N, …)", ranks=(2, 3, 4, 5), fed=True),
        Port("step", "the step of each (N,)", dtype="int", ranks=(1,), fed=True, side=True),
        Port("condition", "labels (N,), or (N, …)", dtype="any", fed=True, optional=True, side=True),
        Port("latent", "what enters the Diffuse (N, …)", fed=True, optional=True, side=True),
        Port("result", "the prediction (N, …)", ranks=(2, 3, 4, 5)),
        Port("decoded", "what a decoder makes of the latent (N, …)", ranks=(4, 2, 3, 5), optional=True),
        REAL,
    )
    after: ClassVar[Mapping[str, str]] = {"decoded": "latent"}

    method = Choice(
        "ddim", choices=("ddpm", "ddim"), titles={"ddpm": "DDPM", "ddim": "DDIM"}, help="The way back."
    )
    steps = Int(50, max=100_000, zero="all", help="Steps of the way back; 0: as many as the way there.")
    eta = Float(
        0.0,
        min=0.0,
        max=1.0,
        label="η",
        visible_if=("method", ("ddim",)),
        help="Share of fresh noise at a step.",
    )
    guidance = Float(
        1.0,
        min=0.0,
        max=100.0,
        label="Guidance scale",
        help="0: no condition, 1: as learned, more: exaggerated.",
    )
    classes = Floats((), help="Classes to draw in turn; empty: all.", advanced=True)
    prompts = Text(
        "",
        empty="first samples",
        help="Texts to draw in turn, with ; between them; empty: the texts of the first validation samples.",
    )
    clip = Float(
        0.0,
        min=0.0,
        zero="off",
        advanced=True,
        help="Largest value of data: what is guessed of them on the way is cut to it.",
    )

    def check(
        self,
        noisy: TensorSpec,
        step: TensorSpec,
        condition: TensorSpec | None,
        latent: TensorSpec | None,
        result: TensorSpec,
        decoded: TensorSpec | None,
        real: TensorSpec | None,
    ) -> None:
        if (latent is None) != (decoded is None):
            port, other = ("latent", "decoded") if latent is None else ("decoded", "latent")
            raise LayerError(f"a wire into {port!r} too, because {other!r} has one", "none", port=port)
        if latent is not None and latent.shape != noisy.shape:
            raise LayerError(f"a latent of the shape of 'noisy', {noisy}", f"{latent}", port="latent")
        if result.shape != noisy.shape:
            raise LayerError(f"a prediction of the shape of 'noisy', {noisy}", f"{result}", port="result")
        if condition is None and self.guidance != 1.0:
            raise LayerError(
                "labels at 'condition' to be guided by, or a guidance scale of 1", f"{self.guidance:g}"
            )
        if self.prompt_texts() and (condition is None or condition.is_float or condition.rank != 2):
            fixes = (SetParam("prompts", ""),)
            received = "none" if condition is None else str(condition)
            raise LayerError("tokens of texts (N, T) at 'condition' for prompts", received, fixes=fixes)

    def check_origins(self, origins: Mapping[str, Origin]) -> None:
        for port in ("noisy", "step"):
            origin = origins[port]
            if not isinstance(origin.layer, Diffuse) or origin.port != port:
                raise LayerError(
                    f"a wire from {port!r} of a Diffuse at {port!r}",
                    f"{origin.port!r} of {origin.path}, a {origin.layer.title}",
                    port=port,
                )
        if origins["noisy"].path != origins["step"].path:
            received = f"{origins['noisy'].path} and {origins['step'].path}"
            raise LayerError("'noisy' and 'step' from one Diffuse", received, port="step")
        if "condition" in origins:
            self._check_condition(origins["condition"])

    def _check_condition(self, origin: Origin) -> None:
        classes = origin.spec.classes or 0
        droppable = isinstance(origin.layer, DropLabels)
        if not _is_label(origin.spec) and self.classes:
            raise LayerError("no classes to draw, because the condition is no label", f"{origin.spec}")
        if self.guidance != 1.0 and not droppable:
            raise LayerError(
                "a wire from Drop condition at 'condition' (or a guidance scale of 1)",
                f"{origin.port!r} of {origin.path}, a {origin.layer.title}",
                port="condition",
            )
        if not _is_label(origin.spec):
            return
        real = classes - droppable
        if real < 1:
            raise LayerError("labels of a known number of classes", f"{origin.spec}", port="condition")
        wrong = [one for one in self.classes if one != int(one) or not 0 <= one < real]
        if wrong:
            raise LayerError(f"classes from 0 to {real - 1}", f"{wrong[0]:g}")

    def draw(self, drawn: Drawn) -> Loop:
        from nodes.modules.diffusion import Asked, Way, denoise

        layer = drawn.origins["noisy"].layer
        assert isinstance(layer, Diffuse)
        eta = 1.0 if self.method == "ddpm" else self.eta
        way = Way(layer.schedule, layer.steps, layer.predict, self.steps or layer.steps, eta, self.clip)
        return denoise(drawn, way, self.guidance, Asked(self._labels(drawn), self.prompt_texts()))

    def prompt_texts(self) -> tuple[str, ...]:
        """The texts to draw, in turn."""
        return tuple(text for one in self.prompts.split(";") if (text := one.strip()))

    def _labels(self, drawn: Drawn) -> tuple[int, ...]:
        """The labels to draw: those chosen, else every class; `DropLabels` adds one label that means none."""
        if "condition" not in drawn.origins:
            return ()
        origin = drawn.origins["condition"]
        if not _is_label(origin.spec):
            return ()
        count = (origin.spec.classes or 1) - isinstance(origin.layer, DropLabels)
        return tuple(int(one) for one in self.classes) or tuple(range(count))

    def card_label(self) -> str:
        guided = f"guidance {self.guidance:g}" if self.guidance != 1.0 else ""
        return card_label.line(f"{self.method.upper()} {self.steps or ''}".strip(), guided)

    def example_inputs(self) -> Inputs:
        step = TensorSpec((N,), "int64", classes=200)
        return (TensorSpec((N, 2)), step, None, None, TensorSpec((N, 2)), None, None)


def _is_label(spec: TensorSpec) -> bool:
    """Whether a condition is one class for each sample."""
    return not spec.is_float and spec.rank == 1
