"""Recurrent layers: read a sequence (N, time, features) step by step and carry a state along."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from nodes.param import Bool, Choice, Float, Int
from nodes.shared import card_label, given_weights
from nodes.shared.masks import check_step_mask, mask_fixes, step_mask_port
from nodes.shared.sliding_window import tensor
from nodes.spec import Family, Inputs, InsertBefore, Layer, LayerError, Port, ProposedFix, TensorSpec, known

if TYPE_CHECKING:
    from torch import nn

_SEQUENCE = Port("input", "sequences (N, time, features)", ranks=(3,))
_STATE = "layers · directions, hidden"
_MASK = step_mask_port()


def _side(name: str, what: str) -> Port:
    return Port(name, f"{what} (N, {_STATE}), or (N, hidden)", ranks=(3, 2), optional=True, side=True)


class Recurrent(Layer):
    """What recurrent layers share."""

    abstract = True
    family = Family.RECURRENT
    inputs: ClassVar[tuple[Port, ...]] = (_SEQUENCE, _side("state", "state at the start"), _MASK)
    outputs = (Port("output", "(N, time, hidden), or (N, hidden) of the end"),)
    gates: ClassVar[int] = 1
    module: ClassVar[str]
    carried: ClassVar[tuple[str, ...]] = ("state",)

    hidden_size = Int(64, min=1, max=1 << 16, help="Length of the state, and of what leaves at each step.")
    num_layers = Int(1, min=1, max=64, label="Layers", help="Each reads what the one below says.")
    bidirectional = Bool(False, help="Read from both ends; what leaves is twice as long.")
    output = Choice(
        "sequence", choices=("sequence", "last"), help="What leaves: every step, or the state at the end."
    )
    states = Bool(False, help="Hand the state at the end out, to start another layer with it.")
    dropout = Float(0.0, min=0.0, max=1.0, advanced=True, help="Share dropped between layers while training.")
    bias = Bool(True, advanced=True, help="Add learned constants.")
    given = given_weights.given_param()

    @property
    def rows(self) -> int:
        """How many states there are: layers · directions."""
        return self.num_layers * (2 if self.bidirectional else 1)

    def output_ports(self) -> tuple[Port, ...]:
        if not self.states:
            return self.outputs
        return (*self.outputs, *(Port(name, f"(N, {_STATE})", side=True) for name in self.carried))

    def build(self, sequence: TensorSpec, *states: TensorSpec | None) -> nn.Module:
        from nodes.modules import recurrent

        made: nn.Module = getattr(recurrent, self.module)(
            known(sequence.shape[2]),
            self.hidden_size,
            self.num_layers,
            bias=self.bias,
            dropout=self.dropout if self.num_layers > 1 else 0.0,
            bidirectional=self.bidirectional,
            last=self.output == "last",
            states=self.states,
            masked=self._mask_of(states) is not None,
            **self.extra(),
        )
        return made

    def _mask_of(self, rest: tuple[TensorSpec | None, ...]) -> TensorSpec | None:
        """The mask among what enters beside the sequence: behind the states."""
        return rest[len(self.carried)] if len(rest) > len(self.carried) else None

    def extra(self) -> dict[str, str]:
        """Further arguments of the module."""
        return {}

    def check(self, sequence: TensorSpec, *states: TensorSpec | None) -> None:
        for name, state in zip(self.carried, states, strict=False):
            if state is None:
                continue
            wanted: tuple[int, ...] = (self.rows, self.hidden_size)
            row = state.rank == 2 and self.rows == 1 and state.features == wanted[1:]
            if not row and state.features != wanted:
                expected = f"a {name} of N×{card_label.by(wanted)} (layers · directions, hidden)"
                raise LayerError(expected, f"{state}", port=name)
        check_step_mask(self._mask_of(states), sequence)

    def port_fixes(self, port: Port, spec: TensorSpec) -> tuple[ProposedFix, ...]:
        if port.name == "mask":
            return mask_fixes(port, spec)
        if port.name != "input" or not spec.is_float:
            return super().port_fixes(port, spec)
        sizes = [known(size) for size in spec.features]
        if spec.rank == 2:  # a series of single values
            return (InsertBefore("reshape", {"shape": [sizes[0], 1]}),)
        if spec.rank == 4 and sizes[0] == 1:  # an image in grey is read row by row
            return (InsertBefore("reshape", {"shape": sizes[1:]}),)
        if spec.rank > 3:
            return (InsertBefore("flatten", {"start": 2}),)
        return ()

    def card_label(self) -> str:
        return card_label.line(
            str(self.hidden_size),
            f"{self.num_layers} layers" if self.num_layers > 1 else "",
            "both ways" if self.bidirectional else "",
            "last" if self.output == "last" else "",
        )

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        size, hidden = known(tensor(inputs).shape[2]), self.hidden_size
        if self.rows > 1:
            return f"2·{hidden} = {2 * hidden}" if self.bidirectional else ""
        gates = f"{self.gates}·" if self.gates > 1 else ""
        bias = " + 2" if self.bias else ""
        total = self.gates * hidden * (size + hidden + (2 if self.bias else 0))
        return f"{gates}{hidden}·({size} + {hidden}{bias}) = {total:,} weights"


class RNN(Recurrent):
    """Mixes each step's input with its own last state: h_t = tanh(W x_t + U h_{t−1} + b).

    Input `(N, time, features)`, output `(N, time, hidden)` or, of the end, `(N, hidden)`. With a mask `(N,
    time)` steps where it is 0 are passed over: the state holds, and zeros leave. From Elman (1990), Finding
    structure in time.
    """

    type = "rnn"
    module = "RNN"
    aliases = ("recurrent", "elman", "vanilla", "sequence", "time series")

    nonlinearity = Choice("tanh", choices=("tanh", "relu"), advanced=True, help="Activation of the state.")

    def extra(self) -> dict[str, str]:
        return {"nonlinearity": self.nonlinearity}


class LSTM(Recurrent):
    """A recurrent layer with a cell that gates write, keep and read: remembers over long times.

    Input `(N, time, features)`, output `(N, time, hidden)` or, of the end, `(N, hidden)`. With a mask `(N,
    time)` steps where it is 0 are passed over: state and cell hold, and zeros leave. From Hochreiter and
    Schmidhuber (1997); the forget gate from Gers et al. (2000).
    """

    type = "lstm"
    module = "LSTM"
    aliases = ("recurrent", "long short-term memory", "gates", "sequence", "time series", "rnn")
    gates = 4
    carried = ("state", "cell")
    inputs = (_SEQUENCE, _side("state", "state at the start"), _side("cell", "cell at the start"), _MASK)


class GRU(Recurrent):
    """A recurrent layer with two gates and no separate cell: nearly an LSTM with fewer weights.

    Input `(N, time, features)`, output `(N, time, hidden)` or, of the end, `(N, hidden)`. With a mask `(N,
    time)` steps where it is 0 are passed over: the state holds, and zeros leave. From Cho et al. (2014).
    """

    type = "gru"
    module = "GRU"
    aliases = ("recurrent", "gated recurrent unit", "gates", "sequence", "time series", "rnn")
    gates = 3
