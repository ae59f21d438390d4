"""Small drawings with samplers: a generator of points, a decoder, a character model, a diffusion model."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.document.project import MAIN, Project, Settings
from tests.drawings import Step, gan, graph, wire


def with_node(project: Project, step: Step, *wires: str) -> Project:
    """The project with one more node on `main`."""
    added = graph([step]).nodes
    main = msgspec.structs.replace(
        project.main,
        nodes={**project.main.nodes, **added},
        wires=(*project.main.wires, *(wire(text) for text in wires)),
    )
    return msgspec.structs.replace(project, graphs={**project.graphs, MAIN: main})


def points(**params: Any) -> Project:
    """The generator of `tests.drawings.gan` with fixed samples beside the data."""
    return with_node(gan(), ("look", "samples", params), "make.y -> look.value", "data.input -> look.real")


def diffusion(sampler: dict[str, Any] | None = None, **noising: Any) -> Project:
    """Points noised, and a small network that predicts the noise from them, their step and their class."""
    nodes: list[Step] = [
        ("data", "data", {"dataset": "gauss"}),
        ("drop", "drop_labels", {}),
        ("noise", "diffuse", {"steps": 40, **noising}),
        ("time", "time_embedding", {"dims": 8}),
        ("kind", "embedding", {"embedding_dim": 4}),
        ("join", "concat", {}),
        ("hidden", "linear", {"out_features": 32, "activation": "relu"}),
        ("thin", "dropout", {"p": 0.3}),
        ("predict", "linear", {"out_features": 2}),
        ("loss", "mse"),
        ("objective", "objective", {"learning_rate": 3e-3}),
        ("draw", "diffusion_sampler", {"count": 32, "steps": 10, **(sampler or {})}),
    ]
    wires = [
        "data.input -> noise",
        "data.target -> drop.label",
        "drop -> kind",
        "noise.step -> time.step",
        "noise.noisy -> join",
        "time -> join",
        "kind -> join",
        "join -> hidden",
        "hidden -> thin",
        "thin -> predict",
        "predict -> loss.prediction",
        "noise.target -> loss.target",
        "loss.loss -> objective.loss",
        "noise.noisy -> draw.noisy",
        "noise.step -> draw.step",
        "drop -> draw.condition",
        "predict -> draw.result",
    ]
    main = graph(nodes, wires)
    ordered = tuple(
        msgspec.structs.replace(one, order=i) if one.target.node == "join" else one
        for i, one in enumerate(main.wires)
    )
    main = msgspec.structs.replace(main, wires=ordered)
    return Project(graphs={MAIN: main}, settings=Settings(batch_size=64))


def characters(sampler: dict[str, Any] | None = None) -> Project:
    """A character model without attention: an embedding, an LSTM and scores."""
    nodes: list[Step] = [
        ("data", "data", {"dataset": "moby-dick", "context": 12, "samples": 2000}),
        ("embedding", "embedding", {"embedding_dim": 16}),
        ("lstm", "lstm", {"hidden_size": 32}),
        ("logits", "linear", {"out_features": 81}),
        ("loss", "cross_entropy"),
        ("objective", "objective", {"learning_rate": 3e-3}),
        ("write", "generate_text", {"count": 3, "length": 20, **(sampler or {})}),
    ]
    wires = [
        "data.input -> embedding",
        "embedding -> lstm",
        "lstm -> logits",
        "logits -> loss.logits",
        "data.target -> loss.label",
        "loss.loss -> objective.loss",
        "data.input -> write.tokens",
        "logits -> write.logits",
    ]
    return Project(graphs={MAIN: graph(nodes, wires)})


def decoder(**params: Any) -> Project:
    """A generator of points with a walk through its noise."""
    return with_node(gan(), ("walk", "latent_walk", params), "noise -> walk.latent", "make.y -> walk.result")
