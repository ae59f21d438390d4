"""Tensors of the pretended device: each wraps one of the CPU; what CUDA would refuse is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing

from tests.pretended_device import CARD
from tests.pretended_device.chance import BACKEND, GENERATORS
from tests.pretended_device.waits import place, waits

aten = torch.ops.aten
WAITING = {
    *(aten._local_scalar_dense, aten.equal, aten.nonzero, aten.masked_select, aten._unique2, aten.is_nonzero),
}
MIXING = {aten.copy_, aten.index, aten.index_put_, aten.index_put, aten._index_put_impl_}
"""Operations that take a tensor of the CPU beside one of the card."""


class Card(Tensor):
    """A tensor on the card; `held` has its values."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> Card:
        return Tensor._make_wrapper_subclass(
            cls,
            held.size(),
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            layout=held.layout,
            device=f"{CARD}:0",
        )

    def __init__(self, held: Tensor) -> None:
        self.held = held

    def tolist(self) -> Any:
        waits("tolist")
        return self.held.tolist()

    def untyped_storage(self) -> Any:
        return self.held.untyped_storage()

    def __repr__(self, **_: Any) -> str:
        return f"Card({self.held!r})"

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return dispatched(func, args, kwargs or {})


class OnCard(TorchDispatchMode):
    """Serves what makes tensors on the card from nothing."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return dispatched(func, args, kwargs or {})


def held(tensor: Tensor) -> Tensor:
    """The values of a tensor, wherever it lies."""
    return tensor.held if isinstance(tensor, Card) else tensor


def made(size: Any, stride: Any = None, *, dtype: Any = None, memory_format: Any = None, **_: Any) -> Card:
    """Memory on the card, for autograd's own threads, where no mode is on."""
    if stride is not None:
        return Card(torch.empty_strided(size, stride, dtype=dtype))
    return Card(torch.empty(size, dtype=dtype, memory_format=memory_format or torch.contiguous_format))


def copied(source: Tensor, target: Tensor, non_blocking: bool = False) -> Tensor:
    """A copy between the devices, for autograd's own threads."""
    waits("copy between CPU and device")
    held(target).copy_(held(source))
    return target


def dispatched(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    flat, _ = pytree.tree_flatten((args, kwargs))
    tensors = [one for one in flat if isinstance(one, Tensor)]
    cards = [one for one in tensors if isinstance(one, Card)]
    asked = kwargs.get("device")
    goes = torch.device(asked).type if asked is not None else CARD if cards else "cpu"
    if not cards and goes != CARD:
        return func(*args, **kwargs)
    _refuse(func, args, kwargs, tensors, cards)
    _note_waits(func, args, kwargs, tensors, goes)
    if asked is not None:
        kwargs = {**kwargs, "device": "cpu"}
    held_args, held_kwargs = pytree.tree_map_only(Card, lambda one: one.held, (args, kwargs))
    with _chance(func, flat, goes):
        out = func(*held_args, **held_kwargs)
    if goes != CARD:
        return out
    out = pytree.tree_map_only(Tensor, lambda one: one if isinstance(one, Card) else Card(one), out)
    return return_and_correct_aliasing(func, args, kwargs, out) if cards else out


def _is_copy(func: Any) -> bool:
    return func.overloadpacket in (aten._to_copy, aten.copy_)


def _refuse(func: Any, args: Any, kwargs: dict[str, Any], tensors: list[Tensor], cards: list[Card]) -> None:
    """Raises what CUDA raises."""
    if len(cards) < len(tensors) and not _is_copy(func) and func.overloadpacket not in MIXING:
        strange = [one for one in tensors if not isinstance(one, Card)]
        if any(one.dim() for one in strange) or torch.Tag.pointwise not in func.tags:
            raise RuntimeError(
                f"Expected all tensors to be on the same device: {func} has one of the CPU. {place()}"
            )
    for given in (one for one in (*args, *kwargs.values()) if isinstance(one, torch.Generator)):
        if given._cdata not in GENERATORS:
            raise RuntimeError(f"Expected a generator of the device: {func} has one of the CPU. {place()}")
    if "_fused_sgd" in str(func) or "_fused_adam" in str(func):
        _fused_fits(func, args)


def _note_waits(func: Any, args: Any, kwargs: dict[str, Any], tensors: list[Tensor], goes: str) -> None:
    if _is_copy(func):
        ends = {isinstance(one, Card) for one in tensors}
        if func.overloadpacket is aten._to_copy:
            ends.add(goes == CARD)
        pinned = any(getattr(one, "is_pretended_pinned", False) for one in tensors)
        freely = pinned and (kwargs.get("non_blocking") or (len(args) > 2 and args[-1] is True))
        if len(ends) > 1 and not freely:
            waits("copy between CPU and device")
    elif func.overloadpacket in WAITING:
        waits(str(func.overloadpacket))
    elif func.overloadpacket is aten.index:
        places = [one for one in pytree.tree_leaves(args[1]) if isinstance(one, Tensor)]
        if any(one.dtype is torch.bool for one in places):
            waits("index by a mask")


def _fused_fits(func: Any, args: Any) -> None:
    """What the fused kernels of CUDA ask of their lists."""
    lists = [one for one in args if isinstance(one, list | tuple) and one]
    for many in lists[1:]:
        for one, other in zip(lists[0], many, strict=True):
            same = one.shape == other.shape or other.dim() == 0
            strides = [
                (a, b) for a, b, n in zip(one.stride(), other.stride(), one.shape, strict=False) if n > 1
            ]
            apart = other.dim() and any(a != b for a, b in strides)
            if not same or other.dtype != torch.float32 or apart:
                raise RuntimeError(f"{func}: parameters, gradients and moments of other shapes or strides")


@contextmanager
def _chance(func: Any, flat: list[Any], goes: str) -> Iterator[None]:
    """Draws come from the generator of the device where the values are to lie."""
    given = any(isinstance(one, torch.Generator) for one in flat)
    if given or goes != CARD or torch.Tag.nondeterministic_seeded not in func.tags:
        yield
        return
    with BACKEND.drawing():
        yield
