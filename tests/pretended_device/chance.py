"""Random numbers of the pretended device, and `Backend`, which stands for `torch.cuda`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from tests.pretended_device import CARD

MEMORY = 16 << 30
STATES: dict[int, Tensor] = {}
"""States of generators of the card by number: what is handed out is 16 bytes long, as CUDA's is."""
OTHER = 0x5EED_CA4D
"""Turns a seed into another, because a generator of CUDA draws other numbers than the CPU's."""


def told_state(generator: torch.Generator) -> Tensor:
    STATES[len(STATES)] = torch.Generator.get_state(generator)
    return torch.tensor([len(STATES) - 1, 0]).view(torch.uint8)


def taken_state(generator: torch.Generator, state: Tensor) -> torch.Generator:
    if state.numel() != 16:
        raise RuntimeError("RNG state is wrong size")
    return torch.Generator.set_state(generator, STATES[int(state.view(torch.int64)[0])])


class CardGenerator(torch.Generator):
    """A generator of the card."""

    device = property(lambda self: torch.device(CARD))  # type: ignore[assignment]
    get_state, set_state = told_state, taken_state

    def manual_seed(self, seed: int) -> torch.Generator:
        return torch.Generator.manual_seed(self, (seed ^ OTHER) % 2**63)


GENERATORS: dict[int, torch.Generator] = {}
"""Every generator of the card by its address: inside torch it is known by that alone."""


def generator(device: Any = "cpu") -> torch.Generator:
    """Stands for `torch.Generator` in the product."""
    if torch.device(device).type != CARD:
        return torch.Generator(device)
    made = CardGenerator()
    GENERATORS[made._cdata] = made
    return made


class Backend:
    """Stands for `torch.cuda`. `draws` counts draws from its default generator, `drained` waits for all."""

    def __init__(self) -> None:
        self.default, self.dropout = CardGenerator(), torch.Generator()
        self.is_set = True
        """Whether the default generator was set since a recurrent layer of cuDNN last drew."""
        self.draws = 0
        self.drained = 0

    def is_initialized(self) -> bool:
        return True

    def is_available(self) -> bool:
        return True

    def _is_in_bad_fork(self) -> bool:
        return False

    def _lazy_init(self) -> None: ...

    def current_device(self) -> int:
        return 0

    def device_count(self) -> int:
        return 1

    def set_device(self, device: Any) -> None: ...

    def get_device_name(self, device: Any = None) -> str:
        return "Card"

    def get_device_capability(self, device: Any = None) -> tuple[int, int]:
        return 9, 0

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.bfloat16]

    def synchronize(self, device: Any = None) -> None:
        self.drained += 1

    def mem_get_info(self, device: Any = None) -> tuple[int, int]:
        return MEMORY, MEMORY

    def empty_cache(self) -> None: ...

    def memory_reserved(self, device: Any = None) -> int:
        return 0

    memory_allocated = memory_reserved

    def get_rng_state(self, device: Any = None) -> Tensor:
        return told_state(self.default)

    def manual_seed(self, seed: int) -> None:
        self.is_set = True
        self.default.manual_seed(seed)

    manual_seed_all = manual_seed

    def set_rng_state(self, state: Tensor, device: Any = None) -> None:
        self.is_set = True
        taken_state(self.default, state)

    @contextmanager
    def device(self, device: Any) -> Iterator[None]:
        yield

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """The CPU's kernels draw from the default generator of the card inside."""
        self.draws += 1
        kept = torch.get_rng_state()
        torch.set_rng_state(torch.Generator.get_state(self.default))
        try:
            yield
        finally:
            torch.Generator.set_state(self.default, torch.get_rng_state())
            torch.set_rng_state(kept)


BACKEND = Backend()
