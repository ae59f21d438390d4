"""Samples page by page, as they are stored and as the network sees them; and which are understood worst."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from engine.document import edits
from engine.document.project import MAIN, Project
from engine.document.storage.file import load
from engine.predict.browse import TRAINING, VALIDATION, BrowsedData
from engine.predict.sample_losses import SampleLosses
from nodes.data.source import DataSource
from nodes.reading.error import DataError
from nodes.reading.progress import CalledOffError, listening
from tests.app.data.test_kinds_dropped import with_masks
from tests.drawings import Step, chain, graph
from tests.engine.data.sources import rows
from tests.engine.predict import trained_runs as runs


def of_pictures(folder: Path) -> Project:
    steps: list[Step] = [
        ("flip", "random_flip", {"horizontal": 1.0}),
        ("flatten", "flatten"),
        ("linear1", "linear", {"out_features": 2}),
    ]
    return chain(runs.picture_data(folder), steps)


def excluding(project: Project, text: str) -> Project:
    return edits.set_param(project, MAIN, "data", "excluded", text)


def test_a_page_has_what_is_stored_and_what_is_seen(tmp_path: Path) -> None:
    data = BrowsedData(of_pictures(tmp_path), "data")
    some = data.rows(TRAINING)[2:5]
    stored = data.page(TRAINING, some, seen=False)
    assert stored.pictures is not None
    assert np.array_equal(stored.pictures, data.whole.train.input.fetch(some))
    assert [node.path for node in data.augmentations()] == ["flip"]
    scaling = data.used.train.input_scaling
    assert scaling is not None
    mean, deviation = (np.array(part)[:, None, None] for part in (scaling.mean, scaling.deviation))
    expected = ((stored.pictures / 255 - mean) / deviation)[..., ::-1]  # each picture is mirrored
    assert np.allclose(data._seen(stored.pictures, None, augmented=True, draw=1)[0], expected, atol=1e-5)
    plain = data.page(TRAINING, some, seen=True, augmented=False).pictures
    seen = data.page(TRAINING, some, seen=True).pictures
    assert plain is not None
    assert seen is not None
    assert np.array_equal(plain[..., ::-1], seen)
    held = data.page(VALIDATION, data.rows(VALIDATION), seen=True).pictures
    assert np.array_equal(
        held, data.page(VALIDATION, data.rows(VALIDATION), seen=True, augmented=False).pictures
    )


def test_a_mask_is_beside_its_picture_and_moves_with_it(tmp_path: Path) -> None:
    source = DataSource(dataset="image-masks", path=str(with_masks(tmp_path)), scaling="none")
    steps: list[Step] = [("data", "data", source.changed()),
                         ("flip", "random_flip", {"horizontal": 1.0, "with_mask": True})]  # fmt: skip
    wires = ["data.input -> flip.input", "data.target -> flip.mask"]
    data = BrowsedData(Project(graphs={MAIN: graph(steps, wires)}), "data")
    some = data.rows(TRAINING)[:3]
    stored, seen = (data.page(TRAINING, some, seen=seen).pictures for seen in (False, True))
    assert stored is not None
    assert seen is not None
    assert stored.shape == seen.shape == (3, 1, 16, 32)
    truth = data.whole.train.target
    assert truth is not None
    assert (stored[:, 0, :, 16:] == 255 * truth.fetch(some)).all()
    assert (seen[:, 0, :, 16:] == stored[:, 0, :, 16:][..., ::-1]).all()
    assert set(data.page(TRAINING, some, seen=False).labels) == {""}


def test_samples_are_found_by_their_class_and_number(tmp_path: Path) -> None:
    data = BrowsedData(of_pictures(tmp_path), "data")
    page = data.page(TRAINING, data.rows(TRAINING, "LIG"), seen=False)
    assert set(page.labels) == {"light"}
    assert len(page.labels) == int((rows(data.whole.train.target) == 1).sum())
    place = int(page.places[0])
    assert data.rows(TRAINING, f"#{place + 1}").tolist() == [int(page.rows[0])]
    assert data.rows(TRAINING, "nothing of the sort").tolist() == []


def test_excluded_samples_stay_in_sight_and_are_marked(tmp_path: Path) -> None:
    project = of_pictures(tmp_path)
    before = BrowsedData(project, "data")
    place = int(before.page(TRAINING, np.array([3]), seen=False).places[0])
    data = BrowsedData(excluding(project, str(place + 1)), "data")
    page = data.page(TRAINING, data.rows(TRAINING), seen=False)
    assert page.places[page.excluded].tolist() == [place]
    assert len(data.used.train) == len(page.places) - 1
    assert data.used.train.places is not None
    assert place not in data.used.train.places


def test_a_table_is_told_in_numbers(tmp_path: Path) -> None:
    file, _ = runs.classifier(tmp_path)
    data = BrowsedData(load(file), "data")
    page = data.page(TRAINING, data.rows(TRAINING)[:4], seen=False)
    assert page.columns[:2] == ("age", "colour = blue")
    assert page.labels[0] in ("yes", "no")
    seen = data.page(TRAINING, data.rows(TRAINING), seen=True)
    ages = np.array([float(row[0]) for row in seen.cells])
    assert abs(ages.mean()) < 0.01
    assert ages.std() == pytest.approx(1.0, abs=0.01)


def test_the_loss_of_each_sample_is_that_of_torch(tmp_path: Path) -> None:
    file, run = runs.classifier(tmp_path)
    data = BrowsedData(load(file), "data")
    losses = SampleLosses(run, "data")
    found = losses.of(data.part(TRAINING))
    scaling = data.used.train.input_scaling
    assert scaling is not None
    inputs = (rows(data.whole.train.input) - np.array(scaling.mean)) / np.array(scaling.deviation)
    weights = load_file(run / "checkpoints" / "best.safetensors")
    hidden = F.relu(
        F.linear(torch.tensor(inputs).float(), weights["linear1.weight"], weights["linear1.bias"])
    )
    scores = F.linear(hidden, weights["linear2.weight"], weights["linear2.bias"])
    expected = F.cross_entropy(scores, torch.from_numpy(rows(data.whole.train.target)), reduction="none")
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert losses.said is not None
    assert losses.said.tolist() == scores.argmax(1).tolist()


def test_losses_can_be_called_off(tmp_path: Path) -> None:
    file, run = runs.classifier(tmp_path)
    losses, data = SampleLosses(run, "data"), BrowsedData(load(file), "data")

    def stop(_what: str, _share: float | None) -> None:
        raise CalledOffError

    with listening(stop), pytest.raises(CalledOffError):
        losses.of(data.part(TRAINING))


def test_another_node_is_refused(tmp_path: Path) -> None:
    file, run = runs.classifier(tmp_path)
    with pytest.raises(DataError, match="other: Expected a data node"):
        BrowsedData(load(file), "other")
    with pytest.raises(DataError, match="computed from other alone"):
        SampleLosses(run, "other")


def test_a_long_set_is_not_fetched_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = BrowsedData(of_pictures(tmp_path), "data")
    fetched: list[int] = []
    held = data.whole.train
    fetch = type(held.input).fetch
    monkeypatch.setattr(
        type(held.input), "fetch", lambda self, part: fetched.append(len(part)) or fetch(self, part)
    )
    data.page(TRAINING, data.rows(TRAINING)[4:6], seen=True)
    assert fetched[0] == 2
    assert max(fetched) == 2
