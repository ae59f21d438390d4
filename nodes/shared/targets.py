"""What losses and metrics demand of predictions and targets: labels that fit the scores, or two equal shapes.

Knows shapes and the words for them; which loss asks is the declaration's business.
"""

from __future__ import annotations

import math

from nodes.param import Bool, Choice, Floats, Shape
from nodes.shared.shape_fixes import same_maps, same_shape
from nodes.spec import (
    UNCOUNTED,
    InsertBefore,
    LayerError,
    N,
    Port,
    ProposedFix,
    SetBefore,
    SetParam,
    TensorSpec,
    known,
)

SCORES = Port("logits", "raw scores (N, …, classes), or (N, classes, …)", ranks=(2, 3, 4, 5))
PREDICTION = Port("prediction", "predicted values (N, …)", ranks=(2, 1, 3, 4, 5))
TRUTH = Port("target", "true values, of the same shape", side=True)
LOGITS = Port("logits", "raw scores (N, …)", ranks=(2, 1, 3, 4, 5))
LABELS = Port("label", "class indices (N, …)", dtype="int", side=True)


def class_dim_param(default: str = "last") -> Choice:
    """The parameter `class_dim`."""
    return Choice(
        default,
        choices=("last", "channel"),
        label="Classes on",
        advanced=True,
        help="Dimension of the classes: the last (sequences), or the channel, dimension 1 (images).",
    )


WEIGHT = Port(
    "weight",
    "how much each sample, step or value counts: (N), (N, T), … or like the values; a mask counts 1 or 0",
    "any",
    side=True,
)


def weighted_param() -> Bool:
    """The parameter `weighted`, with which a loss or metric has the further port `WEIGHT`."""
    return Bool(
        False,
        advanced=True,
        label="Sample weights",
        help="Take a weight of each sample, step or value, or a mask, at a further port: Σ w·l / Σ w.",
    )


def ignored_param() -> Shape:
    """The parameter `ignore_index`."""
    return Shape(
        (),
        min=-32_768,
        max=65_535,
        advanced=True,
        label="Ignored labels",
        help="Labels that count neither here nor in the mean, as 255 at the edges of a mask.",
    )


def ignored_labels(chosen: tuple[int, ...], label: TensorSpec) -> tuple[int, ...]:
    """The labels that count nowhere: those that are chosen and, in maps `(N, H, W)`, `UNCOUNTED`."""
    is_map = not label.is_float and label.rank > 2
    return (*chosen, UNCOUNTED) if is_map and UNCOUNTED not in chosen else chosen


def class_weights_param() -> Choice:
    """The parameter `class_weights`."""
    return Choice(
        "none",
        choices=("none", "balanced", "given"),
        advanced=True,
        help="How much each class counts; balanced: training samples / (classes × those of the class).",
    )


def given_weights_param() -> Floats:
    """The parameter `weights`, one number for each class."""
    return Floats(
        (),
        advanced=True,
        visible_if=("class_weights", ("given",)),
        help="A number from 0 on for each class, in their order.",
    )


def with_weight(ports: tuple[Port, ...], *, weighted: bool) -> tuple[Port, ...]:
    """These ports, and that of the weights where there are some."""
    return (*ports, WEIGHT) if weighted else ports


def with_example(inputs: tuple[TensorSpec, ...], *, weighted: bool) -> tuple[TensorSpec, ...]:
    """These examples of inputs, and one of weights where there are some."""
    return (*inputs, TensorSpec((N,))) if weighted else inputs


def check_weight(values: TensorSpec, weight: TensorSpec | None) -> None:
    """Refuse weights that are not one for each sample, each step, … or each of these values `(N, T, …)`."""
    if weight is None:
        return
    lead = weight.shape
    while len(lead) > 1 and lead[-1] == 1:
        lead = lead[:-1]
    if lead and lead == values.shape[: len(lead)]:
        return
    more = [str(TensorSpec(values.shape[:rank])) for rank in range(2, values.rank + 1)]
    told = f", {', '.join(more[:-1])} or {more[-1]}" if len(more) > 1 else "".join(f", or {m}" for m in more)
    expected = f"weights {TensorSpec(values.shape[:1])}, one for each sample{told}"
    raise LayerError(expected, str(weight), port="weight")


def check_place_weight(logits: TensorSpec, weight: TensorSpec | None, class_dim: str) -> None:
    """Refuse weights that are not one for each sample or each place: `(N)`, `(N, H, W)` or `(N, 1, H, W)`."""
    places = label_shape(logits, class_dim)
    if weight is not None and weight.shape in ((places.shape[0], 1, *places.shape[1:]), (*places.shape, 1)):
        return
    if weight is not None and weight.shape not in (places.shape, places.shape[:1], (places.shape[0], 1)):
        one = TensorSpec(places.shape[:1])
        raise LayerError(f"weights {one}, one for each sample, or {places}", str(weight), port="weight")


def check_class_weights(choice: str, weights: tuple[float, ...], classes: int) -> None:
    """Refuse given weights of another number than there are classes, or below 0."""
    if choice != "given":
        return
    if len(weights) != classes or min(weights) < 0 or not any(weights):
        received = "none" if not weights else ", ".join(f"{weight:g}" for weight in weights[:8])
        fixes = (SetParam("weights", [1.0] * classes),)
        raise LayerError(f"{classes} class weights from 0 on, not all 0", received, fixes=fixes)


def label_shape(logits: TensorSpec, class_dim: str) -> TensorSpec:
    """The labels that these scores ask for."""
    shape = logits.shape
    rest = shape[:-1] if class_dim == "last" else (shape[0], *shape[2:])
    return TensorSpec(rest, "int64")


def class_count(logits: TensorSpec, class_dim: str) -> int:
    """How many classes these scores tell apart."""
    return known(logits.shape[-1 if class_dim == "last" else 1])


def check_labels(logits: TensorSpec, label: TensorSpec, class_dim: str) -> None:
    """Refuse labels of another shape than the scores ask for, and more classes than there are scores."""
    if label.dtype == "bool":
        fixes_ = (InsertBefore("cast", {"to": "int"}),)
        raise LayerError("class numbers", "yes or no (bool)", port="label", fixes=fixes_)
    wanted = label_shape(logits, class_dim)
    if label.shape != wanted.shape:
        other = "channel" if class_dim == "last" else "last"
        fixes: tuple[ProposedFix, ...] = ()
        if label_shape(logits, other).shape == label.shape:
            fixes = (SetParam("class_dim", other),)
        elif label.shape == (*wanted.shape, 1):
            fixes = (InsertBefore("reshape", {"shape": [known(size) for size in wanted.features]}),)
        hint = ""
        if logits.rank > 2 and label.rank == 1:
            hint = (
                " (one label for a whole sample, but scores for each position: put Flatten or a global "
                "pool before the last Linear, or take the last state of a recurrent layer)"
            )
        raise LayerError(f"labels {wanted} for scores {logits}", f"{label}{hint}", port="label", fixes=fixes)
    count = class_count(logits, class_dim)
    if label.classes is not None and count < label.classes:
        name = "out_features" if class_dim == "last" else "out_channels"
        raise LayerError(
            f"at least {label.classes} scores, one for each class",
            f"{count} in {logits}",
            port="logits",
            arithmetic=f"{count} < {label.classes}",
            fixes=(SetBefore(name, label.classes),),
        )


def check_shares(logits: TensorSpec, label: TensorSpec, class_dim: str) -> None:
    """Refuse shares of the classes (or a mask) of another shape than the scores."""
    if logits.shape != label.shape:
        whole = label_shape(logits, class_dim)
        expected = f"class indices {whole}, or shares {logits} like the scores"
        raise LayerError(expected, f"{label} {label.dtype}", port="label")


def check_alike(first: TensorSpec, other: TensorSpec, port: str, name: str) -> None:
    """Refuse a tensor at `port` that has not the shape of the one called `name`."""
    if first.shape != other.shape:
        expected = f"{first}, the shape of the {name}"
        raise LayerError(expected, str(other), port=port, fixes=same_shape(first, other))


def check_same(prediction: TensorSpec, target: TensorSpec, first: str = "prediction") -> None:
    """Refuse shapes that differ: torch would stretch one to the other and mean something else."""
    if prediction.shape == target.shape:
        return
    sizes = [known(size) for size in prediction.features]
    count, values = math.prod(sizes), math.prod(known(dim) for dim in target.features)
    fixes: tuple[ProposedFix, ...] = ()
    if count == values and prediction.shape[0] == target.shape[0]:
        fixes = (InsertBefore("reshape", {"shape": sizes}),)
        raise LayerError(f"a target of {prediction}, as the {first}", f"{target}", port="target", fixes=fixes)
    if prediction.shape[:-1] == target.shape[:-1]:
        fixes = (SetBefore("out_features", known(target.shape[-1])),)
    elif prediction.rank == 2 and prediction.shape[0] == target.shape[0]:
        # Where the target is no row, another fix then reshapes the values to it.
        fixes = (SetBefore("out_features", values),)
    elif prediction.rank == target.rank == 4 and prediction.shape[2:] == target.shape[2:]:
        fixes = (SetBefore("out_channels", known(target.shape[1])),)
    elif prediction.shape[:2] == target.shape[:2]:
        fixes = same_maps(target, prediction)
    raise LayerError(f"a {first} of {target}, as the target", f"{prediction}", port=first, fixes=fixes)


def truth_fixes(port: Port, spec: TensorSpec) -> tuple[ProposedFix, ...]:
    """Class indices become numbers to be compared with: one for each class."""
    if port.name == TRUTH.name and not spec.is_float and spec.classes is not None:
        return (InsertBefore("one_hot"),)
    return ()
