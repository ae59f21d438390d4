"""A first network for data: a drawing that trains at once, small enough to be understood and changed.

What it is follows from the tensors that the data hand out, not from where they came from: pictures get
convolutions, rows a multi-layer perceptron, sequences and tokens an LSTM; classes get cross-entropy, several
labels binary cross-entropy, numbers squared error, and data without a target are reconstructed. Knows no
layer's inside. Does not import torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.data.first_places import BELOW, Cell, placed
from engine.data.first_translation import PADDING, is_filled_up, is_translation, translation
from engine.document import names
from engine.document.project import MAIN, End, Graph, Layout, Node, Project, Settings, Wire
from nodes.data.source import DataSource
from nodes.data_sets.declaration import OF_THE_NODE
from nodes.data_sets.registry import data_sets
from nodes.param import JSON
from nodes.reading.dataset import DataInfo
from nodes.reading.error import DataError
from nodes.registry import REGISTRY
from nodes.shared.card_label import by
from nodes.spec import TensorSpec

Step = tuple[str, str, dict[str, Any]]
"""Id, layer and parameters of a node of the trunk, each feeding the next."""

_COLUMNS = 6
"""Cards of a row."""
_WAVE = 256
"""Samples from which a row of few channels is a wave, along which it is looked at by convolutions."""
_MOST_WEIGHTS = 1_000_000
"""Values into or out of a layer that sees all of a sample at once; larger ones are seen part by part."""
_STEPS = 600
"""Updates in which such a network should have learnt what it can at first."""


@dataclass(frozen=True)
class _Goal:
    """What is asked of the trunk: the loss, the metrics, and the name of the output where it has one."""

    loss: str
    metrics: tuple[str, ...]
    output: str = ""
    source: str = "target"
    by_channel: bool = False


def first_drawing(source: DataSource, info: DataInfo) -> Project:
    """A project that trains on the data of `source`, of which `info` is the description.

    It infers without a problem. Raises `DataError` where no network of this kind fits, as of targets of
    another shape than anything that can be made of the inputs.
    """
    params = node_params(source)
    if is_translation(info):
        graph = translation(params, info, _rate(info))
    else:
        graph = _graph(params, info, *_trunk_and_goal(info))
    return Project(
        name=_name_of(info),
        graphs={MAIN: graph},
        settings=_settings(info),
    )


def node_params(source: DataSource) -> dict[str, JSON]:
    """The parameters of a data node that reads as `source` does: what its set asks and is no default."""
    known = {*data_sets()[source.dataset].params, *OF_THE_NODE}
    kept: dict[str, JSON] = {}
    for name, param in DataSource.params.items():
        value = source.values[name]
        if name in known and value != param.default:
            kept[name] = param.to_json(value)
    return kept


def _trunk_and_goal(info: DataInfo) -> tuple[list[Step], _Goal]:
    entering, wanted = info.input, info.target
    if not entering.is_float and entering.classes is None:
        raise _unfit(info, "whole numbers of a known range")
    if wanted is None:
        return _reconstruction(info), _Goal("mse", (), "reconstruction", "input")
    if not wanted.is_float and wanted.classes is None:
        raise _unfit(info, "classes whose number is known")
    if info.labels:
        goal = _Goal("bce_with_logits", ("binary_accuracy",), "labels")
    elif wanted.is_float:
        goal = _Goal("mse", ("rmse", "mean_absolute_error"))
    else:
        goal = _Goal("cross_entropy", ("accuracy",), "class")
    if entering.rank == 4 and wanted.rank >= 3:
        metrics = goal.metrics if wanted.is_float else (*goal.metrics, "iou")
        return _dense_picture(info, wanted), replace(goal, by_channel=not wanted.is_float, metrics=metrics)
    if (wanted.rank >= 2 and not wanted.is_float) or (entering.rank == 3 and wanted.rank == 3):
        return _each_step(info, wanted), goal
    if not wanted.is_float or info.labels:
        return [*_features(info), _linear("logits", len(info.labels) or _classes(wanted))], goal
    size = _count(wanted)
    if size > _MOST_WEIGHTS:
        raise _unfit(info, f"targets of at most {_MOST_WEIGHTS:,} numbers")
    ending: list[Step] = [_linear("values", size)]
    if wanted.rank != 2:
        ending.append(("shape", "reshape", {"shape": list(_sizes(wanted))}))
    return [*_features(info), *ending], goal


# What reads the inputs ------------------------------------------------------------------------------------


def _features(info: DataInfo) -> list[Step]:
    """What turns a sample of any kind into a row of features, (N, F)."""
    entering = info.input
    if not entering.is_float:
        return [*_tokens(entering), ("lstm", "lstm", {"hidden_size": 64, "output": "last"})]
    if entering.rank == 3 and _sizes(entering)[0] <= 2 and _sizes(entering)[1] >= _WAVE:
        return _wave()
    if entering.rank == 3:
        return [("lstm", "lstm", {"hidden_size": 32, "output": "last"})]
    if entering.rank in (4, 5):
        return _convolutions(entering)
    if entering.rank != 2:
        raise _unfit(info, "rows, sequences, pictures or volumes")
    width = min(64, max(16, 4 * _count(entering)))
    return [_linear("hidden1", width, "relu"), _linear("hidden2", max(16, width // 2), "relu")]


def _wave() -> list[Step]:
    """Long waves, (N, channels, samples): filters of the first layer see some periods of a tone."""
    far: dict[str, Any] = {"kernel_size": 64, "stride": 8, "padding": 28}
    near: dict[str, Any] = {"kernel_size": 9, "stride": 4, "padding": 4}
    layers = ((16, far), (32, near), (64, near))
    steps: list[Step] = [
        (f"conv{at}", "conv1d", {"out_channels": width, **how, "activation": "relu"})
        for at, (width, how) in enumerate(layers, start=1)
    ]
    return [*steps, ("pool", "global_avg_pool", {}), _linear("hidden", 64, "relu")]


def _tokens(entering: TensorSpec) -> list[Step]:
    steps: list[Step] = [] if entering.rank == 2 else [("tokens", "flatten", {})]
    return [*steps, ("embedding", "embedding", {})]


def _convolutions(entering: TensorSpec) -> list[Step]:
    """Convolutions and pooling until a sample is small, then a layer that sees all of it."""
    _channels, *sides = _sizes(entering)
    volume = len(sides) == 3
    conv, pool = ("conv3d", "max_pool3d") if volume else ("conv2d", "max_pool2d")
    steps: list[Step] = []
    width = 8 if volume else 16
    while len(steps) < 2 or (min(sides) >= 8 and len(steps) < 10):
        number = len(steps) // 2 + 1
        stride = 2 if not steps and min(sides) >= 128 else 1
        params: dict[str, Any] = {"out_channels": width, "padding": 1, "activation": "relu"}
        if stride > 1:
            params["stride"] = stride
            sides = [(side + 1) // 2 for side in sides]
        steps.append((f"conv{number}", conv, params))
        if min(sides) < 2:
            break
        steps.append((f"pool{number}", pool, {}))
        sides = [side // 2 for side in sides]
        width = min(64, 2 * width)
    last = steps[-2][2] if steps[-1][1] == pool else steps[-1][2]
    left = math.prod(sides) * int(last["out_channels"])
    steps.append(("flatten", "flatten", {}) if left <= 4096 else ("pool", "global_avg_pool", {}))
    return [*steps, _linear("hidden", 64, "relu")]


# What makes as much as came in ----------------------------------------------------------------------------


def _dense_picture(info: DataInfo, wanted: TensorSpec) -> list[Step]:
    """A class or values for each pixel: convolutions that keep the size and see ever further."""
    height, width = _sizes(info.input)[1:]
    if _sizes(wanted)[-2:] != (height, width) or wanted.rank != (4 if wanted.is_float else 3):
        raise _unfit(info, f"a target for each of {width:,} × {height:,} pixels")
    made = _sizes(wanted)[0] if wanted.is_float else _classes(wanted)
    return [*_seeing(), ("pixels", "conv2d", {"out_channels": made, "kernel_size": [1, 1]})]


def _seeing() -> list[Step]:
    return [
        (
            f"conv{at + 1}",
            "conv2d",
            {"out_channels": 16, "padding": far, "dilation": far, "activation": "relu"},
        )
        for at, far in enumerate((1, 2, 4))
    ]


def _each_step(info: DataInfo, wanted: TensorSpec) -> list[Step]:
    """A class or values for each step of a sequence."""
    if info.input.rank not in (2, 3) or _sizes(wanted)[0] != _sizes(info.input)[0]:
        raise _unfit(info, "a target for each sample, or for each step of a sequence")
    made = _sizes(wanted)[-1] if wanted.is_float else _classes(wanted)
    begin: list[Step] = [] if info.input.is_float else [("embedding", "embedding", {})]
    if info.input.rank == 2 and info.input.is_float:
        raise _unfit(info, "a sequence where each step has a class")
    return [*begin, ("lstm", "lstm", {"hidden_size": 128}), _linear("logits", made)]


def _reconstruction(info: DataInfo) -> list[Step]:
    """Data without a target: through a narrow place and back."""
    entering = info.input
    if not entering.is_float:
        raise _unfit(info, "a target: whole numbers are not reconstructed")
    size = _count(entering)
    if size > _MOST_WEIGHTS // 4:
        if entering.rank != 4:
            raise _unfit(info, f"samples of at most {_MOST_WEIGHTS // 4:,} numbers where there is no target")
        channels = _sizes(entering)[0]
        return [*_seeing(), ("pixels", "conv2d", {"out_channels": channels, "kernel_size": [1, 1]})]
    code = max(1, min(32, size // 2))
    steps: list[Step] = [("flatten", "flatten", {})] if entering.rank > 2 else []
    steps += [_linear("hidden1", 64, "relu"), _linear("code", code), _linear("hidden2", 64, "relu")]
    steps.append(_linear("reconstruction", size))
    if entering.rank > 2:
        steps.append(("shape", "reshape", {"shape": list(_sizes(entering))}))
    return steps


# The drawing ----------------------------------------------------------------------------------------------


def _graph(data: Mapping[str, JSON], info: DataInfo, trunk: list[Step], goal: _Goal) -> Graph:
    """Data, the trunk in rows, and at its end the loss with its objective, metrics and the output."""
    nodes = {"data": Node("data", DataSource.type, dict(data))}
    at: dict[str, Cell] = {"data": (0, 0)}
    wires: list[Wire] = []
    before = End("data", "input")
    for place, (key, layer, params) in enumerate(trunk, start=1):
        nodes[key] = Node(key, layer, params)
        at[key] = (place % _COLUMNS, place // _COLUMNS)
        wires.append(Wire(before, End(key, "input")))
        before = End(key, "output")
    end = len(trunk) + 1
    if end % _COLUMNS > _COLUMNS - 2:
        end += _COLUMNS - end % _COLUMNS
    column, line = end % _COLUMNS, end // _COLUMNS
    truth = End("data", goal.source)
    dims: dict[str, Any] = {"class_dim": "channel"} if goal.by_channel else {}
    dims |= {"ignore_index": [PADDING]} if is_filled_up(info) else {}
    ends = [("loss", goal.loss), *((_METRIC_NAMES[metric], metric) for metric in goal.metrics)]
    for row, (key, layer) in enumerate(ends):
        nodes[key], at[key] = Node(key, layer, dims), (column, line + BELOW * row)
        made, wanted = (port.name for port in REGISTRY[layer].inputs[:2])
        wires += [Wire(before, End(key, made)), Wire(truth, End(key, wanted))]
    nodes["objective"] = Node("objective", "objective", {"learning_rate": _rate(info)})
    at["objective"] = (column + 1, line)
    nodes["output"] = Node("output", "output", {"name": goal.output} if goal.output else {})
    at["output"] = (column, line + BELOW * len(ends))
    wires += [Wire(End("loss", "loss"), End("objective", "loss")), Wire(before, End("output", "input"))]
    return Graph(nodes, tuple(sorted(wires)), layout=Layout(placed(nodes, at, info.input)))


_METRIC_NAMES = {
    "accuracy": "accuracy",
    "binary_accuracy": "accuracy",
    "iou": "iou",
    "rmse": "rmse",
    "mean_absolute_error": "mae",
}


def _linear(key: str, size: int, activation: str = "") -> Step:
    params: dict[str, Any] = {"out_features": size}
    if activation:
        params["activation"] = activation
    return (key, "linear", params)


# The run --------------------------------------------------------------------------------------------------


def _settings(info: DataInfo) -> Settings:
    """A batch that few samples fill several times, and epochs for some hundred updates."""
    batch = 64
    while batch > 4 and batch * 8 > info.samples:
        batch //= 2
    each = max(1, info.samples // batch)
    return Settings(batch_size=batch, epochs=min(100, max(5, math.ceil(_STEPS / each))))


def _rate(info: DataInfo) -> float:
    """A learning rate for Adam: larger where a network is shallow."""
    if info.input.rank == 2 and info.input.is_float:
        return 0.01
    return 0.003 if info.input.rank <= 3 else 0.001


def _name_of(info: DataInfo) -> str:
    """A name for the project out of the title of its data: without an ending, and one that files may have."""
    stem = info.title.rpartition(".")[0] or info.title
    kept = "".join(sign if sign.isalnum() or sign in "-_ " else "-" for sign in stem).strip(" -")[:60]
    return kept if kept and names.is_title(kept) else "first-network"


# Sizes ----------------------------------------------------------------------------------------------------


def _sizes(spec: TensorSpec) -> tuple[int, ...]:
    return tuple(int(str(dim)) for dim in spec.features)


def _count(spec: TensorSpec) -> int:
    return max(1, math.prod(_sizes(spec)))


def _classes(spec: TensorSpec) -> int:
    assert spec.classes is not None
    return spec.classes


def _unfit(info: DataInfo, expected: str) -> DataError:
    target = "no target" if info.target is None else f"targets {by(info.target.features) or '1'}"
    return DataError(
        "Add the data to a drawing of your own. Expected for a first network "
        f"{expected}. Received inputs {by(info.input.features) or '1'} ({info.input.dtype}) and {target}."
    )
