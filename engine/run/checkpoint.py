"""Weights on disk and back: safetensors only, by canvas path. Nothing that is loaded can run code.

A checkpoint holds the weights under their names and, in the same file so that it is one atomic whole, what a
run needs to go on: optimisers under `@optimiser/OBJECTIVE/…`, random states under `@random/…`. A JSON sidecar
says what a person wants to know of it. Names of weights never start with "@".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from engine.atomic import write_atomically


class WeightsError(ValueError):
    """A file of weights cannot be used. Says what was expected and what came."""


@dataclass(frozen=True)
class Loaded:
    """What came of loading: names filled, missing in the file, unknown to the drawing, or misfitting."""

    filled: tuple[str, ...]
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    refused: tuple[str, ...]


def save_checkpoint(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Write the tensors and the sidecar beside them. Raises OSError where the disk refuses."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    text = msgspec.json.encode(dict(about), order="sorted")
    write_atomically(path, save(plain, metadata={"about": text.decode()}))
    write_atomically(path.with_suffix(".json"), msgspec.json.format(text, indent=2) + b"\n")


def weights(model: nn.Module) -> dict[str, Tensor]:
    """A copy of every weight and running statistic, by canvas path."""
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """All tensors of a file and what it says of itself. Raises `WeightsError`."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
            about = (file.metadata() or {}).get("about", "{}")
        return tensors, msgspec.json.decode(about, type=dict[str, Any])
    except (SafetensorError, OSError, msgspec.DecodeError) as error:
        raise WeightsError(
            f"{path}: Expected a safetensors file. Received one that does not read: {error}"
        ) from error


def load_weights(model: nn.Module, path: Path) -> Loaded:
    """Fill the weights whose name and shape the file has; the rest stays. Raises `WeightsError`."""
    tensors, _ = read(path)
    return fill(model, {name: tensor for name, tensor in tensors.items() if not name.startswith("@")})


def fill(model: nn.Module, tensors: Mapping[str, Tensor]) -> Loaded:
    """Copy tensors into the weights of the same name and shape."""
    own = model.state_dict()
    common = [name for name in own if name in tensors]
    fitting = [name for name in common if own[name].shape == tensors[name].shape]
    with torch.no_grad():
        for name in fitting:
            own[name].copy_(tensors[name])
    return Loaded(
        tuple(fitting),
        tuple(name for name in own if name not in tensors),
        tuple(name for name in tensors if name not in own),
        tuple(name for name in common if name not in set(fitting)),
    )
