"""Residual networks (He et al., 2016) as drawings of blocks and repeats, with torchvision's names of weights.

A stage is one Block with `repeat`; only its first copy strides and projects: `downsample` stands there zero
or one time, by an expression over the repeat index.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from engine.document.project import INPUT, OUTPUT, End, Graph, Node, Project, Wire

FIRST_STRIDES = "=stride if i == 0 else 1"


def graph(nodes: list[Node], wires: list[str], **more: Any) -> Graph:
    """A graph from nodes and wires written `a.output > b.input`."""
    return Graph(nodes={node.id: node for node in nodes}, wires=tuple(wire(text) for text in wires), **more)


def wire(text: str) -> Wire:
    source, _, rest = text.partition(" > ")
    target, _, order = rest.partition(" #")
    return Wire(End(*source.split(".")), End(*target.split(".")), int(order or 0))


def chain(*ids: str) -> list[str]:
    """Wires through the main ports of these nodes; `@in` and `@out` stand for the border's `x` and `y`."""
    return [f"{_out(a)} > {_in(b)}" for a, b in pairwise(ids)]


def _out(name: str) -> str:
    return f"{INPUT}.x" if name == INPUT else f"{name}.output"


def _in(name: str) -> str:
    return f"{OUTPUT}.y" if name == OUTPUT else f"{name}.input"


def conv(name: str, channels: Any, size: int, stride: Any = 1, padding: int = 0) -> Node:
    params = {
        "out_channels": channels,
        "kernel_size": size,
        "stride": stride,
        "padding": padding,
        "bias": False,
    }
    return Node(name, "conv2d", params)


def norm(name: str) -> Node:
    return Node(name, "batch_norm2d")


def relu(name: str) -> Node:
    return Node(name, "relu")


def project_of(data: list[Node], wires: list[str], **definitions: Graph) -> Project:
    return Project(graphs={"main": graph(data, wires), **definitions})


def bottleneck() -> Graph:
    nodes = [
        conv("conv1", "=width", 1),
        norm("bn1"),
        relu("relu1"),
        conv("conv2", "=width", 3, FIRST_STRIDES, 1),
        norm("bn2"),
        relu("relu2"),
        conv("conv3", "=4 * width", 1),
        norm("bn3"),
        *_joined("=4 * width"),
    ]
    wires = chain(INPUT, "conv1", "bn1", "relu1", "conv2", "bn2", "relu2", "conv3", "bn3")
    return _block(nodes, [*wires, *_JOINS("bn3")])


def basic() -> Graph:
    nodes = [
        conv("conv1", "=width", 3, FIRST_STRIDES, 1),
        norm("bn1"),
        relu("relu1"),
        conv("conv2", "=width", 3, 1, 1),
        norm("bn2"),
        *_joined("=width"),
    ]
    return _block(nodes, [*chain(INPUT, "conv1", "bn1", "relu1", "conv2", "bn2"), *_JOINS("bn2")])


def _joined(channels: str) -> list[Node]:
    params = {
        "definition": "projection",
        "repeat": "=1 if i == 0 and projects else 0",
        "channels": channels,
        "stride": "=stride",
    }
    return [Node("downsample", "block", params), Node("add", "add"), relu("relu3")]


def _JOINS(last: str) -> list[str]:
    return [
        f"{INPUT}.x > downsample.x",
        f"{last}.output > add.{ADD_PORTS[0]} #0",
        f"downsample.y > add.{ADD_PORTS[1]} #1",
        *chain("add", "relu3", OUTPUT),
    ]


ADD_PORTS = ("input", "input")


def _block(nodes: list[Node], wires: list[str]) -> Graph:
    parameters = {"width": 64, "stride": 1, "projects": True}
    return graph(nodes, wires, inputs=("x",), outputs=("y",), parameters=parameters)


def projection() -> Graph:
    return graph(
        [conv("conv", "=channels", 1, "=stride"), norm("bn")],
        chain(INPUT, "conv", "bn", OUTPUT),
        inputs=("x",),
        outputs=("y",),
        parameters={"channels": 64, "stride": 1},
    )


def resnet(kind: Graph, repeats: tuple[int, int, int, int], *, projects: bool = True) -> Project:
    """A ResNet on 224×224 colour images and 1,000 classes. `projects`: whether its first stage projects."""
    nodes = [
        Node("image", "noise", {"shape": [3, 224, 224]}),
        conv("conv1", 64, 7, 2, 3),
        norm("bn1"),
        relu("relu"),
        Node("maxpool", "max_pool2d", {"kernel_size": 3, "stride": 2, "padding": 1}),
    ]
    wires = chain("image", "conv1", "bn1", "relu", "maxpool")
    before = "maxpool.output"
    for k, repeat in enumerate(repeats):
        params = {"definition": "residual", "repeat": repeat, "width": 64 * 2**k, "stride": 2 if k else 1}
        nodes.append(Node(f"layer{k + 1}", "block", {**params, "projects": projects or k > 0}))
        wires.append(f"{before} > layer{k + 1}.x")
        before = f"layer{k + 1}.y"
    nodes += [
        Node("avgpool", "global_avg_pool"),
        Node("fc", "linear", {"out_features": 1000}),
        Node("output", "output"),
    ]
    wires += [f"{before} > avgpool.input", *chain("avgpool", "fc", "output")]
    return project_of(nodes, wires, residual=kind, projection=projection())


def resnet18() -> Project:
    return resnet(basic(), (2, 2, 2, 2), projects=False)


def resnet50() -> Project:
    return resnet(bottleneck(), (3, 4, 6, 3))


def resnet152() -> Project:
    return resnet(bottleneck(), (3, 8, 36, 3))
