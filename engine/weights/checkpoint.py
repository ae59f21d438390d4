"""Weights on disk and back: safetensors only, by canvas path. Nothing that is loaded can run code.

A checkpoint holds the weights under their names and, in the same file so that it is one atomic whole, what a
run needs to go on, under names that begin with "@". What it says of itself is in its head and, for a person
to read, in a JSON file beside it. Names of weights never start with "@".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from engine.system.atomic_write import write_atomically
from engine.weights.foreign import in_order, is_foreign, read_foreign
from nodes.free_memory import free_memory
from nodes.reading.error import DataError
from nodes.regular_file import NotRegularFileError, require_regular
from nodes.shown_text import listed, shown
from nodes.user_error import UserError

MOST_TENSORS = 200_000
"""Tensors that one file may have."""
_BROKEN = (SafetensorError, OSError, ValueError, RecursionError, RuntimeError, TypeError, AttributeError)
"""What comes of a file that is damaged, or has numbers that torch has not."""
MOST_NAMES = 8
"""Names that a sentence lists."""


class WeightsError(UserError, ValueError):
    """A file of weights cannot be used. Says what was expected and what came."""


@dataclass(frozen=True)
class Loaded:
    """What came of loading: names filled, missing in the file, unknown to the drawing, or misfitting.

    `in_order` are those that were filled in the order of the file, each with its name there.
    """

    filled: tuple[str, ...]
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    refused: tuple[str, ...]
    in_order: tuple[tuple[str, str], ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all weights were filled by name and none was left over."""
        return not (self.missing or self.unexpected or self.refused or self.in_order)

    @property
    def sentence(self) -> str:
        """What was carried over, and by name what was not."""
        count = len(self.filled) + len(self.missing) + len(self.refused)
        parts = [f"Weights carried over: {len(self.filled)} of {count}."]
        if self.in_order:
            pairs = shortened(f"{name} from {other}" for name, other in self.in_order)
            parts.append(f"No name in the file is one of the drawing, so they went in order: {pairs}.")
        if self.refused:
            parts.append(f"Of another shape, so they start anew: {shortened(self.refused)}.")
        if self.missing:
            parts.append(f"Not in the file, so they start anew: {shortened(self.missing)}.")
        if self.unexpected:
            parts.append(f"Only in the file: {shortened(self.unexpected)}.")
        return " ".join(parts)


def shortened(names: Iterable[str], most: int = MOST_NAMES) -> str:
    """The first few of these names, and how many more there are."""
    return listed(names, most)


def save_checkpoint(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Write the tensors and the sidecar beside them. Raises OSError where the disk refuses.

    The old checkpoint stays until the new one is whole on disk.
    """
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in _apart(tensors).items()}
    text = msgspec.json.encode(dict(about), order="sorted")
    write_atomically(path, save(plain, metadata={"about": text.decode()}))
    told = msgspec.json.format(text, indent=2) + b"\n"
    write_atomically(path.with_suffix(".json"), told, durable=False)  # the same is in the file's head


def _apart(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same with memory of their own: a file holds no tensor twice."""
    seen: set[int] = set()
    found = {}
    for name, tensor in tensors.items():
        place = tensor.untyped_storage().data_ptr()
        found[name] = tensor.clone() if place in seen else tensor
        seen.add(place)
    return found


def weights(model: nn.Module) -> dict[str, Tensor]:
    """A copy of every weight and running statistic, by canvas path."""
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """All tensors of a file and what it says of itself. Raises `WeightsError`."""
    try:
        size, free = require_regular(path).st_size, free_memory()
        if size > free:
            raise WeightsError(f"{path}: Expected at most {free:,} bytes, which are free. Received {size:,}.")
        return _tensors(path)
    except NotRegularFileError as error:
        kind = str(error).removeprefix("it is ")
        raise WeightsError(f"{path}: Expected a safetensors file. Received {kind}.") from error
    except WeightsError:
        raise
    except _BROKEN as error:
        raise WeightsError(
            f"{path}: Expected a safetensors file. Received one that does not read: {_first_line(error)}"
        ) from error


def _tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    with safe_open(path, framework="pt") as file:
        names = file.keys()
        if len(names) > MOST_TENSORS:
            raise WeightsError(f"{path}: Expected at most {MOST_TENSORS:,} tensors. Received {len(names):,}.")
        tensors = {name: file.get_tensor(name) for name in names}
        about = (file.metadata() or {}).get("about", "{}")
    return tensors, msgspec.json.decode(about, type=dict[str, Any])


def load_weights(model: nn.Module, path: Path, prefix: str = "") -> Loaded:
    """Fill the weights whose name and shape the file has; the rest stays. Raises `WeightsError`.

    `prefix` is the path of one part of the drawing: only its weights are filled, from names that begin with
    the prefix or, where the file has none such, from names as they are inside of that part.
    """
    tensors = _foreign(path) if is_foreign(path) else read(path)[0]
    named = {name: tensor for name, tensor in tensors.items() if not name.startswith("@")}
    spoiled = [name for name, tensor in named.items() if not _is_finite(tensor)]
    if spoiled:
        raise WeightsError(
            f"{path}: Expected weights that are finite numbers. Received others in {shortened(spoiled)}."
        )
    start = f"{prefix}." if prefix else ""
    if is_foreign(path):
        return _filled_in_order(model, named, start)
    if not prefix:
        return fill(model, named)
    if not any(name.startswith(start) for name in model.state_dict()):
        raise WeightsError(f"{prefix}: Expected a part of the drawing that has weights. Received none such.")
    inside = {name: tensor for name, tensor in named.items() if name.startswith(start)}
    return fill(model, inside or {f"{start}{name}": tensor for name, tensor in named.items()}, start)


def _foreign(path: Path) -> dict[str, Tensor]:
    try:
        return read_foreign(path)
    except DataError as error:
        raise WeightsError(str(error)) from error


def _filled_in_order(model: nn.Module, tensors: Mapping[str, Tensor], start: str) -> Loaded:
    """Fill from the names of another program: by name where some are those of this part, else in order."""
    own = {name: tensor for name, tensor in model.state_dict().items() if name.startswith(start)}
    if not own:
        raise WeightsError(f"{start}: Expected a part of the drawing that has weights. Received none such.")
    if any(f"{start}{name}" in own for name in tensors):
        return fill(model, {f"{start}{name}": tensor for name, tensor in tensors.items()}, start)
    pairs = in_order(own, tensors)
    if not pairs:
        first, other = next(iter(own)), next(iter(tensors))
        raise WeightsError(
            f"Expected a first tensor of {tuple(own[first].shape)}, as {first} is. Received "
            f"{tuple(tensors[other].shape)}, {other}."
        )
    loaded = fill(model, {name: tensors[other] for name, other in pairs.items()}, start)
    taken = set(pairs.values())
    floats = (name for name, tensor in tensors.items() if tensor.is_floating_point())
    return Loaded(
        loaded.filled,
        tuple(name for name in loaded.missing if own[name].is_floating_point()),
        tuple(name for name in floats if name not in taken),
        loaded.refused,
        tuple(pairs.items()),
    )


def fill(model: nn.Module, tensors: Mapping[str, Tensor], start: str = "") -> Loaded:
    """Copy tensors into the weights of the same name and shape, of those whose name begins with `start`."""
    own = {name: tensor for name, tensor in model.state_dict().items() if name.startswith(start)}
    common = [name for name in own if name in tensors]
    fitting = [name for name in common if _fits(own[name], tensors[name])]
    with torch.no_grad():
        for name in fitting:
            own[name].copy_(tensors[name])
    return Loaded(
        tuple(fitting),
        tuple(name for name in own if name not in tensors),
        tuple(name for name in tensors if name not in own),
        tuple(name for name in common if name not in set(fitting)),
    )


def _first_line(error: Exception) -> str:
    return shown(str(error).partition("\n")[0], 200)


def _is_finite(tensor: Tensor) -> bool:
    return not tensor.is_floating_point() or bool(tensor.float().isfinite().all())


def _fits(own: Tensor, given: Tensor) -> bool:
    kinds = own.is_floating_point(), own.is_complex()
    return own.shape == given.shape and kinds == (given.is_floating_point(), given.is_complex())
