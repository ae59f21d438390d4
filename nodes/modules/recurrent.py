"""Torch's recurrent layers with the batch first everywhere, states included, and a choice of what leaves.

The weights keep torch's names. States are (N, layers · directions, hidden), where torch has the batch second.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

Outputs = Tensor | tuple[Tensor, ...]


def _inward(state: Tensor) -> Tensor:
    """(N, rows, hidden) or (N, hidden) to torch's (rows, N, hidden)."""
    rows = state.unsqueeze(1) if state.dim() == 2 else state
    return rows.transpose(0, 1).contiguous()


class _Leaving(nn.Module):
    """What leaves: the steps or the end, and the states where asked for."""

    def __init__(self, *args: Any, last: bool, states: bool, **kwargs: Any) -> None:
        super().__init__(*args, batch_first=True, **kwargs)
        self.last, self.states = last, states

    def _leave(self, steps: Tensor, *carried: Tensor) -> Outputs:
        output = steps
        if self.last:
            # Of two directions each ends at its own side, so `steps[:, -1]` would be wrong for the second.
            output = torch.cat((carried[0][-2], carried[0][-1]), 1) if self.bidirectional else carried[0][-1]
        if not self.states:
            return output
        return (output, *(state.transpose(0, 1) for state in carried))


class RNN(_Leaving, nn.RNN):
    """Elman's recurrent layer."""

    def forward(self, sequence: Tensor, state: Tensor | None = None) -> Outputs:  # type: ignore[override]
        steps, end = nn.RNN.forward(self, sequence, None if state is None else _inward(state))
        return self._leave(steps, end)


class GRU(_Leaving, nn.GRU):
    """The gated recurrent unit."""

    def forward(self, sequence: Tensor, state: Tensor | None = None) -> Outputs:  # type: ignore[override]
        steps, end = nn.GRU.forward(self, sequence, None if state is None else _inward(state))
        return self._leave(steps, end)


class LSTM(_Leaving, nn.LSTM):
    """Long short-term memory; a state without a cell starts from a cell of zeros, and the reverse."""

    def forward(  # type: ignore[override]
        self, sequence: Tensor, state: Tensor | None = None, cell: Tensor | None = None
    ) -> Outputs:
        given = state if state is not None else cell
        start = None
        if given is not None:
            zeros = torch.zeros_like(given)
            start = (_inward(zeros if state is None else state), _inward(zeros if cell is None else cell))
        steps, (end, end_cell) = nn.LSTM.forward(self, sequence, start)
        return self._leave(steps, end, end_cell)
