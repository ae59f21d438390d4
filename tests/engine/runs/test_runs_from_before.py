"""Run folders written by commit 64d92db are listed, read and resumed to the results it had.

The results are the same bit for bit where torch, its CPU instructions and its number of threads are those of
the record; elsewhere they agree within a tolerance, because float32 sums are then added in another order.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F

from engine.document.storage.file import from_bytes, to_bytes
from engine.run.run import Run
from engine.runs import archive
from engine.runs.curves import curves_of
from engine.runs.record import drawing_bytes
from tests.resuming import newest

BEFORE = Path(__file__).parents[2] / "fixtures" / "before_house"
EXPECTED = json.loads((BEFORE / "resumed" / "expected.json").read_text("utf-8"))
NAMES = sorted(EXPECTED["runs"])
TOLERANCE = 1e-6
THREADS = EXPECTED["environment"]["threads"]


def environment() -> dict[str, Any]:
    """What decides in which order float32 numbers are added."""
    return {
        "torch": torch.__version__,
        "capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "system": platform.system(),
        "processor": platform.machine(),
        "arithmetic": arithmetic(),
    }


def arithmetic() -> str:
    """A hash of a convolution, a product and their gradients: it changes with the CPU code torch chooses."""
    image = torch.linspace(-1, 1, 48 * 64).sin().reshape(48, 1, 8, 8)
    kernel = torch.linspace(-1, 1, 36).cos().reshape(4, 1, 3, 3).requires_grad_()
    matrix = torch.linspace(-1, 1, 640).sin().reshape(10, 64).requires_grad_()
    seen = F.conv2d(image, kernel, torch.linspace(-1, 1, 4), padding=1)
    normal = F.batch_norm(seen, None, None, training=True).relu()
    loss = F.linear(F.max_pool2d(normal, 2).flatten(1), matrix).logsumexp(1).mean()
    loss.backward()
    found = [loss.detach(), *(each.grad for each in (kernel, matrix) if each.grad is not None)]
    return hashlib.sha256(b"".join(each.numpy().tobytes() for each in found)).hexdigest()


@pytest.fixture
def one_thread():
    """Torch with the number of threads of the record."""
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A copy of the run folders."""
    return shutil.copytree(BEFORE / "runs", tmp_path / "drawing.runs")


def weights_of(folder: Path) -> dict[str, Tensor]:
    """The weights of the last checkpoint, without what only resuming needs."""
    tensors = load_file(folder / "checkpoints" / "last.safetensors")
    return {name: tensor for name, tensor in sorted(tensors.items()) if not name.startswith("@")}


def sha_of_weights(weights: dict[str, Tensor]) -> str:
    found = hashlib.sha256()
    for name, tensor in weights.items():
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        found.update(tensor.numpy().tobytes())
    return found.hexdigest()


def told_by(folder: Path) -> dict[str, dict[str, list[list[float]]]]:
    """Losses, validations and learning rates: steps and values by name."""
    curves = curves_of(folder)
    return {
        kind: {name: [steps.tolist(), values.tolist()] for name, (steps, values) in sorted(series.items())}
        for kind, series in (
            ("losses", curves.losses),
            ("validation", curves.validation),
            ("rates", curves.rates),
        )
    }


def test_runs_are_listed_as_stopped_and_resumable(runs: Path) -> None:
    listed = {record.folder.name: record for record in archive.runs_in(runs)}
    assert sorted(listed) == NAMES
    for name, expected in EXPECTED["runs"].items():
        record = listed[name]
        assert record.status == expected["status"] == "stopped"
        assert (record.step, record.total_steps) == (expected["stopped_at"], expected["total_steps"])
        assert record.resumes == expected["resumes"]
        assert (record.seed, record.parameters) == (expected["seed"], expected["parameters"])
        names = [checkpoint.path.name for checkpoint in archive.checkpoints_of(record.folder)]
        assert names == expected["checkpoints"]


@pytest.mark.parametrize("name", NAMES)
def test_the_drawing_of_a_run_is_read_and_written_to_the_same_bytes(name: str) -> None:
    folder = BEFORE / "runs" / name
    project = archive.project_of(folder)
    assert drawing_bytes(project, folder) == (folder / "project.loom").read_bytes()
    assert from_bytes(to_bytes(project)).graphs.keys() == project.graphs.keys()


@pytest.mark.parametrize("name", NAMES)
def test_curves_up_to_the_stop_are_the_beginning_of_the_expected_ones(name: str) -> None:
    expected = EXPECTED["runs"][name]
    for path, (steps, values) in told_by(BEFORE / "runs" / name)["losses"].items():
        assert steps == [step for step in expected["curves"]["losses"][path][0] if step <= steps[-1]]
        assert values == expected["curves"]["losses"][path][1][: len(values)]


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_resumed_to_the_expected_weights_and_curves(runs: Path, name: str) -> None:
    expected, folder = EXPECTED["runs"][name], runs / name
    ended = Run(archive.project_of(folder), folder=folder, resume=newest(folder)).execute(lambda event: None)
    assert (ended.status, ended.step) == ("completed", expected["ends_at"])
    weights, told = weights_of(folder), told_by(folder)
    known = load_file(BEFORE / "resumed" / f"{name}.safetensors")
    assert weights.keys() == known.keys()
    if environment() == EXPECTED["environment"]:
        assert sha_of_weights(weights) == expected["weights_sha256"]
        assert told == expected["curves"]
        return
    for path, tensor in weights.items():
        torch.testing.assert_close(tensor, known[path], rtol=TOLERANCE, atol=TOLERANCE)
    for kind, series in expected["curves"].items():
        for path, (steps, values) in series.items():
            assert told[kind][path][0] == steps
            np.testing.assert_allclose(told[kind][path][1], values, rtol=TOLERANCE, atol=TOLERANCE)
