"""Pooling: summaries of neighbourhoods that make maps smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from nodes.param import Bool, Choice, Shape, Size
from nodes.shared import card_label, sliding_window
from nodes.shared.masks import check_step_mask, mask_fixes, step_mask_port
from nodes.spec import Family, Inputs, Layer, LayerError, Port, ProposedFix, SetParam, TensorSpec

if TYPE_CHECKING:
    from torch import nn

_IMAGES = (Port("input", "feature maps (N, C, H, W)", ranks=(4,)),)
_SIGNALS = (Port("input", "signals (N, C, L)", ranks=(3,)),)
_VOLUMES = (Port("input", "volumes (N, C, D, H, W)", ranks=(5,)),)
_ANY = (Port("input", "maps (N, C, L), (N, C, H, W) or (N, C, D, H, W)", ranks=(4, 3, 5)),)


def _stride(dims: int) -> Size:
    text = "Steps that the window moves from one output to the next; 0: its own size."
    return Size(0, dims=dims, min=0, max=255, help=text)


def _padding(dims: int) -> Size:
    return Size(0, dims=dims, max=127, help="Places added at each side; at most half the window.")


class Pool(Layer):
    """What pools with a sliding window share."""

    abstract = True
    family = Family.POOLING
    dims: ClassVar[int] = 2

    kernel_size = sliding_window.kernel(2, 2, "the window")
    stride = _stride(2)
    padding = _padding(2)
    ceil_mode = Bool(
        False, label="Round up", advanced=True, help="Keep a last window that the input fills in part."
    )

    @property
    def steps(self) -> tuple[int, ...]:
        """The stride, where 0 stands for the window's own size."""
        return tuple(step or size for step, size in zip(self.stride, self.kernel_size, strict=True))

    def check(self, image: TensorSpec) -> None:
        half = [size // 2 for size in self.kernel_size]
        if any(pad > most for pad, most in zip(self.padding, half, strict=True)):
            raise LayerError(
                f"padding of at most half the window, {card_label.by(half)}",
                card_label.by(self.padding),
                fixes=(SetParam("padding", sliding_window.written(half)),),
            )
        sliding_window.check_fit(image, self.kernel_size, self.padding, most_padding=half)

    def card_label(self) -> str:
        same = self.steps == self.kernel_size
        return card_label.line(
            card_label.by(self.kernel_size),
            "" if same else f"stride {card_label.brief(self.steps)}",
            card_label.unless(self.padding, 0, "pad"),
        )

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        return sliding_window.sum_of(
            inputs, outputs, self.kernel_size, self.steps, self.padding, up=self.ceil_mode
        )


class MaxPool(Pool):
    """What max pools share."""

    abstract = True

    def build(self, image: TensorSpec) -> nn.Module:
        from torch import nn

        pool = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}[self.dims]
        module: nn.Module = pool(self.kernel_size, self.steps, self.padding, ceil_mode=self.ceil_mode)
        return module


class AvgPool(Pool):
    """What average pools share."""

    abstract = True

    count_padding = Bool(True, advanced=True, help="Padding counts as zeros in the average.")

    def build(self, image: TensorSpec) -> nn.Module:
        from torch import nn

        pool = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}[self.dims]
        module: nn.Module = pool(
            self.kernel_size, self.steps, self.padding, self.ceil_mode, self.count_padding
        )
        return module


class MaxPool2d(MaxPool):
    """Keeps the largest value of each window, so that small shifts of the image matter less.

    Input `(N, C, H, W)`, output `(N, C, H', W')` with `H' = ⌊(H + 2·padding − kernel_size) / stride⌋ + 1`.
    """

    aliases = ("max pool", "pooling", "subsampling", "downsample")
    inputs = _IMAGES


class AvgPool2d(AvgPool):
    """Averages each window: a smaller, smoother map.

    Input `(N, C, H, W)`, output `(N, C, H', W')` with `H' = ⌊(H + 2·padding − kernel_size) / stride⌋ + 1`.
    """

    aliases = ("average pool", "mean pool", "pooling", "subsampling", "downsample")
    inputs = _IMAGES


class MaxPool1d(MaxPool):
    """Keeps the largest value of each window of a signal.

    Input `(N, C, L)`, output `(N, C, L')` with `L' = ⌊(L + 2·padding − kernel_size) / stride⌋ + 1`.
    """

    aliases = ("max pool", "pooling", "signal", "downsample")
    dims = 1
    inputs = _SIGNALS
    kernel_size = sliding_window.kernel(1, 2, "the window")
    stride = _stride(1)
    padding = _padding(1)


class AvgPool1d(AvgPool):
    """Averages each window of a signal.

    Input `(N, C, L)`, output `(N, C, L')` with `L' = ⌊(L + 2·padding − kernel_size) / stride⌋ + 1`.
    """

    aliases = ("average pool", "mean pool", "pooling", "signal", "moving average")
    dims = 1
    inputs = _SIGNALS
    kernel_size = sliding_window.kernel(1, 2, "the window")
    stride = _stride(1)
    padding = _padding(1)


class MaxPool3d(MaxPool):
    """Keeps the largest value of each window of a volume. `(N, C, D, H, W)` to `(N, C, D', H', W')`."""

    aliases = ("max pool", "pooling", "volume", "video", "downsample")
    dims = 3
    inputs = _VOLUMES
    kernel_size = sliding_window.kernel(3, 2, "the window")
    stride = _stride(3)
    padding = _padding(3)


class AvgPool3d(AvgPool):
    """Averages each window of a volume. `(N, C, D, H, W)` to `(N, C, D', H', W')`."""

    aliases = ("average pool", "mean pool", "pooling", "volume", "video")
    dims = 3
    inputs = _VOLUMES
    kernel_size = sliding_window.kernel(3, 2, "the window")
    stride = _stride(3)
    padding = _padding(3)


class AdaptivePool(Layer):
    """What adaptive pools share."""

    abstract = True
    family = Family.POOLING
    inputs = _ANY

    output_size = Shape(
        (1,), min=1, max=65536, min_length=1, help="Size of the maps that leave: one number, or one per axis."
    )

    def sizes(self, maps: TensorSpec) -> tuple[int, ...]:
        """The output size for each axis of these maps."""
        return self.output_size if len(self.output_size) > 1 else self.output_size * (maps.rank - 2)

    def check(self, maps: TensorSpec) -> None:
        axes = maps.rank - 2
        if len(self.output_size) not in (1, axes):
            raise LayerError(
                f"one output size, or {axes} for maps of {card_label.by(maps.shape)}",
                f"{len(self.output_size)} of them",
                port="input",
                fixes=(SetParam("output_size", [self.output_size[0]]),),
            )

    def card_label(self) -> str:
        return "to " + card_label.by(self.output_size)

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        before = sliding_window.spatial(sliding_window.tensor(inputs))
        return f"{card_label.by(before)} → {card_label.by(sliding_window.spatial(outputs[0]))}"


class AdaptiveAvgPool(AdaptivePool):
    """Averages windows chosen so that maps of any size leave with a given one.

    Input `(N, C, …)` with one to three axes, output the same with `output_size`.
    """

    aliases = ("average pool", "mean pool", "adaptive", "resize")

    def build(self, maps: TensorSpec) -> nn.Module:
        from torch import nn

        pools = {3: nn.AdaptiveAvgPool1d, 4: nn.AdaptiveAvgPool2d, 5: nn.AdaptiveAvgPool3d}
        module: nn.Module = pools[maps.rank](self.sizes(maps))
        return module


class AdaptiveMaxPool(AdaptivePool):
    """Keeps the largest values of windows chosen so that maps of any size leave with a given one.

    Input `(N, C, …)` with one to three axes, output the same with `output_size`.
    """

    aliases = ("max pool", "adaptive", "resize")

    def build(self, maps: TensorSpec) -> nn.Module:
        from torch import nn

        pools = {3: nn.AdaptiveMaxPool1d, 4: nn.AdaptiveMaxPool2d, 5: nn.AdaptiveMaxPool3d}
        module: nn.Module = pools[maps.rank](self.sizes(maps))
        return module


class GlobalPool(Layer):
    """What global pools share."""

    abstract = True
    family = Family.POOLING
    inputs = _ANY
    operation: ClassVar[str] = "mean"

    keep_axes = Bool(False, advanced=True, help="Keep the axes with size 1: (N, C, 1, 1) instead of (N, C).")

    def build(self, maps: TensorSpec) -> nn.Module:
        from nodes.modules.shape import Reduce

        return Reduce(self.operation, tuple(range(2, maps.rank)), self.keep_axes)


class GlobalAvgPool(GlobalPool):
    """Averages each map to one number: what is in the image, no matter where.

    Input `(N, C, …)`, output `(N, C)`. In place of large dense layers at the end (Lin et al., 2014, Network
    in network).
    """

    aliases = ("average pool", "mean pool", "gap", "global average")


class SequencePool(Layer):
    """Makes one row of a sequence: the mean, the greatest values, the sum, the first or the last step.

    Input `(N, time, F)`, output `(N, F)`. With a mask `(N, time)` only steps where it is not 0 count, as
    those that are no filling of padded texts; where none counts zeros leave.
    """

    title = "Sequence pool"
    family = Family.POOLING
    aliases = ("mean over time", "masked mean", "average pool", "last step", "max over time", "sentence")
    inputs = (Port("input", "a sequence (N, time, F)", ranks=(3,)), step_mask_port())

    operation = Choice(
        "mean", choices=("mean", "max", "sum", "first", "last"), help="What is made of all steps."
    )

    def build(self, sequence: TensorSpec, _mask: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.sequences.pool import SequencePool as Module

        return Module(self.operation)

    def check(self, sequence: TensorSpec, mask: TensorSpec | None = None) -> None:
        check_step_mask(mask, sequence)

    def port_fixes(self, port: Port, spec: TensorSpec) -> tuple[ProposedFix, ...]:
        return mask_fixes(port, spec) if port.name == "mask" else super().port_fixes(port, spec)

    def card_label(self) -> str:
        return self.operation


class GlobalMaxPool(GlobalPool):
    """Keeps the largest value of each map: whether something is in the image, no matter where.

    Input `(N, C, …)`, output `(N, C)`.
    """

    aliases = ("max pool", "global max")
    operation = "max"
