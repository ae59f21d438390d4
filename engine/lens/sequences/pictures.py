"""Pictures that can be laid beside each other, and how near they are.

What a network made, the data that it was made of, what it should have been, and what enlarging a smaller
picture alone would give.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F

from engine.expand.flat import FlatEnd, ancestors
from engine.lens.access import Access
from nodes.modules.metric import PeakSignalNoiseRatio, StructuralSimilarity
from nodes.spec import Dim, TensorSpec

LEAST = 4
"""Shortest side of a picture."""


@dataclass(frozen=True, eq=False)
class LaidBeside:
    """Pictures (C, H, W) by name; `truth` is the name of the one that others are measured against."""

    pictures: dict[str, Tensor]
    truth: str = ""


def is_picture(spec: TensorSpec | None) -> bool:
    """Whether these are maps (N, C, H, W) of one or three channels."""
    return spec is not None and spec.is_float and spec.rank == 4 and _sides(spec) is not None


def of_ports(network: Access, made: str, true: str) -> LaidBeside:
    """What enters two ports of the target, the first measured against the second."""
    node = network.plan.nodes[network.target]
    ends = {
        port.name: held[0] for port, held in zip(node.layer.input_ports(), node.inputs, strict=True) if held
    }
    if made not in ends or true not in ends:
        return LaidBeside({})
    values = network.read([ends[made], ends[true]])
    return LaidBeside({made: values[0][0], true: values[1][0]}, true)


def of_output(network: Access) -> LaidBeside:
    """The value at the target beside the data of the pinned sample.

    The truth is the target of the data where that is a picture of its size, else the input where the value
    is made of it. Where it is made of a smaller picture, that one enlarged by cubic curves is among them.
    """
    plan, end = network.plan, network.end
    if end is None or not is_picture(plan.specs.get(end)):
        return LaidBeside({})
    above = ancestors(plan.nodes, [end])
    data = [each for each in network.values if each.port in ("input", "target")]
    shown = [each for each in data if is_picture(plan.specs.get(each)) and each != end]
    smaller = _smaller(network, end)
    values = network.read([end, *shown, *([] if smaller is None else [smaller])])
    output, found = values[0][0], dict[str, Tensor]()
    found.update({f"data {each.port}": value[0] for each, value in zip(shown, values[1:], strict=False)})
    if smaller is not None:
        large = F.interpolate(values[-1].float(), output.shape[1:], mode="bicubic", align_corners=False)
        found[f"{smaller.path}, enlarged"] = large[0]
    found["output"] = output
    read = {end} | {each for path in above for port in plan.nodes[path].inputs for each in port}
    true = [each for each in shown if found[f"data {each.port}"].shape == output.shape]
    true.sort(key=lambda each: each.port != "target")
    is_made = any(each in read for each in shown)
    return LaidBeside(found, f"data {true[0].port}" if true and is_made else "")


def nearness(compared: LaidBeside) -> dict[str, tuple[float, float, float]]:
    """By picture that is as large as the truth: squared error, PSNR in decibels and SSIM (NaN below 6×6)."""
    if not compared.truth:
        return {}
    true = compared.pictures[compared.truth].float()[None]
    span, found = span_of(true), dict[str, tuple[float, float, float]]()
    for name, picture in compared.pictures.items():
        made = picture.float()[None]
        if name == compared.truth or made.shape != true.shape:
            continue
        error = float((made - true).square().mean())
        signal, alike = PeakSignalNoiseRatio(span), float("nan")
        signal.update(made, true)
        if min(true.shape[-2:]) >= 6:
            similarity = StructuralSimilarity(span)
            similarity.update(made, true)
            alike = float(similarity.compute())
        found[name] = error, float(signal.compute()), alike
    return found


def span_of(picture: Tensor) -> float:
    """From the least to the greatest value: 1 for pictures in [0, 1], 2 in [−1, 1], else what there is."""
    low, high = float(picture.min()), float(picture.max())
    if low >= -1e-3 and high <= 1.0 + 1e-3:
        return 1.0
    return 2.0 if low >= -1.001 and high <= 1.001 else (high - low) or 1.0


def _sides(spec: TensorSpec) -> tuple[int, int] | None:
    channels, *sides = spec.features
    if channels not in (1, 3):
        return None
    height, width = (side if isinstance(side, int) else 0 for side in sides)
    return (height, width) if min(height, width) >= LEAST else None


def _smaller(network: Access, end: FlatEnd) -> FlatEnd | None:
    """The nearest smaller picture of as many channels that a value is made of."""
    plan = network.plan
    own = plan.specs[end]
    sides = _sides(own)
    assert sides is not None
    waiting, seen = deque([end]), {end}
    while waiting:
        here = waiting.popleft()
        spec = plan.specs.get(here)
        if here != end and spec is not None and is_picture(spec) and _channels(spec) == _channels(own):
            found = _sides(spec)
            if found is not None and found[0] < sides[0] and found[1] < sides[1]:
                return here
        node = plan.nodes.get(here.path)
        for port in node.inputs if node is not None else ():
            fresh = [each for each in port if each not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
    return None


def _channels(spec: TensorSpec) -> Dim:
    return spec.shape[1]
