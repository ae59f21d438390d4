"""Small drawings for tests and benchmarks, written as chains of layers and a few wires."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import msgspec

from engine.document.project import MAIN, End, Graph, Node, Project, Settings, Wire

Step = tuple[str, str] | tuple[str, str, dict[str, Any]]


def wire(text: str, order: int = 0) -> Wire:
    """A wire such as "conv1.output -> relu1.input"; the ports may be left out."""
    source, target = (end.strip() for end in text.split("->"))
    return Wire(_end(source, "output"), _end(target, "input"), order)


def _end(text: str, port: str) -> End:
    node, _, given = text.partition(".")
    return End(node, given or port)


def graph(steps: Iterable[Step], wires: Iterable[str] = (), **rest: Any) -> Graph:
    """Nodes `(id, layer, params)` without wires between them, and wires."""
    nodes = [Node(step[0], step[1], dict(step[2]) if len(step) > 2 else {}) for step in steps]
    return Graph({node.id: node for node in nodes}, tuple(wire(text) for text in wires), **rest)


def chain(data: dict[str, Any], steps: list[Step], loss: str = "cross_entropy", **objective: Any) -> Project:
    """data -> steps -> loss -> objective, with an accuracy and an output where the loss is cross-entropy."""
    classes = loss == "cross_entropy"
    prediction = "logits" if classes else "prediction"
    label = "label" if classes else "target"
    last = steps[-1][0]
    nodes: list[Step] = [
        ("data", "data", data),
        *steps,
        ("loss", loss),
        ("objective", "objective", objective),
    ]
    wires = [f"data.input -> {steps[0][0]}.input"]
    wires += [f"{a[0]} -> {b[0]}" for a, b in pairwise(steps)]
    wires += [f"{last} -> loss.{prediction}", f"data.target -> loss.{label}", "loss.loss -> objective.loss"]
    if classes:
        nodes += [("accuracy", "accuracy"), ("output", "output")]
        wires += [f"{last} -> accuracy.logits", "data.target -> accuracy.label", f"{last} -> output.input"]
    return Project(graphs={MAIN: graph(nodes, wires)})


def with_settings(project: Project, **changes: Any) -> Project:
    return msgspec.structs.replace(project, settings=Settings(**changes))


def lenet5(**objective: Any) -> Project:
    steps: list[Step] = [
        ("conv1", "conv2d", {"out_channels": 6, "kernel_size": 5, "padding": 2}),
        ("tanh1", "tanh"),
        ("pool1", "max_pool2d"),
        ("conv2", "conv2d", {"out_channels": 16, "kernel_size": 5}),
        ("tanh2", "tanh"),
        ("pool2", "max_pool2d"),
        ("flatten", "flatten"),
        ("linear1", "linear", {"out_features": 120}),
        ("tanh3", "tanh"),
        ("linear2", "linear", {"out_features": 84}),
        ("tanh4", "tanh"),
        ("linear3", "linear", {"out_features": 10}),
    ]
    return chain({"dataset": "fashion-mnist"}, steps, **objective)


def convnet(dataset: str = "fashion-mnist", dropout: float = 0.25, width: int = 16) -> Project:
    """Two convolutions with batch norm, and dropout."""
    steps: list[Step] = [
        ("conv1", "conv2d", {"out_channels": width, "kernel_size": 3, "padding": 1, "bias": False}),
        ("norm1", "batch_norm2d"),
        ("relu1", "relu"),
        ("pool1", "max_pool2d"),
        ("conv2", "conv2d", {"out_channels": 2 * width, "kernel_size": 3, "padding": 1, "bias": False}),
        ("norm2", "batch_norm2d"),
        ("relu2", "relu"),
        ("pool2", "max_pool2d"),
        ("flatten", "flatten"),
        ("dropout", "dropout", {"p": dropout}),
        ("linear", "linear", {"out_features": 10}),
    ]
    return chain({"dataset": dataset}, steps)


def mlp(dataset: str = "fashion-mnist", hidden: int = 128, **objective: Any) -> Project:
    steps: list[Step] = [
        ("flatten", "flatten"),
        ("linear1", "linear", {"out_features": hidden}),
        ("relu1", "relu"),
        ("linear2", "linear", {"out_features": hidden}),
        ("relu2", "relu"),
        ("linear3", "linear", {"out_features": 10}),
    ]
    return chain({"dataset": dataset}, steps, **objective)


def lstm(hidden: int = 64) -> Project:
    """Next sunspot number from the last 24."""
    steps: list[Step] = [
        ("lstm", "lstm", {"hidden_size": hidden, "output": "last"}),
        ("linear", "linear", {"out_features": 1}),
    ]
    return chain({"dataset": "sunspots", "window": 24}, steps, "mse")


def gan(every: int = 1) -> Project:
    """Points drawn by a generator and judged by a discriminator that is placed twice as one network.

    Nothing in it is special: ones and zeros are scaled data, two objectives say what they update.
    """
    through = ["@in.x -> linear1", "linear1 -> relu1", "relu1 -> linear2", "linear2.output -> @out.y"]
    border: dict[str, Any] = {"inputs": ("x",), "outputs": ("y",)}
    hidden: Step = ("linear1", "linear", {"out_features": 16})
    net = graph([hidden, ("relu1", "relu"), ("linear2", "linear", {"out_features": 2})], through, **border)
    main: list[Step] = [
        ("data", "data", {"dataset": "circle"}),
        ("noise", "noise", {"shape": [4]}),
        ("make", "network", {"definition": "maker"}),
        ("real", "network", {"definition": "judge"}),
        ("fake", "network", {"definition": "judge"}),
        ("ones", "scale", {"factor": 0, "offset": 1}),
        ("zeros", "scale", {"factor": 0}),
        ("real_loss", "bce_with_logits"),
        ("fake_loss", "bce_with_logits"),
        ("fool_loss", "bce_with_logits"),
        ("judging", "objective", {"updates": "judge", "order": 0, "learning_rate": 2e-3}),
        ("making", "objective", {"updates": "maker", "order": 1, "every": every}),
    ]
    wires = [
        "noise -> make.x",
        "data.input -> real.x",
        "make.y -> fake.x",
        "data.input -> ones",
        "data.input -> zeros",
        "real.y -> real_loss.logits",
        "ones -> real_loss.target",
        "fake.y -> fake_loss.logits",
        "zeros -> fake_loss.target",
        "fake.y -> fool_loss.logits",
        "ones -> fool_loss.target",
        "real_loss.loss -> judging.loss",
        "fool_loss.loss -> making.loss",
    ]
    drawn = graph(main, wires)
    second = wire("fake_loss.loss -> judging.loss", order=1)
    drawn = msgspec.structs.replace(drawn, wires=(*drawn.wires, second))
    return Project(graphs={MAIN: drawn, "maker": net, "judge": net})


def dcgan(width: int = 64) -> Project:
    """Clothes of 28 × 28 from 64 numbers: a generator of transposed convolutions against a discriminator."""
    generator: list[Step] = [
        (
            "grow",
            "conv_transpose2d",
            {"out_channels": 2 * width, "kernel_size": 7, "stride": 1, "padding": 0},
        ),
        ("norm1", "batch_norm2d"),
        ("relu1", "relu"),
        ("up1", "conv_transpose2d", {"out_channels": width, "kernel_size": 4, "stride": 2, "padding": 1}),
        ("norm2", "batch_norm2d"),
        ("relu2", "relu"),
        ("up2", "conv_transpose2d", {"out_channels": 1, "kernel_size": 4, "stride": 2, "padding": 1}),
        ("sigmoid", "sigmoid"),
    ]
    half: dict[str, Any] = {"kernel_size": 4, "stride": 2, "padding": 1}
    discriminator: list[Step] = [
        ("conv1", "conv2d", {"out_channels": width, **half}),
        ("leaky1", "leaky_relu", {"negative_slope": 0.2}),
        ("conv2", "conv2d", {"out_channels": 2 * width, "bias": False, **half}),
        ("norm", "batch_norm2d"),
        ("leaky2", "leaky_relu", {"negative_slope": 0.2}),
        ("judge", "conv2d", {"out_channels": 1, "kernel_size": 7}),
        ("flatten", "flatten"),
    ]
    adam: dict[str, Any] = {"learning_rate": 2e-4, "beta1": 0.5}
    main: list[Step] = [
        ("noise", "noise", {"shape": [64, 1, 1]}),
        ("generate", "network", {"definition": "generator"}),
        ("data", "data", {"dataset": "fashion-mnist", "scaling": "0-1"}),
        ("real", "network", {"definition": "discriminator"}),
        ("fake", "network", {"definition": "discriminator"}),
        ("real_loss", "real_or_fake"),
        ("fake_loss", "real_or_fake", {"verdict": "fake"}),
        ("fool_loss", "real_or_fake"),
        ("judging", "objective", {"updates": "discriminator", "order": 0, **adam}),
        ("making", "objective", {"updates": "generator", "order": 1, **adam}),
    ]
    wires = [
        wire("noise -> generate.x"),
        wire("data.input -> real.x"),
        wire("generate.y -> fake.x"),
        wire("real.y -> real_loss.score"),
        wire("fake.y -> fake_loss.score"),
        wire("fake.y -> fool_loss.score"),
        wire("real_loss.loss -> judging.loss"),
        wire("fake_loss.loss -> judging.loss", order=1),
        wire("fool_loss.loss -> making.loss"),
    ]
    drawn = msgspec.structs.replace(graph(main), wires=tuple(wires))
    nets = {"generator": definition(generator), "discriminator": definition(discriminator)}
    return Project(graphs={MAIN: drawn, **nets})


def wgan_gp(times: int = 2) -> Project:
    """A critic whose slope is kept near 1, several updates to one of the generator; small nets for images."""
    generator: list[Step] = [
        ("grow", "conv_transpose2d", {"out_channels": 4, "kernel_size": 7, "stride": 1, "padding": 0}),
        ("relu", "relu"),
        ("up", "conv_transpose2d", {"out_channels": 1, "kernel_size": 4, "stride": 4, "padding": 0}),
        ("sigmoid", "sigmoid"),
    ]
    critic: list[Step] = [
        ("conv1", "conv2d", {"out_channels": 4, "kernel_size": 4, "stride": 2, "activation": "silu"}),
        ("conv2", "conv2d", {"out_channels": 8, "kernel_size": 3}),
        ("relu", "relu"),
        ("pool", "max_pool2d"),
        ("flatten", "flatten"),
        ("score", "linear", {"out_features": 1}),
    ]
    adam: dict[str, Any] = {"learning_rate": 1e-3, "beta1": 0.5, "beta2": 0.9}
    main: list[Step] = [
        ("noise", "noise", {"shape": [8, 1, 1]}),
        ("generate", "network", {"definition": "generator"}),
        ("data", "data", {"dataset": "fashion-mnist", "scaling": "0-1"}),
        ("real", "network", {"definition": "critic"}),
        ("fake", "network", {"definition": "critic"}),
        ("mix", "random_mix"),
        ("between", "network", {"definition": "critic"}),
        ("real_loss", "real_or_fake", {"form": "linear"}),
        ("fake_loss", "real_or_fake", {"form": "linear", "verdict": "fake"}),
        ("penalty", "gradient_penalty"),
        ("fool_loss", "real_or_fake", {"form": "linear"}),
        (
            "judging",
            "objective",
            {"updates": "critic", "weights": [1, 1, 10], "times": times, "order": 0, **adam},
        ),
        ("making", "objective", {"updates": "generator", "order": 1, **adam}),
    ]
    wires = [
        *("noise -> generate.x", "data.input -> real.x", "generate.y -> fake.x"),
        *("data.input -> mix.a", "generate.y -> mix.b", "mix -> between.x"),
        *("real.y -> real_loss.score", "fake.y -> fake_loss.score", "fake.y -> fool_loss.score"),
        *("between.y -> penalty.score", "mix -> penalty.input", "fool_loss.loss -> making.loss"),
    ]
    losses = ["real_loss", "fake_loss", "penalty"]
    summed = [wire(f"{loss}.loss -> judging.loss", order=i) for i, loss in enumerate(losses)]
    drawn = graph(main, wires)
    drawn = msgspec.structs.replace(drawn, wires=(*drawn.wires, *summed))
    return Project(graphs={MAIN: drawn, "generator": definition(generator), "critic": definition(critic)})


def definition(steps: list[Step]) -> Graph:
    """A chain of layers from an input x to an output y."""
    wires = [f"@in.x -> {steps[0][0]}", f"{steps[-1][0]}.output -> @out.y"]
    wires += [f"{a[0]} -> {b[0]}" for a, b in pairwise(steps)]
    return graph(steps, wires, inputs=("x",), outputs=("y",))
