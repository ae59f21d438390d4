"""Layers that make a value of one value: activations, scalings, functions; and what passes in evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.lens.cell.activation import activated, normal_share, sigmoid
from engine.lens.cell.cell import Cell, Group, listed
from engine.lens.cell.target import Taken, Target, counted, number_at, parameter, values_at
from engine.lens.cell.wording import factor, told

_NEAR, _POINTS = 3.0, 97
"""A curve reaches at least so far from zero to both sides, and has so many points."""


def activation(target: Target) -> Taken:
    """An activation that acts value by value."""
    entering = target.entering()
    if entering is None:
        return None
    options = dict(target.layer.values)
    weight = parameter(target.module, "weight")
    if weight is not None:  # the learned slope of a PReLU, one or one for each channel
        options["negative_slope"] = number_at(weight, target.index[0] if len(weight) > 1 else 0)
    x = float(entering[target.index])
    value, line = activated(target.layer.type, x, options)
    far = max(_NEAR, 1.2 * abs(x)) if np.isfinite(x) else _NEAR
    along = np.linspace(-far, far, _POINTS)
    curve = np.stack((along, [activated(target.layer.type, each, options)[0] for each in along.tolist()]))
    return Cell(value, (line or f"x = {told(x)}",), total=x, curve=curve)


def passed(target: Target) -> Taken:
    """What is random in training alone lets every value pass."""
    entering = target.entering()
    if entering is None:
        return None
    x = float(entering[target.index])
    return Cell(x, (f"x = {told(x)}: in evaluation nothing is changed",), total=x)


def handed_on(target: Target) -> Taken:
    """A layer that only holds back gradients."""
    entering = target.entering()
    if entering is None:
        return None
    x = float(entering[target.index])
    return Cell(x, (f"x = {told(x)}",), total=x)


def softmax(target: Target) -> Taken:
    """e^z over the sum of all, and its logarithm."""
    entering = target.entering()
    if entering is None:
        return None
    dimension = int(target.layer.values["dimension"])
    axis = dimension - 1 if dimension > 0 else dimension + entering.dim()
    own = target.index[axis]
    z = values_at(entering, *target.index[:axis], slice(None), *target.index[axis + 1 :])
    high = float(z.max())
    powers = np.exp(z - high)
    total = float(powers.sum())
    table = np.stack((z, powers, powers / total), -1)
    if target.layer.type == "log_softmax":
        value = float(z[own]) - high - float(np.log(total))
        written = f"{told(z[own])} − {factor(high)} − {factor(np.log(total))}"
        line = f"z − max − ln Σ e^(z − max) = {written} = {told(value)}"
    else:
        value = float(powers[own] / total)
        line = (
            f"e^({told(z[own])} − {factor(high)}) / Σ = {told(powers[own])} / {told(total)} = {told(value)}"
        )
    group = Group("scores", counted(len(z)), table)
    return listed([group], ("z", "e^(z − max)", "share"), value, (line,), total=float(z[own]), marked=own)


def gated(target: Target) -> Taken:
    """One half of a dimension through a function, times the other half."""
    entering = target.entering()
    if entering is None:
        return None
    dimension = int(target.layer.values["dimension"])
    axis = dimension - 1 if dimension > 0 else dimension + entering.dim()
    partner = list(target.index)
    partner[axis] += target.output.shape[axis + 1]
    a, b = float(entering[target.index]), float(entering[tuple(partner)])
    kind = target.layer.type
    if kind == "glu":
        share = sigmoid(b)
        return Cell(
            a * share, (f"a·σ(b) = {factor(a)}·σ({told(b)}) = {factor(a)}·{told(share)} = {told(a * share)}",)
        )
    made, sign = (a * sigmoid(a), "SiLU") if kind == "swiglu" else (a * normal_share(a), "GELU")
    return Cell(made * b, (f"{sign}({told(a)})·{factor(b)} = {factor(made)}·{factor(b)} = {told(made * b)}",))


def scaled(target: Target) -> Taken:
    """factor·x + offset."""
    entering, module = target.entering(), target.module
    if entering is None:
        return None
    by = target.inputs.get("by", ())
    slope = float(module.factor) * (float(by[0]) if by else 1.0)  # type: ignore[arg-type]
    offset = float(module.offset)  # type: ignore[arg-type]
    x = float(entering[target.index])
    value = slope * x + offset
    return Cell(value, (f"{told(slope)}·{factor(x)} + {factor(offset)} = {told(value)}",), total=x)


def layer_scale(target: Target) -> Taken:
    """gamma·x with a gamma for each feature."""
    entering, gamma = target.entering(), parameter(target.module, "gamma")
    if entering is None or gamma is None:
        return None
    own = target.index[-1 if target.layer.values["dimension"] == "last" else 0]
    x, slope = float(entering[target.index]), number_at(gamma, own)
    return Cell(slope * x, (f"γ·x = {factor(slope)}·{factor(x)} = {told(slope * x)}",), total=x)


_FUNCTIONS: dict[str, Any] = {
    "exp": ("e^{}", np.exp),
    "log": ("ln {}", np.log),
    "sqrt": ("√{}", np.sqrt),
    "square": ("{}²", np.square),
    "abs": ("|{}|", np.abs),
    "negate": ("−{}", np.negative),
    "reciprocal": ("1 / {}", np.reciprocal),
    "sin": ("sin {}", np.sin),
    "cos": ("cos {}", np.cos),
}


def function(target: Target) -> Taken:
    """A function of one value."""
    entering = target.entering()
    if entering is None:
        return None
    written, made = _FUNCTIONS[target.layer.values["function"]]
    x = float(entering[target.index])
    with np.errstate(all="ignore"):
        value = float(made(x))
    return Cell(value, (f"{written.format(factor(x))} = {told(value)}",), total=x)
