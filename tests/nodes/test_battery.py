"""The battery over every layer of the registry, with its defaults and with what else changes its path."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from nodes.registry import REGISTRY
from nodes.spec import Layer
from tests.nodes import battery

VARIANTS: dict[str, list[dict[str, Any]]] = {
    "conv2d": [
        {"kernel_size": [5, 3], "stride": 2, "padding": [2, 1], "activation": "tanh", "bias": False},
        {"groups": 4, "dilation": 2, "padding": 2, "padding_mode": "reflect"},
        {"initial": "edges"},
        {"weights": "1 0 1; 0 1 0; 1 0 1", "biases": " ".join(["-1"] * 16)},
        {"spectral_norm": True, "activation": "relu"},
        {"equalised": True, "activation": "leaky_relu"},
    ],
    "conv1d": [{"activation": "gelu", "padding": 1, "padding_mode": "circular"}],
    "conv3d": [{"activation": "relu"}],
    "depthwise_conv2d": [{"multiplier": 2, "activation": "silu"}],
    "separable_conv2d": [{"multiplier": 2, "activation": "relu", "bias": False}],
    "conv_transpose2d": [
        {"spectral_norm": True},
        {"equalised": True},
        {"output_padding": 1, "activation": "leaky_relu"},
        {"dilation": 2, "groups": 2},
    ],
    "conv_transpose1d": [{"activation": "mish"}],
    "max_pool2d": [{"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}],
    "avg_pool2d": [{"kernel_size": 3, "padding": 1, "count_padding": False}],
    "adaptive_avg_pool": [{"output_size": [2, 3]}],
    "global_avg_pool": [{"keep_axes": True}],
    "linear": [
        *({"activation": name} for name in ("relu", "elu", "selu", "sigmoid", "softplus", "hardswish")),
        {"spectral_norm": True},
        {"equalised": True},
        {"out_features": 1, "weights": " ".join(["1"] * 16), "biases": "-2", "activation": "relu"},
    ],
    "embedding": [{"num_embeddings": 100, "embedding_dim": 8}],
    "one_hot": [{"classes": 12}],
    "prelu": [{"per_channel": True}],
    "gelu": [{"approximate": "tanh"}],
    "softmax": [{"dimension": 1}],
    "layer_norm": [{"dimensions": 2}, {"affine": False}],
    "rms_norm": [{"dimensions": 2}],
    "instance_norm": [{"affine": True}],
    "batch_norm2d": [{"affine": False, "track_running_stats": False}],
    "rnn": [{"nonlinearity": "relu", "output": "last"}],
    "lstm": [
        {"output": "last", "states": True, "bidirectional": True, "num_layers": 2, "dropout": 0.3},
        {"states": True, "bias": False},
    ],
    "gru": [{"output": "last", "bidirectional": True}, {"states": True, "num_layers": 3}],
    "multi_head_attention": [
        {"weights": True, "causal": True},
        {"rotary": True},
        {"dropout": 0.2, "num_heads": 2, "bias": False},
    ],
    "scaled_dot_product_attention": [{"weights": True}, {"causal": True, "scaled": False, "dropout": 0.1}],
    "positional_encoding": [{"kind": "learned"}, {"kind": "learned", "max_length": 32, "dropout": 0.1}],
    "transformer_encoder_layer": [{"norm_first": True, "activation": "gelu", "causal": True}],
    "transformer_decoder_layer": [{"norm_first": True, "causal": False, "dropout": 0.0}],
    "flatten": [{"start": 2}],
    "reshape": [{"shape": [2, -1, 4]}, {"shape": [4, 16, 32]}],
    "permute": [{"order": [0, 2, 3, 1]}],
    "concat": [{"dimension": -1}],
    "split": [{"sizes": [3, 5]}, {"parts": 4, "dimension": -1}],
    "slice": [{"start": 2, "stop": -1, "step": 2}],
    "select": [{"index": 0, "dimension": 2}],
    "pad": [{"amounts": [1, 2, 3, 4], "mode": "reflect"}, {"amounts": [0, 2], "value": 1.0}],
    "upsample": [{"mode": "linear", "align_corners": True}, {"mode": "cubic", "scale": 0.5}],
    "reduce": [{"operation": op, "dimensions": [1, -1]} for op in ("sum", "max", "min", "variance", "norm")],
    "matmul": [{"transpose": True}],
    "scale": [{"factor": 2.0, "offset": -1.0, "learned": True}],
    "function": [{"function": name} for name in ("square", "abs", "negate", "sin", "cos")],
    "cross_entropy": [
        {"reduction": "sum", "label_smoothing": 0.1},
        {"class_dim": "channel"},
        {"class_weights": "balanced", "ignore_index": [3, 7]},
        {"class_weights": "given", "weights": [1.0] * 9 + [0.5], "weighted": True},
    ],
    "bce_with_logits": [{"positive_weight": 3.0}, {"reduction": "sum", "weighted": True}],
    "mse": [{"reduction": "sum"}, {"weighted": True}],
    "mae": [{"reduction": "sum"}, {"weighted": True}],
    "huber": [{"delta": 0.5}, {"weighted": True}],
    "accuracy": [{"average": "classes"}, {"ignore_index": [0], "weighted": True}],
    "binary_accuracy": [{"weighted": True}],
    "top_k": [{"k": 1}, {"weighted": True}],
    "schedule": [
        *(
            {"course": name, "start": 0.5}
            for name in ("cosine", "exponential", "steps", "cyclic", "constant")
        ),
        {"unit": "epochs", "warm_up": 3, "delay": 2},
    ],
    "parameter": [
        *({"start": name, "shape": [2, 3]} for name in ("zeros", "ones", "uniform")),
        {"start": "values", "shape": [2, 3], "numbers": "1 2 3; 4 5 6"},
    ],
    "real_or_fake": [
        {"verdict": "fake"},
        {"smoothing": 0.1, "reduction": "sum"},
        *({"form": form, "weighted": True} for form in ("cross-entropy", "hinge")),
        *({"form": form, "verdict": "fake"} for form in ("least squares", "hinge", "linear")),
        *({"form": form} for form in ("least squares", "hinge", "linear")),
    ],
    "kl_divergence": [{"reduction": "sum"}, {"reduction": "values"}, {"weighted": True}],
    "gradient_penalty": [{"target": 0.0, "reduction": "sum"}],
    "contractive_penalty": [{"directions": 3}],
    "sparsity_penalty": [{"form": "rate"}, {"reduction": "sum"}],
    "total_variation": [{"reduction": "sum"}],
    "weight_penalty": [{"form": "absolute", "biases": True}, {"form": "orthogonal", "reduction": "mean"}],
    "dice": [{"class_dim": "last"}, {"reduction": "sum"}, {"ignore_index": [2]}, {"weighted": True}],
    "perceptron_criterion": [{"reduction": "mean", "threshold": 0.5}, {"weighted": True}],
    "contrastive": [{"weighted": True}],
    "triplet": [{"weighted": True, "reduction": "sum"}],
    "cosine_distance": [{"weighted": True}],
    "perplexity": [{"ignore_index": [0], "weighted": True}],
    "compare": [{"operation": name} for name in (">=", "<", "<=", "==", "!=")],
    "cast": [{"to": "int"}, {"to": "bool"}],
    "arg_max": [{"least": True, "dimension": 1}],
    "cumulative_sum": [{"reverse": True, "dimension": -1}],
    "largest_values": [{"k": 3}],
    "segment_ids": [{"segments": 3, "separator": 2}],
    "rotary_embedding": [{"pairs": "neighbours"}],
    "relative_position_bias": [{"causal": True, "num_buckets": 8, "max_distance": 20}],
    "layer_scale": [{"dimension": "channel"}],
    "swiglu": [{"dimension": 1}],
    "sequence_pool": [{"operation": name} for name in ("max", "sum", "first", "last")],
    "noise": [{"distribution": "truncated", "shape": [1, 4, 4]}, {"distribution": "uniform", "scale": 0.1}],
    "constant": [{"shape": [2, 3], "value": -1.0}],
    "class_labels": [{"order": "in turn"}],
    "step": [{"straight_through": True, "threshold": 0.5}],
    "threshold_unit": [{"weights": [1, 0, -1], "threshold": 0.0}],
    "psnr": [{"span": 2.0}],
    "ssim": [{"span": 255.0}, {"weighted": True}],
    "iou": [{"weighted": True}],
    "dice_score": [{"weighted": True, "average": "pixels"}],
    "random_flip": [{"vertical": 1.0}],
    "random_crop": [{"fill": "reflection"}, {"padding": 0}],
    "random_rotate": [{"fill": "border"}],
    "random_zoom": [{"fill": "reflection"}],
    "random_colour": [{"contrast": 0.0, "saturation": 0.0}],
    "pixel_noise": [{"kind": "salt and pepper"}],
    "mixup": [{"classes": 12, "alpha": 1.0}],
    "reparameterise": [{"evaluating": "mean"}],
    "objective": [{"optimiser": "sgd", "learning_rate": 0.05, "schedule": "one_cycle"}],
}
LAYERS = [
    pytest.param(REGISTRY.make(name, params), id=name if not params else f"{name}-{i}")
    for name in REGISTRY
    for i, params in enumerate([{}, *VARIANTS.get(name, [])])
]


@pytest.mark.parametrize("layer", LAYERS)
def test_declaration(layer: Layer) -> None:
    for check in battery.DECLARATION:
        check(layer)
    battery.check_found(layer, REGISTRY)


@pytest.mark.parametrize("layer", LAYERS)
def test_computation(layer: Layer) -> None:
    for check in battery.COMPUTATION:
        check(layer)


def test_variants_name_layers() -> None:
    assert set(VARIANTS) <= set(REGISTRY)


def test_declarations_do_not_load_torch() -> None:
    code = "import nodes.registry, sys; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
