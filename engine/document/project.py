"""The value: a project and all in it, frozen. An edit makes a new one that shares what it did not touch.

Knows nothing of files, history, torch or Qt. The dicts inside are never changed in place; `edits` copies the
one it changes. A definition is a graph other than `main`, placed by nodes of layer `block` or `network`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

FORMAT = 2
MAIN = "main"
INPUT = "@in"
"""Node id of a definition's border on the input side: wires start there, port = input name."""
OUTPUT = "@out"
"""Node id of a definition's border on the output side: wires end there, port = output name."""


class End(NamedTuple):
    """One end of a wire: a port of a node."""

    node: str
    port: str


class Wire(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True, omit_defaults=True):
    """From an output port to an input port. `order` ranks the wires that enter one variadic port."""

    source: End
    target: End
    order: int = 0


class Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One layer on a graph. `id` is its name in the graph and its segment of the state-dict path.

    `params` holds what was set, defaults left out. A string that starts with "=" is an expression over the
    definition's parameters and the repeat index `i`, e.g. "=stride if i == 0 else 1".
    """

    id: str
    layer: str
    params: dict[str, Any] = {}
    bypassed: bool = False
    frozen: bool = False


class Point(NamedTuple):
    """A place on the canvas, in pixels at 100 %."""

    x: float
    y: float


class Frame(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A titled rectangle behind nodes, for the reader's eye only."""

    title: str
    x: float
    y: float
    width: float
    height: float


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A text on the canvas."""

    text: str
    x: float
    y: float
    width: float = 240.0


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where things stand; kept apart from nodes and wires, so that moving recomputes nothing."""

    positions: dict[str, Point] = {}
    frames: dict[str, Frame] = {}
    notes: dict[str, Note] = {}


class LensPin(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A lens that the user attached: its kind, what it looks at (a path in the drawing) and its options."""

    kind: str
    target: str
    options: dict[str, Any] = {}


class Graph(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, weakref=True):
    """Nodes and wires.

    A definition also names its border (`inputs`, `outputs`) and its `parameters` with their defaults.
    """

    nodes: dict[str, Node] = {}
    wires: tuple[Wire, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    parameters: dict[str, Any] = {}
    layout: Layout = Layout()
    lenses: tuple[LensPin, ...] = ()


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a run of this project goes. Batch size is in samples; `device` is auto, cpu, cuda, cuda:1, mps …"""

    epochs: int = 10
    batch_size: int = 64
    seed: int = 0
    device: str = "auto"
    precision: str = "float32"
    early_stopping: int = 0
    """End after this many epochs without a better validation loss (or Best by); 0: never."""
    best_by: str = ""
    """Path of the objective or metric that chooses the best weights; empty: the only objective's loss."""
    run_in: str = "thread"
    """Where a run of the window lives: "thread", or "process" for one of its own."""
    checkpoint_epochs: int = 0
    """Keep a checkpoint of its own every so many epochs, beside the last and the best; 0: none."""
    checkpoint_steps: int = 0
    """The same by steps."""
    tensorboard: bool = False
    """Write TensorBoard event files beside the run's own."""


class Project(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, weakref=True):
    """Everything that is saved: graphs by name (`main` and the definitions) and the settings."""

    name: str = "Untitled"
    graphs: dict[str, Graph] = msgspec.field(default_factory=lambda: {MAIN: Graph()})
    settings: Settings = Settings()
    format: int = FORMAT

    @property
    def main(self) -> Graph:
        return self.graphs[MAIN]
