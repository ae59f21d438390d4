"""What views remember: ridges over the steps, spread over the whole run, of one node at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint

from app.lenses.fitted_view import FrameHistory
from app.lenses.histogram_rows import rows_of
from app.lenses.painter import Context
from app.lenses.registry import PAINTERS
from app.style import theme
from engine.lens.lens import Seen
from engine.lens.registry import LENSES


def at(step: int, target: str = "a") -> Context:
    return Context(target=target, step=step)


def test_a_history_is_bounded_and_spread_over_the_run() -> None:
    history: FrameHistory[int] = FrameHistory(8)
    for step in range(1, 1001):
        history.take(step, at(step))
    steps = [each.step for each in history.kept]
    assert len(steps) <= 8
    assert steps[0] == 1
    assert steps[-1] == 1000
    gaps = np.diff(steps[:-1])
    assert set(gaps.tolist()) == {256}
    assert history.seen == 1000


def test_another_node_or_a_run_from_the_beginning_starts_anew() -> None:
    history: FrameHistory[str] = FrameHistory(8)
    history.take("old", at(5))
    history.take("new", at(5))
    assert [each.value for each in history.kept] == ["new"], "the same step again, of another sample"
    history.take("later", at(6))
    history.take("again", at(1))
    assert [each.value for each in history.kept] == ["again"]
    history.take("other", at(2, "b"))
    assert [each.value for each in history.kept] == ["other"]


def frame(scale: float) -> dict[str, np.ndarray]:
    chance = torch.Generator().manual_seed(0)
    return LENSES["histogram"].compute(Seen(torch.randn(1, 2000, generator=chance) * scale))


def test_counts_are_moved_to_the_shared_axis_without_loss() -> None:
    (row,) = rows_of(frame(1.0))
    moved = row.moved(-9.0, 9.0, 30)
    assert moved.sum() == pytest.approx(row.counts.sum())
    middle = (np.linspace(-9, 9, 31)[:-1] + 0.3) @ moved / moved.sum()
    own = (row.edges()[:-1] + row.edges()[1:]) / 2 @ row.counts / row.counts.sum()
    assert middle == pytest.approx(own, abs=0.05)


def test_the_view_shows_ridges_over_the_steps(qtbot) -> None:
    painter = PAINTERS["histogram"]
    view = painter.view()
    qtbot.addWidget(view)
    view.resize(268, 100)
    for step in range(1, 41):
        assert painter.show(view, frame(step / 20), at(step))
    view.show()
    (ridges,) = view.ridges
    assert 12 <= len(ridges.kept) <= 25
    low, high = ridges.ends
    assert high == pytest.approx(2.0 * frame(1.0)["activations_range"][1], rel=1e-6)
    assert low < 0
    assert painter.note(view, "step 40", at(40)) == f"{len(ridges.kept)} of 40 looks · step 40"
    said: list[str] = []
    view.pointed.connect(said.append)
    qtbot.mouseMove(view, QPoint(100, view.height() - 40))
    qtbot.mouseMove(view, QPoint(134, view.height() - 24))
    assert said[-1].startswith("step 40 · ")
    assert said[-1].endswith(" values")


@pytest.mark.parametrize("tokens", [theme.DARK, theme.LIGHT])
def test_ridges_have_both_signs(qtbot, tokens) -> None:
    painter = PAINTERS["histogram"]
    before = theme.current()
    theme.use(tokens)
    view = painter.view()
    qtbot.addWidget(view)
    view.resize(268, 100)
    for step in (1, 2, 3):
        painter.show(view, frame(1.0), at(step))
    image = view.grab().toImage()
    theme.use(before)
    half = image.width() // 2
    left = {image.pixelColor(x, y).name() for x in range(0, half - 20, 3) for y in range(20, 100, 3)}
    right = {image.pixelColor(x, y).name() for x in range(half + 20, 2 * half, 3) for y in range(20, 100, 3)}
    assert len(left) > 6
    assert len(right - left) > 6
