"""Predictions for pictures, arrays, texts, series and points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from safetensors.torch import load_file

from engine.document.project import MAIN, Project
from engine.predict.network import TrainedNetwork
from engine.predict.predictions import Predictions
from engine.predict.written import write
from nodes.reading.progress import CalledOffError
from tests.drawings import Step, chain, graph, with_settings
from tests.engine.predict import trained_runs as runs
from tests.engine.predict.test_predict_tables import predicted


def test_pictures_of_any_size_are_told_by_their_files(tmp_path: Path) -> None:
    steps: list[Step] = [("flatten", "flatten"), ("linear1", "linear", {"out_features": 2})]
    _, run = runs.ran(tmp_path, chain(runs.picture_data(tmp_path), steps), steps=40)
    new = tmp_path / "new"
    (new / "inner").mkdir(parents=True)
    Image.new("RGB", (30, 21), (50, 60, 70)).save(new / "night.png")
    Image.new("L", (8, 8), 220).save(new / "inner" / "day.png")
    (new / "broken.png").write_bytes(b"no picture")
    out = tmp_path / "out.csv"
    found = write(Predictions(TrainedNetwork(run), new), out)
    assert (found.rows, found.skipped) == (2, 1)
    assert "broken.png" in found.named[0]
    lines = [line.split(",")[:2] for line in out.read_text().splitlines()]
    assert lines == [["file", "prediction"], ["inner/day.png", "light"], ["night.png", "dark"]]
    single = predicted(run, new / "night.png", tmp_path / "single.csv")
    assert [row[:2] for row in single[1:]] == [["night.png", "dark"]]


def autoencoder(data: dict[str, object]) -> Project:
    """Pictures through one Linear layer, compared with themselves."""
    nodes: list[Step] = [
        ("data", "data", data),
        ("flatten", "flatten"),
        ("linear1", "linear", {"out_features": 192}),
        ("reshape", "reshape", {"shape": [3, 8, 8]}),
        ("output", "output", {"name": "copy"}),
        ("loss", "mse"),
        ("objective", "objective"),
    ]
    wires = ["data.input -> flatten", "flatten -> linear1", "linear1 -> reshape", "reshape -> output"]
    wires += ["reshape -> loss.prediction", "data.input -> loss.target", "loss.loss -> objective.loss"]
    return with_settings(Project(graphs={MAIN: graph(nodes, wires)}), batch_size=4)


def test_made_pictures_are_files_in_the_pixels_of_the_data(tmp_path: Path) -> None:
    _, run = runs.ran(tmp_path, autoencoder(runs.picture_data(tmp_path)))
    network = TrainedNetwork(run)
    unseen = runs.pictures(tmp_path / "new", 1)
    head, *rows = predicted(run, unseen, tmp_path / "out.csv")
    assert head == ["file", "copy"]
    assert [row[1] for row in rows] == ["out.files/row-000001.png", "out.files/row-000002.png"]
    scaling = network.data.input_scaling
    assert scaling is not None
    weights = load_file(run / "checkpoints" / "best.safetensors")
    for row, name in zip(rows, ("dark/0.png", "light/0.png"), strict=True):
        with Image.open(unseen / name) as picture:
            pixels = np.asarray(picture.resize((8, 8), Image.Resampling.BILINEAR), np.float32)
        mean, deviation = (np.array(part)[:, None, None] for part in (scaling.mean, scaling.deviation))
        given = torch.tensor((np.moveaxis(pixels, -1, 0) / 255 - mean) / deviation).float().reshape(1, -1)
        made = (given @ weights["linear1.weight"].T + weights["linear1.bias"]).reshape(3, 8, 8).numpy()
        expected = np.rint((made * deviation + mean) * 255).clip(0, 255)
        with Image.open(tmp_path / row[1]) as picture:
            assert np.abs(np.moveaxis(np.asarray(picture, np.float64), -1, 0) - expected).max() <= 3


def test_pictures_that_were_written_go_when_it_is_called_off(tmp_path: Path) -> None:
    _, run = runs.ran(tmp_path, autoencoder(runs.picture_data(tmp_path)))
    predictions = Predictions(TrainedNetwork(run), runs.pictures(tmp_path / "new", 3))

    def stop(_rows: int) -> None:
        assert len(list((tmp_path / "out.files").iterdir())) == 6
        raise CalledOffError

    with pytest.raises(CalledOffError):
        write(predictions, tmp_path / "out.csv", stop)
    assert not list(tmp_path.glob("*out*"))


def test_samples_of_an_array_need_no_targets_and_bad_ones_are_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(5, 2, (40, 3)).astype(np.float32)
    np.savez(tmp_path / "train.npz", x=inputs, y=(inputs[:, 0] > 5).astype(np.int64) * 3 + 2)
    steps: list[Step] = [("linear1", "linear", {"out_features": 2})]
    data = {"dataset": "array-file", "path": str(tmp_path / "train.npz")}
    _, run = runs.ran(tmp_path, chain(data, steps))
    inputs[1, 2] = np.nan
    np.save(tmp_path / "new.npy", inputs[:5])
    found = write(Predictions(TrainedNetwork(run), tmp_path / "new.npy"), tmp_path / "out.csv")
    assert found.named == ["sample 2: a value that is no finite number"]
    lines = [line.split(",") for line in (tmp_path / "out.csv").read_text().splitlines()]
    assert lines[0] == ["sample", "prediction", "prediction probability", "p(2)", "p(5)"]
    assert [line[0] for line in lines[1:]] == ["1", "3", "4", "5"]
    np.savez(tmp_path / "one.npz", anything=inputs[2:3])
    assert len(predicted(run, tmp_path / "one.npz", tmp_path / "one.csv")) == 2


def test_a_text_is_read_by_the_characters_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("abcab cabca bcabc " * 30)
    steps: list[Step] = [
        ("embedding", "embedding", {"num_embeddings": 4, "embedding_dim": 8}),
        ("linear1", "linear", {"out_features": 4}),
    ]
    data = {"dataset": "text-file", "path": str(tmp_path / "train.txt"), "context": 6}
    _, run = runs.ran(tmp_path, chain(data, steps), steps=60)
    (tmp_path / "new.txt").write_text("abcabcabéabcbcabcabc")
    predictions = Predictions(TrainedNetwork(run), tmp_path / "new.txt")
    found = write(predictions, tmp_path / "out.csv")
    assert found.named == ["characters 7-12: expected those of the training data, received 'é'"]
    assert predictions.notes == ("the last 2 characters are not used: they make no whole sample",)
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["characters", "1-6", "13-18"]
    assert {len(line.split(",")[1]) for line in lines[1:]} == {6}
    assert set(lines[1].split(",")[1]) <= set(" abc")


def test_a_series_is_continued_beyond_its_end(tmp_path: Path) -> None:
    rows = [(i, 100 + 10 * np.sin(i / 3)) for i in range(80)]
    path = runs.table(tmp_path / "train.csv", rows, ("time", "value"))
    steps: list[Step] = [("flatten", "flatten"), ("linear1", "linear", {"out_features": 2})]
    data = {"dataset": "series-file", "path": str(path), "window": 5, "horizon": 2}
    _, run = runs.ran(tmp_path, chain(data, steps, "mse"), steps=30)
    new = runs.table(tmp_path / "new.csv", rows[:9], ("time", "value"))
    head, *found = predicted(run, new, tmp_path / "out.csv")
    assert head == ["line", "value +1", "value +2"]
    assert [row[0] for row in found] == ["6", "7", "8", "9", "10"]  # the last window ends with the file
    assert all(60 < float(cell) < 140 for row in found for cell in row[1:])


def test_features_of_points_are_derived(tmp_path: Path) -> None:
    steps: list[Step] = [("linear1", "linear", {"out_features": 2})]
    _, run = runs.ran(tmp_path, chain({"dataset": "circle", "features": "x1^2, x2^2"}, steps), steps=200)
    new = runs.table(tmp_path / "new.csv", [(0.1, 0.1), (4.9, 0.0)], ("x1", "x2"))
    found = predicted(run, new, tmp_path / "out.csv")
    assert {row[1] for row in found[1:]} == {"blue", "orange"}


def test_sounds_are_brought_to_the_rate_of_training(tmp_path: Path) -> None:
    for name, hertz in (("high", 2000.0), ("low", 300.0)):
        (tmp_path / "sounds" / name).mkdir(parents=True)
        for i in range(6):
            soundfile.write(tmp_path / "sounds" / name / f"{i}.wav", tone(hertz + i, 8000), 8000)
    data = {"dataset": "sounds", "path": str(tmp_path / "sounds"), "seconds": 0.15, "mels": 16}
    steps: list[Step] = [("flatten", "flatten"), ("linear1", "linear", {"out_features": 2})]
    _, run = runs.ran(tmp_path, chain(data, steps), steps=40)
    (tmp_path / "new").mkdir()
    soundfile.write(tmp_path / "new" / "deep.wav", tone(310.0, 16000), 16000)
    soundfile.write(tmp_path / "new" / "shrill.flac", tone(2010.0, 8000), 8000)
    found = predicted(run, tmp_path / "new", tmp_path / "out.csv")
    assert [row[:2] for row in found[1:]] == [["deep.wav", "low"], ["shrill.flac", "high"]]
    single = predicted(run, tmp_path / "new" / "deep.wav", tmp_path / "single.csv")
    assert single[1][:2] == ["deep.wav", "low"]


def tone(hertz: float, rate: int) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * 0.1)) / rate)


def test_a_class_for_each_pixel_is_a_picture_of_classes(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("images", "masks", "new"):
        (tmp_path / "set" / name).mkdir(parents=True)
    for i in range(8):
        light = rng.random((8, 8)) > 0.5
        Image.fromarray(np.where(light, 200, 30).astype(np.uint8)).save(
            tmp_path / "set" / "images" / f"{i}.png"
        )
        Image.fromarray(light.astype(np.uint8)).save(tmp_path / "set" / "masks" / f"{i}.png")
    nodes: list[Step] = [
        ("data", "data", {"dataset": "image-masks", "path": str(tmp_path / "set")}),
        ("conv", "conv2d", {"out_channels": 2, "kernel_size": 1}),
        ("loss", "cross_entropy", {"class_dim": "channel"}),
        ("output", "output", {"name": "mask"}),
        ("objective", "objective", {"learning_rate": 0.1}),
    ]
    wires = ["data.input -> conv", "conv -> loss.logits", "data.target -> loss.label", "conv -> output"]
    project = with_settings(
        Project(graphs={MAIN: graph(nodes, [*wires, "loss.loss -> objective.loss"])}), batch_size=4
    )
    _, run = runs.ran(tmp_path, project, steps=40)
    light = np.tri(8, dtype=bool)
    unseen = tmp_path / "alone"
    unseen.mkdir()
    Image.fromarray(np.where(light, 200, 30).astype(np.uint8)).save(unseen / "a.png")
    found = predicted(run, unseen, tmp_path / "out.csv")
    assert found == [["file", "mask"], ["a.png", "out.files/row-000001.png"]]
    with Image.open(tmp_path / found[1][1]) as picture:
        assert np.array_equal(np.asarray(picture), light)
        assert picture.mode == "P"


def test_a_picture_by_cross_entropy_keeps_its_greys(tmp_path: Path) -> None:
    nodes: list[Step] = [
        ("data", "data", {**runs.picture_data(tmp_path), "scaling": "0-1"}),
        ("conv", "conv2d", {"out_channels": 3, "kernel_size": 1}),
        ("loss", "bce_with_logits"),
        ("output", "output"),
        ("objective", "objective", {"learning_rate": 0.1}),
    ]
    wires = ["data.input -> conv", "conv -> loss.logits", "data.input -> loss.target", "conv -> output"]
    project = Project(graphs={MAIN: graph(nodes, [*wires, "loss.loss -> objective.loss"])})
    _, run = runs.ran(tmp_path, with_settings(project, batch_size=4), steps=150)
    found = predicted(run, runs.pictures(tmp_path / "new", 1), tmp_path / "out.csv")
    means = []
    for row in found[1:]:
        with Image.open(tmp_path / row[1]) as picture:
            means.append(float(np.asarray(picture).mean()))
    assert means[0] < 110 < 170 < means[1]
    assert 255 not in means


def two_outputs(path: Path) -> Project:
    """Scores and their softmax named as Outputs, and yes or no beside."""
    nodes: list[Step] = [
        ("data", "data", {"dataset": "csv-file", "path": str(path)}),
        ("linear", "linear", {"out_features": 2}),
        ("softmax", "softmax"),
        ("loss", "cross_entropy"),
        ("scores", "output", {"name": "scores"}),
        ("shares", "output", {"name": "shares"}),
        ("objective", "objective"),
    ]
    wires = ["data.input -> linear", "linear -> softmax", "linear -> loss.logits", "linear -> scores"]
    wires += ["softmax -> shares", "data.target -> loss.label", "loss.loss -> objective.loss"]
    return with_settings(Project(graphs={MAIN: graph(nodes, wires)}), batch_size=16)


def test_softmax_is_applied_where_the_drawing_has_not(tmp_path: Path) -> None:
    path = runs.table(tmp_path / "train.csv", runs.people(40), (*runs.NAMES, "label"))
    _, run = runs.ran(tmp_path, two_outputs(path))
    new = runs.table(tmp_path / "new.csv", runs.people(6, seed=2, target=False), runs.NAMES)
    head, *found = predicted(run, new, tmp_path / "out.csv")
    assert head[1:3] == ["scores", "scores probability"]
    assert len(set(head)) == len(head) == 9
    for row in found:
        assert row[1] == row[5]
        assert [float(cell) for cell in row[2:5]] == pytest.approx(
            [float(cell) for cell in row[6:9]], abs=2e-6
        )


def test_yes_or_no_is_told_by_the_names_of_two_classes(tmp_path: Path) -> None:
    nodes: list[Step] = [
        ("data", "data", {"dataset": "circle", "labels": "0 or 1"}),
        ("linear", "linear", {"out_features": 1}),
        ("loss", "bce_with_logits"),
        ("objective", "objective"),
    ]
    wires = ["data.input -> linear", "linear -> loss.logits", "data.target -> loss.target"]
    wires += ["loss.loss -> objective.loss"]
    _, run = runs.ran(tmp_path, Project(graphs={MAIN: graph(nodes, wires)}), steps=1)
    new = runs.table(tmp_path / "new.csv", [(0.0, 0.0), (3.0, 3.0)], ("x1", "x2"))
    found = predicted(run, new, tmp_path / "out.csv")
    assert found[0] == ["line", "prediction", "p(blue)"]
    assert all((row[1] == "blue") == (float(row[2]) >= 0.5) for row in found[1:])
