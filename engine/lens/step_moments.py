"""One training step as it is shown in slow motion: its five stages, and the moments that they consist of.

Imports no torch, so that a window may know them before a network is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Stage(Enum):
    """The five stages of a training step, by what happens in them."""

    FEED = "Feed"
    WEIGH = "Weigh"
    FORWARD = "Forward"
    ERROR = "Error"
    BACK = "Back-propagate"


@dataclass(frozen=True)
class Moment:
    """One picture of the step. `nodes` are lit; `numbers` stand beside nodes, by path, as text.

    `into`: the wires into these nodes are lit; else the wires that leave them, against which gradients flow.
    """

    stage: Stage
    objective: str
    nodes: tuple[str, ...]
    numbers: Mapping[str, str]
    sentence: str
    into: bool = True
    within: frozenset[str] = frozenset()
    """The nodes that the objective depends on; only wires between them are lit."""
