"""What inference found in a drawing: shapes, costs, problems and their fixes. Values only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.document.project import MAIN, Project
from nodes.shown_text import shown_lines
from nodes.spec import TensorSpec

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo

Edit = Callable[[Project], Project]


@dataclass(frozen=True)
class Fix:
    """A one-click fix. `title` is a verb phrase: "Insert Flatten", "Set padding to 1"."""

    title: str
    edit: Edit


@dataclass(frozen=True)
class Problem:
    """A problem: what is wrong, where, and how to fix it.

    `graph` and `node` locate it; `path` is the full path of the copy that shows it (`stage3.0.conv2`).
    `severity` is "error" (the node cannot run) or "warning". The words may quote a stranger's: they are
    bounded and have no characters that move or hide others.
    """

    graph: str
    node: str
    path: str
    message: str
    port: str | None = None
    severity: str = "error"
    expected: str = ""
    received: str = ""
    arithmetic: str = ""
    fixes: tuple[Fix, ...] = ()

    def __post_init__(self) -> None:
        for name in ("message", "expected", "received", "arithmetic"):
            words = getattr(self, name)
            if (bounded := shown_lines(words)) is not words:
                object.__setattr__(self, name, bounded)

    def below(self, heading: str) -> str:
        """The message without the title of the layer, for use below a heading that names it."""
        return self.message.removeprefix(f"{heading}: ")


def once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem of a definition once, at the first path, for any number of copies."""
    found: dict[tuple[str, str, str | None, str], Problem] = {}
    for problem in problems:
        key = (problem.graph, problem.node, problem.port, problem.message)
        known = found.get(key)
        if known is None or (len(problem.path), problem.path) < (len(known.path), known.path):
            found[key] = problem
    return tuple(found.values())


MOST_PROBLEMS = 1000
"""The most problems that a report lists; the rest is counted."""


def first_problems(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """At most `MOST_PROBLEMS` of them in their order; errors are left out last."""
    if len(problems) <= MOST_PROBLEMS:
        return problems
    ranked = sorted(range(len(problems)), key=lambda place: problems[place].severity != "error")
    return tuple(problems[place] for place in sorted(ranked[:MOST_PROBLEMS]))


def by_node(problems: Iterable[Problem], graph: str, path: str) -> dict[str, tuple[Problem, ...]]:
    """The problems of each node of a graph at `path`, including those inside placements.

    Those from inside a placement name the inner path and have no port.
    """
    found: dict[str, list[Problem]] = {}
    prefix = f"{path}." if path else ""
    for problem in problems:
        if problem.graph == graph:
            found.setdefault(problem.node, []).append(problem)
        elif (path or graph == MAIN) and problem.path.startswith(prefix):
            node, _, inner = problem.path.removeprefix(prefix).partition(".")
            moved = replace(
                problem, port=None, message=f"{inner}: {problem.message}" if inner else problem.message
            )
            found.setdefault(node, []).append(moved)
    return {node: tuple(held) for node, held in found.items()}


@dataclass(frozen=True)
class PlaneReport:
    """What a node has to do with points of a line or of a plane.

    It is computed from points of `over` numbers (1 or 2; 0: from none). `has_loss`: a loss depends on its
    value. `has_real`: a network is shown its points in turn with points of a data set.
    """

    over: int = 0
    has_loss: bool = False
    has_real: bool = False


@dataclass(frozen=True)
class NodeReport:
    """Shapes and cost of one node (of a block: of all its repetitions). Costs are per sample.

    `parameters` counts trainable and frozen weights; `activation_bytes` are those of its outputs for one
    sample.
    """

    inputs: dict[str, tuple[TensorSpec, ...]] = field(default_factory=dict)
    outputs: dict[str, TensorSpec] = field(default_factory=dict)
    parameters: int = 0
    multiply_adds: int = 0
    activation_bytes: int = 0
    arithmetic: str = ""
    weights: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """Names and shapes of the tensors that the drawing can give values to."""
    data: DataInfo | None = None
    """What is known of the data set of a source."""
    changed: str = ""
    """How the files of a source differ from what they were when it was added, as a sentence."""
    plane: PlaneReport | None = None
    has_classes: bool = False
    """Of an output: whether a loss compares it with classes."""
    """Of a node that is computed from one or two numbers, or gives two."""

    @property
    def flops(self) -> int:
        """Floating-point operations per sample: two per multiply-add."""
        return 2 * self.multiply_adds


@dataclass(frozen=True)
class Report:
    """Inference of a whole project. `nodes` is keyed by path in the drawing ("conv1", "stage3.0.conv2").

    For a repeated block there are entries of the first and second copy; the others equal the second. Nodes
    that could not be inferred are missing from `nodes` and named in `problems`.
    """

    nodes: dict[str, NodeReport] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unlisted_problems: int = 0
    """How many more problems there are than those that are listed."""
    parameters: int = 0
    trainable_parameters: int = 0
    multiply_adds: int = 0
    training_bytes: int = 0
    """Estimated memory of training at the project's batch size: weights, gradients, optimiser, outputs."""
    outputs: dict[str, TensorSpec] = field(default_factory=dict)
    """Named outputs of the drawing."""

    @property
    def flops(self) -> int:
        """Floating-point operations per sample: two per multiply-add."""
        return 2 * self.multiply_adds

    @property
    def problem_count(self) -> int:
        """All problems, listed or not."""
        return len(self.problems) + self.unlisted_problems

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")
