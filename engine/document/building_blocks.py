"""Building blocks to start from: definitions that many networks use, as ordinary graphs.

Each is a value that can be edited like any drawn definition.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.document.project import INPUT, OUTPUT, End, Graph, Layout, Node, Point, Wire

_STEP, _ROW = 168.0, 136.0

Row = Sequence[tuple[str, str, dict[str, Any]]]
"""Nodes in a line, each feeding the next: id, layer, parameters."""


class BuildingBlock(NamedTuple):
    """A definition to start from: its name, its title, a line of help, and the graph."""

    name: str
    title: str
    summary: str
    graph: Graph


@functools.cache
def building_blocks() -> tuple[BuildingBlock, ...]:
    """All of them, in the order in which they are offered."""
    return (
        BuildingBlock("MLP", "Multi-layer perceptron", "Two hidden layers and an output", _mlp()),
        BuildingBlock("ConvBlock", "Convolution block", "Convolution, batch norm, ReLU", _conv_block()),
        BuildingBlock("ResidualBlock", "Residual block", "Two convolutions and a shortcut", _residual()),
        BuildingBlock("Generator", "DCGAN generator", "Noise to images of 28 by 28", _generator()),
        BuildingBlock("Discriminator", "DCGAN discriminator", "Images to one logit", _discriminator()),
        BuildingBlock("UNet", "Small U-Net", "Image to image, with skip connections", _unet()),
        BuildingBlock("Encoder", "Encoder", "Images of 28 by 28 to a short code", _encoder()),
        BuildingBlock("Decoder", "Decoder", "A short code to images of 28 by 28", _decoder()),
    )


def _chain(
    rows: Sequence[Row],
    extra: Sequence[tuple[str, str]] = (),
    *,
    parameters: dict[str, Any],
    names: tuple[str, str] = ("input", "output"),
    exit_: str = "",
) -> Graph:
    """A graph of rows of nodes: the first starts at the input, the last ends at the output.

    `extra` adds wires as (source, target); an empty name is the border.
    """
    nodes: dict[str, Node] = {}
    at: dict[str, Point] = {}
    wires: list[tuple[str, str]] = [("", rows[0][0][0])]
    for level, row in enumerate(rows):
        for place, (key, layer, params) in enumerate(row):
            nodes[key] = Node(key, layer, params)
            at[key] = Point(place * _STEP, level * _ROW)
        wires += [(row[i][0], row[i + 1][0]) for i in range(len(row) - 1)]
    wires += [*extra, (exit_ or rows[-1][-1][0], "")]
    counts: dict[str, int] = {}
    made = []
    for source, target in wires:
        start = End(source, "output") if source else End(INPUT, names[0])
        end = End(target, "input") if target else End(OUTPUT, names[1])
        order = counts.get(target, 0) if target else 0
        counts[target] = order + 1
        made.append(Wire(start, end, order))
    return Graph(nodes, tuple(made), (names[0],), (names[1],), parameters, Layout(at))


def _conv(
    key: str, channels: str, size: int = 3, stride: int = 1, **more: Any
) -> tuple[str, str, dict[str, Any]]:
    pad = 1 if size > 1 else 0
    params: dict[str, Any] = {"out_channels": channels, "kernel_size": [size, size]}
    if stride != 1:
        params["stride"] = [stride, stride]
    if pad:
        params["padding"] = [pad, pad]
    return (key, "conv2d", {**params, **more})


def _up(key: str, channels: str, **more: Any) -> tuple[str, str, dict[str, Any]]:
    """Doubles height and width (kernel 4, stride 2, padding 1 are the layer's defaults)."""
    return (key, "conv_transpose2d", {"out_channels": channels, **more})


def _mlp() -> Graph:
    row: Row = (
        ("flatten", "flatten", {}),
        ("linear1", "linear", {"out_features": "=hidden"}),
        ("relu1", "relu", {}),
        ("linear2", "linear", {"out_features": "=hidden"}),
        ("relu2", "relu", {}),
        ("linear3", "linear", {"out_features": "=out"}),
    )
    return _chain((row,), parameters={"hidden": 128, "out": 10})


def _conv_block() -> Graph:
    row: Row = (_conv("conv", "=channels", bias=False), ("norm", "batch_norm2d", {}), ("relu", "relu", {}))
    return _chain((row,), parameters={"channels": 32})


def _residual() -> Graph:
    """He et al. (2016), with a projection shortcut, so that width and stride are free."""
    shared = {"out_channels": "=channels", "stride": "=stride", "bias": False}
    first: Row = (
        ("conv1", "conv2d", {"kernel_size": [3, 3], "padding": [1, 1], **shared}),
        ("norm1", "batch_norm2d", {}),
        ("relu1", "relu", {}),
        _conv("conv2", "=channels", bias=False),
        ("norm2", "batch_norm2d", {}),
        ("add", "add", {}),
        ("relu2", "relu", {}),
    )
    second: Row = (
        ("shortcut", "conv2d", {"kernel_size": [1, 1], **shared}),
        ("norm3", "batch_norm2d", {}),
    )
    return _chain(
        (first, second), (("", "shortcut"), ("norm3", "add")),
        parameters={"channels": 64, "stride": 1}, exit_="relu2",
    )  # fmt: skip


def _generator() -> Graph:
    """Radford et al. (2016), for images of 28 by 28 in [-1, 1]."""
    row: Row = (
        ("linear", "linear", {"out_features": "=98 * width"}),
        ("reshape", "reshape", {"shape": [-1, 7, 7]}),
        ("norm1", "batch_norm2d", {}),
        ("relu1", "relu", {}),
        _up("up1", "=width", bias=False),
        ("norm2", "batch_norm2d", {}),
        ("relu2", "relu", {}),
        _up("up2", "=channels"),
        ("tanh", "tanh", {}),
    )
    return _chain((row,), parameters={"width": 64, "channels": 1}, names=("noise", "image"))


def _discriminator() -> Graph:
    """Radford et al. (2016)."""
    leaky = {"negative_slope": 0.2}
    row: Row = (
        _conv("conv1", "=width", 4, 2),
        ("leaky1", "leaky_relu", leaky),
        _conv("conv2", "=2 * width", 4, 2, bias=False),
        ("norm", "batch_norm2d", {}),
        ("leaky2", "leaky_relu", leaky),
        ("flatten", "flatten", {}),
        ("linear", "linear", {"out_features": 1}),
    )
    return _chain((row,), parameters={"width": 64}, names=("image", "logit"))


def _unet() -> Graph:
    """Ronneberger et al. (2015), two levels; sides must divide by 4."""
    act: dict[str, Any] = {"activation": "relu"}
    down: Row = (
        _conv("down1", "=width", **act),
        ("pool1", "max_pool2d", {}),
        _conv("down2", "=2 * width", **act),
        ("pool2", "max_pool2d", {}),
        _conv("middle", "=4 * width", **act),
    )
    up: Row = (
        _up("up1", "=2 * width"),
        ("join1", "concat", {}),
        _conv("merge1", "=2 * width", **act),
        _up("up2", "=width"),
        ("join2", "concat", {}),
        _conv("merge2", "=width", **act),
        _conv("last", "=channels", 1),
    )
    skips = (("middle", "up1"), ("down2", "join1"), ("down1", "join2"))
    return _chain((down, up), skips, parameters={"width": 16, "channels": 1})


def _encoder() -> Graph:
    row: Row = (
        _conv("conv1", "=width", stride=2, activation="relu"),
        _conv("conv2", "=2 * width", stride=2, activation="relu"),
        ("flatten", "flatten", {}),
        ("linear", "linear", {"out_features": "=code"}),
    )
    return _chain((row,), parameters={"width": 16, "code": 16}, names=("image", "code"))


def _decoder() -> Graph:
    row: Row = (
        ("linear", "linear", {"out_features": "=98 * width", "activation": "relu"}),
        ("reshape", "reshape", {"shape": [-1, 7, 7]}),
        _up("up1", "=width", activation="relu"),
        _up("up2", "=channels"),
        ("sigmoid", "sigmoid", {}),
    )
    return _chain((row,), parameters={"width": 16, "channels": 1}, names=("code", "image"))
