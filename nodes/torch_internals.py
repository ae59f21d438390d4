"""Every private name of torch that the product uses, in one place: no other module may use one.

Private names may change with any version of torch. Beside each stands what to do when it is gone; the tests
of the rooms that use it show whether a replacement computes the same.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

# Tensors without memory, from which shapes are inferred, and what they raise where a shape depends on values.
# When they move: look where torch.export gets them.
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    FakeTensorMode,
)

# The class of which all batch norms are. When it goes: list the public ones.
from torch.nn.modules.batchnorm import _BatchNorm as BatchNormBase

# Sees every operation of a thread, those of the backward pass too. When it moves: look where
# torch.utils.flop_counter gets it.
from torch.utils._python_dispatch import TorchDispatchMode

__all__ = [
    "BatchNormBase",
    "DataDependentOutputException",
    "DynamicOutputShapeException",
    "FakeTensorMode",
    "TorchDispatchMode",
]

# Operations on whole lists of tensors, of which torch.optim is made. When one goes: loop over the list with
# the operation without "foreach" (the same bits, slower).
foreach_add = torch._foreach_add
foreach_add_ = torch._foreach_add_
foreach_addcdiv_ = torch._foreach_addcdiv_
foreach_addcmul_ = torch._foreach_addcmul_
foreach_copy_ = torch._foreach_copy_
foreach_div = torch._foreach_div
foreach_lerp = torch._foreach_lerp
foreach_lerp_ = torch._foreach_lerp_
foreach_mul = torch._foreach_mul
foreach_mul_ = torch._foreach_mul_
foreach_norm = torch._foreach_norm
foreach_sqrt = torch._foreach_sqrt
foreach_sqrt_ = torch._foreach_sqrt_

# One kernel for a whole update; the rate is a number or a scalar on the device. When one goes: take over the
# call from torch.optim of that version (the functions whose names begin with _fused_).
fused_adam_ = torch._fused_adam_
fused_adamw_ = torch._fused_adamw_
fused_sgd_ = torch._fused_sgd_

# Draws from gamma distributions. When it goes: torch.distributions.Gamma(concentration, 1.0).sample().
standard_gamma = torch._standard_gamma

# Turns the recording of gradients on or off inside an fx graph, in one call. When it goes: what
# torch.set_grad_enabled calls in its __init__.
set_grad_enabled = torch._C._set_grad_enabled

# What attention on a CPU is called below autograd. When it is renamed: what a TorchDispatchMode sees of
# scaled_dot_product_attention; until then its multiply-adds are counted as 0.
attention_on_cpu: Any = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu

# Operations that wait for the device, because what they return depends on values. When one is renamed:
# nothing breaks; CUDA itself refuses to capture it.
waiting_operations: frozenset[Any] = frozenset(
    (
        *(torch.ops.aten._local_scalar_dense, torch.ops.aten.nonzero, torch.ops.aten.masked_select),
        *(torch.ops.aten.equal, torch.ops.aten._unique2, torch.ops.aten.unique_dim, torch.ops.aten.bincount),
    )
)

# Copies, also from one device to another. When one is renamed: what a TorchDispatchMode sees of Tensor.to.
copying_operations: frozenset[Any] = frozenset((torch.ops.aten._to_copy, torch.ops.aten.copy_))


def load_compiler() -> None:
    """Import torch's compiler: half a second that the first optimiser and the first Linear would wait for.

    When it moves: nothing breaks; measure again what the first fake Linear imports.
    """
    import torch._dynamo  # noqa: F401


def children_of(module: nn.Module) -> dict[str, nn.Module | None]:
    """The modules in this one by name, to be added to; any name will do, also one that nn.Module uses itself.

    When it goes: `add_module` with a prefix before every name, which a state_dict hook takes off.
    """
    return module._modules


def flat_weights(module: nn.RNNBase) -> list[Tensor]:
    """All weights of a recurrent module, layer by layer, as torch's functions for sequences take them.

    When it goes: `module.all_weights`, one after the other.
    """
    return module._flat_weights  # type: ignore[return-value]  # torch says "or None"


def flatten_layer(weights: list[Tensor], **about: Any) -> None:
    """Lay these weights of one recurrent layer out for cuDNN; `about` has the attributes of a module with it
    alone.

    When it goes: leave it out; cuDNN then copies the weights at every step, and warns.
    """
    layer = SimpleNamespace(_flat_weights=weights, _flat_weights_names=weights, num_layers=1, **about)
    nn.RNNBase.flatten_parameters(layer)  # type: ignore[arg-type]


def storage_key(tensor: Tensor) -> int:
    """What tensors have in common that share memory, fake ones too.

    When it goes: `id` of a storage object that is kept.
    """
    return int(tensor.untyped_storage()._cdata)


def operation_of(overload: Any) -> Any:
    """The operation that an overload belongs to, as in `torch.ops.aten.add`.

    When it goes: look it up by what `str(overload)` says before the last dot.
    """
    return overload._overloadpacket
