"""Looking at a drawing that does not train: before a run, after one, while it is edited, at a checkpoint."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import torch

from app.state import warmup
from engine.compile import compile  # noqa: A004
from engine.document import edits
from engine.document.project import MAIN
from engine.feed.sources import Sources
from engine.infer import infer
from engine.messages.events import FRESH
from engine.messages.lens_request import LensRequest
from engine.messages.pinned import HeldSample
from engine.runs.archive import checkpoints_of
from engine.weights.checkpoint import read
from tests.drawings import mlp

MAPS, PREDICTION = "feature_maps", "prediction"


@pytest.fixture
def drawing(session, controller, qtbot):
    """A small network on digits whose shapes are known."""
    warmup.load_engine()
    project = edits.set_settings(mlp("digits", 8), epochs=2)
    session.open(project, None)
    session.set_report(infer(project))
    yield session
    controller.looks.wait()


def edit(session, name: str, value: object, node: str) -> None:
    session.apply(edits.set_param(session.project, MAIN, node, name, value), "Set")
    session.set_report(infer(session.project))


def output_of(project) -> str:
    return next(node.id for node in project.main.nodes.values() if node.layer == "output")


def hidden_of(project) -> str:
    return next(node.id for node in project.main.nodes.values() if node.layer == "linear")


def seen(controller, kind: str, path: str, pin: int = 0):
    return controller.drawing.seen(kind, path, (), pin)


def watch(controller, qtbot, *asked: LensRequest):
    controller.watch(controller, frozenset(asked))
    keys = [(one.kind, one.target, one.pin) for one in asked]
    qtbot.waitUntil(lambda: all(seen(controller, *key).frame for key in keys), timeout=10_000)


def by_hand(project, weights=None, index: int = 0) -> np.ndarray:
    """The output for a held-back sample, of fresh weights or of those of a file."""
    plan = compile(project, "cpu")
    if weights is not None:
        tensors, _ = read(weights)
        plan.model.load_state_dict({n: t for n, t in tensors.items() if not n.startswith("@")}, strict=False)
    sources = Sources(plan)
    plan.eval()
    with torch.no_grad():
        (found,) = plan.looked_at((plan.end_of(output_of(project)),))(sources.sample(index))
    sources.close()
    return found[0].numpy()


def test_before_any_run_lenses_show_the_fresh_weights_of_the_seed(drawing, controller, qtbot):
    path = output_of(drawing.project)
    watch(controller, qtbot, LensRequest(PREDICTION, path))
    frame, is_stale = seen(controller, PREDICTION, path)
    assert (frame.step, is_stale) == (FRESH, False)
    assert np.allclose(frame.arrays["output"], by_hand(drawing.project), atol=1e-6)
    assert controller.state == "idle"


def test_an_edit_dims_what_was_seen_until_the_drawing_as_it_is_now_is_looked_at(drawing, controller, qtbot):
    path, hidden = output_of(drawing.project), hidden_of(drawing.project)
    watch(controller, qtbot, LensRequest(PREDICTION, path))
    before = seen(controller, PREDICTION, path).frame
    edit(drawing, "out_features", 5, hidden)
    assert seen(controller, PREDICTION, path) == (before, True)
    qtbot.waitUntil(lambda: not seen(controller, PREDICTION, path).is_stale, timeout=10_000)
    after = seen(controller, PREDICTION, path).frame
    assert np.allclose(after.arrays["output"], by_hand(drawing.project), atol=1e-6)


def test_another_sample_dims_too(drawing, controller, qtbot):
    path = output_of(drawing.project)
    watch(controller, qtbot, LensRequest(PREDICTION, path))
    controller.pin(3)
    assert seen(controller, PREDICTION, path).is_stale
    qtbot.waitUntil(lambda: not seen(controller, PREDICTION, path).is_stale, timeout=10_000)
    frame = seen(controller, PREDICTION, path).frame
    assert np.allclose(frame.arrays["output"], by_hand(drawing.project, index=3), atol=1e-6)


def test_several_pinned_samples_are_seen_side_by_side(drawing, controller, qtbot):
    path = output_of(drawing.project)
    controller.pins.add([HeldSample(4), HeldSample(5)])
    watch(controller, qtbot, *(LensRequest(PREDICTION, path, (), pin) for pin in range(3)))
    shown = [seen(controller, PREDICTION, path, pin).frame.arrays["output"] for pin in range(3)]
    for got, index in zip(shown, (5, 4, 5), strict=True):
        assert np.allclose(got, by_hand(drawing.project, index=index), atol=1e-6)


def trained(controller, qtbot, folder):
    controller.place = lambda: folder
    controller.play()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=30_000)


def test_after_a_run_its_newest_checkpoint_is_looked_at(drawing, controller, qtbot, tmp_path):
    trained(controller, qtbot, tmp_path / "run")
    path = output_of(drawing.project)
    watch(controller, qtbot, LensRequest(PREDICTION, path))  # nobody watched while it went
    newest = checkpoints_of(tmp_path / "run")[-1]
    frame = seen(controller, PREDICTION, path).frame
    assert frame.step == newest.step == controller.finished.step
    assert np.allclose(frame.arrays["output"], by_hand(drawing.project, newest.path), atol=1e-5)


def test_weights_that_the_checkpoint_has_not_are_told(drawing, controller, qtbot, tmp_path):
    trained(controller, qtbot, tmp_path / "run")
    path, hidden = output_of(drawing.project), hidden_of(drawing.project)
    edit(drawing, "out_features", 5, hidden)
    watch(controller, qtbot, LensRequest(PREDICTION, path))
    qtbot.waitUntil(lambda: not seen(controller, PREDICTION, path).is_stale, timeout=10_000)
    frame = seen(controller, PREDICTION, path).frame
    assert frame.partly
    qtbot.waitUntil(lambda: bool(controller.looks.told), timeout=5_000)
    assert hidden in controller.looks.told


def test_going_back_shows_the_checkpoint_that_is_nearest(drawing, controller, qtbot, tmp_path):
    trained(controller, qtbot, tmp_path / "run")
    path = output_of(drawing.project)
    watch(controller, qtbot, LensRequest(PREDICTION, path))
    qtbot.waitUntil(lambda: bool(controller.looks.steps), timeout=5_000)
    assert controller.looks.steps[0] == 0
    first = checkpoints_of(tmp_path / "run")[0]
    controller.moments.choose(1)
    qtbot.waitUntil(lambda: seen(controller, PREDICTION, path).frame.step == 0, timeout=10_000)
    frame = seen(controller, PREDICTION, path).frame
    assert np.allclose(frame.arrays["output"], by_hand(drawing.project, first.path), atol=1e-5)
    controller.moments.choose(None)
    assert seen(controller, PREDICTION, path).frame.step == controller.finished.step


def test_what_a_run_has_shown_is_kept_and_gone_back_to(drawing, controller, qtbot):
    path = output_of(drawing.project)
    controller.watch(controller, frozenset({LensRequest(PREDICTION, path)}))
    for _ in range(3):
        before = controller.progress.step if controller.progress else 0
        controller.step()
        qtbot.waitUntil(
            lambda before=before: controller.state == "paused" and controller.progress.step > before
            and controller.frames.get((PREDICTION, path)) is not None
            and controller.frames[PREDICTION, path].step == before + 1,
            timeout=20_000,
        )  # fmt: skip
    kept = {frame.step: frame for frame in (seen(controller, PREDICTION, path).frame,)}
    controller.moments.choose(1)
    assert seen(controller, PREDICTION, path).frame.step == 1
    controller.moments.choose(2)
    assert seen(controller, PREDICTION, path).frame.step == 2
    controller.moments.choose(None)
    assert seen(controller, PREDICTION, path).frame is kept[3]
    assert {1, 2, 3} <= set(controller.moments.places())


def test_a_run_waits_for_a_look_and_serves_its_lenses_itself(drawing, controller, qtbot, monkeypatch):
    from engine.lens.preview import Preview

    begun, goes_on = threading.Event(), threading.Event()
    own = Preview.looks

    def slow(*args):
        begun.set()
        goes_on.wait(10)
        return own(*args)

    monkeypatch.setattr(Preview, "looks", slow)
    path = output_of(drawing.project)
    controller.watch(controller, frozenset({LensRequest(PREDICTION, path)}))
    qtbot.waitUntil(begun.is_set, timeout=10_000)
    controller.play()
    assert controller.state == "compiling"
    qtbot.wait(100)
    assert controller.run is None, "torch's random state is not free yet"
    goes_on.set()
    qtbot.waitUntil(lambda: (PREDICTION, path) in controller.frames, timeout=20_000)
    assert seen(controller, PREDICTION, path).frame.step >= 0
    assert controller.looks.question is None
    controller.stop()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=10_000)


def test_a_run_after_looks_learns_the_same_bits(drawing, controller, qtbot, tmp_path):
    path = output_of(drawing.project)
    trained(controller, qtbot, tmp_path / "without")
    controller.forget()
    drawing.set_report(infer(drawing.project))
    watch(controller, qtbot, LensRequest(PREDICTION, path))
    trained(controller, qtbot, tmp_path / "with")
    first, second = (read(checkpoints_of(tmp_path / name)[-1].path)[0] for name in ("without", "with"))
    for name, tensor in first.items():
        if not name.startswith("@"):
            assert torch.equal(tensor, second[name]), name


def test_a_look_costs_the_window_little(drawing, controller, qtbot):
    """The event loop goes on while a drawing is compiled and looked at."""
    path = output_of(drawing.project)
    longest, last = 0.0, time.perf_counter()
    controller.watch(controller, frozenset({LensRequest(PREDICTION, path)}))
    until = time.perf_counter() + 3
    from PySide6.QtWidgets import QApplication

    while seen(controller, PREDICTION, path).frame is None and time.perf_counter() < until:
        QApplication.processEvents()
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
        time.sleep(0.002)
    assert seen(controller, PREDICTION, path).frame is not None
    assert longest < 0.25
