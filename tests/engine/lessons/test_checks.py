"""Checks of lessons look at drawings and runs, say what is there, and never fail whatever a file says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.document import edits
from engine.document.edits.lesson import add_step, change_step, move_step, remove_step
from engine.document.lesson import Lesson, LessonCheck, LessonStep
from engine.document.project import MAIN, Project
from engine.document.storage.file import ProjectFileError, from_bytes, to_bytes
from engine.document.storage.gallery import make
from engine.infer import infer
from engine.lessons.check import CheckOutcome, RunFacts, Situation
from engine.lessons.registry import checks, outcomes

LENET = make("lenet5-fashion")
REPORT = infer(LENET)
WORDS = st.text(max_size=30)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS, st.lists(st.integers()))


def outcome(kind: str, run: RunFacts | None = None, answer: str = "", **values: Any) -> CheckOutcome:
    step = LessonStep("", checks=(LessonCheck(kind, values),))
    return outcomes(step, Situation(LENET, REPORT, run or RunFacts(), {0: answer}))[0]


@pytest.mark.parametrize(
    ("kind", "values", "sentence"),
    [
        ("layers", {"layer": "conv2d", "count": 2}, "The drawing has 2 Conv2d nodes."),
        ("layers", {"layer": "relu"}, "Expected at least 1 ReLU node. Received no ReLU node."),
        ("wire", {"source": "pool2", "target": "flatten"}, "There is a wire from 'pool2' to Flatten."),
        (
            "wire",
            {"source": "flatten", "target": "conv2d"},
            "Expected a wire from Flatten to Conv2d. There is no wire from Flatten to Conv2d.",
        ),
        (
            "parameter",
            {"node": "conv1", "parameter": "kernel_size", "value": "[5, 5]"},
            "Kernel size of 'conv1' is [5, 5].",
        ),
        (
            "parameter",
            {"node": "linear", "parameter": "out_features", "value": "500", "comparison": "at least"},
            "Expected at least 500 as Output features of Linear. Received 120, 84, 10.",
        ),
        ("setting", {"value": 8}, "Expected the batch size to be equal to 8. Received 64."),
        ("problems", {}, "The drawing has no problems."),
        ("parameter_count", {"count": 61706}, "The drawing has 61,706 parameters."),
        (
            "parameter_count",
            {"node": "conv1", "count": 150},
            "Expected parameters: equal to 150. Received 156.",
        ),
        ("shape", {"node": "pool2", "shape": "16x5x5"}, "pool2 gives 16×5×5 for each sample."),
        ("shape", {"node": "pool2", "shape": "16x4x4"}, "Expected 16×4×4 from 'pool2'. Received 16×5×5."),
        ("run", {}, "Press Play: there is no run of this drawing yet."),
        ("lens", {"node": "conv1"}, "Expected a lens on 'conv1'. Received none."),
        ("nonsense", {}, "This check cannot be used. Expected one of "),
        ("layers", {"size": 1}, "This check cannot be used. Expected values for layer, comparison, count."),
        ("layers", {"count": "many"}, "This check cannot be used: count: Expected a whole number"),
    ],
)
def test_a_check_says_what_is_there(kind: str, values: dict[str, Any], sentence: str) -> None:
    assert outcome(kind, **values).sentence.startswith(sentence)


def test_a_result_is_that_of_a_run_of_the_present_drawing() -> None:
    run = RunFacts("running", 100, is_current=True, metrics={"accuracy": 0.9}, losses={"objective": 0.3})
    assert outcome("result", run, value=0.85) == CheckOutcome(True, "The validation accuracy is 0.9.")
    assert not outcome("result", run, value=0.95).is_met
    assert outcome("result", run, what="loss", part="training", comparison="at most", value=0.5).is_met
    older = RunFacts("finished", 100, is_current=False, metrics={"accuracy": 0.9})
    assert outcome("result", older).sentence == "The drawing has changed since the run. Press Play again."
    nothing = RunFacts("finished", 100, is_current=True, metrics={"accuracy": float("nan")})
    assert not outcome("result", nothing, comparison="at most", value=5).is_met


@pytest.mark.parametrize(
    ("typed", "is_right"),
    [
        ("1003501", True),
        ("1,003,501", True),
        ("1 003 501", True),
        (" 1'003'501 ", True),
        ("1003500", False),
        ("0x10", False),
        ("", False),
        ("one", False),
    ],
)
def test_an_answer_is_read_as_people_write_numbers(typed: str, is_right: bool) -> None:
    assert outcome("number_answer", answer=typed, value=1_003_501).is_met is is_right


def test_a_comma_is_a_decimal_mark_where_it_parts_no_thousands() -> None:
    assert outcome("number_answer", answer="0,5", value=0.5).is_met
    assert outcome("number_answer", answer="\u22120.5", value=-0.5).is_met


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(sorted(checks())), data=st.data(), answer=WORDS)
def test_no_value_of_a_file_makes_a_check_fail(kind: str, data: st.DataObject, answer: str) -> None:
    names = st.sampled_from(sorted(checks()[kind].params))
    values = data.draw(st.dictionaries(names, VALUES, max_size=4))
    run = RunFacts("running", 5, is_current=True, metrics={"a": 1.0})
    found = outcome(kind, run, answer, **values)
    assert found.sentence


def test_a_lesson_is_kept_in_the_file_and_one_without_leaves_its_bytes_alone() -> None:
    assert b"lesson" not in to_bytes(LENET)
    step = LessonStep("One", "text\n\nmore", "do", "hint", (LessonCheck("layers", {"layer": "conv2d"}),))
    taught = add_step(LENET, 0, step)
    assert from_bytes(to_bytes(taught)) == taught
    assert edits.set_settings(taught, epochs=3).lesson == Lesson(steps=(step,))


@pytest.mark.parametrize(
    "lesson",
    ['{"steps": 3}', '{"steps": [{}]}', '{"steps": [{"title": "x", "checks": [{"kind": 1}]}]}', "[]"],
)
def test_a_broken_lesson_is_refused_with_its_place(lesson: str) -> None:
    text = to_bytes(Project()).decode().replace('"name"', f'"lesson": {lesson}, "name"')
    with pytest.raises(ProjectFileError, match="lesson"):
        from_bytes(text.encode())


def test_steps_are_moved_changed_and_removed() -> None:
    project = Project()
    for place, title in enumerate("abc"):
        project = add_step(project, place, LessonStep(title))

    def titles(project: Project) -> str:
        return "".join(step.title for step in project.lesson.steps)

    assert titles(move_step(project, 2, 0)) == "cab"
    assert titles(remove_step(project, 1)) == "ac"
    assert titles(change_step(project, 0, lambda _step: LessonStep("x"))) == "xbc"
    with pytest.raises(edits.EditError, match="a step from 1 to 3"):
        remove_step(project, 3)
    assert project.graphs[MAIN] is move_step(project, 0, 2).graphs[MAIN]
