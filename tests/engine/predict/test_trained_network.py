"""What a run keeps of its data: predictions need nothing else, and a stranger's is checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import catalogue
from engine.data.kept_data import decoded, encoded
from engine.predict.network import TrainedNetwork
from engine.predict.predictions import Predictions
from engine.predict.written import PlaceError, write
from engine.runs.plain_files import ArchiveError
from nodes.reading.error import DataError
from nodes.reading.progress import CalledOffError, listening
from nodes.user_error import UserError
from tests.engine.predict import trained_runs as runs
from tests.engine.predict.test_predict_tables import predicted


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return runs.table(tmp_path / "new.csv", runs.people(5, seed=7, target=False), runs.NAMES)


def test_predictions_need_neither_the_training_data_nor_their_scaling(tmp_path: Path, new: Path) -> None:
    _, run = runs.classifier(tmp_path)
    before = predicted(run, new, tmp_path / "before.csv")
    data = tmp_path / "train.csv"
    runs.table(data, [*runs.people(90, seed=4), [1000, "black", -1e9, "perhaps"]], (*runs.NAMES, "label"))
    network = TrainedNetwork(run)
    assert network.notes == [
        "data: the data of the run have changed since it began; "
        "scaling, classes and columns are those of then."
    ]
    assert predicted(run, new, tmp_path / "after.csv") == before
    data.unlink()
    catalogue.forget()
    assert TrainedNetwork(run).notes == []
    assert predicted(run, new, tmp_path / "gone.csv") == before


def test_a_run_of_an_earlier_version_reads_its_data_again(tmp_path: Path, new: Path) -> None:
    _, run = runs.classifier(tmp_path)
    before = predicted(run, new, tmp_path / "before.csv")
    (run / "data.json").unlink()
    assert "did not keep the scaling" in TrainedNetwork(run).notes[0]
    assert predicted(run, new, tmp_path / "after.csv") == before


def test_the_best_weights_predict_unless_the_last_are_asked_for(tmp_path: Path) -> None:
    _, run = runs.classifier(tmp_path)
    assert TrainedNetwork(run).weights.kind == "best"
    assert TrainedNetwork(run, best=False).weights.kind == "last"


def change(run: Path, **changes: Any) -> None:
    kept = json.loads((run / "data.json").read_text())
    for where, value in changes.items():
        part = kept["sets"]["data"]
        *path, last = where.split("__")
        for name in path:
            part = part[name]
        part[last] = value
    (run / "data.json").write_text(json.dumps(kept))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"input_scaling__mean": [0.0, 1.0]}, "a scaling of the input that does not fit its sizes"),
        ({"input_scaling__deviation": [0.0] * 5}, "a scaling of the input that does not fit its sizes"),
        ({"input_scaling__mean": [None] * 5}, "Expected `float`, got `null`"),
        ({"columns__inputs": [{"name": "a", "words": None}]}, "columns of 1 values for samples N×5"),
        ({"info__input__shape": [{"times": 1}, 1 << 40]}, "samples of sizes N×1099511627776"),
        ({"info__classes": 3}, "Expected `array`, got `int`"),
        ({"levels": [3.0, 3.0]}, "levels of pictures of which black is not below white"),
        ({"rate": -1}, "Expected `int` >= 1"),
        ({"fills": [1.0]}, "fills that do not fit the columns"),
        (
            {
                "info__vocabulary": {
                    "cutting": {"kind": "byte-pair"},
                    "tokens": ["?"] * 9,
                    "merges": [["a", "b"]],
                }
            },
            "a vocabulary that cannot be used",
        ),
        (
            {"info__vocabulary": {"cutting": {"specials": 2}, "tokens": ["x"]}},
            "a vocabulary that cannot be used",
        ),
    ],
)
def test_what_a_stranger_wrote_there_is_refused(tmp_path: Path, changes: dict[str, Any], fault: str) -> None:
    _, run = runs.classifier(tmp_path)
    change(run, **changes)
    with pytest.raises(ArchiveError, match=r"data\.json") as caught:
        TrainedNetwork(run)
    assert fault in str(caught.value)


def test_a_link_in_the_place_of_what_is_kept_is_not_followed(tmp_path: Path) -> None:
    _, run = runs.classifier(tmp_path)
    (run / "data.json").rename(tmp_path / "elsewhere.json")
    (run / "data.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(ArchiveError, match=r"Expected a plain file\. Received a link"):
        TrainedNetwork(run)


def test_a_run_that_goes_on_keeps_what_it_kept(tmp_path: Path) -> None:
    from engine.run.run import Run
    from engine.runs.record import project_of

    _, run = runs.classifier(tmp_path)
    before = (run / "data.json").read_bytes()
    again = Run(
        project_of(run), folder=run, steps=12, resume=run / "checkpoints" / "last.safetensors"
    ).execute(lambda _event: None)
    assert again.status == "completed"
    assert (run / "data.json").read_bytes() == before
    assert encoded(decoded(before)) == before


def test_what_is_called_off_leaves_no_file(tmp_path: Path) -> None:
    _, run = runs.regression(tmp_path)
    unseen = np.random.default_rng(0).normal(10, 3, (4000, 2)).tolist()
    data = runs.table(tmp_path / "new.csv", unseen, ("a", "b"))
    predictions = Predictions(TrainedNetwork(run), data)
    told = []

    def stop(what: str, _share: float | None) -> None:
        told.append(what)
        if told.count("Predicting") == 3:
            raise CalledOffError

    before = sorted(tmp_path.iterdir())
    with listening(stop), pytest.raises(CalledOffError):
        write(predictions, tmp_path / "out.csv")
    assert sorted(tmp_path.iterdir()) == before


def test_data_are_never_written_over(tmp_path: Path, new: Path) -> None:
    _, run = runs.classifier(tmp_path)
    network = TrainedNetwork(run)
    for place in (new, tmp_path / "train.csv"):
        with pytest.raises(PlaceError, match="Expected a place that holds no data"):
            write(Predictions(network, new), place)
    with pytest.raises(PlaceError, match="which does not"):
        write(Predictions(network, new), tmp_path / "nowhere" / "out.csv")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "Received an empty file"),
        ("age,income\n1,2\n", "Received a table without colour"),
        ("\x00\x01\x02", "Expected"),
    ],
)
def test_data_of_another_kind_are_a_sentence(tmp_path: Path, text: str, fault: str) -> None:
    _, run = runs.classifier(tmp_path)
    data = tmp_path / "other.csv"
    data.write_text(text)
    with pytest.raises(UserError, match="Expected") as caught:
        write(Predictions(TrainedNetwork(run), data), tmp_path / "out.csv")
    assert fault in str(caught.value)


def test_a_folder_or_an_array_is_no_table(tmp_path: Path) -> None:
    _, run = runs.classifier(tmp_path)
    np.save(tmp_path / "new.npy", np.zeros((3, 4), np.float32))
    network = TrainedNetwork(run)
    for place in (tmp_path, tmp_path / "new.npy"):
        with pytest.raises(DataError, match="as in training"):
            Predictions(network, place)
