"""What a drawing predicts: its outputs, or what its losses compare, and how each becomes words and numbers.

What a loss compares a value with says what the value means: scores of classes become probabilities by the
activation that is inside of the loss, scaled numbers go back to the unit of the data. Knows declarations and
what a run keeps of its data; nothing of how values are computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.compile import Plan
from engine.compile.taught import ACTIVATIONS, Taught, data_end, taught_by
from engine.data.kept_data import KeptData
from engine.expand.flat import FlatEnd, ancestors
from nodes.data.source import DataSource
from nodes.reading.dataset import Scaling
from nodes.reading.error import DataError
from nodes.reading.texts.vocabulary import Vocabulary
from nodes.shown_text import listed
from nodes.spec import Role, TensorSpec
from nodes.training.loss import Distance

CLASSES, YES_NO, NUMBERS, PICTURE, CLASS_MAP, MASK, TOKENS, LABELS = (
    *("classes", "yes or no", "numbers", "picture", "class map", "mask", "tokens", "labels"),
)
"""What a result can be: one class, yes or no for each value, numbers, a picture, a class for each pixel, yes
or no for each pixel, a class for each place of a sequence, those of some labels that hold."""
KNOWN_PORTS = ("input", "mask", "decoder_input")
"""Outputs of a data node that are known without targets: a decoder's input are its own predictions so far."""
SMALLEST_PICTURE = 4
"""Pixels of the sides of a picture; what is smaller are numbers."""


@dataclass(frozen=True, eq=False)
class PredictedValue:
    """One value of the drawing that is predicted, and what it means.

    `activation` is what makes probabilities of it: "softmax", "sigmoid", "exp", "step" or nothing. `axis` is
    the dimension of the classes. `scaling` is what was done to the data it is compared with. `names` are
    those of the single values of numbers.
    """

    name: str
    end: FlatEnd
    spec: TensorSpec
    kind: str
    activation: str = ""
    axis: int = -1
    classes: tuple[str, ...] = ()
    vocabulary: Vocabulary | None = None
    scaling: Scaling | None = None
    names: tuple[str, ...] = ()
    threshold: float = 0.0
    pixels: bool = False
    """Whether numbers of a picture are those of pixels, 0 to 255, once they are in the unit of the data."""
    signed: bool = False
    """Whether a picture without a unit goes from −1 to 1, not from 0."""


def results_of(plan: Plan, kept: Mapping[str, KeptData]) -> tuple[str, tuple[PredictedValue, ...]]:
    """The path of the data node from which the drawing predicts, and its results.

    Raises `DataError` where nothing is predicted from data, or from the data of several nodes.
    """
    found, refused = [], []
    for name, end in _candidates(plan):
        above = ancestors(plan.nodes, [end])
        data = [path for path in above if isinstance(plan.nodes[path].layer, DataSource)]
        if others := _other_ports(plan, above, end):
            refused.append(f"{name} is computed from {listed(others)}")
        elif len(data) != 1:
            refused.append(f"{name} is computed from {listed(sorted(data)) or 'no data'}")
        else:
            found.append((data[0], _result(plan, name, end, kept)))
    nodes = sorted({path for path, _ in found})
    if len(nodes) != 1:
        received = "; ".join(refused) if not found else f"several: {listed(nodes)}"
        raise DataError(
            "Expected a drawing whose Output is computed from the input of one data node. "
            f"Received {received or 'a drawing without an Output or a loss'}."
        )
    return nodes[0], tuple(result for _, result in found)


def _candidates(plan: Plan) -> list[tuple[str, FlatEnd]]:
    """The Outputs of the drawing; where it has none, what its losses compare."""
    outputs = [(str(plan.nodes[path].layer.values["name"]), path, end) for path, end in plan.outputs.items()]
    if not outputs:
        losses = [(path, node) for path, node in plan.nodes.items() if node.layer.role is Role.LOSS]
        ends = {node.inputs[0][0]: path for path, node in losses if node.inputs and node.inputs[0]}
        outputs = [("prediction" if len(ends) == 1 else path, path, end) for end, path in ends.items()]
    names = [name for name, _, _ in outputs]
    return [(name if names.count(name) == 1 else path, end) for name, path, end in outputs]


def _other_ports(plan: Plan, above: set[str], end: FlatEnd) -> list[str]:
    """What is read of data nodes that is not known without targets."""
    read = {end, *(one for path in above for port in plan.nodes[path].inputs for one in port)}
    found = {
        f"{one.path}.{one.port}"
        for one in read
        if one.port not in KNOWN_PORTS and isinstance(plan.nodes[one.path].layer, DataSource)
    }
    return sorted(found)


def _result(plan: Plan, name: str, end: FlatEnd, kept: Mapping[str, KeptData]) -> PredictedValue:
    spec, taught = plan.specs[end], taught_by(plan, end)
    inside = () if taught.loss is None else taught.loss.layer.inside()  # type: ignore[attr-defined]
    against = None if taught.against is None else plan.specs.get(taught.against)
    labels = against is not None and not against.is_float and against.shape != spec.shape
    if "softmax" in (*inside, ACTIVATIONS.get(taught.activated, "")) and (labels or taught.loss is None):
        return _of_classes(plan, name, end, taught, kept)
    if "sigmoid" in inside or taught.activated in ("sigmoid", "log_sigmoid") or "step" in inside:
        return _of_yes_no(plan, name, end, taught, kept)
    if "softmax" in inside:  # shares of classes
        return _of_classes(plan, name, end, taught, kept)
    return _of_numbers(plan, name, end, taught, kept)


def _of_classes(
    plan: Plan, name: str, end: FlatEnd, taught: Taught, kept: Mapping[str, KeptData]
) -> PredictedValue:
    spec = plan.specs[end]
    layer = None if taught.loss is None else taught.loss.layer
    axis = 1 if layer is not None and layer.values.get("class_dim") == "channel" else spec.rank - 1
    count = int(str(spec.shape[axis]))
    names = _classes(plan, taught, kept)
    classes = names if len(names) == count else tuple(map(str, range(count)))
    given = {"": "softmax", "log_softmax": "exp"}.get(taught.activated, "")
    kind = CLASSES if spec.rank == 2 else CLASS_MAP if spec.rank == 4 else TOKENS
    vocabulary = _vocabulary(taught, plan, kept) if kind == TOKENS else None
    return PredictedValue(name, end, spec, kind, given, axis, classes, vocabulary)


def _of_yes_no(
    plan: Plan, name: str, end: FlatEnd, taught: Taught, kept: Mapping[str, KeptData]
) -> PredictedValue:
    spec = plan.specs[end]
    inside = () if taught.loss is None else taught.loss.layer.inside()  # type: ignore[attr-defined]
    activation = "exp" if taught.activated == "log_sigmoid" else ""
    threshold = 0.0
    if not taught.activated:
        activation = "step" if "step" in inside else "sigmoid"
        if activation == "step" and taught.loss is not None:
            threshold = float(taught.loss.layer.values.get("threshold", 0.0))
    if taught.activated and isinstance(getattr(taught.loss, "layer", None), Distance) and _is_picture(spec):
        return _of_numbers(plan, name, end, taught, kept)
    end_of_data = data_end(plan, taught.against)
    if _is_picture(spec) and end_of_data is not None and end_of_data.port == "input":
        return PredictedValue(name, end, spec, PICTURE, activation)  # how light each pixel is
    names = _classes(plan, taught, kept)
    kind = MASK if _is_picture(spec, 1) else YES_NO
    labels = _labels(plan, spec, taught, kept)
    if labels and activation != "step":
        return PredictedValue(name, end, spec, LABELS, activation, names=labels)
    return PredictedValue(
        name,
        end,
        spec,
        kind,
        activation,
        classes=names if len(names) == 2 else (),
        names=_value_names(plan, name, spec, taught, kept),
        threshold=threshold,
    )


def _of_numbers(
    plan: Plan, name: str, end: FlatEnd, taught: Taught, kept: Mapping[str, KeptData]
) -> PredictedValue:
    spec = plan.specs[end]
    same = taught.compared is not None and taught.compared.features == spec.features
    scaling = _scaling(plan, taught, kept) if same else None
    found = scaling if scaling is not None and _fits(scaling, spec) else None
    kind = PICTURE if _is_picture(spec) else NUMBERS
    names = _value_names(plan, name, spec, taught, kept) if kind == NUMBERS else ()
    against = data_end(plan, taught.against)
    pixels = against is not None and against.path in kept and kept[against.path].info.kind == "images"
    signed = plan.nodes[end.path].layer.type == "tanh"
    pixels = pixels and found is not None
    return PredictedValue(name, end, spec, kind, scaling=found, names=names, pixels=pixels, signed=signed)


# What is known of the data it is compared with -----------------------------------------------------


def _classes(plan: Plan, taught: Taught, kept: Mapping[str, KeptData]) -> tuple[str, ...]:
    """The names of the classes of the data that this is compared with, or of the only data."""
    end = data_end(plan, taught.against)
    if end is not None and end.path in kept:
        return kept[end.path].info.classes
    return next(iter(kept.values())).info.classes if len(kept) == 1 else ()


def _labels(plan: Plan, spec: TensorSpec, taught: Taught, kept: Mapping[str, KeptData]) -> tuple[str, ...]:
    """The labels that this is compared with, of which several can hold; none where it is something else."""
    end = data_end(plan, taught.against)
    if end is None or end.path not in kept or end.port != "target":
        return ()
    names = kept[end.path].info.labels
    return names if spec.features == (len(names),) else ()


def _vocabulary(taught: Taught, plan: Plan, kept: Mapping[str, KeptData]) -> Vocabulary | None:
    """The tokens of the targets that this is compared with."""
    end = data_end(plan, taught.against)
    if end is None or end.path not in kept:
        return None
    info = kept[end.path].info
    return info.target_vocabulary or (info.vocabulary if info.kind == "text" else None)


def _scaling(plan: Plan, taught: Taught, kept: Mapping[str, KeptData]) -> Scaling | None:
    end = data_end(plan, taught.against)
    if end is None or end.path not in kept:
        return None
    found = kept[end.path]
    spec = found.info.target if end.port == "target" else found.info.input
    scaling = found.target_scaling if end.port == "target" else found.input_scaling
    return scaling if spec is not None and spec.is_float else None


def _fits(scaling: Scaling, spec: TensorSpec) -> bool:
    count = max(len(scaling.mean), len(scaling.deviation))
    along = spec.shape[1] if spec.rank >= 4 else spec.shape[-1]
    return count == 1 or along == count


def _value_names(
    plan: Plan, name: str, spec: TensorSpec, taught: Taught, kept: Mapping[str, KeptData]
) -> tuple[str, ...]:
    """Names of the single values: the columns that are predicted, where they are known, else numbered."""
    count = int(np.prod([int(str(size)) for size in spec.features], dtype=np.int64))
    end = data_end(plan, taught.against)
    known: tuple[str, ...] = ()
    if end is not None and end.path in kept:
        data = kept[end.path]
        if end.port == "input":
            known = data.info.columns
        elif data.columns is not None:
            known = data.columns.targets
            if data.info.kind == "series" and count > 1:
                known = tuple(f"{known[0]} +{step}" for step in range(1, count + 1)) if known else ()
    if len(known) == count:
        return known if count > 1 else (name,)
    if count == 1:
        return (name,)
    return tuple(f"{name} {place}" for place in range(1, count + 1)) if count <= MOST_VALUES else ()


MOST_VALUES = 1000
"""Values of a sample that are written one by one."""


def _is_picture(spec: TensorSpec, channels: int = 3) -> bool:
    if spec.rank != 4 or not spec.is_float:
        return False
    sizes = [int(str(size)) for size in spec.features]
    return sizes[0] in (1, channels) and min(sizes[1:]) >= SMALLEST_PICTURE
