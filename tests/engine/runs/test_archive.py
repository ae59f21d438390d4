"""Runs on disk: listed truthfully, and read fast."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.document import edits
from engine.document.project import MAIN, Project
from engine.messages.events import Progress
from engine.run.run import Run
from engine.runs import archive
from engine.runs.lock import RunLock
from tests.drawings import gan, mlp, with_settings
from tests.stored_runs import trained


def test_a_run_is_listed_with_what_came_of_it(runs: Path) -> None:
    events = trained(runs / "first", seed=3, epochs=1)
    (record,) = archive.runs_in(runs)
    assert (record.name, record.status, record.seed) == ("first", "completed", 3)
    assert (record.epoch, record.epochs, record.step) == (1, 1, record.total_steps)
    assert record.metrics == events[-1].metrics  # type: ignore[attr-defined]
    assert record.parameters > 0
    assert record.created.startswith("20")
    assert not record.resumable
    assert record.sentence == f"completed, {record.step} steps"


def test_a_run_that_is_not_validated_ends_with_its_training_losses(runs: Path) -> None:
    project = edits.set_param(gan(), MAIN, "data", "validation", 0.0)
    trained(runs / "a", project, steps=130)
    trained(runs / "b", project, steps=60, seed=1)
    first, second = (archive.record_of(runs / name) for name in ("a", "b"))
    for record, told in ((first, 13), (second, 6)):
        curves = archive.curves_of(record.folder).losses
        assert record.training == {path: pytest.approx(curves[path][1][-told:].mean()) for path in curves}
    found = archive.compare(runs / "a", runs / "b")
    assert found.training()["judging"] == (first.training["judging"], second.training["judging"])


def test_the_newest_run_comes_first_and_an_empty_folder_is_no_run(runs: Path) -> None:
    for name in ("b", "a"):
        trained(runs / name, steps=1)
    (runs / "to-come").mkdir()
    assert [record.name for record in archive.runs_in(runs)] == ["a", "b"]
    assert archive.runs_in(runs / "nowhere") == ()


def test_the_drawing_of_a_run_comes_back_to_the_last_wire(runs: Path) -> None:
    project = gan()
    trained(runs / "run", project, steps=2)
    again = archive.project_of(runs / "run")
    assert again == project
    assert list(again.main.nodes) == list(project.main.nodes)
    assert again.main.wires == project.main.wires


def test_curves_are_what_the_run_told(runs: Path) -> None:
    project = gan(every=2)
    events = [event for event in trained(runs / "run", project, steps=1300) if isinstance(event, Progress)]
    curves = archive.curves_of(runs / "run")
    judged = [loss for event in events for loss in event.losses["judging"]]
    made = [(step, loss) for e in events for step, loss in zip(e.steps, e.losses["making"], strict=True)]
    made = [(step, loss) for step, loss in made if loss == loss]
    steps, values = curves.losses["judging"]
    assert (steps.dtype, values.dtype) == (np.int64, np.float64)
    assert steps.tolist() == list(range(1, 1301))
    assert values.tolist() == judged
    steps, values = curves.losses["making"]
    assert list(zip(steps.tolist(), values.tolist(), strict=True)) == made
    assert [values.tolist() for _, values in curves.rates.values()] == [[2e-3], [1e-3]]
    later = archive.curves_of(runs / "run", since=1024).losses["judging"]
    assert later[0].tolist() == list(range(1025, 1301))
    assert later[1].tolist() == judged[1024:]


def test_curves_of_a_killed_run_are_read_where_nothing_may_be_written(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(runs / "run")
    expected = archive.curves_of(runs / "run").losses["objective"][1]
    connect = sqlite3.connect

    class Refused(sqlite3.Connection):
        def execute(self, *_: object) -> sqlite3.Cursor:  # what SQLite says where its log has no room beside
            raise sqlite3.OperationalError("unable to open database file")

    def opened(place: str, **more: Any) -> sqlite3.Connection:
        return connect(place, **more, **({"factory": Refused} if str(runs) in place else {}))

    monkeypatch.setattr("engine.runs.database.sqlite3.connect", opened)
    monkeypatch.setattr("engine.runs.database.os.access", lambda *_: False)
    assert np.array_equal(archive.curves_of(runs / "run").losses["objective"][1], expected)


def test_rates_are_stored_where_they_change(runs: Path) -> None:
    main = mlp("digits", 8).main
    params = {"schedule": "step", "step_epochs": 1, "gamma": 0.5}
    objective = msgspec.structs.replace(main.nodes["objective"], params=params)
    nodes = {**main.nodes, "objective": objective}
    project = Project(graphs={"main": msgspec.structs.replace(main, nodes=nodes)})
    trained(runs / "run", project, epochs=3)
    steps, rates = archive.curves_of(runs / "run").rates["objective"]
    per_epoch = archive.record_of(runs / "run").total_steps // 3
    assert steps.tolist() == [1, per_epoch + 1, 2 * per_epoch + 1]
    assert rates.tolist() == [1e-3, 5e-4, 2.5e-4]


def test_a_name_a_note_and_tags_are_kept_beside_the_run(runs: Path) -> None:
    trained(runs / "run", steps=1)
    record = archive.annotate(runs / "run", name=" wide \n net ", note="Why?\nBecause.", tags=("a", "b", "a"))
    assert (record.name, record.note, record.tags) == ("wide net", "Why?\nBecause.", ("a", "b"))
    record = archive.annotate(runs / "run", tags=())
    assert (record.name, record.tags) == ("wide net", ())
    assert archive.annotate(runs / "run", name="").name == "run"


def test_notes_without_end_or_that_are_no_text_leave_a_run_that_is_read(runs: Path) -> None:
    trained(runs / "run")
    huge = "\udce9" * 2_000_000
    record = archive.annotate(runs / "run", name=huge, note=huge, tags=(huge, " a ", "a\nb"))
    assert (record.status, record.tags[1:]) == ("completed", ("a", "a b"))
    assert record.name == "?" * 200
    assert archive.record_of(runs / "run") == record


def test_notes_that_are_damaged_are_told_beside_the_run(runs: Path) -> None:
    trained(runs / "run")
    (runs / "run" / "notes.json").write_text('{"name": "a", "note": 5}')
    record = archive.record_of(runs / "run")
    assert (record.status, record.name) == ("completed", "run")
    assert record.note.startswith("The note cannot be read. notes.json: Expected `str`")
    assert archive.annotate(runs / "run", name="b").note == ""


def test_a_run_is_removed_with_all_its_files_but_not_while_it_runs(runs: Path) -> None:
    trained(runs / "run", steps=1)
    lock = RunLock(runs / "run", new=False)
    with pytest.raises(archive.ArchiveError, match="stop it first"):
        archive.remove(runs / "run")
    lock.release()
    archive.remove(runs / "run")
    assert archive.runs_in(runs) == ()
    assert list(runs.iterdir()) == []
    with pytest.raises(archive.ArchiveError, match="Expected the folder of a run"):
        archive.remove(runs)


def test_a_run_is_running_as_long_as_its_process_holds_it(runs: Path) -> None:
    seen: list[archive.RunRecord] = []
    Run(mlp("digits", 8), folder=runs / "run", steps=1).execute(
        lambda event: seen.append(archive.record_of(runs / "run"))
    )
    assert [record.status for record in seen] == ["running"] * (len(seen) - 1) + ["completed"]


def test_a_killed_run_is_interrupted_and_says_how_far_it_came(runs: Path) -> None:
    folder = runs / "run"
    trained(folder, steps=40)
    about = json.loads((folder / "run.json").read_text())
    del about["result"], about["finished"]
    (folder / "run.json").write_text(json.dumps({**about, "status": "running"}))
    text = "import sys, pathlib, time; from engine.runs.lock import RunLock; "
    text += "lock = RunLock(pathlib.Path(sys.argv[1]), new=False); "
    text += "lock.beat(1204, 2, 5.0, {'accuracy': 0.5, 'r': float('nan')}); "
    text += "print('held', flush=True); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", text, str(folder)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    assert (archive.record_of(folder).status, archive.record_of(folder).step) == ("running", 1204)
    child.kill()
    child.wait()
    child.stdout.close()
    record = archive.record_of(folder)
    assert (record.status, record.step, record.epoch, record.seconds) == ("interrupted", 1204, 2, 5.0)
    assert record.metrics == {"accuracy": 0.5}
    assert record.sentence.startswith("stopped at step 1,204")


def test_a_run_without_a_last_word_came_as_far_as_its_checkpoint(runs: Path) -> None:
    trained(runs / "run", steps=40)
    about = json.loads((runs / "run" / "run.json").read_text())
    (runs / "run" / "run.json").write_text(json.dumps({**about, "status": "running"}))
    (runs / "run" / "run.lock").unlink()
    assert archive.record_of(runs / "run").sentence.startswith("stopped at step 40")


def test_a_run_killed_after_its_last_word_came_as_far_as_its_checkpoint(runs: Path) -> None:
    trained(runs / "run", steps=40)
    about = json.loads((runs / "run" / "run.json").read_text())
    (runs / "run" / "run.json").write_text(json.dumps({**about, "status": "running"}))
    lock = RunLock(runs / "run", new=False)
    lock.beat(15, 0, 5.0, {})
    lock.release()
    assert archive.record_of(runs / "run").sentence.startswith("stopped at step 40")


def test_checkpoints_are_listed_by_step(runs: Path) -> None:
    trained(runs / "run", epochs=2)
    found = archive.checkpoints_of(runs / "run")
    assert [each.kind for each in found][-1] == "last"
    assert all(each.path.parent == runs / "run" / "checkpoints" and each.size > 0 for each in found)


def test_two_runs_are_compared(runs: Path) -> None:
    first = mlp("digits", 8)
    main = first.main
    nodes = dict(main.nodes)
    nodes["linear1"] = msgspec.structs.replace(nodes["linear1"], params={"out_features": 12})
    del nodes["output"]
    wires = tuple(wire for wire in main.wires if wire.target.node != "output")
    graphs = {"main": msgspec.structs.replace(main, nodes=nodes, wires=wires)}
    second = with_settings(Project(graphs=graphs), batch_size=32)
    trained(runs / "a", first, steps=5, seed=0)
    trained(runs / "b", second, steps=6, seed=1)
    found = archive.compare(runs / "a", runs / "b")
    assert {(each.name, each.a, each.b) for each in found.settings} >= {
        ("batch_size", 64, 32),
        ("seed", 0, 1),
        ("steps", 5, 6),
    }
    assert (found.added, found.removed) == ((), ("output",))
    assert [(c.path, c.name, c.a, c.b) for c in found.changed] == [("linear1", "out_features", 8, 12)]
    assert [(w.wire, w.added) for w in found.wires] == [("linear3.output -> output.input", False)]
    assert found.metrics().keys() == {"objective", "accuracy"}
    assert archive.compare(runs / "a", runs / "a").same_drawing


def test_a_run_of_the_first_format_is_read(runs: Path) -> None:
    folder = runs / "old"
    trained(folder, steps=3)
    about = json.loads((folder / "run.json").read_text())
    project = mlp("digits", 8)
    (folder / "run.json").write_text(
        json.dumps({**about, "format": 1, "project": msgspec.to_builtins(project)})
    )
    for name in ("project.loom", "run.lock", "metrics.sqlite"):
        (folder / name).unlink()
    database = sqlite3.connect(folder / "metrics.sqlite")
    database.executescript(
        """
        CREATE TABLE losses
            (step INTEGER, objective TEXT, loss REAL, PRIMARY KEY (step, objective)) WITHOUT ROWID;
        CREATE TABLE rates
            (step INTEGER, objective TEXT, rate REAL, PRIMARY KEY (step, objective)) WITHOUT ROWID;
        CREATE TABLE validation (step INTEGER, epoch INTEGER, name TEXT, kind TEXT, value REAL,
             PRIMARY KEY (step, name, kind)) WITHOUT ROWID;
        CREATE TABLE messages (step INTEGER, message TEXT);
        INSERT INTO losses VALUES (1, 'objective', 0.5), (2, 'objective', 0.25);
        """
    )
    database.close()
    assert archive.record_of(folder).status == "completed"
    assert archive.project_of(folder) == project
    steps, values = archive.curves_of(folder).losses["objective"]
    assert (steps.tolist(), values.tolist()) == ([1, 2], [0.5, 0.25])


def test_the_archive_is_read_without_torch() -> None:
    text = "import sys, engine.runs.archive; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", text], check=True)
