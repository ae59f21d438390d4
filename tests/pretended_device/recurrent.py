"""cuDNN's limits of recurrent layers, on the pretended device.

They are differentiated once, and in training mode only. Dropout between layers comes from a state of its
own, which is made anew after the default generator was set (aten/src/ATen/native/cudnn/RNN.cpp,
get_dropout_state).
Without cuDNN (`torch.backends.cudnn.enabled`) none of this holds, as on CUDA.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.pretended_device.chance import BACKEND
from tests.pretended_device.tensor import Card

Run = Callable[..., Any]


class CudnnRecurrent(torch.autograd.Function):
    """One call of a recurrent layer; gives what torch's function gives."""

    @staticmethod
    def forward(ctx: Any, run: Run, training: bool, dropout: float, *cards: Card) -> tuple[Card, ...]:
        ctx.training = training
        ctx.leaves = [card.held.detach().requires_grad_(card.requires_grad) for card in cards]
        kept = torch.get_rng_state()
        draws = training and dropout
        if draws:
            if BACKEND.is_set:
                BACKEND.dropout.manual_seed(int(torch.randint(2**31, (), generator=BACKEND.default)))
                BACKEND.is_set = False
            BACKEND.draws += 1
            torch.set_rng_state(BACKEND.dropout.get_state())
        with torch.enable_grad():
            ctx.outs = run(*ctx.leaves)
        if draws:
            BACKEND.dropout.set_state(torch.get_rng_state())
            torch.set_rng_state(kept)
        return tuple(Card(out.detach()) for out in ctx.outs)

    @staticmethod
    def backward(ctx: Any, *gradients: Card) -> tuple[Any, ...]:
        if not ctx.training:
            raise RuntimeError("cudnn RNN backward can only be called in training mode")
        if torch.is_grad_enabled():
            raise RuntimeError("the derivative for '_cudnn_rnn_backward' is not implemented")
        wanted = [leaf for leaf in ctx.leaves if leaf.requires_grad]
        given = [one.held for one in gradients]
        found = iter(torch.autograd.grad(ctx.outs, wanted, given, allow_unused=True))
        each = [next(found) if leaf.requires_grad else None for leaf in ctx.leaves]
        return None, None, None, *(None if one is None else Card(one) for one in each)


def limited(plain: Run, cell: str) -> Run:
    """One of torch's functions for sequences with cuDNN's limits where it meets the card."""

    def run(sequence: Any, start: Any, weights: Any, *rest: Any) -> Any:
        if not isinstance(sequence, Card):
            return plain(sequence, start, weights, *rest)
        if not torch.backends.cudnn.enabled:
            return without_cudnn(cell, sequence, start, weights, *rest)
        _bias, _layers, dropout, training, *_ = rest
        states = tuple(start) if isinstance(start, list | tuple) else (start,)

        def inner(sequence: Tensor, *held: Tensor) -> Any:
            first = held[: len(states)] if isinstance(start, list | tuple) else held[0]
            return plain(sequence, first, list(held[len(states) :]), *rest)

        return CudnnRecurrent.apply(inner, training, dropout, sequence, *states, *weights)

    return run


def without_cudnn(cell: str, sequence: Tensor, start: Any, weights: Any, *rest: Any) -> Any:
    """One layer or several, step by step in operations that can be differentiated again."""
    bias, layers, dropout, training, bidirectional, batch_first = rest
    assert bias, "layers without constants are not pretended"
    assert not (dropout and training), "neither is dropout between them"
    states, directions = start if cell == "lstm" else (start,), 1 + bidirectional
    steps, ends = sequence.transpose(0, 1) if batch_first else sequence, []
    for layer in range(layers):
        both = []
        for direction in range(directions):
            place = layer * directions + direction
            first, own = [state[place] for state in states], weights[4 * place : 4 * place + 4]
            out, end = _gone_through(cell, steps.flip(0) if direction else steps, first, own)
            both.append(out.flip(0) if direction else out)
            ends.append(end)
        steps = torch.cat(both, -1)
    last = tuple(torch.stack(parts) for parts in zip(*ends, strict=True))
    return steps.transpose(0, 1) if batch_first else steps, *last


def _gone_through(cell: str, steps: Tensor, carried: list[Tensor], weights: Any) -> Any:
    inward, across, constant, other = weights
    found = []
    for step in steps:
        given, kept = torch.addmm(constant, step, inward.t()), torch.addmm(other, carried[0], across.t())
        if cell == "lstm":
            write, keep, new, read = (given + kept).chunk(4, 1)
            memory = keep.sigmoid() * carried[1] + write.sigmoid() * new.tanh()
            carried = [read.sigmoid() * memory.tanh(), memory]
        elif cell == "gru":
            (reset, update, new), (reset2, update2, new2) = given.chunk(3, 1), kept.chunk(3, 1)
            fresh, share = (new + (reset + reset2).sigmoid() * new2).tanh(), (update + update2).sigmoid()
            carried = [fresh + share * (carried[0] - fresh)]
        else:
            total = given + kept
            carried = [total.tanh() if cell == "rnn_tanh" else total.relu()]
        found.append(carried[0])
    return torch.stack(found), carried


def limit_recurrent() -> None:
    for name in ("lstm", "gru", "rnn_tanh", "rnn_relu"):
        run = limited(getattr(torch, name), name)
        setattr(torch, name, run)
        setattr(torch._VF, name, run)
