"""Torch's recurrent layers with the batch first everywhere, states included, and a choice of what leaves.

The weights keep torch's names. States are (N, layers · directions, hidden), where torch has the batch second.
Three limits of cuDNN are kept away from: it passes gradients in training mode only, it cannot be
differentiated twice, and its dropout between layers draws from a state of its own.

With a mask `(N, time)` the steps that are not real are passed over: states hold there, and what leaves is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.modules.devices.cudnn import with_cudnn
from nodes.modules.sequences.real_steps import RealSteps
from nodes.torch_internals import flat_weights, flatten_layer

Outputs = Tensor | tuple[Tensor, ...]
States = tuple[Tensor, ...]
RUNS = {"LSTM": "lstm", "GRU": "gru", "RNN_TANH": "rnn_tanh", "RNN_RELU": "rnn_relu"}
"""Torch's functions by the modes of its modules."""
OF_LAYER = ("input_size", "hidden_size", "mode", "bias", "batch_first", "bidirectional", "proj_size")
"""What one layer of a stack has in common with the whole."""
_SHUT = 1e4
"""What closes a gate of an LSTM, or opens it, exactly; float16 has room for it."""


def _inward(state: Tensor) -> Tensor:
    """(N, rows, hidden) or (N, hidden) to torch's (rows, N, hidden)."""
    rows = state.unsqueeze(1) if state.dim() == 2 else state
    return rows.transpose(0, 1).contiguous()


def _halves(weights: list[Tensor], rows: int) -> list[list[Tensor]]:
    """The weights of each direction of a layer."""
    each = len(weights) // rows
    return [weights[i : i + each] for i in range(0, len(weights), each)]


class _Recurrent(nn.RNNBase):
    """What the layers share: how torch's functions are called, and what leaves.

    `second_order` is set where gradients are differentiated again, which torch's own kernels can.
    """

    def __init__(self, *args: Any, last: bool, states: bool, masked: bool = False, **kwargs: Any) -> None:
        kwargs["batch_first"] = True
        self.masked = masked  # before the weights are laid out
        super().__init__(*args, **kwargs)
        self.last, self.states = last, states
        self.second_order = False

    @property
    def is_stacked(self) -> bool:
        """Whether the layers are called one by one, with dropout between them that draws as all layers do."""
        return bool(self.num_layers > 1 and self.dropout)

    def flatten_parameters(self) -> None:
        """Lay the weights out for cuDNN: together, or layer by layer where they are called so."""
        if not self.is_stacked and not self.masked:
            super().flatten_parameters()
            return
        rows = 2 if self.bidirectional else 1
        for i, weights in enumerate(self._by_layer()):
            about = {name: getattr(self, name) for name in OF_LAYER}
            if i:
                about["input_size"] = self.hidden_size * rows
            if not self.masked:
                flatten_layer(weights, **about)
                continue
            about["bidirectional"] = False
            for own in _halves(weights, rows):
                flatten_layer(own, **about)

    def _by_layer(self) -> list[list[Tensor]]:
        weights = flat_weights(self)
        each = len(weights) // self.num_layers
        return [weights[i : i + each] for i in range(0, len(weights), each)]

    def _run(self, sequence: Tensor, start: States, mask: Tensor | None) -> tuple[Tensor, States]:
        """(steps, states at the end) of a sequence (N, time, features), from states as torch has them."""
        if mask is not None:
            return self._run_masked(sequence, start, mask)
        with with_cudnn(not self.second_order):
            if not self.is_stacked:
                return self._layers(sequence, start, flat_weights(self), self.num_layers, batch_first=True)
            return self._stack(sequence, start)

    def _stack(self, sequence: Tensor, start: States) -> tuple[Tensor, States]:
        """Layer by layer, time first, as torch's CPU kernel goes through them: it draws the same numbers."""
        rows = 2 if self.bidirectional else 1
        steps, ends = sequence.transpose(0, 1), []
        for layer, weights in enumerate(self._by_layer()):
            first = tuple(state[layer * rows : (layer + 1) * rows] for state in start)
            steps, end = self._layers(steps, first, weights, 1, batch_first=False)
            ends.append(end)
            if layer < self.num_layers - 1:
                steps = F.dropout(steps, self.dropout, self.training)
        return steps.transpose(0, 1), tuple(torch.cat(parts) for parts in zip(*ends, strict=True))

    def _run_masked(self, sequence: Tensor, start: States, mask: Tensor) -> tuple[Tensor, States]:
        """Layer by layer and direction by direction, each over the real steps, one after the other."""
        ways = [RealSteps(mask), RealSteps(mask, backward=True)][: 2 if self.bidirectional else 1]
        steps, ends, row = sequence, [], 0
        for layer, weights in enumerate(self._by_layer()):
            left = []
            for real, own in zip(ways, _halves(weights, len(ways)), strict=True):
                first = tuple(state[row : row + 1].contiguous() for state in start)
                made, end = self._way(real.front(steps), first, own, real)
                left.append(real.back(made))
                ends.append(end)
                row += 1
            steps = torch.cat(left, 2)
            if layer < self.num_layers - 1 and self.dropout:
                steps = F.dropout(steps, self.dropout, self.training)
        return steps, tuple(torch.stack(parts) for parts in zip(*ends, strict=True))

    def _way(
        self, steps: Tensor, first: States, weights: Sequence[Tensor], real: RealSteps
    ) -> tuple[Tensor, States]:
        """One layer in one direction over steps of which the real ones come first; states are (N, hidden).

        What comes behind them changes no step before. The state at the end is the last real step; the cell,
        which is no step, is held behind them where it is asked for: the input gate is shut and the forget
        gate open. Those weights are not laid out for cuDNN.
        """
        holds = self.mode == "LSTM" and self.states
        if holds:
            size = self.hidden_size
            gates = weights[0].new_zeros(4 * size, 1)
            gates[:size] = -_SHUT
            gates[size : 2 * size] = _SHUT
            weights = [torch.cat((weights[0], gates), 1), *weights[1:]]
            steps = torch.cat((steps, real.filled_up().unsqueeze(2).to(steps.dtype)), 2)
        with with_cudnn(not self.second_order and not holds):
            made, ends = self._layers(steps, first, weights, 1, batch_first=True, both_ways=False)
        return made, (real.last(made, first[0][0]), *(cell[0] for cell in ends[1:]))

    def _layers(
        self,
        sequence: Tensor,
        start: States,
        weights: Sequence[Tensor],
        layers: int,
        *,
        batch_first: bool,
        both_ways: bool | None = None,
    ) -> tuple[Tensor, States]:
        # no dropout inside: in training mode cuDNN's layers compute the same, and pass gradients
        training = self.training or (sequence.device.type != "cpu" and torch.is_grad_enabled())
        steps, *ends = getattr(torch, RUNS[self.mode])(
            sequence,
            start if self.mode == "LSTM" else start[0],
            weights,
            self.bias,
            layers,
            0.0,
            training,
            self.bidirectional if both_ways is None else both_ways,
            batch_first,
        )
        return steps, tuple(ends)

    def _zeros(self, sequence: Tensor) -> Tensor:
        rows = self.num_layers * (2 if self.bidirectional else 1)
        return sequence.new_zeros(rows, sequence.shape[0], self.hidden_size)

    def _leave(self, steps: Tensor, *carried: Tensor) -> Outputs:
        output = steps
        if self.last:
            # Of two directions each ends at its own side, so `steps[:, -1]` would be wrong for the second.
            output = torch.cat((carried[0][-2], carried[0][-1]), 1) if self.bidirectional else carried[0][-1]
        if not self.states:
            return output
        return (output, *(state.transpose(0, 1) for state in carried))


class RNN(_Recurrent, nn.RNN):
    """Elman's recurrent layer."""

    def forward(  # type: ignore[override]
        self, sequence: Tensor, state: Tensor | None = None, mask: Tensor | None = None
    ) -> Outputs:
        start = self._zeros(sequence) if state is None else _inward(state)
        steps, ends = self._run(sequence, (start,), mask)
        return self._leave(steps, *ends)


class GRU(_Recurrent, nn.GRU):
    """The gated recurrent unit."""

    def forward(  # type: ignore[override]
        self, sequence: Tensor, state: Tensor | None = None, mask: Tensor | None = None
    ) -> Outputs:
        start = self._zeros(sequence) if state is None else _inward(state)
        steps, ends = self._run(sequence, (start,), mask)
        return self._leave(steps, *ends)


class LSTM(_Recurrent, nn.LSTM):
    """Long short-term memory; a state without a cell starts from a cell of zeros, and the reverse."""

    def forward(  # type: ignore[override]
        self,
        sequence: Tensor,
        state: Tensor | None = None,
        cell: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Outputs:
        given = [None if one is None else _inward(one) for one in (state, cell)]
        start = tuple(self._zeros(sequence) if one is None else one for one in given)
        steps, ends = self._run(sequence, start, mask)
        return self._leave(steps, *ends)
