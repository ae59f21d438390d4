"""Evaluates one layer on input specs: its module runs on fake tensors, which take no memory.

Results are cached for the whole process by layer and input specs. The batch size stays symbolic: the module
runs with two sizes, and a dimension that grows with them is N. The global random state is not touched.
"""

from __future__ import annotations

import math
import re
import threading
from collections import OrderedDict
from typing import Any

import torch
from torch import nn

from engine.expand.scan import ScanLayer
from engine.infer.cost import CountMultiplyAdds, KeptForBackward, Shortcuts, SkipValues
from engine.infer.outcome import LayerFault, Outcome
from engine.infer.scan import scan_outcome
from engine.report import NodeReport
from nodes.modules.values.given import made, named_shapes
from nodes.param import ParamError
from nodes.spec import BatchDim, Dim, Inputs, Layer, LayerError, Port, Role, TensorSpec
from nodes.torch_internals import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    FakeTensorMode,
    load_compiler,
    storage_key,
)

load_compiler()

FEW, MANY = 1009, 1013
"""The two batch sizes: primes that are unlikely elsewhere, so that messages can replace them by N."""
CACHE_SIZE = 20_000
"""The most results in the cache."""
MODULE_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a module may raise when its inputs do not fit."""
_OVERFLOW = ("Storage size calculation overflowed", "multiplication overflow")
"""What torch says of a tensor with more bytes than 64 bits can count."""


class _Cache:
    """A thread-safe LRU cache of outcomes by layer and inputs."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Layer, Inputs], Outcome] = OrderedDict()

    def get(self, key: tuple[Layer, Inputs]) -> Outcome | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: tuple[Layer, Inputs], outcome: Outcome) -> None:
        with self._lock:
            self._kept[key] = outcome
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)


CACHE = _Cache(CACHE_SIZE)


def outcome_of(layer: Layer, inputs: Inputs) -> Outcome:
    """The outcome of a layer that computes, on inputs of these specs (see `nodes.spec.Inputs`)."""
    key = (layer, inputs)
    found = CACHE.get(key)
    if found is None:
        found = _evaluated(layer, inputs)
        CACHE.put(key, found)
    return found


def known_outcome(layer: Layer, inputs: Inputs) -> Outcome | None:
    """The outcome where it is in the cache."""
    return CACHE.get((layer, inputs))


def _evaluated(layer: Layer, inputs: Inputs) -> Outcome:
    named = _named(layer, inputs)
    fault = _port_fault(layer, inputs)
    if fault is not None:
        return Outcome(NodeReport(inputs=named), fault=fault)
    try:
        layer.check(*inputs)
        if isinstance(layer, ScanLayer):
            return scan_outcome(layer, inputs, named, outcome_of)
        if layer.role in (Role.MODULE, Role.LOSS):
            return _run(layer, inputs, named)
    except LayerError as error:
        fault = LayerFault(
            f"{layer.title}: {error}",
            error.expected,
            error.received,
            error.port,
            error.arithmetic,
            error.fixes,
            error.wire,
        )
    except ParamError as error:
        fault = LayerFault(f"{layer.title}: {error}", error.expected, error.received)
    except (*MODULE_ERRORS, MemoryError) as error:
        fault = _module_fault(layer, inputs, error)
    return Outcome(NodeReport(inputs=named), fault=fault)


def _module_fault(layer: Layer, inputs: Inputs, error: Exception) -> LayerFault:
    """Why the module does not take its inputs: what it raised, in words of ours where they are too large."""
    received = _shapes(inputs)
    if isinstance(error, MemoryError) or any(words in str(error) for words in _OVERFLOW):
        expected = "inputs and parameters whose values a memory can hold"
        message = f"{layer.title}: Make its inputs or its parameters smaller. Expected {expected}."
        return LayerFault(f"{message} Received {received}.", expected, received)
    message = cleaned(str(error)) or type(error).__name__
    return LayerFault(f"{layer.title}: {message}", received=received)


def _named(layer: Layer, inputs: Inputs) -> dict[str, tuple[TensorSpec, ...]]:
    return {
        port.name: entry if isinstance(entry, tuple) else (entry,)
        for port, entry in zip(layer.input_ports(), inputs, strict=True)
        if entry is not None
    }


# Ports --------------------------------------------------------------------------------------------------


def _port_fault(layer: Layer, inputs: Inputs) -> LayerFault | None:
    for port, entry in zip(layer.input_ports(), inputs, strict=True):
        specs = entry if isinstance(entry, tuple) else () if entry is None else (entry,)
        for place, spec in enumerate(specs):
            if not port.accepts(spec):
                return _refusal(layer, port, spec, place)
    return None


def _refusal(layer: Layer, port: Port, spec: TensorSpec, place: int) -> LayerFault:
    """The fault of a tensor of the wrong dtype or rank at a port."""
    if port.dtype != "any" and (port.dtype == "float") != spec.is_float:
        kinds = {"float": "floating-point numbers", "int": "whole numbers"}
        wanted = kinds[port.dtype]
        given = "whole numbers" if port.dtype == "float" else "floating-point numbers"
        received = f"{given}, {spec} {spec.dtype}"
    else:
        ranks = " or ".join(str(rank) for rank in port.ranks)
        dims = "dimension" if port.ranks == (1,) else "dimensions"
        wanted = "a scalar" if port.ranks == (0,) else f"{port.help or 'a tensor'}: {ranks} {dims}"
        received = f"{spec}, which has {spec.rank}"
    expected = f"{wanted} at {port.name!r}"
    message = f"{layer.title}: Expected {expected}. Received {received}."
    return LayerFault(message, expected, received, port.name, fixes=layer.port_fixes(port, spec), wire=place)


def _shapes(inputs: Inputs) -> str:
    specs: list[TensorSpec] = []
    for entry in inputs:
        specs += entry if isinstance(entry, tuple) else () if entry is None else (entry,)
    return ", ".join(str(spec) for spec in specs)


# Running ------------------------------------------------------------------------------------------------


def _run(layer: Layer, inputs: Inputs, named: dict[str, tuple[TensorSpec, ...]]) -> Outcome:
    """Run the module on torch's meta device, which is fast and supports nearly every operation.

    What fails there runs in `FakeTensorMode`, which is slower and supports more.
    """
    try:
        with torch.device("meta"):
            return _outcome(layer, inputs, named)
    except RuntimeError as error:  # NotImplementedError is one
        if not isinstance(error, NotImplementedError) and "meta" not in str(error):
            raise
    try:
        with FakeTensorMode(allow_non_fake_inputs=True):
            return _outcome(layer, inputs, named)
    except (DataDependentOutputException, DynamicOutputShapeException) as error:
        raise LayerError("a module whose shapes do not depend on values", f"{error} in it") from error


def _outcome(layer: Layer, inputs: Inputs, named: dict[str, tuple[TensorSpec, ...]]) -> Outcome:
    with SkipValues():
        module = made(layer, inputs)
    given, outs, cost, kept = _measured(module, inputs)
    few = _results(layer, outs)
    if not _symbolic(inputs):
        many = [tuple(out.shape) for out in few]
    elif all(_plain(out) for out in few):
        many = [(MANY, *out.shape[1:]) if out.dim() else () for out in few]
    else:
        with torch.no_grad(), Shortcuts():
            many = [tuple(out.shape) for out in _results(layer, module(*_tensors(inputs, MANY)))]
    specs = [_spec(layer, inputs, out, shape) for out, shape in zip(few, many, strict=True)]
    kept_bytes = kept.beside(given | {storage_key(out) for out in few})
    own = sum(_bytes(spec) for spec, out in zip(specs, few, strict=True) if storage_key(out) not in given)
    samples = FEW if _symbolic(inputs) else 1
    weights = tuple((name, tuple(weight.shape)) for name, weight in module.named_parameters())
    outputs = {port.name: spec for port, spec in zip(layer.output_ports(), specs, strict=True)}
    for name, classes in layer.output_classes(*inputs).items():
        outputs[name] = TensorSpec(outputs[name].shape, outputs[name].dtype, classes)
    report = NodeReport(
        inputs=named,
        outputs=outputs,
        parameters=sum(math.prod(shape) for _, shape in weights),
        multiply_adds=cost // samples,
        activation_bytes=own,
        weights=named_shapes(module),
        arithmetic=layer.arithmetic(inputs, tuple(specs)),
    )
    size = sum(weight.numel() * weight.element_size() for weight in module.parameters())
    return Outcome(report, weights, int(size), kept_bytes // samples)


def _measured(module: nn.Module, inputs: Inputs) -> tuple[set[int], Any, int, KeptForBackward]:
    """One forward pass as in training: input storages, outputs, multiply-adds, kept storages."""
    given = [None if tensor is None else _differentiable(tensor) for tensor in _tensors(inputs, FEW)]
    storages = {storage_key(tensor) for tensor in given if tensor is not None}
    kept = KeptForBackward({storage_key(weight) for weight in module.parameters()})
    count = CountMultiplyAdds()
    packing = torch.autograd.graph.saved_tensors_hooks(kept, lambda tensor: tensor)
    with torch.enable_grad(), packing, count, Shortcuts(count, kept):
        outs = module(*given)
    return storages, outs, count.total, kept


def _differentiable(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor as a non-leaf that requires gradients, as after another layer: a module may change it in
    place.
    """
    return tensor.requires_grad_().clone() if tensor.is_floating_point() else tensor


def _symbolic(inputs: Inputs) -> bool:
    specs = [
        spec
        for entry in inputs
        if entry is not None
        for spec in (entry if isinstance(entry, tuple) else (entry,))
    ]
    return any(isinstance(dim, BatchDim) for spec in specs for dim in spec.shape)


def _tensors(inputs: Inputs, batch: int) -> list[torch.Tensor | None]:
    found: list[torch.Tensor | None] = []
    for entry in inputs:
        if isinstance(entry, tuple):
            found += [_tensor(spec, batch) for spec in entry]
        else:
            found.append(None if entry is None else _tensor(entry, batch))
    return found


def _tensor(spec: TensorSpec, batch: int) -> torch.Tensor:
    shape = [dim.times * batch if isinstance(dim, BatchDim) else dim for dim in spec.shape]
    return torch.empty(shape, dtype=getattr(torch, spec.dtype))


def _results(layer: Layer, outs: Any) -> tuple[torch.Tensor, ...]:
    found = tuple(outs) if isinstance(outs, tuple | list) else (outs,)
    count = len(layer.output_ports())
    if len(found) != count or not all(isinstance(out, torch.Tensor) for out in found):
        raise LayerError(f"{count} tensors from its module", f"{len(found)}")
    return found


def _plain(out: torch.Tensor) -> bool:
    """Whether one run is enough: the first size is the batch, and the
    others are too small to depend on it.
    """
    return not out.dim() or (out.shape[0] == FEW and all(size < FEW // 2 for size in out.shape[1:]))


def _spec(layer: Layer, inputs: Inputs, few: torch.Tensor, many: tuple[int, ...]) -> TensorSpec:
    """The spec of an output from its tensor with `FEW` samples and its shape with `MANY`."""
    if few.dim() != len(many):
        raise LayerError("a rank that does not depend on the batch size", f"{few.dim()} and {len(many)}")
    shape = tuple(_dim(a, b) for a, b in zip(few.shape, many, strict=True))
    dtype = str(few.dtype).removeprefix("torch.")
    spec = TensorSpec(shape, dtype)
    if spec.is_float or not layer.keeps_scale:
        return spec
    classes = {entry.classes for entry in inputs if isinstance(entry, TensorSpec) and not entry.is_float}
    return TensorSpec(shape, dtype, classes.pop() if len(classes) == 1 else None)


def _dim(few: int, many: int) -> Dim:
    if few == many:
        return few
    if few % FEW or few // FEW * MANY != many:
        raise LayerError("sizes that are fixed or grow with the batch", "one that depends on it otherwise")
    return BatchDim(few // FEW)


def _bytes(spec: TensorSpec) -> int:
    """Bytes of a tensor of this spec for one sample."""
    sizes = [dim.times if isinstance(dim, BatchDim) else dim for dim in spec.shape]
    dtype: torch.dtype = getattr(torch, spec.dtype)
    return math.prod(sizes) * int(dtype.itemsize)


# Words --------------------------------------------------------------------------------------------------


def cleaned(message: str) -> str:
    """The first paragraph of torch's message, with the batch size called N again."""
    first = message.strip().split("\n")[0].split("Exception raised from")[0].strip()
    return re.sub(r"(?<![\w.])\d{4,}(?![\w.])", lambda found: _symbol(int(found[0])), first)


def _symbol(number: int) -> str:
    for batch in (FEW, MANY):
        if number % batch == 0:
            return str(BatchDim(number // batch))
    return str(number)
