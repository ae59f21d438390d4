"""What a new run begins with beside the random start of its weights: tensors that start from a picture.

Read when weights begin, not when a drawing is compiled: a run that goes on, and predictions, need no file.
"""

from __future__ import annotations

import torch

from engine.compile.error import CompileError
from engine.compile.plan import Plan
from nodes.layers.parameter import Parameter
from nodes.reading.error import DataError


def begin_from_files(plan: Plan) -> None:
    """Fill the tensors that start from a file. Raises `CompileError`, which names the node."""
    from nodes.modules.values.parameter import picture

    for path, node in plan.nodes.items():
        layer = node.layer
        if not isinstance(layer, Parameter) or layer.start != "picture" or layer.tied_to.strip():
            continue
        value = plan.modules[path].get_parameter(layer.tied_weight)
        try:
            pixels = picture(layer.picture, layer.shape)
        except DataError as error:
            expected = "Expected a picture file to start from"
            raise CompileError(f"{path}: {layer.picture}: {expected}. Received another: {error}.") from error
        with torch.no_grad():
            value.copy_(pixels)
