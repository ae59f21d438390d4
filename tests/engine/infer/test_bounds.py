"""Drawings that are too large are told so before work is done for them; problems are bounded in number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

import pytest

from engine.compile import compile, resolve  # noqa: A004
from engine.compile.error import CompileError
from engine.compile.step_plan import step_plan
from engine.document.project import Node, Project
from engine.document.storage import gallery
from engine.expand import expand, expansion
from engine.expand.site import Scope
from engine.expand.size import size_of
from engine.infer import infer, inference, work
from engine.infer.layer import CACHE, outcome_of
from engine.report import MOST_PROBLEMS
from nodes import registry
from nodes.spec import BatchDim, Role, TensorSpec
from tests.engine.resnet import graph, project_of, resnet152
from tests.engine.stacks import stack

PASS = {"inputs": ("x",), "outputs": ("y",)}


def placed(times: list[Any], **params: Any) -> Project:
    """Blocks in each other, repeated so many times, a ReLU in the innermost; `n` is a parameter of each."""
    inner = [Node("act", "relu")]
    wires = ["@in.x > act.input", "act.output > @out.y"]
    definitions = {"d0": graph(inner, wires, **PASS, parameters={"n": 2})}
    for level, repeat in enumerate(times[1:], 1):
        node = Node("in1", "block", {"definition": f"d{level - 1}", "repeat": repeat})
        wires = ["@in.x > in1.x", "in1.y > @out.y"]
        definitions[f"d{level}"] = graph([node], wires, **PASS, parameters={"n": 2})
    top = {"definition": f"d{len(times) - 1}", "repeat": times[0], **params}
    nodes = [Node("image", "noise"), Node("top", "block", top)]
    return project_of(nodes, ["image.output > top.x"], **definitions)


@pytest.mark.parametrize(
    "project",
    [
        placed([1]),
        placed([3, 4]),
        placed([3, "=n"], n=5),
        placed([3, "=2 + i"]),
        placed([2, "=n if i else 0", "=n * 3"], n=4),
        resnet152(),
        *(gallery.make(name) for name in ("diffusion-digits", "cyclegan-digits", "superres-gan")),
    ],
)
def test_the_size_is_counted_as_the_expansion_spends_it(project: Project) -> None:
    scope = cast(Scope, expand(project).scope)
    assert size_of(project) == sum(entry.spent for entry in scope.entries.values())


@pytest.mark.parametrize("times", [[999, 999], [99, 99, 99], [2] * 60, [10_000, "=i + 1", "=n"]])
def test_repeats_of_repeats_are_counted_and_not_written_out(times: list[Any], monkeypatch) -> None:
    monkeypatch.setattr(inference, "expand", lambda *_: pytest.fail("it was written out"))
    report = infer(placed(times))
    assert [problem.severity for problem in report.problems] == ["error"]
    assert "Expected at most 30,000 nodes once blocks are repeated." in report.problems[0].message
    assert step_plan(placed(times)).problem == report.problems[0].message


def test_the_count_is_told() -> None:
    [problem] = infer(placed([999, 999])).problems
    assert problem.received == f"{2 + 999 * (2 + 999 * 2):,}"
    assert infer(placed([2] * 60)).problems[0].received == "far more"


def test_what_may_be_trained_and_not_inferred_says_so(monkeypatch) -> None:
    monkeypatch.setattr(work, "MOST_NODES", 5)
    [problem] = infer(placed([2, 2])).problems
    assert problem.severity == "warning"
    assert "It can be trained" in problem.message


def test_training_refuses_what_is_too_large_in_a_sentence(monkeypatch) -> None:
    monkeypatch.setattr(resolve, "expand", lambda *_: pytest.fail("it was written out"))
    with pytest.raises(CompileError, match=r"at most 100,000 nodes once blocks are repeated\. Received 1,"):
        compile(placed([999, 999]))


# Many different layers --------------------------------------------------------------------------------------


@pytest.fixture
def little_work(monkeypatch):
    monkeypatch.setattr(work, "LEAST_EVALUATIONS", 3)
    monkeypatch.setattr(work, "MOST_SECONDS", 0)
    CACHE.clear()


def test_inference_ends_at_so_many_new_layers_and_the_next_goes_on(little_work) -> None:
    project = stack([1, 8, 8], *(("linear", {"out_features": size}) for size in range(2, 10)))
    counts: list[int] = []
    report = infer(project)
    for _ in range(5):
        counts.append(len(report.nodes))
        report = infer(project, report)
    assert counts == [4, 7, 9, 9, 9]
    assert not any("too large" in problem.message for problem in report.problems)


def test_it_says_so_and_what_is_known_is_right(little_work) -> None:
    project = stack([1, 8, 8], *(("linear", {"out_features": size}) for size in range(2, 10)))
    report = infer(project)
    [problem] = report.problems
    assert problem.severity == "warning"
    assert problem.received == "9 nodes, of which 4 are inferred so far"
    assert report.nodes["l2"].parameters == 3 * 4 + 4
    CACHE.clear()
    assert "9 nodes" in step_plan(project).problem


# Problems ---------------------------------------------------------------------------------------------------


def unknown(count: int) -> Mapping[str, Node]:
    return {f"n{place}": Node(f"n{place}", f"linera{place}") for place in range(count)}


def test_near_names_are_looked_for_a_few_times_only(monkeypatch) -> None:
    asked: list[str] = []
    real = registry.difflib.get_close_matches

    def noted(name: str, *rest: Any, **more: Any) -> list[str]:
        asked.append(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(registry.difflib, "get_close_matches", noted)
    report = infer(project_of([*unknown(300).values()], []))
    assert len(report.problems) == 300
    assert len(asked) <= 2 * expansion.MOST_HINTS
    assert report.problems[0].message.endswith("did you mean 'linear'?")
    assert [fix.title for fix in report.problems[0].fixes] == ["Replace with Linear"]
    assert report.problems[-1].message == "Unknown layer 'linera299'."


def test_a_report_lists_so_many_problems_and_counts_the_rest() -> None:
    report = infer(project_of([*unknown(MOST_PROBLEMS + 7).values()], []))
    assert len(report.problems) == MOST_PROBLEMS
    assert report.unlisted_problems == 7


def test_errors_are_listed_before_warnings_are() -> None:
    loose = [Node(f"a{place}", "relu") for place in range(MOST_PROBLEMS)]
    report = infer(project_of([*loose, Node("wrong", "unknown")], []))
    assert [problem.node for problem in report.errors] == ["wrong"]
    assert report.unlisted_problems == 1


def huge(entry: TensorSpec | tuple[TensorSpec, ...] | None, size: int) -> Any:
    """The same with every size of a sample replaced."""
    if isinstance(entry, tuple):
        return tuple(huge(one, size) for one in entry)
    return entry and TensorSpec((BatchDim(), *[size] * (entry.rank - 1)), entry.dtype, entry.classes)


@pytest.mark.parametrize("size", [2**20, 2**31 - 1])
def test_sizes_beyond_any_memory_are_refused_in_a_sentence(size: int) -> None:
    computing = (Role.MODULE, Role.LOSS, Role.METRIC)
    layers = [made for kind in registry.REGISTRY if (made := registry.REGISTRY.make(kind)).role in computing]
    assert len(layers) > 100
    faults = {
        layer.type: outcome_of(layer, tuple(huge(one, size) for one in layer.example_inputs())).fault
        for layer in layers
    }
    said = {kind: fault.message for kind, fault in faults.items() if fault is not None}
    assert not {kind: text for kind, text in said.items() if not re.search("Expected .+ Received .+", text)}
    assert "inputs and parameters whose values a memory can hold" in said["conv3d"]
