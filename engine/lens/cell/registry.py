"""How each layer is taken apart: one table of functions, one file for each family.

Whatever is not in it, and whatever its function cannot take apart, is shown by its gradient.
"""

from __future__ import annotations

import torch

from engine.lens.cell import (
    arithmetic,
    attention,
    convolution,
    dense,
    elementwise,
    normalisation,
    pooling,
    recurrent,
)
from engine.lens.cell.cell import Cell
from engine.lens.cell.gradient import by_gradient
from engine.lens.cell.target import Explain, Target
from engine.lens.cell.window import SlidingWindow
from nodes.layers import activation as activations
from nodes.layers import attention as attentions
from nodes.layers import convolution as convolutions
from nodes.layers import dense as denses
from nodes.layers import math as maths
from nodes.layers import normalisation as norms
from nodes.layers import pooling as pools
from nodes.layers import recurrent as recurrents
from nodes.layers import regularisation, resize, shape
from nodes.layers.threshold import ThresholdUnit
from nodes.spec import Layer

TAKEN_APART: dict[type[Layer], Explain] = {
    convolutions.Convolution: convolution.convolution,
    convolutions.DepthwiseConv2d: convolution.convolution,
    convolutions.SeparableConv2d: convolution.separable,
    pools.MaxPool: pooling.sliding,
    pools.AvgPool: pooling.sliding,
    pools.AdaptivePool: pooling.adaptive,
    pools.GlobalPool: pooling.whole_maps,
    pools.SequencePool: pooling.sequence,
    denses.Linear: dense.linear,
    denses.Embedding: dense.embedding,
    denses.OneHot: dense.one_hot,
    ThresholdUnit: dense.threshold_unit,
    activations.Activation: elementwise.activation,
    activations.Softmax: elementwise.softmax,
    activations.LogSoftmax: elementwise.softmax,
    activations.GLU: elementwise.gated,
    regularisation.Dropout: elementwise.passed,
    regularisation.SpatialDropout: elementwise.passed,
    regularisation.AlphaDropout: elementwise.passed,
    regularisation.GaussianNoise: elementwise.passed,
    regularisation.StochasticDepth: elementwise.passed,
    norms.BatchNorm: normalisation.batch,
    norms.LayerNorm: normalisation.trailing,
    norms.RMSNorm: normalisation.root_mean_square,
    norms.GroupNorm: normalisation.group,
    norms.InstanceNorm: normalisation.instance,
    norms.PixelNorm: normalisation.pixel,
    norms.LayerScale: elementwise.layer_scale,
    maths.Elementwise: arithmetic.combined,
    maths.Pair: arithmetic.combined,
    maths.MatMul: arithmetic.product_of_matrices,
    maths.Scale: elementwise.scaled,
    maths.Function: elementwise.function,
    maths.StopGradient: elementwise.handed_on,
    shape.Flatten: arithmetic.moved,
    shape.Reshape: arithmetic.moved,
    shape.Permute: arithmetic.moved,
    shape.Concat: arithmetic.moved,
    shape.Split: arithmetic.moved,
    shape.Slice: arithmetic.moved,
    shape.Select: arithmetic.moved,
    resize.PixelShuffle: arithmetic.moved,
    resize.Patches: arithmetic.moved,
    attentions.MultiHeadAttention: attention.multi_head,
    attentions.ScaledDotProductAttention: attention.dot_product,
    recurrents.Recurrent: recurrent.recurrent,
}
"""By the layer, or by what several layers have in common; the nearest one counts."""


def function_of(layer: type[Layer]) -> Explain | None:
    """How layers of this kind are taken apart; None: by their gradient."""
    return next((TAKEN_APART[kind] for kind in layer.__mro__ if kind in TAKEN_APART), None)


def take_apart(target: Target) -> tuple[Cell, SlidingWindow | None] | None:
    """The cell, and the window that slides where there is one; None where nothing can be said."""
    function = function_of(type(target.layer))
    with target.network.evaluating(), torch.no_grad():
        taken = function(target) if function is not None else None
    if isinstance(taken, SlidingWindow):
        place = _on_maps(target, taken)
        window = taken.limited(*place)
        return window.cell(*place), window
    if taken is None:
        taken = by_gradient(target)
    return None if taken is None else (taken, None)


def _on_maps(target: Target, window: SlidingWindow) -> tuple[int, int]:
    """The row and column of the element; of a global pool, which has none, the only ones."""
    index = target.index[1:]
    if window.is_flat:
        return 0, index[0] if index else 0
    return (index[-2], index[-1]) if len(index) >= 2 else (0, 0)
