"""The histogram lens: what it counts, that its gradients are right and disturb no training, its pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from app.lenses.painter import Context, Subject
from app.lenses.registry import PAINTERS
from app.style import theme
from engine.compile import compile  # noqa: A004
from engine.feed.sources import Sources
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.lens import Cost, Seen
from engine.lens.registry import LENSES
from engine.messages.lens_request import LensRequest
from tests.drawings import convnet, gan, lenet5, lstm
from tests.engine.lens.test_look import weights_after

HISTOGRAM = LENSES["histogram"]


def test_counts_zeros_and_numbers_that_are_not_finite_are_told_apart():
    values = torch.tensor([[-1.0, 0.0, 0.0, 3.0, 3.0, float("nan")]])
    found = HISTOGRAM.compute(Seen(output=values))
    assert found["activations"].sum() == 3
    assert found["activations"][-1] == 2
    assert found["activations_range"].tolist() == [-1.0, 3.0]
    assert found["activations_total"].tolist() == [6, 2, 1, 6]
    assert "weights" not in found
    assert HISTOGRAM.compute(Seen()) == {}
    nothing_but_zeros = HISTOGRAM.compute(Seen(output=torch.zeros(1, 4)))
    assert nothing_but_zeros["activations"].sum() == 0


@pytest.mark.parametrize(("draw", "node"), [(lenet5, "conv1"), (lstm, "lstm"), (gan, "")])
def test_every_kind_of_layer_has_activations_weights_and_gradients(draw, node):
    project = draw()
    plan = compile(project)
    values = Sources(plan).sample(0)
    weighted = {path for path, module in plan.modules.items() if [*module.parameters(recurse=False)]}
    layers = weighted if not node else {node}
    for path in layers:
        (frame,) = look(plan, Feeds(values), [LensRequest("histogram", path)], 1).frames
        assert {"activations", "weights", "gradients"} <= frame.arrays.keys(), path
        parameters = sum(one.numel() for one in plan.modules[path].parameters(recurse=False))
        assert frame.arrays["weights_total"][0] == frame.arrays["gradients_total"][0] == parameters


def test_gradients_are_those_of_the_loss_of_the_pinned_sample():
    plan = compile(lenet5())
    values = Sources(plan).sample(3)
    (frame,) = look(plan, Feeds(values), [LensRequest("histogram", "linear2")], 1).frames
    assert all(one.grad is None for one in plan.model.parameters())
    plan.eval()
    losses, _, _ = plan.evaluation(values)
    losses[0].backward()
    given = np.concatenate([one.grad.flatten().numpy() for one in plan.modules["linear2"].parameters()])
    low, high = frame.arrays["gradients_range"]
    assert low == pytest.approx(min(0.0, given.min()))
    assert high == pytest.approx(max(0.0, given.max()))


def test_training_goes_on_to_the_same_bits(monkeypatch):
    monkeypatch.setattr("engine.lens.watcher.RATE", 1e9)
    monkeypatch.setattr("engine.lens.watcher.SHARE", 1e9)
    project = convnet("digits", dropout=0.5)
    plain, _ = weights_after(project, 40, frozenset())
    requests = frozenset(LensRequest("histogram", node) for node in project.main.nodes)
    watched, frames = weights_after(project, 40, requests)
    assert frames > 200
    assert all(torch.equal(plain[name], watched[name]) for name in plain)


def arrays() -> dict[str, np.ndarray]:
    chance = torch.Generator().manual_seed(0)
    weights = {"weight": torch.randn(5000, generator=chance) * 0.1}
    output = torch.randn(1, 6, 20, 20, generator=chance).relu()
    return HISTOGRAM.compute(Seen(output, weights, {"weight": weights["weight"] * 0.01}))


@pytest.mark.parametrize("tokens", [theme.DARK, theme.LIGHT])
def test_the_picture_in_a_node_has_bars_of_both_signs_and_a_zero_line(qapp, tokens):
    painter = PAINTERS["histogram"]
    room = painter.room(Subject(None, None))
    image = painter.thumbnail(arrays(), room, Context(), tokens)
    assert (image.width(), image.height()) == (room.width * 2, room.height * 2)
    colours = [image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())]
    assert colours.count(theme.NEGATIVE) > 200
    assert colours.count(theme.POSITIVE) > 400
    assert painter.thumbnail({}, room, Context(), tokens) is None


def test_the_view_grows_with_its_rows_and_reads_a_bin(qtbot):
    painter = PAINTERS["histogram"]
    view = painter.view()
    qtbot.addWidget(view)
    view.resize(268, view.height())
    assert painter.show(view, arrays(), Context())
    row = view.shown[1]
    assert [shown.name for shown in view.shown] == ["activations", "weights", "gradients"]
    assert row.words(short=False) == "5,000 values"
    assert view.shown[0].words(short=True).endswith("% zero")
    high = view.height()
    assert painter.show(view, {name: held for name, held in arrays().items() if "weights" in name}, Context())
    assert view.height() == high / 3
    assert not painter.show(view, {}, Context())


def test_it_costs_a_backward_pass_so_it_is_asked_for_only_when_wanted():
    assert HISTOGRAM.cost is Cost.BACKWARD
