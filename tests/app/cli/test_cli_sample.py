"""Samples on the command line: drawn with the weights of a run; pictures, films, texts and arrays."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from app import __main__ as cmd
from engine.document.project import MAIN, Project
from engine.document.storage.file import save
from engine.run.run import Run
from engine.runs import places
from tests.drawings import graph, mlp
from tests.engine.sample.drawings import characters, diffusion, points, with_node


def ran(tmp_path: Path, project: Project, epochs: int = 2) -> tuple[Path, Run]:
    """A project's file beside a run of it."""
    file = tmp_path / "p.loom"
    save(project, file)
    run = Run(project, folder=places.new_run(places.runs_of(file)), epochs=epochs)
    assert run.execute(lambda _: None).status == "completed"
    return file, run


def test_samples_of_the_last_run_are_drawn_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, run = ran(tmp_path, points(count=12))
    out = tmp_path / "points.npy"
    assert cmd.main(["sample", str(file), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"look: 12×2, written to {out}\n"
    last = run.samples.load("look", run.samples.steps("look")[-1])
    assert np.array_equal(np.load(out), last["samples"])
    for name in ("points.png", "points.gif"):
        assert cmd.main(["sample", str(file), "--out", str(tmp_path / name)]) == 0
    with Image.open(tmp_path / "points.png") as picture, Image.open(tmp_path / "points.gif") as film:
        assert picture.size == (480, 480)
        assert film.n_frames == 3  # before training and two epochs; now is as at the last of them


def test_count_seed_run_and_node_can_be_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = with_node(points(), ("other", "samples"), "make.y -> other.value")
    file, run = ran(tmp_path, project, epochs=1)
    given = ["sample", str(file), "--run", str(run.folder), "--node", "other", "--count", "5", "--json"]
    assert cmd.main([*given, "--seed", "3"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {"node": "other", "run": str(run.folder), "out": None, "arrays": {"samples": [5, 2]}}
    assert cmd.main(["sample", str(file)]) == 2
    assert "--node: Expected one of the samplers (look, other)" in capsys.readouterr().err


def test_the_film_of_a_diffusion_sampler_is_its_way_from_noise(tmp_path: Path) -> None:
    file, _ = ran(tmp_path, diffusion(), epochs=1)
    assert cmd.main(["sample", str(file), "--out", str(tmp_path / "way.gif")]) == 0
    with Image.open(tmp_path / "way.gif") as film:
        assert film.n_frames == 11


def test_text_is_told_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, _ = ran(tmp_path, characters({"prompt": "Ahab"}), epochs=1)
    assert cmd.main(["sample", str(file), "--count", "2"]) == 0
    told = capsys.readouterr().out
    assert told.count("Ahab") >= 2
    assert cmd.main(["sample", str(file), "--prompts", "Whale"]) == 0
    assert capsys.readouterr().out.count("Whale") >= 2
    assert cmd.main(["sample", str(file), "--out", str(tmp_path / "a.txt")]) == 0
    assert (tmp_path / "a.txt").read_text().count("\n\n----\n\n") == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--out", "a.jpg"], "--out: Expected a name that ends in .png, .gif, .txt, .npy. Received a.jpg."),
        (["--node", "nobody"], "--node: Expected one of the samplers (look). Received 'nobody'."),
        (["--out", "a.txt"], "a.txt: Expected texts. Received real, samples."),
        (["--run", "nowhere"], "Expected one of its runs"),
        (["--prompts", "a"], "--prompts: Expected a sampler that takes it. Received Samples."),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    file, _ = ran(tmp_path, points(), epochs=1)
    assert cmd.main(["sample", str(file), *arguments]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1


def test_without_a_run_there_is_nothing_to_draw_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "p.loom"
    save(points(), file)
    assert cmd.main(["sample", str(file)]) == 2
    assert "Expected a run with weights" in capsys.readouterr().err


def test_weights_and_drawings_that_give_no_samples_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, run = ran(tmp_path, characters({}), epochs=1)
    folder = run.folder
    assert folder is not None
    last = folder / "checkpoints" / "last.safetensors"
    broken = {name: tensor.clone() for name, tensor in load_file(last).items() if not name.startswith("@")}
    for tensor in broken.values():
        tensor.fill_(float("nan"))
    save_file(broken, last)
    assert cmd.main(["sample", str(file), "--run", folder.name]) == 2
    told = capsys.readouterr().err
    assert "Expected weights that are finite numbers" in told
    assert told.count("\n") == 1
    file, _ = ran(tmp_path, mlp("digits", 4), epochs=1)
    assert cmd.main(["sample", str(file)]) == 2
    assert "Expected a drawing with a sampler" in capsys.readouterr().err


def latents() -> Project:
    """Latents of four channels, 3 high and 2 wide, made from noise and judged by one layer."""
    nodes = [
        ("noise", "noise", {"shape": [8]}),
        ("linear", "linear", {"out_features": 24}),
        ("square", "reshape", {"shape": [4, 3, 2]}),
        ("look", "samples", {"count": 6}),
        ("flat", "flatten"),
        ("score", "linear", {"out_features": 1}),
        ("loss", "real_or_fake"),
        ("objective", "objective"),
    ]
    wires = ["noise -> linear", "linear -> square", "square.output -> look.value", "square -> flat"]
    wires += ["flat -> score", "score -> loss.score", "loss.loss -> objective.loss"]
    return Project(graphs={MAIN: graph(nodes, wires)})


def test_latents_of_four_channels_are_written_as_a_picture_a_film_and_arrays(tmp_path: Path) -> None:
    file, _ = ran(tmp_path, latents(), epochs=1)
    for name in ("a.png", "a.gif", "a.npy"):
        assert cmd.main(["sample", str(file), "--out", str(tmp_path / name)]) == 0
    with Image.open(tmp_path / "a.png") as picture:
        scale = -(-56 // 8)
        assert picture.size == (3 * (8 * scale + 2) + 2, 2 * (3 * scale + 2) + 2)
    assert np.load(tmp_path / "a.npy").shape == (6, 4, 3, 2)


def test_nothing_is_drawn_with_weights_that_nobody_trained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, run = ran(tmp_path, points(count=4), epochs=1)
    assert run.folder is not None
    last = run.folder / "checkpoints" / "last.safetensors"
    whole = load_file(last)
    weights = [name for name in whole if name.startswith("maker.")]
    out = tmp_path / "s.png"
    for left in ({}, {"other": torch.zeros(3)}, {name: torch.zeros(9) for name in whole}):
        save_file(left, last)
        assert cmd.main(["sample", str(file), "--out", str(out)]) == 2
        said = capsys.readouterr().err
        assert f"Expected the {len(weights)} weights with which look draws. Received 0; not there" in said
        assert weights[0] in said
        assert not out.exists()
    last.unlink()
    os.mkfifo(last)
    assert cmd.main(["sample", str(file)]) == 2
    assert (
        "Expected weights in last.safetensors. Received a file that cannot be read" in capsys.readouterr().err
    )


def test_weights_that_are_missing_elsewhere_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, run = ran(tmp_path, points(count=4), epochs=1)
    assert run.folder is not None
    last = run.folder / "checkpoints" / "last.safetensors"
    save_file({name: tensor for name, tensor in load_file(last).items() if name.startswith("maker.")}, last)
    code, said = cmd.main(["sample", str(file)]), capsys.readouterr()
    assert code == 0
    assert said.err.startswith(
        "layerloom: Weights carried over: 4 of 8. Not in the file, so they start anew: j"
    )
