"""Torch's recurrent layers with the batch first everywhere, states included, and a choice of what leaves.

The weights keep torch's names. States are (N, layers · directions, hidden), where torch has the batch second.
Three limits of cuDNN are kept away from: it passes gradients in training mode only, it cannot be
differentiated twice, and its dropout between layers draws from a state of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.modules.devices.cudnn import with_cudnn
from nodes.torch_internals import flat_weights, flatten_layer

Outputs = Tensor | tuple[Tensor, ...]
States = tuple[Tensor, ...]
RUNS = {"LSTM": "lstm", "GRU": "gru", "RNN_TANH": "rnn_tanh", "RNN_RELU": "rnn_relu"}
"""Torch's functions by the modes of its modules."""
OF_LAYER = ("input_size", "hidden_size", "mode", "bias", "batch_first", "bidirectional", "proj_size")
"""What one layer of a stack has in common with the whole."""


def _inward(state: Tensor) -> Tensor:
    """(N, rows, hidden) or (N, hidden) to torch's (rows, N, hidden)."""
    rows = state.unsqueeze(1) if state.dim() == 2 else state
    return rows.transpose(0, 1).contiguous()


class _Recurrent(nn.RNNBase):
    """What the layers share: how torch's functions are called, and what leaves.

    `second_order` is set where gradients are differentiated again, which torch's own kernels can.
    """

    def __init__(self, *args: Any, last: bool, states: bool, **kwargs: Any) -> None:
        kwargs["batch_first"] = True
        super().__init__(*args, **kwargs)
        self.last, self.states = last, states
        self.second_order = False

    @property
    def is_stacked(self) -> bool:
        """Whether the layers are called one by one, with dropout between them that draws as all layers do."""
        return bool(self.num_layers > 1 and self.dropout)

    def flatten_parameters(self) -> None:
        """Lay the weights out for cuDNN: together, or layer by layer where they are called so."""
        if not self.is_stacked:
            super().flatten_parameters()
            return
        for i, weights in enumerate(self._by_layer()):
            about = {name: getattr(self, name) for name in OF_LAYER}
            if i:
                about["input_size"] = self.hidden_size * (2 if self.bidirectional else 1)
            flatten_layer(weights, **about)

    def _by_layer(self) -> list[list[Tensor]]:
        weights = flat_weights(self)
        each = len(weights) // self.num_layers
        return [weights[i : i + each] for i in range(0, len(weights), each)]

    def _run(self, sequence: Tensor, start: States) -> tuple[Tensor, States]:
        """(steps, states at the end) of a sequence (N, time, features), from states as torch has them."""
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

    def _layers(
        self, sequence: Tensor, start: States, weights: Sequence[Tensor], layers: int, *, batch_first: bool
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
            self.bidirectional,
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

    def forward(self, sequence: Tensor, state: Tensor | None = None) -> Outputs:  # type: ignore[override]
        start = self._zeros(sequence) if state is None else _inward(state)
        steps, ends = self._run(sequence, (start,))
        return self._leave(steps, *ends)


class GRU(_Recurrent, nn.GRU):
    """The gated recurrent unit."""

    def forward(self, sequence: Tensor, state: Tensor | None = None) -> Outputs:  # type: ignore[override]
        start = self._zeros(sequence) if state is None else _inward(state)
        steps, ends = self._run(sequence, (start,))
        return self._leave(steps, *ends)


class LSTM(_Recurrent, nn.LSTM):
    """Long short-term memory; a state without a cell starts from a cell of zeros, and the reverse."""

    def forward(  # type: ignore[override]
        self, sequence: Tensor, state: Tensor | None = None, cell: Tensor | None = None
    ) -> Outputs:
        given = [None if one is None else _inward(one) for one in (state, cell)]
        start = tuple(self._zeros(sequence) if one is None else one for one in given)
        steps, ends = self._run(sequence, start)
        return self._leave(steps, *ends)
