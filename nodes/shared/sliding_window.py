"""The arithmetic of windows that slide: what convolutions and pools have in common when they check and
explain.

Knows sizes, not layers: a declaration hands its numbers in. Shapes themselves come from the torch modules;
what is computed here is only what a person is told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from nodes.param import JSON, Size
from nodes.shared.card_label import by, line, remainder, unless
from nodes.spec import Inputs, LayerError, ProposedFix, SetParam, TensorSpec, known

AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
_SIZES = {1: "Length", 2: "Height and width", 3: "Depth, height and width"}


def kernel(dims: int, default: int = 3, what: str = "each kernel") -> Size:
    """The parameter `kernel_size`."""
    return Size(default, dims=dims, min=1, max=255, help=f"{_SIZES[dims]} of {what}.")


def stride(dims: int, default: int = 1) -> Size:
    """The parameter `stride` of a kernel."""
    return Size(
        default, dims=dims, min=1, max=255, help="Steps that the kernel moves from one output to the next."
    )


def padding(dims: int) -> Size:
    """The parameter `padding`."""
    return Size(0, dims=dims, help="Places added at each side.")


def dilation(dims: int) -> Size:
    """The parameter `dilation`."""
    return Size(
        1, dims=dims, min=1, max=255, advanced=True, help="Distance between neighbouring kernel points."
    )


def kernel_label(
    first: str, kernel_size: Sequence[int], stride: Sequence[int], padding: Sequence[int], last: str
) -> str:
    """The line on a card, as in `16 · 5×5 · stride 2 · pad 2 · relu`."""
    return line(first, by(kernel_size), unless(stride, 1, "stride"), unless(padding, 0, "pad"), last)


def tensor(inputs: Inputs, index: int = 0) -> TensorSpec:
    """The single spec at a port that is neither variadic nor left open."""
    found = inputs[index]
    assert isinstance(found, TensorSpec)
    return found


def spatial(spec: TensorSpec) -> tuple[int, ...]:
    """The sizes behind batch and channel."""
    return tuple(known(dim) for dim in spec.shape[2:])


def written(sizes: Sequence[int]) -> JSON:
    """Sizes as a `Size` parameter stores them."""
    return sizes[0] if len(set(sizes)) == 1 else list(sizes)


def check_fit(
    spec: TensorSpec,
    kernel_size: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int] | None = None,
    *,
    most_padding: Sequence[int] | None = None,
) -> None:
    """Refuse a kernel that reaches over the padded input; propose padding or a smaller kernel."""
    sizes = spatial(spec)
    spread = dilation or (1,) * len(sizes)
    padded = [size + 2 * pad for size, pad in zip(sizes, padding, strict=True)]
    reach = [d * (k - 1) + 1 for k, d in zip(kernel_size, spread, strict=True)]
    if all(size >= needed for size, needed in zip(padded, reach, strict=True)):
        return
    pads = [max(p, -((s - r) // 2)) for p, s, r in zip(padding, sizes, reach, strict=True)]
    fitting = [min(k, (s - 1) // d + 1) for k, s, d in zip(kernel_size, padded, spread, strict=True)]
    fixes: list[ProposedFix] = []
    if most_padding is None or all(p <= most for p, most in zip(pads, most_padding, strict=True)):
        fixes.append(SetParam("padding", written(pads)))
    if all(size >= 1 for size in fitting):
        fixes.append(SetParam("kernel_size", written(fitting)))
    worst = next(i for i, (size, needed) in enumerate(zip(padded, reach, strict=True)) if size < needed)
    over = f"{spread[worst]}·({kernel_size[worst]} − 1) + 1 = " if spread[worst] > 1 else ""
    raise LayerError(
        f"a kernel that fits into the padded input of {by(padded)}",
        f"a kernel of {by(kernel_size)}" + (f" with dilation {by(spread)}" if set(spread) != {1} else ""),
        port="input",
        arithmetic=f"{sizes[worst]} + 2·{padding[worst]} = {padded[worst]} < {over}{reach[worst]}",
        fixes=tuple(fixes),
    )


def check_groups(spec: TensorSpec, out_channels: int, groups: int) -> None:
    """Refuse groups that do not divide both channel counts."""
    channels = known(spec.shape[1])
    if channels % groups == 0 and out_channels % groups == 0:
        return
    side = "input" if channels % groups else "output"
    count = channels if channels % groups else out_channels
    fixes: list[ProposedFix] = [SetParam("groups", math.gcd(channels, out_channels, groups))]
    if channels % groups == 0:
        fixes.append(SetParam("out_channels", max(groups, round(out_channels / groups) * groups)))
    raise LayerError(
        f"{side} channels that {groups} groups divide",
        f"{count} {side} channels",
        port="input",
        arithmetic=remainder(count, groups),
        fixes=tuple(fixes),
    )


def sum_of(
    inputs: Inputs,
    outputs: tuple[TensorSpec, ...],
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int] | None = None,
    *,
    up: bool = False,
) -> str:
    """`⌊(28 + 2·2 − 5) / 1⌋ + 1 = 28`; a line per axis where they differ. `up`: the division rounds up."""
    sizes, left = spatial(tensor(inputs)), spatial(outputs[0])
    spread = dilation or (1,) * len(sizes)
    left_sign, right_sign = ("⌈", "⌉") if up else ("⌊", "⌋")
    lines = []
    for i, size in enumerate(sizes):
        reach = str(kernel_size[i]) if spread[i] == 1 else f"{spread[i]}·({kernel_size[i]} − 1) − 1"
        division = f"({size} + 2·{padding[i]} − {reach}) / {stride[i]}"
        lines.append(f"{left_sign}{division}{right_sign} + 1 = {left[i]}")
    return per_axis(lines)


def per_axis(lines: list[str]) -> str:
    """One line where all axes agree, else one per axis with its name."""
    if len(set(lines)) <= 1:
        return lines[0] if lines else ""
    return "\n".join(f"{axis}: {text}" for axis, text in zip(AXES[len(lines)], lines, strict=True))
