"""Group normalisation whose input needs no gradient, in the layout of memory that convolutions leave."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from nodes.modules.regularisation import GroupNorm

_WAYS = """
import torch
from nodes.modules.regularisation import GroupNorm
x = torch.randn(2, 32, 8, 8, generator=torch.Generator().manual_seed(0)).to(memory_format=torch.channels_last)
norm = GroupNorm(8, 32)
{way}
plain = torch.nn.GroupNorm(8, 32)
plain(x.contiguous()).square().sum().backward()
assert torch.allclose(found, plain.weight.grad, rtol=1e-4)
"""
WAYS = {
    "behind a frozen layer": "norm(x).square().sum().backward(); found = norm.weight.grad",
    "of the weights alone": "loss = norm(x.requires_grad_()).square().sum()\n"
    "found, = torch.autograd.grad(loss, [norm.weight])",
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_process_lives_and_the_gradient_is_right(way: str) -> None:
    """In a process of its own: torch's own module ends it."""
    done = subprocess.run(
        [sys.executable, "-c", _WAYS.format(way=way)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-800:]


def test_outside_of_training_the_layout_stays() -> None:
    x = torch.randn(2, 32, 8, 8).to(memory_format=torch.channels_last)
    with torch.no_grad():
        found = GroupNorm(8, 32)(x)
    torch.testing.assert_close(found, torch.nn.functional.group_norm(x, 8))
