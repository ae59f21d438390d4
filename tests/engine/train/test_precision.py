"""How exactly a run computes: in float32, or in bfloat16 with weights in float32."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.document import edits
from engine.document.edits.editing import EditError
from engine.document.storage.file import load, save
from engine.infer import infer
from engine.messages.events import Event, Finished, Progress, Warned
from engine.run.run import Run
from engine.runs.archive import checkpoints_of
from tests.drawings import mlp, with_settings
from tests.resuming import drawn, fingerprint


def execute(run: Run) -> tuple[Finished, list[float]]:
    """How it ended, and its losses."""
    events: list[Event] = []
    finished = run.execute(events.append)
    told = [event for event in events if isinstance(event, Progress)]
    return finished, [loss for event in told for loss in event.losses["objective"]]


def test_bfloat16_trains_with_float32_weights() -> None:
    run = Run(with_settings(mlp("digits", hidden=16), precision="bfloat16"), epochs=1)
    finished, losses = execute(run)
    assert finished.status == "completed"
    assert run.plan is not None
    assert {tensor.dtype for tensor in run.plan.model.state_dict().values()} == {torch.float32}
    assert losses != execute(Run(mlp("digits", hidden=16), epochs=1))[1]


def test_tf32_is_float32_where_there_is_no_cuda_device_and_the_run_says_so() -> None:
    warned: list[str] = []
    run = Run(with_settings(mlp("digits", hidden=16), precision="tf32", device="cpu"), steps=10)
    ended = run.execute(lambda event: warned.append(event.message) if isinstance(event, Warned) else None)
    assert ended.status == "completed"
    assert warned == ["TF32 is a precision of CUDA devices: on CPU the run computes in float32."]
    plain = Run(with_settings(mlp("digits", hidden=16), device="cpu"), steps=10)
    plain.execute(lambda event: None)
    assert run.plan is not None
    assert plain.plan is not None
    weights = plain.plan.model.state_dict()
    assert all(torch.equal(held, weights[name]) for name, held in run.plan.model.state_dict().items())


def test_a_run_in_bfloat16_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    project = drawn("cnn with dropout", epochs=3, checkpoint_epochs=1, precision="bfloat16")
    Run(project, folder=tmp_path / "run").execute(lambda event: None)
    whole = fingerprint(tmp_path / "run")
    first = next(each.path for each in checkpoints_of(tmp_path / "run") if each.kind == "kept")
    again = Run(project, folder=tmp_path / "run", resume=first)
    assert again.execute(lambda event: None).status == "completed"
    assert fingerprint(tmp_path / "run") == whole


def test_a_file_that_asks_for_a_precision_of_before_opens_and_says_what_to_choose(tmp_path: Path) -> None:
    save(with_settings(mlp("digits"), precision="bfloat16"), tmp_path / "old.loom")
    text = (tmp_path / "old.loom").read_text()
    (tmp_path / "old.loom").write_text(text.replace('"bfloat16"', '"float16"'))
    project = load(tmp_path / "old.loom")
    sentence = "recision: Expected one of float32, bfloat16, tf32. Received 'float16'."
    (problem,) = infer(project).problems
    assert (problem.message, problem.severity, problem.node) == (f"P{sentence}", "error", "objective")
    assert [fix.title for fix in problem.fixes] == [
        "Set precision to float32",
        "Set precision to bfloat16",
        "Set precision to tf32",
    ]
    for fix in problem.fixes:
        assert infer(fix.edit(project)).problems == ()
    save(project, tmp_path / "again.loom")
    assert load(tmp_path / "again.loom") == project
    finished, _ = execute(Run(project))
    assert (finished.status, finished.message) == ("failed", f"p{sentence}")
    with pytest.raises(EditError, match="one of float32, bfloat16, tf32 for precision"):
        edits.set_settings(project, precision="float16")
