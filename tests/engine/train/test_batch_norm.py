"""Batch norm with one value per channel is refused in a sentence: at inspection, and by a run where only it
knows the rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.compile import CompileError, compile  # noqa: A004
from engine.document import edits
from engine.document.project import MAIN, Project
from engine.infer import infer
from engine.run.distributed import SharedSources
from engine.run.process_group import ProcessGroup
from engine.run.run import Run
from tests.drawings import chain, with_settings


def drawing(folder: Path, rows: int, gaps: int = 0, **data: object) -> Project:
    """A batch norm behind a dense layer on a table with so many rows, some of them without a value."""
    lines = [f"{k},{'' if k < gaps else k % 7},{k % 2}" for k in range(rows)]
    (folder / "rows.csv").write_text("a,b,y\n" + "\n".join(lines) + "\n")
    source = {"dataset": "csv-file", "path": str(folder / "rows.csv"), "task": "regression", **data}
    steps = [
        ("l", "linear", {"out_features": 4}),
        ("norm", "batch_norm1d"),
        ("end", "linear", {"out_features": 1}),
    ]
    return with_settings(chain(source, steps, loss="mse"), batch_size=8)


def ended(project: Project) -> tuple[str, str]:
    finished = Run(project, steps=2).execute(lambda _event: None)
    return finished.status, finished.message


def test_one_training_sample_is_told_at_inspection_as_batch_size_1_is(
    tmp_path: Path,
) -> None:
    project = drawing(tmp_path, 2)
    (problem,) = infer(project).errors
    assert problem.node == "norm"
    assert problem.message == (
        "BatchNorm1d: Expected at least 2 values per channel in a batch. Received 1: data trains on 1 of 2 "
        "samples and a sample is N×4. Train on more samples, or use Layer norm."
    )
    single = edits.set_settings(drawing(tmp_path, 20), batch_size=1)
    (other,) = infer(single).errors
    assert (
        other.message.partition(":")[2].partition(":")[0]
        == problem.message.partition(":")[2].partition(":")[0]
    )
    (fix,) = problem.fixes
    fixed = fix.edit(project)
    assert infer(fixed).errors == ()
    assert ended(fixed) == ("completed", "")


@pytest.mark.parametrize(
    ("rows", "size", "fits"), [(3, 8, True), (20, 8, True), (11, 8, True), (20, 1, False)]
)
def test_a_run_and_inspection_agree(tmp_path: Path, rows: int, size: int, fits: bool) -> None:
    project = edits.set_settings(drawing(tmp_path, rows), batch_size=size)
    status, message = ended(project)
    assert (infer(project).errors == ()) is fits
    assert (status == "completed") is fits
    assert fits or "Expected at least 2 values per channel in a batch. Received 1" in message


def test_rows_that_only_the_run_leaves_out_end_in_the_same_sentence(tmp_path: Path) -> None:
    project = drawing(tmp_path, 5, gaps=3, input_columns="a, b")
    assert infer(project).errors == ()
    status, message = ended(project)
    assert status == "failed"
    assert message.startswith(
        "norm: BatchNorm1d: Expected at least 2 values per channel in a batch. Received 1"
    )


def test_a_fixed_split_with_one_training_sample_ends_in_the_same_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    x, y = np.zeros((1, 2), np.float32), np.zeros(1, np.float32)
    np.savez(path, x_train=x, y_train=y, x_test=np.zeros((9, 2), np.float32), y_test=np.zeros(9, np.float32))
    project = drawing(tmp_path, 20)
    for name, value in (("dataset", "array-file"), ("path", str(path))):
        project = edits.set_param(project, MAIN, "data", name, value)
    status, message = ended(project)
    assert status == "failed"
    assert "Expected at least 2 values per channel in a batch" in message or "at least 2 samples" in message


def test_a_process_whose_part_of_a_batch_is_one_sample_says_so(tmp_path: Path) -> None:
    plan = compile(with_settings(drawing(tmp_path, 20), batch_size=4))
    SharedSources(ProcessGroup(0, 2), plan).close()
    ranks = ProcessGroup(0, 4)
    with pytest.raises(
        CompileError, match=r"^norm: .* Received 1: a training batch holds 1 .*fewer processes"
    ):
        SharedSources(ranks, plan)
    assert ranks.ends_alike


def test_a_frozen_norm_and_maps_may_see_one_sample(tmp_path: Path) -> None:
    project = edits.set_frozen(drawing(tmp_path, 2), MAIN, ["norm"], True)
    assert infer(project).errors == ()
    assert ended(project) == ("completed", "")
