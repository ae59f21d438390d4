"""What inference finds of one layer on certain inputs: its report, or its fault. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.expand.flat import FlatNode
from engine.report import NodeReport
from nodes.spec import ProposedFix


@dataclass(frozen=True, slots=True)
class LayerFault:
    """Why a layer does not accept its inputs. `wire` is the index among the wires of a variadic port."""

    message: str
    expected: str = ""
    received: str = ""
    port: str | None = None
    arithmetic: str = ""
    fixes: tuple[ProposedFix, ...] = ()
    wire: int = 0
    inner: FlatNode | None = None
    """The layer inside a scan that has the fault."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one layer on certain inputs: its report, or the fault.

    `weights` are the names and shapes of its parameters; `kept_bytes` is what the backward pass of one sample
    needs beside inputs and outputs.
    """

    report: NodeReport
    weights: tuple[tuple[str, tuple[int, ...]], ...] = ()
    weight_bytes: int = 0
    kept_bytes: int = 0
    fault: LayerFault | None = None
    held: tuple[str, ...] = ()
    """The names of its parameters that are frozen inside it."""
    calls: int = 1
    """How many layers one forward pass calls."""
    inside: Mapping[str, Outcome] = field(default_factory=dict)
    """Of a scan, the outcomes of one step by path: of the layers inside, and of what enters."""
