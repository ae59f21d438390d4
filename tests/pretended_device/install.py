"""Makes the pretended device known to torch, and to the product that is imported after."""

from __future__ import annotations

import sys
from typing import Any

import torch
from torch import Tensor
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

from tests.pretended_device import CARD
from tests.pretended_device.autocast import mix_precisions
from tests.pretended_device.chance import BACKEND, generator
from tests.pretended_device.recurrent import limit_recurrent
from tests.pretended_device.spelling import ROOMS, Finder
from tests.pretended_device.tensor import copied, made

LIBRARY = torch.library.Library("aten", "IMPL")
"""Serves what autograd's own threads make, where no mode is on."""


def pin(self: Tensor, *_: Any) -> Tensor:
    """A copy that can be moved without a wait, as `Tensor.pin_memory` gives."""
    pinned = self.clone()
    pinned.is_pretended_pinned = True  # type: ignore[attr-defined]
    return pinned


def install() -> None:
    """Once in a process. Raises RuntimeError where the product was imported before."""
    early = sorted(name for name in sys.modules if name.partition(".")[0] in ROOMS)
    if early:
        raise RuntimeError(f"Expected to come before the product. {early[0]} is imported already.")
    _setup_privateuseone_for_python_backend(CARD, backend_module=BACKEND)
    for name in ("empty.memory_format", "empty_strided"):
        LIBRARY.impl(name, made, "PrivateUse1")
    LIBRARY.impl("_copy_from", copied, "PrivateUse1")
    torch.__future__.set_overwrite_module_params_on_conversion(True)
    torch.card_generator = generator  # type: ignore[attr-defined]
    Tensor.pin_memory = pin  # type: ignore[assignment,method-assign]
    limit_recurrent()
    mix_precisions()
    sys.meta_path.insert(0, Finder())
