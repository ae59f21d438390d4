"""Runs that are interrupted and go on: drawings for it, and a fingerprint of all that a run leaves."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from engine.document.project import Project
from engine.runs.archive import checkpoints_of
from engine.weights.checkpoint import read
from tests.drawings import Step, chain, convnet, graph, lstm, wire, with_settings
from tests.engine.cells import elman_cell, over_time

FACTS = ("step", "epoch", "seed", "best_by", "best_epoch", "best_value", "losses", "metrics", "watch")


def augmented() -> Project:
    """Augmented digits under a one-cycle schedule, with a running mean of the weights."""
    steps: list[Step] = [
        ("crop", "random_crop", {"padding": 1}),
        ("turn", "random_rotate"),
        ("noise", "gaussian_noise"),
        ("conv", "conv2d", {"out_channels": 8, "kernel_size": 3, "padding": 1}),
        ("norm", "batch_norm2d"),
        ("relu", "relu"),
        ("pool", "max_pool2d"),
        ("flatten", "flatten"),
        ("drop", "dropout"),
        ("linear", "linear", {"out_features": 10}),
    ]
    more = {"optimiser": "sgd", "schedule": "one_cycle", "learning_rate": 0.05, "ema": 0.99, "accumulate": 3}
    return chain({"dataset": "digits"}, steps, **more)


def dcgan() -> Project:
    """Convolutional nets against each other on small digits, the judge with dropout and two turns to one."""
    maker = graph(
        [
            ("linear", "linear", {"out_features": 16 * 4}),
            ("square", "reshape", {"shape": [16, 2, 2]}),
            ("up1", "conv_transpose2d", {"out_channels": 8, "kernel_size": 4, "stride": 2, "padding": 1}),
            ("norm1", "batch_norm2d"),
            ("relu1", "relu"),
            ("up2", "conv_transpose2d", {"out_channels": 1, "kernel_size": 4, "stride": 2, "padding": 1}),
            ("tanh", "tanh"),
        ],
        [
            "@in.noise -> linear",
            "linear -> square",
            "square -> up1",
            "up1 -> norm1",
            "norm1 -> relu1",
            "relu1 -> up2",
            "up2 -> tanh",
            "tanh.output -> @out.image",
        ],
        inputs=("noise",),
        outputs=("image",),
    )
    judge = graph(
        [
            ("conv", "conv2d", {"out_channels": 8, "kernel_size": 4, "stride": 2, "padding": 1}),
            ("relu", "leaky_relu"),
            ("drop", "dropout", {"p": 0.2}),
            ("flatten", "flatten"),
            ("linear", "linear", {"out_features": 1}),
        ],
        [
            "@in.image -> conv",
            "conv -> relu",
            "relu -> drop",
            "drop -> flatten",
            "flatten -> linear",
            "linear.output -> @out.verdict",
        ],
        inputs=("image",),
        outputs=("verdict",),
    )
    adam = {"learning_rate": 2e-4, "beta1": 0.5}
    nodes: list[Step] = [
        ("data", "data", {"dataset": "digits"}),
        ("noise", "noise", {"shape": [16]}),
        ("make", "network", {"definition": "maker"}),
        ("real", "network", {"definition": "judge"}),
        ("fake", "network", {"definition": "judge"}),
        ("real_loss", "real_or_fake", {"verdict": "real"}),
        ("fake_loss", "real_or_fake", {"verdict": "fake"}),
        ("fool_loss", "real_or_fake", {"verdict": "real"}),
        ("shown", "samples", {"count": 4, "keep": 4}),
        ("judging", "objective", {"updates": "judge", "times": 2, **adam}),
        ("making", "objective", {"updates": "maker", "order": 1, **adam}),
    ]
    wires = [
        "noise -> make.noise",
        "data.input -> real.image",
        "make.image -> fake.image",
        "make.image -> shown.value",
        "real.verdict -> real_loss.score",
        "fake.verdict -> fake_loss.score",
        "fake.verdict -> fool_loss.score",
        "real_loss.loss -> judging.loss",
        "fake_loss.loss -> judging.loss",
        "fool_loss.loss -> making.loss",
    ]
    return Project(graphs={"main": graph(nodes, wires), "maker": maker, "judge": judge})


def own_values(batch_size: int = 16, **objective: Any) -> Project:
    """Everything that is a value of its own: a tensor that learns, weights that are tied, turned round, and a
    gradient in the loss, which a schedule weighs.
    """
    nodes: list[Step] = [
        ("data", "data", {"dataset": "plane"}),
        ("token", "parameter", {"shape": [4], "spread": 0.5}),
        ("first", "linear", {"out_features": 4, "activation": "tanh"}),
        ("joined", "add"),
        ("second", "linear", {"out_features": 2, "tied_to": "first", "activation": "tanh"}),
        ("score", "linear", {"out_features": 1}),
        ("slope", "gradient"),
        ("squares", "function", {"function": "square"}),
        ("mean", "sparsity_penalty"),
        ("beta", "schedule", {"start": 0.1, "length": 7, "course": "cosine"}),
        ("weighed", "scale"),
        ("loss", "mse"),
        ("objective", "objective", objective),
        ("samples", "samples", {"count": 4}),
    ]
    wires = [
        "data.input -> first",
        "data.input -> token.like",
        "first -> joined",
        "token -> joined",
        "joined -> second",
        "second -> score",
        "score -> slope.value",
        "data.input -> slope.input",
        "slope -> squares",
        "squares -> mean.code",
        "mean.loss -> weighed.input",
        "beta -> weighed.by",
        "score -> loss.prediction",
        "data.target -> loss.target",
        "loss.loss -> objective.loss",
        "weighed -> objective.loss",
        "slope -> samples.value",
    ]
    return with_settings(Project(graphs={"main": graph(nodes, wires)}), batch_size=batch_size)


def scanned() -> Project:
    """Sunspots read by a drawn cell with dropout and batch norm at every step."""
    cell = elman_cell(8)
    nodes = {**cell.nodes, **graph([("norm", "batch_norm1d"), ("drop", "dropout", {"p": 0.2})]).nodes}
    kept = [each for each in cell.wires if each.target.node != "@out"]
    more = [wire("tanh -> norm"), wire("norm -> drop"), wire("drop.output -> @out.h")]
    drawn = msgspec.structs.replace(cell, nodes=nodes, wires=(*kept, *more))
    return with_settings(over_time(drawn), batch_size=8)


DRAWINGS: dict[str, tuple[Callable[[], Project], int]] = {
    "cnn with dropout": (lambda: convnet("digits", width=8), 12),
    "lstm": (lambda: with_settings(lstm(16), batch_size=8), 12),
    "scan with dropout": (scanned, 12),
    "dcgan": (dcgan, 12),
    "augmented, one cycle": (augmented, 12),
    "own values": (lambda: own_values(64), 12),
}
"""Drawings by name, and how many epochs each is trained."""


def drawn(name: str, **settings: Any) -> Project:
    """A drawing by name, with checkpoints kept every few steps and epochs."""
    made, epochs = DRAWINGS[name]
    project = made()
    asked = {"epochs": epochs, "checkpoint_steps": 50, "checkpoint_epochs": 3, **settings}
    changed = msgspec.structs.replace(project.settings, **asked)
    return msgspec.structs.replace(project, settings=changed)


def newest(folder: Path) -> Path | None:
    """The checkpoint with which the run in this folder goes on."""
    found = [each for each in checkpoints_of(folder) if each.resumable]
    return found[-1].path if found else None


def fingerprint(folder: Path) -> dict[str, str]:
    """A hash of each thing that a run leaves: every checkpoint's tensors and facts, every table's rows."""
    found = {}
    for path in sorted((folder / "checkpoints").glob("*.safetensors")):
        tensors, facts = read(path)
        parts: dict[str, Any] = {"facts": hashlib.sha256()}
        parts["facts"].update(repr([(name, facts.get(name)) for name in FACTS]).encode())
        for name in sorted(tensors):
            kind = name.partition("/")[0] if name.startswith("@") else "weights"
            part = parts.setdefault(kind, hashlib.sha256())
            part.update(f"{name} {tensors[name].dtype} {tuple(tensors[name].shape)}".encode())
            part.update(tensors[name].numpy().tobytes())
        found |= {f"{path.stem} {kind}": part.hexdigest() for kind, part in parts.items()}
    with closing(sqlite3.connect(folder / "metrics.sqlite")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in sorted(tables):
            rows = sorted(map(repr, database.execute(f"SELECT * FROM {table}")))
            found[f"rows of {table}"] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    for path in sorted((folder / "samples").rglob("*.npz")):
        found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
