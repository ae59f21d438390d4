"""The predictions lens: its figures are those of scikit-learn, its losses those of torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn import metrics
from sklearn.calibration import calibration_curve
from torch.nn import functional as F

from engine.compile import compile  # noqa: A004
from engine.document.project import MAIN, Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.lens import Cost
from engine.lens.registry import LENSES
from engine.lens.sets import class_figures
from engine.messages.lens_request import LensRequest, options_of
from tests.drawings import chain, convnet, gan, graph

LENS = LENSES["set_predictions"]


def seen(project: Project, target: str = "output", **options: Any) -> tuple[dict[str, Any], Any, Feeds]:
    """The arrays of one look, the plan and its samples."""
    plan = compile(project)
    feeds = Feeds.of(Sources(plan), 0)
    looked = look(plan, feeds, [LensRequest("set_predictions", target, options_of(options))], 0)
    assert not looked.failed
    return (looked.frames[0].arrays if looked.frames else {}), plan, feeds


def scores_of(plan: Any, feeds: Feeds, end: FlatEnd, count: int) -> torch.Tensor:
    with torch.no_grad():
        plan.eval()
        return plan.graph_of([end])(feeds.some(count))[0]


@pytest.fixture(scope="module")
def digits() -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """What is seen of a small network, its probabilities and the true classes."""
    arrays, plan, feeds = seen(convnet("digits", dropout=0.5), sample_count=200)
    logits = scores_of(plan, feeds, plan.nodes["loss"].inputs[0][0], 200)
    target = feeds.some(200)[FlatEnd("data", "target")]
    each = F.cross_entropy(logits, target, reduction="none").numpy()
    np.testing.assert_allclose(arrays["losses"], each, rtol=1e-4, atol=1e-5)
    return arrays, logits.softmax(1).numpy(), target.numpy()


def test_the_confusion_matrix_and_the_table_are_those_of_scikit_learn(digits: Any) -> None:
    arrays, shares, labels = digits
    said = shares.argmax(1)
    assert np.array_equal(arrays["matrix"], metrics.confusion_matrix(labels, said, labels=range(10)))
    assert arrays["mistakes"] == (labels != said).sum()
    figures = metrics.precision_recall_fscore_support(labels, said, labels=range(10), zero_division=np.nan)
    np.testing.assert_allclose(arrays["figures"][:, [0, 1, 2, 4]].T, figures, rtol=1e-6)
    iou = metrics.jaccard_score(labels, said, labels=range(10), average=None, zero_division=0)
    np.testing.assert_allclose(np.nan_to_num(arrays["figures"][:, 3]), iou, rtol=1e-6)


def test_roc_and_auc_are_those_of_scikit_learn(digits: Any) -> None:
    arrays, shares, labels = digits
    assert arrays["roc_classes"].tolist() == list(range(10))
    for one in range(10):
        expected = metrics.roc_auc_score(labels == one, shares[:, one])
        assert arrays["auc"][one] == pytest.approx(expected, abs=1e-6)
        false, true, _ = metrics.roc_curve(labels == one, shares[:, one], drop_intermediate=False)
        points = {tuple(point) for point in np.round(np.column_stack([false, true]), 5).tolist()}
        assert {tuple(point) for point in np.round(arrays["roc"][one].astype(float), 5).tolist()} <= points


def test_calibration_is_that_of_scikit_learn(digits: Any) -> None:
    arrays, shares, labels = digits
    sure, right = shares.max(1), shares.argmax(1) == labels
    share, mean = calibration_curve(right, sure, n_bins=10)
    bins = arrays["bins"][arrays["bins"][:, 0] > 0]
    np.testing.assert_allclose(bins[:, 2], share, rtol=1e-5)
    np.testing.assert_allclose(bins[:, 1], mean, rtol=1e-5)
    error = (bins[:, 0] * np.abs(bins[:, 1] - bins[:, 2])).sum() / len(labels)
    assert arrays["ece"] == pytest.approx(error, abs=1e-6)


def test_it_says_how_many_samples_there_are_and_sends_few_of_them(digits: Any) -> None:
    arrays, _, labels = digits
    assert arrays["set"].tolist() == [200, 359, 1]
    assert len(labels) == 200
    assert arrays["shown"].tolist()[:32] == np.argsort(-arrays["losses"], kind="stable")[:32].tolist()
    assert arrays["pictures"].shape == (64, 8, 8, 1)
    assert sum(one.nbytes for one in arrays.values()) < 100_000


def test_samples_of_a_cell_that_is_asked_for_come_first() -> None:
    arrays, _, _ = seen(convnet("digits"))
    true, said, _ = arrays["pairs"][0].tolist()
    arrays, _, _ = seen(convnet("digits"), true_class=true, predicted_class=said)
    inside = np.flatnonzero((arrays["true"] == true) & (arrays["predicted"] == said))
    assert set(arrays["shown"][: min(64, len(inside))].tolist()) <= set(inside.tolist())


def test_of_many_classes_those_with_most_mistakes_are_kept_and_the_rest_is_pooled() -> None:
    chance = np.random.default_rng(0)
    labels = chance.integers(0, 1000, 5000)
    said = np.where(chance.random(5000) < 0.5, labels, chance.integers(0, 40, 5000))
    found = class_figures.confused(labels, said, 1000)
    assert found["matrix"].shape == (25, 25)
    assert found["matrix"].sum() == 5000
    whole = metrics.confusion_matrix(labels, said, labels=range(1000))
    kept = found["matrix_classes"]
    assert np.array_equal(found["matrix"][:24, :24], whole[np.ix_(kept, kept)])
    assert found["pairs"][0, 2] == (whole - np.diag(np.diag(whole))).max()


def test_samples_of_one_score_are_one_point_of_the_curve() -> None:
    scores, labels = np.array([0.5, 0.5, 0.5, 0.1], np.float32), np.array([1, 0, 1, 0], bool)
    found = class_figures.roc(scores, labels)
    assert found is not None
    assert found[0].tolist() == [[0, 0], [0.5, 1], [1, 1]]
    assert found[1] == pytest.approx(metrics.roc_auc_score(labels, scores))
    assert class_figures.roc(scores, np.ones(4, bool)) is None


def test_numbers_have_the_errors_of_scikit_learn_in_the_unit_of_the_data() -> None:
    arrays, plan, feeds = seen(
        chain({"dataset": "diabetes"}, [("linear", "linear", {"out_features": 1})], "mse"), "loss"
    )
    offset, factor = feeds.units[FlatEnd("data", "target")]
    raw = scores_of(plan, feeds, FlatEnd("linear", "output"), 512).numpy().astype(float)
    said, true = (one * factor + offset for one in (raw, feeds.some(512)[FlatEnd("data", "target")].numpy()))
    np.testing.assert_allclose(arrays["points"], np.hstack([said, true]), rtol=1e-5)
    mean, root, explained, bias = arrays["errors"][-1]
    assert mean == pytest.approx(metrics.mean_absolute_error(true, said), rel=1e-5)
    assert root == pytest.approx(metrics.root_mean_squared_error(true, said), rel=1e-5)
    assert explained == pytest.approx(metrics.r2_score(true, said), rel=1e-4)
    assert bias == pytest.approx((said - true).mean(), rel=1e-4)
    assert arrays["rows"].shape[1] == 10


def test_pixels_are_classes_each_and_masks_travel() -> None:
    project = masks()
    arrays, plan, feeds = seen(project, "loss", sample_count=32)
    values = feeds.some(32)
    said = scores_of(plan, feeds, FlatEnd("conv", "output"), 32).argmax(1).numpy().ravel()
    true = values[plan.nodes["loss"].inputs[1][0]].numpy().ravel()
    assert np.array_equal(arrays["matrix"], metrics.confusion_matrix(true, said, labels=range(4)))
    iou = metrics.jaccard_score(true, said, labels=range(4), average=None, zero_division=0)
    np.testing.assert_allclose(np.nan_to_num(arrays["figures"][:, 3]), iou, rtol=1e-6)
    assert arrays["true_places"].shape == arrays["predicted_places"].shape == (24, 32, 32)
    assert len(arrays["pictures"]) == 24


def masks() -> Project:
    nodes = [
        ("data", "data", {"dataset": "scene-masks"}),
        ("conv", "conv2d", {"out_channels": 4, "kernel_size": 1}),
        ("loss", "cross_entropy", {"class_dim": "channel"}),
        ("objective", "objective"),
    ]
    wires = ["data.input -> conv", "conv -> loss.logits", "data.target -> loss.label"]
    return Project(graphs={MAIN: graph(nodes, [*wires, "loss.loss -> objective.loss"])})


def test_it_fits_outputs_and_losses_that_compare_and_says_when_none_does() -> None:
    project = convnet("digits")
    fitting = {
        node
        for node, one in project.main.nodes.items()
        if LENS.applies_to(type(compile(project).nodes[node].layer), None) and one.id == node
    }
    assert fitting == {"output", "loss"}
    assert LENS.cost is Cost.SET
    drawing = gan()
    outputs = [path for path, node in compile(drawing).nodes.items() if node.layer.type == "output"]
    for path in outputs:
        assert list(seen(drawing, path)[0]) == ["uncompared"]
