"""What activations make of one number, with the sum written out. For fused ones and for layers alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from engine.lens.cell.wording import factor, told

Made = tuple[float, str]
Options = Mapping[str, Any]
_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
_MOST = 700.0
"""Beyond it an exponential leaves the range of a float."""


def exp(x: float) -> float:
    return math.exp(min(x, _MOST))


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + exp(-x)) if x >= 0 else exp(x) / (1.0 + exp(x))


def softplus(x: float, beta: float = 1.0) -> float:
    scaled = x * beta
    return (max(scaled, 0.0) + math.log1p(exp(-abs(scaled)))) / beta


def normal_share(x: float) -> float:
    """Φ(x), the chance that a normal number is smaller."""
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


def _relu(x: float, _options: Options) -> Made:
    y = max(0.0, x)
    return y, f"max(0, {told(x)}) = {told(y)}"


def _tanh(x: float, _options: Options) -> Made:
    y = math.tanh(x)
    if abs(x) > 20:
        return y, f"tanh({told(x)}) = {told(y)}"
    up, down = told(exp(x)), told(exp(-x))
    return y, f"tanh({told(x)}) = ({up} − {down}) / ({up} + {down}) = {told(y)}"


def _sigmoid(x: float, _options: Options) -> Made:
    y = sigmoid(x)
    return y, f"1 / (1 + e^−x) = 1 / (1 + {told(exp(-x))}) = {told(y)}, x = {told(x)}"


def _gelu(x: float, options: Options) -> Made:
    if options.get("approximate", "none") == "tanh":
        inner = math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)
        y = 0.5 * x * (1.0 + math.tanh(inner))
        return y, f"x/2·(1 + tanh({told(inner)})) = {told(y)}, x = {told(x)}"
    share = normal_share(x)
    return x * share, f"x·Φ(x) = {factor(x)}·{told(share)} = {told(x * share)}"


def _leaky_relu(x: float, options: Options) -> Made:
    slope = float(options.get("negative_slope", 0.01))
    y = x if x >= 0 else slope * x
    shown = f"x = {told(y)}, as x ≥ 0" if x >= 0 else f"{told(slope)}·{factor(x)} = {told(y)}, as x < 0"
    return y, shown


def _elu(x: float, options: Options) -> Made:
    alpha = float(options.get("alpha", 1.0))
    if x > 0:
        return x, f"x = {told(x)}, as x > 0"
    y = alpha * math.expm1(x)
    return y, f"{told(alpha)}·(e^{told(x)} − 1) = {told(y)}"


def _selu(x: float, _options: Options) -> Made:
    y = _SELU_SCALE * (x if x > 0 else _SELU_ALPHA * math.expm1(x))
    inner = factor(x) if x > 0 else f"{told(_SELU_ALPHA)}·(e^{told(x)} − 1)"
    return y, f"{told(_SELU_SCALE)}·{inner} = {told(y)}"


def _silu(x: float, _options: Options) -> Made:
    share = sigmoid(x)
    return x * share, f"x·σ(x) = {factor(x)}·{told(share)} = {told(x * share)}"


def _mish(x: float, _options: Options) -> Made:
    share = math.tanh(softplus(x))
    return x * share, f"x·tanh(ln(1 + e^x)) = {factor(x)}·{told(share)} = {told(x * share)}"


def _softplus(x: float, options: Options) -> Made:
    beta = float(options.get("beta", 1.0))
    y = softplus(x, beta)
    shown = "ln(1 + e^x)" if beta == 1.0 else f"ln(1 + e^({told(beta)}·x)) / {told(beta)}"
    return y, f"{shown} = {told(y)}, x = {told(x)}"


def _softsign(x: float, _options: Options) -> Made:
    y = x / (1.0 + abs(x))
    return y, f"x / (1 + |x|) = {told(x)} / {told(1.0 + abs(x))} = {told(y)}"


def _hardsigmoid(x: float, _options: Options) -> Made:
    y = min(max(x + 3.0, 0.0), 6.0) / 6.0
    return y, f"min(max({told(x)} + 3, 0), 6) / 6 = {told(y)}"


def _hardswish(x: float, _options: Options) -> Made:
    y = x * min(max(x + 3.0, 0.0), 6.0) / 6.0
    return y, f"x·min(max(x + 3, 0), 6) / 6 = {told(y)}, x = {told(x)}"


def _hardtanh(x: float, options: Options) -> Made:
    low, high = float(options.get("min_val", -1.0)), float(options.get("max_val", 1.0))
    y = min(max(x, low), high)
    return y, f"min(max({told(x)}, {told(low)}), {told(high)}) = {told(y)}"


def _log_sigmoid(x: float, _options: Options) -> Made:
    y = -softplus(-x)
    return y, f"−ln(1 + e^−x) = −ln(1 + {told(exp(-x))}) = {told(y)}"


def _tanhshrink(x: float, _options: Options) -> Made:
    y = x - math.tanh(x)
    return y, f"x − tanh(x) = {told(x)} − {factor(math.tanh(x))} = {told(y)}"


def _step(x: float, options: Options) -> Made:
    threshold = float(options.get("threshold", 0.0))
    y = float(x >= threshold)
    return y, f"{told(x)} {'≥' if y else '<'} {told(threshold)}, so {told(y)}"


def _identity(x: float, _options: Options) -> Made:
    return x, ""


ACTIVATIONS: dict[str, Callable[[float, Options], Made]] = {
    "none": _identity,
    "identity": _identity,
    "relu": _relu,
    "leaky_relu": _leaky_relu,
    "prelu": _leaky_relu,
    "elu": _elu,
    "selu": _selu,
    "gelu": _gelu,
    "silu": _silu,
    "mish": _mish,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "softplus": _softplus,
    "softsign": _softsign,
    "hardsigmoid": _hardsigmoid,
    "hardswish": _hardswish,
    "hardtanh": _hardtanh,
    "log_sigmoid": _log_sigmoid,
    "tanhshrink": _tanhshrink,
    "step": _step,
}
"""By the names that they have as layers and as the activation of other layers."""


def activated(name: str, x: float, options: Options | None = None) -> Made:
    """What this activation makes of x, and the sum written out; no words where it leaves x as it is."""
    if math.isnan(x):
        return x, ""
    return ACTIVATIONS[name](x, options or {})
