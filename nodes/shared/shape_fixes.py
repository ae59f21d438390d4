"""Which layer makes one tensor fit another: the projection of a shortcut, an upsampling, a frame of zeros.

Proposals only; whoever offers them tries them first. Knows shapes, not drawings.
"""

from __future__ import annotations

from nodes.spec import Dim, InsertBefore, ProposedFix, TensorSpec

_FRAME = 3
"""Most places that are padded to make maps agree; more would drown them in zeros."""


def whole(sizes: tuple[Dim, ...]) -> tuple[int, ...] | None:
    """The sizes where all are numbers."""
    found = tuple(size for size in sizes if isinstance(size, int))
    return found if len(found) == len(sizes) else None


def same_maps(first: TensorSpec, other: TensorSpec) -> tuple[ProposedFix, ...]:
    """What gives images `other` the height and width of `first`; their channels stay."""
    wanted, given = whole(first.shape[2:]), whole(other.shape[2:])
    if first.rank != 4 or other.rank != 4 or not wanted or not given or wanted == given:
        return ()
    larger, smaller = _ratio(wanted, given), _ratio(given, wanted)
    if larger > 1:
        return (InsertBefore("upsample", {"scale": float(larger)}),)
    if smaller > 1:
        return (InsertBefore("max_pool2d", {"kernel_size": smaller, "stride": smaller}),)
    missing = [a - b for a, b in zip(wanted, given, strict=True)]
    if min(missing) < 0 or max(missing) > _FRAME:
        return ()
    amounts = [part for size in reversed(missing) for part in (size // 2, size - size // 2)]
    return (InsertBefore("pad", {"amounts": amounts}),)


def same_shape(first: TensorSpec, other: TensorSpec) -> tuple[ProposedFix, ...]:
    """What gives `other` the shape of `first`: a convolution for images, a dense layer for rows."""
    wanted: Dim = first.shape[1] if first.rank == 4 else first.shape[-1] if first.shape else 1
    if not isinstance(wanted, int):
        return ()
    if first.rank != other.rank:
        return (InsertBefore("flatten"),) if first.rank == 2 < other.rank else ()
    if first.rank == 4 and first.shape[1] != other.shape[1]:
        return _projection(first, other, wanted)
    if first.rank == 4:
        return same_maps(first, other)
    if first.rank in (2, 3) and first.shape[:-1] == other.shape[:-1]:
        return (InsertBefore("linear", {"out_features": wanted}),)
    return ()


def _projection(first: TensorSpec, other: TensorSpec, channels: int) -> tuple[ProposedFix, ...]:
    """A convolution to these channels, with the stride that makes the maps agree."""
    maps, given = whole(first.shape[2:]), whole(other.shape[2:])
    if not maps or not given or 0 in maps:
        return ()
    stride = -(-given[0] // maps[0])
    if stride >= 1 and all(-(-b // stride) == a for a, b in zip(maps, given, strict=True)):
        steps = {"stride": stride} if stride > 1 else {}
        return (InsertBefore("conv2d", {"out_channels": channels, "kernel_size": 1, **steps}),)
    times = _ratio(maps, given)
    if times > 1:
        size = {"kernel_size": times, "stride": times, "padding": 0}
        return (InsertBefore("conv_transpose2d", {"out_channels": channels, **size}),)
    return ()


def _ratio(large: tuple[int, ...], small: tuple[int, ...]) -> int:
    """How many times larger on every axis; 0 where that is no whole number."""
    found = {a // b if b and a % b == 0 else 0 for a, b in zip(large, small, strict=True)}
    return found.pop() if len(found) == 1 else 0
