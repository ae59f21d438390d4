"""Layers that make maps larger or smaller, or summarise dimensions, without weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.layers.shape import dimension_of
from nodes.param import Bool, Choice, Float, Int, Shape
from nodes.shared import card_label, sliding_window
from nodes.spec import Family, Inputs, Layer, LayerError, N, Port, SetParam, TensorSpec, known

if TYPE_CHECKING:
    from torch import nn

_LINEAR = {3: "linear", 4: "bilinear", 5: "trilinear"}


class Upsample(Layer):
    """Makes maps larger by repeating or blending neighbours.

    Input `(N, C, …)` with one to three axes; each axis leaves `scale` times as long.
    """

    family = Family.SHAPE
    keeps_values = True
    keeps_scale = True
    aliases = ("resize", "interpolate", "enlarge", "upscale", "bicubic", "zoom")
    inputs = (Port("input", "maps (N, C, L), (N, C, H, W) or (N, C, D, H, W)", ranks=(4, 3, 5)),)

    scale = Float(2.0, min=0.01, max=64.0, help="How many times larger.")
    mode = Choice(
        "nearest", choices=("nearest", "linear", "cubic"), help="Repeat the nearest value, or blend."
    )
    align_corners = Bool(
        False, advanced=True, help="Keep the corner values.", visible_if=("mode", ("linear", "cubic"))
    )

    def build(self, maps: TensorSpec) -> nn.Module:
        from torch import nn

        mode = {"nearest": "nearest", "linear": _LINEAR[maps.rank], "cubic": "bicubic"}[self.mode]
        corners = None if self.mode == "nearest" else self.align_corners
        return nn.Upsample(scale_factor=self.scale, mode=mode, align_corners=corners)

    def check(self, maps: TensorSpec) -> None:
        if self.mode == "cubic" and maps.rank != 4:
            fix = SetParam("mode", "linear")
            raise LayerError("images (N, C, H, W) for cubic blending", f"{maps}", port="input", fixes=(fix,))
        if any(int(size * self.scale) < 1 for size in sliding_window.spatial(maps)):
            fix = SetParam("scale", 1.0)
            raise LayerError(
                "maps of at least 1×1 to leave", f"{maps} · {self.scale:g}", port="input", fixes=(fix,)
            )

    def card_label(self) -> str:
        return card_label.line(f"×{self.scale:g}", "" if self.mode == "nearest" else self.mode)

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        sizes = zip(
            sliding_window.spatial(sliding_window.tensor(inputs)),
            sliding_window.spatial(outputs[0]),
            strict=True,
        )
        return sliding_window.per_axis([f"⌊{size}·{self.scale:g}⌋ = {left}" for size, left in sizes])


class PixelShuffle(Layer):
    """Trades channels for resolution: each r² channels become one that is r times as high and wide.

    Input `(N, C·r², H, W)`, output `(N, C, r·H, r·W)`. From Shi et al. (2016), for super-resolution.
    """

    family = Family.SHAPE
    keeps_scale = True
    aliases = ("depth to space", "subpixel", "super-resolution", "upscale")
    inputs = (Port("input", "maps (N, C·r², H, W)", ranks=(4,)),)

    factor = Int(2, min=1, max=16, help="How many times higher and wider.")

    def build(self, maps: TensorSpec) -> nn.Module:
        from torch import nn

        return nn.PixelShuffle(self.factor)

    def check(self, maps: TensorSpec) -> None:
        channels, area = known(maps.shape[1]), self.factor**2
        if channels % area:
            fitting = max(r for r in range(1, self.factor) if channels % r**2 == 0)
            raise LayerError(
                f"channels that {self.factor}² = {area} divides",
                f"{channels}",
                port="input",
                arithmetic=card_label.remainder(channels, area),
                fixes=(SetParam("factor", fitting),),
            )

    def card_label(self) -> str:
        return f"×{self.factor}"

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        return f"{sliding_window.tensor(inputs).shape[1]} / {self.factor}² = {outputs[0].shape[1]} channels"


class Reduce(Layer):
    """Summarises dimensions by their mean, sum, largest or smallest value, variance or length; they go.

    Input `(N, T, F)` with dimensions `1` leaves as `(N, F)`.
    """

    family = Family.SHAPE
    keeps_scale = True
    aliases = ("mean", "average", "sum", "max", "min", "norm", "variance", "global")
    inputs = (Port("input", "any tensor (N, …)", ranks=(3, 2, 4, 5)),)

    operation = Choice(
        "mean", choices=("mean", "sum", "max", "min", "variance", "norm"), help="What is kept of them."
    )
    dimensions = Shape(
        (1,), min=-5, max=5, min_length=1, help="The dimensions that go; 0 is the batch and stays."
    )
    keep_axes = Bool(False, advanced=True, help="Keep them with size 1.")

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.shape import Reduce as Module

        return Module(self.operation, self.dimensions, self.keep_axes)

    def check(self, features: TensorSpec) -> None:
        try:
            places = [dimension_of(dimension, features) for dimension in self.dimensions]
        except LayerError as error:
            raise LayerError(
                error.expected, error.received, port="input", fixes=(SetParam("dimensions", [-1]),)
            ) from error
        if len(set(places)) < len(places):
            fix = SetParam("dimensions", sorted(set(places)))
            raise LayerError(
                "each dimension once", card_label.by(self.dimensions), port="input", fixes=(fix,)
            )

    def card_label(self) -> str:
        return f"{self.operation} · dim {', '.join(map(str, self.dimensions))}"


class Patches(Layer):
    """Cuts images into square patches and lays each in a row: the words of a vision transformer.

    Input `(N, C, H, W)`, output `(N, H/size · W/size, C·size·size)`. From Dosovitskiy et al. (2021).
    """

    family = Family.SHAPE
    keeps_scale = True
    aliases = ("patchify", "vit", "unfold", "im2col", "tiles", "vision transformer")
    inputs = (Port("input", "images (N, C, H, W)", ranks=(4,)),)

    size = Int(4, min=1, max=1024, help="Height and width of a patch, in pixels.")

    def build(self, image: TensorSpec) -> nn.Module:
        from nodes.modules.shape import Patches as Module

        return Module(self.size)

    def check(self, image: TensorSpec) -> None:
        for size in sliding_window.spatial(image):
            if size % self.size:
                fitting = max(
                    n for n in range(1, self.size) if all(s % n == 0 for s in sliding_window.spatial(image))
                )
                raise LayerError(
                    f"a patch size that divides {card_label.by(sliding_window.spatial(image))}",
                    f"{self.size}",
                    port="input",
                    arithmetic=card_label.remainder(size, self.size),
                    fixes=(SetParam("size", fitting),),
                )

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N, 3, 4 * self.size, 4 * self.size)),)

    def card_label(self) -> str:
        return f"{self.size}×{self.size}"

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        rows, columns = (size // self.size for size in sliding_window.spatial(sliding_window.tensor(inputs)))
        return f"{rows}·{columns} = {rows * columns} patches"
