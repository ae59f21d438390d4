"""Predictions for texts: by the vocabulary of the run, with masks, or token by token in a translation."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from engine.document import edits
from engine.document.project import MAIN, Project
from engine.predict.browse import TRAINING, BrowsedData
from engine.predict.network import TrainedNetwork
from engine.predict.predictions import Predictions
from engine.predict.sample_losses import SampleLosses
from engine.predict.written import write
from tests.drawings import Step, graph, with_settings
from tests.engine.predict import trained_runs as runs
from tests.engine.predict.test_predict_tables import predicted

GOOD, BAD = ("fine", "great", "nice"), ("poor", "awful", "sad")


def labelled(folder: Path) -> Path:
    rows = [
        (f"a {word} film {i}", "good" if word in GOOD else "bad") for i in range(20) for word in GOOD + BAD
    ]
    return runs.table(folder / "train.csv", rows, ("text", "label"))


def test_words_are_numbered_as_in_training_and_the_mask_goes_in(tmp_path: Path) -> None:
    nodes: list[Step] = [
        ("data", "data", {"dataset": "texts", "path": str(labelled(tmp_path)), "length": 6}),
        ("embedding", "embedding", {"num_embeddings": 64, "embedding_dim": 8}),
        ("flatten", "flatten"),
        ("linear1", "linear", {"out_features": 6}),
        ("masked", "multiply"),
        ("linear2", "linear", {"out_features": 2}),
        ("loss", "cross_entropy"),
        ("output", "output"),
        ("objective", "objective", {"learning_rate": 0.02}),
    ]
    wires = [
        "data.input -> embedding",
        "embedding -> flatten",
        "flatten -> linear1",
        "linear1 -> masked.input",
    ]
    wires += ["linear2 -> loss.logits", "data.target -> loss.label", "loss.loss -> objective.loss"]
    wires += ["masked -> linear2", "linear2 -> output", "data.mask -> masked.input"]
    project = with_settings(Project(graphs={MAIN: graph(nodes, wires)}), batch_size=16)
    _, run = runs.ran(tmp_path, project, steps=60)
    new = tmp_path / "new.txt"
    new.write_text("a great film 99\na sad film unheard\n")
    network = TrainedNetwork(run)
    head, *found = predicted(run, new, tmp_path / "out.csv")
    assert head[:2] == ["source", "prediction"]
    assert [row[:2] for row in found] == [["line 1", "good"], ["line 2", "bad"]]
    vocabulary = network.data.info.vocabulary
    assert vocabulary is not None
    weights = load_file(run / "checkpoints" / "best.safetensors")
    tokens = list(vocabulary.encode(["a great film 99", "a sad film unheard"]))
    stored = torch.tensor([[0] * (6 - len(one)) + one for one in tokens])
    seen = (
        weights["embedding.weight"][stored].flatten(1) @ weights["linear1.weight"].T + weights["linear1.bias"]
    )
    scores = (seen * (stored != 0)) @ weights["linear2.weight"].T + weights["linear2.bias"]
    torch.testing.assert_close(
        torch.tensor([[float(cell) for cell in row[3:]] for row in found]),
        scores.softmax(1),
        atol=2e-6,
        rtol=0,
    )


def test_losses_do_not_depend_on_how_words_are_numbered_now(tmp_path: Path) -> None:
    """A sample is excluded after the run: words have other numbers, and the losses stay those of the run."""
    nodes: list[Step] = [
        ("data", "data", {"dataset": "texts", "path": str(labelled(tmp_path)), "length": 6}),
        ("embedding", "embedding", {"num_embeddings": 64, "embedding_dim": 8}),
        ("flatten", "flatten"),
        ("linear1", "linear", {"out_features": 2}),
        ("loss", "cross_entropy"),
        ("objective", "objective", {"learning_rate": 0.02}),
    ]
    wires = ["data.input -> embedding", "embedding -> flatten", "flatten -> linear1"]
    wires += ["linear1 -> loss.logits", "data.target -> loss.label", "loss.loss -> objective.loss"]
    project = Project(graphs={MAIN: graph(nodes, wires)})
    _, run = runs.ran(tmp_path, project, steps=8)
    before = BrowsedData(project, "data")
    losses = SampleLosses(run, "data")
    expected = losses.of(before.part(TRAINING), before.info)
    after = BrowsedData(edits.set_param(project, MAIN, "data", "excluded", "1-40"), "data")
    now, then = after.used.info.vocabulary, before.info.vocabulary
    assert now is not None
    assert then is not None
    assert now.tokens != then.tokens
    part = after.used.train
    assert part.places is not None
    assert before.part(TRAINING).places is not None
    at = {place: row for row, place in enumerate(before.part(TRAINING).places.tolist())}  # type: ignore[union-attr]
    shared = [(row, at[place]) for row, place in enumerate(part.places.tolist()) if place in at]
    assert len(shared) > 30
    mine, its = (list(rows) for rows in zip(*shared, strict=True))
    assert losses.of(part, after.used.info)[mine] == pytest.approx(expected[its], rel=1e-5)
    with pytest.raises(AssertionError):
        assert losses.of(part)[mine] == pytest.approx(expected[its], rel=1e-5)


def test_a_translation_is_made_token_by_token(tmp_path: Path) -> None:
    """The network copies: what it says at each place is what went in there, whatever it said before."""
    pairs = tmp_path / "pairs.tsv"
    words = ("one", "two", "three", "four")
    lines = [f"{a} {b}\t{a} {b}" for a in words for b in words]
    pairs.write_text("\n".join(lines * 6))
    nodes: list[Step] = [
        ("data", "data", {"dataset": "text-pairs", "path": str(pairs), "length": 4, "fill": "behind"}),
        ("given", "embedding", {"num_embeddings": 32, "embedding_dim": 16}),
        ("so_far", "embedding", {"num_embeddings": 32, "embedding_dim": 16}),
        ("add", "add"),
        ("linear", "linear", {"out_features": 32}),
        ("loss", "cross_entropy"),
        ("output", "output", {"name": "translation"}),
        ("objective", "objective", {"learning_rate": 0.05}),
    ]
    wires = [
        "data.input -> given",
        "data.decoder_input -> so_far",
        "given -> add.input",
        "so_far -> add.input",
    ]
    wires += ["add -> linear", "linear -> loss.logits", "data.target -> loss.label", "linear -> output"]
    wires += ["loss.loss -> objective.loss"]
    project = with_settings(Project(graphs={MAIN: graph(nodes, wires)}), batch_size=32)
    _, run = runs.ran(tmp_path, project, steps=150)
    new = tmp_path / "new.txt"
    new.write_text("three one\ntwo two\n")
    found = write(Predictions(TrainedNetwork(run), new), tmp_path / "out.csv")
    assert found.rows == 2
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        "source,translation",
        "line 1,three one",
        "line 2,two two",
    ]
