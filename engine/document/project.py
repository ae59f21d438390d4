"""The project value: all of it is frozen. An edit makes a new value that shares what it did not change.

Dicts are never changed in place; an edit copies the one that it changes. A definition is a graph other than
`main`, placed by nodes of layer `block` or `network`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from engine.document.lesson import Lesson

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


class Wire(msgspec.Struct, frozen=True, gc=False, order=True, forbid_unknown_fields=True, omit_defaults=True):
    """From an output port to an input port. `order` ranks the wires that enter one variadic port."""

    source: End
    target: End
    order: int = 0


class Node(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """One layer on a graph. `id` is its name in the graph and its segment of the state-dict path.

    `params` holds what was set, defaults left out. A string that starts with "=" is an expression over the
    definition's parameters and the repeat index `i`, e.g. "=stride if i == 0 else 1"; so may be items of a
    list. `when` is an expression too: where it is false, the node is bypassed; empty: it is always there.
    """

    id: str
    layer: str
    params: dict[str, Any] = {}
    bypassed: bool = False
    frozen: bool = False
    when: str = ""


class Point(NamedTuple):
    """A position on the canvas, in pixels at 100 % zoom."""

    x: float
    y: float


class Frame(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A titled rectangle behind nodes; it has no effect on training."""

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
    """Positions, frames and notes; kept apart from nodes and wires, so
    that moving a node recomputes nothing.
    """

    positions: dict[str, Point] = {}
    frames: dict[str, Frame] = {}
    notes: dict[str, Note] = {}


class PixelSize(NamedTuple):
    """Width and height on screen, in pixels at 100 % zoom; 0: as it comes."""

    width: int = 0
    height: int = 0


class PixelPlace(NamedTuple):
    """A place on the screens, in pixels; the origin: where there is room."""

    x: int = 0
    y: int = 0


IN_NODE, IN_PANEL, IN_WINDOW = "node", "panel", "window"
"""Where a pinned lens is shown."""
LENS_PLACES = (IN_NODE, IN_PANEL, IN_WINDOW)


class LensPin(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A lens that the user pinned: its kind, its target (a node path) and its options.

    It is shown inside the node (`place` is "node"), as a card of the Lenses panel ("panel") or in a window of
    its own ("window"). Cards and windows are pinned in main, by the whole path of the node, in their order.
    `sample` is which of the pinned samples they show, `size` how large they are and `corner` where the window
    stands on the screens.
    """

    kind: str
    target: str
    options: dict[str, Any] = {}
    place: str = IN_NODE
    sample: int = 0
    size: PixelSize = PixelSize()
    corner: PixelPlace = PixelPlace()


class ParameterInfo(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a definition says of a parameter beside its default: help, a range, choices of a text."""

    name: str
    help: str = ""
    min: float | None = None
    max: float | None = None
    choices: tuple[str, ...] = ()


class Graph(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, weakref=True):
    """Nodes and wires.

    A definition also names its border (`inputs`, `outputs`) and its `parameters` with their defaults, of
    which `parameter_info` says more, in their order.
    """

    nodes: dict[str, Node] = {}
    wires: tuple[Wire, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    parameters: dict[str, Any] = {}
    layout: Layout = Layout()
    lenses: tuple[LensPin, ...] = ()
    parameter_info: tuple[ParameterInfo, ...] = ()
    origin: str = ""
    """Of a definition from the user's own blocks: its file and a fingerprint, as `Part@0123456789abcdef`."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Settings of the runs of this project. Batch size is in samples; `device` is auto, cpu, cuda, cuda:1,
    mps …
    """

    epochs: int = 10
    batch_size: int = 64
    seed: int = 0
    device: str = "auto"
    precision: str = "float32"
    """How products are computed: float32, bfloat16 (mixed precision) or tf32 (rounded inputs, on CUDA)."""
    deterministic: bool = True
    """Take kernels that add up in the same order every time, also where others are faster."""
    cuda_graphs: str = "auto"
    """Capture training steps as CUDA graphs: "auto" or "off"."""
    early_stopping: int = 0
    """End after this many epochs without a better validation loss (or Best by); 0: never."""
    best_by: str = ""
    """Path of the objective or metric that chooses the best weights; empty: the only objective's loss."""
    run_in: str = "thread"
    """Where a run of the window runs: "thread", or "process" for a separate process."""
    checkpoint_epochs: int = 0
    """Keep an additional checkpoint every so many epochs; 0: none."""
    checkpoint_steps: int = 0
    """The same by steps."""
    tensorboard: bool = False
    """Write TensorBoard event files too."""


class Project(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, weakref=True):
    """Everything that is saved: graphs by name (`main` and the definitions), the settings and the lesson."""

    name: str = "Untitled"
    graphs: dict[str, Graph] = msgspec.field(default_factory=lambda: {MAIN: Graph()})
    settings: Settings = Settings()
    format: int = FORMAT
    lesson: Lesson = Lesson()

    @property
    def main(self) -> Graph:
        return self.graphs[MAIN]
