"""The weights of one layer from a checkpoint, as the numbers that a drawing can give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from engine.document.project import Project
from engine.expand import expand
from engine.weights.checkpoint import WeightsError
from nodes.regular_file import NotRegularFileError, require_regular
from nodes.shared.given_weights import LONGEST, Numbers

MOST = LONGEST // 2
"""Numbers of one layer that are read: as many cannot be written."""


def taken(checkpoint: Path, project: Project, path: str, shapes: Mapping[str, Sequence[int]]) -> Numbers:
    """The numbers of the layer at this path, for tensors of these names and shapes. Raises `WeightsError`."""
    nodes = expand(project).nodes
    prefix = nodes[path].weight_path if path in nodes else path
    count = sum(int(np.prod(shape)) for shape in shapes.values())
    if count > MOST:
        raise WeightsError(f"{path}: Expected at most {MOST:,} weights to write down. Received {count:,}.")
    found: Numbers = {}
    try:
        require_regular(checkpoint)
        with safe_open(checkpoint, framework="numpy") as file:
            names = set(file.keys())
            for name, shape in shapes.items():
                if f"{prefix}.{name}" not in names:
                    continue
                given = file.get_slice(f"{prefix}.{name}").get_shape()
                if tuple(given) != tuple(shape):
                    expected = f"Expected {prefix}.{name} of {tuple(shape)}, as it is drawn"
                    raise WeightsError(f"{expected}. Received {tuple(given)}: the run is of another drawing.")
                values = np.asarray(file.get_tensor(f"{prefix}.{name}")).ravel()
                found[name] = tuple(float(str(value)) for value in values)
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        if isinstance(error, WeightsError):
            raise
        raise WeightsError(f"{checkpoint.name}: Expected a checkpoint. Received: {error}") from error
    except NotRegularFileError as error:
        raise WeightsError(f"{checkpoint.name}: Expected a checkpoint. Received {error}.") from error
    if not found:
        raise WeightsError(f"Expected weights of {prefix} in {checkpoint.name}. Received none.")
    return found
