"""A run of texts keeps its vocabulary, goes on with it alone, and another process derives the same."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.data import catalogue
from engine.data.first_drawing import first_drawing
from engine.data.kept_data import decoded
from engine.document import edits
from engine.messages.events import Finished
from engine.run.run import Run
from engine.runs.checkpoints import checkpoints_of
from engine.runs.record import DATA
from tests.engine.data.sources import source


def written(path: Path, word: str = "rain") -> Path:
    lines = (f"{'ab'[i % 2]}\t{word} number {i} falls on {'houses' if i % 2 else 'trees'}" for i in range(40))
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize("tokens", ["byte-pair"])
def test_a_run_goes_on_with_the_vocabulary_it_began_with(tokens: str, tmp_path: Path) -> None:
    made = source(
        "texts", path=str(written(tmp_path / "t.tsv")), tokens=tokens, length=8, vocabulary_size=300
    )
    drawn = edits.set_settings(first_drawing(made, catalogue.describe(made)), epochs=1)
    folder = tmp_path / "run"

    def ran(epochs: int, *, resumes: bool) -> Finished:
        project = edits.set_settings(drawn, epochs=epochs)
        last = checkpoints_of(folder)[-1].path if resumes else None
        catalogue.forget()
        return Run(project, device="cpu", folder=folder, resume=last).execute(lambda _event: None)

    assert ran(1, resumes=False).status == "completed"
    kept = decoded((folder / DATA).read_bytes())["data"].info.vocabulary
    assert kept is not None
    assert kept == catalogue.load(made).info.vocabulary
    assert msgspec.json.decode(msgspec.json.encode(kept), type=type(kept)) == kept
    assert ran(2, resumes=True).status == "completed"
    written(tmp_path / "t.tsv", "snow")
    again = ran(3, resumes=True)
    assert again.status == "failed"
    assert (
        "Begin a new run, or put the data back as they were. Expected the tokens with which" in again.message
    )
    written(tmp_path / "t.tsv")
    assert ran(3, resumes=True).status == "completed"


def test_a_run_that_goes_on_tells_that_its_data_have_changed(tmp_path: Path) -> None:
    path, folder = tmp_path / "t.csv", tmp_path / "run"
    path.write_text("x,c\n" + "".join(f"{i}.5,{'ab'[i % 2]}\n" for i in range(24)))
    made = source("csv-file", path=str(path))
    drawn = first_drawing(made, catalogue.describe(made))

    def told(epochs: int) -> list[str]:
        catalogue.forget()
        found: list[str] = []
        last = checkpoints_of(folder)[-1].path if epochs > 1 else None
        run = Run(edits.set_settings(drawn, epochs=epochs), device="cpu", folder=folder, resume=last)
        assert run.execute(lambda event: found.append(getattr(event, "message", ""))).status == "completed"
        return [message for message in found if "have changed since the run began" in message]

    assert told(1) == []
    assert told(2) == []
    path.write_text(path.read_text().replace("3.5", "9.5"))
    assert len(told(3)) == 1
