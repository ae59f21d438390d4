"""A definition placed over time: which of its inputs are sequences, states and constants, and the ports
that follow.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from nodes.layers.structure import Placement
from nodes.param import Bool, Float, Int, ParamError, Text
from nodes.spec import Family, Layer, Port

MOST_STEPS = 100_000
"""The most steps of one scan."""
LENGTHS = "lengths"


class Scan(Placement):
    """A definition run step by step over time, its states wired back: an RNN drawn from its gates.

    Sequences `(N, T, …)` enter the definition as steps `(N, …)`. An input that has the name of an output is a
    state: it enters with what that output was one step before, at first with what is wired to it here, else
    with zeros. Each output leaves as a sequence `(N, T, …)`; the last value of a state `h` leaves as
    `last_h`. One set of weights serves all steps.
    """

    aliases = ("over time", "loop", "recurrent", "recurrence", "rnn", "cell", "unroll", "for each step")

    states = Text(
        "",
        empty="as the outputs",
        help="Inputs that are states, as in `h, c: new_c`; empty: those named like an output.",
    )
    constants = Text("", empty="none", help="Inputs that are the same at every step, as in `context`.")
    taught = Text(
        "",
        empty="none",
        advanced=True,
        help="States that read their true values while training: each gets a port, as `h_target`.",
    )
    teacher_forcing = Float(
        1.0,
        min=0.0,
        max=1.0,
        advanced=True,
        help="Share of the steps at which taught states read the true value while training.",
    )
    steps = Int(
        0,
        min=0,
        max=MOST_STEPS,
        zero="as the sequences",
        help="How many steps it runs where no sequence enters.",
    )
    reverse = Bool(False, help="Read from the end to the start; what leaves stays in the order of time.")
    lengths = Bool(
        False,
        advanced=True,
        help="Add a port for the length of each sample, or a mask (N, T): after it states stay, 0 leaves.",
    )


class ScanBorder(msgspec.Struct, frozen=True):
    """What each input of the definition of a scan is. `states` are pairs of an input and an output."""

    sequences: tuple[str, ...]
    constants: tuple[str, ...]
    states: tuple[tuple[str, str], ...]
    taught: tuple[str, ...]
    outputs: tuple[str, ...]
    has_lengths: bool

    @property
    def state_names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.states)

    def input_ports(self) -> tuple[Port, ...]:
        """Sequences, constants, first values of states, true values of taught states, lengths."""
        ports = [Port(name, "sequence (N, T, …)", dtype="any") for name in self.sequences]
        ports += [Port(name, "the same at every step (N, …)", dtype="any") for name in self.constants]
        ports += [
            Port(name, "first value of the state (N, …); zeros without a wire", dtype="any", optional=True,
                 side=True)
            for name in self.state_names
        ]  # fmt: skip
        ports += [
            Port(target_port(name), f"true values of {name} (N, T, …)", dtype="any", optional=True, side=True)
            for name in self.taught
        ]
        if self.has_lengths:
            what = "steps of each sample (N), or a mask (N, T) that is 0 where there is none"
            ports.append(Port(LENGTHS, what, dtype="any", ranks=(1, 2), side=True))
        return tuple(ports)

    def output_ports(self) -> tuple[Port, ...]:
        """Every output as a sequence, then the last values of the states."""
        ports = [Port(name, "sequence (N, T, …)", dtype="any") for name in self.outputs]
        return (
            *ports,
            *(Port(last_port(name), "at the end", dtype="any", side=True) for name in self.state_names),
        )


class OverTime(Layer):
    """What a scan is once its definition is written out: one layer, whose ports follow from its border."""

    abstract = True
    family = Family.STRUCTURE
    inputs = ()
    outputs = ()
    border: ScanBorder

    def input_ports(self) -> tuple[Port, ...]:
        return self.border.input_ports()

    def output_ports(self) -> tuple[Port, ...]:
        return self.border.output_ports()


def target_port(state: str) -> str:
    """The port of the true values of a taught state."""
    return f"{state}_target"


def last_port(state: str) -> str:
    """The port of the last value of a state."""
    return f"last_{state}"


def scan_border(scan: Scan, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> ScanBorder:
    """What the inputs of a definition with this border are. Raises `ParamError` for names that it lacks."""
    states = _states(scan, inputs, outputs)
    names = {name for name, _ in states}
    constants = _listed("constants", scan.constants, [name for name in inputs if name not in names])
    taught = _listed("taught", scan.taught, names)
    sequences = tuple(name for name in inputs if name not in names and name not in constants)
    border = ScanBorder(sequences, constants, states, taught, outputs, scan.lengths)
    for ports in (border.input_ports(), border.output_ports()):
        _check_unique([port.name for port in ports])
    return border


def _states(scan: Scan, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    if not scan.states.strip():
        return tuple((name, name) for name in inputs if name in outputs)
    found: dict[str, str] = {}
    for pair in _parts(scan.states):
        name, _, output = (part.strip() for part in pair.partition(":"))
        if name not in inputs:
            raise ParamError("states", _one_of("an input", inputs), repr(name))
        if (output or name) not in outputs:
            raise ParamError(
                "states", _one_of(f"an output that becomes {name}", outputs), repr(output or name)
            )
        found[name] = output or name
    return tuple((name, found[name]) for name in inputs if name in found)


def _listed(param: str, text: str, known: Iterable[str]) -> tuple[str, ...]:
    known = list(known)
    for name in _parts(text):
        if name not in known:
            kind = "a state" if param == "taught" else "an input that is no state"
            raise ParamError(param, _one_of(kind, known), repr(name))
    return tuple(dict.fromkeys(_parts(text)))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _one_of(kind: str, names: Iterable[str]) -> str:
    return f"{kind} of the definition ({', '.join(names) or 'there is none'})"


def _check_unique(names: list[str]) -> None:
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise ParamError(
            "definition", "a border whose names differ from the ports that a scan adds", repr(twice)
        )
