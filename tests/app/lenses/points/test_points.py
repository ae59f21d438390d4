"""Pictures of points: what the mouse reads, what is enlarged and kept, sizes, themes, defaults of nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app.lenses.painter import Context, Subject
from app.lenses.painters.points.cloud import CloudView
from app.lenses.painters.points.field_view import FieldView
from app.lenses.painters.points.warp import WarpView
from app.lenses.registry import PAINTERS
from app.style import theme
from engine.infer import infer
from nodes.reading.dataset import DataInfo
from nodes.registry import REGISTRY
from nodes.spec import N, TensorSpec
from tests.gallery.held import project

NOTHING = Context()
CLASSES = DataInfo("spiral", "Spiral", "points", 2, TensorSpec((N, 2)), None, classes=("orange", "blue"))
RNG = np.random.default_rng(1)
X, Y = np.meshgrid(np.linspace(-6, 6, 25), np.linspace(6, -6, 25))
FIELD: dict[str, Any] = {
    "field": np.stack([X * unit + Y for unit in range(4)]).astype(np.float32),
    "domain": np.array([(-6, 6), (-6, 6)], np.float32),
    "units": np.array([40]),
    "classes": np.array([0]),
    "axes": np.array(["x1", "x2"]),
    "points": RNG.uniform(-5, 5, (60, 2)).astype(np.float32),
    "labels": RNG.integers(0, 2, 60),
    "more": np.array([1]),
}
CLOUD: dict[str, Any] = {
    "points": RNG.uniform(0.1, 0.9, (50, 2)).astype(np.float32),
    "real": RNG.uniform(0.1, 0.9, (70, 2)).astype(np.float32),
    "more": np.array([0, 0]),
}
ARROWS: dict[str, Any] = {
    "points": np.array([(0.25, 0.25), (0.75, 0.75)], np.float32),
    "gradients": np.array([(0.5, 0.0), (0.0, -0.5)], np.float32),
    "real": CLOUD["real"],
    "loss": np.array([0.7]),
    "objectives": np.array(["making"]),
    "more": np.array([0]),
}
CORNERS = np.stack(np.meshgrid(np.linspace(-3, 3, 9), np.linspace(3, -3, 9)), axis=2).astype(np.float32)
WARP: dict[str, Any] = {
    "mesh": CORNERS,
    "bent": np.tanh(CORNERS).astype(np.float32) * 0.3 + 0.5,
    "real": CLOUD["real"],
    "more": np.array([0]),
}
DIVERGENCE: dict[str, Any] = {
    "kl": np.array([0.4]),
    "js": np.array([0.1]),
    "counts": np.array([1500, 1500]),
    "outside": np.array([0, 20]),
    "step": np.array([10]),
}
ALL = {"field": FIELD, "cloud": CLOUD, "arrows": ARROWS, "warp": WARP, "divergence": DIVERGENCE}


def shown(
    qtbot, kind: str, arrays: dict[str, Any], width: int = 268, height: int = 0, context: Context = NOTHING
):
    painter = PAINTERS[kind]
    view = painter.view()
    qtbot.addWidget(view)
    view.resize(width, height or 300)
    assert painter.show(view, arrays, context)
    view.show()
    view.resize(width, height or view.wished_height(width))
    return view


def tints(view) -> int:
    picture = view.grab().toImage()
    places = [(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)]
    return len({picture.pixel(x, y) for x, y in places})


@pytest.fixture
def kept_theme() -> Iterator[None]:
    before = theme.current()
    yield
    theme.use(before)


@pytest.mark.usefixtures("kept_theme")
@pytest.mark.parametrize("kind", list(ALL))
@pytest.mark.parametrize("dark", [True, False])
def test_each_paints_in_both_themes_and_every_size(qtbot, kind: str, dark: bool) -> None:
    theme.use(theme.DARK if dark else theme.LIGHT)
    context = Context(CLASSES)
    for width, height in ((260, 0), (900, 700), (300, 150)):
        view = shown(qtbot, kind, ALL[kind], width, height, context)
        assert tints(view) > 5, (kind, width)
    painter = PAINTERS[kind]
    subject = Subject(REGISTRY["linear"](out_features=4), None)
    room = painter.room(subject) if kind != "field" else None
    if room is not None:
        assert painter.thumbnail(ALL[kind], room, context, theme.current()) is not None
    assert not painter.show(painter.view(), {}, context)


def test_a_field_reads_the_value_of_the_grid_point_under_the_mouse(qtbot) -> None:
    view = shown(qtbot, "field", FIELD, context=Context(CLASSES))
    assert isinstance(view, FieldView)
    said: list[str] = []
    view.pointed.connect(said.append)
    frame = view.places(view.rect().toRectF()).map
    middle = QPoint(30 + (268 - 36) // 2, int(frame.top()) + 4 + (268 - 36) // 2)
    qtbot.mouseMove(view, QPoint(2, 2))
    qtbot.mouseMove(view, middle)
    assert said[-1].startswith("unit 0 · x1 0, x2 0 → 0")
    third = view.places(view.rect().toRectF()).tile(2).center().toPoint()
    qtbot.mouseMove(view, third)
    assert said[-1] == "unit 2 of 40"
    assert view.unit == 2
    qtbot.mouseMove(view, middle)
    assert view.unit == 0, "pointing enlarges for a moment"
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=third)
    qtbot.mouseMove(view, middle)
    assert view.unit == 2, "a click keeps it"
    assert (
        PAINTERS["field"].note(view, "step 3", Context()) == "4 of 40 units · first 60 of 61 points · step 3"
    )


def test_a_field_of_classes_speaks_of_them(qtbot) -> None:
    arrays = {
        **FIELD,
        "field": np.full((1, 9, 9), 0.5, np.float32),
        "units": np.array([1]),
        "classes": np.array([2]),
    }
    view = shown(qtbot, "field", arrays, context=Context(CLASSES))
    said: list[str] = []
    view.pointed.connect(said.append)
    qtbot.mouseMove(view, QPoint(2, 2))
    qtbot.mouseMove(view, QPoint(140, 120))
    assert said[-1].endswith("→ blue 75.0 %")


def test_curves_over_one_number_are_read_too(qtbot) -> None:
    arrays = {
        "field": np.linspace(-1, 1, 21, dtype=np.float32)[None],
        "domain": np.array([(-2.0, 2.0)]),
        "units": np.array([1]),
        "classes": np.array([0]),
        "more": np.array([0]),
        "points": np.array([[0.0], [1.0]], np.float32),
        "labels": np.array([0.2, 0.4], np.float32),
    }
    view = shown(qtbot, "field", arrays)
    said: list[str] = []
    view.pointed.connect(said.append)
    qtbot.mouseMove(view, QPoint(2, 2))
    qtbot.mouseMove(view, QPoint(261, 20))
    assert said[-1] == "x 2 → 1"


def test_a_cloud_names_the_dot_under_the_mouse(qtbot) -> None:
    arrays = {
        "points": np.array([(0.0, 0.0), (1.0, 1.0)], np.float32),
        "labels": np.array([0, 1]),
        "more": np.array([1, 0]),
    }
    view = shown(qtbot, "cloud", arrays, context=Context(CLASSES))
    assert isinstance(view, CloudView)
    said: list[str] = []
    view.pointed.connect(said.append)
    place = view._frame(view.rect().toRectF()).places(arrays["points"])[1]
    qtbot.mouseMove(view, QPoint(2, 2))
    qtbot.mouseMove(view, QPoint(round(place[0]), round(place[1])))
    assert said[-1] == "1, 1 · blue"
    assert PAINTERS["cloud"].note(view, "now", Context()) == "first 2 of 3 samples · now"


def test_single_numbers_are_a_density_for_each_class(qtbot) -> None:
    values = np.concatenate([np.full(30, -1.0), np.full(10, 1.0)]).astype(np.float32)[:, None]
    arrays = {"points": values, "labels": np.array([0] * 30 + [1] * 10), "more": np.array([0, 0])}
    view = shown(qtbot, "cloud", arrays, context=Context(CLASSES))
    said: list[str] = []
    view.pointed.connect(said.append)
    qtbot.mouseMove(view, QPoint(2, 2))
    for x in range(8, 260, 3):
        qtbot.mouseMove(view, QPoint(x, 40))
    assert any("orange 100.0 % · blue 0.0 %" in words for words in said)
    assert any("orange 0.0 % · blue 100.0 %" in words for words in said)


def test_an_arrow_goes_down_the_loss_and_is_read(qtbot) -> None:
    view = shown(qtbot, "arrows", ARROWS)
    frame = view.frame(view.rect().toRectF())
    begin, end = view.shown.ends(frame)
    away = end - begin
    assert away[0, 0] < -3, "against the gradient"
    assert away[1, 1] < -3, "up on the screen, where the loss falls with y"
    assert abs(away[0, 1]) + abs(away[1, 0]) < 1e-6
    said: list[str] = []
    view.pointed.connect(said.append)
    qtbot.mouseMove(view, QPoint(2, 2))
    qtbot.mouseMove(view, QPoint(round(begin[0, 0]), round(begin[0, 1])))
    assert said[-1] == "0.25, 0.25 · ∂L/∂x 0.5, 0"
    assert PAINTERS["arrows"].note(view, "now", Context()) == "−∂/∂x of making · now"


def test_a_mesh_goes_its_way_by_the_slider_and_when_the_mouse_comes(qtbot) -> None:
    view = shown(qtbot, "warp", WARP)
    assert isinstance(view, WarpView)
    track = view.track(view.rect().toRectF())
    qtbot.mouseClick(
        view, Qt.MouseButton.LeftButton, pos=QPoint(round(track.left()), round(track.center().y()))
    )
    assert view.share < 0.02
    begin = view.shown.at(view.share)
    (left, right), _ = view.shown.domain.tolist()
    assert begin[0, 0, 0] == pytest.approx(left, abs=0.05)
    assert begin[0, -1, 0] == pytest.approx(right, abs=0.05)
    np.testing.assert_allclose(view.shown.at(1.0), WARP["bent"], atol=1e-6)
    qtbot.mouseMove(view, QPoint(140, 100))
    qtbot.waitUntil(lambda: view.share == 1.0, timeout=3000)
    strengths = view.shown.strengths()
    assert strengths[0, 0] > strengths[4, 4], "outer cells become small, so they are strong"
    view.hide()


def test_divergences_are_kept_by_step(qtbot) -> None:
    view = shown(qtbot, "divergence", DIVERGENCE)
    painter = PAINTERS["divergence"]
    for step in (20, 30):
        painter.show(view, {**DIVERGENCE, "step": np.array([step]), "kl": np.array([0.3])}, Context())
    assert [moment.step for moment in view.history.moments] == [10, 20, 30]
    assert painter.note(view, "now", Context()) == "all 1,500 samples · 20 outside · now"
    said: list[str] = []
    view.pointed.connect(said.append)
    qtbot.mouseMove(view, QPoint(2, 2))
    qtbot.mouseMove(view, QPoint(40, 100))
    assert said[-1] == "step 10 · KL 0.400 · JS 0.100"
    painter.show(view, {**DIVERGENCE, "step": np.array([1])}, Context())
    assert [moment.step for moment in view.history.moments] == [1], "another run"


def test_nodes_of_the_plane_show_fields_and_generators_clouds() -> None:
    def shows(name: str) -> dict[str, str]:
        drawing = project(name)
        report = infer(drawing)
        found = {}
        for path, node in drawing.main.nodes.items():
            declared = REGISTRY[node.layer]
            layer = None if declared.type == "network" else REGISTRY.make(node.layer, dict(node.params))
            lens = PAINTERS.in_node(declared, Subject(layer, report.nodes.get(path)))
            if lens is not None:
                found[path] = lens[0]
        return found

    assert shows("mlp-spiral") == dict.fromkeys(("linear1", "linear2", "linear3", "output"), "field")
    gan = shows("gan-2d-ring")
    assert {gan["judge_fake"], gan["judge_real"]} == {"field"}
    assert {gan["generate"]} == {"cloud"}
